// SPDX-License-Identifier: GPL-3.0-or-later
// StatusLine: the corner of the window that says what works and what was found, whatever page is in front.
#pragma once

#include "ui/bridge/session.h"

#include <QWidget>

class QAction;
class QProgressBar;
class QToolButton;

namespace bitlathe::ui
{

class ElidedLabel;

/// The running job with its progress, how many wait, and buttons of the docks.
class StatusLine : public QWidget
{
    Q_OBJECT

public:
    /// The actions show and hide the docks.
    StatusLine(Session& session, QAction* jobs, QAction* log, QWidget* parent = nullptr);

private:
    void update();

    Session& m_session;
    ElidedLabel* m_job;
    QProgressBar* m_progress;
    QToolButton* m_jobs;
    QToolButton* m_log;
};

} // namespace bitlathe::ui
