// SPDX-License-Identifier: Apache-2.0
// QuantizedTensor: the neutral result that quantizers make, formats encode and kernels consume.
#pragma once

#include "core/quant/scheme.h"

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace bitlathe::quant
{

/// A quantized weight [rows, cols] (out, in). Immutable after it is made.
/// UniformInt: w = (code - zero) * scale, in f32, code in 0 ... Scheme::maxCode().
struct QuantizedTensor
{
    Scheme scheme;
    std::int64_t rows = 0;
    std::int64_t cols = 0;
    /// Codes, row after row: each row is a bit stream, least significant bit first, padded to whole bytes.
    std::vector<std::uint8_t> codes;
    std::vector<float> scales;            ///< [rows, groups] ([1] per tensor); every value is exact in scheme.scaleDType.
    std::vector<std::uint8_t> zeros;      ///< As scales, in code units; empty: 2^(bits-1) everywhere.
    float inputScale = 0;                 ///< Under Scheme::staticInputs: the step of the inputs' grid.
    std::vector<std::int32_t> groupIndex; ///< Group of each column; empty: column / groupSize.
    /// UniformInt: w = code * scale - f16(zero * scale), for weights from files that store the product.
    bool halfOffsets = false;
    std::vector<float> codeBook;          ///< CodeBook only: 2^bits values.

    std::int64_t groups() const { return scheme.groupsPerRow(cols); }
    std::size_t bytesPerRow() const { return static_cast<std::size_t>((cols * scheme.bits + 7) / 8); }
    std::int64_t groupOf(std::int64_t col) const;
    float scale(std::int64_t row, std::int64_t group) const;
    int zero(std::int64_t row, std::int64_t group) const;

    /// Codes of row, one per byte: out has cols elements.
    void unpackRow(std::int64_t row, std::span<std::uint8_t> out) const;
    /// Rows [first, first + count) as f32: out has count x cols elements. Any thread.
    void dequantizeRows(std::int64_t first, std::int64_t count, std::span<float> out) const;
    std::vector<float> dequantize() const; ///< In parallel.

    /// Bytes of codes, scales (in scaleDType) and zero points (bits each).
    std::uint64_t bytesStored() const;
    double bitsPerWeight() const;
    /// Share of codes at 0 or Scheme::maxCode().
    double saturatedShare() const;
};

} // namespace bitlathe::quant
