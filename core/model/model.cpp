// SPDX-License-Identifier: Apache-2.0
// Model: loading, embedding, the loop over blocks, and the head.
#include "core/model/model.h"

#include "core/model/decoderblock.h"
#include "core/model/requiredtensors.h"
#include "kernels/threads.h"

#include <algorithm>
#include <numeric>

namespace bitlathe::model
{

struct Model::Data
{
    Data(ModelSpec spec, std::shared_ptr<const WeightSource> weights, const Options& chosen)
        : context(std::make_shared<BlockContext>(std::move(spec), chosen.compute, chosen.device)),
          source(std::move(weights)),
          options(chosen)
    {}

    std::shared_ptr<const BlockContext> context;
    std::shared_ptr<const WeightSource> source;
    Options options;
    checkpoint::TensorView embedding;   ///< Of the mapped file; rows are widened when they are read.
    kernels::Buffer<std::byte> table;   ///< The same on a device that has room for it, and scales nothing; or empty.
    checkpoint::TensorView positions;   ///< Learned ones; likewise.
    std::unique_ptr<Linear> projectIn;  ///< May be null.
    std::unique_ptr<Linear> projectOut; ///< May be null.
    Norm finalNorm;
    std::unique_ptr<Linear> head;
    std::vector<std::shared_ptr<const Block>> blocks; ///< Empty where streamed.

    /// Everything beside the blocks.
    Result<void> loadEnds();
    /// Moves the embedding to a device with ample room.
    void moveEmbedding();
    /// Rows of the embedding on a device that has it.
    void gatherThere(std::span<const TokenId> ids, std::span<float> rows) const;
    /// Adds the learned rows of positions to rows.
    void addPositions(Activations& rows, std::span<const std::int64_t> at) const;
};

namespace
{

constexpr std::string_view kWeight = ".weight";

Result<void> checkTensors(const ModelSpec& spec, const WeightSource& source)
{
    for (const RequiredTensor& required : requiredTensors(spec)) {
        BITLATHE_CHECK(source.tensor(required.name, required.shape));
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

Result<void> Model::Data::loadEnds()
{
    const ModelSpec& spec = context->spec;
    const std::int64_t width = spec.vocabularyWidth();
    BITLATHE_TRY(embedding, source->tensor(spec.embeddingName, {spec.vocabulary, width}));
    if (!spec.positionsName.empty()) {
        BITLATHE_TRY(positions, source->tensor(spec.positionsName, {positionRows(spec), spec.hidden}));
    }
    if (!spec.projectInName.empty()) {
        BITLATHE_TRY(const auto in, source->tensor(spec.projectInName, {spec.hidden, width}));
        BITLATHE_TRY(const auto out, source->tensor(spec.projectOutName, {width, spec.hidden}));
        projectIn = makeDenseLinear(in, {}, options.compute, context->backend);
        projectOut = makeDenseLinear(out, {}, options.compute, context->backend);
    }
    const std::string& norm = spec.finalNormName;
    const auto stem = norm.substr(0, norm.size() - std::min(norm.size(), kWeight.size()));
    BITLATHE_TRY(finalNorm, Norm::load(spec, *source, stem, spec.hidden, context->backend));
    BITLATHE_TRY(const auto weights, source->tensor(spec.headName, {spec.vocabulary, width}));
    head = makeDenseLinear(weights, {}, options.compute, context->backend);
    return {};
}

void Model::Data::moveEmbedding()
{
    constexpr std::uint64_t kRoom = 4; // Its own size and three times that for what is computed.
    const kernels::Memory& memory = context->backend.memory();
    const kernels::MemoryUse use = memory.use();
    const bool isKnown = scalarTypeOf(embedding.dtype).has_value() && context->spec.embeddingScale == 1.0;
    if (memory.isHost() || !isKnown || use.bytesBudget < use.bytesUsed + kRoom * embedding.bytes.size()) {
        return;
    }
    if (auto moved = kernels::Buffer<std::byte>::of(memory, embedding.bytes)) {
        table = *std::move(moved);
    }
}

void Model::Data::gatherThere(std::span<const TokenId> ids, std::span<float> rows) const
{
    const kernels::Memory& memory = context->backend.memory();
    const auto indices = kernels::Buffer<TokenId>::of(memory, ids);
    if (!indices) {
        throw DeviceError::of(memory, ids.size_bytes());
    }
    context->backend.widenRows(
        {*scalarTypeOf(embedding.dtype), context->spec.vocabulary, context->spec.vocabularyWidth(), table.span()},
        indices->span(), rows);
}

void Model::Data::addPositions(Activations& rows, std::span<const std::int64_t> at) const
{
    std::vector<float> learned(rows.size());
    const auto width = static_cast<std::size_t>(rows.cols);
    for (std::size_t i = 0; i < at.size(); ++i) {
        checkpoint::readF32(positions, (context->spec.positionsOffset + at[i]) * rows.cols,
                            std::span(learned).subspan(i * width, width));
    }
    context->backend.add(rows.span(), Values(context->backend.memory(), learned).span());
}

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
    return withDeviceErrors(
        [&] { return load(std::make_unique<Data>(std::move(spec), std::move(source), options), work); });
}

Result<std::shared_ptr<const Model>> Model::load(std::unique_ptr<Data> data, const WorkContext& work)
{
    const ModelSpec& kept = data->context->spec;
    BITLATHE_CHECK(checkTensors(kept, *data->source));
    BITLATHE_CHECK(data->loadEnds());
    if (data->options.residency == Residency::Resident) {
        for (std::int64_t index = 0; index < kept.blockCount(); ++index) {
            if (work.stopRequested()) {
                return cancelled();
            }
            BITLATHE_TRY(auto block, DecoderBlock::load(data->context, *data->source, index));
            data->blocks.push_back(std::move(block));
            work.progress.set(static_cast<double>(index + 1) / static_cast<double>(kept.blockCount()));
        }
        data->moveEmbedding();
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

Residency Model::residency() const
{
    return m_data->options.residency;
}

const kernels::Backend& Model::backend() const
{
    return m_data->context->backend;
}

std::unique_ptr<KvStore> Model::makeKvStore(std::int64_t capacity) const
{
    return model::makeKvStore(spec(), capacity, memory());
}

Result<void> Model::checkPositions(std::int64_t end) const
{
    const auto limit = spec().positionLimit();
    if (limit && end > *limit) {
        return fail(ErrorCode::TextInvalid, spec().modelType,
                    Text(BITLATHE_TEXT("at most %1 tokens, all that this model knows"), *limit),
                    Text(BITLATHE_TEXT("%1"), end), Text(BITLATHE_TEXT("Choose shorter samples or windows")));
    }
    return {};
}

void Model::gather(std::span<const TokenId> ids, std::span<float> rows) const
{
    const ModelSpec& s = spec();
    const auto width = static_cast<std::size_t>(s.vocabularyWidth());
    constexpr std::int64_t kRowsOfTask = 32;
    kernels::parallelFor(static_cast<std::int64_t>(ids.size()), kRowsOfTask, [&](std::int64_t begin, std::int64_t end) {
        for (auto i = static_cast<std::size_t>(begin); i < static_cast<std::size_t>(end); ++i) {
            const auto row = rows.subspan(i * width, width);
            checkpoint::readF32(m_data->embedding, ids[i] * s.vocabularyWidth(), row);
            if (s.embeddingScale != 1.0) {
                std::ranges::for_each(row, [&](float& value) { value *= static_cast<float>(s.embeddingScale); });
            }
        }
    });
}

void Model::gatherHere(std::span<const TokenId> ids, Activations& hidden) const
{
    // While some rows travel to a device, the next are gathered.
    constexpr std::size_t kRowsOnTheWay = 256;
    const std::size_t together = memory().isHost() ? std::max<std::size_t>(ids.size(), 1) : kRowsOnTheWay;
    const auto width = static_cast<std::size_t>(hidden.cols);
    for (std::size_t first = 0; first < ids.size(); first += together) {
        const auto part = ids.subspan(first, std::min(together, ids.size() - first));
        ChangedOnProcessor rows(memory(), hidden.span().subspan(first * width, part.size() * width),
                                ChangedOnProcessor::Before::Overwritten);
        gather(part, rows.span());
        rows.store();
    }
}

Result<Activations> Model::hiddenOf(std::span<const TokenId> ids, std::span<const std::int64_t> positions) const
{
    const ModelSpec& s = spec();
    for (std::size_t i = 0; i < ids.size(); ++i) {
        if (ids[i] < 0 || ids[i] >= s.vocabulary) {
            return fail(ErrorCode::TextInvalid, fmt::format("token {}", i),
                        Text(BITLATHE_TEXT("an id from 0 to %1"), s.vocabulary - 1), Text(BITLATHE_TEXT("%1"), ids[i]),
                        Text(BITLATHE_TEXT("Use the tokenizer that belongs to the model")));
        }
    }
    const auto count = static_cast<std::int64_t>(ids.size());
    Activations hidden(count, s.vocabularyWidth(), memory());
    if (m_data->table.span().empty()) {
        gatherHere(ids, hidden);
    } else {
        m_data->gatherThere(ids, hidden.span());
    }
    if (m_data->projectIn) {
        Activations projected(count, s.hidden, memory());
        m_data->projectIn->forward(hidden, projected.span());
        hidden = std::move(projected);
    }
    if (!s.positionsName.empty()) {
        m_data->addPositions(hidden, positions);
    }
    return hidden;
}

Result<Activations> Model::embed(std::span<const TokenId> ids, std::int64_t first) const
{
    BITLATHE_CHECK(checkPositions(first + static_cast<std::int64_t>(ids.size())));
    std::vector<std::int64_t> positions(ids.size());
    std::iota(positions.begin(), positions.end(), first);
    return hiddenOf(ids, positions);
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
    m_data->finalNorm.apply(hidden.span());
}

void Model::logits(const Activations& normed, std::int64_t first, std::int64_t count, std::span<float> out) const
{
    const ModelSpec& s = spec();
    const auto scale = static_cast<float>(s.logitScale);
    const Activations* input = &normed;
    Activations part(memory());
    if (first != 0 || count != normed.rows || scale != 1.0F) {
        part = Activations(count, normed.cols, memory());
        copyWithin(memory(), normed.span().subspan(static_cast<std::size_t>(first * normed.cols), part.size()),
                   part.span());
        input = &part;
    }
    if (scale != 1.0F) {
        ChangedOnProcessor scaled(memory(), part.span(), ChangedOnProcessor::Before::Read);
        std::ranges::transform(scaled.span(), scaled.span().begin(), [scale](float value) { return value * scale; });
        scaled.store();
    }
    Activations projected(memory());
    if (m_data->projectOut) {
        projected = Activations(count, s.vocabularyWidth(), memory());
        m_data->projectOut->forward(*input, projected.span());
        input = &projected;
    }
    m_data->head->forward(*input, out);
    if (s.logitSoftCap > 0.0) {
        backend().softCap(out, static_cast<float>(s.logitSoftCap));
    }
}

void Model::logitsOnProcessor(const Activations& normed, std::int64_t first, std::int64_t count,
                              std::span<float> out) const
{
    if (memory().isHost()) {
        logits(normed, first, count, out);
        return;
    }
    Values made(memory());
    made.resize(out.size());
    logits(normed, first, count, made.span());
    downloadFrom(memory(), made.span(), out);
}

Result<Activations> Model::forward(std::span<const TokenId> ids, KvStore* kv, const WorkContext& work) const
{
    BITLATHE_TRY(Activations hidden, embed(ids, kv != nullptr ? kv->length() : 0));
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

Result<Activations> Model::decode(std::span<const TokenId> ids, std::span<KvStore* const> kv,
                                  const WorkContext& work) const
{
    std::vector<std::int64_t> positions;
    for (const KvStore* store : kv) {
        BITLATHE_CHECK(checkPositions(store->length() + 1));
        positions.push_back(store->length());
    }
    BITLATHE_TRY(Activations hidden, hiddenOf(ids, positions));
    hidden.sequences = hidden.rows;
    for (std::int64_t index = 0; index < spec().blockCount() && hidden.rows > 0; ++index) {
        if (work.stopRequested()) {
            return cancelled();
        }
        BITLATHE_TRY(const auto current, block(index));
        current->decode(hidden, kv);
    }
    std::ranges::for_each(kv, [](KvStore* store) { store->advance(1); });
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

void Model::dropBuffers() const
{
    m_data->context->buffers.clear();
}

std::uint64_t Model::bytesWeights() const
{
    std::uint64_t bytes = m_data->embedding.bytes.size() + m_data->positions.bytes.size();
    bytes += m_data->finalNorm.bytes() + m_data->head->bytes();
    for (const Linear* linear : {m_data->projectIn.get(), m_data->projectOut.get()}) {
        bytes += linear != nullptr ? linear->bytes() : 0;
    }
    for (const auto& block : m_data->blocks) {
        bytes += block->bytes();
    }
    return bytes;
}

} // namespace bitlathe::model
