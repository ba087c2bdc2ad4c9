// SPDX-License-Identifier: Apache-2.0
// JobQueue: each job that runs has a thread, one starts them, another tells the listener, so that none waits for another.
#include "core/run/jobqueue.h"

#include "core/base/log.h"
#include "core/base/machine.h"

#include <algorithm>
#include <condition_variable>
#include <deque>
#include <map>
#include <mutex>
#include <set>
#include <thread>

namespace bitlathe::run
{

namespace
{

using Clock = std::chrono::steady_clock;
constexpr auto kProgressInterval = std::chrono::milliseconds(100);
/// Below these nothing is said of the time that is left: first steps are not like the others.
constexpr double kFractionToTell = 0.02;
constexpr double kSecondsToTell = 0.5;
/// How often memory is looked at while a job waits for it.
constexpr auto kMemoryInterval = std::chrono::milliseconds(500);
constexpr auto kIdleInterval = std::chrono::hours(1);

std::uint64_t memoryForJobs()
{
    return machineFacts().bytesRamAvailable + residentBytes();
}

double secondsBetween(Clock::time_point from, Clock::time_point to)
{
    return std::chrono::duration<double>(to - from).count();
}

struct Job
{
    JobStatus status;
    JobNeeds needs;
    bool wasStarted = false;  ///< The next call of the work is a resume.
    bool isEstimated = false; ///< Or being estimated.
    bool anyway = false;      ///< Whatever memory is left.
    JobWork work;
    std::function<kernels::MemoryUse()> device; ///< May be empty.
    std::stop_source stop;
    Clock::time_point segmentStart; ///< Of the work's present call.
    double secondsBefore = 0;       ///< Of earlier calls.
    double fractionFirst = -1;      ///< At the first report of the present call; negative: none yet.
    Clock::time_point firstReport;
    Clock::time_point recentReport; ///< A point some seconds back, for the recent speed.
    double fractionRecent = 0;
};

bool isFinal(JobState state)
{
    return state == JobState::Done || state == JobState::Failed || state == JobState::Cancelled;
}

/// Seconds left: between what the speed since the start and the speed of the last seconds promise, and somewhat wider.
void estimateTimeLeft(Job& job, Clock::time_point now)
{
    job.status.secondsLeftLow = job.status.secondsLeftHigh = -1;
    const double done = job.status.fraction - job.fractionFirst;
    const double seconds = secondsBetween(job.firstReport, now);
    if (job.fractionFirst < 0 || done < kFractionToTell || seconds < kSecondsToTell) {
        return;
    }
    const double left = 1 - job.status.fraction;
    const double whole = left * seconds / done;
    const double recentDone = job.status.fraction - job.fractionRecent;
    const double recent = recentDone > 0 ? left * secondsBetween(job.recentReport, now) / recentDone : whole;
    job.status.secondsLeftLow = 0.85 * std::min(whole, recent);
    job.status.secondsLeftHigh = 1.25 * std::max(whole, recent);
}

} // namespace

struct JobQueue::Data
{
    explicit Data(JobListener toCall) : listener(std::move(toCall)) {}

    JobListener listener;
    mutable std::mutex mutex;
    std::condition_variable toWork; ///< A job was queued or ended or may start, or the queue closes.
    std::condition_variable toTell; ///< A status changed, or the queue closes.
    bool closing = false;
    bool telling = true; ///< False: the listener's thread ends when nothing is left to tell.
    std::int64_t lastId = 0;
    std::map<JobId, Job> all;
    std::deque<JobId> queued;
    std::set<JobId> running;
    int atOnce = 1;
    std::function<std::uint64_t()> memory = memoryForJobs;
    std::set<JobId> progressed;   ///< Told at most every kProgressInterval.
    std::deque<JobStatus> states; ///< Of changed ones, so that no state is skipped.
    std::vector<JobId> ended;                ///< Jobs whose threads are to be joined.
    std::map<JobId, std::jthread> threads;   ///< The starter's own.
    std::jthread starter;
    std::jthread teller;

    Job* find(JobId id)
    {
        const auto found = all.find(id);
        return found == all.end() ? nullptr : &found->second;
    }

    /// The status as it is now. Locked by the caller.
    JobStatus snapshot(Job& job)
    {
        const Clock::time_point now = Clock::now();
        if (job.status.state == JobState::Running || job.status.state == JobState::Pausing ||
            job.status.state == JobState::Cancelling) {
            job.status.secondsElapsed = job.secondsBefore + secondsBetween(job.segmentStart, now);
            estimateTimeLeft(job, now);
        } else {
            job.status.secondsLeftLow = job.status.secondsLeftHigh = -1;
        }
        if (job.device) {
            const kernels::MemoryUse use = job.device();
            job.status.bytesVram = use.bytesUsed;
            job.status.bytesPeakVram = std::max(job.status.bytesPeakVram, use.bytesPeak);
        }
        return job.status;
    }

    /// Locked by the caller.
    void setState(Job& job, JobState state)
    {
        job.status.state = state;
        if (state != JobState::Queued) {
            job.status.wait = JobWait::Turn;
        }
        states.push_back(snapshot(job));
        progressed.erase(job.status.id); // Told with the state.
        toTell.notify_one();
    }

    void onProgress(JobId id, double fraction, const Text& title)
    {
        const std::lock_guard lock(mutex);
        Job& job = all.at(id);
        const Clock::time_point now = Clock::now();
        // Several threads report: an older, smaller number may come later.
        job.status.fraction = std::clamp(std::max(job.status.fraction, fraction), 0.0, 1.0);
        if (!title.empty()) {
            job.status.step = title;
        }
        if (job.fractionFirst < 0) {
            job.fractionFirst = job.fractionRecent = job.status.fraction;
            job.firstReport = job.recentReport = now;
        } else if (secondsBetween(job.recentReport, now) > 10) {
            job.recentReport += (now - job.recentReport) / 2;
            job.fractionRecent += (job.status.fraction - job.fractionRecent) / 2;
        }
        progressed.insert(id);
        toTell.notify_one();
    }

    void waits(Job& job, JobWait wait, std::uint64_t bytesLeft);
    bool mayStart(Job& job, std::uint64_t bytesForJobs);
    std::optional<JobId> next(std::unique_lock<std::mutex>& lock);
    void joinEnded(std::unique_lock<std::mutex>& lock);
    void carryOut(JobId id);
    void startJobs();
    void tell();
    Result<void> call(JobId id, const JobWork& toDo, bool resume, const std::stop_token& stop);
    void settle(Job& job, const Result<void>& result);
};

Result<void> JobQueue::Data::call(JobId id, const JobWork& toDo, bool resume, const std::stop_token& stop)
{
    const WorkContext context{
        ProgressSink([this, id](double fraction, const Text& title) { onProgress(id, fraction, title); }), stop};
    const LogOrigin origin(id.value());
    try {
        return toDo(context, resume);
    } catch (const std::exception& exception) {
        return fail(ErrorCode::Internal, {}, {}, Text(BITLATHE_TEXT("a fault in the program (%1)"), exception.what()),
                    Text(BITLATHE_TEXT("Please report it together with the log")));
    }
}

/// What has become of a job whose work returned. Locked by the caller.
void JobQueue::Data::settle(Job& job, const Result<void>& result)
{
    job.secondsBefore += secondsBetween(job.segmentStart, Clock::now());
    job.status.secondsElapsed = job.secondsBefore;
    job.status.bytesPeakRss = std::max(job.status.bytesPeakRss, peakResidentBytes());
    job.device = nullptr;
    job.status.bytesVram = 0;
    if (result) {
        job.status.fraction = 1;
        setState(job, JobState::Done);
    } else if (result.error().code != ErrorCode::Cancelled) {
        job.status.error = result.error();
        setState(job, JobState::Failed);
    } else {
        setState(job, job.status.state == JobState::Pausing ? JobState::Paused : JobState::Cancelled);
    }
}

/// Says what a queued job waits for, where that is something else than before. Locked by the caller.
void JobQueue::Data::waits(Job& job, JobWait wait, std::uint64_t bytesLeft)
{
    job.status.bytesLeft = bytesLeft;
    if (job.status.wait != wait) {
        job.status.wait = wait;
        setState(job, JobState::Queued);
    }
}

/// Whether the first of the queued jobs may start beside those that run; else it says why. Locked by the caller.
bool JobQueue::Data::mayStart(Job& job, std::uint64_t bytesForJobs)
{
    std::uint64_t taken = 0;
    for (const JobId id : running) {
        const Job& other = all.at(id);
        if (other.needs.alone || job.needs.alone) {
            waits(job, JobWait::Others, 0);
            return false;
        }
        taken += other.status.bytesEstimated;
    }
    const std::uint64_t left = bytesForJobs - std::min(bytesForJobs, taken);
    if (!job.anyway && job.status.bytesEstimated > left) {
        waits(job, JobWait::Memory, left);
        return false;
    }
    return true;
}

/// The job that is to run now, taken off the queue, or nothing. Unlocks while it finds out what a job takes.
std::optional<JobId> JobQueue::Data::next(std::unique_lock<std::mutex>& lock)
{
    while (!closing && !queued.empty() && std::ssize(running) < atOnce) {
        const JobId id = queued.front();
        Job& job = all.at(id);
        const bool first = !std::exchange(job.isEstimated, true);
        auto estimate = std::exchange(job.needs.bytesPeak, {}); // Asked once: it may hold an opened model.
        const auto bytesForJobs = memory;
        lock.unlock();
        const std::uint64_t bytes = estimate ? estimate() : 0;
        estimate = nullptr;
        const std::uint64_t most = bytesForJobs();
        lock.lock();
        if (first) {
            job.status.bytesEstimated = bytes;
        }
        if (!ended.empty() || queued.empty() || queued.front() != id) {
            joinEnded(lock); // Maybe this one's own thread, from before it was paused.
            continue;        // Or it was moved, held or cancelled meanwhile.
        }
        if (closing || !mayStart(job, most)) {
            return std::nullopt;
        }
        queued.pop_front();
        return id;
    }
    return std::nullopt;
}

/// Runs a job that was taken off the queue and set running; on its own thread.
void JobQueue::Data::carryOut(JobId id)
{
    std::unique_lock lock(mutex);
    Job& job = all.at(id);
    const bool resume = std::exchange(job.wasStarted, true);
    const std::stop_token stop = job.stop.get_token();
    JobWork toDo = std::exchange(job.work, {});
    lock.unlock();
    const Result<void> result = call(id, toDo, resume, stop);
    lock.lock();
    settle(job, result);
    if (job.status.state == JobState::Paused) {
        job.work = std::exchange(toDo, {});
    }
    running.erase(id);
    ended.push_back(id);
    toWork.notify_all();
    // What a finished job holds on to, such as an opened model, goes with its end, but not under the lock.
    lock.unlock();
}

void JobQueue::Data::joinEnded(std::unique_lock<std::mutex>& lock)
{
    for (const JobId id : std::exchange(ended, {})) {
        const auto thread = threads.extract(id);
        lock.unlock();
        thread.mapped().join();
        lock.lock();
    }
}

void JobQueue::Data::startJobs()
{
    std::unique_lock lock(mutex);
    while (!closing) {
        joinEnded(lock);
        if (const std::optional<JobId> id = next(lock)) {
            Job& job = all.at(*id);
            running.insert(*id);
            job.stop = std::stop_source();
            job.segmentStart = Clock::now();
            job.fractionFirst = -1;
            setState(job, JobState::Running);
            threads[*id] = std::jthread([this, id = *id] { carryOut(id); });
        } else if (!closing && ended.empty()) {
            // Memory comes and goes without telling.
            const bool forMemory = !queued.empty() && all.at(queued.front()).status.wait == JobWait::Memory;
            toWork.wait_for(lock, forMemory ? kMemoryInterval : kIdleInterval);
        }
    }
    lock.unlock();
    threads.clear(); // Joins.
}

void JobQueue::Data::tell()
{
    Clock::time_point lastProgress;
    std::unique_lock lock(mutex);
    while (true) {
        toTell.wait(lock, [this] { return !telling || !states.empty() || !progressed.empty(); });
        if (states.empty() && !telling) {
            return;
        }
        if (states.empty()) {
            // Only progress: wait until it is due, or until a state change makes it urgent.
            toTell.wait_until(lock, lastProgress + kProgressInterval, [this] { return !telling || !states.empty(); });
        }
        std::deque<JobStatus> toSay;
        toSay.swap(states);
        if (toSay.empty()) {
            for (const JobId id : progressed) {
                toSay.push_back(snapshot(all.at(id)));
            }
            progressed.clear();
            lastProgress = Clock::now();
        }
        lock.unlock();
        for (JobStatus& status : toSay) {
            status.bytesPeakRss = std::max(status.bytesPeakRss, peakResidentBytes());
            if (listener) {
                listener(status);
            }
        }
        lock.lock();
    }
}

JobQueue::JobQueue(JobListener listener) : m_data(std::make_unique<Data>(std::move(listener)))
{
    m_data->starter = std::jthread([data = m_data.get()] { data->startJobs(); });
    m_data->teller = std::jthread([data = m_data.get()] { data->tell(); });
}

JobQueue::~JobQueue()
{
    std::vector<std::stop_source> running;
    {
        const std::lock_guard lock(m_data->mutex);
        m_data->closing = true;
        for (auto& [id, job] : m_data->all) {
            running.push_back(job.stop);
        }
        m_data->toWork.notify_all();
    }
    for (std::stop_source& stop : running) {
        stop.request_stop(); // May run callbacks of the work: never under the lock.
    }
    m_data->starter.join(); // Which joins the jobs.
    {
        const std::lock_guard lock(m_data->mutex);
        m_data->telling = false;
        m_data->toTell.notify_all();
    }
    m_data->teller.join();
}

JobId JobQueue::add(Text title, bool canPause, JobWork work)
{
    return add(std::move(title), JobNeeds{canPause, false, {}}, std::move(work));
}

JobId JobQueue::add(Text title, JobNeeds needs, JobWork work)
{
    const std::lock_guard lock(m_data->mutex);
    const JobId id(++m_data->lastId);
    Job& job = m_data->all[id];
    job.status.id = id;
    job.status.title = std::move(title);
    job.needs = std::move(needs);
    job.work = std::move(work);
    m_data->queued.push_back(id);
    m_data->setState(job, JobState::Queued);
    m_data->toWork.notify_all();
    return id;
}

void JobQueue::pause(JobId id)
{
    std::stop_source stop(std::nostopstate);
    {
        const std::lock_guard lock(m_data->mutex);
        Job* job = m_data->find(id);
        if (job == nullptr || !job->needs.canPause) {
            return;
        }
        if (job->status.state == JobState::Queued) {
            std::erase(m_data->queued, id);
            m_data->setState(*job, JobState::Paused);
        } else if (job->status.state == JobState::Running) {
            m_data->setState(*job, JobState::Pausing);
            stop = job->stop;
        }
    }
    stop.request_stop();
}

void JobQueue::resume(JobId id)
{
    const std::lock_guard lock(m_data->mutex);
    Job* job = m_data->find(id);
    if (job == nullptr || job->status.state != JobState::Paused) {
        return;
    }
    m_data->queued.push_front(id);
    m_data->setState(*job, JobState::Queued);
    m_data->toWork.notify_all();
}

void JobQueue::cancel(JobId id)
{
    std::stop_source stop(std::nostopstate);
    JobWork dropped;
    std::function<std::uint64_t()> unasked;
    {
        const std::lock_guard lock(m_data->mutex);
        Job* job = m_data->find(id);
        if (job == nullptr) {
            return;
        }
        switch (job->status.state) {
        case JobState::Queued:
        case JobState::Paused:
            std::erase(m_data->queued, id);
            dropped = std::exchange(job->work, {});
            unasked = std::exchange(job->needs.bytesPeak, {});
            m_data->setState(*job, JobState::Cancelled);
            break;
        case JobState::Running:
        case JobState::Pausing:
            m_data->setState(*job, JobState::Cancelling);
            stop = job->stop;
            break;
        case JobState::Cancelling:
        case JobState::Done:
        case JobState::Failed:
        case JobState::Cancelled: break;
        }
    }
    stop.request_stop();
}

void JobQueue::moveTo(JobId id, int place)
{
    const std::lock_guard lock(m_data->mutex);
    std::deque<JobId>& queued = m_data->queued;
    if (std::erase(queued, id) == 0) {
        return;
    }
    queued.insert(queued.begin() + std::clamp<std::ptrdiff_t>(place, 0, std::ssize(queued)), id);
    for (const JobId each : queued) {
        m_data->waits(m_data->all.at(each), JobWait::Turn, 0); // Until the queue has looked at its new front.
    }
    m_data->setState(m_data->all.at(id), JobState::Queued);
    m_data->toWork.notify_all();
}

void JobQueue::startAnyway(JobId id)
{
    const std::lock_guard lock(m_data->mutex);
    if (Job* job = m_data->find(id)) {
        job->anyway = true;
        m_data->toWork.notify_all();
    }
}

void JobQueue::watchDevice(JobId id, std::function<kernels::MemoryUse()> use)
{
    const std::lock_guard lock(m_data->mutex);
    if (Job* job = m_data->find(id); job != nullptr && m_data->running.contains(id)) {
        job->device = std::move(use);
    }
}

void JobQueue::setAtOnce(int jobs)
{
    const std::lock_guard lock(m_data->mutex);
    m_data->atOnce = std::clamp(jobs, 1, kAtOnceMost);
    m_data->toWork.notify_all();
}

void JobQueue::setMemory(std::function<std::uint64_t()> bytes)
{
    const std::lock_guard lock(m_data->mutex);
    m_data->memory = std::move(bytes);
    m_data->toWork.notify_all();
}

std::vector<JobStatus> JobQueue::jobs() const
{
    const std::lock_guard lock(m_data->mutex);
    // Running first, then queued in their order, then the rest, newest first: as a dock shows them.
    std::vector<JobStatus> running;
    std::vector<JobStatus> others;
    for (auto entry = m_data->all.rbegin(); entry != m_data->all.rend(); ++entry) {
        Job& job = entry->second;
        switch (job.status.state) {
        case JobState::Running:
        case JobState::Pausing:
        case JobState::Cancelling: running.push_back(m_data->snapshot(job)); break;
        case JobState::Queued: break;
        case JobState::Paused:
        case JobState::Done:
        case JobState::Failed:
        case JobState::Cancelled: others.push_back(m_data->snapshot(job)); break;
        }
    }
    for (const JobId id : m_data->queued) {
        running.push_back(m_data->snapshot(m_data->all.at(id)));
    }
    running.insert(running.end(), others.begin(), others.end());
    return running;
}

bool JobQueue::busy() const
{
    const std::lock_guard lock(m_data->mutex);
    return std::any_of(m_data->all.begin(), m_data->all.end(), [](const auto& entry) {
        const JobState state = entry.second.status.state;
        return !isFinal(state) && state != JobState::Paused;
    });
}

} // namespace bitlathe::run
