// SPDX-License-Identifier: GPL-3.0-or-later
// MethodStep: how weights are rounded.
#include "ui/wizard/methodstep.h"

#include "core/format/formatchoice.h"
#include "core/quant/quantizer.h"
#include "ui/theme/theme.h"
#include "ui/wizard/methodform.h"

#include <QButtonGroup>
#include <QRadioButton>

namespace bitlathe::ui
{

namespace
{

constexpr int kMethodMergeKey = 1000;

} // namespace

MethodStep::MethodStep(Session& session, QWidget* parent)
    : WizardStep(session, tr("Method"), tr("How shall the weights be rounded?"), parent),
      m_methods(new QButtonGroup(this))
{
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

QString MethodStep::problem() const
{
    const auto found = quant::findQuantizer(session().recipe().method);
    return found ? QString() : translated(found.error());
}

void MethodStep::showRecipe(const plan::Recipe& recipe)
{
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
