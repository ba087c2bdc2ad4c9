// SPDX-License-Identifier: GPL-3.0-or-later
// The pool of background work.
#include "ui/bridge/latesttask.h"

#include <algorithm>

namespace bitlathe::ui
{

namespace
{

constexpr int kThreadsLeast = 4; // a slow task must not keep a what-if waiting, also on two cores

QThreadPool* s_pool = nullptr;

void endPool()
{
    delete s_pool; // Waits for what still runs.
    s_pool = nullptr;
}

} // namespace

QThreadPool& workPool()
{
    if (s_pool == nullptr) {
        s_pool = new QThreadPool;
        s_pool->setMaxThreadCount(std::max(s_pool->maxThreadCount(), kThreadsLeast));
        qAddPostRoutine(endPool);
    }
    return *s_pool;
}

} // namespace bitlathe::ui
