// SPDX-License-Identifier: Apache-2.0
// Recipes as YAML. The file is a user's: limits first, then every key by name, each error with its line.
#include "core/base/file.h"
#include "core/base/quantity.h"
#include "core/plan/recipe.h"
#include "core/plan/recipenames.h"
#include "core/plan/recipesection.h"
#include "core/quant/bitsandbytessettings.h"
#include "core/quant/quantizer.h"

#include <fmt/format.h>
#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/yaml.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <initializer_list>
#include <set>
#include <span>
#include <sstream>
#include <string_view>

namespace bitlathe::plan
{

namespace
{

constexpr std::uint64_t kBytesMax = 1 << 20;
constexpr int kDepthMax = 16;
constexpr int kAliasesMax = 64;

/// Sees the events of a document before anything is built of it, and throws where a limit is passed.
class LimitGuard final : public YAML::EventHandler
{
public:
    void OnDocumentStart(const YAML::Mark&) override {}
    void OnDocumentEnd() override {}
    void OnNull(const YAML::Mark&, YAML::anchor_t) override {}
    void OnAlias(const YAML::Mark& mark, YAML::anchor_t) override
    {
        if (++m_aliases > kAliasesMax) {
            throw YAML::ParserException(mark, fmt::format("more than {} aliases", kAliasesMax));
        }
    }
    void OnScalar(const YAML::Mark&, const std::string&, YAML::anchor_t, const std::string&) override {}
    void OnSequenceStart(const YAML::Mark& mark, const std::string&, YAML::anchor_t, YAML::EmitterStyle::value) override
    {
        enter(mark);
    }
    void OnSequenceEnd() override { --m_depth; }
    void OnMapStart(const YAML::Mark& mark, const std::string&, YAML::anchor_t, YAML::EmitterStyle::value) override
    {
        enter(mark);
    }
    void OnMapEnd() override { --m_depth; }

private:
    void enter(const YAML::Mark& mark)
    {
        if (++m_depth > kDepthMax) {
            throw YAML::ParserException(mark, fmt::format("nesting deeper than {}", kDepthMax));
        }
    }

    int m_depth = 0;
    int m_aliases = 0;
};

/// A whole number, or ternary, which goes before symmetric.
Result<void> readBits(const Section& section, quant::Scheme& scheme)
{
    const YAML::Node value = section.find("bits");
    if (value.IsDefined() && value.IsScalar() && (value.Scalar() == "ternary" || value.Scalar() == "1.58")) {
        return quant::setBits(scheme, value.Scalar());
    }
    BITLATHE_TRY(scheme.bits, section.integer("bits", scheme.bits));
    scheme.ternary = scheme.ternary && !value.IsDefined();
    return {};
}

/// The keys of a scheme; those that are absent stay as in scheme. Gives whether the scale type is automatic.
Result<bool> readScheme(const Section& section, bool scaleAuto, quant::Scheme& scheme)
{
    BITLATHE_TRY(const std::size_t kind, section.choice("kind", kKindNames, static_cast<std::size_t>(scheme.kind)));
    scheme.kind = static_cast<quant::SchemeKind>(kind);
    BITLATHE_TRY(const std::string group, section.text("group_size", quant::groupSizeText(scheme.groupSize)));
    const auto groupSize = quant::groupSizeFromText(group);
    if (!groupSize) {
        return section.wrong(section.find("group_size"),
                             Text(BITLATHE_TEXT("a number, channel or tensor for %1"), section.full("group_size")),
                             Text(BITLATHE_TEXT("\"%1\""), group));
    }
    scheme.groupSize = *groupSize;
    BITLATHE_TRY(scheme.symmetric, section.boolean("symmetric", scheme.symmetric));
    BITLATHE_CHECK(readBits(section, scheme));
    BITLATHE_TRY(const std::size_t clipping,
                 section.choice("clipping", kClippingNames, static_cast<std::size_t>(scheme.clipping)));
    scheme.clipping = static_cast<quant::Clipping>(clipping);
    BITLATHE_TRY(scheme.actOrder, section.boolean("act_order", scheme.actOrder));
    BITLATHE_TRY(scheme.activationBits, section.integer("activation_bits", scheme.activationBits));
    BITLATHE_TRY(const std::size_t inputs,
                 section.choice("activation_scales", kActivationScaleNames, scheme.staticInputs ? 1 : 0));
    scheme.staticInputs = inputs == 1;
    const std::size_t before = scaleAuto ? 0 : scalePlace(scheme.scaleDType);
    BITLATHE_TRY(const std::size_t scale, section.choice("scale_dtype", kScaleNames, before));
    constexpr checkpoint::DType kTypes[] = {checkpoint::DType::F16, checkpoint::DType::F16, checkpoint::DType::BF16,
                                            checkpoint::DType::F32};
    const bool isFixed = scale == 0 && scheme.kind != quant::SchemeKind::UniformInt;
    scheme.scaleDType = isFixed ? checkpoint::DType::F32 : kTypes[scale];
    return scale == 0;
}

Result<quant::Override> readOverride(const Section& section, const Recipe& recipe)
{
    BITLATHE_CHECK(section.check({"pattern", "keep", "kind", "bits", "group_size", "symmetric", "clipping", "act_order",
                                  "activation_bits", "activation_scales", "scale_dtype"}));
    quant::Override change;
    BITLATHE_TRY(change.pattern, section.text("pattern", ""));
    if (change.pattern.empty()) {
        return section.wrong(section.find("pattern"), Text(BITLATHE_TEXT("a pattern for %1"), section.full("pattern")),
                             Text(BITLATHE_TEXT("none")),
                             Text(BITLATHE_TEXT("Write for example pattern: \"*.down_proj\"")));
    }
    BITLATHE_TRY(const bool keep, section.boolean("keep", false));
    quant::Scheme scheme = recipe.scheme;
    BITLATHE_TRY(const bool scaleAuto, readScheme(section, recipe.scaleDTypeAuto, scheme));
    if (scaleAuto != recipe.scaleDTypeAuto) {
        return section.wrong(section.find("scale_dtype"),
                             Text(BITLATHE_TEXT("%1 to be automatic where scheme.scale_dtype is, and only there"),
                                  section.full("scale_dtype")),
                             Text("%1", Section::kind(section.find("scale_dtype"))));
    }
    if (!keep) {
        change.scheme = scheme;
    }
    return change;
}

Result<void> readOverrides(const Section& top, Recipe& recipe)
{
    const YAML::Node list = top.find("overrides");
    if (!list.IsDefined()) {
        return {};
    }
    if (!list.IsSequence()) {
        return top.wrong(list, Text(BITLATHE_TEXT("a list for overrides")), Text("%1", Section::kind(list)));
    }
    for (std::size_t i = 0; i < list.size(); ++i) {
        const Section section(list[i], top.subject(), fmt::format("overrides[{}].", i));
        BITLATHE_TRY(quant::Override change, readOverride(section, recipe));
        recipe.overrides.push_back(std::move(change));
    }
    return {};
}

Result<void> readGptq(const Section& section, quant::GptqOptions& gptq)
{
    BITLATHE_CHECK(section.check({"effort", "damp_percent", "damp_auto_increment", "static_groups", "block_size"}));
    BITLATHE_TRY(const std::size_t effort,
                 section.choice("effort", kEffortNames, static_cast<std::size_t>(gptq.effort)));
    gptq.effort = static_cast<quant::Effort>(effort);
    BITLATHE_TRY(gptq.damping, section.number("damp_percent", gptq.damping));
    BITLATHE_TRY(gptq.dampingStep, section.number("damp_auto_increment", gptq.dampingStep));
    BITLATHE_TRY(gptq.staticGroups, section.boolean("static_groups", gptq.staticGroups));
    BITLATHE_TRY(gptq.blockSize, section.integer("block_size", gptq.blockSize));
    return {};
}

Result<void> readSmoothing(const Section& top, quant::MethodOptions& options)
{
    BITLATHE_TRY(const std::size_t smoothing, top.choice("smoothing", kSmoothingNames, 0));
    if (smoothing > 0) {
        options.smoothing = static_cast<quant::Smoothing>(smoothing - 1);
    }
    const Section awq = top.section("awq");
    BITLATHE_CHECK(awq.check({"rule", "effort", "grid", "duo_scaling", "clip"}));
    BITLATHE_TRY(const std::size_t awqRule,
                 awq.choice("rule", kAwqRuleNames, static_cast<std::size_t>(options.awq.rule)));
    options.awq.rule = static_cast<quant::AwqRule>(awqRule);
    BITLATHE_TRY(const std::size_t effort,
                 awq.choice("effort", kEffortNames, static_cast<std::size_t>(options.awq.effort)));
    options.awq.effort = static_cast<quant::Effort>(effort);
    BITLATHE_TRY(options.awq.grid, awq.integer("grid", options.awq.grid));
    BITLATHE_TRY(options.awq.duoScaling, awq.boolean("duo_scaling", options.awq.duoScaling));
    BITLATHE_TRY(options.awq.clip, awq.boolean("clip", options.awq.clip));

    const Section smoothQuant = top.section("smoothquant");
    BITLATHE_CHECK(smoothQuant.check({"alpha"}));
    BITLATHE_TRY(const std::string alpha, smoothQuant.text("alpha", "auto"));
    if (alpha != "auto") {
        BITLATHE_TRY(options.smoothQuant.alpha, smoothQuant.number("alpha", 0));
    }
    return {};
}

Result<void> readBitsAndBytes(const Section& section, quant::BitsAndBytesOptions& options)
{
    BITLATHE_CHECK(section.check(
        {"double_quant", "map", "quant_storage", "compute_dtype", "threshold", "has_fp16_weight", "cpu_offload"}));
    quant::BitsAndBytesNotes& notes = options.notes;
    BITLATHE_TRY(options.doubleQuant, section.boolean("double_quant", options.doubleQuant));
    BITLATHE_TRY(const std::size_t map, section.choice("map", kMapNames, 0));
    options.map = static_cast<quant::BookKind>(map + static_cast<std::size_t>(quant::BookKind::Dynamic));
    BITLATHE_TRY(const std::size_t storage, section.choice("quant_storage", kStorageNames, 0));
    notes.storage = *quant::torchTypeFrom(kStorageNames[storage]);
    BITLATHE_TRY(const std::size_t compute, section.choice("compute_dtype", kComputeTypeNames, 0));
    notes.compute = quant::torchTypeFrom(kComputeTypeNames[compute]);
    BITLATHE_TRY(options.threshold, section.number("threshold", options.threshold));
    BITLATHE_TRY(notes.halfWeights, section.boolean("has_fp16_weight", notes.halfWeights));
    BITLATHE_TRY(notes.cpuOffload, section.boolean("cpu_offload", notes.cpuOffload));
    return {};
}

Result<void> readChoice(const Section& section, evaluate::ChoiceOptions& choice)
{
    BITLATHE_CHECK(section.check({"data", "by", "shots", "shots_data", "chat", "limit"}));
    BITLATHE_TRY(choice.data, section.path("data"));
    BITLATHE_TRY(const std::size_t rule, section.choice("by", kChoiceRuleNames, 0));
    choice.rules = {evaluate::choiceRules()[rule]};
    BITLATHE_TRY(choice.shots, section.integer("shots", choice.shots));
    BITLATHE_TRY(choice.shotsData, section.path("shots_data"));
    BITLATHE_TRY(choice.chat, section.boolean("chat", choice.chat));
    BITLATHE_TRY(choice.limit, section.integer("limit", choice.limit));
    return {};
}

Result<void> readGeneration(const Section& section, evaluate::GenerationCheckOptions& generation)
{
    BITLATHE_CHECK(section.check({"data", "new_tokens", "chat", "limit", "temperature", "seed"}));
    BITLATHE_TRY(generation.data, section.path("data"));
    BITLATHE_TRY(generation.newTokens, section.integer("new_tokens", generation.newTokens));
    BITLATHE_TRY(generation.chat, section.boolean("chat", generation.chat));
    BITLATHE_TRY(generation.limit, section.integer("limit", generation.limit));
    BITLATHE_TRY(generation.temperature, section.number("temperature", generation.temperature));
    BITLATHE_TRY(generation.seed, section.integer("seed", generation.seed));
    return {};
}

Result<void> readEvaluation(const Section& section, EvaluationRecipe& evaluation)
{
    BITLATHE_CHECK(section.check({"data", "protocol", "length", "stride", "windows", "kv", "choice", "generation"}));
    BITLATHE_TRY(evaluation.data, section.path("data"));
    BITLATHE_TRY(const std::size_t protocol, section.choice("protocol", kProtocolNames, 0));
    evaluation.protocol = evaluate::protocolKinds()[protocol];
    BITLATHE_TRY(evaluation.length, section.integer("length", evaluate::usualLength(evaluation.protocol)));
    BITLATHE_TRY(evaluation.stride, section.integer("stride", evaluation.stride));
    BITLATHE_TRY(evaluation.windows, section.integer("windows", evaluation.windows));
    BITLATHE_TRY(const std::string kv, section.text("kv", ""));
    BITLATHE_TRY(evaluation.kv, quant::findKvSchemes(kv));
    BITLATHE_CHECK(readChoice(section.section("choice"), evaluation.choice));
    return readGeneration(section.section("generation"), evaluation.generation);
}

/// Code books and LLM.int8() are not what a scheme is where a recipe says nothing of it.
quant::Scheme usualSchemeOf(const std::string& method)
{
    const auto found = quant::findQuantizer(method);
    const quant::Scheme usual = found ? (*found)->usualScheme() : quant::Scheme{};
    return usual.kind == quant::SchemeKind::UniformInt ? quant::Scheme{} : usual;
}

Result<void> readSections(const Section& top, Recipe& recipe)
{
    recipe.scheme = usualSchemeOf(recipe.method);
    const Section scheme = top.section("scheme");
    BITLATHE_CHECK(scheme.check({"kind", "bits", "group_size", "symmetric", "clipping", "act_order", "activation_bits",
                                 "activation_scales", "scale_dtype"}));
    BITLATHE_TRY(recipe.scaleDTypeAuto, readScheme(scheme, true, recipe.scheme));
    BITLATHE_CHECK(readOverrides(top, recipe));
    BITLATHE_CHECK(readGptq(top.section("gptq"), recipe.options.gptq));
    BITLATHE_CHECK(readSmoothing(top, recipe.options));
    BITLATHE_CHECK(readBitsAndBytes(top.section("bitsandbytes"), recipe.options.bitsAndBytes));

    const Section calibration = top.section("calibration");
    BITLATHE_CHECK(calibration.check({"data", "samples", "length", "seed", "select", "inputs"}));
    text::SampleOptions& samples = recipe.calibration.samples;
    BITLATHE_TRY(recipe.calibration.data, calibration.path("data"));
    BITLATHE_TRY(samples.samples, calibration.integer("samples", samples.samples));
    BITLATHE_TRY(samples.length, calibration.integer("length", samples.length));
    BITLATHE_TRY(samples.seed, calibration.integer("seed", samples.seed));
    BITLATHE_TRY(const std::size_t rule,
                 calibration.choice("select", kSampleRuleNames, static_cast<std::size_t>(samples.rule)));
    samples.rule = static_cast<text::SampleRule>(rule);
    BITLATHE_TRY(const std::size_t inputs,
                 calibration.choice("inputs", kInputNames, static_cast<std::size_t>(recipe.calibration.inputs)));
    recipe.calibration.inputs = static_cast<CalibrationInputs>(inputs);

    const Section written = top.section("export");
    BITLATHE_CHECK(
        written.check({"format", "out", "overwrite", "tensor_parallel", "model_name", "context_fmha", "kv_params"}));
    BITLATHE_TRY(recipe.exportTo.format, written.text("format", recipe.exportTo.format));
    BITLATHE_TRY(recipe.exportTo.out, written.path("out"));
    BITLATHE_TRY(recipe.exportTo.overwrite, written.boolean("overwrite", false));
    format::WorkspaceOptions& workspace = recipe.exportTo.workspace;
    BITLATHE_TRY(workspace.tensorParallel, written.integer("tensor_parallel", workspace.tensorParallel));
    BITLATHE_TRY(workspace.modelName, written.text("model_name", ""));
    BITLATHE_TRY(workspace.contextFmha, written.boolean("context_fmha", workspace.contextFmha));
    BITLATHE_TRY(recipe.exportTo.kvParams, written.path("kv_params"));

    return readEvaluation(top.section("evaluation"), recipe.evaluation);
}

Result<void> readDevice(const Section& top, Recipe& recipe)
{
    BITLATHE_TRY(recipe.device.name, top.text("device", recipe.device.name));
    BITLATHE_TRY(const std::string vram, top.text("vram", ""));
    if (!vram.empty()) {
        const auto bytes = bytesFromText(vram);
        if (!bytes) {
            return top.wrong(top.find("vram"), Text(BITLATHE_TEXT("a size such as 12GB for %1"), "vram"),
                             Text(BITLATHE_TEXT("\"%1\""), vram));
        }
        recipe.device.bytesMemory = *bytes;
    }
    BITLATHE_TRY(const std::size_t onFailure, top.choice("on_device_failure", kOnDeviceFailureNames, 0));
    recipe.onDeviceFailure = static_cast<OnDeviceFailure>(onFailure);
    return {};
}

Result<Recipe> readTop(const Section& top)
{
    BITLATHE_CHECK(top.check({"version",    "model",       "method", "scheme",       "overrides",         "smoothing",
                              "awq",        "smoothquant", "gptq",   "bitsandbytes", "calibration",       "export",
                              "evaluation", "compute",     "device", "vram",         "on_device_failure", "threads",
                              "seed",       "strict"}));
    BITLATHE_TRY(const int version, top.integer("version", 0));
    if (version != Recipe::kVersion) {
        const YAML::Node given = top.find("version");
        return top.wrong(given, Text(BITLATHE_TEXT("version: %1"), Recipe::kVersion),
                         given.IsDefined() ? Text(BITLATHE_TEXT("version %1"), version)
                                           : Text(BITLATHE_TEXT("no version")),
                         Text(BITLATHE_TEXT("Use a recipe that this version of the program wrote")));
    }
    Recipe recipe;
    BITLATHE_TRY(recipe.model, top.path("model"));
    BITLATHE_TRY(recipe.method, top.text("method", recipe.method));
    BITLATHE_CHECK(readSections(top, recipe));
    BITLATHE_TRY(const std::size_t compute, top.choice("compute", kComputeNames, 0));
    if (compute > 0) {
        recipe.compute = compute == 1 ? model::Compute::F32 : model::Compute::Bf16;
    }
    BITLATHE_CHECK(readDevice(top, recipe));
    BITLATHE_TRY(recipe.threads, top.integer("threads", recipe.threads));
    BITLATHE_TRY(recipe.seed, top.integer("seed", recipe.seed));
    BITLATHE_TRY(recipe.strict, top.boolean("strict", recipe.strict));
    return recipe;
}

} // namespace

Result<Recipe> recipeFromYaml(const std::string& yaml, const std::string& subject)
{
    if (yaml.size() > kBytesMax) {
        return fail(ErrorCode::SettingInvalid, subject, Text(BITLATHE_TEXT("at most %1 bytes"), kBytesMax),
                    Text(BITLATHE_TEXT("%1 bytes"), yaml.size()));
    }
    try {
        std::istringstream stream(yaml);
        YAML::Parser parser(stream);
        LimitGuard guard;
        int documents = 0;
        // Not more than two: of a text such as "," yaml-cpp gives empty documents without end.
        while (documents < 2 && parser.HandleNextDocument(guard)) {
            ++documents;
        }
        if (documents != 1) {
            return fail(ErrorCode::SettingInvalid, subject, Text(BITLATHE_TEXT("one recipe in the file")),
                        documents == 0 ? Text(BITLATHE_TEXT("none")) : Text(BITLATHE_TEXT("more than one document")));
        }
        return readTop(Section(YAML::Load(yaml), subject, ""));
    } catch (const YAML::Exception& exception) {
        return fail(ErrorCode::SettingInvalid, fmt::format("{}:{}", subject, exception.mark.line + 1),
                    Text(BITLATHE_TEXT("YAML")),
                    Text(BITLATHE_TEXT("a fault in column %1 (%2)"), exception.mark.column + 1, exception.msg),
                    Text(BITLATHE_TEXT("Correct that line")));
    }
}

Result<Recipe> readRecipe(const std::filesystem::path& file)
{
    BITLATHE_TRY(const std::string yaml, readFile(file, kBytesMax));
    return recipeFromYaml(yaml, file.string());
}

} // namespace bitlathe::plan
