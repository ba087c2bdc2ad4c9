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
    std::vector<std::string> weights; ///< Forms; empty: as they are stored.
};

/// A model with its weights in one form.
struct WeighedModel
{
    std::string form; ///< "stored", or WeightForm::name.
    evaluate::MemoryModel model;
};

Json useDocument(const std::string& form, const evaluate::MemoryUse& use)
{
    return {{"weights", form},     {"batch", use.batch},      {"context", use.context},
            {"kv", use.kv.name()}, {"kv_bytes", use.bytesKv}, {"activation_bytes", use.bytesActivations},
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

Result<std::vector<WeighedModel>> weighedModels(const evaluate::MemoryModel& model,
                                                const std::vector<std::string>& names)
{
    std::vector<WeighedModel> models;
    if (names.empty()) {
        models.push_back({"stored", model});
    }
    for (const std::string& name : names) {
        BITLATHE_TRY(const auto form, evaluate::findWeightForm(name));
        models.push_back({name, evaluate::withWeights(model, form)});
    }
    return models;
}

/// "fp16 12.6 GiB, int8 6.5 GiB, int4 3.7 GiB"
std::string formsText(const evaluate::MemoryModel& model)
{
    std::vector<std::string> parts;
    for (const evaluate::WeightForm& form : evaluate::weightForms()) {
        parts.push_back(
            fmt::format("{} {}", form.name, report::bytesText(evaluate::weightBytes(model.spec, form.scheme))));
    }
    return fmt::format("{}", fmt::join(parts, ", "));
}

Result<void> showMemory(Session& session, const MemoryOptions& options)
{
    BITLATHE_TRY(auto schemes, quant::findKvSchemes(options.kv));
    if (schemes.empty()) {
        schemes.emplace_back(); // of 16 bits
    }
    BITLATHE_TRY(const auto model, evaluate::memoryModel(options.model));
    BITLATHE_TRY(const auto models, weighedModels(model, options.weights));
    const auto contexts = options.contexts.empty() ? evaluate::usualContexts(model.spec) : options.contexts;
    Json cells = Json::array();
    std::string text = fmt::format("{}: weights {} as stored; {}\n", model.name, report::bytesText(model.bytesWeights),
                                   formsText(model));
    for (const WeighedModel& weighed : models) {
        const auto uses = evaluate::memoryUses(weighed.model, options.batches, contexts, schemes);
        for (const evaluate::MemoryUse& use : uses) {
            cells.push_back(useDocument(weighed.form, use));
        }
        text += fmt::format("\nWeights {} ({}), with keys, values and activations of one step:\n\n{}", weighed.form,
                            report::bytesText(weighed.model.bytesWeights), usesTable(uses, schemes));
    }
    Json perToken = Json::object();
    for (const quant::KvScheme& scheme : schemes) {
        perToken[scheme.name()] = evaluate::kvCacheBytes(model.spec, 1, 1, scheme);
    }
    Json forms = Json::object();
    for (const evaluate::WeightForm& form : evaluate::weightForms()) {
        forms[std::string(form.name)] = evaluate::weightBytes(model.spec, form.scheme);
    }
    session.console.document({{"model", options.model},
                              {"parameters", model.parameters},
                              {"bytes_weights", model.bytesWeights},
                              {"bytes_weights_as", forms},
                              {"max_context", model.spec.maxPositions},
                              {"kv_bytes_per_token", perToken},
                              {"uses", cells}});
    session.console.print(text);
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
    command->add_option("--weights", options->weights, "Weights in other bits than they are stored in: fp16,int8,int4")
        ->delimiter(',');
    command->callback(
        [&session, options] { session.action = [&session, options] { return showMemory(session, *options); }; });
}

} // namespace bitlathe::cli
