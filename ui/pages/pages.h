// SPDX-License-Identifier: GPL-3.0-or-later
// The pages of the rail, in its order.
#pragma once

#include <functional>
#include <memory>
#include <vector>

namespace bitlathe::ui
{

class Page;
class Session;

/// Makes a page without a parent; the window takes it.
using PageMaker = std::function<std::unique_ptr<Page>(Session& session)>;
const std::vector<PageMaker>& pageMakers();

} // namespace bitlathe::ui
