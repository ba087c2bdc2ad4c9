// SPDX-License-Identifier: Apache-2.0
// bitlathe-cli memory: what a running model needs by batch and context, with its KV cache in more or fewer bits.
#include "core/evaluate/memory.h"

#include "app/cli/command.h"
#include "app/cli/table.h"
#include "core/report/numbers.h"

namespace bitlathe::cli
{

namespace
{

struct MemoryOptions
{
    std::string model;
    std::vector<std::int64_t> batches = evaluate::usualBatches();
    std::vector<std::int64_t> contexts; ///< Empty: the usual ones.
    std::string kv = "none,int8,int4-token";
};

Json useDocument(const evaluate::MemoryUse& use)
{
    return {{"batch", use.batch},
            {"context", use.context},
            {"kv", use.kv.name()},
            {"kv_bytes", use.bytesKv},
            {"activation_bytes", use.bytesActivations},
            {"bytes", use.bytes()}};
}

/// One row for each batch and context, one column for each cache.
std::string usesTable(const std::vector<evaluate::MemoryUse>& uses, const std::vector<quant::KvScheme>& schemes)
{
    std::vector<Column> columns{{"Batch", true, 5}, {"Context", true, 9}};
    for (const quant::KvScheme& scheme : schemes) {
        columns.push_back({scheme.label(), true, 10});
    }
    const Table table(columns);
    std::string text = table.header();
    for (std::size_t i = 0; i < uses.size(); i += schemes.size()) {
        std::vector<std::string> cells{report::countText(uses[i].batch), report::countText(uses[i].context)};
        for (std::size_t j = 0; j < schemes.size(); ++j) {
            cells.push_back(report::bytesText(uses[i + j].bytes()));
        }
        text += table.row(cells);
    }
    return text;
}

Result<void> showMemory(Session& session, const MemoryOptions& options)
{
    BITLATHE_TRY(auto schemes, quant::findKvSchemes(options.kv));
    if (schemes.empty()) {
        schemes.emplace_back(); // of 16 bits
    }
    BITLATHE_TRY(const auto model, evaluate::memoryModel(options.model));
    const auto contexts = options.contexts.empty() ? evaluate::usualContexts(model.spec) : options.contexts;
    const auto uses = evaluate::memoryUses(model, options.batches, contexts, schemes);
    Json cells = Json::array();
    for (const evaluate::MemoryUse& use : uses) {
        cells.push_back(useDocument(use));
    }
    Json perToken = Json::object();
    for (const quant::KvScheme& scheme : schemes) {
        perToken[scheme.name()] = evaluate::kvCacheBytes(model.spec, 1, 1, scheme);
    }
    session.console.document({{"model", options.model},
                              {"parameters", model.parameters},
                              {"bytes_weights", model.bytesWeights},
                              {"max_context", model.spec.maxPositions},
                              {"kv_bytes_per_token", perToken},
                              {"uses", cells}});
    session.console.print(fmt::format("{}: weights {}; with keys, values and activations of one step:\n\n{}",
                                      model.name, report::bytesText(model.bytesWeights), usesTable(uses, schemes)));
    return {};
}

} // namespace

void addMemoryCommand(CLI::App& app, Session& session)
{
    auto* command = addCommand(app, session, "memory", "Memory of a running model by batch and context");
    auto options = std::make_shared<MemoryOptions>();
    command->add_option("MODEL", options->model, "A model folder, or a config.json without weights")->required();
    command->add_option("--batch", options->batches, "Sequences at once: 1,8,16")
        ->delimiter(',')
        ->check(CLI::Range(1, 1 << 20));
    command->add_option("--context", options->contexts, "Tokens of each: 2048,4096; else up to the model's limit")
        ->delimiter(',')
        ->check(CLI::Range(1, 1 << 24));
    command->add_option("--kv", options->kv, "KV caches, parted by commas, as perplexity knows them")
        ->capture_default_str();
    command->callback(
        [&session, options] { session.action = [&session, options] { return showMemory(session, *options); }; });
}

} // namespace bitlathe::cli
