// SPDX-License-Identifier: Apache-2.0
// The options that describe a run, and the Recipe they make.
#include "app/cli/recipeoptions.h"

#include "app/cli/presetoption.h"
#include "app/cli/suggest.h"
#include "core/format/formatchoice.h"
#include "core/quant/bitsandbytessettings.h"
#include "core/quant/quantizer.h"
#include "core/text/datafolder.h"

#include <fmt/ranges.h>

#include <algorithm>
#include <charconv>

namespace bitlathe::cli
{

namespace
{

Failure badOverride(const std::string& text, const std::string& found)
{
    return fail(ErrorCode::SettingInvalid, "--override " + text,
                Text(BITLATHE_TEXT("PATTERN=keep or PATTERN=bits:8,group:64 (also symmetric:, clipping:, act_order:)")),
                Text(BITLATHE_TEXT("%1"), found),
                Text(BITLATHE_TEXT("Quote the pattern for the shell: --override '*.down_proj=bits:8'")));
}

/// Puts one "key:value" of an override into a scheme; false where it is none.
bool applySetting(quant::Scheme& scheme, const std::string& key, const std::string& value)
{
    const auto isOneOf = [&value](std::initializer_list<const char*> names) {
        return std::ranges::any_of(names, [&value](const char* name) { return value == name; });
    };
    const bool isTrue = isOneOf({"true", "yes", "1"});
    const bool isBoolean = isTrue || isOneOf({"false", "no", "0"});
    if (key == "bits") {
        return quant::setBits(scheme, value).has_value();
    }
    if (key == "group" || key == "group_size" || key == "group-size") {
        const auto size = quant::groupSizeFromText(value);
        scheme.groupSize = size.value_or(0);
        return size.has_value();
    }
    if (key == "clipping") {
        scheme.clipping = value == "mse" ? quant::Clipping::Mse : quant::Clipping::MinMax;
        return isOneOf({"mse", "minmax"});
    }
    if (key == "symmetric") {
        scheme.symmetric = isTrue;
        return isBoolean;
    }
    if (key == "activation_bits" || key == "activation-bits") {
        const auto [end, error] = std::from_chars(value.data(), value.data() + value.size(), scheme.activationBits);
        return error == std::errc() && end == value.data() + value.size();
    }
    if (key == "activation_scales" || key == "activation-scales") {
        scheme.staticInputs = value == "static";
        return isOneOf({"static", "dynamic"});
    }
    if (key == "act_order" || key == "act-order") {
        scheme.actOrder = isTrue;
        return isBoolean;
    }
    return false;
}

/// "PATTERN=keep" or "PATTERN=key:value,..."; a setting that is not named is the base scheme's.
Result<quant::Override> overrideFrom(const std::string& text, const quant::Scheme& base)
{
    const std::size_t split = text.rfind('=');
    if (split == std::string::npos || split == 0) {
        return badOverride(text, split == 0 ? "no pattern" : "no \"=\"");
    }
    quant::Override change{text.substr(0, split), std::nullopt};
    const std::string settings = text.substr(split + 1);
    if (settings == "keep") {
        return change;
    }
    change.scheme = base;
    for (std::size_t from = 0; from <= settings.size();) {
        const std::size_t end = std::min(settings.find(',', from), settings.size());
        const std::string setting = settings.substr(from, end - from);
        const std::size_t colon = setting.find(':');
        if (colon == std::string::npos ||
            !applySetting(*change.scheme, setting.substr(0, colon), setting.substr(colon + 1))) {
            return badOverride(text, setting.empty() ? "nothing" : '"' + setting + '"');
        }
        from = end + 1;
    }
    return change;
}

Result<checkpoint::DType> scaleDTypeFrom(const std::string& name)
{
    std::string upper = name;
    std::ranges::transform(upper, upper.begin(),
                           [](char c) { return c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c; });
    const auto dtype = checkpoint::dtypeFromName(upper);
    if (!dtype ||
        (*dtype != checkpoint::DType::F16 && *dtype != checkpoint::DType::BF16 && *dtype != checkpoint::DType::F32)) {
        return fail(ErrorCode::SettingInvalid, "--scale-dtype", Text(BITLATHE_TEXT("auto, f16, bf16 or f32")),
                    Text(BITLATHE_TEXT("\"%1\""), name));
    }
    return *dtype;
}

/// The output head, which is never quantized here.
constexpr std::string_view kHeadModule = "lm_head";

/// The layers that transformers leaves out for an entry of llm_int8_skip_modules: the last part of the name or the
/// whole name is the entry, or the entry and a dot are in it.
std::string skipPattern(const std::string& module)
{
    std::string escaped;
    for (const char character : module) {
        escaped += std::string_view(".*+?()[]{}^$|\\").find(character) == std::string_view::npos ? "" : "\\";
        escaped += character;
    }
    return fmt::format("re:(.*\\.)?{0}$|.*{0}\\..*", escaped);
}

/// UnknownName with the names near it.
template <typename List>
Result<void> checkName(const List& known, const std::string& option, const std::string& name)
{
    std::vector<std::string> names;
    for (const auto* entry : known) {
        names.emplace_back(entry->name());
    }
    if (std::ranges::find(names, name) != names.end()) {
        return {};
    }
    const std::vector<std::string> near = nearNames(name, names);
    return fail(ErrorCode::UnknownName, option, Text(BITLATHE_TEXT("one of %1"), fmt::join(names, ", ")),
                Text(BITLATHE_TEXT("\"%1\""), name),
                near.empty() ? Text(BITLATHE_TEXT("Choose one of these"))
                             : Text(BITLATHE_TEXT("Perhaps \"%1\" was meant"), near.front()));
}

/// What is wrong with bits that are no number and not "ternary", for a usage error; empty: nothing.
std::string bitsProblem(const std::string& text)
{
    quant::Scheme scheme;
    const auto set = quant::setBits(scheme, text);
    return set ? std::string() : set.error().sentence();
}

} // namespace

void addSchemeOptions(CLI::App& command, RecipeOptions& options)
{
    const std::string group = "Scheme";
    auto* symmetric =
        command.add_flag("--symmetric", options.symmetric, "Zero point in the middle of the codes (standard)");
    command.add_flag("--asymmetric,--zero-point", options.asymmetric, "A zero point for each group")
        ->excludes(symmetric)
        ->group(group);
    symmetric->group(group);
    command
        .add_option("--clipping", options.clipping, "Range of a group: minmax, or mse for the smallest squared error")
        ->check(CLI::IsMember({"minmax", "mse"}))
        ->capture_default_str()
        ->group(group);
    command
        .add_option("--activation-bits", options.activationBits,
                    "8: inputs are rounded to int8 for each token while the model runs; 0: they are not")
        ->check(CLI::IsMember({0, 8}))
        ->capture_default_str()
        ->group(group);
    command
        .add_option("--activation-scales", options.activationScales,
                    "Scales of such inputs: dynamic (one for each token) or static (one for all, from the calibration)")
        ->check(CLI::IsMember({"dynamic", "static"}))
        ->capture_default_str()
        ->group(group);
    command
        .add_option("--scale-dtype", options.scaleDType, "Type of scales: auto (what the format wants), f16, bf16, f32")
        ->capture_default_str()
        ->group(group);
    command.add_flag("--act-order,--desc-act", options.actOrder, "Quantize columns with the largest inputs first")
        ->group(group);
}

void addGptqOptions(CLI::App& command, RecipeOptions& options)
{
    const std::string group = "GPTQ";
    quant::GptqOptions& gptq = options.gptq;
    command
        .add_option("--effort", options.effort, "gptq, awq: how long to look for a better result: fast, normal or best")
        ->check(CLI::IsMember({"fast", "normal", "best"}))
        ->capture_default_str()
        ->group(group);
    command
        .add_option("--damp-percent", gptq.damping,
                    "Added to the Hessian's diagonal, as a share of its mean (0.01: 1 %)")
        ->capture_default_str()
        ->group(group);
    command
        .add_option("--damp-auto-increment", gptq.dampingStep,
                    "Added to that share where the Hessian can't be factored")
        ->capture_default_str()
        ->group(group);
    command
        .add_flag("--static-groups", gptq.staticGroups,
                  "Scales from the original weights: act order without groups of scattered columns")
        ->group(group);
    command.add_option("--block-size", gptq.blockSize, "Columns swept at once; changes only the speed")
        ->capture_default_str()
        ->group(group);
}

void addSmoothingOptions(CLI::App& command, RecipeOptions& options)
{
    const std::string group = "AWQ and SmoothQuant";
    command
        .add_option("--smoothing", options.smoothing,
                    "Scales folded in before rounding: auto (as the method does), none, awq, smoothquant")
        ->check(CLI::IsMember({"auto", "none", "awq", "smoothquant"}))
        ->capture_default_str()
        ->group(group);
    command
        .add_option_function<std::string>(
            "--awq-rule",
            [&options](const std::string& name) {
                for (const auto rule : {quant::AwqRule::Search, quant::AwqRule::Lmdeploy, quant::AwqRule::Lmdeploy02}) {
                    options.awq.rule = quant::awqRuleName(rule) == name ? rule : options.awq.rule;
                }
            },
            "AWQ: search, or lmdeploy (scales by the rule of its auto_awq), lmdeploy-0.2 (also with that version's "
            "codes)")
        ->check(CLI::IsMember({"search", "lmdeploy", "lmdeploy-0.2"}))
        ->group(group);
    command
        .add_flag("--duo-scaling,!--no-duo-scaling", options.awq.duoScaling,
                  "AWQ: scales look at weights too, not at inputs alone (standard)")
        ->group(group);
    command.add_option("--grid", options.awq.grid, "AWQ: steps of the ratio between 0 and 1")
        ->capture_default_str()
        ->group(group);
    command
        .add_flag("--clip,!--no-clip", options.awq.clip,
                  "AWQ: shrink ranges of groups where that lowers the output error (standard)")
        ->group(group);
    command
        .add_option("--alpha", options.alpha,
                    "SmoothQuant: 0 leaves all difficulty with inputs, 1 gives it to weights; auto: searched")
        ->capture_default_str()
        ->group(group);
}

void addBitsAndBytesOptions(CLI::App& command, RecipeOptions& options)
{
    const std::string group = "bitsandbytes";
    quant::BitsAndBytesOptions& own = options.bitsAndBytes;
    command
        .add_flag("--double-quant,--use-double-quant", own.doubleQuant,
                  "nf4, fp4, int8-blockwise: scales become 8-bit codes too")
        ->group(group);
    command.add_option("--code-book", options.map, "int8-blockwise: dynamic, dynamic-unsigned, linear or quantile")
        ->check(CLI::IsMember({"dynamic", "dynamic-unsigned", "linear", "quantile"}))
        ->capture_default_str()
        ->group(group);
    command
        .add_option("--quant-storage", options.storage,
                    "nf4, fp4: type under which files name the packed codes: uint8, bfloat16, float16, float32")
        ->check(CLI::IsMember({"uint8", "bfloat16", "float16", "float32"}))
        ->capture_default_str()
        ->group(group);
    command
        .add_option(
            "--bnb-compute-dtype", options.computeType,
            "nf4, fp4: type in which users of the files multiply: auto (the model's), bfloat16, float16, float32")
        ->check(CLI::IsMember({"auto", "bfloat16", "float16", "float32"}))
        ->capture_default_str()
        ->group(group);
    command
        .add_option("--threshold", own.threshold,
                    "llm-int8: input channels that reach it are multiplied in half precision; 0: none")
        ->capture_default_str()
        ->group(group);
    command
        .add_flag("--has-fp16-weight", own.notes.halfWeights,
                  "llm-int8: tells bitsandbytes to keep a half precision copy of the weights, as for training")
        ->group(group);
    command
        .add_flag("--cpu-offload", own.notes.cpuOffload,
                  "llm-int8: tells transformers that layers which do not fit on the GPU may stay on the CPU, in f32")
        ->group(group);
    command
        .add_option("--skip-modules", options.skipModules,
                    "Layers that stay in full precision: last parts of names such as down_proj, or whole names")
        ->delimiter(',')
        ->group(group);
}

void addCalibrationOptions(CLI::App& command, RecipeOptions& options)
{
    const std::string group = "Calibration";
    command
        .add_option("--data", options.data,
                    "Calibration text: .txt, .jsonl, .json, .csv, .arrow, a folder, FILE#field, ids:FILE.json, or a "
                    "name: wikitext, alpaca, c4, ptb, pileval, custom")
        ->group(group);
    command.add_option("--samples", options.samples, "Calibration samples")->capture_default_str()->group(group);
    command.add_option("--length", options.length, "Tokens of a sample at most")->capture_default_str()->group(group);
    command.add_option("--sample-seed", options.sampleSeed, "Chooses rows; 0: the first ones")
        ->capture_default_str()
        ->group(group);
    command
        .add_option("--select", options.select,
                    "How samples are chosen: rows, or as another tool does it: gptq, awq, lmdeploy")
        ->check(CLI::IsMember({"rows", "gptq", "awq", "lmdeploy"}))
        ->capture_default_str()
        ->group(group);
    command
        .add_flag("--sequential", options.sequential,
                  "gptq, rtn: inputs are those that the layers before give once they are quantized; takes longer")
        ->group(group);
    addDataFolderOption(command, group);
}

void addDataFolderOption(CLI::App& command, const std::string& group)
{
    command
        .add_option_function<std::string>(
            "--data-dir", [](const std::string& folder) { text::setDataFolder(folder); },
            "Where names such as wikitext, alpaca, c4 are looked for (else BITLATHE_DATA, ./data, beside the model)")
        ->group(group);
}

void addDeviceFailureOption(CLI::App& command, ComputeOptions& options)
{
    command
        .add_option("--on-device-failure", options.onDeviceFailure,
                    "Where a GPU fails or its memory is short: continue on the processor, or stop (resume goes on)")
        ->check(CLI::IsMember({"continue", "stop"}))
        ->capture_default_str()
        ->group("Computing");
}

plan::OnDeviceFailure onDeviceFailureFrom(const ComputeOptions& options)
{
    return options.onDeviceFailure == "stop" ? plan::OnDeviceFailure::Stop : plan::OnDeviceFailure::Continue;
}

void addRunOptions(CLI::App& command, RecipeOptions& options)
{
    addPresetOption(command, options);
    command
        .add_option("--method", options.method,
                    "Method: rtn, gptq, awq, smoothquant (8 bits per channel, 8-bit inputs), nf4, fp4, int8-blockwise, "
                    "llm-int8")
        ->capture_default_str()
        ->group("Scheme");
    command.add_option("--bits", options.bits, "Bits of a weight: 2, 3, 4, 5, 6, 8, or ternary (1.58): -s, 0 and s")
        ->capture_default_str()
        ->check(CLI::Validator(bitsProblem, "BITS"))
        ->group("Scheme");
    command
        .add_option(
            "--group-size", options.groupSize,
            "Weights that share a scale: 16 ... 1024, channel or tensor; of nf4, fp4 and int8-blockwise the block "
            "size: 64 ... 4096")
        ->capture_default_str()
        ->group("Scheme");
    addSchemeOptions(command, options);
    addGptqOptions(command, options);
    addSmoothingOptions(command, options);
    addBitsAndBytesOptions(command, options);
    command
        .add_option("--override", options.overrides,
                    "Another scheme for layers: PATTERN=bits:8,group:64 or PATTERN=keep (repeatable)")
        ->allow_extra_args(false)
        ->group("Scheme");
    std::vector<std::string_view> names;
    for (const format::Format* format : format::formats()) {
        names.push_back(format->name());
    }
    command.add_option("--format", options.format, fmt::format("Format to write: {}", fmt::join(names, ", ")))
        ->capture_default_str()
        ->group("Export");
    command.add_option("--out", options.out, "Folder to write")->group("Export");
    command
        .add_option("--tensor-parallel", options.workspace.tensorParallel,
                    "GPUs that share the model, for turbomind: a power of two")
        ->capture_default_str()
        ->group("Export");
    command
        .add_option("--model-name", options.workspace.modelName,
                    "Name of lmdeploy's chat template, for turbomind; the usual one of the model's family if left out")
        ->group("Export");
    command
        .add_flag("!--no-context-fmha", options.workspace.contextFmha,
                  "Write use_context_fmha = 0, without which TurboMind 1.0 takes no keys and values in int8")
        ->group("Export");
    command
        .add_option(
            "--kv-params", options.kvParams,
            "Grids of keys and values beside the weights, for turbomind (int8) and compressed-tensors (fp8): a folder "
            "that kv-params wrote, or auto: by the calibration text")
        ->group("Export");
    command.add_flag("--overwrite", options.overwrite, "Replace the folder where it exists")->group("Export");
    addCalibrationOptions(command, options);
    addEvaluationOptions(command, options.evaluation);
    command.add_option("--seed", options.seed, "Seed of the method")->capture_default_str()->group("Computing");
    command.add_flag("--strict", options.strict, "End the run at a finding of severity warning or above (exit code 4)")
        ->group("Computing");
    addDeviceOptions(command, options.compute, "auto");
    addDeviceFailureOption(command, options.compute);
    command.parse_complete_callback([&command, &options] {
        const bool hasPreset = applyPreset(command, options);
        const auto isGiven = [&command, hasPreset](const char* name) {
            return hasPreset || command.get_option(name)->count() > 0;
        };
        if (const auto method = quant::findQuantizer(options.method)) {
            const quant::Scheme usual = (*method)->usualScheme();
            options.bits = isGiven("--bits") ? options.bits : quant::bitsText(usual);
            options.groupSize = isGiven("--group-size") ? options.groupSize : quant::groupSizeText(usual.groupSize);
            options.activationBits = isGiven("--activation-bits") ? options.activationBits : usual.activationBits;
            if (command.get_option("--format")->count() == 0 && usual.kind != quant::SchemeKind::UniformInt) {
                options.format = format::formatHolding((*method)->completed(usual, {}), options.format);
            }
        }
    });
}

Result<quant::Scheme> schemeFrom(const RecipeOptions& options)
{
    BITLATHE_CHECK(checkName(quant::quantizers(), "--method", options.method));
    BITLATHE_TRY(const quant::Quantizer* method, quant::findQuantizer(options.method));
    BITLATHE_TRY(const quant::MethodOptions methodOptions, methodOptionsFrom(options));
    const quant::Scheme usual = method->usualScheme();
    quant::Scheme scheme = usual.kind == quant::SchemeKind::UniformInt ? quant::Scheme{} : usual;
    BITLATHE_TRY(scheme.groupSize, quant::groupSizeFromText(options.groupSize));
    scheme.symmetric = !options.asymmetric;
    BITLATHE_CHECK(quant::setBits(scheme, options.bits));
    scheme.actOrder = options.actOrder;
    scheme.activationBits = options.activationBits;
    scheme.staticInputs = options.activationScales == "static";
    scheme.clipping = options.clipping == "mse" ? quant::Clipping::Mse : quant::Clipping::MinMax;
    if (options.scaleDType != "auto") {
        BITLATHE_TRY(scheme.scaleDType, scaleDTypeFrom(options.scaleDType));
    }
    BITLATHE_CHECK(method->check(method->completed(scheme, methodOptions)));
    return scheme;
}

Result<quant::MethodOptions> methodOptionsFrom(const RecipeOptions& options)
{
    quant::MethodOptions method;
    method.gptq = options.gptq;
    method.awq = options.awq;
    for (const quant::Effort effort : {quant::Effort::Fast, quant::Effort::Normal, quant::Effort::Best}) {
        if (options.effort == quant::effortName(effort)) {
            (options.method == "awq" ? method.awq.effort : method.gptq.effort) = effort;
        }
    }
    method.bitsAndBytes = options.bitsAndBytes;
    for (const auto map : {quant::BookKind::Dynamic, quant::BookKind::DynamicUnsigned, quant::BookKind::Linear,
                           quant::BookKind::Quantile}) {
        method.bitsAndBytes.map = options.map == quant::bookName(map) ? map : method.bitsAndBytes.map;
    }
    quant::BitsAndBytesNotes& notes = method.bitsAndBytes.notes;
    notes.storage = quant::torchTypeFrom(options.storage).value_or(notes.storage);
    notes.compute = quant::torchTypeFrom(options.computeType);
    using quant::Smoothing;
    for (const Smoothing smoothing : {Smoothing::None, Smoothing::Awq, Smoothing::SmoothQuant}) {
        if (options.smoothing == quant::smoothingName(smoothing)) {
            method.smoothing = smoothing;
        }
    }
    if (options.alpha != "auto") {
        double alpha = 0;
        const char* const last = options.alpha.data() + options.alpha.size();
        const auto [end, error] = std::from_chars(options.alpha.data(), last, alpha);
        if (error != std::errc() || end != last) {
            return fail(ErrorCode::SettingInvalid, "--alpha", Text(BITLATHE_TEXT("a number from 0 to 1, or auto")),
                        Text(BITLATHE_TEXT("\"%1\""), options.alpha));
        }
        method.smoothQuant.alpha = alpha;
    }
    return method;
}

Result<plan::Recipe> recipeFrom(const RecipeOptions& options)
{
    BITLATHE_CHECK(checkName(format::formats(), "--format", options.format));
    plan::Recipe recipe;
    recipe.model = options.model;
    recipe.method = options.method;
    BITLATHE_TRY(recipe.scheme, schemeFrom(options));
    recipe.scaleDTypeAuto = options.scaleDType == "auto";
    BITLATHE_TRY(recipe.options, methodOptionsFrom(options));
    for (const std::string& text : options.overrides) {
        BITLATHE_TRY(quant::Override change, overrideFrom(text, recipe.scheme));
        recipe.overrides.push_back(std::move(change));
    }
    for (const std::string& module : options.skipModules) {
        if (module != kHeadModule) {
            recipe.overrides.push_back({skipPattern(module), std::nullopt});
        }
    }
    recipe.calibration.data = options.data;
    BITLATHE_TRY(const text::SampleRule rule, text::sampleRuleFrom(options.select));
    recipe.calibration.inputs =
        options.sequential ? plan::CalibrationInputs::Quantized : plan::CalibrationInputs::Original;
    recipe.calibration.samples = {options.samples, options.length, options.sampleSeed, rule};
    recipe.exportTo = {options.format, options.out, options.overwrite, options.workspace, options.kvParams};
    BITLATHE_TRY(recipe.evaluation, evaluationFrom(options.evaluation));
    recipe.compute = computeFrom(options.compute);
    BITLATHE_TRY(recipe.device, deviceFrom(options.compute));
    recipe.onDeviceFailure = onDeviceFailureFrom(options.compute);
    recipe.threads = options.compute.threads;
    recipe.seed = options.seed;
    recipe.strict = options.strict;
    return recipe;
}

} // namespace bitlathe::cli
