// SPDX-License-Identifier: GPL-3.0-or-later
// QuestionFields: the fields that say which choice questions are asked, and how, for any form to lay out.
#include "ui/widgets/questionfields.h"

#include "ui/bridge/filechoice.h"
#include "ui/bridge/session.h"
#include "ui/widgets/fields.h"

#include <QCheckBox>
#include <QComboBox>
#include <QLineEdit>
#include <QSpinBox>

namespace bitlathe::ui
{

namespace
{

QString ruleText(evaluate::ChoiceRule rule)
{
    switch (rule) {
    case evaluate::ChoiceRule::Letter: return QuestionFields::tr("by letter");
    case evaluate::ChoiceRule::Text: return QuestionFields::tr("by text");
    case evaluate::ChoiceRule::TextPerByte: return QuestionFields::tr("by text, for each byte");
    }
    return {};
}

} // namespace

QuestionFields::QuestionFields(QWidget* owner)
    : QObject(owner), m_data(new QLineEdit(owner)), m_rule(new QComboBox(owner)), m_shots(countField(owner, 0, 100, 0)),
      m_chat(new QCheckBox(tr("As a con&versation"), owner))
{
    m_data->setPlaceholderText(tr("None, or a .jsonl or .csv file"));
    m_data->setToolTip(tr("Choice questions in the shapes of MMLU, C-Eval or ARC, or with the fields question, A, B … and answer. "
                          "Every model is asked."));
    for (const evaluate::ChoiceRule rule : evaluate::choiceRules()) {
        m_rule->addItem(ruleText(rule), static_cast<int>(rule));
    }
    m_rule->setToolTip(tr("What makes an answer the most likely one: its letter, with all options shown, or its text, which for each byte does not "
                          "favour short ones."));
    m_shots->setToolTip(tr("Examples with their answers before each question, from the dev file beside the questions."));
    m_chat->setToolTip(tr("Questions go through each model's chat template."));
    connect(m_data, &QLineEdit::textChanged, this, [this] { Q_EMIT asking(asks()); });
    connect(m_data, &QLineEdit::editingFinished, this, &QuestionFields::changed);
    connect(m_rule, &QComboBox::activated, this, &QuestionFields::changed);
    connect(m_shots, &QSpinBox::valueChanged, this, &QuestionFields::changed);
    connect(m_chat, &QCheckBox::toggled, this, &QuestionFields::changed);
}

bool QuestionFields::asks() const
{
    return !m_data->text().trimmed().isEmpty();
}

evaluate::ChoiceOptions QuestionFields::options() const
{
    evaluate::ChoiceOptions options = m_rest;
    options.data = toPath(m_data->text().trimmed());
    options.rules = {static_cast<evaluate::ChoiceRule>(m_rule->currentData().toInt())};
    options.shots = m_shots->value();
    options.chat = m_chat->isChecked();
    if (options.shots == 0) {
        options.shotsData.clear();
    }
    return options;
}

void QuestionFields::setOptions(const evaluate::ChoiceOptions& options)
{
    m_rest = options;
    m_data->setText(fromPath(options.data));
    m_rule->setCurrentIndex(options.rules.empty() ? 0 : m_rule->findData(static_cast<int>(options.rules.front())));
    m_shots->setValue(static_cast<int>(options.shots));
    m_chat->setChecked(options.chat);
}

void QuestionFields::browse()
{
    const FileChoice choice{FileChoice::Kind::Open, tr("Choose questions"), m_data->text(),
                            {tr("Questions (*.jsonl *.json *.csv)")}};
    chooseFile(m_data, choice, this, [this](const QString& file) {
        m_data->setText(file);
        Q_EMIT changed();
    });
}

} // namespace bitlathe::ui
