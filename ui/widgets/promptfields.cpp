// SPDX-License-Identifier: GPL-3.0-or-later
// PromptFields: the fields that say which prompts models go on from, and how, for any form to lay out.
#include "ui/widgets/promptfields.h"

#include "ui/bridge/filechoice.h"
#include "ui/widgets/fields.h"

#include <QCheckBox>
#include <QLineEdit>
#include <QSpinBox>

namespace bitlathe::ui
{

PromptFields::PromptFields(QWidget* owner)
    : QObject(owner), m_data(new QLineEdit(owner)), m_newTokens(countField(owner, 1, 4096, 64)), m_chat(new QCheckBox(tr("Prompts as a convers&ation"), owner))
{
    m_data->setPlaceholderText(tr("None, or a .txt or .jsonl file"));
    m_data->setToolTip(tr("Prompts, one in each line or row. Every model goes on from them with its most likely tokens; the texts are compared with the base's."));
    m_newTokens->setToolTip(tr("Tokens that each model writes behind each prompt at most."));
    m_chat->setToolTip(tr("Prompts go through each model's chat template."));
    connect(m_data, &QLineEdit::textChanged, this, [this] { Q_EMIT writing(writes()); });
    connect(m_data, &QLineEdit::editingFinished, this, &PromptFields::changed);
    connect(m_newTokens, &QSpinBox::valueChanged, this, &PromptFields::changed);
    connect(m_chat, &QCheckBox::toggled, this, &PromptFields::changed);
}

bool PromptFields::writes() const
{
    return !m_data->text().trimmed().isEmpty();
}

evaluate::GenerationCheckOptions PromptFields::options() const
{
    evaluate::GenerationCheckOptions options = m_rest;
    options.data = m_data->text().trimmed().toStdString();
    options.newTokens = m_newTokens->value();
    options.chat = m_chat->isChecked();
    return options;
}

void PromptFields::setOptions(const evaluate::GenerationCheckOptions& options)
{
    m_rest = options;
    m_data->setText(QString::fromStdString(options.data));
    m_newTokens->setValue(static_cast<int>(options.newTokens));
    m_chat->setChecked(options.chat);
}

void PromptFields::browse()
{
    const FileChoice choice{FileChoice::Kind::Open, tr("Choose prompts"), m_data->text(),
                            {tr("Prompts (*.txt *.jsonl *.json *.csv)")}};
    chooseFile(m_data, choice, this, [this](const QString& file) {
        m_data->setText(file);
        Q_EMIT changed();
    });
}

} // namespace bitlathe::ui
