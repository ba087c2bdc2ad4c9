// SPDX-License-Identifier: Apache-2.0
// The forward pass of one block: norms, attention, mlp, and how they are added up.
#include "core/model/decoderblock.h"

namespace bitlathe::model
{

Result<std::shared_ptr<const Block>> DecoderBlock::load(std::shared_ptr<const BlockContext> context,
                                                        const WeightSource& source, std::int64_t index)
{
    const ModelSpec& spec = context->spec;
    const BlockSpec& names = context->block(index);
    const kernels::Backend& backend = context->backend;
    const std::shared_ptr<DecoderBlock> block(new DecoderBlock());
    BITLATHE_TRY(block->m_inputNorm, Norm::load(spec, source, names.inputNorm, spec.hidden, backend));
    BITLATHE_TRY(block->m_postAttentionNorm, Norm::load(spec, source, names.postAttentionNorm, spec.hidden, backend));
    BITLATHE_TRY(block->m_attentionOutputNorm,
                 Norm::load(spec, source, names.attentionOutputNorm, spec.hidden, backend));
    BITLATHE_TRY(block->m_mlpOutputNorm, Norm::load(spec, source, names.mlpOutputNorm, spec.hidden, backend));
    BITLATHE_TRY(block->m_attention, Attention::load(context, source, index));
    if (names.router.empty()) {
        BITLATHE_TRY(block->m_mlp, Mlp::load(*context, source, index));
    } else {
        BITLATHE_TRY(block->m_experts, Experts::load(*context, source, index));
    }
    block->m_context = std::move(context);
    return std::shared_ptr<const Block>(block);
}

void DecoderBlock::forward(Activations& hidden, KvStore* kv, BlockObserver* observer) const
{
    pass(hidden, kv != nullptr ? std::span(&kv, 1) : std::span<KvStore* const>(), observer);
}

void DecoderBlock::decode(Activations& hidden, std::span<KvStore* const> kv) const
{
    pass(hidden, kv, nullptr);
}

/// With a store for each of hidden.sequences, or none.
void DecoderBlock::pass(Activations& hidden, std::span<KvStore* const> kv, BlockObserver* observer) const
{
    const ModelSpec& spec = m_context->spec;
    const BufferPool::Loan loan(m_context->buffers);
    BlockBuffers& buffers = *loan;
    if (spec.residual == ResidualForm::PostNorm) {
        m_attention.forward({hidden}, buffers, kv, observer, nullptr);
        addTo(hidden, buffers.added);
        m_inputNorm.apply(hidden.span());
        feedForward({hidden}, buffers, observer, buffers.added, nullptr);
        addTo(hidden, buffers.added);
        m_postAttentionNorm.apply(hidden.span());
        return;
    }
    // What comes last in attention and mlp goes into the sum where nothing stands between.
    const bool parallel = spec.residual == ResidualForm::Parallel;
    const bool isPlain = !parallel && spec.residualScale == 1.0;
    const bool sumsAttention = isPlain && m_attentionOutputNorm.isEmpty();
    m_attention.forward({hidden, &m_inputNorm, {}, {}, &buffers.normed}, buffers, kv, observer,
                        sumsAttention ? &hidden : nullptr);
    if (!sumsAttention) {
        m_attentionOutputNorm.apply(buffers.added.span());
    }
    if (!parallel && !sumsAttention) {
        addTo(hidden, buffers.added);
    }
    const bool sumsMlp = isPlain && m_mlpOutputNorm.isEmpty() && !m_experts;
    feedForward({hidden, &m_postAttentionNorm, {}, {}, &buffers.normed}, buffers, observer, buffers.addedMlp,
                sumsMlp ? &hidden : nullptr);
    if (sumsMlp) {
        return;
    }
    m_mlpOutputNorm.apply(buffers.addedMlp.span());
    if (parallel) {
        addTo(hidden, buffers.added);
    }
    addTo(hidden, buffers.addedMlp);
}

void DecoderBlock::feedForward(const LinearInput& input, BlockBuffers& buffers, BlockObserver* observer, Values& out,
                               Values* sum) const
{
    if (m_experts) {
        m_experts->forward(madeOf(m_context->backend, input), buffers, observer, out);
    } else {
        m_mlp.forward(input, buffers, observer, out, sum);
    }
}

void DecoderBlock::addTo(Activations& hidden, Values& added) const
{
    if (m_context->spec.residualScale != 1.0) {
        const auto scale = static_cast<float>(m_context->spec.residualScale);
        ChangedOnProcessor scaled(added.memory(), added.span(), ChangedOnProcessor::Before::Read);
        for (float& value : scaled.span()) {
            value *= scale;
        }
        scaled.store();
    }
    m_context->backend.add(hidden.span(), added.span());
}

std::uint64_t DecoderBlock::bytes() const
{
    std::uint64_t bytes = m_attention.bytes() + m_mlp.bytes() + (m_experts ? m_experts->bytes() : 0);
    for (const Norm* norm : {&m_inputNorm, &m_postAttentionNorm, &m_attentionOutputNorm, &m_mlpOutputNorm}) {
        bytes += norm->bytes();
    }
    return bytes;
}

} // namespace bitlathe::model
