// SPDX-License-Identifier: GPL-3.0-or-later
// SpeedView: how fast compared models read prompts and write tokens on this machine.
#include "ui/pages/speedview.h"

#include "ui/models/speedmodel.h"
#include "ui/theme/theme.h"
#include "ui/widgets/fields.h"
#include "ui/widgets/tables.h"

#include <QHBoxLayout>
#include <QLabel>
#include <QLineEdit>
#include <QPushButton>
#include <QSettings>
#include <QSpinBox>
#include <QTableView>
#include <QVBoxLayout>

namespace bitlathe::ui
{

namespace
{

/// "128, 512"; empty where that is no list of whole numbers above 0.
std::vector<std::int64_t> numbersOf(const QLineEdit* field)
{
    std::vector<std::int64_t> numbers;
    for (const QString& part : field->text().split(QLatin1Char(','))) {
        bool isNumber = false;
        numbers.push_back(part.trimmed().toLongLong(&isNumber));
        if (!isNumber || numbers.back() < 1) {
            return {};
        }
    }
    return numbers;
}

QString textOf(const std::vector<std::int64_t>& numbers)
{
    QStringList parts;
    for (const std::int64_t number : numbers) {
        parts << QString::number(number);
    }
    return parts.join(QStringLiteral(", "));
}

QLineEdit* listField(QWidget* parent, const std::vector<std::int64_t>& numbers, const QString& tip)
{
    auto* field = new QLineEdit(textOf(numbers), parent);
    field->setToolTip(tip);
    field->setMinimumWidth(10 * kGrid);
    return field;
}

} // namespace

SpeedView::SpeedView(QWidget* parent) : QWidget(parent), m_how(new QLabel(this)), m_model(new SpeedModel(this)), m_table(new QTableView(this))
{
    setUpTable(m_table);
    m_table->setModel(m_model);
    m_table->setAccessibleName(tr("Speed of models"));
    new EmptyState(m_table, tr("Press Measure to see how fast the models above are on this machine."));
    m_how->setWordWrap(true);
    m_how->setForegroundRole(QPalette::PlaceholderText);
    m_how->hide();
    auto* layout = new QVBoxLayout(this);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->addWidget(makeFields());
    layout->addWidget(m_table, 1);
    layout->addWidget(m_how);
    updateButton();
}

QWidget* SpeedView::makeFields()
{
    const evaluate::ThroughputOptions usual;
    auto* line = new QWidget(this);
    m_prompts = listField(line, usual.prompts, tr("Lengths of prompts, with commas between"));
    m_contexts = listField(line, usual.contexts, tr("Tokens that stand before those that are written, with commas between"));
    m_batches = listField(line, usual.batches, tr("Sequences that are written side by side, with commas between"));
    m_newTokens = countField(line, 1, 4096, static_cast<int>(usual.newTokens));
    m_newTokens->setToolTip(tr("Tokens to write of each sequence"));
    m_repeats = countField(line, 1, 100, static_cast<int>(usual.repeats));
    m_repeats->setToolTip(tr("Times that each number is measured, the models in turn"));
    m_measure = new QPushButton(tr("Measu&re"), line);
    auto* layout = new QHBoxLayout(line);
    layout->setContentsMargins(0, 0, 0, 0);
    const auto add = [&](const QString& name, QWidget* field) {
        auto* label = new QLabel(name, line);
        label->setBuddy(field);
        layout->addWidget(label);
        layout->addWidget(field);
    };
    add(tr("Prompt len&gths"), m_prompts);
    add(tr("Conte&xts"), m_contexts);
    add(tr("&Batches"), m_batches);
    add(tr("T&okens each"), m_newTokens);
    add(tr("Rep&eats"), m_repeats);
    layout->addStretch(1);
    layout->addWidget(m_measure);
    for (QLineEdit* field : {m_prompts, m_contexts, m_batches}) {
        connect(field, &QLineEdit::textChanged, this, &SpeedView::updateButton);
    }
    connect(m_measure, &QPushButton::clicked, this, &SpeedView::measureAsked);
    return line;
}

std::optional<evaluate::ThroughputOptions> SpeedView::options() const
{
    evaluate::ThroughputOptions options;
    options.prompts = numbersOf(m_prompts);
    options.contexts = numbersOf(m_contexts);
    options.batches = numbersOf(m_batches);
    options.newTokens = m_newTokens->value();
    options.repeats = m_repeats->value();
    return evaluate::checkThroughputOptions(options) ? std::optional(options) : std::nullopt;
}

void SpeedView::setCanMeasure(bool can)
{
    m_canMeasure = can;
    updateButton();
}

void SpeedView::updateButton()
{
    const bool isWhole = options().has_value();
    m_measure->setEnabled(m_canMeasure && isWhole);
    m_measure->setToolTip(isWhole ? tr("Loads all models and measures them in turn; best while nothing else runs")
                                  : tr("Prompts, contexts and batches are whole numbers with commas between"));
}

void SpeedView::setSpeeds(SpeedsPtr speeds)
{
    m_how->setVisible(speeds != nullptr);
    if (speeds) {
        QStringList sentences{translated(speeds->front().throughput.sentence())};
        for (const evaluate::MeasuredSpeed& speed : *speeds) {
            for (const Finding& finding : speed.throughput.findings) {
                sentences << translated(finding.message);
            }
        }
        if (const auto& why = speeds->front().throughput.noEnergy) {
            sentences << tr("No energy: %1").arg(translated(*why));
        }
        sentences.removeDuplicates();
        m_how->setText(sentences.join(QLatin1Char('\n')));
    }
    m_model->setSpeeds(std::move(speeds));
    m_table->resizeColumnsToContents();
}

void SpeedView::saveState(QSettings& settings) const
{
    settings.setValue(QStringLiteral("speedPrompts"), m_prompts->text());
    settings.setValue(QStringLiteral("speedContexts"), m_contexts->text());
    settings.setValue(QStringLiteral("speedBatches"), m_batches->text());
    settings.setValue(QStringLiteral("speedTokens"), m_newTokens->value());
    settings.setValue(QStringLiteral("speedRepeats"), m_repeats->value());
}

void SpeedView::restoreState(const QSettings& settings)
{
    m_prompts->setText(settings.value(QStringLiteral("speedPrompts"), m_prompts->text()).toString());
    m_contexts->setText(settings.value(QStringLiteral("speedContexts"), m_contexts->text()).toString());
    m_batches->setText(settings.value(QStringLiteral("speedBatches"), m_batches->text()).toString());
    m_newTokens->setValue(settings.value(QStringLiteral("speedTokens"), m_newTokens->value()).toInt());
    m_repeats->setValue(settings.value(QStringLiteral("speedRepeats"), m_repeats->value()).toInt());
}

} // namespace bitlathe::ui
