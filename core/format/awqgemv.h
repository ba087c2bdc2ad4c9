// SPDX-License-Identifier: Apache-2.0
// AwqGemv: the two layouts of AutoAWQ for matrix-vector kernels (versions gemv and gemv_fast).
#pragma once

#include "core/format/format.h"

namespace bitlathe::format
{

const Format& awqGemvFormat();
/// Stores -scale * zero in half precision instead of zero points: layers read from it say so
/// (QuantizedTensor::halfOffsets), since their weights differ from (code - zero) * scale in the last bits.
const Format& awqGemvFastFormat();

} // namespace bitlathe::format
