// SPDX-License-Identifier: Apache-2.0
// Turbomind: workspaces of lmdeploy 0.1 to 0.5, in 16 bits or with 4-bit layers.
#include "core/format/turbomind.h"

#include "core/format/awq.h"
#include "core/format/awqformat.h"
#include "core/format/exporter.h"
#include "core/format/llamaform.h"
#include "core/format/workspacefiles.h"
#include "core/format/workspacewriter.h"
#include "core/quant/kvparamfiles.h"

#include <algorithm>
#include <array>
#include <bit>

namespace bitlathe::format
{

using checkpoint::DType;
using checkpoint::TensorPlan;
using checkpoint::TensorView;
using model::LinearSpec;
using model::ModelSpec;
using quant::QuantizedTensor;
using quant::Scheme;

namespace
{

/// The one head size of the engine's 4-bit layers.
constexpr std::int64_t kHeadDim = 128;
/// quant_policy of keys and values in int8 by past_kv_scale files.
constexpr std::int64_t kInt8Kv = 4;

class Turbomind final : public AwqFormat
{
public:
    Turbomind() : AwqFormat(AwqLayout::Turbomind) {}

    std::string_view name() const override { return "turbomind"; }
    std::string_view title() const override { return BITLATHE_TEXT("TurboMind workspace (lmdeploy 0.1-0.5)"); }

    // Layers are handed on in AWQ's gemm layout; WorkspaceWriter and WorkspaceReader know the files.
    std::vector<TensorPlan> plan(const LinearSpec& linear, const Scheme& scheme, DType modelDType) const override
    {
        return awqFormat().plan(linear, scheme, modelDType);
    }
    Result<std::vector<EncodedTensor>> encode(const LinearSpec& linear, const QuantizedTensor& tensor,
                                              DType modelDType) const override
    {
        return awqFormat().encode(linear, tensor, modelDType);
    }
    Result<QuantizedTensor> decode(const checkpoint::Checkpoint& checkpoint, const LinearSpec& linear,
                                   const Scheme& scheme) const override
    {
        return awqFormat().decode(checkpoint, linear, scheme);
    }

    /// None: config.ini says it. Refuses what a workspace can't hold.
    Result<Json> quantizationConfig(const ModelSpec& spec, const LinearSchemes& schemes) const override;
    Json modelConfig(Json config) const override { return config; }
    Findings leftOut(const ModelSpec& spec, const std::string& subject) const override;
    bool storesDenseModels() const override { return true; }
    std::optional<quant::KvScheme> kvScheme() const override
    {
        return quant::KvScheme{quant::KvKind::Int, 8, quant::KvGranularity::Layer, false};
    }
    Result<StoredKv> storeKv(const ModelSpec& spec, const quant::KvParams& params,
                             const WorkspaceOptions& workspace) const override;
    bool roundsScales() const override { return true; } // Those of lmdeploy's own AWQ folders are F32.
    DType storedDType(DType modelDType, const LinearSchemes& schemes) const override;
    bool storesAsNamed() const override { return false; }
    std::vector<TensorPlan> stored(const ModelSpec& spec, const TensorPlan& tensor, DType dtype) const override
    {
        return llamaPlan(spec, tensor, dtype);
    }
    std::vector<EncodedTensor> store(const ModelSpec& spec, const TensorView& tensor, DType dtype) const override
    {
        return llamaTensors(spec, tensor, dtype);
    }
    Result<std::uint64_t> fileBytes(const OpenedModel& model, const LinearSchemes& schemes,
                                    const std::vector<TensorPlan>& plan) const override;
    Result<std::unique_ptr<checkpoint::FolderWriter>> createWriter(const OpenedModel& model,
                                                                   const LinearSchemes& schemes,
                                                                   std::vector<TensorPlan> plan,
                                                                   const ExportOptions& options) const override;

protected:
    Multiples multiples() const override { return {.in = kTurbomindTile, .out = kTurbomindTile}; }
};

Result<Json> Turbomind::quantizationConfig(const ModelSpec& spec, const LinearSchemes& schemes) const
{
    BITLATHE_CHECK(checkLlamaShaped(spec, name()));
    const auto isQuantized = [](const auto& scheme) { return scheme.has_value(); };
    if (std::ranges::none_of(schemes, isQuantized)) {
        return Json(nullptr);
    }
    const auto first = std::ranges::find_if(schemes, isQuantized);
    for (const LinearSpec& linear : spec.linears) {
        const auto& scheme = schemes[linear.id.index()];
        if (!scheme || scheme->groupSize != (*first)->groupSize) {
            return fail(ErrorCode::NotSupported, linear.name,
                        Text(BITLATHE_TEXT("all layers in 4 bits with one group size, for %1"), name()),
                        scheme ? Text(BITLATHE_TEXT("%1"), scheme->label()) : Text(BITLATHE_TEXT("full precision")),
                        Text(BITLATHE_TEXT("Remove the overrides, or choose another format")));
        }
    }
    if (spec.headDim != kHeadDim) {
        return fail(ErrorCode::NotSupported, spec.modelType,
                    Text(BITLATHE_TEXT("heads of %1, the one size that TurboMind has for 4-bit layers"), kHeadDim),
                    Text(BITLATHE_TEXT("heads of %1"), spec.headDim),
                    Text(BITLATHE_TEXT("Choose the format awq, which newer versions of lmdeploy load")));
    }
    return Json(nullptr);
}

DType Turbomind::storedDType(DType modelDType, const LinearSchemes& schemes) const
{
    const bool isQuantized = std::ranges::any_of(schemes, [](const auto& scheme) { return scheme.has_value(); });
    return modelDType == DType::BF16 && !isQuantized ? DType::BF16 : DType::F16;
}

Result<std::uint64_t> Turbomind::fileBytes(const OpenedModel& model, const LinearSchemes& schemes,
                                           const std::vector<TensorPlan>&) const
{
    BITLATHE_TRY(const TurbomindConfig config, turbomindConfigFor(model, schemes, {}));
    std::uint64_t bytes = 0;
    for (const WorkspaceFile& file : workspaceFiles(config, matrixLayouts(config))) {
        bytes += file.bytes * file.names.size();
    }
    return bytes;
}

Result<StoredKv> Turbomind::storeKv(const ModelSpec&, const quant::KvParams& params,
                                    const WorkspaceOptions& workspace) const
{
    if (params.parts() != workspace.tensorParallel) {
        return fail(ErrorCode::SettingInvalid, "kv_params",
                    Text(BITLATHE_TEXT("grids of keys and values for %1 ranks"), workspace.tensorParallel),
                    Text(BITLATHE_TEXT("for %1"), params.parts()),
                    Text(BITLATHE_TEXT("Make them again with as many ranks as the workspace has")));
    }
    StoredKv stored;
    BITLATHE_TRY(stored.files, quant::kvParamFiles(params, quant::KvConsumer::Turbomind));
    for (quant::KvParamFile& file : stored.files) {
        file.first = std::string(kWorkspaceWeights) + '/' + file.first;
    }
    return stored;
}

Result<std::unique_ptr<checkpoint::FolderWriter>> Turbomind::createWriter(const OpenedModel& model,
                                                                          const LinearSchemes& schemes,
                                                                          std::vector<TensorPlan> plan,
                                                                          const ExportOptions& options) const
{
    BITLATHE_TRY(TurbomindConfig config, turbomindConfigFor(model, schemes, options.workspace));
    config.quantPolicy = options.kv ? kInt8Kv : 0;
    BITLATHE_TRY(auto writer, WorkspaceWriter::create(options.out, plan, config,
                                                      {.resume = options.resume, .overwrite = options.overwrite}));
    return std::unique_ptr<checkpoint::FolderWriter>(std::move(writer));
}

/// lmdeploy's converter leaves use_dynamic_ntk out, too.
Findings Turbomind::leftOut(const ModelSpec& spec, const std::string& subject) const
{
    if (spec.rope.scaling != model::RopeScaling::Doubling) {
        return {};
    }
    return {
        {Severity::Note, "rope-not-stretched", subject,
         Text(BITLATHE_TEXT("stretches rope in texts of more than %1 tokens, which TurboMind does not do as it does"),
              spec.rope.originalPositions),
         Text(BITLATHE_TEXT("Keep to shorter texts, or try rope_scaling_factor = 1.0 in config.ini"))}};
}

/// Chat templates of lmdeploy 0.2: the tokens that its session_len has for them, and the families that they are for.
struct Template
{
    std::string_view begins;
    std::string_view modelType;
    std::string_view usual; ///< For the family.
    std::int64_t tokens;
    std::int64_t startId; ///< Where the model's configuration has none.
};

constexpr std::array kTemplates{Template{"internlm2", "internlm2", "internlm2-chat-7b", 32768, 1},
                                Template{"internlm", "internlm", "internlm-chat-7b", 2048, 1},
                                Template{"qwen-", "qwen", "qwen-7b", 8192, 0},
                                Template{"llama2", "llama", "llama2", 4096, 1}};

/// Added to a template's tokens for the session.
constexpr std::int64_t kSessionMargin = 8;

/// That of a family; of others LLaMA's.
const Template& templateOf(const ModelSpec& spec)
{
    const auto known = std::ranges::find(kTemplates, spec.modelType, &Template::modelType);
    return known == kTemplates.end() ? kTemplates.back() : *known;
}

std::int64_t endIdFor(const OpenedModel& model)
{
    constexpr std::int64_t kLlamasEnd = 2;
    const auto own = model.tokenizer ? model.tokenizer->eos() : std::nullopt;
    return model.spec.eosIds.empty() ? own.value_or(kLlamasEnd) : model.spec.eosIds.front();
}

std::int64_t sessionTokensFor(const ModelSpec& spec, const std::string& name)
{
    const auto known =
        std::ranges::find_if(kTemplates, [&name](const Template& each) { return name.starts_with(each.begins); });
    const std::int64_t tokens =
        known != kTemplates.end() ? known->tokens : std::max<std::int64_t>(spec.maxPositions, 1);
    return tokens + kSessionMargin;
}

Result<void> checkRanks(const TurbomindConfig& config)
{
    const std::int64_t ranks = config.ranks;
    if (ranks < 1 || !std::has_single_bit(static_cast<std::uint64_t>(ranks))) {
        return fail(ErrorCode::SettingInvalid, "tensor_parallel", Text(BITLATHE_TEXT("a power of two")),
                    Text("%1", ranks), Text(BITLATHE_TEXT("Give the number of GPUs that share the model")));
    }
    const auto refuse = [ranks](Text expected, Text found) {
        return fail(ErrorCode::NotSupported, "tensor_parallel", std::move(expected), std::move(found),
                    Text(BITLATHE_TEXT("Choose fewer ranks than %1"), ranks));
    };
    if (config.heads % ranks != 0 || config.kvHeads % ranks != 0 || config.intermediate % ranks != 0) {
        return refuse(Text(BITLATHE_TEXT("%1 ranks that share out heads and the mlp evenly"), ranks),
                      Text(BITLATHE_TEXT("%1 heads, %2 key heads, %3 in the mlp"), config.heads, config.kvHeads,
                           config.intermediate));
    }
    const std::int64_t inner = config.intermediate / ranks;
    if (config.isInt4() && (inner % kTurbomindTile != 0 || inner % config.groupSize != 0 ||
                            config.hidden() / ranks % config.groupSize != 0)) {
        return refuse(Text(BITLATHE_TEXT("ranks whose inputs are whole groups of %1"), config.groupSize),
                      Text(BITLATHE_TEXT("%1 and %2 inputs"), config.hidden() / ranks, inner));
    }
    return {};
}

} // namespace

Result<TurbomindConfig> turbomindConfigFor(const OpenedModel& model, const LinearSchemes& schemes,
                                           const WorkspaceOptions& options)
{
    const ModelSpec& spec = model.spec;
    BITLATHE_CHECK(turbomindFormat().quantizationConfig(spec, schemes));
    const auto first = std::ranges::find_if(schemes, [](const auto& scheme) { return scheme.has_value(); });
    const checkpoint::TensorEntry* table = model.checkpoint->find(spec.embeddingName);
    TurbomindConfig config;
    config.modelName = options.modelName.empty() ? std::string(templateOf(spec).usual) : options.modelName;
    config.ranks = options.tensorParallel;
    config.contextFmha = options.contextFmha;
    config.heads = spec.heads;
    config.kvHeads = spec.kvHeads;
    config.headDim = spec.headDim;
    config.vocabulary = table != nullptr && !table->shape.empty() ? table->shape.front() : spec.vocabulary;
    config.blocks = spec.blockCount();
    config.intermediate = spec.intermediate;
    config.normEpsilon = spec.normEpsilon;
    config.attentionBias = std::ranges::any_of(spec.linears, &LinearSpec::hasBias);
    config.startId = spec.bosId.value_or(templateOf(spec).startId);
    config.endId = endIdFor(model);
    config.sessionTokens = sessionTokensFor(spec, config.modelName);
    const DType dtype = turbomindFormat().storedDType(model.dtype, schemes);
    config.weightType = first != schemes.end() ? "int4" : dtype == DType::BF16 ? "bf16" : "fp16";
    config.ropeTheta = spec.rope.theta;
    config.groupSize = first != schemes.end() ? (*first)->groupSize : 0;
    config.maxPositions = spec.maxPositions;
    config.ropeScalingFactor = spec.rope.scaling == model::RopeScaling::Dynamic ? spec.rope.factor : 0.0;
    config.scalesLongQueries = spec.longQueriesFrom > 0;
    BITLATHE_CHECK(checkRanks(config));
    return config;
}

const Format& turbomindFormat()
{
    static const Turbomind format;
    return format;
}

} // namespace bitlathe::format
