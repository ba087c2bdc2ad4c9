// SPDX-License-Identifier: Apache-2.0
// The thread pool: one TBB arena of the chosen size.
#include "kernels/threads.h"

#include <oneapi/tbb/global_control.h>
#include <oneapi/tbb/info.h>
#include <oneapi/tbb/parallel_for.h>
#include <oneapi/tbb/partitioner.h>
#include <oneapi/tbb/task_arena.h>

#include <algorithm>
#include <memory>
#include <mutex>
#include <vector>

#ifdef __SANITIZE_THREAD__
#    include <sanitizer/tsan_interface.h>
#endif

namespace bitlathe::kernels
{

namespace
{

/// An arena of a fixed size, with the permission to use that many threads.
struct Pool
{
    explicit Pool(int count)
        : threads(count),
          allowed(oneapi::tbb::global_control::max_allowed_parallelism, static_cast<std::size_t>(count)),
          arena(count)
    {}

    int threads;
    oneapi::tbb::global_control allowed;
    oneapi::tbb::task_arena arena;
};

/// Tells the thread sanitizer how values get from one thread to others: TBB, which lies between them, was built
/// without it. What was done before give() is done for whoever calls take() behind it.
class Handover
{
public:
#ifdef __SANITIZE_THREAD__
    void give()
    {
        __tsan_release(this);
    }
    void take()
    {
        __tsan_acquire(this);
    }
#else
    void give() {}
    void take() {}
#endif
};

std::mutex poolMutex;
int chosenCount = 0;                                               ///< By setThreadCount().
std::vector<std::pair<const ThreadCountScope*, int>> scopedCounts; ///< By those that live, the newest last.

std::shared_ptr<Pool>& poolSlot()
{
    static std::shared_ptr<Pool> pool;
    return pool;
}

int coresOfProcess()
{
    return std::max(1, oneapi::tbb::info::default_concurrency());
}

/// The pool in use. Callers hold it while they work, so that setThreadCount may replace it at any time.
std::shared_ptr<Pool> currentPool()
{
    const std::scoped_lock lock(poolMutex);
    auto& pool = poolSlot();
    if (!pool) {
        pool = std::make_shared<Pool>(coresOfProcess());
    }
    return pool;
}

/// Under poolMutex: makes the pool one of the size that counts now.
void updatePool()
{
    const int count = scopedCounts.empty() ? chosenCount : scopedCounts.back().second;
    const int wanted = count <= 0 ? coresOfProcess() : std::min(count, coresOfProcess());
    auto& pool = poolSlot();
    if (!pool || pool->threads != wanted) {
        pool.reset();
        pool = std::make_shared<Pool>(wanted);
    }
}

} // namespace

void setThreadCount(int count)
{
    const std::scoped_lock lock(poolMutex);
    chosenCount = count;
    updatePool();
}

ThreadCountScope::ThreadCountScope(int count)
{
    if (count > 0) {
        const std::scoped_lock lock(poolMutex);
        scopedCounts.emplace_back(this, count);
        updatePool();
    }
}

ThreadCountScope::~ThreadCountScope()
{
    const std::scoped_lock lock(poolMutex);
    if (std::erase_if(scopedCounts, [this](const auto& scope) { return scope.first == this; }) > 0) {
        updatePool();
    }
}

int threadCount()
{
    return currentPool()->threads;
}

void parallelFor(std::int64_t count, std::int64_t grain, const std::function<void(std::int64_t, std::int64_t)>& body)
{
    if (count <= 0) {
        return;
    }
    const std::int64_t step = std::max<std::int64_t>(1, grain);
    const std::int64_t pieces = (count - 1) / step + 1;
    if (pieces == 1) {
        body(0, count);
        return;
    }
    const auto piece = [&](std::int64_t index) { body(index * step, std::min(count, (index + 1) * step)); };
    const auto pool = currentPool();
    if (pool->threads == 1) {
        for (std::int64_t index = 0; index < pieces; ++index) {
            piece(index);
        }
        return;
    }
    Handover begun;
    Handover done;
    begun.give();
    const auto handedPiece = [&](std::int64_t index) {
        begun.take();
        piece(index);
        done.give();
    };
    // Isolation: a thread that waits here takes up no piece of an enclosing loop, so that a body may use scratch memory
    // of its thread across a nested call.
    pool->arena.execute([&] {
        oneapi::tbb::this_task_arena::isolate([&] {
            oneapi::tbb::parallel_for(std::int64_t{0}, pieces, handedPiece, oneapi::tbb::simple_partitioner());
        });
    });
    done.take();
}

} // namespace bitlathe::kernels
