// SPDX-License-Identifier: Apache-2.0
// JobQueue: jobs one after another, or side by side where memory allows, with pause, resume, cancel.
#pragma once

#include "core/base/ids.h"
#include "core/base/progress.h"
#include "core/base/result.h"
#include "kernels/memory.h"

#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace bitlathe::run
{

enum class JobState { Queued, Running, Pausing, Paused, Cancelling, Done, Failed, Cancelled };

/// What a queued job waits for: those before it, jobs that may not run beside it, or memory (startAnyway() starts it).
enum class JobWait { Turn, Others, Memory };

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
    std::uint64_t bytesVram = 0;      ///< Of a GPU's memory, that it has in use now.
    std::uint64_t bytesPeakVram = 0;
    std::uint64_t bytesEstimated = 0; ///< Of memory at its peak; 0: not known, or not yet.
    JobWait wait = JobWait::Turn;     ///< Of a queued job.
    std::uint64_t bytesLeft = 0;      ///< That it could have now, while it waits for memory.
    std::optional<Error> error;
};

/// What a job asks of the queue.
struct JobNeeds
{
    bool canPause = false;
    bool alone = false; ///< It measures time or memory, or nobody knows what it takes: nothing may run beside it.
    /// Bytes of memory at its peak, 0: not known. Called once, on a thread of the queue, when the job's turn has come.
    std::function<std::uint64_t()> bytesPeak;
};

/// The work of a job. Pausing stops it (its state on disk is enough to go on): it returns Cancelled, and is called
/// again with resume = true when the job goes on.
using JobWork = std::function<Result<void>(const WorkContext& work, bool resume)>;

/// Called on the queue's thread whenever a job's status changed, at most every 100 ms for progress alone.
using JobListener = std::function<void(const JobStatus&)>;

/// Starts jobs in order. One whose turn has come waits, and says so, while its estimated memory does not fit into what
/// the machine has left beside the jobs that run; those behind it wait with it. Public functions: any thread; none waits
/// for work but the destructor, which requests stop and joins.
class JobQueue
{
public:
    static constexpr int kAtOnceMost = 4;

    explicit JobQueue(JobListener listener);
    ~JobQueue();
    JobQueue(const JobQueue&) = delete;
    JobQueue& operator=(const JobQueue&) = delete;

    JobId add(Text title, JobNeeds needs, JobWork work);
    JobId add(Text title, bool canPause, JobWork work); ///< Of a job that needs nothing else.
    void pause(JobId id);
    void resume(JobId id);
    void cancel(JobId id);
    void moveTo(JobId id, int place); ///< Among the queued ones.
    void startAnyway(JobId id);       ///< Its turn come, it starts whatever memory is left.
    /// What a running job has in use of a device's memory, asked whenever its status is told, until its work returns.
    void watchDevice(JobId id, std::function<kernels::MemoryUse()> use);
    void setAtOnce(int jobs);         ///< How many may run side by side: 1 (at first) ... kAtOnceMost.
    /// Bytes that jobs of this process may take in all; by default what the machine has available beside those that this
    /// process holds.
    void setMemory(std::function<std::uint64_t()> bytes);
    std::vector<JobStatus> jobs() const;
    bool busy() const;

private:
    struct Data;
    std::unique_ptr<Data> m_data;
};

} // namespace bitlathe::run
