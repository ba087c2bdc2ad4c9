// SPDX-License-Identifier: Apache-2.0
// What the readers of tokenizer.json's sections share: their errors.
#include "core/text/tokenizerjson/parts.h"

#include "core/text/tokenizerjson/characters.h"

namespace bitlathe::text
{

Result<std::string> typeOf(const Json& json, const std::string& subject)
{
    if (!json.is_object()) {
        return fail(ErrorCode::TokenizerInvalid, subject, Text(BITLATHE_TEXT("a JSON object")),
                    Text(BITLATHE_TEXT("another kind of value")),
                    Text(BITLATHE_TEXT("Take the file from the model's original folder")));
    }
    return JsonObject(json, subject).string("type");
}

Result<std::string> oneCharacter(const JsonObject& object, std::string_view key, std::string_view otherwise,
                                 const std::string& subject)
{
    BITLATHE_TRY(std::string text, object.string(key, otherwise));
    if (text.empty() || characterAt(text, 0).length != text.size()) {
        return badKey(key, "one character", subject);
    }
    return text;
}

Result<const Json*> listOf(const Json& json, const char* key, const std::string& subject)
{
    const auto list = json.find(key);
    if (list == json.end() || !list->is_array()) {
        return badKey(key, "an array", subject);
    }
    return &*list;
}

Failure unknownType(std::string_view what, std::string_view found, const std::string& subject)
{
    return fail(ErrorCode::NotSupported, subject, Text(BITLATHE_TEXT("a %1 of a known type"), what),
                Text(BITLATHE_TEXT("the type %1"), found),
                Text(BITLATHE_TEXT("Give token ids instead of text (ids:FILE.json)")));
}

Failure badKey(std::string_view key, std::string_view expected, const std::string& subject)
{
    return fail(ErrorCode::TokenizerInvalid, subject, Text(BITLATHE_TEXT("%1 to be %2"), key, expected),
                Text(BITLATHE_TEXT("something else")),
                Text(BITLATHE_TEXT("Take the file from the model's original folder")));
}

} // namespace bitlathe::text
