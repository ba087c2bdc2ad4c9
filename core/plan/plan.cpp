// SPDX-License-Identifier: Apache-2.0
// Plan: a recipe checked against the model and the format.
#include "core/plan/plan.h"

#include "core/base/file.h"
#include "core/base/machine.h"
#include "core/format/exporter.h"
#include "core/format/kvgrids.h"
#include "core/plan/cost.h"
#include "core/text/datafolder.h"
#include "kernels/threads.h"

#include <algorithm>

namespace bitlathe::plan
{

namespace
{

namespace fs = std::filesystem;

Result<void> checkModel(const format::OpenedModel& opened)
{
    const std::string subject = opened.folder().string();
    if (opened.spec.linears.empty()) {
        return fail(ErrorCode::NotSupported, subject, Text(BITLATHE_TEXT("a model with weight matrices")),
                    Text(BITLATHE_TEXT("none that could be quantized")));
    }
    return {};
}

Result<void> checkTexts(const Recipe& recipe, const format::OpenedModel& opened)
{
    for (const std::string& spec : {recipe.calibration.data, recipe.evaluation.data}) {
        if (spec.empty()) {
            continue;
        }
        if (!opened.spec.canRun) {
            return fail(ErrorCode::NotSupported, opened.folder().string(),
                        Text(BITLATHE_TEXT("a model whose forward pass is known (%1), for calibration and evaluation"),
                             fmt::join(model::knownModelTypes(), ", ")),
                        opened.spec.whyNot,
                        Text(BITLATHE_TEXT("Leave calibration and evaluation text away: rtn needs neither")));
        }
        if (!spec.starts_with("ids:") && !opened.tokenizer && opened.tokenizerError) {
            return Failure(*opened.tokenizerError);
        }
    }
    return {};
}

/// What a model has to have to be asked or to write.
Result<void> checkCanAnswer(const format::OpenedModel& opened, bool chat)
{
    if (!opened.tokenizer) {
        return Failure(*opened.tokenizerError);
    }
    return chat ? text::openChatTemplate(opened.folder()).map([](const auto&) {}) : Result<void>();
}

/// What would end the evaluation, after hours perhaps: questions and prompts that can't be read or put.
Result<void> checkQuestionsAndPrompts(const Recipe& recipe, const format::OpenedModel& opened)
{
    if (const evaluate::ChoiceOptions& choice = recipe.evaluation.choice; !choice.data.empty()) {
        BITLATHE_CHECK(checkCanAnswer(opened, choice.chat));
        BITLATHE_TRY(const auto run, evaluate::ChoiceRun::create(choice));
        (void)run;
    }
    if (const evaluate::GenerationCheckOptions& generation = recipe.evaluation.generation; !generation.data.empty()) {
        BITLATHE_CHECK(checkCanAnswer(opened, generation.chat));
        BITLATHE_TRY(const auto run, evaluate::GenerationRun::create(generation));
        (void)run;
    }
    return {};
}

/// Samples and windows that the model's positions end before.
Result<void> checkLengths(const Recipe& recipe, const format::OpenedModel& opened, Findings& findings)
{
    const auto limit = opened.spec.positionLimit();
    const auto check = [&](const std::string& data, const char* setting, std::int64_t length) -> Result<void> {
        if (data.empty() || !limit || length <= *limit) {
            return {};
        }
        return fail(ErrorCode::SettingInvalid, setting,
                    Text(BITLATHE_TEXT("at most %1 tokens, all that this model knows"), *limit),
                    Text(BITLATHE_TEXT("%1"), length), Text(BITLATHE_TEXT("Choose shorter samples or windows")));
    };
    BITLATHE_CHECK(check(recipe.calibration.data, "calibration.length", recipe.calibration.samples.length));
    BITLATHE_CHECK(check(recipe.evaluation.data, "evaluation.length", recipe.evaluation.length));
    const auto longest = std::max(recipe.calibration.data.empty() ? 0 : recipe.calibration.samples.length,
                                  recipe.evaluation.data.empty() ? 0 : recipe.evaluation.length);
    if (auto finding = evaluate::lengthFinding(opened.spec, longest, opened.folder().string())) {
        findings.push_back(*std::move(finding));
    }
    return {};
}

/// The scheme of each linear, with scale types settled; notes which overrides matched.
Result<void> settleSchemes(Plan& plan)
{
    const Recipe& recipe = plan.recipe;
    BITLATHE_TRY(const quant::Quantizer* method, quant::findQuantizer(recipe.method));
    std::vector<bool> used(recipe.overrides.size(), false);
    bool orderIgnored = false;
    for (const model::LinearSpec& linear : plan.model->spec.linears) {
        for (std::size_t i = 0; i < used.size(); ++i) {
            BITLATHE_TRY(const bool matched, quant::matches(recipe.overrides[i].pattern, linear.name));
            used[i] = used[i] || matched;
        }
        BITLATHE_TRY(auto scheme, quant::schemeFor(linear.name, recipe.scheme, recipe.overrides));
        if (scheme) {
            const quant::Scheme asked = *scheme;
            *scheme = settledScheme(recipe, asked, *method, *plan.format, plan.model->dtype);
            orderIgnored = orderIgnored || (asked.actOrder && !scheme->actOrder);
            BITLATHE_CHECK(method->check(*scheme));
            BITLATHE_CHECK(plan.format->check(*scheme, linear));
        }
        plan.schemes.push_back(std::move(scheme));
    }
    for (std::size_t i = 0; i < used.size(); ++i) {
        if (!used[i]) {
            plan.findings.push_back(
                {Severity::Warning, "override-unused", recipe.overrides[i].pattern,
                 Text(BITLATHE_TEXT("this override matches no layer")),
                 Text(BITLATHE_TEXT("Compare the pattern with the layer names that inspect lists"))});
        }
    }
    if (orderIgnored) {
        plan.findings.push_back({Severity::Note, "act-order-ignored", recipe.method,
                                 Text(BITLATHE_TEXT("takes columns as they come: act-order changes nothing")),
                                 Text(BITLATHE_TEXT("Choose the method gptq for it"))});
    }
    const auto roundsInputs = [](const auto& scheme) {
        return scheme && (scheme->activationBits != 0 || scheme->kind == quant::SchemeKind::Int8Outliers);
    };
    if (plan.format->name() == "dense" && std::any_of(plan.schemes.begin(), plan.schemes.end(), roundsInputs)) {
        plan.findings.push_back(
            {Severity::Warning, "inputs-not-rounded", plan.model->name(),
             Text(BITLATHE_TEXT("the format dense does not say that inputs are rounded: the exported "
                                "model, and its evaluation, has rounded weights only")),
             Text(BITLATHE_TEXT("Choose a format that stores the rounding of inputs"))});
    }
    if (std::none_of(plan.schemes.begin(), plan.schemes.end(), [](const auto& scheme) { return scheme.has_value(); })) {
        plan.findings.push_back({Severity::Warning, "nothing-quantized", plan.model->name(),
                                 Text(BITLATHE_TEXT("the overrides keep every layer in full precision")),
                                 Text(BITLATHE_TEXT("Narrow their patterns"))});
    }
    return {};
}

/// Where a data SPEC names its file: behind "ids:".
std::string absoluteSpec(const std::string& given, const fs::path& modelFolder)
{
    constexpr std::string_view kIds = "ids:";
    const auto resolved = text::resolvePreset(given, modelFolder);
    if (given.empty() || !resolved) {
        return given; // Opening it will say what is wrong.
    }
    const std::string& spec = *resolved;
    const bool ids = spec.starts_with(kIds);
    const std::string file = ids ? spec.substr(kIds.size()) : spec;
    return (ids ? std::string(kIds) : std::string()) + fs::absolute(file).lexically_normal().string();
}

fs::path absoluteFolder(const fs::path& folder)
{
    const fs::path whole = fs::absolute(folder).lexically_normal();
    return whole.has_filename() ? whole : whole.parent_path(); // "dir/" and "dir" are one.
}

/// A run may go on in another process, started elsewhere: nothing in its recipe depends on the working folder.
Recipe withAbsolutePaths(Recipe recipe)
{
    recipe.model = absoluteFolder(recipe.model);
    recipe.exportTo.out = absoluteFolder(recipe.exportTo.out);
    if (fs::path& params = recipe.exportTo.kvParams; !params.empty() && params != format::kKvParamsAuto) {
        params = absoluteFolder(params);
    }
    recipe.calibration.data = absoluteSpec(recipe.calibration.data, recipe.model);
    recipe.evaluation.data = absoluteSpec(recipe.evaluation.data, recipe.model);
    recipe.evaluation.generation.data = absoluteSpec(recipe.evaluation.generation.data, recipe.model);
    for (fs::path* path : {&recipe.evaluation.choice.data, &recipe.evaluation.choice.shotsData}) {
        *path = path->empty() ? *path : absoluteFolder(*path);
    }
    return recipe;
}

void noteTightPlaces(Plan& plan)
{
    const Recipe& recipe = plan.recipe;
    if (!recipe.calibration.data.empty() && recipe.calibration.data == recipe.evaluation.data) {
        plan.findings.push_back({Severity::Warning, "text-overlaps", recipe.evaluation.data,
                                 Text(BITLATHE_TEXT("the calibration text is also the evaluation text")),
                                 Text(BITLATHE_TEXT("Evaluate on another text: this perplexity will be too good"))});
    }
    const std::uint64_t ram = machineFacts().bytesRamAvailable;
    if (ram > 0 && plan.estimate.bytesPeakRam > ram) {
        plan.findings.push_back({Severity::Warning, "memory-tight", plan.model->name(),
                                 Text(BITLATHE_TEXT("the run needs about %1 MiB of memory; %2 MiB are free"),
                                      plan.estimate.bytesPeakRam >> 20, ram >> 20),
                                 Text(BITLATHE_TEXT("Close other programs, or evaluate in a run of its own"))});
    }
    const std::uint64_t disk = freeBytes(recipe.exportTo.out);
    if (plan.estimate.bytesDisk > disk) {
        plan.findings.push_back({Severity::Warning, "disk-tight", recipe.exportTo.out.string(),
                                 Text(BITLATHE_TEXT("the run needs about %1 MiB of disk; %2 MiB are free"),
                                      plan.estimate.bytesDisk >> 20, disk >> 20),
                                 Text(BITLATHE_TEXT("Free some space or choose another folder"))});
    }
}

} // namespace

quant::Scheme settledScheme(const Recipe& recipe, quant::Scheme scheme, const quant::Quantizer& method,
                            const format::Format& format, checkpoint::DType modelDType)
{
    if (recipe.scaleDTypeAuto) {
        scheme.scaleDType = format.scaleDType(modelDType);
    }
    scheme = method.completed(scheme, recipe.options);
    scheme.leastZero = scheme.symmetric ? 0 : format.leastZero();
    scheme.actOrder = scheme.actOrder && method.ordersColumns();
    return scheme;
}

Result<Plan> makePlan(const Recipe& recipe, std::shared_ptr<const format::OpenedModel> opened, Timing timing)
{
    BITLATHE_CHECK(checkRecipe(recipe));
    Plan plan;
    plan.recipe = withAbsolutePaths(recipe);
    if (!opened) {
        BITLATHE_TRY(opened, format::openModel(plan.recipe.model));
    }
    plan.model = std::move(opened);
    BITLATHE_TRY(plan.format, format::findFormat(plan.recipe.exportTo.format));
    BITLATHE_CHECK(checkModel(*plan.model));
    BITLATHE_CHECK(checkTexts(plan.recipe, *plan.model));
    BITLATHE_CHECK(checkQuestionsAndPrompts(plan.recipe, *plan.model));
    BITLATHE_CHECK(checkLengths(plan.recipe, *plan.model, plan.findings));
    BITLATHE_CHECK(settleSchemes(plan));
    const Findings& ofFiles = plan.model->findings;
    plan.findings.insert(plan.findings.begin(), ofFiles.begin(), ofFiles.end());
    if (plan.model->isQuantized()) {
        plan.findings.push_back(
            {Severity::Warning, "quantized-already", plan.model->folder().string(),
             Text(BITLATHE_TEXT("is quantized already (%1); its weights are dequantized and rounded a second time"),
                  plan.model->format->name()),
             Text(BITLATHE_TEXT("Choose the model that it was made from, or convert it without a change of codes"))});
    }
    const Findings risks = plan.format->risks(plan.model->spec, plan.schemes);
    plan.findings.insert(plan.findings.end(), risks.begin(), risks.end());
    const Findings leftOut = plan.format->leftOut(plan.model->spec, plan.model->folder().string());
    plan.findings.insert(plan.findings.end(), leftOut.begin(), leftOut.end());
    BITLATHE_TRY(plan.kv, format::kvForExport(plan.model->spec, *plan.format, plan.recipe.exportTo.kvParams,
                                              plan.recipe.exportTo.workspace));
    const auto& entries = plan.model->checkpoint->entries();
    const bool hasScales = std::ranges::any_of(entries, &quant::isKvScale, &checkpoint::TensorEntry::name);
    if (hasScales && !plan.kv) {
        plan.findings.push_back(
            {Severity::Note, "kv-grids-left-out", plan.model->folder().string(),
             Text(BITLATHE_TEXT("holds scales for its keys and values, which the new folder will not have")),
             Text(BITLATHE_TEXT("Name --kv-params to write new ones"))});
    }
    BITLATHE_TRY(plan.estimate.bytesOut, format::exportedBytes(*plan.model, *plan.format, plan.schemes, plan.kv));
    const kernels::ThreadCountScope threads(timing == Timing::Measured ? plan.recipe.threads : 0);
    addCosts(plan, timing);
    noteTightPlaces(plan);
    return plan;
}

} // namespace bitlathe::plan
