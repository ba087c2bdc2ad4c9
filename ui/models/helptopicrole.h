// SPDX-License-Identifier: GPL-3.0-or-later
// The role under which item models say what the guide has on a cell or heading.
#pragma once

#include <Qt>

namespace bitlathe::ui
{

/// A topic of the guide, such as "glossary#perplexity". Beyond all other roles of our models.
inline constexpr int kHelpTopicRole = Qt::UserRole + 400;

} // namespace bitlathe::ui
