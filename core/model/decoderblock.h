// SPDX-License-Identifier: Apache-2.0
// DecoderBlock: the forward pass of one block, shared by every family that a ModelSpec can describe.
#pragma once

#include "core/model/model.h"
#include "core/model/rope.h"

#include <array>
#include <memory>
#include <mutex>
#include <vector>

namespace bitlathe::model
{

/// Buffers of one forward pass through a block, kept for the next one.
struct BlockBuffers
{
    Activations normed;
    Activations attention;
    Activations gate;
    std::vector<float> query;
    std::vector<float> key;
    std::vector<float> value;
    std::vector<float> up;
    std::vector<float> added;
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
    mutable BufferPool buffers;

    BlockContext(ModelSpec modelSpec, Compute arithmetic)
        : spec(std::move(modelSpec)), compute(arithmetic), rope(spec.rope, spec.headDim)
    {}
};

class DecoderBlock final : public Block
{
public:
    static Result<std::shared_ptr<const Block>> load(std::shared_ptr<const BlockContext> context,
                                                     const WeightSource& source, std::int64_t index);

    void forward(Activations& hidden, KvStore* kv, BlockObserver* observer) const override;
    std::uint64_t bytes() const override;

private:
    static constexpr std::size_t kLinears = 7;
    explicit DecoderBlock(std::shared_ptr<const BlockContext> context, std::int64_t index);

    const Linear& linear(LinearRole role) const { return *m_linears[static_cast<std::size_t>(role)]; }
    LayerId id(LinearRole role) const;
    void attend(BlockBuffers& buffers, KvStore* kv, BlockObserver* observer) const;
    void addTo(Activations& hidden, std::vector<float>& added) const;

    std::shared_ptr<const BlockContext> m_context;
    std::int64_t m_index;
    std::vector<float> m_inputNorm;
    std::vector<float> m_postAttentionNorm;
    std::array<std::unique_ptr<Linear>, kLinears> m_linears; ///< By role.
};

} // namespace bitlathe::model
