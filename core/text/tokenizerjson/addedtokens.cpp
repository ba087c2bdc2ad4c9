// SPDX-License-Identifier: Apache-2.0
// AddedTokens: the tokens of tokenizer.json that are found in a text as they stand.
#include "core/text/tokenizerjson/addedtokens.h"

#include "core/text/tokenizerjson/characters.h"
#include "core/text/tokenizerjson/limits.h"
#include "core/text/tokenizerjson/parts.h"

#include <algorithm>

namespace bitlathe::text
{

namespace
{

/// The byte at which the character before a byte begins; at > 0.
std::size_t before(std::string_view text, std::size_t at)
{
    do {
        --at;
    } while (at > 0 && (static_cast<unsigned char>(text[at]) & 0xC0U) == 0x80);
    return at;
}

std::size_t skipSpacesLeft(std::string_view text, std::size_t at, std::size_t limit)
{
    while (at > limit) {
        const std::size_t last = before(text, at);
        if (!isWhiteSpace(characterAt(text, last).code)) {
            break;
        }
        at = last;
    }
    return std::max(at, limit);
}

std::size_t skipSpacesRight(std::string_view text, std::size_t at)
{
    while (at < text.size() && isWhiteSpace(characterAt(text, at).code)) {
        at += characterAt(text, at).length;
    }
    return at;
}

bool standsAlone(std::string_view text, std::size_t begin, std::size_t end)
{
    const bool isFreeLeft = begin == 0 || !isWordCharacter(characterAt(text, before(text, begin)).code);
    return isFreeLeft && (end == text.size() || !isWordCharacter(characterAt(text, end).code));
}

Result<AddedTokenRule> parseRule(const Json& json, const std::string& subject)
{
    if (!json.is_object()) {
        return badKey("added_tokens", "an array of objects", subject);
    }
    const JsonObject object(json, subject);
    AddedTokenRule rule;
    BITLATHE_TRY(rule.content, object.string("content"));
    BITLATHE_TRY(const std::int64_t id, object.integerIn("id", 0, kMaxTokens - 1));
    rule.id = static_cast<TokenId>(id);
    BITLATHE_TRY(rule.isSpecial, object.boolean("special", false));
    BITLATHE_TRY(rule.isNormalized, object.boolean("normalized", !rule.isSpecial));
    BITLATHE_TRY(rule.isSingleWord, object.boolean("single_word", false));
    BITLATHE_TRY(rule.stripsLeft, object.boolean("lstrip", false));
    BITLATHE_TRY(rule.stripsRight, object.boolean("rstrip", false));
    return rule;
}

} // namespace

Result<std::vector<AddedTokenRule>> parseAddedTokens(const Json& json, const std::string& subject)
{
    std::vector<AddedTokenRule> rules;
    if (json.is_null()) {
        return rules;
    }
    if (!json.is_array()) {
        return badKey("added_tokens", "an array of objects", subject);
    }
    for (const Json& one : json) {
        BITLATHE_TRY(AddedTokenRule rule, parseRule(one, subject));
        if (!rule.content.empty()) {
            rules.push_back(std::move(rule));
        }
    }
    return rules;
}

AddedTokens::AddedTokens(std::vector<AddedTokenRule> rules, const Normalizer& normalizer) : m_rules(std::move(rules))
{
    for (std::size_t i = 0; i < m_rules.size(); ++i) {
        const AddedTokenRule& rule = m_rules[i];
        m_byId.emplace(rule.id, i);
        if (rule.isNormalized) {
            m_normalized.add(normalizer.normalize(rule.content), static_cast<std::int32_t>(i));
        } else {
            m_original.add(rule.content, static_cast<std::int32_t>(i));
        }
    }
}

std::vector<AddedTokens::Part> AddedTokens::split(std::string_view text, bool isNormalized) const
{
    const ByteTrie& trie = isNormalized ? m_normalized : m_original;
    std::vector<Part> parts;
    std::size_t done = 0; // Everything before is in parts.
    for (std::size_t at = trie.nextStart(text, 0); at < text.size(); at = trie.nextStart(text, at)) {
        const auto [value, length] = trie.longest(text.substr(at));
        if (length == 0) {
            ++at;
            continue;
        }
        const AddedTokenRule& rule = m_rules[static_cast<std::size_t>(value)];
        std::size_t begin = at;
        std::size_t end = at + length;
        at = end; // What is found next may lie in the white space that this token strips.
        if (rule.isSingleWord && !standsAlone(text, begin, end)) {
            continue;
        }
        begin = rule.stripsLeft ? skipSpacesLeft(text, begin, std::min(done, begin)) : begin;
        begin = rule.stripsLeft ? std::max(begin, done) : begin;
        end = rule.stripsRight ? skipSpacesRight(text, end) : end;
        if (done < begin) {
            parts.push_back({text.substr(done, begin - done), nullptr});
        }
        parts.push_back({text.substr(std::min(begin, end), end - std::min(begin, end)), &rule});
        done = end;
    }
    if (done < text.size()) {
        parts.push_back({text.substr(done), nullptr});
    }
    return parts;
}

const AddedTokenRule* AddedTokens::find(TokenId id) const
{
    const auto it = m_byId.find(id);
    return it == m_byId.end() ? nullptr : &m_rules[it->second];
}

} // namespace bitlathe::text
