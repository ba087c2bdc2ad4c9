// SPDX-License-Identifier: Apache-2.0
// The rules by which other tools choose calibration samples.
#include "core/text/samplerules.h"

#include "core/text/jinja/unicode.h"
#include "core/text/pythonrandom.h"

#include <algorithm>
#include <array>
#include <unordered_set>

namespace bitlathe::text
{

namespace
{

using Samples = std::vector<std::vector<TokenId>>;

constexpr std::array<std::pair<SampleRule, std::string_view>, 4> kNames{{{SampleRule::Rows, "rows"},
                                                                         {SampleRule::Gptq, "gptq"},
                                                                         {SampleRule::Awq, "awq"},
                                                                         {SampleRule::Lmdeploy, "lmdeploy"}}};

Failure tooShort(const TextSet& set, std::int64_t wanted, std::size_t found)
{
    return fail(ErrorCode::TextInvalid, set.spec,
                Text(BITLATHE_TEXT("a text of more than %1 tokens for this rule of selection"), wanted),
                Text(BITLATHE_TEXT("%1"), found),
                Text(BITLATHE_TEXT("Use a longer text, shorter samples or the rule rows")));
}

std::vector<TokenId> windowAt(const std::vector<TokenId>& tokens, std::uint64_t start, std::int64_t length)
{
    const auto begin = tokens.begin() + static_cast<std::ptrdiff_t>(start);
    return {begin, begin + length};
}

/// All rows joined by empty lines, tokenized once; windows anywhere in it, which may overlap.
Result<Samples> randomWindows(const TextSet& set, const Tokenizer* tokenizer, const SampleOptions& options)
{
    TextSet joined = set;
    joined.rowsAreDocuments = false;
    joined.rowsAreLines = true;
    BITLATHE_TRY(const std::vector<TokenId> stream, evaluationStream(joined, tokenizer));
    if (std::ssize(stream) <= options.length) {
        return tooShort(set, options.length, stream.size());
    }
    PythonRandom random(options.seed);
    Samples samples;
    for (std::int64_t i = 0; i < options.samples; ++i) {
        const std::uint64_t start = random.upTo(stream.size() - static_cast<std::size_t>(options.length) - 1);
        samples.push_back(windowAt(stream, start, options.length));
    }
    return samples;
}

/// Documents drawn until one is long enough, and a window anywhere in it.
Result<Samples> windowsOfDocuments(const TextSet& set, const Tokenizer& tokenizer, const SampleOptions& options)
{
    PythonRandom random(options.seed);
    std::unordered_set<std::uint64_t> tooShortOnes;
    std::size_t longest = 0;
    Samples samples;
    while (std::ssize(samples) < options.samples) {
        const std::uint64_t row = random.upTo(set.rows.size() - 1);
        if (tooShortOnes.contains(row)) {
            continue;
        }
        const std::vector<TokenId> tokens = tokenizer.encodeWithSpecial(set.rows[row]);
        if (std::ssize(tokens) >= options.length) {
            const std::uint64_t start = random.upTo(tokens.size() - static_cast<std::size_t>(options.length));
            samples.push_back(windowAt(tokens, start, options.length));
            continue;
        }
        longest = std::max(longest, tokens.size());
        tooShortOnes.insert(row);
        if (tooShortOnes.size() == set.rows.size()) {
            return tooShort(set, options.length - 1, longest);
        }
    }
    return samples;
}

/// The first rows that are short enough, one after the other, cut into blocks; what is left over is dropped.
Result<Samples> blocksOfShortRows(const TextSet& set, const Tokenizer& tokenizer, const SampleOptions& options)
{
    std::vector<TokenId> stream;
    std::int64_t taken = 0;
    for (const std::string& row : set.rows) {
        const std::vector<TokenId> tokens = tokenizer.encodeWithSpecial(jinja::stripText(row, true, true));
        if (tokens.empty() || std::ssize(tokens) > options.length) {
            continue;
        }
        stream.insert(stream.end(), tokens.begin(), tokens.end());
        if (++taken == options.samples) {
            break;
        }
    }
    const auto length = static_cast<std::size_t>(options.length);
    if (stream.size() < length) {
        return tooShort(set, options.length - 1, stream.size());
    }
    Samples blocks;
    for (std::size_t start = 0; start + length <= stream.size(); start += length) {
        blocks.push_back(windowAt(stream, start, options.length));
    }
    return blocks;
}

} // namespace

std::string_view sampleRuleName(SampleRule rule)
{
    return std::find_if(kNames.begin(), kNames.end(), [rule](const auto& entry) { return entry.first == rule; })
        ->second;
}

Result<SampleRule> sampleRuleFrom(std::string_view name)
{
    for (const auto& [rule, known] : kNames) {
        if (known == name) {
            return rule;
        }
    }
    return fail(ErrorCode::SettingInvalid, "select", Text(BITLATHE_TEXT("rows, gptq, awq or lmdeploy")),
                Text(BITLATHE_TEXT("%1"), name));
}

Result<Samples> samplesByRule(const TextSet& set, const Tokenizer* tokenizer, const SampleOptions& options)
{
    const bool needsRows =
        options.rule == SampleRule::Awq || (options.rule == SampleRule::Lmdeploy && set.rowsAreDocuments);
    if (!needsRows) {
        return randomWindows(set, tokenizer, options);
    }
    if (set.isIds() || set.rows.empty()) {
        return fail(ErrorCode::TextInvalid, set.spec, Text(BITLATHE_TEXT("rows of text for this rule of selection")),
                    Text(BITLATHE_TEXT("token ids")), Text(BITLATHE_TEXT("Use the rule rows or gptq")));
    }
    if (tokenizer == nullptr) {
        return fail(ErrorCode::TokenizerInvalid, set.spec,
                    Text(BITLATHE_TEXT("a tokenizer, which turns text into token ids")),
                    Text(BITLATHE_TEXT("a model without one")),
                    Text(BITLATHE_TEXT("Give token ids instead of text (ids:FILE.json)")));
    }
    return options.rule == SampleRule::Awq ? blocksOfShortRows(set, *tokenizer, options)
                                           : windowsOfDocuments(set, *tokenizer, options);
}

} // namespace bitlathe::text
