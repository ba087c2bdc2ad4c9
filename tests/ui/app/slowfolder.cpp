// SPDX-License-Identifier: Apache-2.0
// File functions that wait before they do what the C library's do. Symbols of a program come before those of its
// libraries, so that Qt and the C++ library call these, too.
#include "slowfolder.h"

#include <array>
#include <atomic>
#include <chrono>
#include <cstdarg>
#include <cstring>
#include <mutex>
#include <thread>

#include <dirent.h>
#include <dlfcn.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <sys/types.h>
#include <unistd.h>

namespace
{

constexpr std::size_t kFilesMost = 4096;

std::mutex& guard()
{
    static std::mutex mutex;
    return mutex;
}

std::string& slowFolder()
{
    static std::string folder;
    return folder;
}

std::array<std::atomic<bool>, kFilesMost> s_isSlow{};
std::atomic<bool> s_active = false;
std::atomic<int> s_calls = 0;
thread_local int s_callsOfThread = 0;

bool isBelow(const char* path)
{
    if (!s_active || path == nullptr) {
        return false;
    }
    const std::lock_guard lock(guard());
    return std::strncmp(path, slowFolder().c_str(), slowFolder().size()) == 0;
}

void wait(bool slow)
{
    if (slow) {
        ++s_calls;
        ++s_callsOfThread;
        std::this_thread::sleep_for(std::chrono::milliseconds(bitlathe::tests::kSlowMs));
    }
}

void mark(int file, bool slow)
{
    if (file >= 0 && static_cast<std::size_t>(file) < kFilesMost) {
        s_isSlow[static_cast<std::size_t>(file)] = slow;
    }
}

bool isSlow(int file)
{
    return s_active && file >= 0 && static_cast<std::size_t>(file) < kFilesMost &&
           s_isSlow[static_cast<std::size_t>(file)];
}

template <typename Function>
Function* real(const char* name)
{
    return reinterpret_cast<Function*>(dlsym(RTLD_NEXT, name));
}

mode_t modeOf(int flags, va_list arguments)
{
    return (flags & (O_CREAT | O_TMPFILE)) != 0 ? va_arg(arguments, mode_t) : 0;
}

} // namespace

namespace bitlathe::tests
{

void setSlowFolder(const std::string& folder)
{
    const std::lock_guard lock(guard());
    slowFolder() = folder;
    s_active = !folder.empty();
    s_calls = 0;
}

int slowCalls()
{
    return s_calls;
}

int slowCallsOfThread()
{
    return s_callsOfThread;
}

} // namespace bitlathe::tests

extern "C" {

#define OPEN_LIKE(name)                                                                                                \
    int name(const char* path, int flags, ...)                                                                         \
    {                                                                                                                  \
        va_list arguments;                                                                                             \
        va_start(arguments, flags);                                                                                    \
        const mode_t mode = modeOf(flags, arguments);                                                                  \
        va_end(arguments);                                                                                             \
        const bool slow = isBelow(path);                                                                               \
        wait(slow);                                                                                                    \
        static auto* const next = real<int(const char*, int, ...)>(#name);                                             \
        const int file = next(path, flags, mode);                                                                      \
        mark(file, slow);                                                                                              \
        return file;                                                                                                   \
    }

OPEN_LIKE(open)
OPEN_LIKE(open64)

ssize_t read(int file, void* to, size_t count)
{
    wait(isSlow(file));
    static auto* const next = real<ssize_t(int, void*, size_t)>("read");
    return next(file, to, count);
}

#define PREAD_LIKE(name)                                                                                               \
    ssize_t name(int file, void* to, size_t count, off_t from)                                                         \
    {                                                                                                                  \
        wait(isSlow(file));                                                                                            \
        static auto* const next = real<ssize_t(int, void*, size_t, off_t)>(#name);                                     \
        return next(file, to, count, from);                                                                            \
    }

PREAD_LIKE(pread)
PREAD_LIKE(pread64)

#define STAT_LIKE(name, Type)                                                                                          \
    int name(const char* path, struct Type* to)                                                                        \
    {                                                                                                                  \
        wait(isBelow(path));                                                                                           \
        static auto* const next = real<int(const char*, struct Type*)>(#name);                                         \
        return next(path, to);                                                                                         \
    }

STAT_LIKE(stat, stat)
STAT_LIKE(lstat, stat)
STAT_LIKE(stat64, stat64)
STAT_LIKE(lstat64, stat64)

int statx(int folder, const char* path, int flags, unsigned mask, struct statx* to)
{
    wait(isBelow(path));
    static auto* const next = real<int(int, const char*, int, unsigned, struct statx*)>("statx");
    return next(folder, path, flags, mask, to);
}

int access(const char* path, int mode)
{
    wait(isBelow(path));
    static auto* const next = real<int(const char*, int)>("access");
    return next(path, mode);
}

DIR* opendir(const char* path)
{
    wait(isBelow(path));
    static auto* const next = real<DIR*(const char*)>("opendir");
    return next(path);
}

} // extern "C"
