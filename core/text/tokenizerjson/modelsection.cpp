// SPDX-License-Identifier: Apache-2.0
// The section "model" of tokenizer.json.
#include "core/text/tokenizerjson/modelsection.h"

#include "core/text/tokenizerjson/bpemodel.h"
#include "core/text/tokenizerjson/limits.h"
#include "core/text/tokenizerjson/parts.h"
#include "core/text/tokenizerjson/unigrammodel.h"
#include "core/text/tokenizerjson/wordmodels.h"

namespace bitlathe::text
{

namespace
{

const Json& modelOf(const TokenizerDocument& document)
{
    static const Json empty = Json::object();
    const auto model = document.settings.find("model");
    return model == document.settings.end() ? empty : *model;
}

TokenTable tableOf(const TokenizerDocument& document)
{
    TokenTable table;
    table.reserve(document.pieces.size(), document.bytesPieces);
    for (const TokenizerDocument::Piece& piece : document.pieces) {
        table.add(piece.text, piece.id);
    }
    return table;
}

Result<std::shared_ptr<const TokenModel>> readBpe(const TokenizerDocument& document, bool takesBytes,
                                                  const std::string& subject)
{
    const JsonObject model(modelOf(document), subject);
    BpeSettings settings;
    settings.takesBytes = takesBytes;
    BITLATHE_TRY(settings.fallsBackToBytes, model.boolean("byte_fallback", false));
    BITLATHE_TRY(settings.ignoresMerges, model.boolean("ignore_merges", false));
    BITLATHE_TRY(settings.fusesUnknown, model.boolean("fuse_unk", false));
    BITLATHE_TRY(settings.unknown, model.string("unk_token", ""));
    BITLATHE_TRY(settings.continuingPrefix, model.string("continuing_subword_prefix", ""));
    BITLATHE_TRY(settings.endSuffix, model.string("end_of_word_suffix", ""));
    BITLATHE_TRY(const double dropout, model.number("dropout", 0));
    if (dropout != 0) {
        return fail(ErrorCode::NotSupported, subject, Text(BITLATHE_TEXT("dropout to be null or 0")),
                    Text(BITLATHE_TEXT("%1, with which no text has the same tokens twice"), dropout),
                    Text(BITLATHE_TEXT("Set dropout to null")));
    }
    return BpeModel::make(tableOf(document), document.merges, std::move(settings), subject);
}

Result<std::shared_ptr<const TokenModel>> readUnigram(const TokenizerDocument& document, const std::string& subject)
{
    const JsonObject model(modelOf(document), subject);
    std::vector<double> scores;
    scores.reserve(document.pieces.size());
    for (const TokenizerDocument::Piece& piece : document.pieces) {
        if (static_cast<std::size_t>(piece.id) != scores.size()) {
            return badKey("vocab", "a list of pieces and scores", subject);
        }
        scores.push_back(piece.score);
    }
    std::optional<TokenId> unknown;
    if (model.has("unk_id")) {
        BITLATHE_TRY(const std::int64_t id, model.integerIn("unk_id", 0, kMaxTokens - 1));
        unknown = static_cast<TokenId>(id);
    }
    BITLATHE_TRY(const bool fallsBack, model.boolean("byte_fallback", false));
    return UnigramModel::make(tableOf(document), std::move(scores), unknown, fallsBack, subject);
}

Result<std::shared_ptr<const TokenModel>> readWords(const TokenizerDocument& document, bool isWholeWords,
                                                    const std::string& subject)
{
    constexpr std::int64_t kMostCharacters = 10'000;
    const JsonObject model(modelOf(document), subject);
    TokenTable table = tableOf(document);
    WordPieceSettings settings;
    settings.isWholeWords = isWholeWords;
    BITLATHE_TRY(const std::string unknown, model.string("unk_token", isWholeWords ? "<unk>" : "[UNK]"));
    BITLATHE_TRY(settings.continuingPrefix, model.string("continuing_subword_prefix", "##"));
    if (model.has("max_input_chars_per_word")) {
        BITLATHE_TRY(const std::int64_t most, model.integerIn("max_input_chars_per_word", 0, kMostCharacters));
        settings.maxCharacters = static_cast<std::size_t>(most);
    }
    settings.unknown = table.find(unknown).value_or(-1);
    return std::make_shared<const WordPieceModel>(std::move(table), std::move(settings));
}

} // namespace

Result<std::string> modelType(const TokenizerDocument& document, const std::string& subject)
{
    const JsonObject model(modelOf(document), subject);
    // Old files go without a type.
    const std::string_view otherwise = !document.merges.empty()                 ? "BPE"
                                       : model.has("unk_id")                    ? "Unigram"
                                       : model.has("continuing_subword_prefix") ? "WordPiece"
                                                                                : "";
    BITLATHE_TRY(std::string type, model.string("type", otherwise));
    if (type.empty()) {
        return badKey("model", "an object with a type and a vocabulary", subject);
    }
    return type;
}

bool canTakeBytes(const TokenizerDocument& document, std::string_view type)
{
    const Json& model = modelOf(document);
    const auto isMarked = [&model](const char* key) {
        const auto it = model.find(key);
        return it != model.end() && it->is_string() && !it->get_ref<const std::string&>().empty();
    };
    return type == "BPE" && !isMarked("continuing_subword_prefix") && !isMarked("end_of_word_suffix");
}

Result<std::shared_ptr<const TokenModel>> readModel(const TokenizerDocument& document, std::string_view type,
                                                    bool takesBytes, bool isRanked, const std::string& subject)
{
    if (document.pieces.empty()) {
        return badKey("model.vocab", "a vocabulary", subject);
    }
    if (isRanked) {
        return BpeModel::makeRanked(tableOf(document), subject);
    }
    if (type == "BPE") {
        return readBpe(document, takesBytes, subject);
    }
    if (type == "Unigram") {
        return readUnigram(document, subject);
    }
    if (type == "WordPiece" || type == "WordLevel") {
        return readWords(document, type == "WordLevel", subject);
    }
    return unknownType("model", type, subject);
}

} // namespace bitlathe::text
