// SPDX-License-Identifier: Apache-2.0
// Special tokens: what tokenizer_config.json and its companions say beside the vocabulary itself.
#include "core/text/specialtokens.h"

#include "core/base/json.h"

#include <algorithm>
#include <charconv>
#include <limits>
#include <map>

namespace bitlathe::text {

namespace fs = std::filesystem;

namespace {

constexpr std::string_view kRoles[] = {"bos_token", "eos_token", "unk_token", "pad_token",
                                       "sep_token", "cls_token", "mask_token"};
constexpr std::string_view kWhiteSpace = " \t\n\r\f\v";

Result<Json> readOptionalObject(const fs::path& file)
{
    std::error_code ignored;
    if (!fs::exists(file, ignored)) {
        return Json::object();
    }
    BITLATHE_TRY(Json json, readJson(file));
    if (!json.is_object()) {
        return fail(ErrorCode::TokenizerInvalid, file.string(), Text(BITLATHE_TEXT("a JSON object")),
                    Text(BITLATHE_TEXT("another kind of value")),
                    Text(BITLATHE_TEXT("Take the file from the model's original folder")));
    }
    return json;
}

Failure badEntry(const fs::path& file, std::string_view key)
{
    return fail(ErrorCode::TokenizerInvalid, file.string(),
                Text(BITLATHE_TEXT("%1 to name tokens by text and by an id from 0"), key),
                Text(BITLATHE_TEXT("an entry of another form")),
                Text(BITLATHE_TEXT("Take the file from the model's original folder")));
}

/// A token as the configuration writes it: a string, or an object with content and flags. Nothing for another form.
std::optional<AddedToken> parseToken(const Json& value)
{
    AddedToken token;
    if (value.is_string()) {
        token.content = value.get<std::string>();
    } else if (value.is_object() && value.contains("content") && value["content"].is_string()) {
        token.content = value["content"].get<std::string>();
        const auto flag = [&](const char* key, bool otherwise) {
            const auto it = value.find(key);
            return it != value.end() && it->is_boolean() ? it->get<bool>() : otherwise;
        };
        token.stripsLeft = flag("lstrip", false);
        token.stripsRight = flag("rstrip", false);
        token.isSpecial = flag("special", true);
    }
    return token.content.empty() ? std::nullopt : std::optional(std::move(token));
}

std::optional<TokenId> parseId(const Json& value)
{
    if (value.is_number_integer()) {
        const bool fits =
            value.is_number_unsigned()
                ? value.get<std::uint64_t>() <= static_cast<std::uint64_t>(std::numeric_limits<TokenId>::max())
                : value.get<std::int64_t>() >= 0;
        return fits ? std::optional(value.get<TokenId>()) : std::nullopt;
    }
    return std::nullopt;
}

std::optional<TokenId> parseId(std::string_view digits)
{
    TokenId id = 0;
    const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), id);
    const bool isWhole = error == std::errc() && end == digits.data() + digits.size();
    return isWhole && id >= 0 ? std::optional(id) : std::nullopt;
}

/// Collects the settings of one folder.
class SettingsReader
{
public:
    SettingsReader(fs::path folder, const VocabularyFacts& vocabulary)
        : m_folder(std::move(folder)), m_vocabulary(vocabulary)
    {}

    Result<TokenizerSettings> read()
    {
        std::error_code ignored;
        TokenizerSettings settings;
        settings.isConfigured = fs::exists(m_folder / "tokenizer_config.json", ignored);
        BITLATHE_TRY(m_config, readOptionalObject(m_folder / "tokenizer_config.json"));
        BITLATHE_TRY(m_map, readOptionalObject(m_folder / "special_tokens_map.json"));
        settings.bos = idOf(m_vocabulary.bos);
        settings.eos = idOf(m_vocabulary.eos);
        if (settings.isConfigured) {
            BITLATHE_CHECK(readAddedTokensFile());
            BITLATHE_CHECK(readAddedTokensDecoder());
            readRoles();
            BITLATHE_TRY(settings.bos, roleId("bos_token", settings.bos));
            BITLATHE_TRY(settings.eos, roleId("eos_token", settings.eos));
        }
        const JsonObject config(m_config, (m_folder / "tokenizer_config.json").string());
        const bool addsBos = settings.bos.has_value();
        BITLATHE_TRY(settings.addsBos, config.boolean("add_bos_token", addsBos));
        BITLATHE_TRY(settings.addsEos, config.boolean("add_eos_token", !addsBos && settings.eos.has_value()));
        BITLATHE_TRY(settings.isLegacy, config.boolean("legacy", true));
        for (auto& [id, token] : m_added) {
            settings.added.push_back(std::move(token));
        }
        return settings;
    }

private:
    static std::optional<TokenId> idOf(const std::optional<AddedToken>& token)
    {
        return token ? std::optional(token->id) : std::nullopt;
    }

    void add(AddedToken token)
    {
        m_idByContent[token.content] = token.id;
        m_added[token.id] = std::move(token);
    }

    Result<void> readAddedTokensFile()
    {
        const fs::path file = m_folder / "added_tokens.json";
        BITLATHE_TRY(const Json tokens, readOptionalObject(file));
        for (const auto& [content, value] : tokens.items()) {
            const std::optional<TokenId> id = parseId(value);
            if (!id || content.empty()) {
                return badEntry(file, "added_tokens.json");
            }
            add({content, *id, false, false, false});
        }
        return {};
    }

    Result<void> readAddedTokensDecoder()
    {
        const auto tokens = m_config.find("added_tokens_decoder");
        if (tokens == m_config.end() || tokens->is_null()) {
            return {};
        }
        const fs::path file = m_folder / "tokenizer_config.json";
        if (!tokens->is_object()) {
            return badEntry(file, "added_tokens_decoder");
        }
        for (const auto& [key, value] : tokens->items()) {
            const std::optional<TokenId> id = parseId(std::string_view(key));
            std::optional<AddedToken> token = parseToken(value);
            if (!id || !token) {
                return badEntry(file, "added_tokens_decoder");
            }
            token->id = *id;
            add(std::move(*token));
        }
        return {};
    }

    /// The value of a role such as bos_token: of the configuration, else of the special tokens map, else null.
    const Json* role(std::string_view key) const
    {
        for (const Json* object : {&m_config, &m_map}) {
            if (const auto it = object->find(std::string(key)); it != object->end()) {
                return &*it;
            }
        }
        return nullptr;
    }

    void readRoles()
    {
        // What the configuration leaves out, the vocabulary itself defines.
        const std::pair<std::string_view, const std::optional<AddedToken>&> own[] = {
            {"bos_token", m_vocabulary.bos}, {"eos_token", m_vocabulary.eos}, {"unk_token", m_vocabulary.unknown}};
        for (const auto& [key, token] : own) {
            if (token && role(key) == nullptr && !m_added.contains(token->id)) {
                add(*token);
            }
        }
        for (const std::string_view key : kRoles) {
            if (const Json* value = role(key)) {
                addRole(*value);
            }
        }
        if (const Json* more = role("additional_special_tokens"); more != nullptr && more->is_array()) {
            for (const Json& value : *more) {
                addRole(value);
            }
        }
    }

    /// A token of a role is special. One that no vocabulary knows stays ordinary text, as in the original library.
    void addRole(const Json& value)
    {
        std::optional<AddedToken> token = parseToken(value);
        if (!token) {
            return;
        }
        if (const auto known = m_idByContent.find(token->content); known != m_idByContent.end()) {
            m_added[known->second].isSpecial = true;
        } else if (const std::optional<TokenId> id = m_vocabulary.find(token->content)) {
            token->id = *id;
            token->isSpecial = true;
            add(std::move(*token));
        }
    }

    /// The id of a role; null in the configuration means that the model has none.
    Result<std::optional<TokenId>> roleId(std::string_view key, std::optional<TokenId> otherwise) const
    {
        const Json* value = role(key);
        if (value == nullptr) {
            return otherwise;
        }
        if (value->is_null()) {
            return std::optional<TokenId>();
        }
        const std::optional<AddedToken> token = parseToken(*value);
        if (token) {
            if (const auto known = m_idByContent.find(token->content); known != m_idByContent.end()) {
                return std::optional(known->second);
            }
        }
        return fail(ErrorCode::TokenizerInvalid, (m_folder / "tokenizer_config.json").string(),
                    Text(BITLATHE_TEXT("%1 to be a token of the vocabulary"), key),
                    Text(BITLATHE_TEXT("%1"), value->dump(-1, ' ', false, Json::error_handler_t::replace)),
                    Text(BITLATHE_TEXT("Use the tokenizer files of one and the same model")));
    }

    fs::path m_folder;
    const VocabularyFacts& m_vocabulary;
    Json m_config;
    Json m_map;
    std::map<TokenId, AddedToken> m_added;
    std::unordered_map<std::string, TokenId> m_idByContent;
};

} // namespace

Result<TokenizerSettings> readTokenizerSettings(const fs::path& folder, const VocabularyFacts& vocabulary)
{
    return SettingsReader(folder, vocabulary).read();
}

AddedTokenSplitter::AddedTokenSplitter(std::vector<AddedToken> tokens) : m_tokens(std::move(tokens))
{
    for (const AddedToken& token : m_tokens) {
        m_byFirstByte[static_cast<unsigned char>(token.content.front())].push_back(&token);
        m_byId.emplace(token.id, &token);
    }
    for (std::vector<const AddedToken*>& sameByte : m_byFirstByte) {
        std::stable_sort(sameByte.begin(), sameByte.end(), [](const AddedToken* a, const AddedToken* b) {
            return a->content.size() > b->content.size();
        });
    }
}

const AddedToken* AddedTokenSplitter::matchAt(std::string_view rest) const
{
    for (const AddedToken* token : m_byFirstByte[static_cast<unsigned char>(rest.front())]) {
        if (rest.starts_with(token->content)) {
            return token;
        }
    }
    return nullptr;
}

std::vector<AddedTokenSplitter::Part> AddedTokenSplitter::split(std::string_view text) const
{
    std::vector<Part> parts;
    std::size_t done = 0; // Everything before is in parts.
    for (std::size_t at = 0; at < text.size();) {
        const AddedToken* token = matchAt(text.substr(at));
        if (token == nullptr) {
            ++at;
            continue;
        }
        std::string_view before = text.substr(done, at - done);
        if (token->stripsLeft) {
            before = before.substr(0, before.find_last_not_of(kWhiteSpace) + 1);
        }
        if (!before.empty()) {
            parts.push_back({before, nullptr});
        }
        const std::size_t begin = done + before.size();
        at += token->content.size();
        if (token->stripsRight) {
            at = std::min(text.find_first_not_of(kWhiteSpace, at), text.size());
        }
        parts.push_back({text.substr(begin, at - begin), token});
        done = at;
    }
    if (done < text.size()) {
        parts.push_back({text.substr(done), nullptr});
    }
    return parts;
}

const AddedToken* AddedTokenSplitter::find(TokenId id) const
{
    const auto it = m_byId.find(id);
    return it == m_byId.end() ? nullptr : it->second;
}

} // namespace bitlathe::text
