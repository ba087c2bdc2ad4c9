// SPDX-License-Identifier: GPL-3.0-or-later
// QuestionFields: the fields that say which choice questions are asked, and how, for any form to lay out.
#pragma once

#include "core/evaluate/choicerun.h"

#include <QObject>

class QCheckBox;
class QComboBox;
class QLineEdit;
class QSpinBox;
class QWidget;

namespace bitlathe::ui
{

class QuestionFields : public QObject
{
    Q_OBJECT

public:
    /// owner: of the fields, too.
    explicit QuestionFields(QWidget* owner);

    QLineEdit* dataField() const { return m_data; }
    QComboBox* ruleField() const { return m_rule; }
    QSpinBox* shotsField() const { return m_shots; }
    QCheckBox* chatField() const { return m_chat; }

    bool asks() const; ///< A file is named; the other fields are of use.
    /// What the fields do not say is as setOptions() had it.
    evaluate::ChoiceOptions options() const;
    void setOptions(const evaluate::ChoiceOptions& options);
    void browse();

Q_SIGNALS:
    void changed();
    void asking(bool asks); ///< asks() may be another.

private:
    evaluate::ChoiceOptions m_rest;
    QLineEdit* m_data;
    QComboBox* m_rule;
    QSpinBox* m_shots;
    QCheckBox* m_chat;
};

} // namespace bitlathe::ui
