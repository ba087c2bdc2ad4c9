// SPDX-License-Identifier: Apache-2.0
// A comparison as a table for people.
#include "app/cli/comparisontable.h"

#include "app/cli/table.h"
#include "core/report/numbers.h"

#include <algorithm>
#include <cmath>

namespace bitlathe::cli
{

namespace
{

/// nameWidth: of the longest model name.
Table comparisonTable(std::size_t nameWidth, bool withChoice)
{
    std::vector<Column> columns({{"Model", false, nameWidth},
                                 {"Weights", false, 32},
                                 {"Bits/weight", true},
                                 {"On disk", true, 9},
                                 {"In memory", true, 9},
                                 {"Perplexity", true, 15},
                                 {"Difference", true, 17},
                                 {"KL, nats", true, 19},
                                 {"Same top", true, 8},
                                 {"Tokens/s", true, 8}});
    if (withChoice) {
        columns.push_back({"Questions right", true});
    }
    return Table(std::move(columns));
}

std::string comparisonRow(const Table& table, const evaluate::ComparedModel& model, bool isBase)
{
    std::vector<std::string> cells(
        {model.name, model.schemeLabel, report::numberText(model.bitsPerWeight),
         report::bytesText(model.memory.bytesDisk), report::bytesText(model.memory.bytesWeights),
         report::valueWithErrorText(model.perplexity.perplexity, model.perplexity.standardError),
         isBase ? "" : report::differenceText(model.delta, model.deltaError),
         model.kl ? report::valueWithErrorText(model.kl->mean, model.kl->standardError) : "",
         model.kl ? report::percentText(model.kl->sameTop) : "",
         report::countText(std::llround(model.tokensPerSecond))});
    if (model.choice) {
        cells.push_back(report::percentText(model.choice->all.accuracy()));
    }
    return table.row(cells);
}

/// What models wrote after the same prompts.
std::string generationTable(const evaluate::Comparison& comparison)
{
    Table table({{"Written texts"},
                 {"Prompts", true},
                 {"Equal", true},
                 {"Agreed tokens, median", true},
                 {"Mean", true},
                 {"Agreed words, median", true},
                 {"p of the base's token", true},
                 {"Tokens", true},
                 {"Ended", true},
                 {"Repeated", true},
                 {"Loops", true}});
    for (const evaluate::ComparedModel& model : comparison.models) {
        if (!model.generation) {
            continue;
        }
        const evaluate::GenerationFacts& facts = *model.generation;
        std::vector<std::string> cells{model.name, report::countText(facts.prompts)};
        if (const auto& agreement = facts.agreement) {
            cells.insert(
                cells.end(),
                {report::percentText(agreement->equalShare()), report::numberText(agreement->tokensMedian, 3),
                 report::numberText(agreement->tokensMean, 3), report::numberText(agreement->wordsMedian, 3),
                 agreement->baseProbability ? report::numberText(*agreement->baseProbability, 3) : std::string()});
        } else {
            cells.resize(cells.size() + 5);
        }
        cells.insert(cells.end(), {report::numberText(facts.lengthMean, 3), report::countText(facts.ended),
                                   report::percentText(facts.repeated), report::countText(facts.loops)});
        table.add(std::move(cells));
    }
    return table.text();
}

/// What stands below the rows.
std::string comparisonFooter(const evaluate::Comparison& comparison)
{
    std::string text = comparison.generationProtocol ? '\n' + generationTable(comparison) : std::string();
    text += '\n' + comparison.protocol.sentence().english() + '\n';
    if (comparison.choiceProtocol) {
        text += comparison.choiceProtocol->sentence().english() + '\n';
    }
    if (comparison.generationProtocol) {
        text += comparison.generationProtocol->sentence().english() + '\n';
    }
    for (std::size_t i = 1; i < comparison.models.size(); ++i) {
        text += english(comparison.verdict(i)) + '\n';
    }
    return text;
}

} // namespace

std::string comparisonText(const evaluate::Comparison& comparison)
{
    std::size_t nameWidth = 0;
    for (const evaluate::ComparedModel& model : comparison.models) {
        nameWidth = std::max(nameWidth, displayWidth(model.name));
    }
    const Table table = comparisonTable(nameWidth, comparison.choiceProtocol.has_value());
    std::string text = table.header();
    for (std::size_t i = 0; i < comparison.models.size(); ++i) {
        text += comparisonRow(table, comparison.models[i], i == 0);
    }
    return text + comparisonFooter(comparison);
}

std::string worstTokensText(const evaluate::Comparison& comparison, std::size_t count)
{
    std::string text;
    for (const evaluate::ComparedModel& model : comparison.models) {
        if (!model.tokens || model.tokens->worst.empty() || count == 0) {
            continue;
        }
        Table table({{"Tokens that " + model.name + " loses most"},
                     {"Token"},
                     {"Base, model expect"},
                     {"Its probability", true},
                     {"KL, nats", true}});
        const auto& worst = model.tokens->worst;
        for (std::size_t i = 0; i < std::min(count, worst.size()); ++i) {
            const evaluate::TokenLoss& loss = worst[i];
            table.add({report::inOneLine(loss.before), report::tokenText(loss.token),
                       report::tokenText(loss.baseTop) + ", " + report::tokenText(loss.modelTop),
                       report::percentText(loss.baseProbability) + " → " + report::percentText(loss.modelProbability),
                       report::numberText(loss.kl, 3)});
        }
        text += '\n' + table.text();
    }
    return text;
}

std::string verdictText(quant::Verdict verdict)
{
    switch (verdict) {
    case quant::Verdict::Fine: return "✓ fine";
    case quant::Verdict::Watch: return "▲ watch";
    case quant::Verdict::Bad: return "✕ bad";
    }
    return {};
}

} // namespace bitlathe::cli
