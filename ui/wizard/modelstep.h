// SPDX-License-Identifier: GPL-3.0-or-later
// ModelStep: which model, and what is known of it.
#pragma once

#include "ui/wizard/wizardstep.h"

class QFormLayout;
class QLineEdit;

namespace bitlathe::ui
{

class ModelStep : public WizardStep
{
    Q_OBJECT

public:
    explicit ModelStep(Session& session, QWidget* parent = nullptr);

    QString problem() const override;
    void showRecipe(const plan::Recipe& recipe) override;

private:
    void browse();
    void openTyped();
    void showFacts();

    QLineEdit* m_folder;
    FieldNote* m_note;
    QFormLayout* m_facts;
};

} // namespace bitlathe::ui
