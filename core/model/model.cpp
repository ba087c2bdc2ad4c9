// SPDX-License-Identifier: Apache-2.0
// Model: loading, embedding, the loop over blocks, and the head.
#include "core/model/model.h"

#include "core/model/decoderblock.h"
#include "kernels/backend.h"

#include <algorithm>

namespace bitlathe::model
{

struct Model::Data
{
    Data(ModelSpec spec, std::shared_ptr<const WeightSource> weights, const Options& chosen)
        : context(std::make_shared<BlockContext>(std::move(spec), chosen.compute)),
          source(std::move(weights)),
          options(chosen)
    {}

    std::shared_ptr<const BlockContext> context;
    std::shared_ptr<const WeightSource> source;
    Options options;
    checkpoint::TensorView embedding; ///< Of the mapped file; rows are widened when they are read.
    std::vector<float> finalNorm;
    std::unique_ptr<Linear> head;
    std::vector<std::shared_ptr<const Block>> blocks; ///< Empty where streamed.
};

namespace
{

Result<void> checkTensors(const ModelSpec& spec, const WeightSource& source)
{
    for (const BlockSpec& block : spec.blocks) {
        BITLATHE_CHECK(source.tensor(block.inputNorm + ".weight", {spec.hidden}));
        BITLATHE_CHECK(source.tensor(block.postAttentionNorm + ".weight", {spec.hidden}));
    }
    for (const LinearSpec& linear : spec.linears) {
        BITLATHE_CHECK(source.check(linear));
    }
    return {};
}

std::string joined(const std::vector<std::string>& names)
{
    std::string all;
    for (const std::string& name : names) {
        all += (all.empty() ? "" : ", ") + name;
    }
    return all;
}

} // namespace

Model::Model(std::unique_ptr<Data> data) : m_data(std::move(data)) {}

Model::~Model() = default;

Result<std::shared_ptr<const Model>> Model::create(ModelSpec spec, std::shared_ptr<const WeightSource> source,
                                                   const Options& options, const WorkContext& work)
{
    if (!spec.canRun) {
        return fail(ErrorCode::NotSupported, spec.modelType.empty() ? "config.json" : spec.modelType,
                    Text(BITLATHE_TEXT("a model whose forward pass is known (%1)"), joined(knownModelTypes())),
                    spec.whyNot,
                    Text(BITLATHE_TEXT("Methods that need no calibration, such as rtn, still quantize it")));
    }
    auto data = std::make_unique<Data>(std::move(spec), std::move(source), options);
    const ModelSpec& kept = data->context->spec;
    BITLATHE_CHECK(checkTensors(kept, *data->source));
    BITLATHE_TRY(data->embedding, data->source->tensor(kept.embeddingName, {kept.vocabulary, kept.hidden}));
    BITLATHE_TRY(const auto norm, data->source->tensor(kept.finalNormName, {kept.hidden}));
    data->finalNorm = checkpoint::toF32(norm);
    BITLATHE_TRY(const auto head, data->source->tensor(kept.headName, {kept.vocabulary, kept.hidden}));
    data->head = makeDenseLinear(head, {}, options.compute);
    if (options.residency == Residency::Resident) {
        for (std::int64_t index = 0; index < kept.blockCount(); ++index) {
            if (work.stopRequested()) {
                return cancelled();
            }
            BITLATHE_TRY(auto block, DecoderBlock::load(data->context, *data->source, index));
            data->blocks.push_back(std::move(block));
            work.progress.set(static_cast<double>(index + 1) / static_cast<double>(kept.blockCount()));
        }
    }
    return std::shared_ptr<const Model>(new Model(std::move(data)));
}

const ModelSpec& Model::spec() const
{
    return m_data->context->spec;
}

const WeightSource& Model::source() const
{
    return *m_data->source;
}

Compute Model::compute() const
{
    return m_data->options.compute;
}

Result<Activations> Model::embed(std::span<const TokenId> ids) const
{
    const ModelSpec& s = spec();
    Activations hidden(static_cast<std::int64_t>(ids.size()), s.hidden);
    for (std::size_t i = 0; i < ids.size(); ++i) {
        const std::int64_t id = ids[i];
        if (id < 0 || id >= s.vocabulary) {
            return fail(ErrorCode::TextInvalid, fmt::format("token {}", i),
                        Text(BITLATHE_TEXT("an id from 0 to %1"), s.vocabulary - 1), Text(BITLATHE_TEXT("%1"), id),
                        Text(BITLATHE_TEXT("Use the tokenizer that belongs to the model")));
        }
        const auto row = hidden.row(static_cast<std::int64_t>(i));
        checkpoint::readF32(m_data->embedding, id * s.hidden, row);
        if (s.embeddingScale != 1.0) {
            for (float& value : row) {
                value *= static_cast<float>(s.embeddingScale);
            }
        }
    }
    return hidden;
}

Result<std::shared_ptr<const Block>> Model::block(std::int64_t index) const
{
    if (!m_data->blocks.empty()) {
        return m_data->blocks.at(static_cast<std::size_t>(index));
    }
    return DecoderBlock::load(m_data->context, *m_data->source, index);
}

void Model::finalNorm(Activations& hidden) const
{
    kernels::cpuBackend().rmsNorm(hidden.values, m_data->finalNorm, spec().normEpsilon, hidden.values);
}

void Model::logits(const Activations& normed, std::int64_t first, std::int64_t count, std::span<float> out) const
{
    const auto scale = static_cast<float>(spec().logitScale);
    if (first == 0 && count == normed.rows && scale == 1.0F) {
        m_data->head->forward(normed, out);
        return;
    }
    Activations part(count, normed.cols);
    const auto from =
        std::span(normed.values).subspan(static_cast<std::size_t>(first * normed.cols), part.values.size());
    std::ranges::transform(from, part.values.begin(), [scale](float value) { return value * scale; });
    m_data->head->forward(part, out);
}

Result<Activations> Model::forward(std::span<const TokenId> ids, KvStore* kv, const WorkContext& work) const
{
    BITLATHE_TRY(Activations hidden, embed(ids));
    for (std::int64_t index = 0; index < spec().blockCount() && hidden.rows > 0; ++index) {
        if (work.stopRequested()) {
            return cancelled();
        }
        BITLATHE_TRY(const auto current, block(index));
        current->forward(hidden, kv, nullptr);
        work.progress.set(static_cast<double>(index + 1) / static_cast<double>(spec().blockCount()));
    }
    if (kv != nullptr) {
        kv->advance(hidden.rows);
    }
    finalNorm(hidden);
    return hidden;
}

Result<std::vector<Activations>> Model::forwardBatch(std::span<const std::vector<TokenId>> sequences,
                                                     const WorkContext& work) const
{
    std::vector<Activations> all;
    all.reserve(sequences.size());
    for (const auto& ids : sequences) {
        BITLATHE_TRY(Activations hidden, embed(ids));
        all.push_back(std::move(hidden));
    }
    const double steps =
        static_cast<double>(spec().blockCount()) * static_cast<double>(std::max<std::size_t>(1, all.size()));
    double done = 0;
    for (std::int64_t index = 0; index < spec().blockCount(); ++index) {
        BITLATHE_TRY(const auto current, block(index));
        for (Activations& hidden : all) {
            if (work.stopRequested()) {
                return cancelled();
            }
            current->forward(hidden, nullptr, nullptr);
            work.progress.set(++done / steps);
        }
    }
    std::ranges::for_each(all, [this](Activations& hidden) { finalNorm(hidden); });
    return all;
}

std::uint64_t Model::bytesWeights() const
{
    std::uint64_t bytes = m_data->embedding.bytes.size() + m_data->finalNorm.size() * sizeof(float);
    bytes += m_data->head->bytes();
    for (const auto& block : m_data->blocks) {
        bytes += block->bytes();
    }
    return bytes;
}

} // namespace bitlathe::model
