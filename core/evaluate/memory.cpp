// SPDX-License-Identifier: Apache-2.0
// Memory of a running model by batch and context.
#include "core/evaluate/memory.h"

#include "core/base/json.h"
#include "core/format/openmodel.h"

#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>

namespace bitlathe::evaluate
{

namespace fs = std::filesystem;

namespace
{

constexpr std::int64_t kBytesHalf = 2;
constexpr std::int64_t kBytesFloat = 4;

/// Of a parameter in the type that config.json names; 16 bits where it names none.
Result<std::int64_t> bytesParameter(const Json& config, const std::string& subject)
{
    const JsonObject object(config, subject);
    BITLATHE_TRY(const std::string older, object.string("torch_dtype", "float16"));
    BITLATHE_TRY(const std::string type, object.string("dtype", older));
    return type == "float32" ? kBytesFloat : kBytesHalf;
}

Result<MemoryModel> modelOfConfig(const fs::path& file)
{
    BITLATHE_TRY(const Json config, readJson(file));
    MemoryModel model;
    BITLATHE_TRY(model.spec, model::readModelSpec(config, Json::object(), file.string()));
    BITLATHE_TRY(const std::int64_t bytes, bytesParameter(config, file.string()));
    model.name = file.parent_path().filename().string();
    model.parameters = parameterCount(model.spec);
    model.bytesWeights = static_cast<std::uint64_t>(model.parameters * bytes);
    return model;
}

/// Parameters of a block's norms and router.
std::int64_t smallParameters(const model::ModelSpec& spec, const model::BlockSpec& block)
{
    const std::int64_t vectors = spec.norm == model::NormKind::Layer ? 2 : 1; // A bias beside the weight.
    std::int64_t count = 0;
    for (const std::string* name :
         {&block.inputNorm, &block.postAttentionNorm, &block.attentionOutputNorm, &block.mlpOutputNorm}) {
        count += name->empty() ? 0 : vectors * spec.hidden;
    }
    for (const std::string* name : {&block.queryNorm, &block.keyNorm}) {
        count += name->empty() ? 0 : spec.headDim;
    }
    return count + (block.router.empty() ? 0 : spec.experts * spec.hidden);
}

} // namespace

MemoryModel memoryModel(const format::OpenedModel& opened)
{
    return {opened.name(), opened.spec, opened.parameters, opened.checkpoint->bytesTensors()};
}

Result<MemoryModel> memoryModel(const fs::path& folder)
{
    if (folder.filename() == "config.json") {
        return modelOfConfig(folder);
    }
    const auto opened = format::openModel(folder);
    if (opened) {
        return memoryModel(**opened);
    }
    std::error_code ignored;
    const fs::path config = folder / "config.json";
    if (opened.error().code == ErrorCode::FileMissing && fs::exists(config, ignored)) {
        return modelOfConfig(config);
    }
    return Failure(opened.error());
}

std::int64_t parameterCount(const model::ModelSpec& spec)
{
    std::int64_t count = spec.vocabulary * spec.vocabularyWidth() * (spec.tiedHead ? 1 : 2);
    count += spec.positionsName.empty() ? 0 : (spec.maxPositions + spec.positionsOffset) * spec.hidden;
    for (const std::string* name : {&spec.projectInName, &spec.projectOutName}) {
        count += name->empty() ? 0 : spec.hidden * spec.embeddingWidth;
    }
    for (const model::LinearSpec& linear : spec.linears) {
        count += linear.outFeatures * (linear.inFeatures + (linear.hasBias ? 1 : 0));
    }
    for (const model::BlockSpec& block : spec.blocks) {
        count += smallParameters(spec, block);
    }
    const std::int64_t vectors = spec.norm == model::NormKind::Layer ? 2 : 1;
    return count + (spec.finalNormName.empty() ? 0 : vectors * spec.hidden);
}

std::uint64_t weightBytes(const model::ModelSpec& spec, const std::optional<quant::Scheme>& scheme)
{
    std::int64_t whole = parameterCount(spec); // Those in 16 bits.
    double bits = 0;
    for (const model::LinearSpec& linear : spec.linears) {
        const std::int64_t size = linear.outFeatures * linear.inFeatures;
        if (scheme) {
            whole -= size;
            bits += static_cast<double>(size) * scheme->bitsPerWeight(linear.outFeatures, linear.inFeatures);
        }
    }
    return static_cast<std::uint64_t>(whole * kBytesHalf) + static_cast<std::uint64_t>(std::ceil(bits / 8));
}

const std::vector<WeightForm>& weightForms()
{
    static const std::vector<WeightForm> forms{
        {"fp16", std::nullopt},
        {"int8", quant::Scheme{.bits = 8, .groupSize = quant::kPerChannel}},
        {"int4", quant::Scheme{.symmetric = false}},
    };
    return forms;
}

Result<WeightForm> findWeightForm(std::string_view name)
{
    const auto found = std::ranges::find(weightForms(), name, &WeightForm::name);
    if (found != weightForms().end()) {
        return *found;
    }
    std::vector<std::string_view> names;
    std::ranges::transform(weightForms(), std::back_inserter(names), &WeightForm::name);
    return fail(ErrorCode::UnknownName, "weights", Text(BITLATHE_TEXT("one of %1"), fmt::join(names, ", ")),
                Text(BITLATHE_TEXT("\"%1\""), name), Text(BITLATHE_TEXT("Correct the setting")));
}

MemoryModel withWeights(MemoryModel model, const WeightForm& form)
{
    model.bytesWeights = weightBytes(model.spec, form.scheme);
    return model;
}

std::uint64_t kvCacheBytes(const model::ModelSpec& spec, std::int64_t batch, std::int64_t context,
                           const quant::KvScheme& scheme)
{
    std::int64_t kept = 0; // Tokens, over all blocks.
    for (std::int64_t block = 0; block < spec.blockCount(); ++block) {
        const std::int64_t window = spec.windowOf(block);
        kept += window > 0 ? std::min(context, window) : context;
    }
    return static_cast<std::uint64_t>(batch * kept * scheme.bytesPerToken(spec.kvHeads, spec.headDim));
}

std::uint64_t activationBytes(const model::ModelSpec& spec, std::int64_t batch)
{
    const std::int64_t attention = (spec.heads + 2 * spec.kvHeads) * spec.headDim;
    const std::int64_t widest = std::max(attention, 2 * spec.intermediate);
    return static_cast<std::uint64_t>(batch *
                                      ((2 * spec.hidden + widest) * kBytesHalf + spec.vocabulary * kBytesFloat));
}

std::vector<MemoryUse> memoryUses(const MemoryModel& model, const std::vector<std::int64_t>& batches,
                                  const std::vector<std::int64_t>& contexts,
                                  const std::vector<quant::KvScheme>& schemes)
{
    std::vector<MemoryUse> uses;
    for (const std::int64_t batch : batches) {
        for (const std::int64_t context : contexts) {
            for (const quant::KvScheme& scheme : schemes) {
                uses.push_back({batch, context, scheme, model.bytesWeights,
                                kvCacheBytes(model.spec, batch, context, scheme), activationBytes(model.spec, batch)});
            }
        }
    }
    return uses;
}

std::vector<std::int64_t> usualBatches()
{
    return {1, 2, 4, 8, 16, 32, 64};
}

std::vector<std::int64_t> usualContexts(const model::ModelSpec& spec)
{
    constexpr std::int64_t kShortest = 1024;
    constexpr std::int64_t kShortestOfSmall = 128;
    constexpr std::int64_t kSmall = 2048;
    std::vector<std::int64_t> contexts;
    const std::int64_t shortest = spec.maxPositions > kSmall ? kShortest : kShortestOfSmall;
    for (std::int64_t context = shortest; context < spec.maxPositions; context *= 2) {
        contexts.push_back(context);
    }
    contexts.push_back(std::max<std::int64_t>(spec.maxPositions, 1));
    return contexts;
}

} // namespace bitlathe::evaluate
