// SPDX-License-Identifier: Apache-2.0
// The tokenizer files that are not SentencePiece's: tokenizer.json, vocab.json with merges.txt, those of tiktoken.
#include "core/text/tokenizerfiles.h"

#include "core/base/file.h"
#include "core/text/base64.h"
#include "core/text/tokenizerjson/assembly.h"
#include "core/text/tokenizerjson/characters.h"
#include "core/text/tokenizerjson/limits.h"
#include "core/text/tokenizerjson/wordpatterns.h"
#include "core/text/utf8.h"

#include <algorithm>
#include <charconv>
#include <unordered_set>

namespace bitlathe::text
{

namespace fs = std::filesystem;

namespace
{

constexpr std::uint64_t kMaxPatternFileBytes = 100'000;

/// Calls take(line, number) for each line that is not empty; ends at the first error.
template <typename Take>
Result<void> forEachLine(std::string_view text, Take take)
{
    for (std::size_t number = 1; !text.empty(); ++number) {
        const std::size_t end = std::min(text.find('\n'), text.size());
        std::string_view line = text.substr(0, end);
        line.remove_suffix(line.ends_with('\r') ? 1 : 0);
        if (!line.empty()) {
            BITLATHE_CHECK(take(line, number));
        }
        text.remove_prefix(std::min(end + 1, text.size()));
    }
    return {};
}

Failure badLine(const fs::path& file, std::size_t number, Text expected,
                Text found = Text(BITLATHE_TEXT("another kind of line")))
{
    return fail(ErrorCode::TokenizerInvalid, fmt::format("{}:{}", file.string(), number), std::move(expected),
                std::move(found), Text(BITLATHE_TEXT("Copy or download the file again")));
}

/// What tokenizer_config.json says of the class of tokenizer; its defaults without one.
struct ClassFacts
{
    std::string name;
    bool addsPrefixSpace = false;
    bool addsBos = false;
};

Result<ClassFacts> readClass(const fs::path& folder)
{
    ClassFacts facts;
    const fs::path file = folder / "tokenizer_config.json";
    std::error_code ignored;
    if (!fs::exists(file, ignored)) {
        return facts;
    }
    BITLATHE_TRY(const Json json, readJson(file));
    const JsonObject config(json, file.string());
    BITLATHE_TRY(facts.name, config.string("tokenizer_class", ""));
    BITLATHE_TRY(facts.addsPrefixSpace, config.boolean("add_prefix_space", false));
    BITLATHE_TRY(facts.addsBos, config.boolean("add_bos_token", false));
    return facts;
}

/// The sections that all byte-level tokenizers have in common.
Json byteLevelSettings(std::string_view pattern, bool addsPrefixSpace)
{
    Json split = {{"type", "Split"}, {"pattern", {{"Regex", pattern}}}, {"behavior", "Isolated"}, {"invert", false}};
    Json bytes = {{"type", "ByteLevel"}, {"add_prefix_space", addsPrefixSpace}, {"use_regex", pattern.empty()}};
    Json parts = pattern.empty() ? Json::array({bytes}) : Json::array({split, bytes});
    Json settings = Json::object();
    settings["model"] = {{"type", "BPE"}};
    settings["pre_tokenizer"] = {{"type", "Sequence"}, {"pretokenizers", std::move(parts)}};
    settings["decoder"] = {{"type", "ByteLevel"}};
    return settings;
}

/// Of all Qwens, whichever files they have.
Json qwenSettings()
{
    Json settings = byteLevelSettings(kQwen2Words, false);
    settings["normalizer"] = {{"type", "NFC"}};
    return settings;
}

Result<Json> settingsOf(const ClassFacts& facts, const fs::path& folder)
{
    if (facts.name == "Qwen2Tokenizer" || facts.name == "Qwen2TokenizerFast") {
        return qwenSettings();
    }
    constexpr std::string_view kLikeGpt2[] = {"",
                                              "GPT2Tokenizer",
                                              "GPT2TokenizerFast",
                                              "CodeGenTokenizer",
                                              "CodeGenTokenizerFast",
                                              "PreTrainedTokenizerFast"};
    if (std::find(std::begin(kLikeGpt2), std::end(kLikeGpt2), facts.name) != std::end(kLikeGpt2)) {
        return byteLevelSettings("", facts.addsPrefixSpace);
    }
    return fail(ErrorCode::NotSupported, folder.string(),
                Text(BITLATHE_TEXT("a tokenizer.json, or vocab.json and merges.txt of GPT-2's or Qwen 2's kind")),
                Text(BITLATHE_TEXT("the class %1"), facts.name),
                Text(BITLATHE_TEXT("Give token ids instead of text (ids:FILE.json)")));
}

Result<void> readMerges(const std::string& text, const fs::path& file, TokenizerDocument& document)
{
    return forEachLine(text, [&](std::string_view line, std::size_t number) -> Result<void> {
        if (line.starts_with("#version")) {
            return {};
        }
        const std::size_t space = line.find(' ');
        const bool isPair = space != line.npos && space > 0 && space + 1 < line.size() &&
                            line.find(' ', space + 1) == line.npos && !firstInvalidByte(line);
        if (!isPair || static_cast<std::int64_t>(document.merges.size()) >= kMaxMerges) {
            return badLine(file, number, Text(BITLATHE_TEXT("two pieces with a space between them")));
        }
        document.merges.emplace_back(line.substr(0, space), line.substr(space + 1));
        return {};
    });
}

/// Adds the token of each line to a document; check(bytes, rank, number) may refuse it.
template <typename Check>
Result<void> readRanks(const std::string& text, const fs::path& file, TokenizerDocument& document, Check check)
{
    // Views into the pieces stay good when the list grows because each piece is on its own.
    const auto pieces = std::make_shared<std::vector<std::unique_ptr<const std::string>>>();
    document.owner = pieces;
    return forEachLine(text, [&](std::string_view line, std::size_t number) -> Result<void> {
        const std::size_t space = std::min(line.find(' '), line.size());
        const std::optional<std::string> bytes = decodeBase64(line.substr(0, space));
        const std::string_view digits = line.substr(std::min(space + 1, line.size()));
        TokenId rank = -1;
        const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), rank);
        const bool isRank = error == std::errc() && end == digits.data() + digits.size() && rank >= 0 &&
                            rank < kMaxTokens && static_cast<std::int64_t>(pieces->size()) < kMaxTokens;
        if (!bytes || bytes->empty() || !isRank) {
            return badLine(file, number, Text(BITLATHE_TEXT("bytes in Base64 and a rank below %1"), kMaxTokens));
        }
        BITLATHE_CHECK(check(*bytes, rank, number));
        pieces->push_back(std::make_unique<const std::string>(lettersOfBytes(*bytes)));
        document.pieces.push_back({*pieces->back(), rank, 0});
        document.bytesPieces += pieces->back()->size();
        return {};
    });
}

/// Ranks one after the other, each of other bytes, and all single bytes: ids behind the ranks and any text rely on it.
class WholeVocabulary
{
public:
    explicit WholeVocabulary(const fs::path& file) : m_file(file) {}

    Result<void> take(const std::string& bytes, TokenId rank, std::size_t number)
    {
        if (rank != static_cast<TokenId>(m_seen.size())) {
            return badLine(m_file, number,
                           Text(BITLATHE_TEXT("the rank %1, which follows those before"), m_seen.size()),
                           Text(BITLATHE_TEXT("the rank %1"), rank));
        }
        if (!m_seen.insert(bytes).second) {
            return badLine(m_file, number, Text(BITLATHE_TEXT("bytes that no line before has")),
                           Text(BITLATHE_TEXT("the same bytes again")));
        }
        m_singleBytes += bytes.size() == 1 ? 1 : 0;
        return {};
    }
    Result<void> checkBytes() const
    {
        constexpr int kBytes = 256;
        return m_singleBytes == kBytes ? Result<void>()
                                       : fail(ErrorCode::TokenizerInvalid, m_file.string(),
                                              Text(BITLATHE_TEXT("a token for each of the %1 bytes"), kBytes),
                                              Text(BITLATHE_TEXT("for %1 of them"), m_singleBytes),
                                              Text(BITLATHE_TEXT("Copy or download the file again")));
    }

private:
    const fs::path& m_file;
    std::unordered_set<std::string> m_seen;
    int m_singleBytes = 0;
};

constexpr std::string_view kEndOfText = "<|endoftext|>";

/// The special tokens of Qwen's class. They are found in normalized text, which may take the end of one to what
/// follows.
Json qwenAddedTokens(std::size_t firstId)
{
    constexpr int kExtras = 205;
    std::vector<std::string> contents{std::string(kEndOfText), std::string(kTurnStart), std::string(kTurnEnd)};
    for (int extra = 0; extra < kExtras; ++extra) {
        contents.push_back(fmt::format("<|extra_{}|>", extra));
    }
    Json tokens = Json::array();
    for (const std::string& content : contents) {
        tokens.push_back(
            {{"id", firstId + tokens.size()}, {"content", content}, {"special", true}, {"normalized", true}});
    }
    return tokens;
}

} // namespace

Result<std::shared_ptr<const Tokenizer>> openTokenizerJson(const fs::path& file)
{
    BITLATHE_TRY(std::string text, readFile(file, kMaxTokenizerBytes));
    BITLATHE_TRY(const TokenizerDocument document, parseTokenizerDocument(std::move(text), file.string()));
    return assembleTokenizer(document, file.parent_path(), file.string());
}

Result<std::shared_ptr<const Tokenizer>> openVocabularyAndMerges(const fs::path& file)
{
    const fs::path mergesFile = file.parent_path() / "merges.txt";
    BITLATHE_TRY(const ClassFacts facts, readClass(file.parent_path()));
    BITLATHE_TRY(Json settings, settingsOf(facts, file.parent_path()));
    BITLATHE_TRY(const std::string merges, readFile(mergesFile, kMaxTokenizerBytes));
    BITLATHE_TRY(std::string vocabulary, readFile(file, kMaxTokenizerBytes));
    BITLATHE_TRY(TokenizerDocument document, parseVocabularyDocument(std::move(vocabulary), file.string()));
    BITLATHE_CHECK(readMerges(merges, mergesFile, document));
    document.settings = std::move(settings);
    AssemblyOptions options;
    options.numbersRoles = true;
    options.addsBos = facts.addsBos;
    options.endOfText = kEndOfText;
    return assembleTokenizer(document, file.parent_path(), file.string(), options);
}

Result<std::shared_ptr<const Tokenizer>> openTiktoken(const fs::path& file)
{
    const fs::path patternFile = file.parent_path() / "pattern.txt";
    std::error_code ignored;
    if (!fs::exists(patternFile, ignored)) {
        return fail(ErrorCode::NotSupported, file.string(),
                    Text(BITLATHE_TEXT("the pattern of words in a file pattern.txt beside it")),
                    Text(BITLATHE_TEXT("none")), Text(BITLATHE_TEXT("Give token ids instead of text (ids:FILE.json)")));
    }
    BITLATHE_TRY(std::string pattern, readFile(patternFile, kMaxPatternFileBytes));
    pattern.erase(pattern.find_last_not_of("\r\n") + 1);
    if (pattern.empty() || firstInvalidByte(pattern)) {
        return badLine(patternFile, 1, Text(BITLATHE_TEXT("a regular expression")));
    }
    BITLATHE_TRY(const std::string ranks, readFile(file, kMaxTokenizerBytes));
    BITLATHE_TRY(const ClassFacts facts, readClass(file.parent_path()));
    TokenizerDocument document;
    const auto takeAll = [](const std::string&, TokenId, std::size_t) { return Result<void>(); };
    BITLATHE_CHECK(readRanks(ranks, file, document, takeAll));
    document.settings = byteLevelSettings(pattern, false);
    AssemblyOptions options;
    options.isRanked = true;
    options.numbersRoles = true;
    options.addsBos = facts.addsBos;
    return assembleTokenizer(document, file.parent_path(), file.string(), options);
}

Result<std::shared_ptr<const Tokenizer>> openQwenTiktoken(const fs::path& file)
{
    BITLATHE_TRY(const std::string ranks, readFile(file, kMaxTokenizerBytes));
    TokenizerDocument document;
    WholeVocabulary vocabulary(file);
    BITLATHE_CHECK(readRanks(ranks, file, document, [&](const std::string& bytes, TokenId rank, std::size_t number) {
        return vocabulary.take(bytes, rank, number);
    }));
    BITLATHE_CHECK(vocabulary.checkBytes());
    document.settings = qwenSettings();
    document.settings["added_tokens"] = qwenAddedTokens(document.pieces.size());
    AssemblyOptions options;
    options.isRanked = true;
    options.endOfText = kEndOfText;
    options.hasBos = false;
    return assembleTokenizer(document, file.parent_path(), file.string(), options);
}

} // namespace bitlathe::text
