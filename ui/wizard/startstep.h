// SPDX-License-Identifier: GPL-3.0-or-later
// StartStep: the recipe as text and the command line, then off it goes.
#pragma once

#include "ui/wizard/wizardstep.h"

class QPlainTextEdit;
class QTimer;

namespace bitlathe::ui
{

class StartStep : public WizardStep
{
    Q_OBJECT

public:
    explicit StartStep(Session& session, QWidget* parent = nullptr);

    QString problem() const override;
    void showRecipe(const plan::Recipe& recipe) override;

private:
    void readText();

    QPlainTextEdit* m_yaml;
    FieldNote* m_note;
    QPlainTextEdit* m_command;
    QTimer* m_typing;
    bool m_reading = false; ///< The recipe changes because of what was typed here: the text stays as it is.
};

} // namespace bitlathe::ui
