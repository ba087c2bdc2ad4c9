// SPDX-License-Identifier: GPL-3.0-or-later
// MethodForm: one field for each setting.
#include "ui/wizard/methodform.h"

#include "ui/bridge/session.h"
#include "ui/theme/theme.h"

#include <QCheckBox>
#include <QComboBox>
#include <QDoubleSpinBox>
#include <QFormLayout>
#include <QLabel>
#include <QSignalBlocker>

#include <cmath>

namespace bitlathe::ui
{
namespace
{

QString words(std::string_view text)
{
    return translated(Text(text));
}

/// Places behind the point that show the lowest number and the step.
int decimalsFor(const quant::MethodSetting& setting)
{
    if (setting.kind == quant::MethodSetting::Kind::Integer) {
        return 0;
    }
    const double finest = setting.low > 0 ? std::min(setting.low, setting.step) : setting.step;
    return static_cast<int>(std::ceil(-std::log10(finest) - 1e-9));
}

} // namespace

MethodForm::MethodForm(const quant::Quantizer& method, QWidget* parent) : QWidget(parent)
{
    auto* layout = new QFormLayout(this);
    layout->setContentsMargins(3 * kGrid, kGrid / 2, 0, kGrid);
    layout->setFieldGrowthPolicy(QFormLayout::FieldsStayAtSizeHint);
    std::size_t index = 0;
    for (const quant::MethodSetting& setting : method.settings()) {
        QWidget* field = makeField(index++, setting);
        field->setObjectName(toText(setting.key));
        field->setToolTip(words(setting.help));
        field->setAccessibleName(words(setting.title));
        field->setAccessibleDescription(words(setting.help));
        if (setting.kind == quant::MethodSetting::Kind::Flag) {
            layout->addRow(field);
        } else {
            layout->addRow(words(setting.title), field);
        }
    }
}

QWidget* MethodForm::makeField(std::size_t index, const quant::MethodSetting& setting)
{
    switch (setting.kind) {
    case quant::MethodSetting::Kind::Flag: {
        auto* box = new QCheckBox(words(setting.title), this);
        connect(box, &QCheckBox::toggled, this, [this, index](bool on) { Q_EMIT changed(index, on ? 1 : 0); });
        m_fields.push_back({setting, [box](double value) { box->setChecked(value != 0); }});
        return box;
    }
    case quant::MethodSetting::Kind::Choice: {
        auto* box = new QComboBox(this);
        for (const std::string_view choice : setting.choices) {
            box->addItem(words(choice));
        }
        connect(box, &QComboBox::activated, this, [this, index](int place) { Q_EMIT changed(index, place); });
        m_fields.push_back({setting, [box](double value) { box->setCurrentIndex(static_cast<int>(value)); }});
        return box;
    }
    case quant::MethodSetting::Kind::Integer:
    case quant::MethodSetting::Kind::Share: {
        auto* spin = new QDoubleSpinBox(this);
        spin->setDecimals(decimalsFor(setting));
        spin->setRange(setting.low, setting.high);
        spin->setSingleStep(setting.step);
        spin->setKeyboardTracking(false);
        spin->setSpecialValueText(words(setting.lowest));
        connect(spin, &QDoubleSpinBox::valueChanged, this,
                [this, index](double value) { Q_EMIT changed(index, value); });
        m_fields.push_back({setting, [spin](double value) { spin->setValue(value); }});
        return spin;
    }
    }
    return nullptr;
}

void MethodForm::showOptions(const quant::MethodOptions& options)
{
    const QSignalBlocker quiet(this);
    for (const Field& field : m_fields) {
        field.show(field.setting.get(options));
    }
}

} // namespace bitlathe::ui
