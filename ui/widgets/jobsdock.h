// SPDX-License-Identifier: GPL-3.0-or-later
// JobsDock: the queue with progress, and the live layers, findings and log of the selected job.
#pragma once

#include "ui/bridge/session.h"

#include <QDockWidget>

class QLabel;
class QTableView;
class QTabWidget;
class QTreeView;

namespace bitlathe::ui
{

class EmptyState;
class FindingModel;
class JobModel;
class LogView;
class RunLayerModel;

/// Space pauses or resumes the selected job, Ctrl+. or Esc cancels it, dragging changes the order of queued ones.
class JobsDock : public QDockWidget
{
    Q_OBJECT

public:
    explicit JobsDock(Session& session, QWidget* parent = nullptr);

    JobId selectedJob() const;
    void cancelSelected();
    void selectNewestRun(); ///< Else the newest job.
    void addView(QWidget* view, const QString& icon, const QString& title); ///< Beside the selected job's own.

Q_SIGNALS:
    void message(const QString& sentence);
    void pageRequested(const QString& id);

protected:
    bool eventFilter(QObject* watched, QEvent* event) override;

private:
    void buildActions();
    QWidget* buildList();
    QWidget* buildDetails();
    QAction* makeAction(const QString& id, const QString& icon, const QString& text, const QString& tip,
                        void (JobsDock::*slot)());
    void onJobChanged(const run::JobStatus& status);
    void onJobMoved(JobId id, int place);
    void reload(); ///< The queue's order; the selection stays.
    void showSelected();
    void updateActions();
    void updateTabs();

    void toggleSelected();
    void startSelected();
    void retrySelected();
    void copyCommand();
    void saveRecipe();
    void openFolder();
    void showLayers();

    Session& m_session;
    JobModel* m_jobs;
    RunLayerModel* m_layers;
    FindingModel* m_findings;
    QTreeView* m_list = nullptr;
    QTabWidget* m_details = nullptr;
    QTableView* m_layerTable = nullptr;
    QTableView* m_findingTable = nullptr;
    LogView* m_log = nullptr;
    QAction* m_toggle = nullptr;
    QAction* m_cancel = nullptr;
    QAction* m_start = nullptr;
    QAction* m_retry = nullptr;
    QAction* m_copy = nullptr;
    QAction* m_save = nullptr;
    QAction* m_folder = nullptr;
    QAction* m_show = nullptr;
    JobId m_shown;
    int m_chosenView = 0; ///< What a person wants to see of every job that has it.
};

} // namespace bitlathe::ui
