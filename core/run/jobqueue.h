// SPDX-License-Identifier: Apache-2.0
// JobQueue: jobs one after another on a thread of their own, with pause, resume, cancel.
#pragma once

#include "core/base/ids.h"
#include "core/base/progress.h"
#include "core/base/result.h"

#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace bitlathe::run
{

enum class JobState { Queued, Running, Pausing, Paused, Cancelling, Done, Failed, Cancelled };

/// What is known of a job, as a value.
struct JobStatus
{
    JobId id;
    Text title;
    JobState state = JobState::Queued;
    double fraction = 0;
    Text step; ///< Title of what it does now.
    double secondsElapsed = 0;
    double secondsLeftLow = -1; ///< Negative: not known yet.
    double secondsLeftHigh = -1;
    std::uint64_t bytesPeakRss = 0;
    std::optional<Error> error;
};

/// The work of a job. Pausing stops it (its state on disk is enough to go on): it returns Cancelled, and is called
/// again with resume = true when the job goes on.
using JobWork = std::function<Result<void>(const WorkContext& work, bool resume)>;

/// Called on the queue's thread whenever a job's status changed, at most every 100 ms for progress alone.
using JobListener = std::function<void(const JobStatus&)>;

/// Runs jobs in order. Public functions: any thread; none waits for work but the destructor, which requests stop and
/// joins.
class JobQueue
{
public:
    explicit JobQueue(JobListener listener);
    ~JobQueue();
    JobQueue(const JobQueue&) = delete;
    JobQueue& operator=(const JobQueue&) = delete;

    JobId add(Text title, bool canPause, JobWork work);
    void pause(JobId id);
    void resume(JobId id);
    void cancel(JobId id);
    void moveTo(JobId id, int place); ///< Among the queued ones.
    std::vector<JobStatus> jobs() const;
    bool busy() const;

private:
    struct Data;
    std::unique_ptr<Data> m_data;
};

} // namespace bitlathe::run
