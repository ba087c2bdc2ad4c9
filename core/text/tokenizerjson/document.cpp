// SPDX-License-Identifier: Apache-2.0
// TokenizerDocument: a tokenizer.json that was parsed, its long lists apart from its settings.
#include "core/text/tokenizerjson/document.h"

#include "core/text/tokenizerjson/limits.h"

#include <simdjson.h>

#include <algorithm>

namespace bitlathe::text
{

namespace
{

namespace dom = simdjson::dom;

constexpr std::size_t kMaxDepth = 64;

/// Reads the parsed document; settings go through the JSON reader that everything else uses.
class DocumentReader
{
public:
    DocumentReader(TokenizerDocument& document, const std::string& subject) : m_document(document), m_subject(subject)
    {}

    Result<void> read(const dom::element& root)
    {
        dom::object object;
        if (root.get(object) != simdjson::SUCCESS) {
            return invalid(Text(BITLATHE_TEXT("a JSON object")));
        }
        m_document.settings = Json::object();
        for (const auto& field : object) {
            if (field.key == "model" && field.value.is_object()) {
                BITLATHE_CHECK(readModel(field.value));
            } else {
                BITLATHE_TRY(m_document.settings[std::string(field.key)], toJson(field.value));
            }
        }
        return {};
    }

    Result<void> readPieces(const dom::element& value)
    {
        dom::object object;
        if (value.get(object) != simdjson::SUCCESS) {
            return invalid(Text(BITLATHE_TEXT("model.vocab to be an object or an array")));
        }
        BITLATHE_CHECK(checkCount(object.size()));
        m_document.pieces.reserve(object.size());
        for (const auto& field : object) {
            std::int64_t id = 0;
            if (field.value.get(id) != simdjson::SUCCESS) {
                return invalid(Text(BITLATHE_TEXT("an id for %1 in model.vocab"), field.key));
            }
            BITLATHE_CHECK(add(field.key, id, 0));
        }
        return {};
    }

private:
    Failure invalid(Text expected) const
    {
        return fail(ErrorCode::TokenizerInvalid, m_subject, std::move(expected), Text(BITLATHE_TEXT("something else")),
                    Text(BITLATHE_TEXT("Take the file from the model's original folder")));
    }

    Result<Json> toJson(const dom::element& value) const { return parseJson(simdjson::minify(value), m_subject); }

    Result<void> readModel(const dom::element& value)
    {
        Json model = Json::object();
        for (const auto& field : dom::object(value)) {
            if (field.key == "vocab") {
                BITLATHE_CHECK(field.value.is_array() ? readScoredPieces(field.value) : readPieces(field.value));
            } else if (field.key == "merges") {
                BITLATHE_CHECK(readMerges(field.value));
            } else {
                BITLATHE_TRY(model[std::string(field.key)], toJson(field.value));
            }
        }
        m_document.settings["model"] = std::move(model);
        return {};
    }

    Result<void> add(std::string_view text, std::int64_t id, double score)
    {
        if (id < 0 || id >= kMaxTokens) {
            return fail(ErrorCode::TokenizerInvalid, m_subject,
                        Text(BITLATHE_TEXT("ids from 0 to %1 in model.vocab"), kMaxTokens - 1),
                        Text(BITLATHE_TEXT("the id %1 of %2"), id, text),
                        Text(BITLATHE_TEXT("Take the file from the model's original folder")));
        }
        m_document.pieces.push_back({text, static_cast<TokenId>(id), score});
        m_document.bytesPieces += text.size();
        return {};
    }

    Result<void> readScoredPieces(const dom::element& value)
    {
        std::int64_t id = 0;
        for (const dom::element& item : dom::array(value)) {
            dom::array pair;
            std::string_view text;
            double score = 0;
            if (item.get(pair) != simdjson::SUCCESS || pair.size() != 2 || pair.at(0).get(text) != simdjson::SUCCESS ||
                pair.at(1).get(score) != simdjson::SUCCESS) {
                return invalid(Text(BITLATHE_TEXT("a piece and its score in model.vocab[%1]"), id));
            }
            BITLATHE_CHECK(checkCount(static_cast<std::size_t>(id)));
            BITLATHE_CHECK(add(text, id, score));
            ++id;
        }
        return {};
    }

    Result<void> checkCount(std::size_t count) const
    {
        if (count > static_cast<std::size_t>(kMaxTokens)) {
            return fail(ErrorCode::TokenizerInvalid, m_subject,
                        Text(BITLATHE_TEXT("at most %1 pieces in model.vocab"), kMaxTokens),
                        Text(BITLATHE_TEXT("more of them")));
        }
        return {};
    }

    /// Merges come as "a b" or as ["a", "b"].
    Result<void> readMerges(const dom::element& value)
    {
        dom::array array;
        if (value.get(array) != simdjson::SUCCESS) {
            return invalid(Text(BITLATHE_TEXT("model.merges to be an array")));
        }
        for (const dom::element& item : array) {
            std::string_view left;
            std::string_view right;
            dom::array pair;
            bool isGood = false;
            if (item.get(left) == simdjson::SUCCESS) {
                if (left.starts_with("#version")) {
                    continue;
                }
                const std::size_t space = left.find(' ');
                isGood = space != left.npos && left.find(' ', space + 1) == left.npos;
                right = isGood ? left.substr(space + 1) : right;
                left = left.substr(0, space);
            } else if (item.get(pair) == simdjson::SUCCESS) {
                isGood = pair.size() == 2 && pair.at(0).get(left) == simdjson::SUCCESS &&
                         pair.at(1).get(right) == simdjson::SUCCESS;
            }
            if (!isGood || static_cast<std::int64_t>(m_document.merges.size()) >= kMaxMerges) {
                return invalid(Text(BITLATHE_TEXT("two pieces in model.merges[%1], the last one below %2"),
                                    m_document.merges.size(), kMaxMerges));
            }
            m_document.merges.emplace_back(left, right);
        }
        return {};
    }

    TokenizerDocument& m_document;
    const std::string& m_subject;
};

/// The reader of settings tells at which byte a text is no JSON; the fast one does not.
Failure badJson(std::string_view text, simdjson::error_code error, const std::string& subject)
{
    const Result<Json> parsed = parseJson(text, subject);
    if (!parsed) {
        return Failure(parsed.error());
    }
    return fail(ErrorCode::FileInvalid, subject, Text(BITLATHE_TEXT("valid JSON")),
                Text(BITLATHE_TEXT("an error (%1)"), simdjson::error_message(error)),
                Text(BITLATHE_TEXT("Copy or download the file again")));
}

Result<TokenizerDocument> parseWith(std::string text, const std::string& subject,
                                    Result<void> (DocumentReader::*read)(const dom::element&))
{
    TokenizerDocument document;
    const auto parser = std::make_shared<dom::parser>();
    const std::size_t length = text.size();
    text.append(simdjson::SIMDJSON_PADDING, '\0');
    dom::element root;
    auto error = parser->allocate(std::max<std::size_t>(length, 64), kMaxDepth);
    if (error == simdjson::SUCCESS) {
        error = parser->parse(text.data(), length, false).get(root);
    }
    if (error != simdjson::SUCCESS) {
        return badJson(std::string_view(text).substr(0, length), error, subject);
    }
    DocumentReader reader(document, subject);
    BITLATHE_CHECK((reader.*read)(root));
    document.owner = parser;
    return document;
}

} // namespace

Result<TokenizerDocument> parseTokenizerDocument(std::string text, const std::string& subject)
{
    return parseWith(std::move(text), subject, &DocumentReader::read);
}

Result<TokenizerDocument> parseVocabularyDocument(std::string text, const std::string& subject)
{
    return parseWith(std::move(text), subject, &DocumentReader::readPieces);
}

} // namespace bitlathe::text
