// SPDX-License-Identifier: GPL-3.0-or-later
// ComparisonForm: on what models are compared: text, protocol, ways of keeping keys and values, questions, prompts.
#include "ui/pages/comparisonform.h"

#include "ui/bridge/session.h"
#include "ui/widgets/kvchoice.h"
#include "ui/widgets/promptfields.h"
#include "ui/widgets/protocolfields.h"
#include "ui/widgets/questionfields.h"

#include <QCheckBox>
#include <QComboBox>
#include <QFormLayout>
#include <QLineEdit>
#include <QSettings>
#include <QSpinBox>

namespace bitlathe::ui
{

ComparisonForm::ComparisonForm(QWidget* parent)
    : QWidget(parent), m_data(new QLineEdit(this)), m_protocolFields(new ProtocolFields(this)), m_kv(new KvChoice(this)), m_questions(new QuestionFields(this)),
      m_prompts(new PromptFields(this))
{
    auto* form = new QFormLayout(this);
    form->setContentsMargins(0, 0, 0, 0);
    form->setRowWrapPolicy(QFormLayout::WrapAllRows);
    m_data->setPlaceholderText(tr("A .txt, .jsonl, .csv or .arrow file"));
    m_data->setToolTip(tr("The text that all models are measured on. It should not be the calibration text."));
    form->addRow(tr("&Text"), m_data);
    addProtocolRows(form);
    form->addRow(tr("&Keys and values"), m_kv);
    addQuestionRows(form);
    addPromptRows(form);
    connect(m_data, &QLineEdit::textChanged, this, &ComparisonForm::textChanged);
}

void ComparisonForm::addProtocolRows(QFormLayout* form)
{
    form->addRow(tr("&Protocol"), m_protocolFields->protocolField());
    form->addRow(tr("Window &length"), m_protocolFields->lengthField());
    form->addRow(tr("&Stride"), m_protocolFields->strideField());
    form->addRow(tr("&Windows"), m_protocolFields->windowsField());
    const auto showStride = [this, form](bool used) { form->setRowVisible(m_protocolFields->strideField(), used); };
    connect(m_protocolFields, &ProtocolFields::strideUsed, this, showStride);
    showStride(false);
}

void ComparisonForm::addQuestionRows(QFormLayout* form)
{
    form->addRow(tr("Choice &questions"), m_questions->dataField());
    form->addRow(tr("Answers are chosen"), m_questions->ruleField());
    form->addRow(tr("&Examples before each"), m_questions->shotsField());
    form->addRow(m_questions->chatField());
    const auto showWays = [this, form](bool asks) {
        for (QWidget* field : std::initializer_list<QWidget*>{m_questions->ruleField(), m_questions->shotsField(), m_questions->chatField()}) {
            form->setRowVisible(field, asks);
        }
    };
    connect(m_questions, &QuestionFields::asking, this, showWays);
    showWays(false);
}

void ComparisonForm::addPromptRows(QFormLayout* form)
{
    form->addRow(tr("&Prompts"), m_prompts->dataField());
    form->addRow(tr("&New tokens"), m_prompts->newTokensField());
    form->addRow(m_prompts->chatField());
    const auto showWays = [this, form](bool writes) {
        form->setRowVisible(m_prompts->newTokensField(), writes);
        form->setRowVisible(m_prompts->chatField(), writes);
    };
    connect(m_prompts, &PromptFields::writing, this, showWays);
    showWays(false);
}

QString ComparisonForm::text() const
{
    return m_data->text().trimmed();
}

void ComparisonForm::setText(const QString& spec)
{
    m_data->setText(spec);
}

evaluate::CompareOptions ComparisonForm::options() const
{
    evaluate::CompareOptions options;
    options.data = text().toStdString();
    options.windows = m_protocolFields->options();
    options.kv = m_kv->schemes();
    if (m_questions->asks()) {
        options.choice = m_questions->options();
    }
    if (m_prompts->writes()) {
        options.generation = m_prompts->options();
    }
    return options;
}

QStringList ComparisonForm::flags(const QString& calibrationText) const
{
    QStringList words{QStringLiteral("--data \"%1\"").arg(text())};
    const evaluate::PerplexityOptions windows = m_protocolFields->options();
    if (windows.protocol != evaluate::ProtocolKind::Windows) {
        words << QStringLiteral("--protocol %1").arg(toText(evaluate::protocolName(windows.protocol)));
    }
    words << QStringLiteral("--length %1").arg(windows.length);
    if (m_protocolFields->usesStride()) {
        words << QStringLiteral("--stride %1").arg(windows.stride);
    }
    if (windows.maxWindows > 0) {
        words << QStringLiteral("--windows %1").arg(windows.maxWindows);
    }
    if (const QStringList kinds = kvNames(); !kinds.isEmpty()) {
        words << QStringLiteral("--kv %1 --kv-data \"%2\"").arg(kinds.join(QLatin1Char(',')), calibrationText);
    }
    if (m_questions->asks()) {
        const evaluate::ChoiceOptions questions = m_questions->options();
        words << QStringLiteral("--choice \"%1\"").arg(fromPath(questions.data));
        if (questions.rules.front() != evaluate::ChoiceRule::Letter) {
            words << QStringLiteral("--choice-by %1").arg(toText(evaluate::choiceRuleName(questions.rules.front())));
        }
        if (questions.shots > 0) {
            words << QStringLiteral("--choice-shots %1").arg(questions.shots);
        }
        if (questions.chat) {
            words << QStringLiteral("--choice-chat");
        }
    }
    if (m_prompts->writes()) {
        const evaluate::GenerationCheckOptions prompts = m_prompts->options();
        words << QStringLiteral("--prompts \"%1\"").arg(toText(prompts.data));
        if (prompts.newTokens != evaluate::GenerationCheckOptions{}.newTokens) {
            words << QStringLiteral("--new-tokens %1").arg(prompts.newTokens);
        }
        if (prompts.chat) {
            words << QStringLiteral("--chat");
        }
    }
    return words;
}

QStringList ComparisonForm::kvNames() const
{
    QStringList names;
    for (const quant::KvScheme& scheme : m_kv->schemes()) {
        names << QString::fromStdString(scheme.name());
    }
    return names;
}

void ComparisonForm::saveState(QSettings& settings) const
{
    const evaluate::PerplexityOptions windows = m_protocolFields->options();
    settings.setValue(QStringLiteral("protocol"), toText(evaluate::protocolName(windows.protocol)));
    settings.setValue(QStringLiteral("length"), static_cast<int>(windows.length));
    settings.setValue(QStringLiteral("stride"), m_protocolFields->strideField()->value());
    settings.setValue(QStringLiteral("windows"), static_cast<int>(windows.maxWindows));
    settings.setValue(QStringLiteral("questions"), m_questions->dataField()->text());
    settings.setValue(QStringLiteral("questionRule"), m_questions->ruleField()->currentIndex());
    settings.setValue(QStringLiteral("questionShots"), m_questions->shotsField()->value());
    settings.setValue(QStringLiteral("questionChat"), m_questions->chatField()->isChecked());
    settings.setValue(QStringLiteral("prompts"), m_prompts->dataField()->text());
    settings.setValue(QStringLiteral("promptTokens"), m_prompts->newTokensField()->value());
    settings.setValue(QStringLiteral("promptChat"), m_prompts->chatField()->isChecked());
    settings.setValue(QStringLiteral("kv"), kvNames());
}

void ComparisonForm::restoreState(const QSettings& settings)
{
    evaluate::PerplexityOptions windows = m_protocolFields->options();
    if (const auto kind = evaluate::protocolFrom(settings.value(QStringLiteral("protocol")).toString().toStdString())) { // else one of another version
        windows.protocol = *kind;
    }
    windows.length = settings.value(QStringLiteral("length"), static_cast<int>(windows.length)).toInt();
    windows.stride = settings.value(QStringLiteral("stride"), static_cast<int>(windows.stride)).toInt();
    windows.maxWindows = settings.value(QStringLiteral("windows"), static_cast<int>(windows.maxWindows)).toInt();
    m_protocolFields->setOptions(windows);
    m_questions->dataField()->setText(settings.value(QStringLiteral("questions")).toString());
    m_questions->ruleField()->setCurrentIndex(std::clamp(settings.value(QStringLiteral("questionRule"), 0).toInt(), 0, m_questions->ruleField()->count() - 1));
    m_questions->shotsField()->setValue(settings.value(QStringLiteral("questionShots"), 0).toInt());
    m_questions->chatField()->setChecked(settings.value(QStringLiteral("questionChat"), false).toBool());
    m_prompts->dataField()->setText(settings.value(QStringLiteral("prompts")).toString());
    m_prompts->newTokensField()->setValue(settings.value(QStringLiteral("promptTokens"), m_prompts->newTokensField()->value()).toInt());
    m_prompts->chatField()->setChecked(settings.value(QStringLiteral("promptChat"), false).toBool());
    std::vector<quant::KvScheme> kinds;
    for (const QString& name : settings.value(QStringLiteral("kv")).toStringList()) {
        if (const auto scheme = quant::findKvScheme(name.toStdString())) { // an unknown one of another version is left out
            kinds.push_back(*scheme);
        }
    }
    m_kv->setSchemes(kinds);
}

} // namespace bitlathe::ui
