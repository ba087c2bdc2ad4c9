// SPDX-License-Identifier: Apache-2.0
// Facts about this process and machine: memory in use, memory there is.
#include "core/base/machine.h"

#include <malloc.h>
#include <sched.h>
#include <sys/utsname.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <filesystem>
#include <fstream>
#include <numeric>
#include <optional>
#include <sstream>

namespace bitlathe
{

namespace fs = std::filesystem;

namespace
{

/// The value in bytes of a "Name:   123 kB" line of a /proc file; 0 where there is none.
std::uint64_t procBytes(const char* file, const std::string& name)
{
    std::ifstream in(file);
    for (std::string line; std::getline(in, line);) {
        if (line.starts_with(name + ":")) {
            std::istringstream rest(line.substr(name.size() + 1));
            std::uint64_t kibibytes = 0;
            rest >> kibibytes;
            return kibibytes * 1024;
        }
    }
    return 0;
}

std::string valueAfter(const char* file, const std::string& start, char separator)
{
    std::ifstream in(file);
    for (std::string line; std::getline(in, line);) {
        if (line.starts_with(start)) {
            std::string value = line.substr(line.find(separator) + 1);
            value.erase(0, value.find_first_not_of(" \t\""));
            value.erase(value.find_last_not_of(" \t\"") + 1);
            return value;
        }
    }
    return {};
}

/// The number in a file that holds one; nothing for "max" and for no such file.
std::optional<std::uint64_t> numberIn(const fs::path& file)
{
    std::ifstream in(file);
    std::uint64_t number = 0;
    return in >> number ? std::optional(number) : std::nullopt;
}

/// Of "name 123" lines; 0 where there is none.
std::uint64_t numberAfter(const fs::path& file, const std::string& name)
{
    std::ifstream in(file);
    for (std::string word; in >> word;) {
        std::uint64_t number = 0;
        if (in >> number && word == name) {
            return number;
        }
    }
    return 0;
}

/// Memory that the control group of this process, such as a container, may use and has left.
struct GroupMemory
{
    std::uint64_t limit = UINT64_MAX;
    std::uint64_t left = UINT64_MAX;

    void narrow(const fs::path& group, const char* limitName, const char* usageName, const char* cacheName)
    {
        const auto most = numberIn(group / limitName);
        const auto used = numberIn(group / usageName);
        if (!most || !used) {
            return;
        }
        // Pages of files that nobody maps count as used, but go as soon as there is need.
        const std::uint64_t held = *used - std::min(*used, numberAfter(group / "memory.stat", cacheName));
        limit = std::min(limit, *most);
        left = std::min(left, *most - std::min(*most, held));
    }
};

GroupMemory groupMemory()
{
    GroupMemory memory;
    const fs::path root = "/sys/fs/cgroup";
    std::ifstream in("/proc/self/cgroup");
    for (std::string line; std::getline(in, line);) {
        // "0::/path" for the unified hierarchy, "4:memory:/path" for the older one. The path may be one outside of the
        // container, so the root of what is seen here counts as well.
        const fs::path below = fs::path(line.substr(line.rfind(':') + 1)).relative_path();
        if (line.starts_with("0::")) {
            memory.narrow(root / below, "memory.max", "memory.current", "inactive_file");
            memory.narrow(root, "memory.max", "memory.current", "inactive_file");
        } else if (line.find(":memory:") != std::string::npos) {
            const fs::path older = root / "memory";
            memory.narrow(older / below, "memory.limit_in_bytes", "memory.usage_in_bytes", "total_inactive_file");
            memory.narrow(older, "memory.limit_in_bytes", "memory.usage_in_bytes", "total_inactive_file");
        }
    }
    return memory;
}

struct Memory
{
    std::uint64_t bytes = 0; ///< Of the machine or of the container, whichever is less.
    std::uint64_t bytesAvailable = 0;
};

Memory machineMemory()
{
    const GroupMemory group = groupMemory();
    return {std::min(procBytes("/proc/meminfo", "MemTotal"), group.limit),
            std::min(procBytes("/proc/meminfo", "MemAvailable"), group.left)};
}

} // namespace

MachineFacts machineFacts()
{
    MachineFacts facts;
    facts.processor = valueAfter("/proc/cpuinfo", "model name", ':');
    cpu_set_t set;
    CPU_ZERO(&set);
    if (sched_getaffinity(0, sizeof set, &set) == 0) {
        facts.cores = CPU_COUNT(&set);
    }
    const Memory memory = machineMemory();
    facts.bytesRam = memory.bytes;
    facts.bytesRamAvailable = memory.bytesAvailable;
    utsname names = {};
    uname(&names);
    facts.system = valueAfter("/etc/os-release", "PRETTY_NAME", '=') + ", " + names.sysname + ' ' + names.release;
    return facts;
}

MachineLoad machineLoad()
{
    MachineLoad load;
    // "cpu  user nice system idle iowait irq softirq steal ...", in ticks.
    std::ifstream in("/proc/stat");
    std::string name;
    std::array<std::uint64_t, 8> ticks = {};
    if (in >> name && name == "cpu") {
        for (std::uint64_t& each : ticks) {
            in >> each;
        }
        const double perSecond = static_cast<double>(sysconf(_SC_CLK_TCK));
        const std::uint64_t idle = ticks[3] + ticks[4];
        load.secondsIdle = static_cast<double>(idle) / perSecond;
        load.secondsBusy =
            static_cast<double>(std::accumulate(ticks.begin(), ticks.end(), std::uint64_t{0}) - idle) / perSecond;
    }
    timespec own = {};
    if (clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &own) == 0) {
        load.secondsOwn = static_cast<double>(own.tv_sec) + 1e-9 * static_cast<double>(own.tv_nsec);
    }
    const Memory memory = machineMemory();
    load.bytesUsed = memory.bytes - std::min(memory.bytes, memory.bytesAvailable);
    load.bytesOwn = residentBytes();
    return load;
}

std::uint64_t residentBytes()
{
    return procBytes("/proc/self/status", "VmRSS");
}

std::uint64_t peakResidentBytes()
{
    return procBytes("/proc/self/status", "VmHWM");
}

void resetPeakResidentBytes()
{
    std::ofstream("/proc/self/clear_refs") << "5";
}

void keepHeapCompact()
{
    constexpr int kBytesApart = 4 << 20;
    constexpr int kArenas = 4;
    mallopt(M_MMAP_THRESHOLD, kBytesApart);
    mallopt(M_ARENA_MAX, kArenas);
}

void returnFreeMemory()
{
    malloc_trim(0);
}

} // namespace bitlathe
