// SPDX-License-Identifier: Apache-2.0
// bitlathe-cli compare: memory, perplexity and divergence of several models on the same windows.
#include "app/cli/choiceoptions.h"
#include "app/cli/command.h"
#include "app/cli/comparisontable.h"
#include "app/cli/kvoptions.h"
#include "app/cli/promptoptions.h"
#include "app/cli/protocoloptions.h"
#include "app/cli/quantities.h"
#include "app/cli/recipeoptions.h"
#include "core/report/documents.h"

namespace bitlathe::cli
{

namespace
{

struct CompareOptions
{
    std::vector<std::string> models;
    std::string data;
    ProtocolOptions protocol;
    std::string out;
    std::size_t worst = 3;
    std::string memory;
    bool noCache = false;
    QuestionOptions questions;
    evaluate::GenerationCheckOptions generation; ///< Its data empty: no texts are written.
    KvOptions kv;
    ComputeOptions compute;
};

Result<void> compareModels(Session& session, const CompareOptions& options)
{
    evaluate::CompareOptions settings;
    BITLATHE_TRY(const Computing computing, settledComputing(options.compute));
    settings.compute = computing.compute;
    settings.device = computing.device;
    settings.data = options.data;
    BITLATHE_TRY(settings.windows, settledProtocol(options.protocol));
    settings.kvSource = options.kv.source;
    BITLATHE_TRY(settings.kv, quant::findKvSchemes(options.kv.kv));
    std::erase_if(settings.kv, [](const quant::KvScheme& scheme) { return !scheme.isQuantized(); });
    if (!options.questions.choice.data.empty()) {
        BITLATHE_TRY(settings.choice, settledChoice(options.questions));
    }
    if (!options.generation.data.empty()) {
        settings.generation = options.generation;
    }
    BITLATHE_TRY(settings.bytesMemory, memoryFrom("--memory", options.memory));
    if (!options.noCache) {
        settings.cacheRoot = evaluate::keptScoresFolder();
    }
    const std::vector<std::filesystem::path> folders(options.models.begin(), options.models.end());
    BITLATHE_TRY(const evaluate::Comparison comparison,
                 evaluate::compare(folders, settings, session.work().child(0, 1, Text(BITLATHE_TEXT("Comparing")))));
    session.console.progressDone();
    session.console.print(comparisonText(comparison) + worstTokensText(comparison, options.worst));
    noteFindings(session.console, comparison.findings);
    if (!options.out.empty()) {
        BITLATHE_TRY(const report::Report report, report::makeReport(comparison, session.work()));
        session.console.progressDone();
        BITLATHE_CHECK(report::writeReport(report, options.out));
        session.console.print("report written to " + options.out + '\n');
    }
    Json document = report::comparisonDocument(comparison);
    computing.describe(document, comparison.protocol.device);
    document["peak_vram_bytes"] = computing.device.bytesPeak();
    session.console.document(document);
    return {};
}

} // namespace

void addCompareCommand(CLI::App& app, Session& session)
{
    auto* command = addCommand(app, session, "compare",
                               "Memory, perplexity, KL divergence of models on the same text; the first is the base");
    auto options = std::make_shared<CompareOptions>();
    command->add_option("MODEL", options->models, "Model folders, the base first")->required();
    command
        ->add_option("--data", options->data,
                     "Text: .txt, .jsonl, .json, .csv, .arrow, a folder, FILE#field, ids:FILE.json")
        ->required();
    addProtocolOptions(*command, options->protocol);
    command->add_option("--out", options->out, "Also write a report (.html, .json or .csv)");
    command->add_option("--worst", options->worst, "Tokens to show of each model that it loses most against the base")
        ->check(CLI::Range(std::size_t{0}, evaluate::kWorstTokens))
        ->capture_default_str();
    command->add_option("--memory", options->memory,
                        "What the models may take together, such as 12GB; of more, each is read from disk block by "
                        "block (else what is free)");
    command->add_flag("--no-cache", options->noCache, "Measure anew, and keep nothing for the next comparison");
    auto* questions = command->add_option("--choice", options->questions.choice.data,
                                          "Also ask these multiple-choice questions (see choice)");
    addQuestionOptions(*command, options->questions, "--choice-", questions);
    addPromptOptions(*command, options->generation, "--", "Written texts", "Also let all go on from these prompts");
    addKvOptions(*command, options->kv, true);
    addDataFolderOption(*command, "Options");
    addDeviceOptions(*command, options->compute, "f32");
    command->callback(
        [&session, options] { session.action = [&session, options] { return compareModels(session, *options); }; });
}

} // namespace bitlathe::cli
