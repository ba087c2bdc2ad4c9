// SPDX-License-Identifier: GPL-3.0-or-later
// Fields for numbers, as every form has them: they tell their value when the typing is done.
#pragma once

class QDoubleSpinBox;
class QSpinBox;
class QWidget;

namespace bitlathe::ui
{

/// A whole number from low to high.
QSpinBox* countField(QWidget* parent, int low, int high, int value, int step = 1);
/// A number from low to high with so many decimals.
QDoubleSpinBox* numberField(QWidget* parent, double low, double high, double value, double step, int decimals);

} // namespace bitlathe::ui
