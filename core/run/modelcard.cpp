// SPDX-License-Identifier: Apache-2.0
// The README of an exported folder, from the run's own record.
#include "core/run/modelcard.h"

#include "core/base/file.h"
#include "core/base/json.h"
#include "core/format/consumers.h"

#include <fmt/format.h>

#include <algorithm>

namespace bitlathe::run
{

namespace
{

namespace fs = std::filesystem;

std::string modelName(const plan::Recipe& recipe)
{
    return fs::path(recipe.model).filename().string();
}

std::string joined(const std::vector<std::string>& names)
{
    return fmt::format("{}", fmt::join(names, ", "));
}

std::string gigabytes(std::uint64_t bytes)
{
    return bytes < 100'000'000 ? fmt::format("{:.1f} MB", 1e-6 * static_cast<double>(bytes))
                               : fmt::format("{:.2f} GB", 1e-9 * static_cast<double>(bytes));
}

/// A text's file, without the folder that it lies in here.
std::string textName(const std::string& spec)
{
    return fs::path(spec).filename().string();
}

/// The recipe with names in place of paths, and without what no byte depends on.
std::string portableRecipe(plan::Recipe recipe)
{
    recipe.model = modelName(recipe);
    recipe.exportTo.out = "OUT";
    recipe.exportTo.overwrite = false;
    recipe.threads = 0;
    for (std::string* data : {&recipe.calibration.data, &recipe.evaluation.data, &recipe.evaluation.generation.data}) {
        *data = textName(*data);
    }
    for (fs::path* data : {&recipe.evaluation.choice.data, &recipe.evaluation.choice.shotsData}) {
        *data = data->filename();
    }
    return plan::recipeToYaml(recipe);
}

std::string facts(const RunResult& result)
{
    const plan::Recipe& recipe = result.recipe;
    const auto quantized =
        std::ranges::count_if(result.layers, [](const LayerRecord& layer) { return layer.scheme.has_value(); });
    std::string text = "| | |\n|---|---|\n";
    const auto row = [&text](std::string_view name, const std::string& value) {
        text += fmt::format("| {} | {} |\n", name, value);
    };
    row("method", recipe.method);
    row("weights", recipe.scheme.label());
    row("layers", fmt::format("{} of {} linears quantized{}", quantized, result.layers.size(),
                              recipe.overrides.empty() ? "" : ", some by schemes of their own"));
    row("bits per weight", fmt::format("{:.3f}", result.bitsPerWeight));
    row("tensor files", gigabytes(result.bytes));
    row("format", result.format);
    if (const auto consumers = format::consumersOf(result.format); !consumers.empty()) {
        row("loaded by", joined(consumers));
    }
    if (!recipe.calibration.data.empty()) {
        const text::SampleOptions& samples = recipe.calibration.samples;
        row("calibration",
            fmt::format("`{}`, {} samples of up to {} tokens, {} tokens in all", textName(recipe.calibration.data),
                        samples.samples, samples.length, result.calibrationTokens));
    }
    return text;
}

std::string quality(const evaluate::Comparison& comparison)
{
    std::string text =
        "| | perplexity | against the first | KL divergence, mean | 99 % below | same top token | tensor files |\n"
        "|---|---|---|---|---|---|---|\n";
    for (const evaluate::ComparedModel& model : comparison.models) {
        const evaluate::PerplexityResult& measured = model.perplexity;
        const bool isBase = &model == &comparison.models.front();
        text += fmt::format(
            "| {}, {} | {:.4f} ± {:.4f} | {} | {} | {} | {} | {} |\n", model.name, model.schemeLabel,
            measured.perplexity, measured.standardError,
            isBase ? "" : fmt::format("{:+.4f} ± {:.4f}", model.delta, model.deltaError),
            model.kl ? fmt::format("{:.4f}", model.kl->mean) : "", model.kl ? fmt::format("{:.4f}", model.kl->p99) : "",
            model.kl ? fmt::format("{:.2f} %", 100 * model.kl->sameTop) : "", gigabytes(model.memory.bytesDisk));
    }
    return text;
}

} // namespace

std::string modelCard(const RunResult& result)
{
    const plan::Recipe& recipe = result.recipe;
    const std::string name = modelName(recipe);
    // A string of JSON is one of YAML, whatever the name holds.
    const std::string quoted = Json(name).dump(-1, ' ', false, Json::error_handler_t::replace);
    std::string card =
        fmt::format("---\nbase_model: {}\ntags:\n- quantized\n- {}\n- bitlathe\n---\n\n", quoted, recipe.method);
    card += fmt::format("# {}, {}, {}\n\n", name, recipe.method, recipe.scheme.label());
    card += fmt::format("`{}`, quantized by Bitlathe {}. The licence is that of the model.\n\n", name, result.program);
    card += facts(result);
    card += "\n## Quality\n\n";
    if (result.comparison) {
        card += quality(*result.comparison);
        const evaluate::Protocol& protocol = result.comparison->protocol;
        card +=
            fmt::format("\nOver {} windows of {} tokens of `{}`. ± is the standard error; that of a difference is of "
                        "paired windows.\n",
                        protocol.windows, protocol.length, textName(recipe.evaluation.data));
    } else {
        card += "Not measured by this run: `bitlathe-cli compare MODEL THIS_FOLDER --data TEXT` does.\n";
    }
    if (!result.findings.empty()) {
        card += "\n## What came up\n\n";
        for (const Finding& finding : result.findings) {
            card += fmt::format("- {}: {}\n", finding.subject, finding.message.english());
        }
    }
    card += "\n## How it was made\n\n```yaml\n" + portableRecipe(recipe) + "```\n\n";
    card += "Losses of every layer, and all settings, are in `bitlathe-run.json`.\n";
    return withoutHome(card);
}

} // namespace bitlathe::run
