// SPDX-License-Identifier: Apache-2.0
// Processes by number and start time, from /proc.
#include "core/run/process.h"

#include <fmt/format.h>

#include <unistd.h>

#include <fstream>
#include <sstream>

namespace bitlathe::run
{

std::int64_t thisProcess()
{
    return ::getpid();
}

std::string processStart(std::int64_t process)
{
    std::ifstream in(fmt::format("/proc/{}/stat", process));
    std::string line;
    if (!std::getline(in, line)) {
        return {};
    }
    // The name in parentheses may hold anything: fields count from behind the last one.
    const std::size_t end = line.rfind(')');
    if (end == std::string::npos) {
        return {};
    }
    constexpr int kFieldsBeforeStart = 19; // State is field 3, the start time field 22.
    std::istringstream fields(line.substr(end + 1));
    std::string field;
    fields >> field;
    if (field == "Z" || field == "X") {
        return {}; // Ended, only not yet collected.
    }
    for (int i = 0; i < kFieldsBeforeStart; ++i) {
        fields >> field;
    }
    std::string boot;
    std::ifstream("/proc/sys/kernel/random/boot_id") >> boot;
    return field + ' ' + boot;
}

} // namespace bitlathe::run
