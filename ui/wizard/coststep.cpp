// SPDX-License-Identifier: GPL-3.0-or-later
// CostStep: what is measured afterwards, and how much of the machine a run may take.
#include "ui/wizard/coststep.h"

#include "core/base/resources.h"
#include "ui/theme/theme.h"
#include "ui/widgets/kvchoice.h"

#include <QCheckBox>
#include <QComboBox>
#include <QFileDialog>
#include <QHBoxLayout>
#include <QLineEdit>
#include <QPushButton>
#include <QSpinBox>
#include <QThread>

namespace bitlathe::ui
{
namespace
{

constexpr int kCostMergeKey = 41;

} // namespace

CostStep::CostStep(Session& session, QWidget* parent)
    : WizardStep(session, tr("Estimate"), tr("What shall be measured, and with how much of the machine?"), parent),
      m_data(new QLineEdit(this)),
      m_kv(new KvChoice(this)),
      m_length(makeSpin(this, 2, 1'000'000, 128)),
      m_windows(makeSpin(this, 0, 1'000'000, 1)),
      m_threads(makeSpin(this, 0, QThread::idealThreadCount(), 1)),
      m_compute(new QComboBox(this)),
      m_seed(makeSpin(this, 0, 2'000'000'000, 1)),
      m_strict(new QCheckBox(tr("&Stop at the first finding"), this))
{
    buildEvaluation();
    buildMachine();
    refresh();
}

void CostStep::buildEvaluation()
{
    auto* browseButton = new QPushButton(tr("Choose…"), this);
    browseButton->setAccessibleName(tr("Choose a text to measure with"));
    body()->addWidget(labelled(tr("&Text to measure with"), m_data,
                               tr("After the run, the result and the original predict this text; perplexity and "
                                  "divergence say how much was lost. Take "
                                  "another text than for calibration. Empty: nothing is measured"),
                               browseButton));
    auto* shortcuts = new QHBoxLayout;
    auto* bundled = new QPushButton(tr("Use the bundled text"), this);
    auto* none = new QPushButton(tr("Use none"), this);
    shortcuts->addWidget(bundled);
    shortcuts->addWidget(none);
    shortcuts->addStretch();
    body()->addLayout(shortcuts);
    auto* windows = new QHBoxLayout;
    windows->addWidget(labelled(tr("&Window, tokens"), m_length, tr("Tokens that are predicted together")));
    windows->addWidget(labelled(tr("Wi&ndows"), m_windows, tr("How many of them; more make the error bars smaller")));
    windows->addWidget(labelled(tr("&Keys and values"), m_kv, tr("How else they are kept while it is measured; none: in 16 bits")));
    m_windows->setSpecialValueText(tr("all"));
    body()->addLayout(windows);
    const auto setData = [this](const QString& spec) {
        m_data->setText(spec);
        store(tr("Choose text to measure with"));
    };
    connect(bundled, &QPushButton::clicked, this, [setData] {
        if (const auto text = resource("demo/text/evaluation.txt")) {
            setData(fromPath(*text));
        }
    });
    connect(none, &QPushButton::clicked, this, [setData] { setData({}); });
    connect(browseButton, &QPushButton::clicked, this, &CostStep::browse);
    connect(m_data, &QLineEdit::editingFinished, this, [this] { store(tr("Choose text to measure with")); });
    connect(m_kv, &KvChoice::changed, this, [this] { store(tr("Choose KV caches to measure with")); });
    for (QSpinBox* spin : {m_length, m_windows}) {
        connect(spin, &QSpinBox::valueChanged, this, [this] { store(tr("Change windows"), kCostMergeKey); });
    }
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
    m_data->setText(QString::fromStdString(recipe.evaluation.data));
    m_length->setValue(static_cast<int>(recipe.evaluation.length));
    m_windows->setValue(static_cast<int>(recipe.evaluation.windows));
    m_kv->setSchemes(recipe.evaluation.kv);
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
    recipe.evaluation.data = m_data->text().trimmed().toStdString();
    recipe.evaluation.length = m_length->value();
    recipe.evaluation.windows = m_windows->value();
    recipe.evaluation.kv = m_kv->schemes();
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

void CostStep::browse()
{
    const QString file =
        QFileDialog::getOpenFileName(this, tr("Choose a text to measure with"), m_data->text(),
                                     tr("Texts (*.txt *.jsonl *.json *.csv *.arrow *.gz *.zst);;All files (*)"));
    if (!file.isEmpty()) {
        m_data->setText(file);
        store(tr("Choose text to measure with"));
    }
}

} // namespace bitlathe::ui
