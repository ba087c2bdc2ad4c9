// SPDX-License-Identifier: Apache-2.0
// BlockContext: what all blocks of a model share, and the buffers that their forward passes borrow.
#pragma once

#include "core/model/model.h"
#include "core/model/norm.h"
#include "core/model/rope.h"

#include <initializer_list>
#include <memory>
#include <mutex>
#include <optional>
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
    explicit BlockBuffers(const kernels::Memory& memory)
        : normed(memory),
          attention(memory),
          gate(memory),
          routed(memory),
          fused(memory),
          query(memory),
          key(memory),
          value(memory),
          turned(memory),
          keysRead(memory),
          valuesRead(memory),
          up(memory),
          added(memory),
          addedMlp(memory),
          addedExpert(memory),
          routing(memory)
    {}

    Activations normed;
    Activations attention;
    Activations gate;
    Activations routed; ///< Input of one expert.
    Values fused;
    Values query;
    Values key;
    Values value;
    Values turned;   ///< The part of each head that rope turns.
    Values keysRead; ///< On a device: what a store on the processor gives back.
    Values valuesRead;
    Values up;
    Values added; ///< By attention (after it, by the mlp of a block with PostNorm).
    Values addedMlp;
    Values addedExpert;
    Values routing;
    std::vector<std::vector<ExpertVisit>> visits; ///< Of each expert, in the order of rows.
};

/// Lends buffers to forward passes, so that a token of a generation allocates nothing. Any thread.
class BufferPool
{
public:
    explicit BufferPool(const kernels::Memory& memory) : m_memory(memory) {}
    void clear(); ///< Drops what is not lent.

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
    const kernels::Memory& m_memory;
    std::mutex m_mutex;
    std::vector<std::unique_ptr<BlockBuffers>> m_free;
};

/// What all blocks of a model share.
struct BlockContext
{
    ModelSpec spec;
    Compute compute = Compute::F32;
    std::shared_ptr<const kernels::Backend> device; ///< Null: the processor.
    const kernels::Backend& backend;
    RopeTable rope;
    RopeTable localRope;
    mutable BufferPool buffers;

    BlockContext(ModelSpec modelSpec, Compute arithmetic, std::shared_ptr<const kernels::Backend> computes);

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
};

/// What linears read: x, or what a norm or an activation makes of it; see kernels::GemmInput.
struct LinearInput
{
    const Activations& x;
    const Norm* norm = nullptr; ///< An empty one does nothing.
    std::optional<ActivationKind> activation = {};
    std::span<const float> factor = {};
    Activations* made = nullptr; ///< Room for what linears read, with norm or activation; may be x.
};

/// Makes what linears read, for those who look at it: x itself, or input.made.
const Activations& madeOf(const kernels::Backend& backend, const LinearInput& input);

/// One of several linears of the same input. to becomes rows x outFeatures; or is undefined afterwards, and what it
/// would be is added to addTo.
struct LinearOutput
{
    const BlockLinear& linear;
    Values& to;
    Values* addTo = nullptr;
};

/// All of them, up to four; in fewer steps than one after the other where the backend has a way.
void forwardEach(const kernels::Backend& backend, const LinearInput& input,
                 std::initializer_list<LinearOutput> outputs);

/// Loads the linear that plays a role in a block, of one expert or (-1) of none.
Result<BlockLinear> loadLinear(const BlockContext& context, const WeightSource& source, std::int64_t block,
                               LinearRole role, std::int64_t expert = -1);

void resize(Activations& activations, std::int64_t rows, std::int64_t cols);

} // namespace bitlathe::model
