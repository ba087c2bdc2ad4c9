// SPDX-License-Identifier: Apache-2.0
// What the loop templates over packed weights share: numbers of segments, and the outputs and rows of a task.
#pragma once

#include "kernels/cpu/packedops.h"

#include <cstdint>

namespace bitlathe::kernels::cpu
{

namespace
{

/// Asks for the codes that are read a while after those at block: left alone, the processor asks too late for what is
/// used up this fast. Asking beyond the last is harmless.
template <std::int64_t kBytes>
inline __attribute__((always_inline)) void fetchAhead(const std::byte* block)
{
    constexpr std::int64_t kAhead = 4096; // 1 KiB gave a tenth less on Zen 5, 16 KiB no more than that.
    constexpr std::int64_t kLine = 64;
    for (std::int64_t i = 0; i < kBytes; i += kLine) {
        __builtin_prefetch(block + kAhead + i);
    }
}

/// Scale, zero and offset of the segments of one output, as f32; zero and offset may be null.
struct SegmentRow
{
    const float* scale = nullptr;
    const float* zero = nullptr;
    const float* offset = nullptr;
};

template <class S>
void widenNumbers(const SegmentNumbers& numbers, std::int64_t first, std::int64_t count, float* out)
{
    // Two steps of a task: what one reads would else come only when it waits for it.
    constexpr std::int64_t kOutputsAhead = 4;
    const auto* halves = reinterpret_cast<const std::uint16_t*>(numbers.values) + first;
    const auto* floats = reinterpret_cast<const float*>(numbers.values) + first;
    const std::int64_t size = numbers.type == ScalarType::F32 ? 4 : 2;
    const std::byte* const ahead = numbers.values + (first + kOutputsAhead * count) * size;
    for (std::int64_t i = 0; i < count; i += S::kLanes) {
        __builtin_prefetch(ahead + i * size);
        switch (numbers.type) {
        case ScalarType::F32: S::store(out + i, S::load(floats + i)); break;
        case ScalarType::F16: S::store(out + i, S::loadHalf(halves + i)); break;
        case ScalarType::Bf16: S::store(out + i, S::loadBf16(halves + i)); break;
        }
    }
}

/// scratch: packedScratchRow floats.
template <class S>
SegmentRow segmentsOf(const PackedCodes& w, std::int64_t output, float* scratch)
{
    const std::int64_t count = w.segments;
    const std::int64_t first = output * count;
    const std::int64_t stride = packedSegments(count);
    SegmentRow row{.scale = scratch};
    widenNumbers<S>(w.scales, first, count, scratch);
    if (w.zeros != nullptr) {
        float* const zeros = scratch + stride;
        for (std::int64_t i = 0; i < count; i += S::kLanes) {
            S::store(zeros + i, S::sub(S::bytesAbove(w.zeros + first + i), S::set(S::kBytesFrom)));
        }
        row.zero = zeros;
    }
    if (w.offsets.values != nullptr) {
        widenNumbers<S>(w.offsets, first, count, scratch + 2 * stride);
        row.offset = scratch + 2 * stride;
    }
    return row;
}

/// The outputs of one step of a task: a pair, or two pairs, whose codes are streams apart.
struct StepOutputs
{
    std::int64_t first = 0;  ///< Of outputs 0 and 1.
    std::int64_t second = 0; ///< Of outputs 2 and 3.

    constexpr std::int64_t at(int output) const { return output < 2 ? first + output : second + output - 2; }
};

template <class S, class Product, int kRows>
void multiplyRows(const PackedRowArgs& r)
{
    // Two outputs share what is loaded of x, where there are registers for their sums.
    constexpr int kOutputs = S::kLanes == 16 || kRows <= 2 ? 2 : 1;
    std::int64_t output = r.first;
    if constexpr (S::kLanes == 16 && kRows <= Product::kRowsOfFour) {
        // Two streams at once hide more of the memory's latency than one.
        const std::int64_t half = (r.last - r.first) / 4 * 2;
        for (; output < r.first + half; output += 2) {
            Product::template multiply<4, kRows>(r, {output, output + half});
        }
        output += half;
    }
    for (; output + kOutputs <= r.last; output += kOutputs) {
        Product::template multiply<kOutputs, kRows>(r, {output});
    }
    if (output < r.last) {
        Product::template multiply<1, kRows>(r, {output});
    }
}

/// All outputs and rows of a task. Product::multiply<kOutputs, kRows>(args, outputs) does those of a step.
template <class S, class Product>
void multiplyTask(const PackedRowArgs& r)
{
    switch (r.rows) {
    case 1: return multiplyRows<S, Product, 1>(r);
    case 2: return multiplyRows<S, Product, 2>(r);
    case 3: return multiplyRows<S, Product, 3>(r);
    default: return multiplyRows<S, Product, kRowsFromCodes>(r);
    }
}

} // namespace

} // namespace bitlathe::kernels::cpu
