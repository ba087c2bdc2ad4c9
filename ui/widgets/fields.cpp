// SPDX-License-Identifier: GPL-3.0-or-later
// Fields for numbers, as every form has them: they tell their value when the typing is done.
#include "ui/widgets/fields.h"

#include <QDoubleSpinBox>
#include <QSpinBox>

namespace bitlathe::ui
{

QSpinBox* countField(QWidget* parent, int low, int high, int value, int step)
{
    auto* field = new QSpinBox(parent);
    field->setRange(low, high);
    field->setSingleStep(step);
    field->setValue(value);
    field->setGroupSeparatorShown(true);
    field->setKeyboardTracking(false);
    return field;
}

QDoubleSpinBox* numberField(QWidget* parent, double low, double high, double value, double step, int decimals)
{
    auto* field = new QDoubleSpinBox(parent);
    field->setDecimals(decimals);
    field->setRange(low, high);
    field->setSingleStep(step);
    field->setValue(value);
    field->setGroupSeparatorShown(true);
    field->setKeyboardTracking(false);
    return field;
}

} // namespace bitlathe::ui
