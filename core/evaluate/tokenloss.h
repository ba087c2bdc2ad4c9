// SPDX-License-Identifier: Apache-2.0
// KlFacts and TokenFacts: how far a model is from the base, which tokens a quantized model loses, where in the window,
// and by how much.
#pragma once

#include "core/evaluate/windowscores.h"
#include "core/text/tokenizer.h"

#include <cstdint>
#include <span>
#include <string>
#include <vector>

namespace bitlathe::evaluate
{

/// KL divergence of a model to the base over the scored tokens, nats: mean over tokens of KL(p_base || p).
struct KlFacts
{
    double mean = 0, standardError = 0, median = 0, p90 = 0, p99 = 0, p999 = 0, max = 0;
    double sameTop = 0;      ///< Share of tokens whose most likely next token is the base's.
    double sameTopError = 0; ///< Standard error of it.
};

/// A token of the text for which a model's prediction is far from the base's. Texts are valid UTF-8 as the tokenizer
/// decodes it, line breaks and all; "#id" where there is no tokenizer.
struct TokenLoss
{
    std::int64_t window = 0;     ///< Of those of the protocol, from 0.
    std::int64_t position = 0;   ///< In the window, from 0.
    std::string before;          ///< The tokens before it, kTokensBefore at most.
    std::string token;           ///< That the text has.
    std::string baseTop;         ///< What the base holds most likely there.
    std::string modelTop;        ///< What the model does.
    double baseProbability = 0;  ///< The base's, of the text's token.
    double modelProbability = 0; ///< The model's, of the text's token.
    double kl = 0;               ///< KL(base || model) there, nats.

    bool operator==(const TokenLoss&) const = default;
};

/// Means over the scored tokens by their position in the window, nats. Bin i holds positions
/// [first + i * step, first + (i + 1) * step).
struct LossCurve
{
    std::int64_t first = 1; ///< Position of the first scored token.
    std::int64_t step = 1;  ///< Positions of a bin.
    std::vector<double> baseNll;
    std::vector<double> nll;
    std::vector<double> kl;
    std::vector<std::int64_t> tokens; ///< In each bin; a bin without any has means of 0.

    bool operator==(const LossCurve&) const = default;
};

/// How many tokens the model predicts worse (above 0) or better than the base, by NLL difference in nats: counts[0] lie
/// below edges[0], counts[i] in [edges[i - 1], edges[i]), the last at or above the last edge.
struct LossDifferences
{
    std::vector<double> edges;
    std::vector<std::int64_t> counts; ///< One more than edges.

    bool operator==(const LossDifferences&) const = default;
};

/// A model against the base, token by token.
struct TokenFacts
{
    std::vector<TokenLoss> worst; ///< Those of largest KL divergence, kWorstTokens at most, the largest first.
    LossCurve byPosition;
    LossDifferences differences;

    bool operator==(const TokenFacts&) const = default;
};

inline constexpr std::size_t kWorstTokens = 10;
inline constexpr std::int64_t kTokensBefore = 12;
inline constexpr std::int64_t kCurveBinsMax = 64;

/// base and model: scores of the same windows. Percentiles and the largest are 0 without withPercentiles.
KlFacts klFacts(std::span<const WindowScores> base, std::span<const WindowScores> model, bool withPercentiles);

/// base and model: scores of all windows, in order. tokenizer may be null.
TokenFacts tokenFacts(std::span<const ScoredWindow> windows, std::span<const WindowScores> base,
                      std::span<const WindowScores> model, const text::Tokenizer* tokenizer);

} // namespace bitlathe::evaluate
