// SPDX-License-Identifier: GPL-3.0-or-later
// CostStep: how much of the machine a run may take.
#pragma once

#include "ui/bridge/latesttask.h"
#include "ui/wizard/wizardstep.h"

#include "kernels/gpu.h"

class QCheckBox;
class QComboBox;
class QDoubleSpinBox;
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
    void buildDevice();
    void showGpus(const kernels::GpuFacts& facts);
    void showDevice(const model::DeviceChoice& choice);
    void store(const QString& what, int mergeKey = -1);

    QComboBox* m_device;
    QDoubleSpinBox* m_vram; ///< GiB; 0: as much as is free.
    QCheckBox* m_stopsOnFailure;
    FieldNote* m_deviceNote;
    QSpinBox* m_threads;
    QComboBox* m_compute;
    QSpinBox* m_seed;
    QCheckBox* m_strict;
    LatestTask m_gpuSearch{this};
};

} // namespace bitlathe::ui
