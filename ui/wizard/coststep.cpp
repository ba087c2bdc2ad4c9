// SPDX-License-Identifier: GPL-3.0-or-later
// CostStep: how much of the machine a run may take.
#include "ui/wizard/coststep.h"

#include "ui/bridge/numbers.h"
#include "ui/widgets/fields.h"

#include <QCheckBox>
#include <QComboBox>
#include <QDoubleSpinBox>
#include <QHBoxLayout>
#include <QSpinBox>
#include <QThread>

namespace bitlathe::ui
{
namespace
{

using namespace Qt::StringLiterals;

constexpr int kCostMergeKey = 41;
constexpr double kGibibyte = 1 << 30;

} // namespace

CostStep::CostStep(Session& session, QWidget* parent)
    : WizardStep(session, tr("Estimate"), tr("How much of the machine may it take?"), parent),
      m_device(new QComboBox(this)),
      m_vram(numberField(this, 0, 4096, 0, 1, 1)),
      m_stopsOnFailure(new QCheckBox(tr("Stop where the &GPU does not suffice"), this)),
      m_deviceNote(new FieldNote(this)),
      m_threads(countField(this, 0, QThread::idealThreadCount(), 0)),
      m_compute(new QComboBox(this)),
      m_seed(countField(this, 0, 2'000'000'000, 0)),
      m_strict(new QCheckBox(tr("&Stop at the first finding"), this))
{
    buildDevice();
    buildMachine();
    refresh();
    // A driver takes its time to say what it has.
    m_gpuSearch.start([](std::stop_token) { return kernels::gpus(); },
                      [this](const kernels::GpuFacts& facts) { showGpus(facts); });
}

void CostStep::buildDevice()
{
    m_device->addItem(tr("Processor"), u"cpu"_s);
    m_device->addItem(tr("GPU if there is one"), u"auto"_s);
    m_vram->setSpecialValueText(tr("what is free"));
    m_vram->setSuffix(tr(" GiB"));
    m_stopsOnFailure->setToolTip(
        tr("The run can be resumed then; otherwise it goes on on the processor, with a finding"));
    auto* row = new QHBoxLayout;
    row->addWidget(labelled(tr("De&vice"), m_device,
                            tr("What computes; devices differ by the order of sums, so single codes may differ")),
                   2);
    row->addWidget(labelled(tr("GPU &memory"), m_vram,
                            tr("What of a GPU's memory may be used; else nine tenths of what is free")),
                   1);
    body()->addLayout(row);
    body()->addWidget(m_deviceNote);
    body()->addWidget(m_stopsOnFailure);
    // Each stores its own value only: shown rounded, one is not changed by another's edit.
    connect(m_device, &QComboBox::activated, this, [this] {
        plan::Recipe recipe = session().recipe();
        recipe.device.name = m_device->currentData().toString().toStdString();
        edit(recipe, tr("Change device"));
    });
    connect(m_vram, &QDoubleSpinBox::valueChanged, this, [this](double gibibytes) {
        if (!isShowing()) {
            plan::Recipe recipe = session().recipe();
            recipe.device.bytesMemory = static_cast<std::uint64_t>(gibibytes * kGibibyte);
            edit(recipe, tr("Change memory of the GPU"), kCostMergeKey + 3);
        }
    });
    connect(m_stopsOnFailure, &QCheckBox::toggled, this, [this] { store(tr("Change what follows a failure")); });
}

/// The GPUs of this machine by name, or why there is none to choose.
void CostStep::showGpus(const kernels::GpuFacts& facts)
{
    for (std::size_t i = 0; i < facts.devices.size() && facts.absence == kernels::GpuAbsence::None; ++i) {
        const kernels::GpuDevice& gpu = facts.devices[i];
        m_device->addItem(u"%1, %2"_s.arg(QString::fromStdString(gpu.name), formatBytes(gpu.bytesTotal)),
                          i == 0 ? u"cuda"_s : u"cuda:%1"_s.arg(i));
    }
    if (facts.absence != kernels::GpuAbsence::None) {
        m_deviceNote->setHint(tr("No GPU computes here: found %1.").arg(translated(model::whyNoGpu(facts))));
    }
    refresh();
}

/// One that this machine does not have is shown by its name in the recipe.
void CostStep::showDevice(const model::DeviceChoice& choice)
{
    const QString name = choice.name == "cuda:0" ? u"cuda"_s : QString::fromStdString(choice.name);
    if (m_device->findData(name) < 0) {
        m_device->addItem(name, name);
    }
    m_device->setCurrentIndex(m_device->findData(name));
    m_vram->setValue(static_cast<double>(choice.bytesMemory) / kGibibyte);
    const bool onGpu = name != u"cpu"_s;
    m_vram->setEnabled(onGpu);
    m_stopsOnFailure->setEnabled(onGpu);
}

void CostStep::buildMachine()
{
    m_compute->addItem(tr("Fastest here"));
    m_compute->addItem(tr("f32: slower, exact"));
    m_compute->addItem(tr("bf16: faster"));
    m_threads->setSpecialValueText(tr("all"));
    auto* machine = new QHBoxLayout;
    machine->addWidget(
        labelled(tr("T&hreads"), m_threads, tr("Cores that work at once; the result is the same for any number")));
    machine->addWidget(labelled(tr("&Arithmetic"), m_compute, tr("Number format of matrix products")));
    machine->addWidget(labelled(tr("See&d"), m_seed, tr("The same seed gives the same bytes")));
    body()->addLayout(machine);
    m_strict->setToolTip(tr("A finding that would be a warning ends the run (strict)"));
    body()->addWidget(m_strict);
    connect(m_threads, &QSpinBox::valueChanged, this, [this] { store(tr("Change threads"), kCostMergeKey + 1); });
    connect(m_seed, &QSpinBox::valueChanged, this, [this] { store(tr("Change seed"), kCostMergeKey + 2); });
    connect(m_compute, &QComboBox::activated, this, [this] { store(tr("Change arithmetic")); });
    connect(m_strict, &QCheckBox::toggled, this, [this] { store(tr("Change strictness")); });
}

void CostStep::showRecipe(const plan::Recipe& recipe)
{
    showDevice(recipe.device);
    m_stopsOnFailure->setChecked(recipe.onDeviceFailure == plan::OnDeviceFailure::Stop);
    m_threads->setValue(recipe.threads);
    m_compute->setCurrentIndex(!recipe.compute ? 0 : *recipe.compute == model::Compute::F32 ? 1 : 2);
    m_seed->setValue(static_cast<int>(recipe.seed));
    m_strict->setChecked(recipe.strict);
}

void CostStep::store(const QString& what, int mergeKey)
{
    if (isShowing()) {
        return; // fields are being set one after the other: those not set yet are still of the recipe before
    }
    plan::Recipe recipe = session().recipe();
    recipe.onDeviceFailure =
        m_stopsOnFailure->isChecked() ? plan::OnDeviceFailure::Stop : plan::OnDeviceFailure::Continue;
    recipe.threads = m_threads->value();
    switch (m_compute->currentIndex()) {
    case 1: recipe.compute = model::Compute::F32; break;
    case 2: recipe.compute = model::Compute::Bf16; break;
    default: recipe.compute.reset();
    }
    recipe.seed = static_cast<std::uint64_t>(m_seed->value());
    recipe.strict = m_strict->isChecked();
    edit(recipe, what, mergeKey);
}

} // namespace bitlathe::ui
