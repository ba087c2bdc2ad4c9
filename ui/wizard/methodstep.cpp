// SPDX-License-Identifier: GPL-3.0-or-later
// MethodStep: how weights are rounded.
#include "ui/wizard/methodstep.h"

#include "core/format/formatchoice.h"
#include "core/plan/presets.h"
#include "core/quant/quantizer.h"
#include "ui/theme/theme.h"
#include "ui/wizard/methodform.h"

#include <QButtonGroup>
#include <QComboBox>
#include <QRadioButton>

namespace bitlathe::ui
{

namespace
{

constexpr int kMethodMergeKey = 1000;

} // namespace

MethodStep::MethodStep(Session& session, QWidget* parent)
    : WizardStep(session, tr("Method"), tr("How shall the weights be rounded?"), parent),
      m_presets(new QComboBox(this)),
      m_purpose(new FieldNote(this)),
      m_methods(new QButtonGroup(this))
{
    addPresets();
    int id = 0;
    for (const quant::Quantizer* method : quant::quantizers()) {
        const QString title = translated(Text(method->title()));
        auto* button = new QRadioButton(title, this);
        button->setObjectName(toText(method->name()));
        button->setToolTip(tr("On the command line: --method %1").arg(toText(method->name())));
        auto* hint = new QLabel(translated(Text(method->summary())), this);
        hint->setWordWrap(true);
        hint->setForegroundRole(QPalette::PlaceholderText);
        hint->setContentsMargins(3 * kGrid, 0, 0, 0);
        button->setAccessibleDescription(hint->text());
        auto* box = new QVBoxLayout;
        box->setSpacing(kGrid / 2);
        box->addWidget(button);
        box->addWidget(hint);
        auto* form = new MethodForm(*method, this);
        connect(form, &MethodForm::changed, this, [this, method, id](std::size_t index, double value) {
            plan::Recipe recipe = this->session().recipe();
            method->settings()[index].set(recipe.options, value);
            edit(recipe, tr("Change a setting of the method"), kMethodMergeKey + 100 * id + static_cast<int>(index));
        });
        box->addWidget(form);
        m_forms.push_back(form);
        body()->addLayout(box);
        m_methods->addButton(button, id++);
    }
    connect(m_methods, &QButtonGroup::idClicked, this, [this](int clicked) {
        plan::Recipe recipe = this->session().recipe();
        const quant::Quantizer* method = quant::quantizers()[static_cast<std::size_t>(clicked)];
        const auto before = quant::findQuantizer(recipe.method);
        recipe.method = method->name();
        if (const quant::Scheme usual = method->usualScheme(); before && usual != (*before)->usualScheme()) {
            recipe.scheme = usual; // Settings of a method for other bits would make little sense here.
            recipe.exportTo.format = format::formatHolding(plan::completedScheme(recipe, usual), recipe.exportTo.format);
        }
        edit(recipe, tr("Choose method"));
    });
    refresh();
}

void MethodStep::addPresets()
{
    m_presets->addItem(tr("Settings of your own"));
    for (const plan::Preset& preset : plan::presets()) {
        m_presets->addItem(translated(preset.name));
        m_presets->setItemData(m_presets->count() - 1, translated(preset.purpose), Qt::ToolTipRole);
    }
    body()->addWidget(labelled(tr("&Preset"), m_presets,
                               tr("Sets method, bits, groups and format for a purpose; change any of them afterwards")));
    body()->addWidget(m_purpose);
    connect(m_presets, &QComboBox::activated, this, [this](int index) {
        if (index > 0) {
            edit(plan::withPreset(session().recipe(), plan::presets()[static_cast<std::size_t>(index - 1)]),
                 tr("Choose preset"));
        } else {
            showRecipe(session().recipe()); // Still what it is.
        }
    });
}

QString MethodStep::problem() const
{
    const auto found = quant::findQuantizer(session().recipe().method);
    return found ? QString() : translated(found.error());
}

void MethodStep::showRecipe(const plan::Recipe& recipe)
{
    const plan::Preset* preset = plan::presetOf(recipe);
    m_presets->setCurrentIndex(preset == nullptr ? 0 : static_cast<int>(preset - plan::presets().data()) + 1);
    m_purpose->setHint(preset == nullptr ? QString() : translated(preset->purpose));
    for (QAbstractButton* button : m_methods->buttons()) {
        const bool chosen = button->objectName().toStdString() == recipe.method;
        if (chosen) {
            button->setChecked(true);
        }
        MethodForm* form = m_forms[static_cast<std::size_t>(m_methods->id(button))];
        form->showOptions(recipe.options);
        form->setVisible(chosen && !form->isEmpty());
    }
}

} // namespace bitlathe::ui
