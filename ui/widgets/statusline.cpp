// SPDX-License-Identifier: GPL-3.0-or-later
// StatusLine: the corner of the window that says what works and what was found, whatever page is in front.
#include "ui/widgets/statusline.h"

#include "ui/bridge/numbers.h"
#include "ui/theme/theme.h"
#include "ui/widgets/elidedlabel.h"

#include <QAction>
#include <QHBoxLayout>
#include <QProgressBar>
#include <QToolButton>

#include <cmath>

namespace bitlathe::ui
{

namespace
{
constexpr int kPerMille = 1000;
} // namespace

StatusLine::StatusLine(Session& session, QAction* jobs, QAction* log, QWidget* parent)
    : QWidget(parent), m_session(session), m_job(new ElidedLabel(this)), m_progress(new QProgressBar(this)),
      m_jobs(new QToolButton(this)), m_log(new QToolButton(this))
{
    m_job->setAlignment(Qt::AlignRight | Qt::AlignVCenter);
    m_job->setForegroundRole(QPalette::PlaceholderText);
    m_job->setMinimumWidth(40 * kGrid);
    m_progress->setRange(0, kPerMille);
    m_progress->setTextVisible(false);
    m_progress->setFixedWidth(12 * kGrid);
    m_progress->setAccessibleName(tr("Progress of the running job"));
    const auto setUp = [](QToolButton* button, QAction* action) {
        button->setDefaultAction(action);
        button->setAutoRaise(true);
        button->setFocusPolicy(Qt::NoFocus); // the keys of the actions do it
        button->setToolButtonStyle(Qt::ToolButtonTextBesideIcon);
    };
    setUp(m_jobs, jobs);
    setUp(m_log, log);
    auto* line = new QHBoxLayout(this);
    line->setContentsMargins(0, 0, kGrid / 2, 0);
    line->setSpacing(kGrid);
    line->addWidget(m_job, 1);
    line->addWidget(m_progress);
    line->addWidget(m_jobs);
    line->addWidget(m_log);
    connect(&session, &Session::jobChanged, this, &StatusLine::update);
    update();
}

void StatusLine::update()
{
    const std::vector<run::JobStatus> jobs = m_session.jobs().jobs();
    const run::JobStatus* running = nullptr;
    int waiting = 0;
    for (const run::JobStatus& job : jobs) {
        using enum run::JobState;
        if (job.state == Running || job.state == Pausing || job.state == Cancelling) {
            running = &job;
        }
        waiting += job.state == Queued || job.state == Paused ? 1 : 0;
    }
    QStringList parts;
    if (running != nullptr) {
        parts << translated(running->title);
        if (const QString left = formatDurationRange(running->secondsLeftLow, running->secondsLeftHigh); !left.isEmpty()) {
            parts << tr("%1 left").arg(left);
        }
        m_progress->setValue(static_cast<int>(std::lround(running->fraction * kPerMille)));
    }
    if (waiting > 0) {
        parts << tr("%n waiting", nullptr, waiting);
    }
    m_progress->setVisible(running != nullptr);
    m_job->setText(parts.join(QStringLiteral("  ·  ")));
}

} // namespace bitlathe::ui
