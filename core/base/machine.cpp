// SPDX-License-Identifier: Apache-2.0
// Facts about this process and machine: memory in use, memory there is.
#include "core/base/machine.h"

#include <sched.h>
#include <sys/utsname.h>

#include <fstream>
#include <sstream>

namespace bitlathe
{

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
    facts.bytesRam = procBytes("/proc/meminfo", "MemTotal");
    facts.bytesRamAvailable = procBytes("/proc/meminfo", "MemAvailable");
    utsname names = {};
    uname(&names);
    facts.system = valueAfter("/etc/os-release", "PRETTY_NAME", '=') + ", " + names.sysname + ' ' + names.release;
    return facts;
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

} // namespace bitlathe
