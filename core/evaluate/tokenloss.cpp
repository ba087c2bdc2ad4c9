// SPDX-License-Identifier: Apache-2.0
// TokenFacts: the tokens of largest KL divergence in their context, means by position, and counts of differences.
#include "core/evaluate/tokenloss.h"

#include "core/evaluate/statistics.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <functional>
#include <numeric>

namespace bitlathe::evaluate
{

namespace
{

/// Finer where most tokens are, next to no difference.
constexpr std::array kDifferenceEdges = {-10.0, -5.0, -2.0, -1.0, -0.5, -0.2, -0.1, -0.05, -0.02, -0.01,
                                         0.01,  0.02, 0.05, 0.1,  0.2,  0.5,  1.0,  2.0,   5.0,   10.0};

/// A scored token: its window and its place among the window's scores.
struct Place
{
    std::size_t window;
    std::size_t index;
    double kl;
};

std::string textOf(std::span<const model::TokenId> ids, const text::Tokenizer* tokenizer)
{
    if (tokenizer != nullptr) {
        return tokenizer->decode(ids, false);
    }
    std::string text;
    for (const model::TokenId id : ids) {
        text += (text.empty() ? "#" : " #") + std::to_string(id);
    }
    return text;
}

/// What a token adds to the text behind others: with its space, which it lacks where it is decoded alone.
std::string addedText(std::vector<model::TokenId> before, model::TokenId id, const text::Tokenizer* tokenizer)
{
    if (tokenizer == nullptr) {
        return textOf({&id, 1}, nullptr);
    }
    const std::string without = textOf(before, tokenizer);
    before.push_back(id);
    const std::string with = textOf(before, tokenizer);
    const std::string added = with.starts_with(without) ? with.substr(without.size()) : textOf({&id, 1}, tokenizer);
    return added.empty() ? tokenizer->piece(id) : added;
}

/// The places of largest divergence, the largest first; of equal ones the earlier first.
std::vector<Place> worstPlaces(std::span<const WindowScores> model)
{
    const auto isWorse = [](const Place& a, const Place& b) { return a.kl > b.kl; };
    std::vector<Place> worst;
    for (std::size_t window = 0; window < model.size(); ++window) {
        for (std::size_t index = 0; index < model[window].kl.size(); ++index) {
            const Place place{window, index, model[window].kl[index]};
            if (worst.size() == kWorstTokens && !isWorse(place, worst.back())) {
                continue;
            }
            worst.insert(std::ranges::upper_bound(worst, place, isWorse), place);
            worst.resize(std::min(worst.size(), kWorstTokens));
        }
    }
    return worst;
}

TokenLoss tokenLoss(const Place& place, const ScoredWindow& window, const WindowScores& base, const WindowScores& model,
                    const text::Tokenizer* tokenizer)
{
    TokenLoss loss;
    loss.window = static_cast<std::int64_t>(place.window);
    loss.position = window.firstScored + static_cast<std::int64_t>(place.index);
    const auto token = window.ids.begin() + loss.position;
    const std::vector<model::TokenId> before(token - std::min(loss.position, kTokensBefore), token);
    loss.before = textOf(before, tokenizer);
    loss.token = addedText(before, *token, tokenizer);
    loss.baseTop = addedText(before, base.top[place.index], tokenizer);
    loss.modelTop = addedText(before, model.top[place.index], tokenizer);
    loss.baseProbability = std::exp(-base.nll[place.index]);
    loss.modelProbability = std::exp(-model.nll[place.index]);
    loss.kl = place.kl;
    return loss;
}

/// Bins that hold every window's scored positions.
LossCurve emptyCurve(std::span<const ScoredWindow> windows)
{
    LossCurve curve;
    curve.first = windows.front().firstScored;
    std::int64_t end = 0;
    for (const ScoredWindow& window : windows) {
        curve.first = std::min(curve.first, window.firstScored);
        end = std::max(end, static_cast<std::int64_t>(window.ids.size()));
    }
    const std::int64_t positions = end - curve.first;
    curve.step = std::max<std::int64_t>(1, (positions + kCurveBinsMax - 1) / kCurveBinsMax);
    const auto bins = static_cast<std::size_t>((positions + curve.step - 1) / curve.step);
    for (std::vector<double>* values : {&curve.baseNll, &curve.nll, &curve.kl}) {
        values->resize(bins);
    }
    curve.tokens.resize(bins);
    return curve;
}

LossCurve lossCurve(std::span<const ScoredWindow> windows, std::span<const WindowScores> base,
                    std::span<const WindowScores> model)
{
    LossCurve curve = emptyCurve(windows);
    for (std::size_t window = 0; window < model.size(); ++window) {
        const auto from = static_cast<std::size_t>(windows[window].firstScored - curve.first);
        for (std::size_t index = 0; index < model[window].nll.size(); ++index) {
            const std::size_t bin = (from + index) / static_cast<std::size_t>(curve.step);
            curve.baseNll[bin] += base[window].nll[index];
            curve.nll[bin] += model[window].nll[index];
            curve.kl[bin] += model[window].kl[index];
            ++curve.tokens[bin];
        }
    }
    for (std::size_t bin = 0; bin < curve.tokens.size(); ++bin) {
        const auto count = static_cast<double>(std::max<std::int64_t>(1, curve.tokens[bin]));
        curve.baseNll[bin] /= count;
        curve.nll[bin] /= count;
        curve.kl[bin] /= count;
    }
    return curve;
}

LossDifferences lossDifferences(std::span<const WindowScores> base, std::span<const WindowScores> model)
{
    LossDifferences differences;
    differences.edges.assign(kDifferenceEdges.begin(), kDifferenceEdges.end());
    differences.counts.resize(kDifferenceEdges.size() + 1);
    for (std::size_t window = 0; window < model.size(); ++window) {
        for (std::size_t index = 0; index < model[window].nll.size(); ++index) {
            const double difference = model[window].nll[index] - base[window].nll[index];
            const auto above = std::ranges::upper_bound(differences.edges, difference);
            ++differences.counts[static_cast<std::size_t>(above - differences.edges.begin())];
        }
    }
    return differences;
}

} // namespace

KlFacts klFacts(std::span<const WindowScores> base, std::span<const WindowScores> model, bool withPercentiles)
{
    std::vector<double> kl;
    std::vector<double> klMeans;
    std::vector<double> sameTopMeans;
    for (std::size_t w = 0; w < model.size(); ++w) {
        const auto tokens = static_cast<double>(model[w].kl.size());
        kl.insert(kl.end(), model[w].kl.begin(), model[w].kl.end());
        klMeans.push_back(sumInOrder(model[w].kl) / tokens);
        const auto same = std::inner_product(model[w].top.begin(), model[w].top.end(), base[w].top.begin(), 0,
                                             std::plus<>(), std::equal_to<>());
        sameTopMeans.push_back(same / tokens);
    }
    KlFacts facts;
    facts.mean = spreadOf(kl).mean;
    // Tokens of a window depend on each other; windows hardly do. So the errors come from the windows where there are
    // several.
    const bool several = klMeans.size() > 1;
    facts.standardError = spreadOf(several ? klMeans : kl).standardError;
    facts.sameTop = spreadOf(sameTopMeans).mean;
    facts.sameTopError = several ? spreadOf(sameTopMeans).standardError
                                 : std::sqrt(facts.sameTop * (1 - facts.sameTop) / static_cast<double>(kl.size()));
    if (withPercentiles) {
        std::sort(kl.begin(), kl.end());
        facts.median = percentile(kl, 0.5);
        facts.p90 = percentile(kl, 0.9);
        facts.p99 = percentile(kl, 0.99);
        facts.p999 = percentile(kl, 0.999);
        facts.max = kl.back();
    }
    return facts;
}

TokenFacts tokenFacts(std::span<const ScoredWindow> windows, std::span<const WindowScores> base,
                      std::span<const WindowScores> model, const text::Tokenizer* tokenizer)
{
    TokenFacts facts;
    for (const Place& place : worstPlaces(model)) {
        facts.worst.push_back(
            tokenLoss(place, windows[place.window], base[place.window], model[place.window], tokenizer));
    }
    facts.byPosition = lossCurve(windows, base, model);
    facts.differences = lossDifferences(base, model);
    return facts;
}

} // namespace bitlathe::evaluate
