// SPDX-License-Identifier: Apache-2.0
// Packed weights as the inner loops of a level read them.
//
// Inputs are taken in slots: in their own order where groups allow it, else group after group, each filled up to whole
// units. A unit is 2 * lanes slots, a block several units: element e of a block's units shares one 16-bit word, unit q
// at bit q * bits, so that one shift brings a unit's codes to where a table look-up reads them. A dword holds elements
// 2 i and 2 i + 1. Codes of 8 bits lie one to a byte: unit after unit, even elements before odd ones for f32 products.
// The blocks of outputs 2 i and 2 i + 1 take turns, so that a loop over both reads one stream.
#pragma once

#include "kernels/backend.h"

#include <cstddef>
#include <cstdint>

namespace bitlathe::kernels::cpu
{

/// The rows of x that a product takes straight from the codes; more are multiplied with unpacked panels.
inline constexpr int kRowsFromCodes = 4;

/// Units of a block; storedBits is 2, 3, 4 or 8.
constexpr int unitsOfBlock(int storedBits)
{
    return storedBits == 8 ? 4 : 16 / storedBits;
}
constexpr std::int64_t bytesOfBlock(int storedBits, std::int64_t lanes)
{
    return (storedBits == 8 ? 8 : 4) * lanes;
}

/// Numbers of the segments [outputs][segments]. Reading a vector beyond the last is allowed.
struct SegmentNumbers
{
    ScalarType type = ScalarType::F32;
    const std::byte* values = nullptr; ///< Null: none.
};

/// Weights as the loops read them. A segment is a run of units with one scale.
struct PackedCodes
{
    int bits = 4;            ///< Stored: 2, 3, 4 or 8.
    bool pairs = false;      ///< For bf16 dot products: 8-bit codes lie in order.
    bool roundsBf16 = false; ///< Weights are rounded to bf16.
    bool fixed = false; ///< Few rows are multiplied in integers, see packedfixed.h: uniform codes in bf16 arithmetic.
    std::int64_t units = 0; ///< Of a row, whole blocks.
    std::int64_t bytesRow = 0;
    const std::byte* codes = nullptr;
    const float* book = nullptr; ///< 16 values by code, repeated where there are fewer, or 256; null: 8-bit codes.
    float zero = 0.0F;           ///< Where zeros are null.
    std::int64_t unitsSegment = 0;
    std::int64_t segments = 0;
    SegmentNumbers scales;
    const std::byte* zeros = nullptr; ///< [outputs][segments], as scales; null: none.
    SegmentNumbers offsets;
};

/// Where the blocks of an output begin; they lie two blocks apart.
constexpr std::int64_t placeOfOutput(const PackedCodes& w, std::int64_t output, std::int64_t bytesBlock)
{
    return output / 2 * 2 * w.bytesRow + output % 2 * bytesBlock;
}

/// Outputs [first, last) of 1 ... kRowsFromCodes rows.
struct PackedRowArgs
{
    const PackedCodes* weights = nullptr;
    std::int64_t first = 0; ///< Even.
    std::int64_t last = 0;
    const std::byte* x = nullptr; ///< Rows of PackedOps::arrange.
    std::int64_t bytesRowX = 0;
    int rows = 0;
    const float* bias = nullptr; ///< May be null. Of output 0, as y.
    float* y = nullptr;
    std::int64_t strideY = 0;
    float* scratch = nullptr; ///< 4 * packedScratchProduct floats.
};

/// A panel of the outputs from first on, cols of them, for the inputs (or slots) below depth.
struct PackedPanelArgs
{
    const PackedCodes* weights = nullptr;
    std::int64_t first = 0;
    std::int64_t cols = 0;
    std::int64_t depth = 0;
    void* panel = nullptr;    ///< PanelKind::F32, or Bf16Dot where weights are for pairs.
    float* scratch = nullptr; ///< packedScratchPanel floats.
};

/// Segments of a row, whole vectors.
constexpr std::int64_t packedSegments(std::int64_t segments)
{
    return (segments + 15) / 16 * 16;
}
/// Scale, zero and offset of a row's segments.
constexpr std::int64_t packedScratchRow(std::int64_t segments)
{
    return 3 * packedSegments(segments);
}
/// The same, and factors of the rows of x.
constexpr std::int64_t packedScratchProduct(std::int64_t segments)
{
    return packedScratchRow(segments) + kRowsFromCodes * packedSegments(segments);
}
constexpr std::int64_t packedScratchPanel(std::int64_t segments)
{
    return 16 * packedScratchRow(segments);
}

/// Bytes of what PackedOps::arrange writes.
constexpr std::int64_t bytesOfArrangedRow(const PackedCodes& w, std::int64_t lanes)
{
    const std::int64_t slots = w.units * 2 * lanes;
    return w.fixed ? slots * 2 + packedSegments(w.segments) * 8 : slots * (w.pairs ? 2 : 4);
}

/// The single-threaded inner loops of a level.
struct PackedOps
{
    /// Slots [units][2 * lanes] of one row to what row multiplies: words with their scales where weights are fixed,
    /// else pairs of bf16 in order, or even elements of each unit before its odd ones, rounded to bf16 where weights
    /// are.
    void (*arrange)(const PackedCodes& weights, const float* slots, void* out);
    void (*row)(const PackedRowArgs& args);
    void (*panel)(const PackedPanelArgs& args);
};

const PackedOps& packedOpsAvx2();
const PackedOps& packedOpsAvx512();
const PackedOps& packedOpsAvx512Bf16();

} // namespace bitlathe::kernels::cpu
