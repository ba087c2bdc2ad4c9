// SPDX-License-Identifier: GPL-3.0-or-later
// MethodStep: how weights are rounded.
#pragma once

#include "ui/wizard/wizardstep.h"

class QButtonGroup;
class QComboBox;

namespace bitlathe::ui
{

class MethodForm;

class MethodStep : public WizardStep
{
    Q_OBJECT

public:
    explicit MethodStep(Session& session, QWidget* parent = nullptr);

    QString problem() const override;
    void showRecipe(const plan::Recipe& recipe) override;

private:
    void addPresets();

    QComboBox* m_presets; ///< The first entry: none of them.
    FieldNote* m_purpose; ///< Of the preset that the recipe is.
    QButtonGroup* m_methods;
    std::vector<MethodForm*> m_forms; ///< In the order of quant::quantizers().
};

} // namespace bitlathe::ui
