// SPDX-License-Identifier: Apache-2.0
// BpeModel: byte-pair encoding, which joins the symbols of a word by a ranked list of merges.
#include "core/text/tokenizerjson/bpemodel.h"

#include "core/text/tokenizerjson/characters.h"
#include "core/text/tokenizerjson/merging.h"
#include "core/text/tokenizerjson/spacemarks.h"

#include <algorithm>

namespace bitlathe::text
{

namespace
{

Failure badMerge(std::size_t number, std::string_view missing, const std::string& subject)
{
    return fail(ErrorCode::TokenizerInvalid, subject,
                Text(BITLATHE_TEXT("merge %1 to be of pieces of the vocabulary"), number + 1),
                Text(BITLATHE_TEXT("%1, which is none"), missing),
                Text(BITLATHE_TEXT("Use the tokenizer files of one and the same model")));
}

/// True where a space mark stands behind something else.
bool joinsSpaces(std::string_view piece)
{
    while (piece.starts_with(kSpaceMark)) {
        piece.remove_prefix(kSpaceMark.size());
    }
    return piece.find(kSpaceMark) != std::string_view::npos;
}

} // namespace

/// Turns units of a word, bytes or characters, into symbols.
class BpeModel::SymbolMaker
{
public:
    SymbolMaker(const BpeModel& model, std::vector<TokenId>& symbols) : m_model(model), m_symbols(symbols) {}

    void add(TokenId id)
    {
        flush();
        m_symbols.push_back(id);
    }

    /// A unit without a piece.
    void addUnknown(std::string_view unit)
    {
        const auto fallback = [this](char byte) { return m_model.m_fallbackIds[static_cast<unsigned char>(byte)]; };
        if (m_model.m_settings.fallsBackToBytes &&
            std::all_of(unit.begin(), unit.end(), [&](char byte) { return fallback(byte) >= 0; })) {
            for (const char byte : unit) {
                m_symbols.push_back(fallback(byte));
            }
            return;
        }
        if (m_model.m_unknown >= 0) {
            if (m_hasUnknown && !m_model.m_settings.fusesUnknown) {
                m_symbols.push_back(m_model.m_unknown);
            }
            m_hasUnknown = true;
        }
    }

    void flush()
    {
        if (m_hasUnknown) {
            m_symbols.push_back(m_model.m_unknown);
            m_hasUnknown = false;
        }
    }

private:
    const BpeModel& m_model;
    std::vector<TokenId>& m_symbols;
    bool m_hasUnknown = false; ///< One that is not yet among the symbols.
};

BpeModel::BpeModel(TokenTable pieces, BpeSettings settings)
    : m_pieces(std::move(pieces)), m_settings(std::move(settings))
{
    for (unsigned byte = 0; byte < 256; ++byte) {
        std::string letter;
        appendCharacter(letter, m_settings.takesBytes ? letterOfByte(static_cast<unsigned char>(byte)) : byte);
        const bool hasPiece = m_settings.takesBytes || byte < 128;
        m_byteIds[byte] = hasPiece ? m_pieces.find(letter).value_or(-1) : -1;
        m_fallbackIds[byte] = m_pieces.find(fmt::format("<0x{:02X}>", byte)).value_or(-1);
    }
}

Result<std::shared_ptr<const BpeModel>> BpeModel::make(TokenTable pieces, const std::vector<Merge>& merges,
                                                       BpeSettings settings, const std::string& subject)
{
    const std::shared_ptr<BpeModel> model(new BpeModel(std::move(pieces), std::move(settings)));
    BITLATHE_CHECK(model->addMerges(merges, subject));
    BITLATHE_CHECK(model->finish(subject));
    return model;
}

Result<std::shared_ptr<const BpeModel>> BpeModel::makeRanked(TokenTable pieces, const std::string& subject)
{
    BpeSettings settings;
    settings.takesBytes = true;
    settings.ignoresMerges = true;
    const std::shared_ptr<BpeModel> model(new BpeModel(std::move(pieces), std::move(settings)));
    model->addRankedMerges();
    BITLATHE_CHECK(model->finish(subject));
    return model;
}

Result<void> BpeModel::addMerges(const std::vector<Merge>& merges, const std::string& subject)
{
    m_merges.reserve(merges.size());
    m_isMade.resize(static_cast<std::size_t>(m_pieces.size()));
    std::string made;
    TokenId last = 0;
    for (std::size_t i = 0; i < merges.size(); ++i) {
        const auto& [left, right] = merges[i];
        const std::optional<TokenId> leftId = m_pieces.find(left);
        const std::optional<TokenId> rightId = m_pieces.find(right);
        if (!leftId || !rightId) {
            return badMerge(i, leftId ? right : left, subject);
        }
        std::string_view behind = right;
        if (behind.starts_with(m_settings.continuingPrefix)) {
            behind.remove_prefix(m_settings.continuingPrefix.size());
        }
        (made = left) += behind;
        // Most lists are in order of what is made, and to compare is faster than to look up.
        const bool isLast = m_pieces.piece(last) == made;
        const bool isNext = !isLast && m_pieces.piece(last + 1) == made;
        const std::optional<TokenId> id = isLast   ? std::optional(last)
                                          : isNext ? std::optional(last + 1)
                                                   : m_pieces.find(made);
        if (!id) {
            return badMerge(i, made, subject);
        }
        last = *id;
        m_merges.set(static_cast<std::uint32_t>(*leftId), static_cast<std::uint32_t>(*rightId),
                     {static_cast<std::uint32_t>(i), *id});
        m_isMade[static_cast<std::size_t>(*id)] = true;
    }
    return {};
}

void BpeModel::addRankedMerges()
{
    m_isMade.resize(static_cast<std::size_t>(m_pieces.size()));
    for (TokenId id = 0; id < m_pieces.size(); ++id) {
        const std::string_view whole = m_pieces.piece(id);
        for (std::size_t cut = 0; cut < whole.size();) {
            cut += characterAt(whole, cut).length;
            const auto left = cut < whole.size() ? m_pieces.find(whole.substr(0, cut)) : std::nullopt;
            const auto right = left ? m_pieces.find(whole.substr(cut)) : std::nullopt;
            if (right) {
                m_merges.set(static_cast<std::uint32_t>(*left), static_cast<std::uint32_t>(*right),
                             {static_cast<std::uint32_t>(id), id});
                m_isMade[static_cast<std::size_t>(id)] = true;
            }
        }
    }
}

Result<void> BpeModel::finish(const std::string& subject)
{
    if (!m_settings.unknown.empty()) {
        const std::optional<TokenId> id = m_pieces.find(m_settings.unknown);
        if (!id) {
            return fail(ErrorCode::TokenizerInvalid, subject,
                        Text(BITLATHE_TEXT("unk_token to be a token of the vocabulary")),
                        Text(BITLATHE_TEXT("%1"), m_settings.unknown),
                        Text(BITLATHE_TEXT("Use the tokenizer files of one and the same model")));
        }
        m_unknown = *id;
    }
    m_cutsAtSpaces = canCutAtSpaces();
    return {};
}

/// A text is merged word by word where that gives the same tokens: the mark itself must be a piece, or a run of unknown
/// characters could cross it.
bool BpeModel::canCutAtSpaces() const
{
    if (m_settings.takesBytes || m_settings.ignoresMerges || !m_settings.continuingPrefix.empty() ||
        !m_settings.endSuffix.empty() || !m_pieces.find(kSpaceMark)) {
        return false;
    }
    for (TokenId id = 0; id < m_pieces.size(); ++id) {
        if (m_isMade[static_cast<std::size_t>(id)] && joinsSpaces(m_pieces.piece(id))) {
            return false;
        }
    }
    return true;
}

void BpeModel::append(std::string_view word, ModelScratch& scratch, std::vector<TokenId>& ids) const
{
    if (!m_cutsAtSpaces) {
        appendWord(word, scratch, ids);
        return;
    }
    while (!word.empty()) {
        std::size_t end = 0;
        while (word.substr(end).starts_with(kSpaceMark)) {
            end += kSpaceMark.size();
        }
        end = std::min(word.find(kSpaceMark, end), word.size());
        appendWord(word.substr(0, end), scratch, ids);
        word.remove_prefix(end);
    }
}

void BpeModel::appendWord(std::string_view word, ModelScratch& scratch, std::vector<TokenId>& ids) const
{
    const WordCache::Place place = scratch.cache.find(word);
    if (place.isKnown()) {
        const std::span<const TokenId> known = place.ids();
        ids.insert(ids.end(), known.begin(), known.end());
        return;
    }
    const std::size_t before = ids.size();
    const auto whole = !m_settings.ignoresMerges ? std::nullopt
                       : m_settings.takesBytes   ? m_pieces.find(lettersOfBytes(word))
                                                 : m_pieces.find(word);
    if (whole) {
        ids.push_back(*whole);
    } else {
        scratch.symbols.clear();
        makeSymbols(word, scratch.symbols);
        appendMerged(m_merges, scratch, ids);
    }
    scratch.cache.add(place, word, std::span(ids).subspan(before));
}

void BpeModel::makeSymbols(std::string_view word, std::vector<TokenId>& symbols) const
{
    SymbolMaker maker(*this, symbols);
    const bool isPlain = m_settings.continuingPrefix.empty() && m_settings.endSuffix.empty();
    std::string decorated;
    for (std::size_t at = 0; at < word.size();) {
        const auto byte = static_cast<unsigned char>(word[at]);
        if (isPlain && m_byteIds[byte] >= 0) {
            maker.add(m_byteIds[byte]);
            ++at;
            continue;
        }
        const std::size_t length = m_settings.takesBytes ? 1 : characterAt(word, at).length;
        std::string_view unit = word.substr(at, length);
        if (m_settings.takesBytes || !isPlain) {
            decorated = at > 0 ? m_settings.continuingPrefix : std::string();
            decorated += m_settings.takesBytes ? lettersOfBytes(unit) : std::string(unit);
            decorated += at + length == word.size() ? m_settings.endSuffix : std::string();
            unit = decorated;
        }
        at += length;
        if (const std::optional<TokenId> id = m_pieces.find(unit)) {
            maker.add(*id);
        } else {
            maker.addUnknown(unit);
        }
    }
    maker.flush();
}

} // namespace bitlathe::text
