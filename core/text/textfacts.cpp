// SPDX-License-Identifier: Apache-2.0
// TextSetFacts: how much text a set holds.
#include "core/text/textfacts.h"

#include "kernels/threads.h"

#include <algorithm>

namespace bitlathe::text
{

namespace
{

std::vector<std::int64_t> rowLengths(const std::vector<std::string>& rows, const Tokenizer& tokenizer)
{
    constexpr std::int64_t kRowsAtOnce = 8;
    std::vector<std::int64_t> lengths(rows.size());
    kernels::parallelFor(std::ssize(rows), kRowsAtOnce, [&](std::int64_t begin, std::int64_t end) {
        for (auto i = static_cast<std::size_t>(begin); i < static_cast<std::size_t>(end); ++i) {
            lengths[i] = std::ssize(tokenizer.encode(rows[i]));
        }
    });
    return lengths;
}

} // namespace

Result<TextSetFacts> factsOf(const TextSet& set, const Tokenizer* tokenizer)
{
    constexpr std::int64_t kFirstBin = 16;
    TextSetFacts facts;
    std::vector<std::int64_t> lengths;
    if (set.isIds()) {
        lengths.push_back(std::ssize(set.ids));
    } else if (tokenizer == nullptr) {
        return fail(ErrorCode::TokenizerInvalid, set.spec,
                    Text(BITLATHE_TEXT("a tokenizer, which turns text into token ids")),
                    Text(BITLATHE_TEXT("a model without one")));
    } else {
        for (const std::string& row : set.rows) {
            facts.bytes += std::ssize(row);
        }
        lengths = rowLengths(set.rows, *tokenizer);
        facts.blankRows = std::erase(lengths, 0);
    }
    facts.rows = std::ssize(lengths);
    if (lengths.empty()) {
        return facts;
    }
    std::sort(lengths.begin(), lengths.end());
    facts.shortest = lengths.front();
    facts.median = lengths[lengths.size() / 2];
    facts.longest = lengths.back();
    for (std::int64_t below = kFirstBin; facts.lengths.empty() || facts.lengths.back().below <= facts.longest;
         below *= 2) {
        const auto end = std::lower_bound(lengths.begin(), lengths.end(), below);
        const auto begin =
            facts.lengths.empty() ? lengths.begin() : std::lower_bound(lengths.begin(), lengths.end(), below / 2);
        facts.lengths.push_back({below, end - begin});
    }
    for (const std::int64_t length : lengths) {
        facts.tokens += length;
    }
    return facts;
}

} // namespace bitlathe::text
