// SPDX-License-Identifier: Apache-2.0
// How much of an evaluation text was already seen in calibration.
#include "core/text/overlap.h"

#include <unordered_set>

namespace bitlathe::text
{

namespace
{

/// Calls visit with the hash of every run, in order. The hash rolls: one step a token.
template <typename Visit>
void hashRuns(std::span<const TokenId> tokens, Visit visit)
{
    constexpr std::uint64_t kBase = 0x9E3779B97F4A7C15U;
    std::uint64_t highest = 1;
    for (std::size_t i = 1; i < kOverlapTokens; ++i) {
        highest *= kBase;
    }
    const auto mixed = [](TokenId id) {
        std::uint64_t value = (static_cast<std::uint64_t>(static_cast<std::uint32_t>(id)) + 1) * 0xBF58476D1CE4E5B9U;
        value ^= value >> 31U;
        return value * 0x94D049BB133111EBU;
    };
    std::uint64_t hash = 0;
    for (std::size_t i = 0; i < tokens.size(); ++i) {
        if (i >= kOverlapTokens) {
            hash -= highest * mixed(tokens[i - kOverlapTokens]);
        }
        hash = hash * kBase + mixed(tokens[i]);
        if (i + 1 >= kOverlapTokens) {
            visit(hash);
        }
    }
}

} // namespace

std::optional<double> overlapShare(std::span<const std::vector<TokenId>> calibration,
                                   std::span<const TokenId> evaluation)
{
    if (evaluation.size() < kOverlapTokens) {
        return std::nullopt;
    }
    std::unordered_set<std::uint64_t> known;
    for (const std::vector<TokenId>& sample : calibration) {
        hashRuns(sample, [&known](std::uint64_t hash) { known.insert(hash); });
    }
    std::size_t shared = 0;
    hashRuns(evaluation, [&](std::uint64_t hash) { shared += known.contains(hash) ? 1 : 0; });
    return static_cast<double>(shared) / static_cast<double>(evaluation.size() - kOverlapTokens + 1);
}

std::optional<Finding> overlapFinding(double share, const std::string& subject)
{
    if (share <= kOverlapTold) {
        return std::nullopt;
    }
    return Finding{Severity::Warning, "calibration-overlap", subject,
                   Text(BITLATHE_TEXT("%1 % of the evaluation text is in the calibration text too (runs of %2 tokens)"),
                        fmt::format("{:.2f}", 100.0 * share), kOverlapTokens),
                   Text(BITLATHE_TEXT("Evaluate on a text that calibration has not seen"))};
}

} // namespace bitlathe::text
