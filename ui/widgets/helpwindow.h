// SPDX-License-Identifier: GPL-3.0-or-later
// HelpWindow: first steps, and all keys as the window's actions say them.
#pragma once

#include <QAction>
#include <QDialog>
#include <QList>

namespace bitlathe::ui
{

class HelpWindow : public QDialog
{
    Q_OBJECT

public:
    /// actions: those whose keys are listed.
    explicit HelpWindow(const QList<QAction*>& actions, QWidget* parent = nullptr);

private:
    static QString steps();
    static QString keys(const QList<QAction*>& actions);
};

} // namespace bitlathe::ui
