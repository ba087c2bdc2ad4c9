// SPDX-License-Identifier: Apache-2.0
// How far a backend may lie from the reference, and why.
#pragma once

namespace bitlathe::kernels
{

/// Sums of products in f32 against double: relative to the sum of absolute products. Rounding errors of a chain of 4096
/// fused steps stay far below this.
inline constexpr double kToleranceSum = 2e-5;
/// The same with factors rounded to bf16: products are exact in f32, but hardware may flush denormals and sum in pairs.
inline constexpr double kToleranceSumBf16 = 4e-5;
/// Few rows times uniform codes in bf16 arithmetic, against the product of inputs that nothing rounded: inputs become
/// words of 16 bits, each at most this part of the largest one off, which adds up weight by weight.
inline constexpr double kToleranceWord = 0.5 / 32767;
/// Weights made of codes and rounded to bf16 against weights as they are: half a unit of 8 bits of each.
inline constexpr double kToleranceRoundedWeight = 0x1p-8;
/// One elementwise operation with an exponential or a root, relative to the largest element of the row.
inline constexpr double kToleranceElement = 2e-6;
/// Attention in f32: weights sum to one, so errors are relative to the largest value.
inline constexpr double kToleranceAttention = 2e-5;
/// Attention whose query, keys, weights and values are rounded to bf16 (8 bits) before products.
inline constexpr double kToleranceAttentionBf16 = 2e-2;
/// Factors of Hessians with the usual damping in f32 against f64, relative to the largest entry of a row.
inline constexpr double kToleranceFactor = 2e-4;
/// log-sum-exp and KL divergence, absolute: exponentials in f32, sums in double.
inline constexpr double kToleranceLog = 2e-6;

} // namespace bitlathe::kernels
