// SPDX-License-Identifier: Apache-2.0
// How fast the operations of a backend are, beside what its memory and its arithmetic allow.
#pragma once

#include "kernels/backend.h"

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

namespace bitlathe::kernels
{

/// What a device reaches in the best case, measured on it.
struct OpLimits
{
    double bytesPerSecond = 0;     ///< Of a large copy, bytes read and bytes written.
    double flopsPerSecondF32 = 0;  ///< Of a large square product.
    double flopsPerSecondBf16 = 0; ///< The same, with factors in bf16.
};

struct OpFigure
{
    std::string name;
    std::string shape; ///< "[4096, 4096]", as the operation's arguments name it.
    Precision precision = Precision::F32;
    double bytes = 0; ///< Each input read once, each result written once.
    double flops = 0; ///< Multiplications and additions; 0: so few that memory alone counts.
    double seconds = 0;

    /// Of the time that it takes, what the limits need for its bytes or its arithmetic, whichever is longer.
    double shareOf(const OpLimits& limits) const;
};

struct OpBench
{
    OpLimits limits;
    std::vector<OpFigure> figures;
};

struct OpBenchOptions
{
    int repeats = 5;           ///< Stretches that are timed; the median counts.
    double secondsEach = 0.04; ///< Of a stretch, at least one call.
    /// Called before each operation with the part that is done; false: stop.
    std::function<bool(double)> progress;
};

/// Times every operation with random values: shapes of a 7 B model on a device, smaller ones on the processor. A device
/// needs some 4 GiB of budget; operations that do not fit are left out. Stopped early: what was measured so far.
OpBench measureOps(const Backend& backend, const OpBenchOptions& options = {});

} // namespace bitlathe::kernels
