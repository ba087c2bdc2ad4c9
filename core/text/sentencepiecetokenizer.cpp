// SPDX-License-Identifier: Apache-2.0
// Tokenizers of the SentencePiece library (tokenizer.model).
#include "core/text/sentencepiecetokenizer.h"

#include "core/base/file.h"
#include "core/text/sentencepiecemodel.h"
#include "core/text/specialtokens.h"
#include "core/text/tokenizerfingerprint.h"
#include "core/text/utf8.h"
#include "kernels/threads.h"

#include <sentencepiece_processor.h>

#include <algorithm>
#include <charconv>
#include <mutex>
#include <unordered_map>

namespace bitlathe::text
{

namespace fs = std::filesystem;

namespace
{

constexpr std::uint64_t kMaxModelBytes = 1'000'000'000;
constexpr std::size_t kPartBytes = 65'536; ///< Longer texts are tokenized in parts of this size, on all threads.
constexpr std::string_view kSpace = "\xE2\x96\x81"; ///< U+2581, which stands for a space in pieces.

std::string_view kindName(SentencePieceKind kind)
{
    switch (kind) {
    case SentencePieceKind::Unigram: return "sentencepiece unigram";
    case SentencePieceKind::Bpe: return "sentencepiece bpe";
    case SentencePieceKind::Word: return "sentencepiece word";
    case SentencePieceKind::Character: return "sentencepiece char";
    }
    return {};
}

/// True where a piece holds a space behind something else: then a merge can cross the beginning of a word.
bool crossesWords(std::string_view piece)
{
    while (piece.starts_with(kSpace)) {
        piece.remove_prefix(kSpace.size());
    }
    return piece.find(kSpace) != std::string_view::npos || piece.find(' ') != std::string_view::npos;
}

/// The next place from at on where a word ends and the space before another one stands; else the end of the text.
std::size_t nextCut(std::string_view text, std::size_t at)
{
    while ((at = text.find(' ', at)) != std::string_view::npos) {
        if (at > 0 && text[at - 1] != ' ' && !text.substr(0, at).ends_with(kSpace)) {
            return at;
        }
        ++at;
    }
    return text.size();
}

/// Cuts a text at the first cut after each piece bytes.
std::vector<std::string_view> cutAtWords(std::string_view text, std::size_t piece)
{
    std::vector<std::string_view> parts;
    for (std::size_t begin = 0; begin < text.size();) {
        const std::size_t end = nextCut(text, begin + piece);
        parts.push_back(text.substr(begin, end - begin));
        begin = end;
    }
    return parts;
}

/// What the model file and the settings beside it come to.
struct Setup
{
    std::unique_ptr<sentencepiece::SentencePieceProcessor> processor;
    SentencePieceFacts facts;
    TokenizerSettings settings;
    bool putsPrefixItself = false; ///< The processor adds no prefix space any more; encode() does.
};

class SentencePieceTokenizer : public Tokenizer
{
public:
    explicit SentencePieceTokenizer(Setup setup)
        : m_setup(std::move(setup)),
          m_splitter(std::move(m_setup.settings.added)),
          m_pieces(m_setup.processor->GetPieceSize()),
          m_canCut(m_setup.putsPrefixItself && m_setup.facts.kind == SentencePieceKind::Bpe)
    {
        for (TokenId id = 0; m_canCut && id < m_pieces; ++id) {
            m_canCut = !crossesWords(m_setup.processor->IdToPiece(id));
        }
    }

    std::vector<TokenId> encode(std::string_view text) const override
    {
        std::vector<TokenId> ids;
        appendEncoded(text, ids);
        return ids;
    }

    std::vector<TokenId> encodeWithSpecial(std::string_view text) const override
    {
        std::vector<TokenId> ids;
        if (m_setup.settings.addsBos && m_setup.settings.bos) {
            ids.push_back(*m_setup.settings.bos);
        }
        appendEncoded(text, ids);
        if (m_setup.settings.addsEos && m_setup.settings.eos) {
            ids.push_back(*m_setup.settings.eos);
        }
        return ids;
    }

    std::string decode(std::span<const TokenId> ids, bool skipSpecial) const override;

    std::string piece(TokenId id) const override
    {
        if (const AddedToken* token = m_splitter.find(id)) {
            return token->content;
        }
        return id >= 0 && id < m_pieces ? m_setup.processor->IdToPiece(id) : std::string();
    }

    std::int64_t vocabularySize() const override
    {
        std::int64_t size = m_pieces;
        for (const AddedToken& token : m_splitter.tokens()) {
            size = std::max<std::int64_t>(size, std::int64_t{token.id} + 1);
        }
        return size;
    }

    std::optional<TokenId> bos() const override { return m_setup.settings.bos; }
    std::optional<TokenId> eos() const override { return m_setup.settings.eos; }
    std::string kind() const override { return std::string(kindName(m_setup.facts.kind)); }
    std::string fingerprint() const override
    {
        std::call_once(m_fingerprinted, [this] { m_fingerprint = fingerprintOf(*this); });
        return m_fingerprint;
    }

private:
    void appendEncoded(std::string_view text, std::vector<TokenId>& ids) const;
    void appendText(std::string_view text, bool withPrefix, std::vector<TokenId>& ids) const;
    void appendWords(std::string_view text, std::vector<TokenId>& ids) const;
    void appendProcessed(std::string_view text, std::vector<TokenId>& ids) const;
    void appendBytes(std::string& bytes, std::string& text) const;
    void appendPiece(TokenId id, bool skipSpecial, std::string& text, bool& hasStripped) const;

    Setup m_setup;
    AddedTokenSplitter m_splitter;
    int m_pieces;
    mutable std::once_flag m_fingerprinted;
    mutable std::string m_fingerprint;
    bool m_canCut; ///< Words with the space before them tokenize on their own as they do in the whole text.
};

void SentencePieceTokenizer::appendEncoded(std::string_view text, std::vector<TokenId>& ids) const
{
    bool isFirst = true;
    for (const AddedTokenSplitter::Part& part : m_splitter.split(text)) {
        if (part.token != nullptr) {
            ids.push_back(part.token->id);
        } else {
            appendText(part.text, isFirst || m_setup.settings.isLegacy, ids);
        }
        isFirst = false;
    }
}

void SentencePieceTokenizer::appendText(std::string_view text, bool withPrefix, std::vector<TokenId>& ids) const
{
    std::string prefixed;
    if (withPrefix && m_setup.putsPrefixItself && m_setup.facts.addsPrefixSpace) {
        prefixed.reserve(text.size() + 1);
        prefixed = ' ';
        prefixed += text;
        text = prefixed;
    }
    if (!m_canCut) {
        appendProcessed(text, ids);
        return;
    }
    const std::vector<std::string_view> parts = cutAtWords(text, kPartBytes);
    std::vector<std::vector<TokenId>> idsOfParts(parts.size());
    kernels::parallelFor(static_cast<std::int64_t>(parts.size()), 1, [&](std::int64_t begin, std::int64_t end) {
        for (auto i = static_cast<std::size_t>(begin); i < static_cast<std::size_t>(end); ++i) {
            appendWords(parts[i], idsOfParts[i]);
        }
    });
    for (const std::vector<TokenId>& part : idsOfParts) {
        ids.insert(ids.end(), part.begin(), part.end());
    }
}

/// Word by word: text repeats its words, and a look-up is many times as fast as the library.
void SentencePieceTokenizer::appendWords(std::string_view text, std::vector<TokenId>& ids) const
{
    struct Span
    {
        std::size_t begin;
        std::size_t count;
    };
    std::unordered_map<std::string_view, Span> known; // Where in ids a word's tokens already stand.
    for (std::size_t begin = 0; begin < text.size();) {
        const std::size_t end = nextCut(text, begin + 1);
        const std::string_view word = text.substr(begin, end - begin);
        begin = end;
        const auto [it, isNew] = known.try_emplace(word, Span{ids.size(), 0});
        if (isNew) {
            appendProcessed(word, ids);
            it->second.count = ids.size() - it->second.begin;
            continue;
        }
        const Span span = it->second;
        ids.resize(ids.size() + span.count);
        std::copy_n(ids.begin() + static_cast<std::ptrdiff_t>(span.begin), span.count,
                    ids.end() - static_cast<std::ptrdiff_t>(span.count));
    }
}

void SentencePieceTokenizer::appendProcessed(std::string_view text, std::vector<TokenId>& ids) const
{
    std::vector<int> processed;
    // Fails only for a processor without a model.
    m_setup.processor->Encode({text.data(), text.size()}, &processed).IgnoreError();
    ids.insert(ids.end(), processed.begin(), processed.end());
}

/// Moves a run of byte tokens into text; those that are no character are replaced.
void SentencePieceTokenizer::appendBytes(std::string& bytes, std::string& text) const
{
    std::string_view rest = bytes;
    while (!rest.empty()) {
        const std::size_t length = characterLength(rest);
        text += length == 0 ? kReplacement : rest.substr(0, length);
        rest.remove_prefix(std::max<std::size_t>(length, 1));
    }
    bytes.clear();
}

void SentencePieceTokenizer::appendPiece(TokenId id, bool skipSpecial, std::string& text, bool& hasStripped) const
{
    const sentencepiece::SentencePieceProcessor& processor = *m_setup.processor;
    std::string_view piece = processor.IdToPiece(id);
    if (processor.IsControl(id)) {
        text += skipSpecial ? std::string_view() : piece;
        return;
    }
    if (processor.IsUnknown(id)) {
        text += m_setup.facts.unknownSurface;
        return;
    }
    // The prefix space of encode() is taken back.
    const SentencePieceFacts& facts = m_setup.facts;
    const bool strips = facts.removesExtraSpaces || (facts.addsPrefixSpace && !hasStripped);
    if (strips && text.empty() && piece.starts_with(kSpace)) {
        piece.remove_prefix(kSpace.size());
        hasStripped = true;
    }
    for (std::size_t space = 0; (space = piece.find(kSpace)) != std::string_view::npos;) {
        text += piece.substr(0, space);
        text += ' ';
        piece.remove_prefix(space + kSpace.size());
    }
    text += piece;
}

std::string SentencePieceTokenizer::decode(std::span<const TokenId> ids, bool skipSpecial) const
{
    std::string text;
    std::string bytes; // Of the run of byte tokens that is not yet in text.
    bool hasStripped = false;
    for (const TokenId id : ids) {
        const AddedToken* token = m_splitter.find(id);
        if (token == nullptr && id >= 0 && id < m_pieces && m_setup.processor->IsByte(id)) {
            const std::string& piece = m_setup.processor->IdToPiece(id); // <0xE2>
            unsigned value = 0;
            std::from_chars(piece.data() + std::min<std::size_t>(3, piece.size()), piece.data() + piece.size(), value,
                            16);
            bytes += static_cast<char>(value);
            continue;
        }
        if (token != nullptr && token->isSpecial && skipSpecial) {
            continue; // The tokenizers library drops it first, so a run of bytes goes on behind it.
        }
        appendBytes(bytes, text);
        if (token != nullptr) {
            text += token->content;
        } else if (id >= 0 && id < m_pieces) {
            appendPiece(id, skipSpecial, text, hasStripped);
        }
    }
    appendBytes(bytes, text);
    return text;
}

/// The library finds in a damaged model what the facts don't show, such as a vocabulary without an unknown piece.
Result<void> load(Setup& setup, std::string_view serialized, const fs::path& file)
{
    setup.processor = std::make_unique<sentencepiece::SentencePieceProcessor>();
    const auto status = setup.processor->LoadFromSerializedProto({serialized.data(), serialized.size()});
    if (!status.ok()) {
        return fail(ErrorCode::TokenizerInvalid, file.string(), Text(BITLATHE_TEXT("a SentencePiece model")),
                    Text(BITLATHE_TEXT("one that the SentencePiece library refuses (%1)"), status.error_message()),
                    Text(BITLATHE_TEXT("Copy or download the file again")));
    }
    return {};
}

VocabularyFacts vocabularyFacts(const sentencepiece::SentencePieceProcessor& processor)
{
    const auto own = [&processor](int id) -> std::optional<AddedToken> {
        return id < 0 ? std::nullopt : std::optional(AddedToken{processor.IdToPiece(id), id});
    };
    VocabularyFacts facts;
    facts.find = [&processor](const std::string& piece) -> std::optional<TokenId> {
        const TokenId id = processor.PieceToId(piece);
        return processor.IdToPiece(id) == piece ? std::optional(id) : std::nullopt;
    };
    facts.bos = own(processor.bos_id());
    facts.eos = own(processor.eos_id());
    facts.unknown = own(processor.unk_id());
    return facts;
}

} // namespace

Result<std::shared_ptr<const Tokenizer>> openSentencePieceTokenizer(const fs::path& file)
{
    BITLATHE_TRY(std::string serialized, readFile(file, kMaxModelBytes));
    Setup setup;
    BITLATHE_TRY(setup.facts, readSentencePieceFacts(serialized, file.string()));
    const SentencePieceFacts& facts = setup.facts;
    setup.putsPrefixItself = facts.escapesSpaces && !facts.hasCharacterMap && !facts.removesExtraSpaces &&
                             !facts.spaceEndsPiece && !facts.hasSelfTest;
    if (setup.putsPrefixItself) {
        serialized += withoutPrefixSpace();
    }
    BITLATHE_CHECK(load(setup, serialized, file));
    const fs::path folder = file.parent_path();
    BITLATHE_TRY(setup.settings, readTokenizerSettings(folder, vocabularyFacts(*setup.processor)));
    setup.settings.isLegacy = setup.settings.isLegacy || !setup.putsPrefixItself;
    return std::make_shared<SentencePieceTokenizer>(std::move(setup));
}

} // namespace bitlathe::text
