// SPDX-License-Identifier: Apache-2.0
// DecoderBlock: the forward pass of one block, shared by every family that a ModelSpec can describe.
#pragma once

#include "core/model/attention.h"
#include "core/model/experts.h"

#include <memory>
#include <optional>

namespace bitlathe::model
{

class DecoderBlock final : public Block
{
public:
    static Result<std::shared_ptr<const Block>> load(std::shared_ptr<const BlockContext> context,
                                                     const WeightSource& source, std::int64_t index);

    void forward(Activations& hidden, KvStore* kv, BlockObserver* observer) const override;
    void decode(Activations& hidden, std::span<KvStore* const> kv) const override;
    std::uint64_t bytes() const override;

private:
    DecoderBlock() = default;

    void pass(Activations& hidden, std::span<KvStore* const> kv, BlockObserver* observer) const;
    void feedForward(const LinearInput& input, BlockBuffers& buffers, BlockObserver* observer, Values& out,
                     Values* sum) const;
    void addTo(Activations& hidden, Values& added) const;

    std::shared_ptr<const BlockContext> m_context;
    Norm m_inputNorm;
    Norm m_postAttentionNorm;
    Norm m_attentionOutputNorm;
    Norm m_mlpOutputNorm;
    Attention m_attention;
    Mlp m_mlp; ///< Where there are no experts.
    std::optional<Experts> m_experts;
};

} // namespace bitlathe::model
