// SPDX-License-Identifier: Apache-2.0
// Values in blocks as codes of a book of 16 values (NF4, FP4) and the way back, on a CUDA device.
#pragma once

#include <cuda_runtime_api.h>

#include <cstdint>

namespace bitlathe::cuda
{

/// Element types of values.
enum class ValueType : std::int32_t { F32, F16, Bf16 };

/// As kernels::ValueBook of 16 values.
struct Book16
{
    float values[16];
    float limits[16];       ///< Between neighbours in ascending order, the last infinity.
    std::uint8_t codes[16]; ///< Of the places in ascending order.
};

/// scales[i]: the largest absolute value of block i; codes: those of the values divided by it, two per byte, the first
/// in the lower half, as kernels::encodeBook makes them, to the bit. values [count] aligned to 16 bytes, finite; count
/// and blockSize are multiples of 8; the last block may be short. Pointers are to the device's memory. Does not wait.
cudaError_t encodeBook16(const void* values, ValueType type, std::int64_t count, std::int64_t blockSize,
                         const Book16& book, float* scales, std::uint8_t* codes, cudaStream_t stream);

/// values[i] = book.values[code] * scale, rounded to the type.
cudaError_t decodeBook16(const std::uint8_t* codes, const float* scales, std::int64_t count, std::int64_t blockSize,
                         const Book16& book, ValueType type, void* values, cudaStream_t stream);

} // namespace bitlathe::cuda
