// SPDX-License-Identifier: Apache-2.0
// Processes by number and start time, so that a number that was given again is not taken for the process that had it.
#pragma once

#include <cstdint>
#include <string>

namespace bitlathe::run
{

/// This process' number.
std::int64_t thisProcess();
/// When a process started, in the system's own count with the boot's identity; empty: there is no such process.
std::string processStart(std::int64_t process);

} // namespace bitlathe::run
