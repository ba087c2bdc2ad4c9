// SPDX-License-Identifier: Apache-2.0
// What written texts have in common, how they repeat themselves, and sentences about both.
#include "core/evaluate/generationresult.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <set>
#include <sstream>

namespace bitlathe::evaluate
{

Text GenerationProtocol::sentence() const
{
    const std::string from = data.empty() ? "-" : data;
    const std::string arithmetic = compute.empty() ? "-" : compute;
    if (temperature > 0 && chat) {
        return Text(
            BITLATHE_TEXT("%1 prompts from %2, through the model's chat template; up to %3 tokens each, drawn at "
                          "temperature %4 with seed %5; arithmetic %6."),
            prompts, from, newTokens, temperature, seed, arithmetic);
    }
    if (temperature > 0) {
        return Text(
            BITLATHE_TEXT("%1 prompts from %2, as plain text; up to %3 tokens each, drawn at temperature %4 with "
                          "seed %5; arithmetic %6."),
            prompts, from, newTokens, temperature, seed, arithmetic);
    }
    if (chat) {
        return Text(BITLATHE_TEXT("%1 prompts from %2, through the model's chat template; up to %3 tokens each, always "
                                  "the most likely one; arithmetic %4."),
                    prompts, from, newTokens, arithmetic);
    }
    return Text(BITLATHE_TEXT("%1 prompts from %2, as plain text; up to %3 tokens each, always the most likely one; "
                              "arithmetic %4."),
                prompts, from, newTokens, arithmetic);
}

double GenerationAgreement::equalShare() const
{
    return prompts > 0 ? static_cast<double>(equal) / static_cast<double>(prompts) : 0;
}

Text GenerationFacts::verdict(const std::string& name, const std::string& base) const
{
    if (!agreement) {
        return Text(BITLATHE_TEXT("%1: %2 tokens a text, %3 of %4 texts end in a loop; the base of the comparison."),
                    name, fmt::format("{:.0f}", lengthMean), loops, prompts);
    }
    if (agreement->equal == agreement->prompts) {
        return Text(BITLATHE_TEXT("%1 writes what %2 writes, for all %3 prompts."), name, base, agreement->prompts);
    }
    return Text(BITLATHE_TEXT("%1 writes what %2 writes for %3 of %4 prompts; half of the texts part within %5 tokens; "
                              "%6 of %4 end in a loop."),
                name, base, agreement->equal, agreement->prompts, fmt::format("{:.0f}", agreement->tokensMedian),
                loops);
}

std::int64_t agreedTokens(std::span<const model::TokenId> a, std::span<const model::TokenId> b)
{
    return std::ranges::mismatch(a, b).in1 - a.begin();
}

std::vector<bool> commonTokens(std::span<const model::TokenId> a, std::span<const model::TokenId> b)
{
    constexpr std::size_t kPairsMost = 16 << 20;
    std::vector<bool> common(a.size());
    const auto first = static_cast<std::size_t>(agreedTokens(a, b));
    std::fill_n(common.begin(), first, true);
    std::size_t last = 0; // Of both ends, behind the beginning.
    while (last < std::min(a.size(), b.size()) - first && a[a.size() - 1 - last] == b[b.size() - 1 - last]) {
        common[a.size() - 1 - last] = true;
        ++last;
    }
    const std::size_t rows = a.size() - first - last;
    const std::size_t cols = b.size() - first - last;
    if (rows == 0 || cols == 0 || rows > kPairsMost / cols) {
        return common;
    }
    // Lengths of the longest common subsequence of what is behind each pair, row by row from the end; takesA where it
    // is no shorter without a's token.
    std::vector<bool> takesA(rows * cols);
    std::vector<std::uint32_t> below(cols + 1);
    std::vector<std::uint32_t> lengths(cols + 1);
    for (std::size_t row = rows; row-- > 0;) {
        lengths[cols] = 0;
        for (std::size_t col = cols; col-- > 0;) {
            const bool isEqual = a[first + row] == b[first + col];
            const std::uint32_t longest = std::max(below[col], lengths[col + 1]);
            lengths[col] = isEqual ? below[col + 1] + 1 : longest;
            takesA[row * cols + col] = below[col] >= lengths[col + 1];
        }
        std::swap(below, lengths);
    }
    for (std::size_t row = 0, col = 0; row < rows && col < cols;) {
        if (a[first + row] == b[first + col]) {
            common[first + row] = true;
            ++row;
            ++col;
        } else {
            takesA[row * cols + col] ? ++row : ++col;
        }
    }
    return common;
}

std::size_t agreedBytes(std::string_view a, std::string_view b)
{
    auto same = static_cast<std::size_t>(std::ranges::mismatch(a, b).in1 - a.begin());
    const auto isInside = [](std::string_view text, std::size_t at) {
        return at < text.size() && (static_cast<unsigned char>(text[at]) & 0xC0U) == 0x80U;
    };
    while (same > 0 && (isInside(a, same) || isInside(b, same))) {
        --same;
    }
    return same;
}

std::int64_t agreedWords(const std::string& a, const std::string& b)
{
    std::istringstream wordsA(a);
    std::istringstream wordsB(b);
    std::int64_t words = 0;
    for (std::string wordA, wordB; wordsA >> wordA && wordsB >> wordB && wordA == wordB;) {
        ++words;
    }
    return words;
}

double repeatedShare(std::span<const model::TokenId> ids)
{
    constexpr std::size_t kRun = 4;
    if (ids.size() < kRun) {
        return 0;
    }
    std::set<std::array<model::TokenId, kRun>> seen;
    const std::size_t runs = ids.size() - kRun + 1;
    std::size_t repeated = 0;
    for (std::size_t i = 0; i < runs; ++i) {
        std::array<model::TokenId, kRun> run{};
        std::ranges::copy(ids.subspan(i, kRun), run.begin());
        repeated += seen.insert(run).second ? 0 : 1;
    }
    return static_cast<double>(repeated) / static_cast<double>(runs);
}

bool endsInLoop(std::span<const model::TokenId> ids)
{
    constexpr std::size_t kLongestUnit = 16;
    constexpr std::size_t kTimes = 4;
    constexpr std::size_t kTokens = 16;
    for (std::size_t unit = 1; unit <= kLongestUnit; ++unit) {
        const std::size_t needed = std::max(kTimes * unit, kTokens);
        if (ids.size() < needed) {
            continue;
        }
        const auto end = ids.last(needed);
        if (std::ranges::equal(end.first(needed - unit), end.last(needed - unit))) {
            return true;
        }
    }
    return false;
}

} // namespace bitlathe::evaluate
