// SPDX-License-Identifier: GPL-3.0-or-later
// StartPage: recent models and runs, a drop target, the demo.
#pragma once

#include "ui/pages/page.h"

namespace bitlathe::ui
{

class StartPage : public Page
{
    Q_OBJECT

public:
    explicit StartPage(Session& session, QWidget* parent = nullptr);

    QString id() const override;
    QString title() const override;
};

} // namespace bitlathe::ui
