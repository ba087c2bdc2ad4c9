// SPDX-License-Identifier: GPL-3.0-or-later
// StartStep: the recipe as text and the command line, then off it goes.
#pragma once

#include "ui/wizard/wizardstep.h"

class QPlainTextEdit;

namespace bitlathe::ui
{

class RecipeText;

class StartStep : public WizardStep
{
    Q_OBJECT

public:
    explicit StartStep(Session& session, QWidget* parent = nullptr);

    QString problem() const override;
    void showRecipe(const plan::Recipe& recipe) override;

private:
    RecipeText* m_text;
    QPlainTextEdit* m_command;
};

} // namespace bitlathe::ui
