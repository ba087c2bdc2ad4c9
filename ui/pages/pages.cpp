// SPDX-License-Identifier: GPL-3.0-or-later
// The pages of the rail, in its order.
#include "ui/pages/pages.h"

#include "ui/pages/advicepage.h"
#include "ui/pages/budgetpage.h"
#include "ui/pages/comparepage.h"
#include "ui/pages/historypage.h"
#include "ui/pages/layerspage.h"
#include "ui/pages/modelpage.h"
#include "ui/pages/reportpage.h"
#include "ui/pages/startpage.h"
#include "ui/pages/trypage.h"
#include "ui/pages/tunepage.h"
#include "ui/wizard/wizardpage.h"

namespace bitlathe::ui
{

std::vector<Page*> makePages(Session& session)
{
    return {
        new StartPage(session), new ModelPage(session),  new AdvicePage(session),  new WizardPage(session),
        new TunePage(session),  new BudgetPage(session), new LayersPage(session),  new ComparePage(session),
        new TryPage(session),   new ReportPage(session), new HistoryPage(session),
    };
}

} // namespace bitlathe::ui
