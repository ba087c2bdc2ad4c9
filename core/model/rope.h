// SPDX-License-Identifier: Apache-2.0
// Rotary position tables: the cosines and sines by which queries and keys are turned.
#pragma once

#include "core/model/modelspec.h"
#include "core/model/values.h"

#include <memory>
#include <mutex>
#include <span>
#include <vector>

namespace bitlathe::model
{

/// Inverse frequency of every pair (i, i + headDim / 2) in a sequence (Doubling: with a first pass) of so many tokens,
/// scaling included; headDim: the dimensions that are turned. f32, as the models were trained.
std::vector<float> ropeFrequencies(const RopeSpec& rope, std::int64_t headDim, std::int64_t length);

/// Cosines and sines [positions, headDim / 2] in the memory of a backend, attention factor included.
struct RopeRows
{
    Values cosine;
    Values sine;
};

/// Rows for positions from 0 on, made when first asked for. Where the frequencies depend on a sequence's length, keys
/// in a cache stay turned as they were when the sequence was shorter, as in transformers. Any thread.
class RopeTable
{
public:
    RopeTable(const RopeSpec& rope, std::int64_t headDim, const kernels::Memory& memory);
    /// Rows for at least the positions [0, end) of a sequence that ends there and began with a pass of so many tokens.
    std::shared_ptr<const RopeRows> rows(std::int64_t end, std::int64_t firstPass) const;
    std::int64_t half() const { return m_dims / 2; }

private:
    /// One set of frequencies and the rows made of it so far.
    struct Rows
    {
        std::int64_t length = 0; ///< Of the sequences that it is for, as far as they differ.
        std::vector<float> frequencies;
        std::shared_ptr<const RopeRows> rows;
    };

    std::int64_t lengthThatMatters(std::int64_t end, std::int64_t firstPass) const;
    Rows rowsOf(std::int64_t length) const;
    void grow(Rows& rows, std::int64_t end) const;

    RopeSpec m_rope;
    std::int64_t m_dims;
    const kernels::Memory& m_memory;
    mutable std::mutex m_mutex;
    mutable Rows m_within; ///< Of sequences within the original length, or of all.
    mutable Rows m_beyond; ///< Of the last longer one.
};

} // namespace bitlathe::model
