// SPDX-License-Identifier: Apache-2.0
// FileLimit: writes of this process past a size fail, as on a disk that has no more room.
#pragma once

#include <sys/resource.h>

#include <csignal>

namespace bitlathe::tests
{

/// While it lives, no file may grow beyond bytes: writing more gives EFBIG.
class FileLimit
{
public:
    explicit FileLimit(rlim_t bytes) : m_oldHandler(std::signal(SIGXFSZ, SIG_IGN))
    {
        ::getrlimit(RLIMIT_FSIZE, &m_old);
        const rlimit limit{bytes, m_old.rlim_max};
        ::setrlimit(RLIMIT_FSIZE, &limit);
    }
    ~FileLimit()
    {
        ::setrlimit(RLIMIT_FSIZE, &m_old);
        std::signal(SIGXFSZ, m_oldHandler);
    }
    FileLimit(const FileLimit&) = delete;
    FileLimit& operator=(const FileLimit&) = delete;

private:
    rlimit m_old{};
    void (*m_oldHandler)(int);
};

} // namespace bitlathe::tests
