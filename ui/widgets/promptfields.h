// SPDX-License-Identifier: GPL-3.0-or-later
// PromptFields: the fields that say which prompts models go on from, and how, for any form to lay out.
#pragma once

#include "core/evaluate/generationcheck.h"

#include <QObject>

class QCheckBox;
class QLineEdit;
class QSpinBox;
class QWidget;

namespace bitlathe::ui
{

class PromptFields : public QObject
{
    Q_OBJECT

public:
    /// owner: of the fields, too.
    explicit PromptFields(QWidget* owner);

    QLineEdit* dataField() const { return m_data; }
    QSpinBox* newTokensField() const { return m_newTokens; }
    QCheckBox* chatField() const { return m_chat; }

    bool writes() const; ///< A file is named; the other fields are of use.
    /// What the fields do not say is as setOptions() had it.
    evaluate::GenerationCheckOptions options() const;
    void setOptions(const evaluate::GenerationCheckOptions& options);
    void browse();

Q_SIGNALS:
    void changed();
    void writing(bool writes); ///< writes() may be another.

private:
    evaluate::GenerationCheckOptions m_rest;
    QLineEdit* m_data;
    QSpinBox* m_newTokens;
    QCheckBox* m_chat;
};

} // namespace bitlathe::ui
