// SPDX-License-Identifier: Apache-2.0
// Rotary position tables: the cosines and sines by which queries and keys are turned.
#pragma once

#include "core/model/modelspec.h"

#include <memory>
#include <mutex>
#include <span>
#include <vector>

namespace bitlathe::model
{

/// Inverse frequency of every pair (i, i + headDim / 2), scaling included; headDim: the dimensions that are turned. f32,
/// as the models were trained. length: of the sequence, for scalings that depend on it.
std::vector<float> ropeFrequencies(const RopeSpec& rope, std::int64_t headDim, std::int64_t length = 0);

/// Cosines and sines [positions, headDim / 2], attention factor included.
struct RopeRows
{
    std::vector<float> cosine;
    std::vector<float> sine;
};

/// Rows for positions from 0 on, made when first asked for. Any thread.
class RopeTable
{
public:
    RopeTable(const RopeSpec& rope, std::int64_t headDim);
    /// Rows for at least the positions [0, end) of a sequence that ends there.
    std::shared_ptr<const RopeRows> rows(std::int64_t end) const;
    std::int64_t half() const { return m_dims / 2; }

private:
    std::int64_t lengthThatCounts(std::int64_t end) const;

    RopeSpec m_rope;
    std::int64_t m_dims;
    mutable std::mutex m_mutex;
    mutable std::int64_t m_length = 0; ///< Of the sequences for which rows are.
    mutable std::vector<float> m_frequencies;
    mutable std::shared_ptr<const RopeRows> m_rows;
};

} // namespace bitlathe::model
