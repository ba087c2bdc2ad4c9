// SPDX-License-Identifier: Apache-2.0
// Normalizer: how tokenizer.json rewrites a text before it is cut.
#include "core/text/tokenizerjson/normalizer.h"

#include "core/text/tokenizerjson/charactermap.h"
#include "core/text/tokenizerjson/characters.h"
#include "core/text/tokenizerjson/parts.h"
#include "core/text/tokenizerjson/pattern.h"
#include "core/text/tokenizerjson/unicodeforms.h"

#include <memory>
#include <unordered_map>

namespace bitlathe::text
{

namespace
{

using Step = std::function<std::string(std::string_view)>;

Step formStep(UnicodeForm form)
{
    return [form](std::string_view text) { return toForm(text, form); };
}

/// The steps that have no settings.
const std::unordered_map<std::string, Step>& plainSteps()
{
    static const std::unordered_map<std::string, Step> steps{{"NFC", formStep(UnicodeForm::Nfc)},
                                                             {"NFD", formStep(UnicodeForm::Nfd)},
                                                             {"NFKC", formStep(UnicodeForm::Nfkc)},
                                                             {"NFKD", formStep(UnicodeForm::Nfkd)},
                                                             {"Lowercase", toLower},
                                                             {"StripAccents", withoutMarks},
                                                             {"Nmt", forTranslation},
                                                             {"ByteLevel", lettersOfBytes}};
    return steps;
}

Result<Step> prependStep(const JsonObject& object)
{
    BITLATHE_TRY(const std::string prefix, object.string("prepend"));
    return Step([prefix](std::string_view text) { return text.empty() ? std::string() : prefix + std::string(text); });
}

Result<Step> replaceStep(const JsonObject& object, const std::string& subject)
{
    const Json& json = object.json();
    BITLATHE_TRY(const Pattern pattern, Pattern::parse(json.contains("pattern") ? json["pattern"] : Json(), subject));
    BITLATHE_TRY(const std::string content, object.string("content"));
    return Step([pattern, content](std::string_view text) { return pattern.replaceAll(text, content); });
}

Result<Step> stripStep(const JsonObject& object)
{
    BITLATHE_TRY(const bool left, object.boolean("strip_left", true));
    BITLATHE_TRY(const bool right, object.boolean("strip_right", true));
    return Step([left, right](std::string_view text) { return stripped(text, left, right); });
}

Result<Step> precompiledStep(const JsonObject& object, const std::string& subject)
{
    BITLATHE_TRY(const std::string base64, object.string("precompiled_charsmap"));
    BITLATHE_TRY(CharacterMap parsed, CharacterMap::parse(base64, subject));
    const auto map = std::make_shared<const CharacterMap>(std::move(parsed));
    return Step([map](std::string_view text) { return map->normalize(text); });
}

Result<Step> bertStep(const JsonObject& object)
{
    BITLATHE_TRY(const bool cleans, object.boolean("clean_text", true));
    BITLATHE_TRY(const bool spacesChinese, object.boolean("handle_chinese_chars", true));
    BITLATHE_TRY(const bool lowers, object.boolean("lowercase", true));
    BITLATHE_TRY(const bool stripsAccents, object.boolean("strip_accents", lowers));
    return Step([=](std::string_view text) {
        std::string out = cleans ? cleaned(text) : std::string(text);
        out = spacesChinese ? withSpacedChinese(out) : std::move(out);
        out = stripsAccents ? withoutNonspacingMarks(toForm(out, UnicodeForm::Nfd)) : std::move(out);
        return lowers ? toLower(out) : out;
    });
}

} // namespace

Result<Normalizer> Normalizer::parse(const Json& json, const std::string& subject)
{
    Normalizer normalizer;
    if (!json.is_null()) {
        BITLATHE_CHECK(normalizer.add(json, subject));
    }
    return normalizer;
}

// Recursion is as deep as the document at most, and that is limited.
Result<void> Normalizer::add(const Json& json, const std::string& subject)
{
    BITLATHE_TRY(const std::string type, typeOf(json, subject));
    const JsonObject object(json, subject);
    if (type == "Sequence") {
        BITLATHE_TRY(const Json* list, listOf(json, "normalizers", subject));
        for (const Json& one : *list) {
            BITLATHE_CHECK(add(one, subject));
        }
        return {};
    }
    if (const auto plain = plainSteps().find(type); plain != plainSteps().end()) {
        m_steps.push_back(plain->second);
        return {};
    }
    Result<Step> step = type == "Prepend"          ? prependStep(object)
                        : type == "Replace"        ? replaceStep(object, subject)
                        : type == "Strip"          ? stripStep(object)
                        : type == "Precompiled"    ? precompiledStep(object, subject)
                        : type == "BertNormalizer" ? bertStep(object)
                                                   : Result<Step>(unknownType("normalizer", type, subject));
    BITLATHE_CHECK(step);
    m_steps.push_back(*std::move(step));
    return {};
}

std::string Normalizer::normalize(std::string_view text) const
{
    std::string normalized(text);
    for (const Step& step : m_steps) {
        normalized = step(normalized);
    }
    return normalized;
}

} // namespace bitlathe::text
