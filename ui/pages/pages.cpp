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

namespace
{

template <typename Kind>
PageMaker maker()
{
    return [](Session& session) { return std::make_unique<Kind>(session); };
}

} // namespace

const std::vector<PageMaker>& pageMakers()
{
    static const std::vector<PageMaker> makers{
        maker<StartPage>(),  maker<ModelPage>(),  maker<AdvicePage>(),  maker<WizardPage>(),
        maker<TunePage>(),   maker<BudgetPage>(), maker<LayersPage>(),  maker<ComparePage>(),
        maker<TryPage>(),    maker<ReportPage>(), maker<HistoryPage>(),
    };
    return makers;
}

} // namespace bitlathe::ui
