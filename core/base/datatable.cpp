// SPDX-License-Identifier: Apache-2.0
// Tables of facts in JSON: what each kind of value must be.
#include "core/base/datatable.h"

#include <algorithm>

namespace bitlathe
{

namespace
{

std::string under(const std::string& place, std::string_view key)
{
    return fmt::format("{}.{}", place, key);
}

Failure wrongKind(const std::string& place, Text expected, const Json& found)
{
    return badTable(place, std::move(expected), Text("%1", found.type_name()));
}

} // namespace

Failure badTable(const std::string& place, Text expected, Text found)
{
    return fail(ErrorCode::FileInvalid, place, std::move(expected), std::move(found),
                Text(BITLATHE_TEXT("Correct the table, or leave it away to use the one that is built in")));
}

Result<Json> parseTable(std::string_view text, const std::string& subject, int version)
{
    BITLATHE_TRY(Json table, parseJson(text, subject));
    if (!table.is_object()) {
        return wrongKind(subject, Text(BITLATHE_TEXT("an object")), table);
    }
    const auto found = table.find("version");
    if (found == table.end() || !found->is_number_integer() || found->get<std::int64_t>() != version) {
        return badTable(under(subject, "version"), Text("%1", version),
                        found == table.end() ? Text(BITLATHE_TEXT("nothing")) : Text("%1", found->dump()));
    }
    return table;
}

Result<void> checkKeys(const Json& value, std::initializer_list<std::string_view> known, const std::string& place)
{
    if (!value.is_object()) {
        return wrongKind(place, Text(BITLATHE_TEXT("an object")), value);
    }
    for (const auto& [key, member] : value.items()) {
        if (std::ranges::find(known, key) == known.end()) {
            return badTable(place, Text(BITLATHE_TEXT("one of the keys %1"), fmt::join(known, ", ")),
                            Text(BITLATHE_TEXT("\"%1\""), key));
        }
    }
    return {};
}

Result<Json> listIn(const Json& object, std::string_view key, const std::string& place)
{
    const auto found = object.find(key);
    if (found == object.end()) {
        return Json::array();
    }
    return found->is_array() ? Result<Json>(*found)
                             : wrongKind(under(place, key), Text(BITLATHE_TEXT("a list")), *found);
}

std::string placeIn(const std::string& place, std::string_view list, std::size_t index)
{
    return fmt::format("{}.{}[{}]", place, list, index);
}

Result<double> numberIn(const Json& object, std::string_view key, double low, double high, double otherwise,
                        const std::string& place)
{
    const auto found = object.find(key);
    if (found == object.end()) {
        return otherwise;
    }
    const double number = found->is_number() ? found->get<double>() : low - 1;
    if (!(number >= low && number <= high)) {
        return badTable(under(place, key), Text(BITLATHE_TEXT("a number from %1 to %2"), low, high),
                        Text("%1", found->dump()));
    }
    return number;
}

Result<bool> flagIn(const Json& object, std::string_view key, const std::string& place)
{
    const auto found = object.find(key);
    if (found == object.end()) {
        return false;
    }
    return found->is_boolean() ? Result<bool>(found->get<bool>())
                               : wrongKind(under(place, key), Text(BITLATHE_TEXT("true or false")), *found);
}

Result<std::string> wordIn(const Json& object, std::string_view key, std::string_view otherwise,
                           const std::string& place)
{
    return object.contains(key) ? wordIn(object, key, place) : Result<std::string>(otherwise);
}

Result<std::string> wordIn(const Json& object, std::string_view key, const std::string& place)
{
    const auto found = object.find(key);
    if (found == object.end()) {
        return badTable(under(place, key), Text(BITLATHE_TEXT("a text")), Text(BITLATHE_TEXT("nothing")));
    }
    return found->is_string() ? Result<std::string>(found->get<std::string>())
                              : wrongKind(under(place, key), Text(BITLATHE_TEXT("a text")), *found);
}

} // namespace bitlathe
