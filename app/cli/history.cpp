// SPDX-License-Identifier: Apache-2.0
// bitlathe-cli report and runs: what earlier runs found.
#include "core/run/history.h"
#include "app/cli/command.h"
#include "app/cli/table.h"
#include "core/report/documents.h"
#include "core/report/numbers.h"

#include <algorithm>
#include <charconv>
#include <iterator>

namespace bitlathe::cli
{

namespace
{

namespace fs = std::filesystem;

/// RUN: a folder that a run has written, or a run's number.
Result<run::RunResult> resultOf(const std::string& name)
{
    std::int64_t number = 0;
    const auto [end, error] = std::from_chars(name.data(), name.data() + name.size(), number);
    std::error_code ignored;
    if (error == std::errc() && end == name.data() + name.size() && !fs::exists(name, ignored)) {
        return run::History().result(RunId(number));
    }
    return run::readRunResult(name);
}

Result<void> writeReportOf(Session& session, const std::string& name, const std::string& out,
                           const std::vector<std::string>& leftOut)
{
    BITLATHE_TRY(const run::RunResult result, resultOf(name));
    BITLATHE_TRY(report::Report report, report::makeReport(result, WorkContext{{}, session.stop}));
    std::ranges::copy_if(report::kSections, std::inserter(report.leftOut, report.leftOut.end()),
                         [&](report::Section section) {
                             return std::ranges::find(leftOut, report::sectionName(section)) != leftOut.end();
                         });
    BITLATHE_CHECK(report::writeReport(report, out));
    std::error_code ignored;
    session.console.document({{"out", out},
                              {"title", report.title.english()},
                              {"bytes", fs::file_size(out, ignored)},
                              {"findings", report::findingsDocument(report.findings)}});
    session.console.print("report written to " + out + '\n');
    return {};
}

std::int64_t secondsSinceEpoch(const run::HistoryEntry& entry)
{
    return std::chrono::duration_cast<std::chrono::seconds>(entry.started.time_since_epoch()).count();
}

Json entryDocument(const run::HistoryEntry& entry)
{
    return {{"id", entry.id.value()},
            {"state", run::runStateName(entry.state)},
            {"started", report::utcTimeText(secondsSinceEpoch(entry))},
            {"seconds", entry.seconds},
            {"model", entry.model},
            {"method", entry.method},
            {"scheme", entry.schemeLabel},
            {"out", entry.out},
            {"bits_per_weight", entry.bitsPerWeight},
            {"perplexity", entry.perplexity > 0 ? Json(entry.perplexity) : Json(nullptr)},
            {"kl_mean", entry.perplexity > 0 ? Json(entry.klMean) : Json(nullptr)},
            {"findings", entry.findings},
            {"error", entry.error},
            {"note", entry.note},
            {"tags", entry.tags}};
}

Result<void> listRuns(Session& session, int limit)
{
    BITLATHE_TRY(const auto entries, run::History().entries(limit));
    Table table({{"Run", true},
                 {"Started (UTC)"},
                 {"State"},
                 {"Model"},
                 {"Scheme"},
                 {"Perplexity", true},
                 {"Findings", true},
                 {"Written to"}});
    Json list = Json::array();
    for (const run::HistoryEntry& entry : entries) {
        list.push_back(entryDocument(entry));
        table.add({std::to_string(entry.id.value()), report::utcTimeText(secondsSinceEpoch(entry)),
                   std::string(run::runStateName(entry.state)), fs::path(entry.model).filename().string(),
                   entry.schemeLabel, entry.perplexity > 0 ? report::numberText(entry.perplexity) : "",
                   entry.findings > 0 ? std::to_string(entry.findings) : "", entry.out});
    }
    session.console.document({{"runs", list}});
    session.console.print(entries.empty() ? "No runs yet. Start one with: bitlathe-cli quantize MODEL --out DIR\n"
                                          : table.text());
    return {};
}

} // namespace

void addHistoryCommands(CLI::App& app, Session& session)
{
    auto* reportCommand = addCommand(app, session, "report", "Write a report of a run");
    auto name = std::make_shared<std::string>();
    auto out = std::make_shared<std::string>();
    reportCommand->add_option("RUN", *name, "A folder that a run has written, or a run's number")->required();
    reportCommand->add_option("--out", *out, "File to write: .html, .csv or .json")->required();
    auto leftOut = std::make_shared<std::vector<std::string>>();
    std::vector<std::string> sections;
    for (const report::Section section : report::kSections) {
        sections.emplace_back(report::sectionName(section));
    }
    reportCommand->add_option("--leave-out", *leftOut, "Sections that the web page does without")
        ->delimiter(',')
        ->check(CLI::IsMember(sections));
    reportCommand->callback([&session, name, out, leftOut] {
        session.action = [&session, name, out, leftOut] { return writeReportOf(session, *name, *out, *leftOut); };
    });

    auto* runsCommand = addCommand(app, session, "runs", "Earlier runs, newest first");
    auto limit = std::make_shared<int>(100);
    runsCommand->add_option("--limit", *limit, "Runs at most")->check(CLI::Range(1, 1 << 30))->capture_default_str();
    runsCommand->callback(
        [&session, limit] { session.action = [&session, limit] { return listRuns(session, *limit); }; });
}

} // namespace bitlathe::cli
