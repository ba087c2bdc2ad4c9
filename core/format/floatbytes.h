// SPDX-License-Identifier: Apache-2.0
// FloatBytes: f32 values as the bytes of a tensor of another float type.
#pragma once

#include "core/checkpoint/dtype.h"

#include <cstddef>
#include <span>

namespace bitlathe::format
{

/// The type in which weights of a model of this type can be written: itself where it is F16, BF16 or F32, else the next
/// wider.
checkpoint::DType writableDType(checkpoint::DType dtype);

/// Rounds to nearest, ties to even. dtype: F16, BF16 or F32; out: dtypeBytes(dtype) for each value.
void storeFloats(checkpoint::DType dtype, std::span<const float> values, std::span<std::byte> out);

} // namespace bitlathe::format
