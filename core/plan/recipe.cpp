// SPDX-License-Identifier: Apache-2.0
// Recipe: what can be said of one without opening the model, and its command line.
#include "core/plan/recipe.h"

#include "core/base/quantity.h"
#include "core/format/format.h"
#include "core/format/kvgrids.h"
#include "core/quant/bitsandbytessettings.h"
#include "core/quant/gptq.h"
#include "core/quant/quantizer.h"

#include <fmt/format.h>

#include <algorithm>
#include <string_view>

namespace bitlathe::plan
{

namespace
{

/// A word as a POSIX shell reads it back.
std::string shellWord(const std::string& word)
{
    constexpr std::string_view kPlain = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-+=./,:@%";
    if (!word.empty() && word.find_first_not_of(kPlain) == std::string::npos) {
        return word;
    }
    std::string quoted = "'";
    for (const char c : word) {
        quoted += c == '\'' ? std::string("'\\''") : std::string(1, c);
    }
    return quoted + '\'';
}

/// What an override says, as the value of --override behind "PATTERN=".
std::string overrideText(const std::optional<quant::Scheme>& scheme, const quant::Scheme& base)
{
    if (!scheme) {
        return "keep";
    }
    std::string text = fmt::format("bits:{},group_size:{},symmetric:{},clipping:{},act_order:{}",
                                   quant::bitsText(*scheme), quant::groupSizeText(scheme->groupSize), scheme->symmetric,
                                   scheme->clipping == quant::Clipping::Mse ? "mse" : "minmax", scheme->actOrder);
    if (scheme->activationBits != base.activationBits) {
        text += fmt::format(",activation_bits:{}", scheme->activationBits);
    }
    if (scheme->staticInputs != base.staticInputs) {
        text += fmt::format(",activation_scales:{}", scheme->staticInputs ? "static" : "dynamic");
    }
    return text;
}

Result<void> checkRange(std::string_view name, std::int64_t value, std::int64_t low, std::int64_t high)
{
    if (value < low || value > high) {
        return fail(ErrorCode::SettingInvalid, std::string(name),
                    Text(BITLATHE_TEXT("a whole number from %1 to %2"), low, high), Text("%1", value));
    }
    return {};
}

Result<void> checkNumbers(const Recipe& recipe)
{
    constexpr std::int64_t kMany = 100'000'000;
    constexpr std::int64_t kRanksMax = 64;
    BITLATHE_CHECK(checkRange("calibration.samples", recipe.calibration.samples.samples, 1, kMany));
    BITLATHE_CHECK(checkRange("calibration.length", recipe.calibration.samples.length, 1, kMany));
    BITLATHE_CHECK(checkRange("export.tensor_parallel", recipe.exportTo.workspace.tensorParallel, 1, kRanksMax));
    BITLATHE_CHECK(checkRange("evaluation.length", recipe.evaluation.length, 2, kMany));
    BITLATHE_CHECK(checkRange("evaluation.windows", recipe.evaluation.windows, 0, kMany));
    BITLATHE_CHECK(checkRange("evaluation.stride", recipe.evaluation.stride, 0, recipe.evaluation.length));
    BITLATHE_CHECK(checkRange("threads", recipe.threads, 0, 4096));
    return {};
}

Result<void> checkSmoothing(const quant::MethodOptions& options)
{
    constexpr int kGridMax = 1000;
    BITLATHE_CHECK(checkRange("awq.grid", options.awq.grid, 1, kGridMax));
    const std::optional<double>& alpha = options.smoothQuant.alpha;
    if (alpha && !(*alpha >= 0 && *alpha <= 1)) {
        return fail(ErrorCode::SettingInvalid, "smoothquant.alpha",
                    Text(BITLATHE_TEXT("a number from 0 to 1, or auto")), Text("%1", *alpha));
    }
    return {};
}

/// Flags of scales that are not the standard ones.
std::string smoothingFlags(const quant::MethodOptions& options)
{
    const quant::AwqOptions standard;
    std::string flags;
    if (options.smoothing) {
        flags += fmt::format(" --smoothing {}", quant::smoothingName(*options.smoothing));
    }
    if (options.awq.rule != standard.rule) {
        flags += fmt::format(" --awq-rule {}", quant::awqRuleName(options.awq.rule));
    }
    if (options.awq.grid != standard.grid) {
        flags += fmt::format(" --grid {}", options.awq.grid);
    }
    flags += options.awq.duoScaling ? "" : " --no-duo-scaling";
    flags += options.awq.clip ? "" : " --no-clip";
    if (options.smoothQuant.alpha) {
        flags += fmt::format(" --alpha {}", *options.smoothQuant.alpha);
    }
    return flags;
}

/// The error of a part of the recipe, with the part before its subject.
Result<void> naming(Result<void> result, const std::string& part)
{
    if (!result) {
        result.error().subject = part + result.error().subject;
    }
    return result;
}

/// Searches for smoothing scales know only uniform grids.
Result<void> checkSmoothedKind(const Recipe& recipe)
{
    const bool isUniform = completedScheme(recipe, recipe.scheme).kind == quant::SchemeKind::UniformInt;
    if (isUniform || smoothingOf(recipe) == quant::Smoothing::None) {
        return {};
    }
    return fail(ErrorCode::SettingInvalid, "smoothing", Text(BITLATHE_TEXT("none, for the method %1"), recipe.method),
                Text("%1", quant::smoothingName(smoothingOf(recipe))),
                Text(BITLATHE_TEXT("Leave the smoothing away, or choose the method rtn, gptq, awq or smoothquant")));
}

Result<void> checkOverride(const quant::Override& change, const quant::Quantizer& method, const Recipe& recipe)
{
    if (change.pattern.empty()) {
        return fail(ErrorCode::SettingInvalid, "override", Text(BITLATHE_TEXT("a pattern over layer names")),
                    Text(BITLATHE_TEXT("an empty one")), Text(BITLATHE_TEXT("Write for example \"*.down_proj\"")));
    }
    if (const auto matched = quant::matches(change.pattern, ""); !matched) {
        return Failure(matched.error());
    }
    if (change.scheme) {
        BITLATHE_CHECK(naming(method.check(completedScheme(recipe, *change.scheme)),
                              fmt::format("override \"{}\", ", change.pattern)));
    }
    return {};
}

/// Quantized inputs exist once the layers before are quantized, and scales change a block as a whole.
Result<void> checkInputs(const Recipe& recipe)
{
    if (recipe.calibration.inputs == CalibrationInputs::Quantized && smoothingOf(recipe) != quant::Smoothing::None) {
        return fail(ErrorCode::SettingInvalid, "calibration.inputs",
                    Text(BITLATHE_TEXT("original inputs where scales of inputs are searched for (%1)"),
                         quant::smoothingName(smoothingOf(recipe))),
                    Text(BITLATHE_TEXT("quantized ones")),
                    Text(BITLATHE_TEXT("Leave --sequential away, or choose the method gptq without smoothing")));
    }
    return {};
}

Result<void> checkKvParams(const Recipe& recipe)
{
    if (recipe.exportTo.kvParams != format::kKvParamsAuto) {
        return {};
    }
    if (recipe.calibration.data.empty()) {
        return fail(ErrorCode::SettingInvalid, "export.kv_params",
                    Text(BITLATHE_TEXT("calibration text, from which ranges of keys and values are found")),
                    Text(BITLATHE_TEXT("none")), Text(BITLATHE_TEXT("Name a text file")));
    }
    if (recipe.calibration.inputs == CalibrationInputs::Quantized) { // Which keep no statistics of keys and values.
        return fail(
            ErrorCode::SettingInvalid, "export.kv_params",
            Text(BITLATHE_TEXT("original inputs where ranges of keys and values are found")),
            Text(BITLATHE_TEXT("quantized ones")),
            Text(BITLATHE_TEXT("Make the grids with kv-params and name their folder, or leave --sequential away")));
    }
    return {};
}

/// What is asked for besides a text: a file, if anything is said of it, and the text.
Result<void> checkBeside(const EvaluationRecipe& evaluation, const char* setting, bool isNamed, bool isStandard)
{
    if (!isNamed) {
        return isStandard ? Result<void>()
                          : fail(ErrorCode::SettingInvalid, setting,
                                 Text(BITLATHE_TEXT("a file beside what is said of it")), Text(BITLATHE_TEXT("none")));
    }
    if (evaluation.data.empty()) {
        return fail(ErrorCode::SettingInvalid, "evaluation.data",
                    Text(BITLATHE_TEXT("a text to compare on beside questions and prompts")),
                    Text(BITLATHE_TEXT("none")), Text(BITLATHE_TEXT("Name a text file")));
    }
    return {};
}

/// Questions are asked by one rule.
Result<void> checkQuestions(const EvaluationRecipe& evaluation)
{
    const evaluate::ChoiceOptions& choice = evaluation.choice;
    BITLATHE_CHECK(
        checkBeside(evaluation, "evaluation.choice.data", !choice.data.empty(), choice == evaluate::ChoiceOptions{}));
    if (choice.data.empty()) {
        return {};
    }
    if (choice.rules.size() > 1) {
        return fail(ErrorCode::SettingInvalid, "evaluation.choice.by", Text(BITLATHE_TEXT("one rule")),
                    Text("%1", choice.rules.size()));
    }
    return naming(evaluate::checkChoiceOptions(choice), "evaluation.choice.");
}

Result<void> checkPrompts(const EvaluationRecipe& evaluation)
{
    const evaluate::GenerationCheckOptions& generation = evaluation.generation;
    BITLATHE_CHECK(checkBeside(evaluation, "evaluation.generation.data", !generation.data.empty(),
                               generation == evaluate::GenerationCheckOptions{}));
    return naming(evaluate::checkGenerationOptions(generation), "evaluation.generation.");
}

Result<void> checkEvaluation(const Recipe& recipe)
{
    const EvaluationRecipe& evaluation = recipe.evaluation;
    if (std::ranges::any_of(evaluation.kv, &quant::KvScheme::needsRanges) && recipe.calibration.data.empty()) {
        return fail(ErrorCode::SettingInvalid, "evaluation.kv",
                    Text(BITLATHE_TEXT("calibration text, from which ranges of keys and values are found")),
                    Text(BITLATHE_TEXT("none")), Text(BITLATHE_TEXT("Name a text file")));
    }
    if (auto settled =
            evaluate::settledProtocol(evaluation.protocol, evaluation.length, evaluation.windows, evaluation.stride);
        !settled) {
        return naming(Failure(std::move(settled).error()), "evaluation.");
    }
    BITLATHE_CHECK(checkQuestions(evaluation));
    return checkPrompts(evaluation);
}

bool hasStaticInputs(const Recipe& recipe)
{
    return recipe.scheme.staticInputs || std::ranges::any_of(recipe.overrides, [](const quant::Override& change) {
               return change.scheme && change.scheme->staticInputs;
           });
}

} // namespace

bool CalibrationRecipe::operator==(const CalibrationRecipe& other) const
{
    return data == other.data && samples.samples == other.samples.samples && samples.length == other.samples.length &&
           samples.seed == other.samples.seed && samples.rule == other.samples.rule && inputs == other.inputs;
}

Result<void> checkRecipe(const Recipe& recipe)
{
    if (recipe.model.empty()) {
        return fail(ErrorCode::SettingInvalid, "model", Text(BITLATHE_TEXT("a model folder")),
                    Text(BITLATHE_TEXT("none")), Text(BITLATHE_TEXT("Name the folder that holds config.json")));
    }
    BITLATHE_TRY(const quant::Quantizer* method, quant::findQuantizer(recipe.method));
    BITLATHE_TRY(const format::Format* written, format::findFormat(recipe.exportTo.format));
    (void)written;
    BITLATHE_CHECK(method->check(completedScheme(recipe, recipe.scheme)));
    for (const quant::Override& change : recipe.overrides) {
        BITLATHE_CHECK(checkOverride(change, *method, recipe));
    }
    BITLATHE_CHECK(quant::checkGptqOptions(recipe.options.gptq));
    BITLATHE_CHECK(checkNumbers(recipe));
    if (const auto number = model::gpuNumberOf(recipe.device.name); !number) {
        Error error = number.error();
        error.subject = "device";
        return Failure(std::move(error));
    }
    BITLATHE_CHECK(checkSmoothing(recipe.options));
    BITLATHE_CHECK(checkSmoothedKind(recipe));
    const bool needsText = method->needsStatistics() || smoothingOf(recipe) != quant::Smoothing::None ||
                           recipe.calibration.inputs == CalibrationInputs::Quantized || hasStaticInputs(recipe);
    if (needsText && recipe.calibration.data.empty()) {
        return fail(ErrorCode::SettingInvalid, "calibration.data",
                    Text(BITLATHE_TEXT("calibration text for the method %1"), recipe.method),
                    Text(BITLATHE_TEXT("none")),
                    Text(BITLATHE_TEXT("Name a text file, or choose the method rtn, which needs none")));
    }
    BITLATHE_CHECK(checkInputs(recipe));
    BITLATHE_CHECK(checkKvParams(recipe));
    BITLATHE_CHECK(checkEvaluation(recipe));
    if (recipe.exportTo.out.empty()) {
        return fail(ErrorCode::SettingInvalid, "export.out", Text(BITLATHE_TEXT("a folder to write")),
                    Text(BITLATHE_TEXT("none")), Text(BITLATHE_TEXT("Name a folder that does not exist yet")));
    }
    return {};
}

namespace
{

/// Options of gptq that are not the standard ones, as flags.
std::string gptqFlags(const quant::GptqOptions& gptq)
{
    const quant::GptqOptions standard;
    std::string flags;
    if (gptq.damping != standard.damping) {
        flags += fmt::format(" --damp-percent {}", gptq.damping);
    }
    if (gptq.dampingStep != standard.dampingStep) {
        flags += fmt::format(" --damp-auto-increment {}", gptq.dampingStep);
    }
    flags += gptq.staticGroups ? " --static-groups" : "";
    if (gptq.blockSize != standard.blockSize) {
        flags += fmt::format(" --block-size {}", gptq.blockSize);
    }
    return flags;
}

/// Options of bitsandbytes' methods that are not the standard ones, as flags.
std::string bitsAndBytesFlags(const quant::BitsAndBytesOptions& options)
{
    const quant::BitsAndBytesOptions standard;
    const quant::BitsAndBytesNotes& notes = options.notes;
    std::string flags = options.doubleQuant ? " --double-quant" : "";
    if (options.map != standard.map) {
        flags += fmt::format(" --code-book {}", quant::bookName(options.map));
    }
    if (notes.storage != standard.notes.storage) {
        flags += fmt::format(" --quant-storage {}", quant::torchTypeName(notes.storage));
    }
    if (notes.compute) {
        flags += fmt::format(" --bnb-compute-dtype {}", quant::torchTypeName(*notes.compute));
    }
    if (options.threshold != standard.threshold) {
        flags += fmt::format(" --threshold {}", options.threshold);
    }
    flags += notes.halfWeights ? " --has-fp16-weight" : "";
    flags += notes.cpuOffload ? " --cpu-offload" : "";
    return flags;
}

std::string choiceFlags(const evaluate::ChoiceOptions& choice)
{
    const evaluate::ChoiceOptions standard;
    std::string flags = " --eval-choice " + shellWord(choice.data.string());
    if (choice.rules != standard.rules) {
        flags += fmt::format(" --eval-choice-by {}", evaluate::choiceRuleName(choice.rules.front()));
    }
    if (choice.shots != standard.shots) {
        flags += fmt::format(" --eval-choice-shots {}", choice.shots);
    }
    if (!choice.shotsData.empty()) {
        flags += " --eval-choice-shots-data " + shellWord(choice.shotsData.string());
    }
    flags += choice.chat ? " --eval-choice-chat" : "";
    if (choice.limit != standard.limit) {
        flags += fmt::format(" --eval-choice-limit {}", choice.limit);
    }
    return flags;
}

std::string generationFlags(const evaluate::GenerationCheckOptions& generation)
{
    const evaluate::GenerationCheckOptions standard;
    std::string flags = " --eval-prompts " + shellWord(generation.data);
    if (generation.newTokens != standard.newTokens) {
        flags += fmt::format(" --eval-new-tokens {}", generation.newTokens);
    }
    flags += generation.chat ? " --eval-chat" : "";
    if (generation.limit != standard.limit) {
        flags += fmt::format(" --eval-prompts-limit {}", generation.limit);
    }
    if (generation.temperature != standard.temperature) {
        flags += fmt::format(" --eval-temperature {}", generation.temperature);
    }
    if (generation.seed != standard.seed) {
        flags += fmt::format(" --eval-seed {}", generation.seed);
    }
    return flags;
}

/// What is measured after the export, as flags.
std::string evaluationFlags(const EvaluationRecipe& evaluation)
{
    const EvaluationRecipe standard;
    std::string flags = fmt::format(" --eval-data {} --eval-length {} --eval-windows {}", shellWord(evaluation.data),
                                    evaluation.length, evaluation.windows);
    if (evaluation.protocol != standard.protocol) {
        flags += fmt::format(" --eval-protocol {}", evaluate::protocolName(evaluation.protocol));
    }
    if (evaluation.stride != standard.stride) {
        flags += fmt::format(" --eval-stride {}", evaluation.stride);
    }
    if (!evaluation.kv.empty()) {
        flags += " --eval-kv " + quant::kvSchemeNames(evaluation.kv);
    }
    flags += evaluation.choice.data.empty() ? std::string() : choiceFlags(evaluation.choice);
    return flags + (evaluation.generation.data.empty() ? std::string() : generationFlags(evaluation.generation));
}

} // namespace

quant::Smoothing smoothingOf(const Recipe& recipe)
{
    const auto method = quant::findQuantizer(recipe.method);
    return recipe.options.smoothing.value_or(method ? (*method)->smoothing() : quant::Smoothing::None);
}

quant::Scheme completedScheme(const Recipe& recipe, const quant::Scheme& scheme)
{
    const auto method = quant::findQuantizer(recipe.method);
    quant::Scheme whole = method ? (*method)->completed(scheme, recipe.options) : scheme;
    if (!recipe.scaleDTypeAuto) {
        whole.scaleDType = scheme.scaleDType; // As given, for check() to judge.
    }
    return whole;
}

std::string recipeToCommand(const Recipe& recipe)
{
    const Recipe standard;
    std::string line =
        fmt::format("bitlathe-cli quantize {} --method {} --bits {} --group-size {} --format {} --out {}",
                    shellWord(recipe.model.string()), shellWord(recipe.method), quant::bitsText(recipe.scheme),
                    quant::groupSizeText(recipe.scheme.groupSize), shellWord(recipe.exportTo.format),
                    shellWord(recipe.exportTo.out.string()));
    const auto flag = [&line](bool given, std::string_view text) {
        if (given) {
            line += text;
        }
    };
    flag(!recipe.scheme.symmetric && !recipe.scheme.ternary, " --asymmetric");
    flag(recipe.scheme.clipping == quant::Clipping::Mse, " --clipping mse");
    flag(recipe.scheme.actOrder, " --act-order");
    flag(!recipe.scaleDTypeAuto, fmt::format(" --scale-dtype {}", checkpoint::dtypeName(recipe.scheme.scaleDType)));
    // The option is that of the method; the other's effort changes nothing.
    const quant::Effort effort = recipe.method == "awq" ? recipe.options.awq.effort : recipe.options.gptq.effort;
    flag(effort != quant::Effort::Normal, fmt::format(" --effort {}", quant::effortName(effort)));
    line += gptqFlags(recipe.options.gptq);
    flag(recipe.scheme.activationBits != 0, fmt::format(" --activation-bits {}", recipe.scheme.activationBits));
    flag(recipe.scheme.staticInputs, " --activation-scales static");
    line += smoothingFlags(recipe.options);
    line += bitsAndBytesFlags(recipe.options.bitsAndBytes);
    for (const quant::Override& change : recipe.overrides) {
        line += " --override " + shellWord(change.pattern + '=' + overrideText(change.scheme, recipe.scheme));
    }
    if (!recipe.calibration.data.empty()) {
        const text::SampleOptions& samples = recipe.calibration.samples;
        line += fmt::format(" --data {} --samples {} --length {}", shellWord(recipe.calibration.data), samples.samples,
                            samples.length);
        flag(recipe.calibration.inputs == CalibrationInputs::Quantized, " --sequential");
        flag(samples.seed != 0, fmt::format(" --sample-seed {}", samples.seed));
        flag(samples.rule != text::SampleRule::Rows, fmt::format(" --select {}", text::sampleRuleName(samples.rule)));
    }
    if (!recipe.evaluation.data.empty()) {
        line += evaluationFlags(recipe.evaluation);
    }
    const format::WorkspaceOptions& workspace = recipe.exportTo.workspace;
    flag(workspace.tensorParallel != 1, fmt::format(" --tensor-parallel {}", workspace.tensorParallel));
    flag(!workspace.modelName.empty(), " --model-name " + shellWord(workspace.modelName));
    flag(!workspace.contextFmha, " --no-context-fmha");
    flag(!recipe.exportTo.kvParams.empty(), " --kv-params " + shellWord(recipe.exportTo.kvParams.string()));
    flag(recipe.exportTo.overwrite, " --overwrite");
    flag(recipe.compute.has_value(),
         fmt::format(" --compute {}", recipe.compute ? model::computeName(*recipe.compute) : ""));
    flag(recipe.device.name != standard.device.name, " --device " + shellWord(recipe.device.name));
    flag(recipe.device.bytesMemory > 0, " --vram " + bytesAsText(recipe.device.bytesMemory));
    flag(recipe.onDeviceFailure == OnDeviceFailure::Stop, " --on-device-failure stop");
    flag(recipe.threads != standard.threads, fmt::format(" --threads {}", recipe.threads));
    flag(recipe.seed != standard.seed, fmt::format(" --seed {}", recipe.seed));
    flag(recipe.strict, " --strict");
    return line;
}

} // namespace bitlathe::plan
