// SPDX-License-Identifier: Apache-2.0
// bitlathe-cli perplexity and logits: what a model says about a text.
#include "app/cli/kvoptions.h"
#include "app/cli/protocoloptions.h"
#include "app/cli/quantities.h"
#include "app/cli/recipeoptions.h"
#include "app/cli/table.h"
#include "core/base/file.h"
#include "core/base/machine.h"
#include "core/checkpoint/safetensors.h"
#include "core/evaluate/calibrationtext.h"
#include "core/evaluate/perplexity.h"
#include "core/evaluate/placement.h"
#include "core/report/documents.h"
#include "core/report/numbers.h"
#include "core/text/overlap.h"

#include <cmath>

namespace bitlathe::cli
{

namespace
{

struct EvaluateOptions
{
    std::vector<std::string> models;
    std::string data;
    std::string out;
    ProtocolOptions protocol;
    std::int64_t length = 0;
    KvOptions kv;
    ComputeOptions compute;
    std::string memory;
};

/// The tokenizer that a text needs; null where it holds ids.
Result<const text::Tokenizer*> tokenizerFor(const format::OpenedModel& opened, const text::TextSet& set)
{
    return set.isIds() ? Result<const text::Tokenizer*>(nullptr) : tokenizerOf(opened);
}

Result<evaluate::PerplexityResult> measure(Session& session, const std::string& folder, const text::TextSet& set,
                                           const EvaluateOptions& options, const Computing& computing)
{
    BITLATHE_TRY(const auto opened, format::openModel(folder));
    BITLATHE_TRY(evaluate::PerplexityOptions windows, settledProtocol(options.protocol));
    BITLATHE_TRY(const text::Tokenizer* tokenizer, tokenizerFor(*opened, set));
    BITLATHE_TRY(const auto stream, evaluate::protocolStream(set, tokenizer, windows.protocol));
    windows.bos = evaluate::leadingToken(tokenizer);
    BITLATHE_TRY(windows.kv, kvCacheFrom(session, options.kv, *opened, computing.compute));
    const WorkContext work = session.work();
    resetPeakResidentBytes();
    BITLATHE_TRY(const std::uint64_t bytesMemory, memoryFrom("--memory", options.memory));
    const auto residency = opened->bytesFiles() > bytesMemory ? model::Residency::Streamed : model::Residency::Resident;
    if (residency == model::Residency::Streamed && computing.device.isProcessor()) {
        session.console.note(
            fmt::format("{} takes more memory than there is ({}): it is read from disk block by block, "
                        "so tokens/s tell of the disk",
                        opened->name(), report::bytesText(bytesMemory)));
    }
    windows.bytesStates = bytesMemory / 4;
    Findings findings;
    const auto run = [&](const model::Model& model) -> Result<evaluate::PerplexityResult> {
        BITLATHE_TRY(auto result,
                     evaluate::perplexity(model, stream, windows,
                                          work.child(0.1, 1, Text(BITLATHE_TEXT("Perplexity of %1"), opened->name()))));
        result.protocol.device = model.memory().isHost() ? "" : computing.device.name;
        return result;
    };
    BITLATHE_TRY(auto result,
                 evaluate::withPlacedModel(*opened, computing.compute, computing.device, residency, findings,
                                           work.child(0, 0.1, Text(BITLATHE_TEXT("Loading %1"), opened->name())), run));
    session.console.progressDone();
    result.findings.insert(result.findings.begin(), findings.begin(), findings.end());
    noteFindings(session.console, result.findings);
    if (const auto finding = evaluate::lengthFinding(opened->spec, result.protocol.length, folder)) {
        session.console.note(finding->message.english());
    }
    result.protocol.data = set.spec;
    result.protocol.dataHash = set.hash;
    result.protocol.tokenizer = opened->tokenizer ? opened->tokenizer->fingerprint() : std::string();
    result.bytesPeakRss = peakResidentBytes();
    result.calibrationOverlap = evaluate::calibrationOverlap(
        folder, opened->tokenizer.get(), std::span(stream).first(evaluate::tokensCovered(result.protocol, stream)));
    return result;
}

Result<void> showPerplexity(Session& session, const EvaluateOptions& options)
{
    BITLATHE_TRY(const Computing computing, settledComputing(options.compute));
    BITLATHE_TRY(const text::TextSet set, text::openTextSet(options.data, options.models.front()));
    std::size_t nameWidth = 0;
    for (const std::string& folder : options.models) {
        nameWidth = std::max(nameWidth, displayWidth(folder));
    }
    const Table table({{"Model", false, nameWidth},
                       {"Perplexity", true, 16},
                       {"Windows", true},
                       {"Tokens", true, 9},
                       {"Time", true, 8},
                       {"Tokens/s", true, 8},
                       {"Peak memory", true}});
    Json documents = Json::array();
    std::string protocol;
    for (const std::string& folder : options.models) {
        BITLATHE_TRY(const evaluate::PerplexityResult result, measure(session, folder, set, options, computing));
        documents.push_back(report::perplexityDocument(folder, result));
        computing.describe(documents.back(), result.protocol.device);
        session.console.print((documents.size() == 1 ? table.header() : std::string()) +
                              table.row({folder, report::valueWithErrorText(result.perplexity, result.standardError),
                                         report::countText(static_cast<std::int64_t>(result.windowMeans.size())),
                                         report::countText(result.tokensScored), report::durationText(result.seconds),
                                         report::countText(std::llround(result.tokensPerSecond)),
                                         report::bytesText(result.bytesPeakRss)}));
        protocol = result.protocol.sentence().english();
        if (const auto finding =
                result.calibrationOverlap ? text::overlapFinding(*result.calibrationOverlap, folder) : std::nullopt) {
            session.console.note(finding->message.english());
        }
    }
    session.console.print('\n' + protocol + '\n');
    session.console.document(documents.size() == 1 ? documents.front() : documents);
    return {};
}

/// A safetensors file with the one tensor "logits".
Result<void> writeLogits(const std::string& file, const model::Activations& logits)
{
    checkpoint::TensorEntry entry;
    entry.name = "logits";
    entry.dtype = checkpoint::DType::F32;
    entry.shape = {logits.rows, logits.cols};
    entry.bytes = logits.values.size() * sizeof(float);
    std::string content = checkpoint::safetensorsHeader(std::span(&entry, 1));
    content.append(reinterpret_cast<const char*>(logits.values.data()), entry.bytes);
    return writeFileAtomically(file, content);
}

Result<void> showLogits(Session& session, const EvaluateOptions& options)
{
    BITLATHE_TRY(const Computing computing, settledComputing(options.compute));
    const model::Compute compute = computing.compute;
    BITLATHE_TRY(const text::TextSet set, text::openTextSet(options.data, options.models.front()));
    BITLATHE_TRY(const auto opened, format::openModel(options.models.front()));
    BITLATHE_TRY(const text::Tokenizer* tokenizer, tokenizerFor(*opened, set));
    BITLATHE_TRY(auto ids, text::evaluationStream(set, tokenizer));
    const std::size_t all = ids.size();
    if (options.length > 0 && ids.size() > static_cast<std::size_t>(options.length)) {
        ids.resize(static_cast<std::size_t>(options.length));
        session.console.note(fmt::format("the first {} of {} tokens (--length)", ids.size(), all));
    }
    const WorkContext work = session.work();
    Findings findings;
    std::string device = "cpu";
    const auto run = [&](const model::Model& model) {
        device = computing.usedFor(model);
        return evaluate::logits(model, ids, work.child(0.2, 1, Text(BITLATHE_TEXT("Computing logits"))));
    };
    BITLATHE_TRY(const model::Activations logits,
                 evaluate::withPlacedModel(*opened, compute, computing.device, model::Residency::Resident, findings,
                                           work.child(0, 0.2, Text(BITLATHE_TEXT("Loading"))), run));
    session.console.progressDone();
    noteFindings(session.console, findings);
    BITLATHE_CHECK(writeLogits(options.out, logits));
    Json document = {{"model", options.models.front()},
                     {"out", options.out},
                     {"tokens", logits.rows},
                     {"vocabulary", logits.cols},
                     {"compute", model::computeName(compute)}};
    computing.describe(document, device);
    session.console.document(document);
    session.console.print(fmt::format("logits of {} tokens x {} written to {}\n", report::countText(logits.rows),
                                      report::countText(logits.cols), options.out));
    return {};
}

} // namespace

void addEvaluateCommands(CLI::App& app, Session& session)
{
    auto* perplexity = addCommand(app, session, "perplexity", "Perplexity of models on a text");
    auto options = std::make_shared<EvaluateOptions>();
    perplexity->add_option("MODEL", options->models, "Model folders")->required();
    perplexity
        ->add_option("--data", options->data,
                     "Text: .txt, .jsonl, .json, .csv, .arrow, a folder, FILE#field, ids:FILE.json")
        ->required();
    addProtocolOptions(*perplexity, options->protocol);
    addKvOptions(*perplexity, options->kv, false);
    perplexity->add_option("--memory", options->memory,
                           "What a model may take, such as 12GB; a larger one is read from disk block by block (else "
                           "what is free)");
    addDataFolderOption(*perplexity, "Options");
    addDeviceOptions(*perplexity, options->compute, "f32");
    perplexity->callback(
        [&session, options] { session.action = [&session, options] { return showPerplexity(session, *options); }; });

    auto* logits = addCommand(app, session, "logits", "Logits of a model on a text, as a safetensors file");
    auto one = std::make_shared<EvaluateOptions>();
    one->length = 2048;
    one->models.resize(1);
    logits->add_option("MODEL", one->models.front(), "A model folder")->required();
    logits->add_option("--data", one->data, "Text or ids:FILE.json")->required();
    logits->add_option("--out", one->out, "File to write (.safetensors)")->required();
    logits->add_option("--length", one->length, "Tokens at most; 0: all")
        ->check(CLI::Range(0, 1 << 24))
        ->capture_default_str();
    addDataFolderOption(*logits, "Options");
    addDeviceOptions(*logits, one->compute, "f32");
    logits->callback([&session, one] { session.action = [&session, one] { return showLogits(session, *one); }; });
}

} // namespace bitlathe::cli
