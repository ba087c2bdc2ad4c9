// SPDX-License-Identifier: Apache-2.0
// PostProcessor: the special tokens that tokenizer.json puts around a text.
#include "core/text/tokenizerjson/postprocessor.h"

#include "core/text/tokenizerjson/limits.h"
#include "core/text/tokenizerjson/parts.h"

namespace bitlathe::text
{

namespace
{

constexpr std::size_t kMaxTokensAround = 1000;

class PostProcessorReader
{
public:
    explicit PostProcessorReader(const std::string& subject) : m_subject(subject) {}

    // Recursion is as deep as the document at most, and that is limited.
    Result<void> add(const Json& json)
    {
        BITLATHE_TRY(const std::string type, typeOf(json, m_subject));
        if (type == "Sequence") {
            BITLATHE_TRY(const Json* list, listOf(json, "processors", m_subject));
            for (const Json& one : *list) {
                BITLATHE_CHECK(add(one));
            }
            return {};
        }
        if (type == "ByteLevel") {
            return {}; // Moves offsets, not ids.
        }
        if (type == "TemplateProcessing") {
            return addTemplate(json);
        }
        if (type == "RobertaProcessing" || type == "BertProcessing") {
            BITLATHE_TRY(const TokenId first, pairId(json, "cls"));
            BITLATHE_TRY(const TokenId last, pairId(json, "sep"));
            return wrap({first}, {last});
        }
        return unknownType("post-processor", type, m_subject);
    }

    PostProcessor take() { return std::move(m_result); }

private:
    /// Puts tokens around those that are there.
    Result<void> wrap(std::vector<TokenId> before, const std::vector<TokenId>& after)
    {
        before.insert(before.end(), m_result.before.begin(), m_result.before.end());
        m_result.before = std::move(before);
        m_result.after.insert(m_result.after.end(), after.begin(), after.end());
        if (m_result.before.size() + m_result.after.size() > kMaxTokensAround) {
            return badKey("post_processor", "at most 1000 tokens", m_subject);
        }
        return {};
    }

    static std::optional<TokenId> idOf(const Json& value)
    {
        const bool isId = value.is_number_unsigned() && value.get<std::uint64_t>() < std::uint64_t{kMaxTokens};
        return isId ? std::optional(value.get<TokenId>()) : std::nullopt;
    }

    /// The id of ["</s>", 2].
    Result<TokenId> pairId(const Json& json, const char* key) const
    {
        const auto pair = json.find(key);
        const bool isPair = pair != json.end() && pair->is_array() && pair->size() == 2;
        const std::optional<TokenId> id = isPair ? idOf((*pair)[1]) : std::nullopt;
        if (!id) {
            return badKey(key, "a token and its id", m_subject);
        }
        return *id;
    }

    Result<void> addTemplate(const Json& json)
    {
        BITLATHE_TRY(const Json* parts, listOf(json, "single", m_subject));
        std::vector<TokenId> before;
        std::vector<TokenId> after;
        int sequences = 0;
        for (const Json& part : *parts) {
            if (part.is_object() && part.contains("Sequence")) {
                ++sequences;
            } else {
                BITLATHE_CHECK(addSpecial(json, part, sequences == 0 ? before : after));
            }
        }
        if (sequences != 1) {
            return badKey("single", "a template with the text once", m_subject);
        }
        return wrap(std::move(before), after);
    }

    /// Appends the ids of {"SpecialToken": {"id": name}}, which "special_tokens" tells.
    Result<void> addSpecial(const Json& json, const Json& part, std::vector<TokenId>& ids) const
    {
        const Json* special = part.is_object() && part.contains("SpecialToken") ? &part["SpecialToken"] : nullptr;
        if (special == nullptr || !special->is_object()) {
            return badKey("single", "a list of special tokens around the text", m_subject);
        }
        BITLATHE_TRY(const std::string name, JsonObject(*special, m_subject).string("id"));
        const Json tokens = json.contains("special_tokens") ? json["special_tokens"] : Json();
        const bool isThere = tokens.is_object() && tokens.contains(name) && tokens[name].is_object() &&
                             tokens[name].contains("ids") && tokens[name]["ids"].is_array();
        if (!isThere) {
            return badKey(name, "one of special_tokens, with its ids", m_subject);
        }
        for (const Json& value : tokens[name]["ids"]) {
            const std::optional<TokenId> id = idOf(value);
            if (!id || ids.size() > kMaxTokensAround) {
                return badKey(name, "one of special_tokens, with its ids", m_subject);
            }
            ids.push_back(*id);
        }
        return {};
    }

    const std::string& m_subject;
    PostProcessor m_result;
};

} // namespace

Result<PostProcessor> PostProcessor::parse(const Json& json, const std::string& subject)
{
    PostProcessorReader reader(subject);
    if (!json.is_null()) {
        BITLATHE_CHECK(reader.add(json));
    }
    return reader.take();
}

} // namespace bitlathe::text
