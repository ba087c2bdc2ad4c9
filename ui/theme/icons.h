// SPDX-License-Identifier: GPL-3.0-or-later
// Icons: the program's own SVG set, drawn in the theme's colours at any size.
#pragma once

#include "ui/theme/theme.h"

#include <optional>

namespace bitlathe::ui
{

/// An icon that asks the theme for its colour whenever it is drawn. No colour: that of text.
QIcon makeIcon(const QString& name, std::optional<ColorId> color);

} // namespace bitlathe::ui
