// SPDX-License-Identifier: Apache-2.0
// The token sequences made of text sets: the stream of an evaluation, the samples of a calibration.
#include "core/text/samplerules.h"
#include "core/text/textset.h"
#include "kernels/threads.h"

#include <algorithm>
#include <numeric>

namespace bitlathe::text
{

namespace
{

/// A small generator with the same sequence on every machine (SplitMix64).
class Random
{
public:
    explicit Random(std::uint64_t seed) : m_state(seed) {}

    /// A number below count > 0. The bias of the remainder is far below what any choice of texts can show.
    std::size_t below(std::size_t count)
    {
        m_state += 0x9E3779B97F4A7C15U;
        std::uint64_t mixed = m_state;
        mixed = (mixed ^ (mixed >> 30U)) * 0xBF58476D1CE4E5B9U;
        mixed = (mixed ^ (mixed >> 27U)) * 0x94D049BB133111EBU;
        return (mixed ^ (mixed >> 31U)) % count;
    }

private:
    std::uint64_t m_state;
};

/// Takes at most wanted of the candidates: the first ones, or for a seed other than 0 drawn ones.
std::vector<std::size_t> choose(std::vector<std::size_t> candidates, std::int64_t wanted, std::uint64_t seed)
{
    const std::size_t count = std::min(candidates.size(), static_cast<std::size_t>(wanted));
    if (seed != 0) {
        Random random(seed);
        for (std::size_t i = 0; i < count; ++i) {
            std::swap(candidates[i], candidates[i + random.below(candidates.size() - i)]);
        }
    }
    candidates.resize(count);
    return candidates;
}

/// Tokens of the chosen rows, on all threads.
std::vector<std::vector<TokenId>> encodeRows(const std::vector<std::string>& rows,
                                             const std::vector<std::size_t>& chosen, const Tokenizer& tokenizer)
{
    constexpr std::int64_t kRowsAtOnce = 8;
    std::vector<std::vector<TokenId>> encoded(chosen.size());
    kernels::parallelFor(static_cast<std::int64_t>(chosen.size()), kRowsAtOnce,
                         [&](std::int64_t begin, std::int64_t end) {
                             for (auto i = static_cast<std::size_t>(begin); i < static_cast<std::size_t>(end); ++i) {
                                 encoded[i] = tokenizer.encode(rows[chosen[i]]);
                             }
                         });
    return encoded;
}

std::vector<std::size_t> countUp(std::size_t count)
{
    std::vector<std::size_t> numbers(count);
    std::iota(numbers.begin(), numbers.end(), std::size_t{0});
    return numbers;
}

std::string joinLines(const std::vector<std::string>& rows)
{
    constexpr std::string_view kBetween = "\n\n";
    std::string text;
    for (const std::string& row : rows) {
        if (&row != &rows.front()) {
            text += kBetween;
        }
        text += row;
    }
    return text;
}

Failure noTokenizer(const TextSet& set)
{
    return fail(ErrorCode::TokenizerInvalid, set.spec,
                Text(BITLATHE_TEXT("a tokenizer, which turns text into token ids")),
                Text(BITLATHE_TEXT("a model without one")),
                Text(BITLATHE_TEXT("Give token ids instead of text (ids:FILE.json)")));
}

Failure noTokens(const TextSet& set)
{
    return fail(ErrorCode::TextInvalid, set.spec, Text(BITLATHE_TEXT("text that gives tokens")),
                Text(BITLATHE_TEXT("none")), Text(BITLATHE_TEXT("Choose a file that holds text")));
}

/// The token that a document begins with, unless it has it already, as a rendered conversation may.
void appendBos(std::vector<TokenId>& stream, const std::vector<TokenId>& document, std::optional<TokenId> bos)
{
    if (bos && (document.empty() || document.front() != *bos)) {
        stream.push_back(*bos);
    }
}

void append(std::vector<TokenId>& stream, std::optional<TokenId> id)
{
    if (id) {
        stream.push_back(*id);
    }
}

Result<std::vector<TokenId>> documentStream(const TextSet& set, const Tokenizer& tokenizer)
{
    std::vector<TokenId> stream;
    bool hasTokens = false;
    for (const std::vector<TokenId>& ids : encodeRows(set.rows, countUp(set.rows.size()), tokenizer)) {
        hasTokens = hasTokens || !ids.empty();
        appendBos(stream, ids, tokenizer.bos());
        stream.insert(stream.end(), ids.begin(), ids.end());
        append(stream, tokenizer.eos());
    }
    if (!hasTokens) {
        return noTokens(set);
    }
    return stream;
}

Result<std::vector<std::vector<TokenId>>> documentSamples(const TextSet& set, const Tokenizer& tokenizer,
                                                          const SampleOptions& options)
{
    std::vector<std::size_t> candidates = countUp(set.rows.size());
    std::erase_if(candidates,
                  [&](std::size_t row) { return set.rows[row].find_first_not_of(" \t\r\n\f\v") == std::string::npos; });
    const std::vector<std::size_t> chosen = choose(std::move(candidates), options.samples, options.seed);
    std::vector<std::vector<TokenId>> samples;
    for (const std::vector<TokenId>& ids : encodeRows(set.rows, chosen, tokenizer)) {
        if (ids.empty()) {
            continue;
        }
        std::vector<TokenId> sample;
        appendBos(sample, ids, tokenizer.bos());
        sample.insert(sample.end(), ids.begin(), ids.end());
        sample.resize(std::min(sample.size(), static_cast<std::size_t>(options.length)));
        samples.push_back(std::move(sample));
    }
    if (samples.empty()) {
        return noTokens(set);
    }
    return samples;
}

/// Windows without overlap; a stream shorter than a window is one.
std::vector<std::vector<TokenId>> windowSamples(const std::vector<TokenId>& stream, const SampleOptions& options)
{
    const std::size_t length = std::min(stream.size(), static_cast<std::size_t>(options.length));
    std::vector<std::vector<TokenId>> samples;
    for (const std::size_t window : choose(countUp(stream.size() / length), options.samples, options.seed)) {
        const auto begin = stream.begin() + static_cast<std::ptrdiff_t>(window * length);
        samples.emplace_back(begin, begin + static_cast<std::ptrdiff_t>(length));
    }
    return samples;
}

Failure badOption(std::string_view name, std::int64_t value)
{
    return fail(ErrorCode::SettingInvalid, std::string(name), Text(BITLATHE_TEXT("a number above 0")),
                Text(BITLATHE_TEXT("%1"), value));
}

} // namespace

Result<std::vector<TokenId>> evaluationStream(const TextSet& set, const Tokenizer* tokenizer)
{
    if (set.isIds()) {
        return set.ids;
    }
    if (tokenizer == nullptr) {
        return noTokenizer(set);
    }
    if (set.rowsAreDocuments) {
        return documentStream(set, *tokenizer);
    }
    std::vector<TokenId> stream;
    append(stream, tokenizer->bos());
    const std::vector<TokenId> ids = tokenizer->encode(joinLines(set.rows));
    if (ids.empty()) {
        return noTokens(set);
    }
    stream.insert(stream.end(), ids.begin(), ids.end());
    return stream;
}

Result<std::vector<TokenId>> joinedStream(const TextSet& set, const Tokenizer* tokenizer)
{
    if (set.isIds()) {
        return set.ids;
    }
    if (tokenizer == nullptr) {
        return noTokenizer(set);
    }
    std::vector<TokenId> stream = tokenizer->encodeWithSpecial(joinLines(set.rows));
    if (stream.empty()) {
        return noTokens(set);
    }
    return stream;
}

Result<std::vector<std::vector<TokenId>>> calibrationSamples(const TextSet& set, const Tokenizer* tokenizer,
                                                             const SampleOptions& options)
{
    if (options.samples < 1) {
        return badOption("samples", options.samples);
    }
    if (options.length < 1) {
        return badOption("length", options.length);
    }
    if (options.rule != SampleRule::Rows) {
        return samplesByRule(set, tokenizer, options);
    }
    if (set.rowsAreDocuments && !set.isIds()) {
        return tokenizer == nullptr ? noTokenizer(set) : documentSamples(set, *tokenizer, options);
    }
    BITLATHE_TRY(const std::vector<TokenId> stream, evaluationStream(set, tokenizer));
    return windowSamples(stream, options);
}

} // namespace bitlathe::text
