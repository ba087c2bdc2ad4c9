// SPDX-License-Identifier: GPL-3.0-or-later
// CostStep: how much of the machine a run may take.
#include "ui/wizard/coststep.h"

#include "ui/widgets/fields.h"

#include <QCheckBox>
#include <QComboBox>
#include <QHBoxLayout>
#include <QSpinBox>
#include <QThread>

namespace bitlathe::ui
{
namespace
{

constexpr int kCostMergeKey = 41;

} // namespace

CostStep::CostStep(Session& session, QWidget* parent)
    : WizardStep(session, tr("Estimate"), tr("How much of the machine may it take?"), parent),
      m_threads(countField(this, 0, QThread::idealThreadCount(), 0)),
      m_compute(new QComboBox(this)),
      m_seed(countField(this, 0, 2'000'000'000, 0)),
      m_strict(new QCheckBox(tr("&Stop at the first finding"), this))
{
    buildMachine();
    refresh();
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
