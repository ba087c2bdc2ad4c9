// SPDX-License-Identifier: Apache-2.0
// Attention of one block, as its ModelSpec describes it.
#include "core/model/attention.h"

#include "kernels/threads.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <tuple>

namespace bitlathe::model
{

namespace
{

/// Rows of fused projections into those of queries, keys and values.
void splitFused(const BlockContext& context, std::int64_t rows, BlockBuffers& buffers)
{
    const ModelSpec& spec = context.spec;
    const std::int64_t queries = spec.heads * spec.headDim;
    const std::int64_t keys = spec.kvHeads * spec.headDim;
    // A stretch holds the queries, then the keys, then the values of so many heads.
    const std::int64_t stretches = spec.fusedOrder == FusedOrder::Grouped ? spec.kvHeads : 1;
    const std::int64_t width = queries / stretches;
    const std::int64_t widthKey = keys / stretches;
    buffers.query.resize(static_cast<std::size_t>(rows * queries));
    buffers.key.resize(static_cast<std::size_t>(rows * keys));
    buffers.value.resize(buffers.key.size());
    const std::int64_t stride = width + 2 * widthKey;
    const auto take = [&](std::int64_t first, Values& to, std::int64_t count) {
        const auto from = std::as_const(buffers.fused).span().subspan(static_cast<std::size_t>(first));
        context.backend.copyRows(from, stride, to.span(), count, rows * stretches, count);
    };
    take(0, buffers.query, width);
    take(width, buffers.key, widthKey);
    take(width + widthKey, buffers.value, widthKey);
}

/// ModelSpec::longQueriesFrom, for the queries of one sequence's rows from the position first on.
void scaleLongQueries(const BlockContext& context, std::int64_t first, std::span<float> queries)
{
    const ModelSpec& spec = context.spec;
    const auto width = static_cast<std::size_t>(spec.heads * spec.headDim);
    const auto rows = static_cast<std::int64_t>(queries.size() / width);
    if (spec.longQueriesFrom == 0 || first + rows <= spec.longQueriesFrom) {
        return;
    }
    ChangedOnProcessor changed(context.backend.memory(), queries, ChangedOnProcessor::Before::Read);
    const double base = std::log(static_cast<double>(spec.longQueriesFrom));
    for (std::int64_t row = std::max<std::int64_t>(0, spec.longQueriesFrom - first); row < rows; ++row) {
        const auto scale = static_cast<float>(std::log(static_cast<double>(first + row + 1)) / base);
        for (float& value : changed.span().subspan(static_cast<std::size_t>(row) * width, width)) {
            value *= scale;
        }
    }
    changed.store();
}

/// What belongs to one of several sequences that stand behind each other.
template <typename T>
std::span<T> partOf(std::span<T> all, std::int64_t sequence, std::int64_t sequences)
{
    const std::size_t size = all.size() / static_cast<std::size_t>(sequences);
    return all.subspan(static_cast<std::size_t>(sequence) * size, size);
}

/// Calls f with each of so many sequences. Those of a device stand in its queue; the processor's go side by side.
template <typename F>
void forSequences(const kernels::Backend& backend, std::int64_t sequences, const F& f)
{
    if (backend.memory().isHost()) {
        kernels::parallelFor(sequences, 1, [&](std::int64_t sequence, std::int64_t) { f(sequence); });
        return;
    }
    for (std::int64_t sequence = 0; sequence < sequences; ++sequence) {
        f(sequence);
    }
}

} // namespace

Result<Attention> Attention::load(std::shared_ptr<const BlockContext> context, const WeightSource& source,
                                  std::int64_t index)
{
    const ModelSpec& spec = context->spec;
    const BlockSpec& names = context->block(index);
    Attention attention;
    BITLATHE_TRY(attention.m_query, loadLinear(*context, source, index, LinearRole::Query));
    BITLATHE_TRY(attention.m_key, loadLinear(*context, source, index, LinearRole::Key));
    BITLATHE_TRY(attention.m_value, loadLinear(*context, source, index, LinearRole::Value));
    BITLATHE_TRY(attention.m_fused, loadLinear(*context, source, index, LinearRole::QueryKeyValue));
    BITLATHE_TRY(attention.m_output, loadLinear(*context, source, index, LinearRole::Output));
    BITLATHE_TRY(attention.m_queryNorm, Norm::load(spec, source, names.queryNorm, spec.headDim, context->backend));
    BITLATHE_TRY(attention.m_keyNorm, Norm::load(spec, source, names.keyNorm, spec.headDim, context->backend));
    for (const BlockLinear* linear : {&attention.m_query, &attention.m_key, &attention.m_value, &attention.m_fused}) {
        if (*linear) {
            attention.m_readers.push_back(linear->id);
        }
    }
    attention.m_context = std::move(context);
    attention.m_index = index;
    return attention;
}

void Attention::project(const LinearInput& input, BlockBuffers& buffers) const
{
    if (m_fused) {
        forwardEach(m_context->backend, input, {{m_fused, buffers.fused}});
        splitFused(*m_context, input.x.rows, buffers);
    } else {
        forwardEach(m_context->backend, input,
                    {{m_query, buffers.query}, {m_key, buffers.key}, {m_value, buffers.value}});
    }
    m_queryNorm.apply(buffers.query.span());
    m_keyNorm.apply(buffers.key.span());
}

Attention::RopeSlice Attention::ropeOf(const Pass& pass) const
{
    const RopeTable& rope = m_context->ropeOf(m_index);
    RopeSlice slice{rope.rows(pass.first + pass.rows, pass.ofSequence), {}, {}, 2 * rope.half()};
    const auto begin = static_cast<std::size_t>(pass.first * rope.half());
    const auto count = static_cast<std::size_t>(pass.rows * rope.half());
    slice.cosine = slice.table->cosine.span().subspan(begin, count);
    slice.sine = slice.table->sine.span().subspan(begin, count);
    return slice;
}

bool Attention::turn(const Pass& pass, const PassRows& rows, BlockBuffers& buffers, KvStore* kv) const
{
    const ModelSpec& spec = m_context->spec;
    const kernels::Backend& backend = m_context->backend;
    const RopeSlice table = ropeOf(pass);
    const bool ofDevice = kv != nullptr && &kv->memory() == &backend.memory() && !backend.memory().isHost();
    if (!ofDevice || pass.sequences != 1 || table.dims != spec.headDim) {
        turnPart(pass, spec.heads, rows.query, table, buffers);
        turnPart(pass, spec.kvHeads, rows.key, table, buffers);
        return false;
    }
    const auto room = kv->appendLater(m_index, pass.rows);
    backend.turn({
        .rows = pass.rows,
        .heads = spec.heads,
        .kvHeads = spec.kvHeads,
        .headDim = spec.headDim,
        .queries = rows.query,
        .keys = rows.key,
        .values = rows.value,
        .cosine = table.cosine,
        .sine = table.sine,
        .keptKeys = room ? room->keys : std::span<float>(),
        .keptValues = room ? room->values : std::span<float>(),
    });
    return room.has_value();
}

void Attention::turnPart(const Pass& pass, std::int64_t heads, std::span<float> x, const RopeSlice& table,
                         BlockBuffers& buffers) const
{
    const std::int64_t headDim = m_context->spec.headDim;
    const std::int64_t rows = pass.rows * pass.sequences;
    const kernels::Backend& backend = m_context->backend;
    const auto turnAll = [&](std::span<float> all) {
        forSequences(backend, pass.sequences, [&](std::int64_t sequence) {
            backend.rope(partOf(all, sequence, pass.sequences), pass.rows, heads, table.dims, table.cosine, table.sine);
        });
    };
    if (table.dims == headDim) {
        turnAll(x);
        return;
    }
    buffers.turned.resize(static_cast<std::size_t>(rows * heads * table.dims));
    backend.copyRows(x, headDim, buffers.turned.span(), table.dims, rows * heads, table.dims);
    turnAll(buffers.turned.span());
    backend.copyRows(buffers.turned.span(), table.dims, x, headDim, rows * heads, table.dims);
}

void Attention::forward(const LinearInput& input, BlockBuffers& buffers, std::span<KvStore* const> kv,
                        BlockObserver* observer, Values* sum) const
{
    if (observer != nullptr) {
        const Activations& made = madeOf(m_context->backend, input);
        observer->onInput(m_readers, made);
        project({made}, buffers);
    } else {
        project(input, buffers);
    }
    const Activations& hidden = input.x;
    resize(buffers.attention, hidden.rows, m_context->spec.heads * m_context->spec.headDim);
    // Sequences with stores of their own need not be of one length: each is a pass by itself.
    const std::int64_t rows = hidden.rows / hidden.sequences;
    const std::int64_t passes = std::max<std::int64_t>(static_cast<std::int64_t>(kv.size()), 1);
    for (std::int64_t i = 0; i < passes; ++i) {
        KvStore* store = kv.empty() ? nullptr : kv[static_cast<std::size_t>(i)];
        const Pass pass{store != nullptr ? store->length() : 0, rows, hidden.sequences / passes,
                        store != nullptr ? store->firstPass(rows) : rows};
        const auto part = [&](Values& all) { return partOf(all.span(), i, passes); };
        attend(pass, {part(buffers.query), part(buffers.key), part(buffers.value), part(buffers.attention)}, buffers,
               store, observer);
    }
    if (observer != nullptr) {
        observer->onInput(std::array{m_output.id}, buffers.attention);
    }
    forwardEach(m_context->backend, {buffers.attention}, {{m_output, buffers.added, sum}});
}

void Attention::attend(const Pass& pass, const PassRows& rows, BlockBuffers& buffers, KvStore* kv,
                       BlockObserver* observer) const
{
    const ModelSpec& spec = m_context->spec;
    const bool isKept = spec.positionsName.empty() && turn(pass, rows, buffers, kv);
    for (std::int64_t sequence = 0; sequence < pass.sequences; ++sequence) {
        scaleLongQueries(*m_context, pass.first, partOf(rows.query, sequence, pass.sequences));
    }
    if (observer != nullptr) {
        observer->onKeyValue(m_index, rows.key, rows.value);
    }
    std::span<const float> keys = rows.key;
    std::span<const float> values = rows.value;
    if (isKept) {
        keys = kv->keys(m_index);
        values = kv->values(m_index);
    } else if (kv != nullptr) {
        std::tie(keys, values) = remember(*kv, rows, buffers);
    }
    const kernels::AttentionShape shape{
        .queries = pass.rows,
        .keys = pass.first + pass.rows,
        .heads = spec.heads,
        .kvHeads = spec.kvHeads,
        .headDim = spec.headDim,
        .window = spec.windowOf(m_index),
        .scale = spec.attentionScale ? static_cast<float>(*spec.attentionScale)
                                     : 1.0F / std::sqrt(static_cast<float>(spec.headDim)),
        .softCap = static_cast<float>(spec.attentionSoftCap),
    };
    forSequences(m_context->backend, pass.sequences, [&](std::int64_t sequence) {
        const auto part = [&](auto all) { return partOf(all, sequence, pass.sequences); };
        m_context->backend.attention(shape, precisionOf(m_context->compute), part(std::span<const float>(rows.query)),
                                     part(keys), part(values), part(rows.out));
    });
}

/// Appends the keys and values of a pass to a store, which may be one of the processor where the model is on a device.
std::pair<std::span<const float>, std::span<const float>> Attention::remember(KvStore& kv, const PassRows& rows,
                                                                              BlockBuffers& buffers) const
{
    const kernels::Memory& memory = m_context->backend.memory();
    if (!kv.memory().isHost() || memory.isHost()) {
        kv.append(m_index, rows.key, rows.value);
        return {kv.keys(m_index), kv.values(m_index)};
    }
    kv.append(m_index, OnProcessor(memory, rows.key).span(), OnProcessor(memory, rows.value).span());
    buffers.keysRead.assign(kv.keys(m_index));
    buffers.valuesRead.assign(kv.values(m_index));
    return {buffers.keysRead.span(), buffers.valuesRead.span()};
}

std::uint64_t Attention::bytes() const
{
    return m_query.bytes() + m_key.bytes() + m_value.bytes() + m_fused.bytes() + m_output.bytes() +
           m_queryNorm.bytes() + m_keyNorm.bytes();
}

} // namespace bitlathe::model
