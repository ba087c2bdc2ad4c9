// SPDX-License-Identifier: Apache-2.0
// GenerationResult: what models wrote after the same prompts, and where they part from the base.
#pragma once

#include "core/base/finding.h"
#include "core/model/model.h"

#include <filesystem>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace bitlathe::evaluate
{

/// How texts were got. Facts of two compare only where protocols are equal.
struct GenerationProtocol
{
    std::string data; ///< SPEC of the prompts.
    std::string dataHash;
    std::int64_t prompts = 0;
    std::int64_t newTokens = 0; ///< At most, of each.
    bool chat = false;          ///< Through each model's chat template.
    double temperature = 0;     ///< 0: the most likely token each time.
    std::uint64_t seed = 0;
    std::string compute; ///< "f32" or "bf16".

    Text sentence() const; ///< All of it, for people.
    bool operator==(const GenerationProtocol&) const = default;
};

/// What a model wrote after one prompt.
struct WrittenText
{
    std::vector<model::TokenId> ids; ///< With the end token, where ended.
    std::string text;                ///< Without it.
    bool ended = false;              ///< By itself, not by the limit.
    bool skipped = false;            ///< The prompt is too long for the model.
};

/// One prompt with both texts.
struct GenerationExample
{
    std::string prompt;
    std::string base;
    std::string text;
    std::int64_t agreedTokens = 0;
    std::size_t agreedBytes = 0; ///< Of the texts, whole characters.
    bool operator==(const GenerationExample&) const = default;
};

/// A model's texts against the base's, over the prompts that both went on from.
struct GenerationAgreement
{
    std::int64_t prompts = 0;
    std::int64_t equal = 0; ///< Texts that are the base's from beginning to end.
    /// Tokens until the texts part; of equal ones all of them.
    double tokensMean = 0, tokensMedian = 0;
    double wordsMedian = 0; ///< Likewise whole words.
    /// Median over the prompts where texts part: what probability this model gives the base's token there.
    std::optional<double> baseProbability;
    std::vector<GenerationExample> examples; ///< Of those that part, the first few.

    double equalShare() const; ///< 0 ... 1.
    bool operator==(const GenerationAgreement&) const = default;
};

/// What a model's texts are like.
struct GenerationFacts
{
    std::int64_t prompts = 0;
    double lengthMean = 0;                        ///< Tokens.
    std::int64_t ended = 0;                       ///< By themselves.
    double repeated = 0;                          ///< repeatedShare(), mean over texts.
    std::int64_t loops = 0;                       ///< Texts with endsInLoop().
    std::optional<GenerationAgreement> agreement; ///< Nothing for the base.

    /// A model against the base, in one sentence.
    Text verdict(const std::string& name, const std::string& base) const;
    bool operator==(const GenerationFacts&) const = default;
};

struct GenerationModel
{
    std::filesystem::path path;
    std::string name;
    GenerationFacts facts;
    std::vector<WrittenText> texts; ///< One for each prompt.
    double seconds = 0;
};

struct GenerationResult
{
    GenerationProtocol protocol;
    std::vector<std::string> prompts;
    std::vector<GenerationModel> models; ///< First: the base.
    Findings findings;                   ///< Rows without a prompt, prompts that are too long.
};

/// Tokens that two texts begin with alike.
std::int64_t agreedTokens(std::span<const model::TokenId> a, std::span<const model::TokenId> b);
/// Which tokens of a stand in b, too, in the same order: those of a longest common subsequence. Of texts that have more
/// than some thousand tokens between their common beginning and end, only these count as common.
std::vector<bool> commonTokens(std::span<const model::TokenId> a, std::span<const model::TokenId> b);
/// Bytes that two texts of UTF-8 begin with alike, in whole characters.
std::size_t agreedBytes(std::string_view a, std::string_view b);
/// Words, parted by white space, that two texts begin with alike.
std::int64_t agreedWords(const std::string& a, const std::string& b);
/// Share of runs of four tokens that stand earlier in the text, too; 0 for fewer than four.
double repeatedShare(std::span<const model::TokenId> ids);
/// Whether a text ends in one to sixteen tokens over and over: at least four times, and sixteen tokens of it.
bool endsInLoop(std::span<const model::TokenId> ids);

} // namespace bitlathe::evaluate
