// SPDX-License-Identifier: Apache-2.0
// Rates: how fast this machine multiplies, quantizes and writes now, measured in some tenths of a second.
#pragma once

#include "core/model/linear.h"
#include "core/quant/quantizer.h"

#include <filesystem>

namespace bitlathe::plan
{

// Each is measured once in a process, over long enough a time to see what other programs take of the machine.

/// Multiply-adds per second of a dense product.
double macsPerSecond(model::Compute compute);

/// Seconds that a method takes for a layer: perWeight * weights + perWeightInput * weights * inputs.
struct MethodRate
{
    double perWeight = 0;
    double perWeightInput = 0; ///< With a Hessian: sweeps, and the output error.
};

/// Of a method with these settings, on two layers of random weights; withHessian: as after a calibration.
MethodRate methodRate(const quant::Quantizer& method, const quant::Scheme& scheme, const quant::MethodOptions& options,
                      bool withHessian);

struct WriteRate
{
    double bytesPerSecond = 400e6;
    double secondsPerSync = 0.005; ///< Of a few bytes.
};

/// Of the folder that is or will be there; a usual rate where nothing can be written.
WriteRate writeRate(const std::filesystem::path& folder);

/// The next of each is measured anew: what other programs take of the machine may have changed.
void forgetRates();

} // namespace bitlathe::plan
