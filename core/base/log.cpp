// SPDX-License-Identifier: Apache-2.0
// The log: one spdlog logger, a ring of the last lines for the window and the crash file, no output by default.
#include "core/base/log.h"

#include <spdlog/sinks/base_sink.h>
#include <spdlog/sinks/stdout_sinks.h>

#include <deque>
#include <mutex>
#include <utility>

namespace bitlathe
{

namespace
{

thread_local std::int64_t originOfThread = 0;

class RingSink final : public spdlog::sinks::base_sink<std::mutex>
{
public:
    std::vector<LogLine> after(std::uint64_t number)
    {
        const std::lock_guard lock(mutex_);
        std::vector<LogLine> lines;
        for (const LogLine& line : m_lines) {
            if (line.number > number) {
                lines.push_back(line);
            }
        }
        return lines;
    }

protected:
    void sink_it_(const spdlog::details::log_msg& message) override
    {
        constexpr std::size_t kMaxLines = 20'000;
        m_lines.push_back({++m_count, message.time, message.level,
                           std::string(message.payload.data(), message.payload.size()), originOfThread});
        if (m_lines.size() > kMaxLines) {
            m_lines.pop_front();
        }
    }
    void flush_() override {}

private:
    std::deque<LogLine> m_lines;
    std::uint64_t m_count = 0;
};

const std::shared_ptr<RingSink>& ring()
{
    static const auto sink = std::make_shared<RingSink>();
    return sink;
}

const std::shared_ptr<spdlog::sinks::stderr_sink_mt>& console()
{
    static const auto sink = [] {
        auto made = std::make_shared<spdlog::sinks::stderr_sink_mt>();
        made->set_level(spdlog::level::off);
        return made;
    }();
    return sink;
}

} // namespace

LogOrigin::LogOrigin(std::int64_t origin) : m_before(std::exchange(originOfThread, origin)) {}

LogOrigin::~LogOrigin()
{
    originOfThread = m_before;
}

spdlog::logger& log()
{
    static spdlog::logger logger("bitlathe", {ring(), console()});
    return logger;
}

std::vector<LogLine> logLinesAfter(std::uint64_t after)
{
    return ring()->after(after);
}

void logToStderr(spdlog::level::level_enum level)
{
    console()->set_level(level);
}

} // namespace bitlathe
