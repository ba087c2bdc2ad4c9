// SPDX-License-Identifier: GPL-3.0-or-later
// The pages of the rail, in its order.
#include "ui/pages/pages.h"

#include "ui/pages/comparepage.h"
#include "ui/pages/reportpage.h"
#include "ui/pages/startpage.h"
#include "ui/pages/trypage.h"

namespace bitlathe::ui
{

std::vector<Page*> makePages(Session& session)
{
    return {
        new StartPage(session),
        // Model, New run, Tune, Layers, History
        new ComparePage(session),
        new TryPage(session),
        new ReportPage(session),
    };
}

} // namespace bitlathe::ui
