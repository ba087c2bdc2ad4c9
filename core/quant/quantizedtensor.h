// SPDX-License-Identifier: Apache-2.0
// QuantizedTensor: the neutral result that quantizers make, formats encode and kernels consume.
#pragma once

#include "core/quant/scheme.h"

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace bitlathe::quant
{

/// Scales that are codes themselves: scale[i] = map[codes[i]] * scales[i / kNestedBlock] + offset, in f32.
struct NestedScales
{
    std::vector<std::uint8_t> codes;
    std::vector<float> scales;
    std::vector<float> map; ///< 256 values.
    float offset = 0;
};

/// One step of Int8Outliers' codes as a share of the row's largest weight: 1 / 127, as bitsandbytes has it.
constexpr float kInt8Step = 0.007874015718698502F;

/// A quantized weight [rows, cols] (out, in). Immutable after it is made.
/// UniformInt: w = (code - zero) * scale, in f32, code in 0 ... Scheme::maxCode().
/// CodeBook: w = codeBook[code] * scale, in f32; element i of the matrix, row after row, is in block i / groupSize.
/// Int8Outliers: w = (code - 128) * scale * kInt8Step, in f32, in this order; scale is the largest weight of the row.
struct QuantizedTensor
{
    Scheme scheme;
    std::int64_t rows = 0;
    std::int64_t cols = 0;
    /// Codes, row after row: each row is a bit stream, least significant bit first, padded to whole bytes.
    std::vector<std::uint8_t> codes;
    std::vector<float> scales; ///< [rows, groups] ([1] per tensor, [blocks] of code books); exact in scheme.scaleDType.
    std::vector<std::uint8_t> zeros;      ///< As scales, in code units; empty: 2^(bits-1) everywhere.
    float inputScale = 0;                 ///< Under Scheme::staticInputs: the step of the inputs' grid.
    std::vector<std::int32_t> groupIndex; ///< Group of each column; empty: column / groupSize.
    /// UniformInt: w = code * scale - f16(zero * scale), for weights from files that store the product.
    bool halfOffsets = false;
    std::vector<float> codeBook; ///< CodeBook only: 2^bits values.
    NestedScales nested;         ///< CodeBook with doubleQuant only: what scales were made from.

    std::int64_t groups() const { return scheme.groupsPerRow(cols); }
    std::size_t bytesPerRow() const { return static_cast<std::size_t>((cols * scheme.bits + 7) / 8); }
    std::int64_t groupOf(std::int64_t col) const;
    /// Of a code book: the scale of the block in which the row's column group * groupSize lies.
    float scale(std::int64_t row, std::int64_t group) const;
    int zero(std::int64_t row, std::int64_t group) const;

    /// Codes of row, one per byte: out has cols elements.
    void unpackRow(std::int64_t row, std::span<std::uint8_t> out) const;
    /// Rows [first, first + count) as f32: out has count x cols elements. Any thread.
    void dequantizeRows(std::int64_t first, std::int64_t count, std::span<float> out) const;
    std::vector<float> dequantize() const; ///< In parallel.

    /// Bytes of codes, scales (in scaleDType, or as nested) and zero points (bits each).
    std::uint64_t bytesStored() const;
    double bitsPerWeight() const;
    /// Share of codes of the least or the largest value.
    double saturatedShare() const;
};

/// Whether each code is of the least or the largest value.
std::array<bool, 256> saturatedCodes(const QuantizedTensor& tensor);

} // namespace bitlathe::quant
