// SPDX-License-Identifier: GPL-3.0-or-later
// CostStep: how much of the machine a run may take.
#pragma once

#include "ui/wizard/wizardstep.h"

class QCheckBox;
class QComboBox;
class QSpinBox;

namespace bitlathe::ui
{

class CostStep : public WizardStep
{
    Q_OBJECT

public:
    explicit CostStep(Session& session, QWidget* parent = nullptr);

    void showRecipe(const plan::Recipe& recipe) override;

private:
    void buildMachine();
    void store(const QString& what, int mergeKey = -1);

    QSpinBox* m_threads;
    QComboBox* m_compute;
    QSpinBox* m_seed;
    QCheckBox* m_strict;
};

} // namespace bitlathe::ui
