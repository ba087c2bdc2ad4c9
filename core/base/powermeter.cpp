// SPDX-License-Identifier: Apache-2.0
// Energy counters of Linux's powercap folder.
#include "core/base/powermeter.h"

#include <algorithm>
#include <fstream>
#include <optional>
#include <string>

namespace bitlathe
{

namespace
{

template <typename Value>
std::optional<Value> firstIn(const std::filesystem::path& file)
{
    std::ifstream in(file);
    Value value{};
    return in >> value ? std::optional(value) : std::nullopt;
}

} // namespace

Result<PowerMeter> PowerMeter::open(const std::filesystem::path& root)
{
    PowerMeter meter;
    std::error_code error;
    std::filesystem::path unreadable;
    for (const auto& zone : std::filesystem::directory_iterator(root, error)) {
        const auto name = firstIn<std::string>(zone.path() / "name");
        if (!name || !name->starts_with("package-")) {
            continue; // Parts of a package, or all of the machine.
        }
        const std::filesystem::path file = zone.path() / "energy_uj";
        const auto range = firstIn<std::uint64_t>(zone.path() / "max_energy_range_uj");
        const auto now = firstIn<std::uint64_t>(file);
        if (!range || !now) {
            unreadable = file;
            continue;
        }
        const bool isKnown = std::ranges::any_of(meter.m_counters, [&](const Counter& counter) {
            return std::filesystem::equivalent(counter.file, file, error);
        });
        if (!isKnown) {
            meter.m_counters.push_back({file, *range, *now});
        }
    }
    if (!unreadable.empty()) {
        return fail(ErrorCode::FileUnreadable, unreadable.string(),
                    Text(BITLATHE_TEXT("an energy counter that this user may read")),
                    Text(BITLATHE_TEXT("one that only an administrator may")),
                    Text(BITLATHE_TEXT("Allow reading it to see what energy a token takes")));
    }
    if (meter.m_counters.empty()) {
        return fail(ErrorCode::NotSupported, root.string(), Text(BITLATHE_TEXT("energy counters of the processors")),
                    Text(BITLATHE_TEXT("none, as in most virtual machines and containers")));
    }
    return meter;
}

Result<double> PowerMeter::joules()
{
    double sum = 0;
    for (Counter& counter : m_counters) {
        const auto now = firstIn<std::uint64_t>(counter.file);
        if (!now) {
            return fail(ErrorCode::FileUnreadable, counter.file.string(),
                        Text(BITLATHE_TEXT("an energy counter that this user may read")),
                        Text(BITLATHE_TEXT("one that can't be read any more")));
        }
        const std::uint64_t rest = *now < counter.last ? counter.range : 0;
        sum += static_cast<double>(*now + rest - counter.last) * 1e-6;
        counter.last = *now;
    }
    return sum;
}

} // namespace bitlathe
