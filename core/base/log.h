// SPDX-License-Identifier: Apache-2.0
// The log: one spdlog logger, a ring of the last lines for the window and the crash file, no output by default.
#pragma once

#include <spdlog/spdlog.h>

#include <chrono>
#include <cstdint>
#include <string>
#include <vector>

namespace bitlathe
{

struct LogLine
{
    std::uint64_t number = 0; ///< Counts up from 1 for the whole process.
    std::chrono::system_clock::time_point time;
    spdlog::level::level_enum level = spdlog::level::info;
    std::string text;
    std::int64_t origin = 0; ///< Of the innermost LogOrigin of the line's thread; 0: none.
};

/// While one lives, lines of its thread carry its number, such as a job's; nests. Threads that help with loops don't.
class LogOrigin
{
public:
    explicit LogOrigin(std::int64_t origin);
    ~LogOrigin();
    LogOrigin(const LogOrigin&) = delete;
    LogOrigin& operator=(const LogOrigin&) = delete;

private:
    std::int64_t m_before;
};

/// The process' logger. Use: log().info("opened {}", folder). Any thread.
spdlog::logger& log();

/// The kept lines (at most 20,000) with a number above after, oldest first. Any thread.
std::vector<LogLine> logLinesAfter(std::uint64_t after);

/// Also print lines of at least this level to stderr.
void logToStderr(spdlog::level::level_enum level);

} // namespace bitlathe
