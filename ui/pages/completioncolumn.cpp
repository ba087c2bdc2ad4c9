// SPDX-License-Identifier: GPL-3.0-or-later
// CompletionColumn: one model of the Try page: which, what it writes, how fast.
#include "ui/pages/completioncolumn.h"

#include "ui/bridge/numbers.h"
#include "ui/bridge/session.h"
#include "ui/pages/answerview.h"

#include <QComboBox>
#include <QHBoxLayout>
#include <QLabel>
#include <QVBoxLayout>

namespace bitlathe::ui
{

CompletionColumn::CompletionColumn(QWidget* parent)
    : QWidget(parent), m_generator(new Generator(this)), m_label(new QLabel(this)), m_folder(new QComboBox(this)), m_answer(new AnswerView(this)), m_facts(new QLabel(this))
{
    m_folder->setSizeAdjustPolicy(QComboBox::AdjustToMinimumContentsLengthWithIcon);
    m_folder->setMinimumContentsLength(12);
    m_folder->setToolTip(tr("Models that were opened, made or dropped here"));
    m_label->setBuddy(m_folder);
    m_facts->setForegroundRole(QPalette::PlaceholderText);
    m_facts->setWordWrap(true);
    auto* line = new QHBoxLayout;
    line->addWidget(m_label);
    line->addWidget(m_folder, 1);
    auto* layout = new QVBoxLayout(this);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->addLayout(line);
    layout->addWidget(m_answer, 1);
    layout->addWidget(m_facts);
    connect(m_folder, &QComboBox::currentIndexChanged, this, &CompletionColumn::changed);
    connect(m_generator, &Generator::loading, this, [this](double fraction) { setFacts(tr("Loading the model, %1").arg(formatPercent(fraction, 2))); });
    connect(m_generator, &Generator::grown, m_answer, &AnswerView::addTokens);
    connect(m_generator, &Generator::finished, this, &CompletionColumn::showFacts);
    connect(m_generator, &Generator::failed, this, [this](const Error& error) {
        setFacts(error.code == ErrorCode::Cancelled ? tr("Stopped") : translated(error));
        Q_EMIT changed();
    });
    connect(m_answer, &AnswerView::tokenPointed, this, [this](const QString& tip) { m_facts->setText(tip.isEmpty() ? m_shown : tip); });
}

QString CompletionColumn::folder() const
{
    return m_folder->currentData().toString();
}

QString CompletionColumn::name() const
{
    return m_folder->currentText();
}

QStringList CompletionColumn::folders() const
{
    QStringList all;
    for (int i = 0; i < m_folder->count(); ++i) {
        all << m_folder->itemData(i).toString();
    }
    return all;
}

void CompletionColumn::setLabel(const QString& label)
{
    m_label->setText(label);
}

void CompletionColumn::addFolder(const QString& folder, bool select)
{
    if (m_folder->findData(folder) < 0) {
        m_folder->addItem(folderName(toPath(folder)), folder);
        m_folder->setItemData(m_folder->count() - 1, folder, Qt::ToolTipRole);
    }
    if (select) {
        m_folder->setCurrentIndex(m_folder->findData(folder));
    }
}

void CompletionColumn::start(const QString& prompt, bool isChat, const model::GenerationOptions& options, model::Compute compute)
{
    if (folder().isEmpty()) {
        return;
    }
    if (isChat) {
        m_answer->addMessage(prompt);
    } else {
        m_answer->empty();
    }
    setFacts(tr("Working…"));
    m_generator->start(folder(), prompt, isChat, options, compute);
    Q_EMIT changed();
}

void CompletionColumn::finish()
{
    m_generator->finish();
}

void CompletionColumn::forget()
{
    m_generator->forget();
    m_answer->empty();
    setFacts({});
    Q_EMIT changed();
}

bool CompletionColumn::isBusy() const
{
    return m_generator->busy();
}

std::vector<model::TokenId> CompletionColumn::ids() const
{
    std::vector<model::TokenId> ids;
    for (const WrittenToken& token : m_answer->tokens()) {
        ids.push_back(token.id);
    }
    return ids;
}

void CompletionColumn::mark(const std::vector<bool>& marks)
{
    m_answer->mark(marks);
}

void CompletionColumn::setFacts(const QString& facts)
{
    m_shown = facts;
    m_facts->setText(facts);
}

void CompletionColumn::showFacts(const model::Completion& completion)
{
    const GeneratorFacts& facts = m_generator->facts();
    const auto count = static_cast<double>(completion.ids.size());
    const double speed = completion.secondsDecode > 0 ? count / completion.secondsDecode : 0;
    QStringList parts{tr("%n token(s), %1 tokens/s, first after %2", nullptr, static_cast<int>(completion.ids.size()))
                          .arg(formatNumber(speed), formatDuration(completion.secondsPrefill)),
                      tr("%1 of weights, %2 of keys and values").arg(formatBytes(facts.bytesWeights), formatBytes(facts.bytesCache))};
    if (facts.kv.isQuantized()) {
        parts << kvText(facts.kv);
    }
    if (facts.dropped > 0) {
        parts << tr("the oldest %n question(s) and answers were left away", nullptr, facts.dropped);
    }
    setFacts(parts.join(QStringLiteral("; ")));
    Q_EMIT changed();
    Q_EMIT finished();
}

} // namespace bitlathe::ui
