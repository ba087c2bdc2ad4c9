// SPDX-License-Identifier: Apache-2.0
// Attention: projections, rope, the cache, and the weighted sum of values of one block.
#pragma once

#include "core/model/blockcontext.h"
#include "core/model/norm.h"

namespace bitlathe::model
{

class Attention
{
public:
    static Result<Attention> load(std::shared_ptr<const BlockContext> context, const WeightSource& source,
                                  std::int64_t index);

    /// input: [tokens, hidden], normed where the family does so. kv: a store for each of input's sequences, or none.
    /// buffers.added becomes what attention adds; or is undefined afterwards, and that is added to sum. observer and
    /// sum may be null.
    void forward(const LinearInput& input, BlockBuffers& buffers, std::span<KvStore* const> kv, BlockObserver* observer,
                 Values* sum) const;
    std::uint64_t bytes() const;

private:
    void project(const LinearInput& input, BlockBuffers& buffers) const;
    /// Rows from the position first on, of each of so many sequences that stand behind each other and began with a pass
    /// of ofSequence rows.
    struct Pass
    {
        std::int64_t first = 0;
        std::int64_t rows = 0;
        std::int64_t sequences = 1;
        std::int64_t ofSequence = 0;
    };
    /// The parts of buffers that belong to a pass.
    struct PassRows
    {
        std::span<float> query, key, value, out;
    };
    /// Of the positions of a pass.
    struct RopeSlice
    {
        std::shared_ptr<const RopeRows> table;
        std::span<const float> cosine, sine;
        std::int64_t dims = 0; ///< Of a head, that are turned.
    };
    RopeSlice ropeOf(const Pass& pass) const;
    /// Queries and keys by their positions. True: the pass's keys and values are in the store, too.
    bool turn(const Pass& pass, const PassRows& rows, BlockBuffers& buffers, KvStore* kv) const;
    void turnPart(const Pass& pass, std::int64_t heads, std::span<float> x, const RopeSlice& table,
                  BlockBuffers& buffers) const;
    std::pair<std::span<const float>, std::span<const float>> remember(KvStore& kv, const PassRows& rows,
                                                                       BlockBuffers& buffers) const;
    void attend(const Pass& pass, const PassRows& rows, BlockBuffers& buffers, KvStore* kv,
                BlockObserver* observer) const;

    std::shared_ptr<const BlockContext> m_context;
    std::int64_t m_index = 0;
    BlockLinear m_query;
    BlockLinear m_key;
    BlockLinear m_value;
    BlockLinear m_fused; ///< Instead of the three.
    BlockLinear m_output;
    Norm m_queryNorm;
    Norm m_keyNorm;
    std::vector<LayerId> m_readers; ///< Of the input.
};

} // namespace bitlathe::model
