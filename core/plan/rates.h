// SPDX-License-Identifier: Apache-2.0
// Rates: how fast this machine multiplies, quantizes and writes now, measured in some tenths of a second.
#pragma once

#include "core/model/linear.h"
#include "core/plan/plan.h"
#include "core/quant/quantizer.h"

#include <filesystem>
#include <optional>

namespace bitlathe::plan
{

// Each is measured once in a process, over long enough a time to see what other programs take of the machine; with
// Timing::Usual none is, and what is not known yet is as on a usual machine.

/// Multiply-adds per second of a dense product.
double macsPerSecond(model::Compute compute, Timing timing);

/// Seconds that a block takes for a token of a sequence.
struct BlockRate
{
    double forward = 0;
    double observed = 0;     ///< With the statistics of a calibration gathered from it.
    std::int64_t tokens = 0; ///< Of the sequence.
};

/// Of the model's first block, on as many tokens of a sequence of length as take some tenths of a second. Nothing where
/// the block is too large to be loaded for that, or cannot run, or is not known.
std::optional<BlockRate> blockRate(const format::OpenedModel& opened, model::Compute compute, std::int64_t length,
                                   Timing timing);

/// Seconds that a method takes for a layer: perWeight * weights + perWeightInput * weights * inputs.
struct MethodRate
{
    double perWeight = 0;
    double perWeightInput = 0; ///< With a Hessian: sweeps, and the output error.
};

/// Of a method with these settings, on two layers of random weights; withHessian: as after a calibration.
MethodRate methodRate(const quant::Quantizer& method, const quant::Scheme& scheme, const quant::MethodOptions& options,
                      bool withHessian, Timing timing);

struct WriteRate
{
    double bytesPerSecond = 400e6;
    double secondsPerSync = 0.005; ///< Of a few bytes.
};

/// Of the folder that is or will be there; a usual rate where nothing can be written.
WriteRate writeRate(const std::filesystem::path& folder, Timing timing);

/// The next of each is measured anew: what other programs take of the machine may have changed.
void forgetRates();

} // namespace bitlathe::plan
