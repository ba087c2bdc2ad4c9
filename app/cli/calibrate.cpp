// SPDX-License-Identifier: Apache-2.0
// bitlathe-cli calibrate: statistics of a model's activations on a text.
#include "app/cli/calibration.h"

#include "core/calibrate/keyvalueranges.h"
#include "core/report/numbers.h"

namespace bitlathe::cli
{

namespace
{

Result<void> runCalibration(Session& session, const RecipeOptions& options)
{
    BITLATHE_TRY(const auto opened, format::openModel(options.model));
    BITLATHE_TRY(const auto samples, samplesOf(*opened, options));
    std::int64_t tokens = 0;
    for (const auto& sample : samples) {
        tokens += std::ssize(sample);
    }
    BITLATHE_TRY(run::RunDevice device, openedDevice(session, options.compute));
    BITLATHE_TRY(const auto store, calibrateModel(session, *opened, device, samples, options.out));
    BITLATHE_CHECK(calibrate::writeStatsTables(options.out, *store, opened->spec));
    session.console.document({{"out", store->folder().string()},
                              {"blocks", store->blockCount()},
                              {"tokens", tokens},
                              {"device", device.device().name},
                              {"peak_vram_bytes", device.bytesPeak()}});
    session.console.print(fmt::format("{} blocks over {} tokens\nwritten to {}\n", store->blockCount(),
                                      report::countText(tokens), store->folder().string()));
    return {};
}

} // namespace

Result<std::vector<std::vector<model::TokenId>>> samplesOf(const format::OpenedModel& opened,
                                                           const RecipeOptions& options)
{
    BITLATHE_TRY(const text::TextSet set, text::openTextSet(options.data, options.model));
    const text::Tokenizer* tokenizer = nullptr;
    if (!set.isIds()) {
        BITLATHE_TRY(tokenizer, tokenizerOf(opened));
    }
    BITLATHE_TRY(const text::SampleRule rule, text::sampleRuleFrom(options.select));
    return text::calibrationSamples(set, tokenizer, {options.samples, options.length, options.sampleSeed, rule});
}

Result<run::RunDevice> openedDevice(Session& session, const ComputeOptions& options)
{
    BITLATHE_TRY(const Computing computing, settledComputing(options));
    const auto tell = [&console = session.console](const Finding& finding) {
        console.finding(finding);
        return Result<void>();
    };
    return run::RunDevice(computing.device, computing.compute, plan::OnDeviceFailure::Continue, tell);
}

Result<std::shared_ptr<calibrate::StatsStore>> calibrateModel(Session& session, const format::OpenedModel& opened,
                                                              run::RunDevice& device,
                                                              const std::vector<std::vector<model::TokenId>>& samples,
                                                              const std::filesystem::path& root)
{
    Findings findings;
    const calibrate::CalibrationOptions settings{.findings = &findings, .cacheRoot = root};
    auto store = device.tried([&](const model::Device& on) -> Result<std::shared_ptr<calibrate::StatsStore>> {
        BITLATHE_TRY(const auto runnable,
                     format::runnable(opened, {device.compute(), model::Residency::Streamed, on.backend}));
        return calibrate::calibrate(*runnable, opened.checkpoint->fingerprint(), samples, settings, session.work());
    });
    session.console.progressDone();
    noteFindings(session.console, findings);
    return store;
}

void addCalibrateCommand(CLI::App& app, Session& session)
{
    auto* command = addCommand(app, session, "calibrate", "Run a text through a model and keep what its layers see");
    auto options = std::make_shared<RecipeOptions>();
    command->add_option("MODEL", options->model, "A model folder")->required();
    addCalibrationOptions(*command, *options);
    command->get_option("--data")->required();
    command->add_option("--out", options->out, "Folder for the statistics")->required();
    addDeviceOptions(*command, options->compute, "auto");
    command->callback(
        [&session, options] { session.action = [&session, options] { return runCalibration(session, *options); }; });
}

} // namespace bitlathe::cli
