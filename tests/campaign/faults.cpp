// SPDX-License-Identifier: Apache-2.0
// A library to preload: counts the changes that a process makes to the disk below one folder, and fails the n-th of
// them, or ends the process right before it. With C names, because it stands in for those of the C library.
//
//   BITLATHE_FAULT_FOLDER  Changes below it count; what is elsewhere goes through.
//   BITLATHE_FAULT_AT      Number of the change that fails, from 1; 0: none.
//   BITLATHE_FAULT_ERRNO   Its errno as a number, or KILL.
//   BITLATHE_FAULT_STAYS   1: all later ones fail too, as on a disk that stays full.
//   BITLATHE_FAULT_LOG     File that gets a line for each change: its number, the call, the path.
#include <dlfcn.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <climits>
#include <csignal>
#include <cstdarg>
#include <cstdio>
#include <cstdlib>
#include <cstring>

namespace
{

std::atomic<long> changes{0};

long numberIn(const char* variable)
{
    const char* text = std::getenv(variable);
    return text == nullptr ? 0 : std::atol(text);
}

template <typename Function>
Function* original(const char* name)
{
    return reinterpret_cast<Function*>(::dlsym(RTLD_NEXT, name));
}

void note(long number, const char* call, const char* path)
{
    const char* log = std::getenv("BITLATHE_FAULT_LOG");
    if (log == nullptr) {
        return;
    }
    using Open = int(const char*, int, ...);
    const int fd = original<Open>("open")(log, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644);
    char line[PATH_MAX + 64];
    const int length = std::snprintf(line, sizeof line, "%ld %s %s\n", number, call, path);
    using Write = ssize_t(int, const void*, size_t);
    if (original<Write>("write")(fd, line, static_cast<size_t>(length)) < 0) {
        std::abort(); // A count that is not told would look like a run without changes.
    }
    ::close(fd);
}

/// Counts a change of path. True where it has to fail; errno is set then.
bool failsAt(const char* call, const char* path)
{
    const char* folder = std::getenv("BITLATHE_FAULT_FOLDER");
    if (folder == nullptr || path == nullptr || std::strncmp(path, folder, std::strlen(folder)) != 0) {
        return false;
    }
    const long number = ++changes;
    note(number, call, path);
    const long at = numberIn("BITLATHE_FAULT_AT");
    if (at == 0 || number < at || (number > at && numberIn("BITLATHE_FAULT_STAYS") == 0)) {
        return false;
    }
    const char* reason = std::getenv("BITLATHE_FAULT_ERRNO");
    if (reason != nullptr && std::strcmp(reason, "KILL") == 0) {
        ::kill(::getpid(), SIGKILL);
        ::pause();
    }
    errno = static_cast<int>(numberIn("BITLATHE_FAULT_ERRNO"));
    return true;
}

bool failsAt(const char* call, int fd)
{
    char link[64];
    char path[PATH_MAX];
    std::snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
    const ssize_t length = ::readlink(link, path, sizeof path - 1);
    if (length <= 0) {
        return false;
    }
    path[length] = '\0';
    return failsAt(call, path);
}

} // namespace

// Each stands in for the function of its name: the arguments, then how it fails and what says so.
#define STAND_IN(result, name, parameters, arguments, subject, failure)                                                \
    extern "C" __attribute__((visibility("default"))) result name parameters                                           \
    {                                                                                                                  \
        return failsAt(#name, subject) ? failure : original<result parameters>(#name) arguments;                       \
    }

STAND_IN(ssize_t, write, (int fd, const void* bytes, size_t count), (fd, bytes, count), fd, -1)
STAND_IN(ssize_t, writev, (int fd, const iovec* pieces, int count), (fd, pieces, count), fd, -1)
STAND_IN(ssize_t, pwrite, (int fd, const void* bytes, size_t count, off_t at), (fd, bytes, count, at), fd, -1)
STAND_IN(ssize_t, pwrite64, (int fd, const void* bytes, size_t count, off64_t at), (fd, bytes, count, at), fd, -1)
STAND_IN(size_t, fwrite, (const void* bytes, size_t size, size_t count, FILE* file), (bytes, size, count, file),
         ::fileno(file), 0)
STAND_IN(int, fsync, (int fd), (fd), fd, -1)
STAND_IN(int, fdatasync, (int fd), (fd), fd, -1)
STAND_IN(int, ftruncate, (int fd, off_t size), (fd, size), fd, -1)
STAND_IN(int, ftruncate64, (int fd, off64_t size), (fd, size), fd, -1)
STAND_IN(int, fallocate, (int fd, int mode, off_t from, off_t count), (fd, mode, from, count), fd, -1)
STAND_IN(int, fallocate64, (int fd, int mode, off64_t from, off64_t count), (fd, mode, from, count), fd, -1)
STAND_IN(int, posix_fallocate, (int fd, off_t from, off_t count), (fd, from, count), fd, errno)
STAND_IN(int, posix_fallocate64, (int fd, off64_t from, off64_t count), (fd, from, count), fd, errno)
STAND_IN(int, rename, (const char* from, const char* to), (from, to), to, -1)
STAND_IN(int, renameat2, (int at, const char* from, int there, const char* to, unsigned flags),
         (at, from, there, to, flags), to, -1)
STAND_IN(int, unlink, (const char* path), (path), path, -1)
STAND_IN(int, remove, (const char* path), (path), path, -1)
STAND_IN(int, rmdir, (const char* path), (path), path, -1)
STAND_IN(int, mkdir, (const char* path, mode_t mode), (path, mode), path, -1)
STAND_IN(int, mkostemp, (char* path, int flags), (path, flags), path, -1)
STAND_IN(int, mkostemp64, (char* path, int flags), (path, flags), path, -1)

// unlinkat names what it takes away from within a folder that is open; open changes the disk only where it may make a
// file.
extern "C" __attribute__((visibility("default"))) int unlinkat(int folder, const char* name, int flags)
{
    const bool fails = name[0] == '/' ? failsAt("unlinkat", name) : failsAt("unlinkat", folder);
    return fails ? -1 : original<int(int, const char*, int)>("unlinkat")(folder, name, flags);
}

#define STAND_IN_OPEN(name)                                                                                            \
    extern "C" __attribute__((visibility("default"))) int name(const char* path, int flags, ...)                       \
    {                                                                                                                  \
        mode_t mode = 0;                                                                                               \
        if ((flags & O_CREAT) != 0) {                                                                                  \
            va_list rest;                                                                                              \
            va_start(rest, flags);                                                                                     \
            mode = va_arg(rest, mode_t);                                                                               \
            va_end(rest);                                                                                              \
            if (failsAt(#name, path)) {                                                                                \
                return -1;                                                                                             \
            }                                                                                                          \
        }                                                                                                              \
        return original<int(const char*, int, ...)>(#name)(path, flags, mode);                                         \
    }
STAND_IN_OPEN(open)
STAND_IN_OPEN(open64)
