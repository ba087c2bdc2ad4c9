// SPDX-License-Identifier: GPL-3.0-or-later
// StartPage: recent models and runs, a drop target, the demo.
#include "ui/pages/startpage.h"

namespace bitlathe::ui
{

StartPage::StartPage(Session& session, QWidget* parent) : Page(session, parent) {}

QString StartPage::id() const
{
    return QStringLiteral("start");
}

QString StartPage::title() const
{
    return tr("Start");
}

} // namespace bitlathe::ui
