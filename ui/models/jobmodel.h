// SPDX-License-Identifier: GPL-3.0-or-later
// JobModel: the jobs of the queue as a table.
#pragma once

// Before the engine's headers: moc can't parse some headers of the standard library when they come first.
#include <QAbstractTableModel>

#include "core/run/jobqueue.h"

#include <vector>

namespace bitlathe::ui
{

/// Rows in the order in which jobs were queued or moved. Raw values under Qt::UserRole; queued rows can be dragged.
class JobModel : public QAbstractTableModel
{
    Q_OBJECT

public:
    enum Column { Title, State, Progress, TimeLeft, Elapsed, PeakMemory, DeviceMemory, ColumnCount };

    explicit JobModel(QObject* parent = nullptr) : QAbstractTableModel(parent) {}

    void setJobs(std::vector<run::JobStatus> jobs);
    void update(const run::JobStatus& job); ///< Appends a job that is not there yet.
    const std::vector<run::JobStatus>& jobs() const { return m_jobs; }
    const run::JobStatus* at(const QModelIndex& index) const;
    QModelIndex indexOf(JobId id) const;

    int rowCount(const QModelIndex& parent = {}) const override;
    int columnCount(const QModelIndex& parent = {}) const override;
    QVariant data(const QModelIndex& index, int role = Qt::DisplayRole) const override;
    QVariant headerData(int section, Qt::Orientation orientation, int role = Qt::DisplayRole) const override;
    Qt::ItemFlags flags(const QModelIndex& index) const override;
    Qt::DropActions supportedDropActions() const override { return Qt::MoveAction; }
    QStringList mimeTypes() const override;
    QMimeData* mimeData(const QModelIndexList& indexes) const override;
    bool dropMimeData(const QMimeData* data, Qt::DropAction action, int row, int column,
                      const QModelIndex& parent) override;

Q_SIGNALS:
    void moveRequested(bitlathe::JobId id, int place); ///< Among the queued ones.

private:
    std::vector<run::JobStatus> m_jobs;
};

/// "Running", "Paused", ... in the window's language, and the icon that goes with it.
QString jobStateText(run::JobState state);
QString jobStateIcon(run::JobState state);
/// Why a queued job does not start though its turn has come; empty: it has not, or the job is not queued.
QString jobWaitSentence(const run::JobStatus& job);

} // namespace bitlathe::ui
