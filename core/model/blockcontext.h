// SPDX-License-Identifier: Apache-2.0
// BlockContext: what all blocks of a model share, and the buffers that their forward passes borrow.
#pragma once

#include "core/model/model.h"
#include "core/model/rope.h"

#include <memory>
#include <mutex>
#include <vector>

namespace bitlathe::model
{

/// A token that is routed to an expert.
struct ExpertVisit
{
    std::int64_t row = 0;
    float weight = 0; ///< Of what the expert gives.
};

/// Buffers of one forward pass through a block, kept for the next one.
struct BlockBuffers
{
    Activations normed;
    Activations attention;
    Activations gate;
    Activations routed; ///< Input of one expert.
    std::vector<float> fused;
    std::vector<float> query;
    std::vector<float> key;
    std::vector<float> value;
    std::vector<float> turned; ///< The part of each head that rope turns.
    std::vector<float> up;
    std::vector<float> added; ///< By attention (after it, by the mlp of a block with PostNorm).
    std::vector<float> addedMlp;
    std::vector<float> addedExpert;
    std::vector<float> routing;
    std::vector<std::vector<ExpertVisit>> visits; ///< Of each expert, in the order of rows.
};

/// Lends buffers to forward passes, so that a token of a generation allocates nothing. Any thread.
class BufferPool
{
public:
    /// Gives its buffers back when it goes.
    class Loan
    {
    public:
        explicit Loan(BufferPool& pool);
        ~Loan();
        Loan(const Loan&) = delete;
        Loan& operator=(const Loan&) = delete;
        BlockBuffers& operator*() const { return *m_buffers; }

    private:
        BufferPool& m_pool;
        std::unique_ptr<BlockBuffers> m_buffers;
    };

private:
    std::mutex m_mutex;
    std::vector<std::unique_ptr<BlockBuffers>> m_free;
};

/// What all blocks of a model share.
struct BlockContext
{
    ModelSpec spec;
    Compute compute = Compute::F32;
    RopeTable rope;
    RopeTable localRope;
    mutable BufferPool buffers;

    BlockContext(ModelSpec modelSpec, Compute arithmetic);

    const BlockSpec& block(std::int64_t index) const { return spec.blocks[static_cast<std::size_t>(index)]; }
    const RopeTable& ropeOf(std::int64_t index) const { return block(index).slides ? localRope : rope; }
};

/// A linear of a block under its id; linear is null where the block has none of that role.
struct BlockLinear
{
    LayerId id;
    std::unique_ptr<Linear> linear;

    explicit operator bool() const { return linear != nullptr; }
    std::uint64_t bytes() const { return linear ? linear->bytes() : 0; }
    /// y becomes rows x outFeatures.
    void forward(const Activations& x, std::vector<float>& y) const;
};

/// Loads the linear that plays a role in a block, of one expert or (-1) of none.
Result<BlockLinear> loadLinear(const BlockContext& context, const WeightSource& source, std::int64_t block,
                               LinearRole role, std::int64_t expert = -1);

void resize(Activations& activations, std::int64_t rows, std::int64_t cols);

} // namespace bitlathe::model
