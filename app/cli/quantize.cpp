// SPDX-License-Identifier: Apache-2.0
// bitlathe-cli quantize, estimate, run and resume: a recipe from options, a file or an interrupted run.
#include "app/cli/recipeoptions.h"
#include "app/cli/runrecipe.h"
#include "core/base/file.h"
#include "core/report/documents.h"
#include "core/run/history.h"

#include <charconv>

namespace bitlathe::cli
{

namespace
{

namespace fs = std::filesystem;

struct QuantizeOptions : RecipeOptions
{
    bool dryRun = false;
    std::string recipeOut;
};

Result<void> showEstimate(Session& session, const plan::Recipe& recipe)
{
    BITLATHE_TRY(const plan::Plan plan, plan::makePlan(recipe));
    session.console.document(report::estimateDocument(plan.estimate));
    session.console.print(
        fmt::format("{}: {}\n\n{}", plan.model->name(), recipe.scheme.label(), estimateText(plan.estimate)));
    noteFindings(session.console, plan.findings);
    return {};
}

Result<void> quantize(Session& session, const QuantizeOptions& options)
{
    BITLATHE_TRY(const plan::Recipe recipe, recipeFrom(options));
    if (!options.recipeOut.empty()) {
        BITLATHE_CHECK(plan::checkRecipe(recipe));
        BITLATHE_CHECK(writeFileAtomically(options.recipeOut, plan::recipeToYaml(recipe)));
        session.console.note("recipe written to " + options.recipeOut);
    }
    return options.dryRun ? showEstimate(session, recipe) : runAndShow(session, recipe, false);
}

bool isRecipeFile(const std::string& path)
{
    const std::string ending = fs::path(path).extension().string();
    std::error_code ignored;
    return (ending == ".yaml" || ending == ".yml") && !fs::is_directory(path, ignored);
}

Result<void> estimate(Session& session, QuantizeOptions options)
{
    if (isRecipeFile(options.model)) {
        BITLATHE_TRY(const plan::Recipe recipe, plan::readRecipe(options.model));
        return showEstimate(session, recipe);
    }
    if (options.out.empty()) {
        options.out = fs::path(options.model).lexically_normal().string() + "-quantized"; // Nothing is written to it.
    }
    BITLATHE_TRY(const plan::Recipe recipe, recipeFrom(options));
    return showEstimate(session, recipe);
}

/// The number of a run in the history, where name is one and no folder.
std::optional<RunId> runNumber(const std::string& name)
{
    std::int64_t number = 0;
    const auto [end, error] = std::from_chars(name.data(), name.data() + name.size(), number);
    std::error_code ignored;
    if (error != std::errc() || end != name.data() + name.size() || fs::exists(name, ignored)) {
        return std::nullopt;
    }
    return RunId(number);
}

/// --threads, --device, --vram and --on-device-failure, where they are not as the recipe says.
void addGivenOptions(CLI::App& command, ComputeOptions& options)
{
    const std::string group = "Computing";
    command.add_option("--threads", options.threads, "Threads to use; 0: as the recipe says")
        ->check(CLI::Range(0, 4096))
        ->group(group);
    command
        .add_option("--device", options.device,
                    "Where to compute, else as the recipe says: cpu; cuda, a GPU, or cuda:1, the second; auto, a GPU "
                    "if there is one")
        ->group(group);
    command
        .add_option("--vram", options.vram, "What of a GPU's memory may be used, such as 12GB, else as the recipe says")
        ->group(group);
    command
        .add_option("--on-device-failure", options.onDeviceFailure,
                    "Where a GPU fails or its memory is short: continue on the processor, or stop; else as the recipe "
                    "says")
        ->check(CLI::IsMember({"continue", "stop"}))
        ->group(group);
}

Result<void> applyGiven(const CLI::App& command, const ComputeOptions& options, plan::Recipe& recipe)
{
    BITLATHE_TRY(const model::DeviceChoice given, deviceFrom(options));
    recipe.threads = options.threads > 0 ? options.threads : recipe.threads;
    recipe.device.name = command.count("--device") > 0 ? given.name : recipe.device.name;
    recipe.device.bytesMemory = command.count("--vram") > 0 ? given.bytesMemory : recipe.device.bytesMemory;
    if (command.count("--on-device-failure") > 0) {
        recipe.onDeviceFailure = onDeviceFailureFrom(options);
    }
    return {};
}

Result<void> resume(Session& session, const std::string& name, const CLI::App& command, const ComputeOptions& compute)
{
    fs::path out = name;
    if (const auto id = runNumber(name)) {
        BITLATHE_TRY(const std::string yaml, run::History().recipeYaml(*id));
        BITLATHE_TRY(const plan::Recipe recorded, plan::recipeFromYaml(yaml, "run " + name));
        out = recorded.exportTo.out;
    }
    BITLATHE_TRY(plan::Recipe recipe, run::interruptedRecipe(out));
    BITLATHE_CHECK(applyGiven(command, compute, recipe));
    return runAndShow(session, recipe, true);
}

} // namespace

void addQuantizeCommands(CLI::App& app, Session& session)
{
    auto* quantizeCommand =
        addCommand(app, session, "quantize", "Quantize a model and write it in a format that other tools load");
    auto options = std::make_shared<QuantizeOptions>();
    quantizeCommand->add_option("MODEL", options->model, "A model folder")->required();
    addRunOptions(*quantizeCommand, *options);
    quantizeCommand->get_option("--out")->required();
    quantizeCommand->add_flag("--dry-run", options->dryRun, "Say what it would cost, and write nothing")
        ->group("Export");
    quantizeCommand->add_option("--recipe-out", options->recipeOut, "Also write the recipe to this file")
        ->group("Export");
    quantizeCommand->callback(
        [&session, options] { session.action = [&session, options] { return quantize(session, *options); }; });

    auto* estimateCommand = addCommand(app, session, "estimate", "Size, memory, disk and time of a run before it runs");
    auto estimated = std::make_shared<QuantizeOptions>();
    estimateCommand->add_option("MODEL", estimated->model, "A model folder, or a recipe (.yaml)")->required();
    addRunOptions(*estimateCommand, *estimated);
    estimateCommand->callback(
        [&session, estimated] { session.action = [&session, estimated] { return estimate(session, *estimated); }; });

    auto* runCommand = addCommand(app, session, "run", "Run a recipe");
    auto file = std::make_shared<std::string>();
    runCommand->add_option("RECIPE", *file, "A recipe (.yaml), as quantize --recipe-out writes it")->required();
    auto given = std::make_shared<ComputeOptions>();
    addGivenOptions(*runCommand, *given);
    runCommand->callback([&session, file, runCommand, given] {
        session.action = [&session, file, runCommand, given]() -> Result<void> {
            BITLATHE_TRY(plan::Recipe recipe, plan::readRecipe(*file));
            BITLATHE_CHECK(applyGiven(*runCommand, *given, recipe));
            return runAndShow(session, recipe, false);
        };
    });

    auto* resumeCommand = addCommand(app, session, "resume", "Go on with a run that was interrupted");
    auto name = std::make_shared<std::string>();
    auto compute = std::make_shared<ComputeOptions>();
    resumeCommand->add_option("RUN", *name, "Its output folder, or its number in the history")->required();
    addGivenOptions(*resumeCommand, *compute);
    resumeCommand->callback([&session, name, resumeCommand, compute] {
        session.action = [&session, name, resumeCommand, compute] {
            return resume(session, *name, *resumeCommand, *compute);
        };
    });
}

} // namespace bitlathe::cli
