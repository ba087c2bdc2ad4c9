// SPDX-License-Identifier: GPL-3.0-or-later
// TryPage: the same prompt on two models side by side.
#include "ui/pages/trypage.h"

#include "ui/bridge/numbers.h"
#include "ui/theme/theme.h"
#include "ui/widgets/fields.h"

#include <QComboBox>
#include <QDoubleSpinBox>
#include <QFileInfo>
#include <QFormLayout>
#include <QLabel>
#include <QPlainTextEdit>
#include <QSpinBox>
#include <QSplitter>
#include <QVBoxLayout>

#include <algorithm>

namespace bitlathe::ui
{

namespace
{

constexpr int kAnswerLines = 1 << 14;

} // namespace

TryPage::TryPage(Session& session, QWidget* parent) : Page(session, parent)
{
    const Theme& theme = Theme::instance();
    m_generate = new QAction(theme.icon(QStringLiteral("run")), tr("Generate"), this);
    m_generate->setToolTip(tr("Complete the prompt with both models"));
    connect(m_generate, &QAction::triggered, this, &TryPage::start);
    m_stop = new QAction(theme.icon(QStringLiteral("cancel")), tr("Stop"), this);
    m_stop->setToolTip(tr("End both completions and keep what is there"));
    connect(m_stop, &QAction::triggered, this, &TryPage::stop);

    auto* layout = new QVBoxLayout(this);
    layout->setContentsMargins(16, 8, 16, 16);
    layout->setSpacing(8);
    layout->addWidget(makeSettings());
    auto* columns = new QSplitter(Qt::Horizontal, this);
    columns->setChildrenCollapsible(false);
    columns->addWidget(makeSide(m_sides[0], tr("&Left model")));
    columns->addWidget(makeSide(m_sides[1], tr("&Right model")));
    layout->addWidget(columns, 1);
    m_difference = new QLabel(this);
    m_difference->setWordWrap(true);
    layout->addWidget(m_difference);

    connect(m_prompt, &QPlainTextEdit::textChanged, this, &TryPage::updateActions);
    connect(&session, &Session::modelOpened, this, &TryPage::suggestFolders);
    connect(&session, &Session::runChanged, this, &TryPage::suggestFolders);
    suggestFolders();
    updateActions();
}

QWidget* TryPage::makeSettings()
{
    auto* panel = new QWidget(this);
    auto* layout = new QHBoxLayout(panel);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(16);
    auto* promptColumn = new QVBoxLayout;
    auto* promptLabel = new QLabel(tr("&Prompt"), panel);
    m_prompt = new QPlainTextEdit(panel);
    m_prompt->setPlaceholderText(tr("Text that both models continue"));
    m_prompt->setPlainText(QStringLiteral("The following example shows"));
    m_prompt->setTabChangesFocus(true);
    m_prompt->setMaximumHeight(120);
    promptLabel->setBuddy(m_prompt);
    promptColumn->addWidget(promptLabel);
    promptColumn->addWidget(m_prompt);
    layout->addLayout(promptColumn, 1);

    m_tokens = countField(panel, 1, 4096, 96);
    m_tokens->setToolTip(tr("New tokens at most."));
    m_temperature = numberField(panel, 0, 2, 0, 0.1, 2);
    m_temperature->setSpecialValueText(tr("greedy"));
    m_temperature->setToolTip(tr("Greedy takes the most likely token; higher values choose more freely."));
    m_topK = countField(panel, 0, 1000, 0);
    m_topK->setSpecialValueText(tr("off"));
    m_topK->setToolTip(tr("Choose among this many most likely tokens only."));
    m_topP = numberField(panel, 0.01, 1, 1, 0.05, 2);
    m_topP->setToolTip(tr("Choose among the most likely tokens that together have this probability."));
    m_penalty = numberField(panel, 1, 2, 1, 0.05, 2);
    m_penalty->setToolTip(tr("Above 1: tokens that were there before become less likely."));
    m_seed = countField(panel, 0, 999999, 0);
    m_seed->setToolTip(tr("The same seed gives the same text."));
    auto* first = new QFormLayout;
    first->addRow(tr("&New tokens"), m_tokens);
    first->addRow(tr("&Temperature"), m_temperature);
    first->addRow(tr("&Seed"), m_seed);
    auto* second = new QFormLayout;
    second->addRow(tr("Top &k"), m_topK);
    second->addRow(tr("Top p"), m_topP);
    second->addRow(tr("Repetition p&enalty"), m_penalty);
    layout->addLayout(first);
    layout->addLayout(second);
    return panel;
}

QWidget* TryPage::makeSide(Side& side, const QString& label)
{
    auto* panel = new QWidget(this);
    auto* layout = new QVBoxLayout(panel);
    layout->setContentsMargins(0, 0, 0, 0);
    auto* folderLabel = new QLabel(label, panel);
    side.folder = new QComboBox(panel);
    side.folder->setSizeAdjustPolicy(QComboBox::AdjustToMinimumContentsLengthWithIcon);
    side.folder->setToolTip(tr("Models that were opened, made or dropped here"));
    folderLabel->setBuddy(side.folder);
    side.answer = new QPlainTextEdit(panel);
    side.answer->setReadOnly(true);
    side.answer->setMaximumBlockCount(kAnswerLines);
    side.answer->setAccessibleName(tr("Completion"));
    side.answer->setPlaceholderText(tr("The completion appears here."));
    side.facts = new QLabel(panel);
    side.facts->setForegroundRole(QPalette::PlaceholderText);
    auto* row = new QHBoxLayout;
    row->addWidget(folderLabel);
    row->addWidget(side.folder, 1);
    layout->addLayout(row);
    layout->addWidget(side.answer, 1);
    layout->addWidget(side.facts);

    side.generator = new Generator(this);
    connect(side.generator, &Generator::loading, this,
        [&side](double fraction) { side.facts->setText(tr("Loading the model, %1").arg(formatPercent(fraction, 2))); });
    connect(side.generator, &Generator::textChanged, side.answer, &QPlainTextEdit::setPlainText);
    connect(side.generator, &Generator::finished, this,
        [this, &side](const model::Completion& completion) { showFacts(side, completion); });
    connect(side.generator, &Generator::failed, this, [this, &side](const Error& error) {
        side.facts->setText(translated(error));
        updateActions();
    });
    connect(side.folder, &QComboBox::currentIndexChanged, this, &TryPage::updateActions);
    return panel;
}

bool TryPage::dropFolder(const QString& folder)
{
    addFolder(folder, 1);
    return true;
}

void TryPage::addFolder(const QString& folder, int select)
{
    if (folder.isEmpty()) {
        return;
    }
    for (Side& side : m_sides) {
        if (side.folder->findData(folder) < 0) {
            side.folder->addItem(folderName(toPath(folder)), folder);
            side.folder->setItemData(side.folder->count() - 1, folder, Qt::ToolTipRole);
        }
    }
    QComboBox* box = m_sides[static_cast<std::size_t>(select)].folder;
    box->setCurrentIndex(box->findData(folder));
}

void TryPage::suggestFolders()
{
    if (const OpenedModelPtr opened = session().model()) {
        addFolder(fromPath(opened->folder()), 0);
    }
    if (const RunResultPtr run = session().lastRun()) {
        addFolder(fromPath(run->recipe.model), 0);
        addFolder(fromPath(run->out), 1);
    }
    updateActions();
}

model::GenerationOptions TryPage::options() const
{
    model::GenerationOptions options;
    options.maxNewTokens = m_tokens->value();
    options.temperature = m_temperature->value();
    options.topK = m_topK->value();
    options.topP = m_topP->value();
    options.repetitionPenalty = m_penalty->value();
    options.seed = static_cast<std::uint64_t>(m_seed->value());
    return options;
}

QString TryPage::commandLine() const
{
    return QStringLiteral("bitlathe-cli generate \"%1\" --prompt \"%2\" --max-new-tokens %3 --temperature %4 --seed %5")
        .arg(m_sides[1].folder->currentData().toString(), m_prompt->toPlainText())
        .arg(m_tokens->value())
        .arg(m_temperature->value())
        .arg(m_seed->value());
}

void TryPage::start()
{
    m_difference->clear();
    for (Side& side : m_sides) {
        const QString folder = side.folder->currentData().toString();
        side.ids.clear();
        side.answer->clear();
        if (!folder.isEmpty()) {
            side.facts->setText(tr("Working…"));
            side.generator->start(folder, m_prompt->toPlainText(), options(), session().compute());
        }
    }
    updateActions();
}

void TryPage::stop()
{
    for (Side& side : m_sides) {
        if (side.generator->busy()) {
            side.generator->stop();
            side.facts->setText(tr("Stopped"));
        }
    }
    updateActions();
}

void TryPage::showFacts(Side& side, const model::Completion& completion)
{
    side.ids = completion.ids;
    const auto count = static_cast<double>(completion.ids.size());
    const double speed = completion.secondsDecode > 0 ? count / completion.secondsDecode : 0;
    const QString facts = tr("%n token(s), %1 tokens/s, first after %2", nullptr, static_cast<int>(completion.ids.size()))
                              .arg(formatNumber(speed), formatDuration(completion.secondsPrefill));
    const quant::KvScheme kv = side.generator->kvScheme();
    //: Speed of a completion, and how its keys and values were kept
    side.facts->setText(kv.isQuantized() ? tr("%1; %2").arg(facts, kvText(kv)) : facts);
    showDifference();
    updateActions();
}

void TryPage::showDifference()
{
    const auto& left = m_sides[0].ids;
    const auto& right = m_sides[1].ids;
    if (left.empty() || right.empty()) {
        return;
    }
    const auto [l, r] = std::mismatch(left.begin(), left.end(), right.begin(), right.end());
    const auto same = static_cast<int>(std::distance(left.begin(), l));
    if (l == left.end() && r == right.end()) {
        m_difference->setText(tr("Both completions are the same."));
    } else {
        m_difference->setText(tr("The completions agree for %n token(s), then differ.", nullptr, same));
    }
}

void TryPage::updateActions()
{
    const bool busy = m_sides[0].generator->busy() || (m_sides[1].generator != nullptr && m_sides[1].generator->busy());
    m_generate->setEnabled(m_sides[0].folder->count() > 0 && !m_prompt->toPlainText().trimmed().isEmpty());
    m_stop->setEnabled(busy);
}

void TryPage::saveState(QSettings& settings) const
{
    settings.setValue(QStringLiteral("prompt"), m_prompt->toPlainText());
    settings.setValue(QStringLiteral("tokens"), m_tokens->value());
    settings.setValue(QStringLiteral("temperature"), m_temperature->value());
}

void TryPage::restoreState(const QSettings& settings)
{
    m_prompt->setPlainText(settings.value(QStringLiteral("prompt"), m_prompt->toPlainText()).toString());
    m_tokens->setValue(settings.value(QStringLiteral("tokens"), m_tokens->value()).toInt());
    m_temperature->setValue(settings.value(QStringLiteral("temperature"), m_temperature->value()).toDouble());
}

bool TryPage::isBusy() const
{
    return std::any_of(m_sides.begin(), m_sides.end(), [](const Side& side) { return side.generator->busy(); });
}

void TryPage::prepareScreenshot()
{
    start();
}

} // namespace bitlathe::ui
