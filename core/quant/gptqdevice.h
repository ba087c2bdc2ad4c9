// SPDX-License-Identifier: Apache-2.0
// Rows of a layer rounded by GPTQ on a device, with what they lose.
#pragma once

#include "core/quant/deviceenergy.h"
#include "core/quant/quality.h"
#include "kernels/columns.h"

namespace bitlathe::quant
{

/// task: its weights, codes, scales, zeros and coarse are the processor's, factor and coupling the device's. As many
/// rows at a time as the device has room for; throws a model::DeviceError where that is none, or it fails. After a stop
/// what comes back means nothing.
RowEnergies roundOnDevice(const kernels::ColumnRounding& task, const DeviceHessian& hessian, const WorkContext& work);

/// Device memory with which a layer of this shape is rounded at full speed: its Hessian, its factor, and its rows.
std::uint64_t deviceBytesForGptq(std::int64_t rows, std::int64_t cols, std::int64_t groups);

} // namespace bitlathe::quant
