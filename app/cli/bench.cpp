// SPDX-License-Identifier: Apache-2.0
// bitlathe-cli bench: how fast models read prompts and write tokens.
#include "app/cli/kvoptions.h"
#include "app/cli/table.h"
#include "core/base/machine.h"
#include "core/evaluate/throughput.h"
#include "core/report/documents.h"
#include "core/report/numbers.h"

#include <malloc.h>

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
};

/// A folder that stays loaded.
struct Loaded
{
    std::string folder;
    std::shared_ptr<const model::Model> model;
    std::vector<quant::KvCache> caches;
    std::uint64_t bytesBefore = 0; ///< Resident before it was loaded.
    std::uint64_t bytesPeak = 0;   ///< At most, while it alone was loaded and ran.
};

std::string nameOf(const format::OpenedModel& opened, const quant::KvCache& cache)
{
    return cache.scheme.isQuantized() ? opened.name() + " + " + cache.scheme.label() : opened.name();
}

std::uint64_t peakSince(std::uint64_t bytesBefore)
{
    const std::uint64_t peak = peakResidentBytes();
    return peak - std::min(peak, bytesBefore);
}

/// Loads a model and adds a subject for each of its caches. With trial the model runs as it will, once, so that its own
/// peak of memory is seen.
Result<Loaded> load(Session& session, const std::string& folder, const BenchOptions& options, bool trial,
                    std::vector<evaluate::ThroughputSubject>& subjects, const WorkContext& work)
{
    Loaded loaded;
    loaded.folder = folder;
    BITLATHE_TRY(const model::Compute compute, settledCompute(options.compute));
    BITLATHE_TRY(const auto opened, format::openModel(folder));
    BITLATHE_TRY(auto schemes, quant::findKvSchemes(options.kv.kv));
    std::erase_if(schemes, [](const quant::KvScheme& scheme) { return !scheme.isQuantized(); });
    schemes.insert(schemes.begin(), quant::KvScheme{});
    BITLATHE_TRY(loaded.caches, evaluate::kvCachesOf(*opened, schemes, options.kv.source, compute, work.child(0, 0)));
    malloc_trim(0); // Else memory freed before would be used again and not be seen.
    loaded.bytesBefore = residentBytes();
    resetPeakResidentBytes();
    const Text title(BITLATHE_TEXT("Loading %1"), opened->name());
    BITLATHE_TRY(loaded.model,
                 format::runnable(*opened, {compute, model::Residency::Resident}, work.child(0, 1, title)));
    noteFindings(session.console, opened->findings);
    const std::size_t first = subjects.size();
    for (const quant::KvCache& cache : loaded.caches) {
        subjects.push_back({nameOf(*opened, cache), loaded.model.get(), cache});
    }
    if (trial) {
        evaluate::ThroughputOptions once = options.throughput;
        once.repeats = 1;
        once.batches = {*std::ranges::max_element(once.batches)};
        BITLATHE_TRY(const auto measured,
                     evaluate::measureThroughput(std::span(subjects).subspan(first), once, WorkContext{{}, work.stop}));
        (void)measured;
        loaded.bytesPeak = peakSince(loaded.bytesBefore);
    }
    return loaded;
}

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
std::string benchTable(const std::vector<evaluate::Throughput>& all)
{
    Table table({{"What"},
                 {"Model"},
                 {"Tokens/s", true},
                 {"Lowest to highest", true},
                 {"To the first", true},
                 {"GB/s read", true},
                 {"J/token", true}});
    const evaluate::Throughput& base = all.front();
    const auto add = [&](const std::string& what, const evaluate::Throughput& model, const auto& rate,
                         const auto& first, const std::string& read) {
        std::vector<std::string> cells = rateCells(rate.perSecond, first.perSecond, &model == &base);
        cells.insert(cells.begin(), {what, model.name});
        cells.insert(cells.end(), {read, joulesText(rate.joulesPerToken)});
        table.add(std::move(cells));
    };
    for (std::size_t i = 0; i < base.prefill.size(); ++i) {
        for (const evaluate::Throughput& model : all) {
            add(fmt::format("prompt of {}", base.prefill[i].tokens), model, model.prefill[i], base.prefill[i], "");
        }
    }
    for (std::size_t i = 0; i < base.decode.size(); ++i) {
        for (const evaluate::Throughput& model : all) {
            const evaluate::DecodeRate& rate = model.decode[i];
            add(fmt::format("{} x after {}", rate.batch, rate.context), model, rate, base.decode[i],
                report::numberText(rate.bytesPerSecond * 1e-9, 3));
        }
    }
    return table.text();
}

std::string benchText(const std::vector<evaluate::Throughput>& all, const std::vector<std::uint64_t>& bytesPeak)
{
    std::string text = benchTable(all) + '\n';
    for (std::size_t i = 0; i < all.size(); ++i) {
        text += fmt::format("{}: first token after {}, peak memory {}\n", all[i].name,
                            report::durationText(all[i].firstTokenSeconds), report::bytesText(bytesPeak[i]));
    }
    text += all.front().sentence().english() + '\n';
    if (all.front().noEnergy) {
        text += "No energy: " + all.front().noEnergy->sentence() + '\n';
    }
    return text;
}

Result<void> bench(Session& session, const BenchOptions& options)
{
    BITLATHE_CHECK(evaluate::checkThroughputOptions(options.throughput));
    constexpr double kLoadingShare = 0.2;
    const bool several = options.models.size() > 1;
    std::vector<Loaded> loaded;
    std::vector<evaluate::ThroughputSubject> subjects;
    const double share = kLoadingShare / static_cast<double>(options.models.size());
    for (const std::string& folder : options.models) {
        const double from = static_cast<double>(loaded.size()) * share;
        const WorkContext part = session.work().child(from, from + share);
        BITLATHE_TRY(Loaded one, load(session, folder, options, several, subjects, part));
        loaded.push_back(std::move(one));
    }
    BITLATHE_TRY(const auto all,
                 evaluate::measureThroughput(
                     subjects, options.throughput,
                     session.work().child(kLoadingShare, 1, Text(BITLATHE_TEXT("Measuring the speed")))));
    session.console.progressDone();
    if (!several) {
        loaded.front().bytesPeak = peakSince(loaded.front().bytesBefore);
    }
    Json documents = Json::array();
    std::vector<std::uint64_t> bytesPeak;
    for (const Loaded& one : loaded) {
        for (std::size_t i = 0; i < one.caches.size(); ++i) {
            const evaluate::Throughput& throughput = all[documents.size()];
            noteFindings(session.console, throughput.findings);
            Json document = report::throughputDocument(throughput);
            document["model"] = one.folder;
            document["peak_rss_bytes"] = one.bytesPeak;
            document["peak_vram_bytes"] = 0;
            documents.push_back(std::move(document));
            bytesPeak.push_back(one.bytesPeak);
        }
    }
    session.console.print(benchText(all, bytesPeak));
    session.console.document(documents.size() == 1 ? documents.front() : documents);
    return {};
}

} // namespace

void addBenchCommand(CLI::App& app, Session& session)
{
    auto* command = addCommand(app, session, "bench",
                               "Speed of models on this machine: prompts, tokens by batch and context, energy, memory");
    auto options = std::make_shared<BenchOptions>();
    evaluate::ThroughputOptions& throughput = options->throughput;
    command->add_option("MODEL", options->models, "Model folders, measured in turn; the first is the base")->required();
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
    addComputeOptions(*command, options->compute, "auto");
    command->callback(
        [&session, options] { session.action = [&session, options] { return bench(session, *options); }; });
}

} // namespace bitlathe::cli
