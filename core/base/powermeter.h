// SPDX-License-Identifier: Apache-2.0
// PowerMeter: the energy that processors take, where the operating system tells it.
#pragma once

#include "core/base/result.h"

#include <cstdint>
#include <filesystem>
#include <vector>

namespace bitlathe
{

/// Sums the counters of all processor packages (RAPL, of AMD's processors, too), which hold what memory, disk and
/// everything else that runs on the machine makes the processors take, but not what memory itself takes. One thread at
/// a time.
class PowerMeter
{
public:
    /// root: where the counters are. Errors, which say why there is no energy to be told: NotSupported (no counters),
    /// FileUnreadable (counters that only an administrator may read).
    static Result<PowerMeter> open(const std::filesystem::path& root = "/sys/class/powercap");

    /// Joules since open() or the last call. Counters begin anew at their range: to be read more often than that,
    /// within minutes. Errors: FileUnreadable.
    Result<double> joules();

private:
    struct Counter
    {
        std::filesystem::path file;
        std::uint64_t range = 0; ///< Microjoules after which it begins at 0 again.
        std::uint64_t last = 0;
    };
    std::vector<Counter> m_counters;
};

} // namespace bitlathe
