// SPDX-License-Identifier: GPL-3.0-or-later
// TryPage: the same prompt on several models side by side.
#include "ui/pages/trypage.h"

#include "core/evaluate/generationresult.h"
#include "ui/bridge/numbers.h"
#include "ui/pages/completioncolumn.h"
#include "ui/theme/theme.h"
#include "ui/widgets/fields.h"

#include <QCheckBox>
#include <QDoubleSpinBox>
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

constexpr std::size_t kColumnsMost = 4;

} // namespace

TryPage::TryPage(Session& session, QWidget* parent) : Page(session, parent)
{
    makeActions();
    auto* layout = new QVBoxLayout(this);
    layout->setContentsMargins(16, 8, 16, 16);
    layout->setSpacing(8);
    layout->addWidget(makeSettings());
    m_splitter = new QSplitter(Qt::Horizontal, this);
    m_splitter->setChildrenCollapsible(false);
    layout->addWidget(m_splitter, 1);
    m_difference = new QLabel(this);
    m_difference->setWordWrap(true);
    m_difference->setAccessibleName(tr("Where completions differ"));
    layout->addWidget(m_difference);
    addColumn();
    addColumn();
    setChat(false);

    connect(m_prompt, &QPlainTextEdit::textChanged, this, &TryPage::updateActions);
    connect(&session, &Session::modelOpened, this, &TryPage::suggestFolders);
    connect(&session, &Session::runChanged, this, &TryPage::suggestFolders);
    suggestFolders();
}

void TryPage::makeActions()
{
    const Theme& theme = Theme::instance();
    m_generate = new QAction(theme.icon(QStringLiteral("run")), tr("Generate"), this);
    m_generate->setToolTip(tr("Give the prompt to all models"));
    connect(m_generate, &QAction::triggered, this, &TryPage::start);
    m_stop = new QAction(theme.icon(QStringLiteral("cancel")), tr("Stop"), this);
    m_stop->setToolTip(tr("End all completions and keep what is there"));
    connect(m_stop, &QAction::triggered, this, &TryPage::stop);
    m_add = new QAction(theme.icon(QStringLiteral("add")), tr("Add a model"), this);
    m_add->setToolTip(tr("One more column, up to four"));
    connect(m_add, &QAction::triggered, this, &TryPage::addColumn);
    m_remove = new QAction(theme.icon(QStringLiteral("remove")), tr("Remove the last model"), this);
    m_remove->setToolTip(tr("Takes the right-most column away; the model's folder stays"));
    connect(m_remove, &QAction::triggered, this, &TryPage::removeColumn);
    m_anew = new QAction(theme.icon(QStringLiteral("refresh")), tr("New conversation"), this);
    m_anew->setToolTip(tr("Forget what was said"));
    connect(m_anew, &QAction::triggered, this, &TryPage::forget);
}

QWidget* TryPage::makeSettings()
{
    auto* panel = new QWidget(this);
    auto* layout = new QHBoxLayout(panel);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(16);
    auto* promptColumn = new QVBoxLayout;
    m_promptLabel = new QLabel(panel);
    m_prompt = new QPlainTextEdit(panel);
    m_prompt->setPlainText(QStringLiteral("The following example shows"));
    m_prompt->setTabChangesFocus(true);
    m_prompt->setMaximumHeight(150);
    m_promptLabel->setBuddy(m_prompt);
    promptColumn->addWidget(m_promptLabel);
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
    m_chat = new QCheckBox(tr("&Chat"), panel);
    m_chat->setToolTip(tr("The prompt is a message of a conversation, through each model's own chat template; each model answers its own."));
    second->addRow(m_chat);
    connect(m_chat, &QCheckBox::toggled, this, &TryPage::setChat);
    layout->addLayout(first);
    layout->addLayout(second);
    return panel;
}

void TryPage::addColumn()
{
    if (m_columns.size() >= kColumnsMost) {
        return;
    }
    auto* column = new CompletionColumn(m_splitter);
    const auto number = static_cast<int>(m_columns.size()) + 1;
    column->setLabel(tr("Model &%1").arg(number));
    if (!m_columns.empty()) {
        for (const QString& folder : m_columns.front()->folders()) {
            column->addFolder(folder, false);
        }
    }
    m_splitter->addWidget(column);
    m_columns.push_back(column);
    connect(column, &CompletionColumn::changed, this, &TryPage::updateActions);
    connect(column, &CompletionColumn::finished, this, &TryPage::showDifference);
    updateActions();
}

void TryPage::removeColumn()
{
    if (m_columns.size() > 1) {
        delete m_columns.back();
        m_columns.pop_back();
        showDifference();
        updateActions();
    }
}

bool TryPage::dropFolder(const QString& folder)
{
    addFolder(folder, m_columns.size() - 1);
    return true;
}

void TryPage::addFolder(const QString& folder, std::size_t select)
{
    if (folder.isEmpty()) {
        return;
    }
    for (std::size_t i = 0; i < m_columns.size(); ++i) {
        m_columns[i]->addFolder(folder, i == select);
    }
}

void TryPage::suggestFolders()
{
    const std::size_t second = m_columns.size() > 1 ? 1 : 0;
    if (const OpenedModelPtr opened = session().model()) {
        addFolder(fromPath(opened->folder()), 0);
    }
    if (const RunResultPtr run = session().lastRun()) {
        addFolder(fromPath(run->recipe.model), 0);
        addFolder(fromPath(run->out), second);
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
    const model::GenerationOptions standard;
    const model::GenerationOptions chosen = options();
    QStringList words{QStringLiteral("bitlathe-cli generate \"%1\" --prompt \"%2\"").arg(m_columns.back()->folder(), m_prompt->toPlainText())};
    if (m_chat->isChecked()) {
        words << QStringLiteral("--chat");
    }
    words << QStringLiteral("--max-new-tokens %1").arg(chosen.maxNewTokens) << QStringLiteral("--temperature %1").arg(chosen.temperature);
    if (chosen.topK != standard.topK) {
        words << QStringLiteral("--top-k %1").arg(chosen.topK);
    }
    if (chosen.topP != standard.topP) {
        words << QStringLiteral("--top-p %1").arg(chosen.topP);
    }
    if (chosen.repetitionPenalty != standard.repetitionPenalty) {
        words << QStringLiteral("--repetition-penalty %1").arg(chosen.repetitionPenalty);
    }
    words << QStringLiteral("--seed %1").arg(chosen.seed);
    return words.join(QLatin1Char(' '));
}

void TryPage::setChat(bool on)
{
    m_promptLabel->setText(on ? tr("&Message") : tr("&Prompt"));
    m_prompt->setPlaceholderText(on ? tr("What you say to all models") : tr("Text that all models continue"));
    m_generate->setText(on ? tr("Send") : tr("Generate"));
    forget();
}

void TryPage::forget()
{
    for (CompletionColumn* column : m_columns) {
        column->forget();
    }
    m_difference->clear();
    updateActions();
}

void TryPage::start()
{
    m_difference->clear();
    const QString prompt = m_prompt->toPlainText();
    for (CompletionColumn* column : m_columns) {
        column->start(prompt, m_chat->isChecked(), options(), session().compute());
    }
    if (m_chat->isChecked()) {
        m_prompt->clear();
        m_prompt->setFocus();
    }
    updateActions();
}

void TryPage::stop()
{
    for (CompletionColumn* column : m_columns) {
        column->finish();
    }
}

/// What each model wrote otherwise than the first, and what the first wrote otherwise than any of them.
void TryPage::showDifference()
{
    const std::vector<model::TokenId> base = m_columns.front()->ids();
    std::vector<bool> baseMarks(base.size());
    QStringList sentences;
    for (std::size_t i = 1; i < m_columns.size() && !base.empty(); ++i) {
        const std::vector<model::TokenId> other = m_columns[i]->ids();
        if (other.empty() || m_columns[i]->isBusy() || m_columns.front()->isBusy()) {
            continue;
        }
        std::vector<bool> marks = evaluate::commonTokens(other, base);
        marks.flip();
        m_columns[i]->mark(marks);
        const std::vector<bool> common = evaluate::commonTokens(base, other);
        for (std::size_t token = 0; token < base.size(); ++token) {
            baseMarks[token] = baseMarks[token] || !common[token];
        }
        const auto same = static_cast<int>(evaluate::agreedTokens(base, other));
        const QString name = m_columns[i]->name();
        sentences << (base == other ? tr("%1 writes the same as the first.").arg(name)
                                    : tr("%1 agrees with the first for %n token(s), then differs.", nullptr, same).arg(name));
    }
    m_columns.front()->mark(baseMarks);
    m_difference->setText(sentences.join(QLatin1Char(' ')));
}

void TryPage::updateActions()
{
    const bool hasModel = std::ranges::any_of(m_columns, [](const CompletionColumn* column) { return !column->folder().isEmpty(); });
    m_generate->setEnabled(hasModel && !m_prompt->toPlainText().trimmed().isEmpty());
    m_stop->setEnabled(isBusy());
    m_add->setEnabled(m_columns.size() < kColumnsMost);
    m_remove->setEnabled(m_columns.size() > 1);
    m_anew->setEnabled(m_chat->isChecked());
}

void TryPage::saveState(QSettings& settings) const
{
    settings.setValue(QStringLiteral("columns"), static_cast<int>(m_columns.size()));
    settings.setValue(QStringLiteral("prompt"), m_prompt->toPlainText());
    settings.setValue(QStringLiteral("tokens"), m_tokens->value());
    settings.setValue(QStringLiteral("temperature"), m_temperature->value());
    settings.setValue(QStringLiteral("topK"), m_topK->value());
    settings.setValue(QStringLiteral("topP"), m_topP->value());
    settings.setValue(QStringLiteral("penalty"), m_penalty->value());
    settings.setValue(QStringLiteral("seed"), m_seed->value());
    settings.setValue(QStringLiteral("chat"), m_chat->isChecked());
}

void TryPage::restoreState(const QSettings& settings)
{
    const auto columns = std::clamp<std::size_t>(settings.value(QStringLiteral("columns"), 2).toUInt(), 1, kColumnsMost);
    while (m_columns.size() < columns) {
        addColumn();
    }
    while (m_columns.size() > columns) {
        removeColumn();
    }
    m_prompt->setPlainText(settings.value(QStringLiteral("prompt"), m_prompt->toPlainText()).toString());
    m_tokens->setValue(settings.value(QStringLiteral("tokens"), m_tokens->value()).toInt());
    m_temperature->setValue(settings.value(QStringLiteral("temperature"), m_temperature->value()).toDouble());
    m_topK->setValue(settings.value(QStringLiteral("topK"), m_topK->value()).toInt());
    m_topP->setValue(settings.value(QStringLiteral("topP"), m_topP->value()).toDouble());
    m_penalty->setValue(settings.value(QStringLiteral("penalty"), m_penalty->value()).toDouble());
    m_seed->setValue(settings.value(QStringLiteral("seed"), m_seed->value()).toInt());
    m_chat->setChecked(settings.value(QStringLiteral("chat"), false).toBool());
}

bool TryPage::isBusy() const
{
    return std::ranges::any_of(m_columns, &CompletionColumn::isBusy);
}

void TryPage::prepareScreenshot()
{
    start();
}

} // namespace bitlathe::ui
