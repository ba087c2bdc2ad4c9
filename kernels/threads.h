// SPDX-License-Identifier: Apache-2.0
// The one thread pool (oneTBB) of all numeric loops.
#pragma once

#include <cstdint>
#include <functional>

namespace bitlathe::kernels
{

/// Threads that numeric loops use from now on: 1 ... number of cores; 0 = all cores of this process.
void setThreadCount(int count);
int threadCount();

/// Numeric loops, on all threads of the program, use so many threads for as long as this lives; 0: as many as before. Of
/// several, in whatever order they end, the newest counts.
class ThreadCountScope
{
public:
    explicit ThreadCountScope(int count);
    ~ThreadCountScope();
    ThreadCountScope(const ThreadCountScope&) = delete;
    ThreadCountScope& operator=(const ThreadCountScope&) = delete;
};

/// Calls body(begin, end) for pieces of [0, count) that are at most grain long, on all threads. The pieces are
/// [0, grain), [grain, 2 grain), ... whatever the number of threads, so results that depend on the split are the same
/// for any number. body must not throw. Nested calls run in the same pool.
void parallelFor(std::int64_t count, std::int64_t grain, const std::function<void(std::int64_t, std::int64_t)>& body);

} // namespace bitlathe::kernels
