// SPDX-License-Identifier: Apache-2.0
// The forward pass of one block: norm, attention, norm, gated mlp.
#include "core/model/decoderblock.h"

#include "kernels/backend.h"

#include <cmath>

namespace bitlathe::model
{

namespace
{

const kernels::Backend& backend()
{
    return kernels::cpuBackend();
}

void resize(Activations& activations, std::int64_t rows, std::int64_t cols)
{
    activations.rows = rows;
    activations.cols = cols;
    activations.values.resize(static_cast<std::size_t>(rows * cols));
}

void forwardInto(const Linear& linear, const Activations& x, std::vector<float>& y)
{
    y.resize(static_cast<std::size_t>(x.rows * linear.outFeatures()));
    linear.forward(x, y);
}

} // namespace

BufferPool::Loan::Loan(BufferPool& pool) : m_pool(pool)
{
    const std::scoped_lock lock(m_pool.m_mutex);
    if (m_pool.m_free.empty()) {
        m_buffers = std::make_unique<BlockBuffers>();
    } else {
        m_buffers = std::move(m_pool.m_free.back());
        m_pool.m_free.pop_back();
    }
}

BufferPool::Loan::~Loan()
{
    const std::scoped_lock lock(m_pool.m_mutex);
    m_pool.m_free.push_back(std::move(m_buffers));
}

DecoderBlock::DecoderBlock(std::shared_ptr<const BlockContext> context, std::int64_t index)
    : m_context(std::move(context)), m_index(index)
{}

Result<std::shared_ptr<const Block>> DecoderBlock::load(std::shared_ptr<const BlockContext> context,
                                                        const WeightSource& source, std::int64_t index)
{
    const ModelSpec& spec = context->spec;
    const BlockSpec& names = spec.blocks[static_cast<std::size_t>(index)];
    const std::shared_ptr<DecoderBlock> block(new DecoderBlock(context, index));
    BITLATHE_TRY(const auto inputNorm, source.tensor(names.inputNorm + ".weight", {spec.hidden}));
    block->m_inputNorm = checkpoint::toF32(inputNorm);
    BITLATHE_TRY(const auto postNorm, source.tensor(names.postAttentionNorm + ".weight", {spec.hidden}));
    block->m_postAttentionNorm = checkpoint::toF32(postNorm);
    for (const LayerId layer : names.linears) {
        const LinearSpec& linear = spec.linear(layer);
        BITLATHE_TRY(block->m_linears[static_cast<std::size_t>(linear.role)], source.linear(linear, context->compute));
    }
    return std::shared_ptr<const Block>(block);
}

LayerId DecoderBlock::id(LinearRole role) const
{
    // Linears of a block are listed in the order of the forward pass, which is that of the roles.
    return m_context->spec.blocks[static_cast<std::size_t>(m_index)].linears[static_cast<std::size_t>(role)];
}

void DecoderBlock::forward(Activations& hidden, KvStore* kv, BlockObserver* observer) const
{
    const ModelSpec& spec = m_context->spec;
    const BufferPool::Loan loan(m_context->buffers);
    BlockBuffers& buffers = *loan;
    resize(buffers.normed, hidden.rows, spec.hidden);
    backend().rmsNorm(hidden.values, m_inputNorm, spec.normEpsilon, buffers.normed.values);
    if (observer != nullptr) {
        observer->onInput(std::array{id(LinearRole::Query), id(LinearRole::Key), id(LinearRole::Value)},
                          buffers.normed);
    }
    attend(buffers, kv, observer);
    if (observer != nullptr) {
        observer->onInput(std::array{id(LinearRole::Output)}, buffers.attention);
    }
    forwardInto(linear(LinearRole::Output), buffers.attention, buffers.added);
    addTo(hidden, buffers.added);

    backend().rmsNorm(hidden.values, m_postAttentionNorm, spec.normEpsilon, buffers.normed.values);
    if (observer != nullptr) {
        observer->onInput(std::array{id(LinearRole::Gate), id(LinearRole::Up)}, buffers.normed);
    }
    resize(buffers.gate, hidden.rows, spec.intermediate);
    linear(LinearRole::Gate).forward(buffers.normed, buffers.gate.values);
    forwardInto(linear(LinearRole::Up), buffers.normed, buffers.up);
    backend().activate(kernels::Activation::Silu, buffers.gate.values, buffers.up);
    if (observer != nullptr) {
        observer->onInput(std::array{id(LinearRole::Down)}, buffers.gate);
    }
    forwardInto(linear(LinearRole::Down), buffers.gate, buffers.added);
    addTo(hidden, buffers.added);
}

void DecoderBlock::attend(BlockBuffers& buffers, KvStore* kv, BlockObserver* observer) const
{
    const ModelSpec& spec = m_context->spec;
    const std::int64_t rows = buffers.normed.rows;
    const std::int64_t first = kv != nullptr ? kv->length() : 0;
    forwardInto(linear(LinearRole::Query), buffers.normed, buffers.query);
    forwardInto(linear(LinearRole::Key), buffers.normed, buffers.key);
    forwardInto(linear(LinearRole::Value), buffers.normed, buffers.value);

    const auto table = m_context->rope.rows(first + rows);
    const std::int64_t half = m_context->rope.half();
    const auto begin = static_cast<std::size_t>(first * half);
    const auto count = static_cast<std::size_t>(rows * half);
    const auto cosine = std::span(table->cosine).subspan(begin, count);
    const auto sine = std::span(table->sine).subspan(begin, count);
    backend().rope(buffers.query, rows, spec.heads, spec.headDim, cosine, sine);
    backend().rope(buffers.key, rows, spec.kvHeads, spec.headDim, cosine, sine);
    if (observer != nullptr) {
        observer->onKeyValue(m_index, buffers.key, buffers.value);
    }

    std::span<const float> keys = buffers.key;
    std::span<const float> values = buffers.value;
    if (kv != nullptr) {
        kv->append(m_index, buffers.key, buffers.value);
        keys = kv->keys(m_index);
        values = kv->values(m_index);
    }
    const kernels::AttentionShape shape{
        .queries = rows,
        .keys = first + rows,
        .heads = spec.heads,
        .kvHeads = spec.kvHeads,
        .headDim = spec.headDim,
        .window = spec.slidingWindow.value_or(0),
        .scale = 1.0F / std::sqrt(static_cast<float>(spec.headDim)),
    };
    resize(buffers.attention, rows, spec.heads * spec.headDim);
    backend().attention(shape, m_context->compute == Compute::Bf16 ? kernels::Precision::Bf16 : kernels::Precision::F32,
                        buffers.query, keys, values, buffers.attention.values);
}

void DecoderBlock::addTo(Activations& hidden, std::vector<float>& added) const
{
    if (m_context->spec.residualScale != 1.0) {
        const auto scale = static_cast<float>(m_context->spec.residualScale);
        for (float& value : added) {
            value *= scale;
        }
    }
    backend().add(hidden.values, added);
}

std::uint64_t DecoderBlock::bytes() const
{
    std::uint64_t bytes = (m_inputNorm.size() + m_postAttentionNorm.size()) * sizeof(float);
    for (const auto& linear : m_linears) {
        bytes += linear->bytes();
    }
    return bytes;
}

} // namespace bitlathe::model
