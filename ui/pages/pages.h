// SPDX-License-Identifier: GPL-3.0-or-later
// The pages of the rail, in its order.
#pragma once

#include <vector>

namespace bitlathe::ui
{

class Page;
class Session;

/// All pages, made without a parent; the window takes them.
std::vector<Page*> makePages(Session& session);

} // namespace bitlathe::ui
