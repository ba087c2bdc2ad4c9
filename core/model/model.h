// SPDX-License-Identifier: Apache-2.0
// Model: a ModelSpec with weights, runnable whole or block by block.
#pragma once

#include "core/base/progress.h"
#include "core/model/kvstore.h"
#include "core/model/linear.h"

#include <memory>

namespace bitlathe::model
{

using TokenId = std::int32_t;

/// Sees what goes through a block. Called in the order of the forward pass, on the calling thread.
class BlockObserver
{
public:
    virtual ~BlockObserver() = default;
    /// The input of linears (all of one inputGroup of a block): [tokens, inFeatures].
    virtual void onInput(std::span<const LayerId> linears, const Activations& input) = 0;
    /// Keys after rope and values of a block: [tokens, kvHeads * headDim].
    virtual void onKeyValue(std::int64_t /*block*/, std::span<const float> /*keys*/, std::span<const float> /*values*/)
    {}
};

/// One decoder block with its weights in memory. Activations are in the memory of its model's backend. Immutable; any
/// thread.
class Block
{
public:
    virtual ~Block() = default;
    /// hidden: [tokens, hidden] of one sequence, or without kv of several, replaced by the block's output. Positions
    /// start at kv->length(), or 0 without kv. observer may be null. Sequences do not see each other, but through
    /// LLM.int8()'s outliers (Linear::forward).
    virtual void forward(Activations& hidden, KvStore* kv, BlockObserver* observer) const = 0;
    /// hidden: [sequences, hidden], the next token of each of several sequences, which stands behind what its own store
    /// holds.
    virtual void decode(Activations& hidden, std::span<KvStore* const> kv) const = 0;
    virtual std::uint64_t bytes() const = 0;
};

enum class Residency {
    Resident, ///< All blocks loaded once, kept.
    Streamed, ///< A block is loaded when it is asked for and dropped with its last user.
};

class Model
{
public:
    struct Options
    {
        Compute compute = Compute::F32;
        Residency residency = Residency::Resident;
        std::shared_ptr<const kernels::Backend> device = nullptr; ///< What computes; null: the processor.
    };

    /// Checks that every tensor is there in its right shape. Resident: loads all blocks, in parallel, reporting to
    /// work. Errors: TensorMissing, TensorInvalid, NotSupported (spec.canRun is false), Cancelled, and those of a
    /// device (DeviceError).
    static Result<std::shared_ptr<const Model>> create(ModelSpec spec, std::shared_ptr<const WeightSource> source,
                                                       const Options& options, const WorkContext& work = {});
    ~Model();
    Model(const Model&) = delete;
    Model& operator=(const Model&) = delete;

    const ModelSpec& spec() const;
    const WeightSource& source() const;
    Compute compute() const;
    Residency residency() const;
    /// What computes. Activations, stores of keys and values, and logits lie in its memory; what embed() and the like
    /// give does so. Where a device fails, members throw a DeviceError.
    const kernels::Backend& backend() const;
    const kernels::Memory& memory() const { return backend().memory(); }
    /// An empty store in its memory, with room for so many tokens.
    std::unique_ptr<KvStore> makeKvStore(std::int64_t capacity) const;

    /// ids -> [tokens, hidden]; first: the position of ids[0]. TextInvalid errors: an id outside the vocabulary, and a
    /// position beyond ModelSpec::positionLimit().
    Result<Activations> embed(std::span<const TokenId> ids, std::int64_t first = 0) const;
    Result<std::shared_ptr<const Block>> block(std::int64_t index) const;
    /// Final norm, in place.
    void finalNorm(Activations& hidden) const;
    /// Logits of normed rows [first, first + count): out is count x vocabulary, in the backend's memory.
    void logits(const Activations& normed, std::int64_t first, std::int64_t count, std::span<float> out) const;
    /// The same where the processor wants them.
    void logitsOnProcessor(const Activations& normed, std::int64_t first, std::int64_t count,
                           std::span<float> out) const;

    /// All of it for one sequence: normed hidden states [tokens, hidden], for logits(). kv may be null.
    Result<Activations> forward(std::span<const TokenId> ids, KvStore* kv = nullptr,
                                const WorkContext& work = {}) const;
    /// The next token of each of several sequences, with a store for each, which may differ in length: weights are read
    /// once for all of them. Gives normed hidden states [sequences, hidden]. Errors: those of embed(), Cancelled.
    Result<Activations> decode(std::span<const TokenId> ids, std::span<KvStore* const> kv,
                               const WorkContext& work = {}) const;
    /// Several sequences of the same length at once, block by block, so that a streamed model reads each block once.
    Result<std::vector<Activations>> forwardBatch(std::span<const std::vector<TokenId>> sequences,
                                                  const WorkContext& work = {}) const;

    /// Gives back the memory that forward passes keep for the next one. None is going on.
    void dropBuffers() const;

    std::uint64_t bytesWeights() const; ///< Held in memory by resident blocks, embedding and head.

private:
    struct Data;
    static Result<std::shared_ptr<const Model>> load(std::unique_ptr<Data> data, const WorkContext& work);
    /// Fills hidden [ids.size(), vocabularyWidth] with rows that the processor gathers.
    void gatherHere(std::span<const TokenId> ids, Activations& hidden) const;
    /// Rows of the embedding, [ids.size(), vocabularyWidth] on the processor.
    void gather(std::span<const TokenId> ids, std::span<float> rows) const;
    /// Tokens as hidden states, each with its position.
    Result<Activations> hiddenOf(std::span<const TokenId> ids, std::span<const std::int64_t> positions) const;
    Result<void> checkPositions(std::int64_t end) const;
    explicit Model(std::unique_ptr<Data> data);
    std::unique_ptr<Data> m_data;
};

} // namespace bitlathe::model
