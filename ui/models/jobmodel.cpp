// SPDX-License-Identifier: GPL-3.0-or-later
// JobModel: the jobs of the queue as a table.
#include "ui/models/jobmodel.h"

#include "ui/bridge/numbers.h"
#include "ui/bridge/session.h"
#include "ui/theme/theme.h"

#include <QCoreApplication>
#include <QMimeData>

#include <algorithm>

namespace bitlathe::ui
{
namespace
{

using namespace Qt::StringLiterals;

const QString kMimeType = u"application/x-bitlathe-job"_s;

QString progressText(const run::JobStatus& job)
{
    const QString percent = formatPercent(job.fraction, 2);
    const bool works = job.state == run::JobState::Running || job.state == run::JobState::Pausing;
    return job.step.empty() || !works ? percent : u"%1 · %2"_s.arg(percent, translated(job.step));
}

QString stateText(const run::JobStatus& job)
{
    switch (job.wait) {
    case run::JobWait::Turn: return jobStateText(job.state);
    case run::JobWait::Others: return JobModel::tr("Waits for others");
    case run::JobWait::Memory: return JobModel::tr("Waits for memory");
    }
    return {};
}

/// Measured, else as estimated.
QString memoryText(const run::JobStatus& job)
{
    if (job.state == run::JobState::Queued) {
        if (job.bytesEstimated == 0) {
            return {};
        }
        return JobModel::tr("about %1").arg(formatBytes(job.bytesEstimated));
    }
    return job.bytesPeakRss == 0 ? QString() : formatBytes(job.bytesPeakRss);
}

/// What is in use now; of a job that does not run, what was at most.
QString deviceMemoryText(const run::JobStatus& job)
{
    const std::uint64_t bytes = job.bytesVram > 0 ? job.bytesVram : job.bytesPeakVram;
    return bytes == 0 ? QString() : formatBytes(bytes);
}

QVariant raw(JobModel::Column column, const run::JobStatus& job)
{
    switch (column) {
    case JobModel::Title: return translated(job.title);
    case JobModel::State: return static_cast<int>(job.state);
    case JobModel::Progress: return job.fraction;
    case JobModel::TimeLeft: return job.secondsLeftHigh;
    case JobModel::Elapsed: return job.secondsElapsed;
    case JobModel::PeakMemory: return QVariant::fromValue<qulonglong>(job.bytesPeakRss);
    case JobModel::DeviceMemory: return QVariant::fromValue<qulonglong>(job.bytesPeakVram);
    case JobModel::ColumnCount: break;
    }
    return {};
}

QString text(JobModel::Column column, const run::JobStatus& job)
{
    switch (column) {
    case JobModel::Title: return translated(job.title);
    case JobModel::State: return stateText(job);
    case JobModel::Progress: return progressText(job);
    case JobModel::TimeLeft: return formatDurationRange(job.secondsLeftLow, job.secondsLeftHigh);
    case JobModel::Elapsed: return job.state == run::JobState::Queued ? QString() : formatDuration(job.secondsElapsed);
    case JobModel::PeakMemory: return memoryText(job);
    case JobModel::DeviceMemory: return deviceMemoryText(job);
    case JobModel::ColumnCount: break;
    }
    return {};
}

} // namespace

QString jobWaitSentence(const run::JobStatus& job)
{
    switch (job.wait) {
    case run::JobWait::Turn: return {};
    case run::JobWait::Others:
        return JobModel::tr("Jobs that measure time or memory run alone: it starts when those before it are done.");
    case run::JobWait::Memory:
        return JobModel::tr("It takes about %1 of memory, and %2 are left. It starts when there is enough.")
            .arg(formatBytes(job.bytesEstimated), formatBytes(job.bytesLeft));
    }
    return {};
}

QString jobStateText(run::JobState state)
{
    const auto inLanguage = [](const char* word) { return QCoreApplication::translate("JobState", word); };
    switch (state) {
    case run::JobState::Queued: return inLanguage(QT_TRANSLATE_NOOP("JobState", "Queued"));
    case run::JobState::Running: return inLanguage(QT_TRANSLATE_NOOP("JobState", "Running"));
    case run::JobState::Pausing: return inLanguage(QT_TRANSLATE_NOOP("JobState", "Pausing"));
    case run::JobState::Paused: return inLanguage(QT_TRANSLATE_NOOP("JobState", "Paused"));
    case run::JobState::Cancelling: return inLanguage(QT_TRANSLATE_NOOP("JobState", "Cancelling"));
    case run::JobState::Done: return inLanguage(QT_TRANSLATE_NOOP("JobState", "Done"));
    case run::JobState::Failed: return inLanguage(QT_TRANSLATE_NOOP("JobState", "Failed"));
    case run::JobState::Cancelled: return inLanguage(QT_TRANSLATE_NOOP("JobState", "Cancelled"));
    }
    return {};
}

QString jobStateIcon(run::JobState state)
{
    switch (state) {
    case run::JobState::Queued: return u"queued"_s;
    case run::JobState::Running: return u"run"_s;
    case run::JobState::Pausing:
    case run::JobState::Paused: return u"pause"_s;
    case run::JobState::Cancelling:
    case run::JobState::Cancelled: return u"cancel"_s;
    case run::JobState::Done: return u"fine"_s;
    case run::JobState::Failed: return u"problem"_s;
    }
    return {};
}

void JobModel::setJobs(std::vector<run::JobStatus> jobs)
{
    beginResetModel();
    m_jobs = std::move(jobs);
    endResetModel();
}

void JobModel::update(const run::JobStatus& job)
{
    if (const QModelIndex place = indexOf(job.id); place.isValid()) {
        m_jobs[static_cast<std::size_t>(place.row())] = job;
        Q_EMIT dataChanged(place, place.siblingAtColumn(ColumnCount - 1));
        return;
    }
    const int row = rowCount();
    beginInsertRows({}, row, row);
    m_jobs.push_back(job);
    endInsertRows();
}

const run::JobStatus* JobModel::at(const QModelIndex& index) const
{
    return index.isValid() && index.row() < rowCount() ? &m_jobs[static_cast<std::size_t>(index.row())] : nullptr;
}

QModelIndex JobModel::indexOf(JobId id) const
{
    const auto found = std::find_if(m_jobs.begin(), m_jobs.end(), [id](const auto& job) { return job.id == id; });
    return found == m_jobs.end() ? QModelIndex() : index(static_cast<int>(found - m_jobs.begin()), 0);
}

int JobModel::rowCount(const QModelIndex& parent) const
{
    return parent.isValid() ? 0 : static_cast<int>(m_jobs.size());
}

int JobModel::columnCount(const QModelIndex& parent) const
{
    return parent.isValid() ? 0 : static_cast<int>(ColumnCount);
}

QVariant JobModel::data(const QModelIndex& index, int role) const
{
    const run::JobStatus* job = at(index);
    if (job == nullptr) {
        return {};
    }
    const auto column = static_cast<Column>(index.column());
    switch (role) {
    case Qt::DisplayRole: return text(column, *job);
    case Qt::UserRole: return raw(column, *job);
    case Qt::ToolTipRole:
        if (const QString wait = jobWaitSentence(*job); !wait.isEmpty()) {
            return wait;
        }
        if (column == DeviceMemory && job->bytesPeakVram > 0) {
            return tr("%1 in use, %2 at most").arg(formatBytes(job->bytesVram), formatBytes(job->bytesPeakVram));
        }
        return job->error ? translated(*job->error) : text(column, *job);
    case Qt::TextAlignmentRole:
        return column >= TimeLeft ? QVariant(Qt::AlignRight | Qt::AlignVCenter)
                                  : QVariant(Qt::AlignLeft | Qt::AlignVCenter);
    case Qt::DecorationRole:
        if (column == State) {
            const bool bad = job->state == run::JobState::Failed;
            const bool fine = job->state == run::JobState::Done;
            return Theme::instance().icon(jobStateIcon(job->state), bad    ? ColorId::VerdictBad
                                                                    : fine ? ColorId::VerdictFine
                                                                           : ColorId::TextMuted);
        }
        return {};
    default: return {};
    }
}

QVariant JobModel::headerData(int section, Qt::Orientation orientation, int role) const
{
    if (orientation != Qt::Horizontal) {
        return {};
    }
    if (role == Qt::ToolTipRole && section == PeakMemory) {
        return tr("Most memory of the whole program while the job ran; before it runs, what it is estimated to take");
    }
    if (role == Qt::ToolTipRole && section == DeviceMemory) {
        return tr("Memory of the GPU that the job has in use; once it is done, the most that it had");
    }
    if (role == Qt::TextAlignmentRole) {
        return section >= TimeLeft ? QVariant(Qt::AlignRight | Qt::AlignVCenter)
                                   : QVariant(Qt::AlignLeft | Qt::AlignVCenter);
    }
    if (role != Qt::DisplayRole) {
        return {};
    }
    switch (static_cast<Column>(section)) {
    case Title: return tr("Job");
    case State: return tr("State");
    case Progress: return tr("Progress");
    case TimeLeft: return tr("Time left");
    case Elapsed: return tr("Elapsed");
    case PeakMemory: return tr("Peak memory");
    case DeviceMemory: return tr("GPU memory");
    case ColumnCount: break;
    }
    return {};
}

Qt::ItemFlags JobModel::flags(const QModelIndex& index) const
{
    Qt::ItemFlags result = QAbstractTableModel::flags(index);
    if (const run::JobStatus* job = at(index)) {
        result |= Qt::ItemNeverHasChildren;
        if (job->state == run::JobState::Queued) {
            result |= Qt::ItemIsDragEnabled;
        }
        return result;
    }
    return result | Qt::ItemIsDropEnabled; // between rows only
}

QStringList JobModel::mimeTypes() const
{
    return {kMimeType};
}

QMimeData* JobModel::mimeData(const QModelIndexList& indexes) const
{
    auto* data = new QMimeData; // the view owns it
    if (const run::JobStatus* job = indexes.isEmpty() ? nullptr : at(indexes.first())) {
        data->setData(kMimeType, QByteArray::number(static_cast<qlonglong>(job->id.value())));
    }
    return data;
}

bool JobModel::dropMimeData(const QMimeData* data, Qt::DropAction, int row, int, const QModelIndex& parent)
{
    bool valid = false;
    const JobId id(data->data(kMimeType).toLongLong(&valid));
    if (!valid) {
        return false;
    }
    const int wanted = row >= 0 ? row : parent.isValid() ? parent.row() : rowCount();
    int place = 0;
    for (int i = 0; i < std::min(wanted, rowCount()); ++i) {
        const run::JobStatus& job = m_jobs[static_cast<std::size_t>(i)];
        place += job.state == run::JobState::Queued && job.id != id ? 1 : 0;
    }
    Q_EMIT moveRequested(id, place);
    return false; // the queue's new order arrives as a new list; the view must not remove the row itself
}

} // namespace bitlathe::ui
