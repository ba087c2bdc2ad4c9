// SPDX-License-Identifier: Apache-2.0
// PackedStates: rounding rows to 24 bits and back.
#include "core/evaluate/packedstates.h"

#include "kernels/threads.h"

#include <algorithm>
#include <cmath>

namespace bitlathe::evaluate
{

namespace
{

constexpr float kLargestCode = (1 << 23) - 1;
constexpr std::int64_t kRowsOfThread = 16;

} // namespace

PackedStates packStates(const model::Activations& states, std::int64_t first, std::int64_t count)
{
    PackedStates packed{first, states.cols, {}, {}};
    const model::OnProcessor rows(states.memory(), states.span());
    packed.scales.resize(static_cast<std::size_t>(count));
    packed.codes.resize(static_cast<std::size_t>(count * states.cols * PackedStates::kBytesCode));
    kernels::parallelFor(count, kRowsOfThread, [&](std::int64_t begin, std::int64_t end) {
        for (std::int64_t row = begin; row < end; ++row) {
            const float* values = rows.span().data() + (first + row) * states.cols;
            float largest = 0;
            for (std::int64_t col = 0; col < states.cols; ++col) {
                largest = std::max(largest, std::abs(values[col]));
            }
            const float scale = largest / kLargestCode;
            const float inverse = scale > 0 ? 1 / scale : 0;
            packed.scales[static_cast<std::size_t>(row)] = scale;
            std::uint8_t* codes = packed.codes.data() + row * states.cols * PackedStates::kBytesCode;
            for (std::int64_t col = 0; col < states.cols; ++col) {
                const float code = std::clamp(values[col] * inverse, -kLargestCode, kLargestCode);
                const auto bits = static_cast<std::uint32_t>(static_cast<std::int32_t>(std::nearbyint(code)));
                *codes++ = static_cast<std::uint8_t>(bits);
                *codes++ = static_cast<std::uint8_t>(bits >> 8);
                *codes++ = static_cast<std::uint8_t>(bits >> 16);
            }
        }
    });
    return packed;
}

model::Activations unpackStates(const PackedStates& packed, std::int64_t rows)
{
    model::Activations states(rows, packed.cols);
    kernels::parallelFor(packed.rows(), kRowsOfThread, [&](std::int64_t begin, std::int64_t end) {
        for (std::int64_t row = begin; row < end; ++row) {
            const float scale = packed.scales[static_cast<std::size_t>(row)];
            const std::uint8_t* codes = packed.codes.data() + row * packed.cols * PackedStates::kBytesCode;
            float* values = states.values.data() + (packed.first + row) * packed.cols;
            for (std::int64_t col = 0; col < packed.cols; ++col) {
                // Into the upper bytes, so that the shift back brings the sign along.
                const std::uint32_t bits =
                    (std::uint32_t{codes[0]} << 8) | (std::uint32_t{codes[1]} << 16) | (std::uint32_t{codes[2]} << 24);
                values[col] = static_cast<float>(static_cast<std::int32_t>(bits) >> 8) * scale;
                codes += PackedStates::kBytesCode;
            }
        }
    });
    return states;
}

} // namespace bitlathe::evaluate
