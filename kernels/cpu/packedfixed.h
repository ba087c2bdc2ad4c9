// SPDX-License-Identifier: Apache-2.0
// Loop templates of few rows times uniform codes in integers: inputs become 16-bit words with a scale for each segment,
// which keeps more of them than bf16 does, codes stay as they are, and zero points are taken off with the sum of a
// segment's words. An add and a multiplication of 16-bit words replace the look-up and the conversion of each weight.
#pragma once

#include "kernels/cpu/packedshared.h"

#include <cstdint>
#include <limits>

namespace bitlathe::kernels::cpu
{

namespace
{

/// The segments' scales of an arranged row, and their sums of words times those scales. Both are padded with zeros.
struct FixedNumbers
{
    const float* scales;
    const float* sums;
};

inline FixedNumbers fixedNumbers(const PackedCodes& w, const std::byte* row, std::int64_t lanes)
{
    const auto* numbers = reinterpret_cast<const float*>(row + w.units * 2 * lanes * 2);
    return {numbers, numbers + packedSegments(w.segments)};
}

/// The words of one segment; returns its scale and sum.
template <class S>
void arrangeSegment(const float* slots, std::int64_t units, bool inOrder, std::byte* words, float& scale, float& sum)
{
    constexpr std::int64_t kWidth = 2 * S::kLanes;
    constexpr float kMost = 32767.0F;
    auto largest = S::zero();
    auto faults = S::zero(); // NaN where an input is NaN or infinity, which nothing hides.
    for (std::int64_t i = 0; i < units * kWidth; i += S::kLanes) {
        const auto values = S::load(slots + i);
        largest = S::max(S::abs(values), largest);
        faults = S::fma(values, S::zero(), faults);
    }
    scale = S::largest(largest) / kMost;
    const bool isSmall = !(scale >= std::numeric_limits<float>::min());
    const auto inverse = S::set(isSmall ? 0.0F : 1.0F / scale);
    auto total = S::zeroInts();
    for (std::int64_t unit = 0; unit < units; ++unit, slots += kWidth, words += 2 * kWidth) {
        auto first = S::load(slots);
        auto second = S::load(slots + S::kLanes);
        if (!inOrder) {
            S::loadEvenOdd(slots, first, second);
        }
        S::storeWords(words, S::mul(first, inverse), S::mul(second, inverse));
        total = S::dotWords(total, S::loadInts(words), S::onesWords());
    }
    scale = (isSmall ? 0.0F : scale) + S::sum(faults);
    sum = scale * S::sum(S::toFloats(total));
}

template <class S>
void arrangeFixed(const PackedCodes& w, const float* slots, std::byte* out)
{
    constexpr std::int64_t kWidth = 2 * S::kLanes;
    const std::int64_t padded = packedSegments(w.segments);
    auto* const scales = reinterpret_cast<float*>(out + w.units * kWidth * 2);
    for (std::int64_t i = 0; i < 2 * padded; i += S::kLanes) {
        S::store(scales + i, S::zero());
    }
    const bool inOrder = w.bits < 8 || w.pairs;
    for (std::int64_t segment = 0; segment < w.segments; ++segment) {
        const std::int64_t unit = segment * w.unitsSegment;
        const std::int64_t units = w.units - unit < w.unitsSegment ? w.units - unit : w.unitsSegment;
        arrangeSegment<S>(slots + unit * kWidth, units, inOrder, out + unit * kWidth * 2, scales[segment],
                          scales[padded + segment]);
    }
}

/// Codes of one unit of a block as words.
template <class S, int kBits, int kUnit>
inline __attribute__((always_inline)) typename S::Ints fixedCodes(const std::byte* block)
{
    if constexpr (kBits == 8) {
        return S::wordsOfBytes(block + kUnit * 2 * S::kLanes);
    } else {
        return S::template lowBits<kBits>(S::template shifted<kUnit * kBits>(S::loadInts(block)));
    }
}

/// What a segment's integers of one output and row of x are worth: writes both scales' products. Returns what zero
/// points and offsets take off.
template <class S>
inline typename S::V fixedFactors(const PackedCodes& w, const SegmentRow& own, const FixedNumbers& inputs,
                                  float* factors)
{
    auto correction = S::zero();
    for (std::int64_t i = 0; i < w.segments; i += S::kLanes) {
        const auto scale = S::load(own.scale + i);
        S::store(factors + i, S::mul(scale, S::load(inputs.scales + i)));
        auto less = S::mul(scale, own.zero != nullptr ? S::load(own.zero + i) : S::set(w.zero));
        if (own.offset != nullptr) {
            less = S::add(less, S::load(own.offset + i));
        }
        correction = S::fma(less, S::load(inputs.sums + i), correction);
    }
    return correction;
}

/// What a product of kOutputs outputs and kRows rows has come to.
template <class S, int kBits, int kOutputs, int kRows>
struct FixedSums
{
    using V = typename S::V;
    using Ints = typename S::Ints;

    const PackedRowArgs& args;
    const float* factors[kRows][kOutputs]; ///< Of segments.
    V corrections[kRows][kOutputs];
    V sums[kRows][kOutputs];
    Ints ints[kRows][kOutputs];
    std::int64_t segment = 0;
    std::int64_t left;

    FixedSums(const PackedRowArgs& r, const StepOutputs& outputs) : args(r), left(r.weights->unitsSegment)
    {
        const PackedCodes& w = *r.weights;
        for (int output = 0; output < kOutputs; ++output) {
            float* const scratch = r.scratch + output * packedScratchProduct(w.segments);
            float* const products = scratch + packedScratchRow(w.segments);
            const SegmentRow own = segmentsOf<S>(w, outputs.at(output), scratch);
#pragma GCC unroll 4
            for (int row = 0; row < kRows; ++row) {
                float* const ofRow = products + row * packedSegments(w.segments);
                const FixedNumbers inputs = fixedNumbers(w, r.x + row * r.bytesRowX, S::kLanes);
                factors[row][output] = ofRow;
                corrections[row][output] = fixedFactors<S>(w, own, inputs, ofRow);
            }
        }
#pragma GCC unroll 8
        for (int i = 0; i < kRows * kOutputs; ++i) {
            sums[i / kOutputs][i % kOutputs] = S::zero();
            ints[i / kOutputs][i % kOutputs] = S::zeroInts();
        }
    }

    /// The integers of a segment are complete.
    inline __attribute__((always_inline)) void endSegment()
    {
#pragma GCC unroll 8
        for (int i = 0; i < kRows * kOutputs; ++i) {
            const int row = i / kOutputs;
            const int output = i % kOutputs;
            const V factor = S::set(factors[row][output][segment]);
            sums[row][output] = S::fma(S::toFloats(ints[row][output]), factor, sums[row][output]);
            ints[row][output] = S::zeroInts();
        }
        ++segment;
        left = args.weights->unitsSegment;
    }

    /// Units kUnit ... of a block; x: the words of its first unit.
    template <int kUnit = 0>
    inline __attribute__((always_inline)) void addBlock(const std::byte* block, std::int64_t apart, const std::byte* x)
    {
        Ints codes[kOutputs];
#pragma GCC unroll 4
        for (int output = 0; output < kOutputs; ++output) {
            codes[output] =
                fixedCodes<S, kBits, kUnit>(block + output / 2 * apart + output % 2 * bytesOfBlock(kBits, S::kLanes));
        }
#pragma GCC unroll 4
        for (int row = 0; row < kRows; ++row) {
            const Ints words = S::loadInts(x + row * args.bytesRowX + kUnit * 4 * S::kLanes);
#pragma GCC unroll 4
            for (int output = 0; output < kOutputs; ++output) {
                ints[row][output] = S::dotWords(ints[row][output], codes[output], words);
            }
        }
        if (--left == 0) {
            endSegment();
        }
        if constexpr (kUnit + 1 < unitsOfBlock(kBits)) {
            addBlock<kUnit + 1>(block, apart, x);
        }
    }
};

template <class S, int kBits>
struct FixedProduct
{
    static constexpr int kRowsOfFour = 1; ///< Rows of x up to which a step has four outputs.

    template <int kOutputs, int kRows>
    static inline __attribute__((always_inline)) void multiply(const PackedRowArgs& r, const StepOutputs& outputs)
    {
        const PackedCodes& w = *r.weights;
        constexpr int kUnits = unitsOfBlock(kBits);
        constexpr std::int64_t kBytesBlock = bytesOfBlock(kBits, S::kLanes);
        FixedSums<S, kBits, kOutputs, kRows> all(r, outputs);
        const std::byte* block = w.codes + placeOfOutput(w, outputs.first, kBytesBlock);
        const std::int64_t apart = (outputs.second - outputs.first) * w.bytesRow; // Of two pairs.
        const std::byte* x = r.x;
        for (std::int64_t unit = 0; unit < w.units; unit += kUnits) {
            fetchAhead<(kOutputs < 2 ? 1 : 2) * kBytesBlock>(block);
            if constexpr (kOutputs > 2) {
                fetchAhead<2 * kBytesBlock>(block + apart);
            }
            all.addBlock(block, apart, x);
            block += 2 * kBytesBlock;
            x += kUnits * 4 * S::kLanes;
        }
        if (all.left < w.unitsSegment) {
            all.endSegment();
        }
        for (int row = 0; row < kRows; ++row) {
            for (int output = 0; output < kOutputs; ++output) {
                const float sum = S::sum(all.sums[row][output]) - S::sum(all.corrections[row][output]);
                r.y[row * r.strideY + outputs.at(output)] = r.bias != nullptr ? sum + r.bias[outputs.at(output)] : sum;
            }
        }
    }
};

template <class S>
void fixedRow(const PackedRowArgs& r)
{
    switch (r.weights->bits) {
    case 2: return multiplyTask<S, FixedProduct<S, 2>>(r);
    case 3: return multiplyTask<S, FixedProduct<S, 3>>(r);
    case 4: return multiplyTask<S, FixedProduct<S, 4>>(r);
    default: return multiplyTask<S, FixedProduct<S, 8>>(r);
    }
}

} // namespace

} // namespace bitlathe::kernels::cpu
