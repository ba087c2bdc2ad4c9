// SPDX-License-Identifier: Apache-2.0
// bitlathe-cli advise: which method, bits, format, KV cache and program suit a device, and why.
#include "app/cli/command.h"
#include "app/cli/quantities.h"
#include "app/cli/suggest.h"
#include "core/base/file.h"
#include "core/base/machine.h"
#include "core/plan/advice.h"
#include "core/report/numbers.h"

#include <filesystem>

namespace bitlathe::cli
{

namespace
{

namespace fs = std::filesystem;

using plan::Advice;
using plan::AdviceOption;
using plan::AdviceRequest;

struct AdviseOptions
{
    std::string model;
    std::string vram;
    std::string ram;
    double capability = 0;
    bool noGpu = false;
    std::string usage = "desktop";
    std::string wish = "balanced";
    std::string context = "4k";
    std::int64_t batch = 1;
    std::string runtime;
    std::string table;
    std::string data;
    std::string recipeOut;
};

template <typename Kind, std::size_t N>
Kind kindNamed(const std::string& name, const Kind (&kinds)[N], std::string_view (*nameOf)(Kind))
{
    const auto* found = std::ranges::find(kinds, name, nameOf);
    return found != std::end(kinds) ? *found : kinds[0]; // The command line knows these names only.
}

Result<AdviceRequest> requestFrom(const AdviseOptions& options)
{
    AdviceRequest request;
    if (!options.vram.empty()) {
        BITLATHE_TRY(request.bytesVram, bytesFrom("--vram", options.vram));
    }
    request.bytesRam = machineFacts().bytesRam;
    if (!options.ram.empty()) {
        BITLATHE_TRY(request.bytesRam, bytesFrom("--ram", options.ram));
    }
    request.gpuCapability = options.capability;
    constexpr plan::Usage kUsages[] = {plan::Usage::Server, plan::Usage::Desktop, plan::Usage::Edge};
    constexpr plan::Wish kWishes[] = {plan::Wish::Best, plan::Wish::Balanced, plan::Wish::Small};
    request.usage = kindNamed(options.usage, kUsages, plan::usageName);
    request.wish = kindNamed(options.wish, kWishes, plan::wishName);
    BITLATHE_TRY(request.context, tokensFrom("--context", options.context));
    request.batch = options.batch;
    request.runtime = options.runtime;
    return request;
}

Json sentencesDocument(const std::vector<Text>& sentences)
{
    Json list = Json::array();
    for (const Text& sentence : sentences) {
        list.push_back(sentence.english());
    }
    return list;
}

Json optionDocument(const AdviceOption& option)
{
    Json document{{"method", option.method},
                  {"runtime", option.runtime},
                  {"device", option.onGpu ? "gpu" : "cpu"},
                  {"format", option.format},
                  {"kv", option.memory.kv.name()}};
    if (option.scheme) {
        document["bits"] = option.scheme->bits;
        document["group_size"] = quant::groupSizeText(option.scheme->groupSize);
        document["symmetric"] = option.scheme->symmetric;
    }
    document["bytes"] = {{"weights", option.memory.bytesWeights},
                         {"kv", option.memory.bytesKv},
                         {"activations", option.memory.bytesActivations},
                         {"runtime", option.bytesRuntime},
                         {"total", option.bytes()},
                         {"usable", option.bytesUsable}};
    document["max_context"] = option.contextMax;
    document["max_batch"] = option.batchMax;
    document["excess_perplexity"] = option.excess();
    document["reasons"] = sentencesDocument(option.reasons);
    return document;
}

Json adviceDocument(const AdviceRequest& request, const Advice& advice)
{
    Json options = Json::array();
    for (const AdviceOption& option : advice.options) {
        options.push_back(optionDocument(option));
    }
    Json document{{"request",
                   {{"vram", request.bytesVram},
                    {"ram", request.bytesRam},
                    {"use", plan::usageName(request.usage)},
                    {"quality", plan::wishName(request.wish)},
                    {"context", request.context},
                    {"batch", request.batch}}},
                  {"options", options},
                  {"notes", sentencesDocument(advice.notes)}};
    if (const auto& shortfall = advice.shortfall) {
        document["shortfall"] = {{"nearest", optionDocument(shortfall->nearest)},
                                 {"bytes_missing", shortfall->bytesMissing},
                                 {"ways", sentencesDocument(shortfall->ways)}};
    }
    return document;
}

std::string sentenceLines(const std::vector<Text>& sentences)
{
    std::string lines;
    for (const Text& sentence : sentences) {
        lines += "   " + sentence.english() + '\n';
    }
    return lines;
}

std::string optionText(const AdviceOption& option)
{
    return fmt::format("{}{}; {}; {} on {}\n{}", option.title(),
                       option.format.empty() ? std::string() : fmt::format("; format {}", option.format),
                       option.memory.kv.label(), option.runtime, option.onGpu ? "the GPU" : "the processor",
                       sentenceLines(option.reasons));
}

std::string adviceText(const Advice& advice)
{
    std::string text = sentenceLines(advice.notes);
    for (std::size_t i = 0; i < advice.options.size(); ++i) {
        text += fmt::format("{}. {}\n", i + 1, optionText(advice.options[i]));
    }
    if (const auto& shortfall = advice.shortfall) {
        text +=
            fmt::format("Nothing fits: {} are missing.\nNearest: {}\n{}", report::bytesText(shortfall->bytesMissing),
                        optionText(shortfall->nearest), sentenceLines(shortfall->ways));
    }
    return text;
}

/// The recipe of the first option that has one, for this model.
Result<void> writeRecipe(Session& session, const AdviseOptions& options, const Advice& advice)
{
    const auto found = std::ranges::find_if(advice.options, [](const AdviceOption& option) { return option.recipe.has_value(); });
    if (found == advice.options.end()) {
        return fail(ErrorCode::NotSupported, options.recipeOut, Text(BITLATHE_TEXT("an option with a recipe")),
                    Text(BITLATHE_TEXT("none that quantizes")),
                    Text(BITLATHE_TEXT("Use the model as it is, or ask for --quality small")));
    }
    plan::Recipe recipe = *found->recipe;
    recipe.model = fs::absolute(options.model).lexically_normal();
    recipe.exportTo.out = recipe.model.string() + fmt::format("-{}-{}bit", recipe.method, recipe.scheme.bits);
    recipe.calibration.data = options.data;
    BITLATHE_CHECK(writeFileAtomically(options.recipeOut, plan::recipeToYaml(recipe)));
    session.console.note(fmt::format("recipe of option {} written to {}",
                                     std::distance(advice.options.begin(), found) + 1, options.recipeOut));
    if (options.data.empty()) {
        session.console.note("it names no calibration text yet: say --data, or fill in calibration.data");
    }
    return {};
}

Result<Advice> adviceFor(const AdviseOptions& options, const AdviceRequest& request)
{
    BITLATHE_TRY(const auto model, evaluate::memoryModel(options.model));
    format::RuntimeTable table = format::runtimeTable();
    if (!options.table.empty()) {
        BITLATHE_TRY(table, format::readRuntimeTable(options.table));
    }
    auto advice = plan::advise(request, model, table);
    if (!advice && advice.error().code == ErrorCode::UnknownName) {
        std::vector<std::string> names;
        std::ranges::transform(table.runtimes, std::back_inserter(names), &format::Runtime::name);
        if (const auto near = nearNames(options.runtime, names); !near.empty()) {
            advice.error().advice = Text(BITLATHE_TEXT("Perhaps \"%1\" was meant"), near.front());
        }
    }
    return advice;
}

Result<void> showAdvice(Session& session, const AdviseOptions& options)
{
    BITLATHE_TRY(const AdviceRequest request, requestFrom(options));
    BITLATHE_TRY(const Advice advice, adviceFor(options, request));
    session.console.document(adviceDocument(request, advice));
    session.console.print(adviceText(advice));
    return options.recipeOut.empty() ? Result<void>() : writeRecipe(session, options, advice);
}

} // namespace

void addAdviseCommand(CLI::App& app, Session& session)
{
    auto* command = addCommand(app, session, "advise", "Which method, bits, format and program suit a device, and why");
    auto options = std::make_shared<AdviseOptions>();
    command->add_option("MODEL", options->model, "A model folder, or a config.json without weights")->required();
    auto* vram = command->add_option("--vram", options->vram, "Memory of the GPU: 8GB, 24GiB; else there is none");
    command->add_option("--ram", options->ram, "Memory of the machine; else that of this one");
    auto* noGpu = command->add_flag("--no-gpu", options->noGpu, "There is no GPU")->excludes(vram);
    command->add_option("--capability", options->capability, "Compute capability of the NVIDIA GPU, such as 8.6")
        ->check(CLI::Range(1.0, 100.0))
        ->needs(vram)
        ->excludes(noGpu);
    command->add_option("--use", options->usage, "What it is for: server, desktop, edge")
        ->check(CLI::IsMember({"server", "desktop", "edge"}))
        ->capture_default_str();
    command->add_option("--quality", options->wish, "What counts: best, balanced, small")
        ->check(CLI::IsMember({"best", "balanced", "small"}))
        ->capture_default_str();
    command->add_option("--context", options->context, "Tokens of a sequence: 8192, 8k")->capture_default_str();
    command->add_option("--batch", options->batch, "Sequences at once")->check(CLI::Range(1, 1 << 16));
    command->add_option("--runtime", options->runtime, "The program that must run it, such as vLLM; else any");
    command->add_option("--runtimes", options->table,
                        "A table of programs (.json) instead of the one that is built in");
    command->add_option("--data", options->data, "Calibration text for the recipe, as quantize knows it");
    command->add_option("--recipe", options->recipeOut, "Write the recipe of the best option to this file");
    command->callback(
        [&session, options] { session.action = [&session, options] { return showAdvice(session, *options); }; });
}

} // namespace bitlathe::cli
