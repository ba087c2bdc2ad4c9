// SPDX-License-Identifier: Apache-2.0
// Half precision scalars and conversions of whole spans.
#pragma once

#include <Eigen/Core>

#include <cstddef>
#include <span>

namespace bitlathe::kernels
{

using F16 = Eigen::half;      ///< IEEE 754 binary16.
using Bf16 = Eigen::bfloat16; ///< The upper half of a binary32.

/// Exact. out.size() == in.size().
void convert(std::span<const Bf16> in, std::span<float> out);
void convert(std::span<const F16> in, std::span<float> out);
/// Rounds to nearest, ties to even; NaN stays NaN, overflow becomes infinity.
void convert(std::span<const float> in, std::span<Bf16> out);
void convert(std::span<const float> in, std::span<F16> out);

} // namespace bitlathe::kernels
