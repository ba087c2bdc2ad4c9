// SPDX-License-Identifier: Apache-2.0
// PackedStates: hidden states in 24 bits, from which a head makes nearly the same logits.
#pragma once

#include "core/model/linear.h"

#include <cstdint>
#include <vector>

namespace bitlathe::evaluate
{

/// Rows of a matrix as whole numbers of 24 bits, with a scale each: 3 bytes for a hidden value where f32 logits take 4
/// for a word of the vocabulary.
struct PackedStates
{
    std::int64_t first = 0; ///< Row of the matrix that is the first here.
    std::int64_t cols = 0;
    std::vector<float> scales;       ///< Of each row; its largest magnitude is 2^23 - 1 times this.
    std::vector<std::uint8_t> codes; ///< [rows, cols, kBytesCode], little-endian two's complement.

    static constexpr std::int64_t kBytesCode = 3;

    std::int64_t rows() const { return static_cast<std::int64_t>(scales.size()); }
    bool operator==(const PackedStates&) const = default;
};

/// Rows [first, first + count) of states, which are finite.
PackedStates packStates(const model::Activations& states, std::int64_t first, std::int64_t count);

/// A matrix of so many rows; those that were not packed are 0.
model::Activations unpackStates(const PackedStates& packed, std::int64_t rows);

/// Whether packed states take no more than an eighth of f32 logits.
constexpr bool statesAreSmall(std::int64_t hidden, std::int64_t vocabulary)
{
    return PackedStates::kBytesCode * hidden + 4 <= vocabulary * 4 / 8;
}

} // namespace bitlathe::evaluate
