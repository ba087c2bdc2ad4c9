// SPDX-License-Identifier: Apache-2.0
// bitlathe-cli demo: the main job on the bundled model.
#include "app/cli/command.h"
#include "app/cli/comparisontable.h"
#include "app/cli/runrecipe.h"
#include "core/base/file.h"
#include "core/base/resources.h"
#include "core/report/documents.h"
#include "core/report/numbers.h"
#include "core/run/runner.h"

#include <algorithm>

namespace bitlathe::cli
{

namespace
{

namespace fs = std::filesystem;

constexpr const char* kName = "demo-llama";
constexpr std::int64_t kWindowLength = 1024;

struct DemoOptions
{
    std::string out;
    std::int64_t windows = 4;
    ComputeOptions compute;
};

plan::Recipe demoRecipe(const fs::path& model, const fs::path& calibration, const fs::path& out, int bits,
                        std::int64_t groupSize)
{
    plan::Recipe recipe;
    recipe.model = model;
    recipe.scheme.bits = bits;
    recipe.scheme.groupSize = groupSize;
    recipe.calibration.data = calibration.string();
    recipe.calibration.samples = {16, 256, 0};
    recipe.exportTo.out = out;
    recipe.exportTo.overwrite = true;
    return recipe;
}

/// Quantizes and returns where the result lies.
Result<fs::path> quantizeDemo(Session& session, const plan::Recipe& recipe)
{
    BITLATHE_TRY(const plan::Plan plan, plan::makePlan(recipe, nullptr, plan::Timing::Usual));
    session.afterStop = fmt::format("State kept in {}.partial, resume with: bitlathe-cli resume {}",
                                    recipe.exportTo.out.string(), recipe.exportTo.out.string());
    run::RunObserver observer;
    observer.onFinding = [&session](const Finding& finding) { session.console.finding(finding); };
    BITLATHE_TRY(const run::RunResult result, run::runPlan(plan, {}, observer, session.work()));
    session.console.progressDone();
    session.afterStop.clear();
    session.console.print(
        fmt::format("quantized to {} in {}\n", recipe.scheme.label(), report::durationText(result.seconds)));
    return result.out;
}

Result<evaluate::Comparison> compareDemo(Session& session, const std::vector<fs::path>& folders, const fs::path& text,
                                         const DemoOptions& options)
{
    evaluate::CompareOptions settings;
    BITLATHE_TRY(settings.compute, settledCompute(options.compute));
    settings.data = text.string();
    settings.windows.maxWindows = options.windows;
    settings.windows.length = kWindowLength;
    const WorkContext work = session.work();
    BITLATHE_TRY(evaluate::Comparison comparison,
                 evaluate::compare(folders, settings, work.child(0, 1, Text(BITLATHE_TEXT("Comparing")))));
    session.console.progressDone();
    comparison.models.front().name = kName; // Its folder among the resources is not called so.
    return comparison;
}

Result<void> demo(Session& session, const DemoOptions& options)
{
    BITLATHE_TRY(const fs::path model, resource("demo/model"));
    BITLATHE_TRY(const fs::path calibration, resource("demo/text/calibration.jsonl"));
    BITLATHE_TRY(const fs::path text, resource("demo/text/evaluation.txt"));
    const fs::path out = options.out.empty() ? dataFolder() / "demo" : fs::path(options.out);
    BITLATHE_CHECK(settledCompute(options.compute));
    session.console.print(fmt::format("The main job on the bundled model: {}\n", model.string()));
    std::vector<fs::path> folders = {model};
    const std::pair<std::string, std::pair<int, std::int64_t>> settings[] = {{"int8", {8, quant::kPerChannel}},
                                                                             {"int4-g128", {4, 128}}};
    for (const auto& [ending, scheme] : settings) {
        const plan::Recipe recipe =
            demoRecipe(model, calibration, out / fmt::format("{}-{}", kName, ending), scheme.first, scheme.second);
        BITLATHE_TRY(fs::path made, quantizeDemo(session, recipe));
        folders.push_back(std::move(made));
    }
    BITLATHE_TRY(const evaluate::Comparison comparison, compareDemo(session, folders, text, options));
    session.console.print('\n' + comparisonText(comparison));
    noteFindings(session.console, comparison.findings);
    BITLATHE_TRY(const report::Report report, report::makeReport(comparison, WorkContext{{}, session.stop}));
    const fs::path html = out / "report.html", json = out / "report.json";
    BITLATHE_CHECK(report::writeReport(report, html));
    BITLATHE_CHECK(report::writeReport(report, json));
    session.console.print(fmt::format("\nreport      {}\n            {}\ncheckpoints {}\n            {}\n",
                                      html.string(), json.string(), folders[1].string(), folders[2].string()));
    Json document = report::comparisonDocument(comparison);
    document["out"] = out.string();
    document["report"] = html.string();
    document["report_json"] = json.string();
    document["checkpoints"] = {folders[1].string(), folders[2].string()};
    session.console.document(document);
    return {};
}

} // namespace

void addDemoCommand(CLI::App& app, Session& session)
{
    auto* command = addCommand(app, session, "demo",
                               "The main job on the bundled model: bf16 against int8 and int4, with a report");
    auto options = std::make_shared<DemoOptions>();
    command->add_option("--out", options->out, "Folder to write (standard: in the user's data folder)");
    command->add_option("--windows", options->windows, "Windows to compare on; 0: all")
        ->check(CLI::Range(0, 1 << 30))
        ->capture_default_str();
    addComputeOptions(*command, options->compute, "f32");
    command->callback(
        [&session, options] { session.action = [&session, options] { return demo(session, *options); }; });
}

} // namespace bitlathe::cli
