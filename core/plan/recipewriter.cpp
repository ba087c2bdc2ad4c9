// SPDX-License-Identifier: Apache-2.0
// A recipe as YAML.
#include "core/base/quantity.h"
#include "core/plan/recipe.h"
#include "core/plan/recipenames.h"
#include "core/quant/bitsandbytessettings.h"

#include <fmt/format.h>
#include <yaml-cpp/yaml.h>

namespace bitlathe::plan
{

namespace
{

/// What is as in base, and new since the first version, is left out.
void writeScheme(YAML::Emitter& out, const quant::Scheme& scheme, const quant::Scheme& base, bool scaleAuto)
{
    if (scheme.kind != quant::SchemeKind::UniformInt) {
        out << YAML::Key << "kind" << YAML::Value << std::string(kKindNames[static_cast<std::size_t>(scheme.kind)]);
    }
    out << YAML::Key << "bits" << YAML::Value << quant::bitsText(scheme);
    out << YAML::Key << "group_size" << YAML::Value << quant::groupSizeText(scheme.groupSize);
    out << YAML::Key << "symmetric" << YAML::Value << scheme.symmetric;
    out << YAML::Key << "clipping" << YAML::Value
        << std::string(kClippingNames[static_cast<std::size_t>(scheme.clipping)]);
    out << YAML::Key << "act_order" << YAML::Value << scheme.actOrder;
    if (scheme.activationBits != base.activationBits) {
        out << YAML::Key << "activation_bits" << YAML::Value << scheme.activationBits;
    }
    if (scheme.staticInputs != base.staticInputs) {
        out << YAML::Key << "activation_scales" << YAML::Value
            << std::string(kActivationScaleNames[scheme.staticInputs ? 1 : 0]);
    }
    out << YAML::Key << "scale_dtype" << YAML::Value
        << std::string(kScaleNames[scaleAuto ? 0 : scalePlace(scheme.scaleDType)]);
}

/// Texts of the user are always quoted, so that no YAML reader takes a folder named "on" or "1" for something else.
void writeText(YAML::Emitter& out, const char* key, const std::string& value)
{
    out << YAML::Key << key << YAML::Value << YAML::DoubleQuoted << value;
}

void writeOverrides(YAML::Emitter& out, const Recipe& recipe)
{
    out << YAML::Key << "overrides" << YAML::Value << YAML::BeginSeq;
    for (const quant::Override& change : recipe.overrides) {
        out << YAML::BeginMap;
        writeText(out, "pattern", change.pattern);
        if (change.scheme) {
            writeScheme(out, *change.scheme, recipe.scheme, recipe.scaleDTypeAuto);
        } else {
            out << YAML::Key << "keep" << YAML::Value << true;
        }
        out << YAML::EndMap;
    }
    out << YAML::EndSeq;
}

/// Numbers in their shortest form that reads back as the same.
void writeGptq(YAML::Emitter& out, const quant::GptqOptions& gptq)
{
    out << YAML::Key << "gptq" << YAML::Value << YAML::BeginMap;
    out << YAML::Key << "effort" << YAML::Value << std::string(kEffortNames[static_cast<std::size_t>(gptq.effort)]);
    out << YAML::Key << "damp_percent" << YAML::Value << fmt::format("{}", gptq.damping);
    out << YAML::Key << "damp_auto_increment" << YAML::Value << fmt::format("{}", gptq.dampingStep);
    out << YAML::Key << "static_groups" << YAML::Value << gptq.staticGroups;
    out << YAML::Key << "block_size" << YAML::Value << gptq.blockSize << YAML::EndMap;
}

/// What is not the standard; of the method that is used, all.
void writeSmoothing(YAML::Emitter& out, const Recipe& recipe)
{
    const quant::MethodOptions& options = recipe.options;
    if (options.smoothing) {
        out << YAML::Key << "smoothing" << YAML::Value << std::string(quant::smoothingName(*options.smoothing));
    }
    const quant::Smoothing used = smoothingOf(recipe);
    if (used == quant::Smoothing::Awq || options.awq != quant::AwqOptions{}) {
        out << YAML::Key << "awq" << YAML::Value << YAML::BeginMap;
        if (options.awq.rule != quant::AwqRule::Search) { // As effort, new since the first version.
            out << YAML::Key << "rule" << YAML::Value << std::string(quant::awqRuleName(options.awq.rule));
        }
        if (options.awq.effort != quant::Effort::Normal) { // New since the first version.
            out << YAML::Key << "effort" << YAML::Value
                << std::string(kEffortNames[static_cast<std::size_t>(options.awq.effort)]);
        }
        out << YAML::Key << "grid" << YAML::Value << options.awq.grid;
        out << YAML::Key << "duo_scaling" << YAML::Value << options.awq.duoScaling;
        out << YAML::Key << "clip" << YAML::Value << options.awq.clip << YAML::EndMap;
    }
    const std::optional<double>& alpha = options.smoothQuant.alpha;
    if (used == quant::Smoothing::SmoothQuant || alpha) {
        out << YAML::Key << "smoothquant" << YAML::Value << YAML::BeginMap;
        // Numbers in their shortest form that reads back as the same.
        out << YAML::Key << "alpha" << YAML::Value << (alpha ? fmt::format("{}", *alpha) : std::string("auto"));
        out << YAML::EndMap;
    }
}

/// What is not the standard; of the methods that use it, all.
void writeBitsAndBytes(YAML::Emitter& out, const Recipe& recipe)
{
    const quant::BitsAndBytesOptions& options = recipe.options.bitsAndBytes;
    if (recipe.scheme.kind == quant::SchemeKind::UniformInt && options == quant::BitsAndBytesOptions{}) {
        return;
    }
    const quant::BitsAndBytesNotes& notes = options.notes;
    out << YAML::Key << "bitsandbytes" << YAML::Value << YAML::BeginMap;
    out << YAML::Key << "double_quant" << YAML::Value << options.doubleQuant;
    out << YAML::Key << "map" << YAML::Value << std::string(quant::bookName(options.map));
    out << YAML::Key << "quant_storage" << YAML::Value << std::string(quant::torchTypeName(notes.storage));
    out << YAML::Key << "compute_dtype" << YAML::Value
        << std::string(notes.compute ? quant::torchTypeName(*notes.compute) : kComputeTypeNames[0]);
    out << YAML::Key << "threshold" << YAML::Value << fmt::format("{}", options.threshold);
    out << YAML::Key << "has_fp16_weight" << YAML::Value << notes.halfWeights;
    out << YAML::Key << "cpu_offload" << YAML::Value << notes.cpuOffload << YAML::EndMap;
}

/// Of what is new since the first version only what is not the standard, so that recipes from before keep their hash.
void writeEvaluation(YAML::Emitter& out, const EvaluationRecipe& evaluation)
{
    out << YAML::Key << "evaluation" << YAML::Value << YAML::BeginMap;
    writeText(out, "data", evaluation.data);
    if (evaluation.protocol != evaluate::ProtocolKind::Windows) {
        out << YAML::Key << "protocol" << YAML::Value << std::string(evaluate::protocolName(evaluation.protocol));
    }
    out << YAML::Key << "length" << YAML::Value << evaluation.length;
    if (evaluation.stride != 0) {
        out << YAML::Key << "stride" << YAML::Value << evaluation.stride;
    }
    out << YAML::Key << "windows" << YAML::Value << evaluation.windows;
    writeText(out, "kv", quant::kvSchemeNames(evaluation.kv));
    const evaluate::ChoiceOptions& choice = evaluation.choice;
    if (choice != evaluate::ChoiceOptions{}) {
        out << YAML::Key << "choice" << YAML::Value << YAML::BeginMap;
        writeText(out, "data", choice.data.string());
        out << YAML::Key << "by" << YAML::Value << std::string(evaluate::choiceRuleName(choice.rules.front()));
        out << YAML::Key << "shots" << YAML::Value << choice.shots;
        writeText(out, "shots_data", choice.shotsData.string());
        out << YAML::Key << "chat" << YAML::Value << choice.chat;
        out << YAML::Key << "limit" << YAML::Value << choice.limit << YAML::EndMap;
    }
    const evaluate::GenerationCheckOptions& generation = evaluation.generation;
    if (generation != evaluate::GenerationCheckOptions{}) {
        out << YAML::Key << "generation" << YAML::Value << YAML::BeginMap;
        writeText(out, "data", generation.data);
        out << YAML::Key << "new_tokens" << YAML::Value << generation.newTokens;
        out << YAML::Key << "chat" << YAML::Value << generation.chat;
        out << YAML::Key << "limit" << YAML::Value << generation.limit;
        out << YAML::Key << "temperature" << YAML::Value << fmt::format("{}", generation.temperature);
        out << YAML::Key << "seed" << YAML::Value << generation.seed << YAML::EndMap;
    }
    out << YAML::EndMap;
}

void writeSections(YAML::Emitter& out, const Recipe& recipe)
{
    out << YAML::Key << "calibration" << YAML::Value << YAML::BeginMap;
    writeText(out, "data", recipe.calibration.data);
    out << YAML::Key << "samples" << YAML::Value << recipe.calibration.samples.samples;
    out << YAML::Key << "length" << YAML::Value << recipe.calibration.samples.length;
    out << YAML::Key << "seed" << YAML::Value << recipe.calibration.samples.seed;
    // The standard rule goes unsaid, so that recipes from before there were others keep their hash.
    if (recipe.calibration.samples.rule != text::SampleRule::Rows) {
        out << YAML::Key << "select" << YAML::Value
            << std::string(text::sampleRuleName(recipe.calibration.samples.rule));
    }
    if (recipe.calibration.inputs != CalibrationInputs::Original) {
        out << YAML::Key << "inputs" << YAML::Value
            << std::string(kInputNames[static_cast<std::size_t>(recipe.calibration.inputs)]);
    }
    out << YAML::EndMap;

    out << YAML::Key << "export" << YAML::Value << YAML::BeginMap;
    out << YAML::Key << "format" << YAML::Value << recipe.exportTo.format;
    writeText(out, "out", recipe.exportTo.out.string());
    out << YAML::Key << "overwrite" << YAML::Value << recipe.exportTo.overwrite;
    const format::WorkspaceOptions& workspace = recipe.exportTo.workspace;
    if (workspace != format::WorkspaceOptions{}) {
        out << YAML::Key << "tensor_parallel" << YAML::Value << workspace.tensorParallel;
        writeText(out, "model_name", workspace.modelName);
    }
    if (!workspace.contextFmha) {
        out << YAML::Key << "context_fmha" << YAML::Value << false;
    }
    writeText(out, "kv_params", recipe.exportTo.kvParams.string());
    out << YAML::EndMap;

    writeEvaluation(out, recipe.evaluation);
}

/// Of these only what is not the standard, as in writeEvaluation().
void writeDevice(YAML::Emitter& out, const Recipe& recipe)
{
    const Recipe standard;
    if (recipe.device.name != standard.device.name) {
        out << YAML::Key << "device" << YAML::Value << recipe.device.name;
    }
    if (recipe.device.bytesMemory > 0) {
        out << YAML::Key << "vram" << YAML::Value << bytesAsText(recipe.device.bytesMemory);
    }
    if (recipe.onDeviceFailure != standard.onDeviceFailure) {
        out << YAML::Key << "on_device_failure" << YAML::Value
            << std::string(kOnDeviceFailureNames[static_cast<std::size_t>(recipe.onDeviceFailure)]);
    }
}

void addSettings(std::vector<RecipeSetting>& settings, const std::string& name, const YAML::Node& node)
{
    if (node.IsMap()) {
        for (const auto& entry : node) {
            const auto key = entry.first.as<std::string>();
            addSettings(settings, name.empty() ? key : name + "." + key, entry.second);
        }
    } else if (node.IsSequence()) {
        for (std::size_t i = 0; i < node.size(); ++i) {
            addSettings(settings, fmt::format("{}[{}]", name, i), node[i]);
        }
    } else {
        settings.push_back({name, node.IsNull() ? std::string() : node.as<std::string>()});
    }
}

} // namespace

std::string recipeToYaml(const Recipe& recipe)
{
    YAML::Emitter out;
    out << YAML::BeginMap;
    out << YAML::Key << "version" << YAML::Value << Recipe::kVersion;
    writeText(out, "model", recipe.model.string());
    out << YAML::Key << "method" << YAML::Value << recipe.method;
    out << YAML::Key << "scheme" << YAML::Value << YAML::BeginMap;
    writeScheme(out, recipe.scheme, quant::Scheme{}, recipe.scaleDTypeAuto);
    out << YAML::EndMap;
    writeOverrides(out, recipe);
    writeSmoothing(out, recipe);
    if (recipe.method == "gptq" || recipe.options.gptq != quant::GptqOptions{}) {
        writeGptq(out, recipe.options.gptq);
    }
    writeBitsAndBytes(out, recipe);
    writeSections(out, recipe);
    const std::size_t compute = !recipe.compute ? 0 : *recipe.compute == model::Compute::F32 ? 1 : 2;
    out << YAML::Key << "compute" << YAML::Value << std::string(kComputeNames[compute]);
    writeDevice(out, recipe);
    out << YAML::Key << "threads" << YAML::Value << recipe.threads;
    out << YAML::Key << "seed" << YAML::Value << recipe.seed;
    out << YAML::Key << "strict" << YAML::Value << recipe.strict;
    out << YAML::EndMap;
    return std::string(out.c_str()) + '\n';
}

std::vector<RecipeSetting> recipeSettings(const Recipe& recipe)
{
    std::vector<RecipeSetting> settings;
    addSettings(settings, {}, YAML::Load(recipeToYaml(recipe)));
    return settings;
}

} // namespace bitlathe::plan
