// SPDX-License-Identifier: Apache-2.0
// bitlathe-cli bench: how fast models read prompts and write tokens, and how fast operations are.
#include "app/cli/benchops.h"
#include "app/cli/kvoptions.h"
#include "app/cli/table.h"
#include "core/evaluate/speed.h"
#include "core/report/documents.h"
#include "core/report/numbers.h"

#include <CLI/Error.hpp>

namespace bitlathe::cli
{

namespace
{

struct BenchOptions
{
    std::vector<std::string> models;
    evaluate::ThroughputOptions throughput;
    KvOptions kv;
    ComputeOptions compute;
    bool operations = false;
};

std::string joulesText(const std::optional<double>& joules)
{
    return joules ? report::numberText(*joules, 3) : std::string();
}

std::vector<std::string> rateCells(const evaluate::Repeats& rate, const evaluate::Repeats& base, bool isBase)
{
    return {report::numberText(rate.median()),
            report::numberText(rate.low(), 3) + " to " + report::numberText(rate.high(), 3),
            isBase ? std::string() : report::numberText(rate.ratioTo(base), 3) + " x"};
}

/// Rows of all models for each number, so that those to compare stand below each other.
std::string benchTable(const std::vector<evaluate::MeasuredSpeed>& all)
{
    Table table({{"What"},
                 {"Model"},
                 {"Tokens/s", true},
                 {"Lowest to highest", true},
                 {"To the first", true},
                 {"GB/s read", true},
                 {"J/token", true}});
    const evaluate::Throughput& base = all.front().throughput;
    const auto add = [&](const std::string& what, const evaluate::MeasuredSpeed& model, const auto& rate,
                         const auto& first, const std::string& read) {
        std::vector<std::string> cells = rateCells(rate.perSecond, first.perSecond, &model == &all.front());
        cells.insert(cells.begin(), {what, model.throughput.name});
        cells.insert(cells.end(), {read, joulesText(rate.joulesPerToken)});
        table.add(std::move(cells));
    };
    for (std::size_t i = 0; i < base.prefill.size(); ++i) {
        for (const evaluate::MeasuredSpeed& model : all) {
            add(fmt::format("prompt of {}", base.prefill[i].tokens), model, model.throughput.prefill[i],
                base.prefill[i], "");
        }
    }
    for (std::size_t i = 0; i < base.decode.size(); ++i) {
        for (const evaluate::MeasuredSpeed& model : all) {
            const evaluate::DecodeRate& rate = model.throughput.decode[i];
            add(fmt::format("{} x after {}", rate.batch, rate.context), model, rate, base.decode[i],
                report::numberText(rate.bytesPerSecond * 1e-9, 3));
        }
    }
    return table.text();
}

std::string benchText(const std::vector<evaluate::MeasuredSpeed>& all)
{
    std::string text = benchTable(all) + '\n';
    for (const evaluate::MeasuredSpeed& model : all) {
        text += fmt::format("{}: first token after {}, peak memory {}", model.throughput.name,
                            report::durationText(model.throughput.firstTokenSeconds),
                            report::bytesText(model.bytesPeakRss)) +
                (model.bytesPeakVram > 0 ? fmt::format("; of the GPU {}", report::bytesText(model.bytesPeakVram))
                                         : std::string()) +
                '\n';
    }
    const evaluate::Throughput& first = all.front().throughput;
    text += first.sentence().english() + '\n';
    return text + (first.noEnergy ? "No energy: " + first.noEnergy->sentence() + '\n' : std::string());
}

Result<void> bench(Session& session, const BenchOptions& options)
{
    if (options.operations) {
        return benchOperations(session, options.compute, static_cast<int>(options.throughput.repeats));
    }
    evaluate::SpeedOptions settings{.throughput = options.throughput, .kvSource = options.kv.source};
    BITLATHE_TRY(const Computing computing, settledComputing(options.compute));
    settings.compute = computing.compute;
    settings.device = computing.device;
    BITLATHE_TRY(settings.kv, quant::findKvSchemes(options.kv.kv));
    BITLATHE_TRY(const auto all,
                 evaluate::measureSpeed({options.models.begin(), options.models.end()}, settings, session.work()));
    session.console.progressDone();
    Json documents = Json::array();
    for (const evaluate::MeasuredSpeed& model : all) {
        noteFindings(session.console, model.findings);
        Json document = report::throughputDocument(model.throughput);
        document["model"] = model.path.string();
        document["peak_rss_bytes"] = model.bytesPeakRss;
        document["peak_vram_bytes"] = model.bytesPeakVram;
        computing.describe(document, model.throughput.device);
        documents.push_back(std::move(document));
    }
    session.console.print(benchText(all));
    session.console.document(documents.size() == 1 ? documents.front() : documents);
    return {};
}

} // namespace

void addBenchCommand(CLI::App& app, Session& session)
{
    auto* command =
        addCommand(app, session, "bench",
                   "Speed of models on this machine: prompts, tokens by batch and context, energy, memory; or of "
                   "operations");
    auto options = std::make_shared<BenchOptions>();
    evaluate::ThroughputOptions& throughput = options->throughput;
    auto* models =
        command->add_option("MODEL", options->models, "Model folders, measured in turn; the first is the base");
    auto* operations = command->add_flag("--ops", options->operations,
                                         "Every operation instead of models, with its share of what the device allows");
    operations->excludes(models);
    const auto numbers = [&](const char* name, std::vector<std::int64_t>& values, const char* what) {
        command->add_option(name, values, what)->delimiter(',')->check(CLI::Range(1, 1 << 24))->capture_default_str();
    };
    numbers("--prompt", throughput.prompts, "Tokens of a prompt: 128,512");
    numbers("--context", throughput.contexts, "Tokens before those that are written: 512,2048");
    numbers("--batch", throughput.batches, "Sequences that are written side by side: 1,4");
    command->add_option("--new-tokens", throughput.newTokens, "Tokens to write of each sequence")
        ->check(CLI::Range(1, 1 << 24))
        ->capture_default_str();
    command->add_option("--repeats", throughput.repeats, "Times that each number is measured")
        ->check(CLI::Range(1, 1000))
        ->capture_default_str();
    addKvOptions(*command, options->kv, true);
    addDeviceOptions(*command, options->compute, "auto");
    command->callback([&session, options] {
        if (options->models.empty() && !options->operations) {
            throw CLI::RequiredError("MODEL or --ops");
        }
        session.action = [&session, options] { return bench(session, *options); };
    });
}

} // namespace bitlathe::cli
