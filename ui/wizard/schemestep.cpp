// SPDX-License-Identifier: GPL-3.0-or-later
// SchemeStep: bits, groups, zero points, clipping, and layers that differ.
#include "ui/wizard/schemestep.h"

#include "core/quant/quantizer.h"
#include "ui/theme/theme.h"
#include "ui/wizard/overridesedit.h"

#include <QCheckBox>
#include <QComboBox>
#include <QHBoxLayout>
#include <QLineEdit>
#include <QStandardItemModel>

namespace bitlathe::ui
{

using namespace Qt::StringLiterals;

SchemeStep::SchemeStep(Session& session, QWidget* parent)
    : WizardStep(session, tr("Scheme"), tr("How many bits may a weight take?"), parent),
      m_bits(new QComboBox(this)),
      m_group(new QComboBox(this)),
      m_groupNote(new FieldNote(this)),
      m_symmetric(new QCheckBox(tr("S&ymmetric: zero lies in the middle"), this)),
      m_clipping(new QComboBox(this)),
      m_actOrder(new QCheckBox(tr("Important &columns first (act-order)"), this)),
      m_note(new FieldNote(this)),
      m_overrides(new OverridesEdit(session, this))
{
    for (const int bits : {2, 3, 4, 5, 6, 8}) {
        m_bits->addItem(tr("%n bits", nullptr, bits), bits);
    }
    for (const int size : {16, 32, 64, 128, 256, 512, 1024}) {
        m_group->addItem(QString::number(size));
    }
    m_group->addItems({u"channel"_s, u"tensor"_s});
    m_group->setEditable(true);
    m_group->setInsertPolicy(QComboBox::NoInsert);
    m_clipping->addItem(tr("Keep the whole range"), static_cast<int>(quant::Clipping::MinMax));
    m_clipping->addItem(tr("Shrink it to the smallest error"), static_cast<int>(quant::Clipping::Mse));
    m_symmetric->setToolTip(
        tr("Without it each group stores a zero point too: a little larger, better for lopsided weights"));
    m_actOrder->setToolTip(
        tr("Quantize the input channels with the largest activations first (act-order). Fewer programs load it, unless "
           "groups are static"));

    auto* numbers = new QHBoxLayout;
    numbers->addWidget(labelled(tr("&Bits per weight"), m_bits, tr("Fewer bits: smaller and less exact")));
    numbers->addWidget(labelled(tr("&Group size, weights"), m_group,
                                tr("So many weights of a row share one scale. A number from 16 to 1,024, channel (one "
                                   "scale a row) or tensor (one scale "
                                   "a layer). Smaller groups: more exact and a little larger")));
    body()->addLayout(numbers);
    body()->addWidget(m_groupNote);
    body()->addWidget(m_symmetric);
    body()->addWidget(m_actOrder);
    body()->addWidget(
        labelled(tr("&Range of a group"), m_clipping, tr("How far weights reach before they are cut (clipping)")));
    body()->addWidget(m_note);
    body()->addWidget(m_overrides);

    connect(m_bits, &QComboBox::activated, this, [this] {
        quant::Scheme scheme = this->session().recipe().scheme;
        scheme.bits = m_bits->currentData().toInt();
        setScheme(scheme, tr("Change bits"));
    });
    connect(m_group, &QComboBox::activated, this, &SchemeStep::setGroupSize);
    connect(m_group->lineEdit(), &QLineEdit::editingFinished, this, &SchemeStep::setGroupSize);
    connect(m_symmetric, &QCheckBox::toggled, this, [this](bool on) {
        quant::Scheme scheme = this->session().recipe().scheme;
        scheme.symmetric = on;
        setScheme(scheme, tr("Change zero point"));
    });
    connect(m_actOrder, &QCheckBox::toggled, this, [this](bool on) {
        quant::Scheme scheme = this->session().recipe().scheme;
        scheme.actOrder = on;
        setScheme(scheme, tr("Change column order"));
    });
    connect(m_clipping, &QComboBox::activated, this, [this] {
        quant::Scheme scheme = this->session().recipe().scheme;
        scheme.clipping = static_cast<quant::Clipping>(m_clipping->currentData().toInt());
        setScheme(scheme, tr("Change range"));
    });
    connect(m_overrides, &OverridesEdit::checked, this, &WizardStep::checked);
    refresh();
}

QString SchemeStep::problem() const
{
    if (m_groupNote->isProblem()) {
        return m_groupNote->text();
    }
    return m_note->isProblem() ? m_note->text() : m_overrides->problem();
}

/// Leaves what the method can vary: bits that it knows, and whether it knows schemes with and without zero points.
void SchemeStep::offerWhatFits(const plan::Recipe& recipe)
{
    const auto method = quant::findQuantizer(recipe.method);
    if (!method) {
        return;
    }
    const auto knows = [&](const auto& change) {
        quant::Scheme scheme = recipe.scheme;
        change(scheme);
        return (*method)->check(plan::completedScheme(recipe, scheme)).has_value();
    };
    auto* items = qobject_cast<QStandardItemModel*>(m_bits->model());
    int known = 0;
    for (int row = 0; row < m_bits->count(); ++row) {
        const int bits = m_bits->itemData(row).toInt();
        const bool fits = bits == recipe.scheme.bits || knows([bits](quant::Scheme& scheme) { scheme.bits = bits; });
        items->item(row)->setEnabled(fits);
        known += fits ? 1 : 0;
    }
    m_bits->setEnabled(known > 1);
    m_symmetric->setEnabled(knows([](quant::Scheme& scheme) { scheme.symmetric = !scheme.symmetric; }));
    m_actOrder->setEnabled((*method)->ordersColumns() || recipe.scheme.actOrder);
    m_clipping->setEnabled(knows([](quant::Scheme& scheme) {
        const bool whole = scheme.clipping == quant::Clipping::MinMax;
        scheme.clipping = whole ? quant::Clipping::Mse : quant::Clipping::MinMax;
    }));
}

void SchemeStep::showRecipe(const plan::Recipe& recipe)
{
    offerWhatFits(recipe);
    m_bits->setCurrentIndex(m_bits->findData(recipe.scheme.bits));
    if (!m_groupNote->isProblem() || !m_group->hasFocus()) {
        m_group->setEditText(QString::fromStdString(quant::groupSizeText(recipe.scheme.groupSize)));
        m_groupNote->setHint({});
    }
    m_symmetric->setChecked(recipe.scheme.symmetric);
    m_actOrder->setChecked(recipe.scheme.actOrder);
    m_clipping->setCurrentIndex(m_clipping->findData(static_cast<int>(recipe.scheme.clipping)));
    m_note->setHint({});
    if (const auto method = quant::findQuantizer(recipe.method)) {
        if (const auto fits = (*method)->check(plan::completedScheme(recipe, recipe.scheme)); !fits) {
            m_note->setProblem(translated(fits.error()));
        }
    }
    m_overrides->showRecipe(recipe);
}

void SchemeStep::setScheme(const quant::Scheme& scheme, const QString& what)
{
    plan::Recipe recipe = session().recipe();
    recipe.scheme = scheme;
    edit(recipe, what);
}

void SchemeStep::setGroupSize()
{
    quant::Scheme scheme = session().recipe().scheme;
    const auto size = quant::groupSizeFromText(m_group->currentText().trimmed().toStdString());
    if (size) {
        scheme.groupSize = *size;
    }
    const Result<void> fits = size ? quant::checkScheme(scheme) : Result<void>(Failure(size.error()));
    if (!fits) { // what was typed stays, with what is wrong with it
        m_groupNote->setProblem(translated(fits.error()));
        Q_EMIT checked();
        return;
    }
    m_groupNote->setHint({});
    setScheme(scheme, tr("Change group size"));
    Q_EMIT checked();
}

} // namespace bitlathe::ui
