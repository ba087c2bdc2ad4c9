// SPDX-License-Identifier: Apache-2.0
// A library to preload: writes a line to BITLATHE_NETWORK_LOG for each call of a process that leads to a network.
// Sockets of this machine's own programs (AF_UNIX, AF_NETLINK) are none.
#include <dlfcn.h>
#include <fcntl.h>
#include <netdb.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>

namespace
{

void note(const char* call, int family)
{
    const char* log = std::getenv("BITLATHE_NETWORK_LOG");
    if (log == nullptr || (family != AF_INET && family != AF_INET6)) {
        return;
    }
    const int fd = ::open(log, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644);
    char line[64];
    const int length = std::snprintf(line, sizeof line, "%s %d\n", call, family);
    if (::write(fd, line, static_cast<size_t>(length)) != length) {
        std::abort(); // A call that is not told would look like none.
    }
    ::close(fd);
}

template <typename Function>
Function* original(const char* name)
{
    return reinterpret_cast<Function*>(::dlsym(RTLD_NEXT, name));
}

} // namespace

extern "C" __attribute__((visibility("default"))) int socket(int family, int type, int protocol) noexcept
{
    note("socket", family);
    return original<int(int, int, int)>("socket")(family, type, protocol);
}

extern "C" __attribute__((visibility("default"))) int connect(int fd, const sockaddr* address, socklen_t size)
{
    note("connect", address == nullptr ? AF_UNSPEC : address->sa_family);
    return original<int(int, const sockaddr*, socklen_t)>("connect")(fd, address, size);
}

extern "C" __attribute__((visibility("default"))) int getaddrinfo(const char* node, const char* service,
                                                                  const addrinfo* hints, addrinfo** result)
{
    note("getaddrinfo", AF_INET);
    return original<int(const char*, const char*, const addrinfo*, addrinfo**)>("getaddrinfo")(node, service, hints,
                                                                                               result);
}
