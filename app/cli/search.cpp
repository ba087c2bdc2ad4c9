// SPDX-License-Identifier: Apache-2.0
// bitlathe-cli search: the scheme of every layer for a budget, as a recipe.
#include "app/cli/layersearch.h"
#include "app/cli/quantities.h"
#include "app/cli/table.h"
#include "core/base/file.h"
#include "core/report/numbers.h"

#include <map>

namespace bitlathe::cli
{

namespace
{

using plan::BudgetChoice;
using plan::BudgetGoal;
using plan::BudgetPoint;

struct SearchOptions : LayerSearchOptions
{
    std::string targetBits;
    std::string targetSize;
    std::string targetMemory;
    std::string context;
    std::int64_t batch = 1;
    std::string kv = "none";
    std::string perplexityIncrease;
    std::string recipeOut;
};

Result<BudgetGoal> memoryGoal(const SearchOptions& options)
{
    BudgetGoal goal;
    goal.kind = BudgetGoal::Kind::Memory;
    BITLATHE_TRY(goal.memory.bytes, bytesFrom("--target-memory", options.targetMemory));
    if (options.context.empty()) {
        return fail(ErrorCode::SettingInvalid, "--target-memory", Text(BITLATHE_TEXT("--context N beside it")),
                    Text(BITLATHE_TEXT("none")), Text(BITLATHE_TEXT("Say how many tokens a sequence may have")));
    }
    BITLATHE_TRY(goal.memory.context, tokensFrom("--context", options.context));
    goal.memory.batch = options.batch;
    BITLATHE_TRY(const auto schemes, quant::findKvSchemes(options.kv));
    if (schemes.size() > 1) {
        return fail(ErrorCode::SettingInvalid, "--kv", Text(BITLATHE_TEXT("one kind of cache")),
                    Text(BITLATHE_TEXT("%1"), options.kv));
    }
    goal.memory.kv = schemes.empty() ? quant::KvScheme{} : schemes.front();
    return goal;
}

/// What was asked for; nothing: the front alone.
Result<std::optional<BudgetGoal>> goalOf(const SearchOptions& options)
{
    BudgetGoal goal;
    if (!options.targetBits.empty()) {
        goal.kind = BudgetGoal::Kind::Bits;
        BITLATHE_TRY(goal.bits, numberFrom("--target-bits", options.targetBits));
        return std::optional(goal);
    }
    if (!options.targetSize.empty()) {
        goal.kind = BudgetGoal::Kind::Bytes;
        BITLATHE_TRY(goal.bytes, bytesFrom("--target-size", options.targetSize));
        return std::optional(goal);
    }
    if (!options.targetMemory.empty()) {
        BITLATHE_TRY(goal, memoryGoal(options));
        return std::optional(goal);
    }
    if (!options.perplexityIncrease.empty()) {
        goal.kind = BudgetGoal::Kind::Perplexity;
        BITLATHE_TRY(goal.perplexityIncrease, shareFrom("--max-ppl-increase", options.perplexityIncrease));
        return std::optional(goal);
    }
    return std::optional<BudgetGoal>();
}

Json pointDocument(const BudgetPoint& point)
{
    return {{"bits_per_weight", point.bitsPerWeight},
            {"bytes", point.bytes},
            {"kl", point.kl},
            {"perplexity_increase", point.perplexityIncrease()}};
}

std::string frontTable(const std::vector<BudgetPoint>& front)
{
    Table table({{"Bits/weight", true}, {"Files", true}, {"KL divergence", true}, {"Perplexity", true}});
    for (const BudgetPoint& point : front) {
        table.add({report::numberText(point.bitsPerWeight), report::bytesText(point.bytes),
                   report::numberText(point.kl, 3), '+' + report::percentText(point.perplexityIncrease())});
    }
    return table.text();
}

/// How many layers have each scheme.
std::string choiceText(const BudgetChoice& choice)
{
    std::map<std::string, int> counts;
    for (const auto& scheme : choice.schemes) {
        ++counts[scheme ? scheme->label() : "full precision"];
    }
    Table table({{"Scheme"}, {"Layers", true}});
    for (const auto& [label, count] : counts) {
        table.add({label, report::countText(count)});
    }
    return fmt::format("{} bits per weight, {}; predicted: KL divergence {} nats, perplexity +{}\n\n{}",
                       report::numberText(choice.point.bitsPerWeight), report::bytesText(choice.point.bytes),
                       report::numberText(choice.point.kl, 3), report::percentText(choice.point.perplexityIncrease()),
                       table.text());
}

Json layersDocument(const BudgetChoice& choice, const model::ModelSpec& spec)
{
    Json layers = Json::array();
    for (const model::LinearSpec& linear : spec.linears) {
        const auto& scheme = choice.schemes[linear.id.index()];
        layers.push_back({{"name", linear.name},
                          {"bits", scheme ? Json(scheme->bits) : Json()},
                          {"group_size", scheme ? Json(scheme->groupSize) : Json()}});
    }
    return layers;
}

Result<void> search(Session& session, const SearchOptions& options)
{
    BITLATHE_TRY(const std::optional<BudgetGoal> goal, goalOf(options));
    BITLATHE_TRY(LayerSearch found, searchLayers(session, options));
    BITLATHE_TRY(const plan::BudgetSearch budget,
                 plan::BudgetSearch::create(found.recipe, found.opened, std::move(found.sensitivity), found.space));
    constexpr std::size_t kRows = 24;
    Json front = Json::array();
    for (const BudgetPoint& point : budget.front()) {
        front.push_back(pointDocument(point));
    }
    Json uniform = Json::array();
    for (const plan::UniformPoint& each : budget.uniform()) {
        Json point = pointDocument(each.point);
        point["bits"] = each.scheme.bits;
        point["group_size"] = each.scheme.groupSize;
        uniform.push_back(std::move(point));
    }
    Json document = {
        {"model", options.model}, {"method", options.method}, {"front", front}, {"uniform", std::move(uniform)}};
    if (!goal) {
        session.console.document(document);
        session.console.print(frontTable(budget.front(kRows)));
        return {};
    }
    BITLATHE_TRY(BudgetChoice choice, budget.choose(*goal));
    document["choice"] = pointDocument(choice.point);
    document["layers"] = layersDocument(choice, found.opened->spec);
    if (choice.recipe.exportTo.out.empty()) {
        choice.recipe.exportTo.out =
            fmt::format("{}-{}-bits", found.opened->name(), report::numberText(choice.point.bitsPerWeight, 3));
    }
    if (!options.recipeOut.empty()) {
        BITLATHE_CHECK(writeFileAtomically(options.recipeOut, plan::recipeToYaml(choice.recipe)));
        document["recipe"] = options.recipeOut;
    }
    session.console.document(document);
    session.console.print(choiceText(choice));
    session.console.note(options.recipeOut.empty()
                             ? "--recipe-out FILE writes it as a recipe, for bitlathe-cli run."
                             : fmt::format("Written to {0}: bitlathe-cli run {0}", options.recipeOut));
    return {};
}

} // namespace

void addSearchCommand(CLI::App& app, Session& session)
{
    auto* command = addCommand(app, session, "search", "The bits and group size of every layer for a budget");
    auto options = std::make_shared<SearchOptions>();
    addLayerSearchOptions(*command, *options);
    const std::string group = "Budget";
    auto* goals = command->add_option_group(group, "At most one; none: all mixes worth choosing from");
    goals->add_option("--target-bits", options->targetBits, "Stored bits per weight: 4.25");
    goals->add_option("--target-size", options->targetSize, "Bytes of the files: 3.9GB, 4GiB");
    auto* memory = goals->add_option("--target-memory", options->targetMemory,
                                     "Bytes of files, keys, values and activations while it runs: 6GB");
    goals->add_option("--max-ppl-increase", options->perplexityIncrease,
                      "The smallest files whose perplexity rises by no more, as far as is predicted: 1%");
    goals->require_option(0, 1);
    command->add_option("--context", options->context, "Tokens of a sequence: 8192, 8k")->needs(memory)->group(group);
    command->add_option("--batch", options->batch, "Sequences at once")
        ->check(CLI::Range(1, 1 << 20))
        ->needs(memory)
        ->group(group);
    command->add_option("--kv", options->kv, "KV cache, as perplexity knows them")->needs(memory)->group(group);
    command->add_option("--out", options->out, "Folder that the recipe writes to")->group("Export");
    command->add_option("--recipe-out", options->recipeOut, "File for the recipe")->group("Export");
    command->callback(
        [&session, options] { session.action = [&session, options] { return search(session, *options); }; });
}

} // namespace bitlathe::cli
