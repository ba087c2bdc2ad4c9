// SPDX-License-Identifier: Apache-2.0
// JSON of untrusted files: parsing and typed look-ups that name file, key, expectation and finding.
#include "core/base/json.h"

#include "core/base/file.h"

template class nlohmann::basic_json<bitlathe::OrderedMap>;
template class nlohmann::detail::serializer<bitlathe::Json>;
template class nlohmann::detail::json_sax_dom_parser<bitlathe::Json>;
template class nlohmann::detail::json_sax_dom_callback_parser<bitlathe::Json>;

namespace bitlathe
{

namespace
{
constexpr int kMaxDepth = 64;

std::string shorten(const Json& value)
{
    constexpr std::size_t kMax = 60;
    std::string text = value.dump(-1, ' ', false, Json::error_handler_t::replace);
    if (text.size() > kMax) {
        text.resize(kMax);
        text += "...";
    }
    return text;
}

Failure badSyntax(const std::string& subject, Text found)
{
    return fail(ErrorCode::FileInvalid, subject, Text(BITLATHE_TEXT("valid JSON")), std::move(found),
                Text(BITLATHE_TEXT("Copy or download the file again")));
}
} // namespace

Result<Json> parseJson(std::string_view text, const std::string& subject)
{
    bool tooDeep = false;
    const Json::parser_callback_t depthGuard = [&tooDeep](int depth, Json::parse_event_t event, Json&) {
        const bool opens = event == Json::parse_event_t::object_start || event == Json::parse_event_t::array_start;
        tooDeep = tooDeep || (opens && depth >= kMaxDepth);
        return !tooDeep;
    };
    // The parser takes a zero for the end of its input and would not look at what follows.
    if (const std::size_t zero = text.find('\0'); zero != std::string_view::npos) {
        return badSyntax(subject, Text(BITLATHE_TEXT("a syntax error at byte %1"), zero + 1));
    }
    try {
        Json parsed = Json::parse(text, depthGuard);
        if (tooDeep) {
            return fail(ErrorCode::FileInvalid, subject, Text(BITLATHE_TEXT("JSON nested at most %1 deep"), kMaxDepth),
                        Text(BITLATHE_TEXT("deeper nesting")));
        }
        return parsed;
    } catch (const Json::parse_error& error) {
        return badSyntax(subject, Text(BITLATHE_TEXT("a syntax error at byte %1"), error.byte));
    } catch (const Json::exception&) {
        return badSyntax(subject, Text(BITLATHE_TEXT("a number out of range")));
    }
}

Result<Json> readJson(const std::filesystem::path& file, std::uint64_t maxBytes)
{
    BITLATHE_TRY(const std::string text, readFile(file, maxBytes));
    return parseJson(text, file.string());
}

bool JsonObject::has(std::string_view key) const
{
    return find(key) != nullptr;
}

const Json* JsonObject::find(std::string_view key) const
{
    if (!m_object->is_object()) {
        return nullptr;
    }
    const auto it = m_object->find(std::string(key));
    return it == m_object->end() || it->is_null() ? nullptr : &*it;
}

Failure JsonObject::missing(std::string_view key, std::string_view kind) const
{
    return fail(ErrorCode::ConfigInvalid, m_subject, Text(BITLATHE_TEXT("the key %1 (%2)"), key, kind),
                Text(BITLATHE_TEXT("no such key")),
                Text(BITLATHE_TEXT("Take the file from the model's original folder")));
}

Failure JsonObject::wrongType(std::string_view key, std::string_view kind, const Json& value) const
{
    return fail(ErrorCode::ConfigInvalid, m_subject, Text(BITLATHE_TEXT("%1 to be %2"), key, kind),
                Text(BITLATHE_TEXT("%1"), shorten(value)),
                Text(BITLATHE_TEXT("Take the file from the model's original folder")));
}

Result<std::int64_t> JsonObject::integer(std::string_view key) const
{
    const Json* value = find(key);
    if (value == nullptr) {
        return missing(key, "an integer");
    }
    const bool fits = !value->is_number_unsigned() || value->get<std::uint64_t>() <= INT64_MAX;
    if (!value->is_number_integer() || !fits) {
        return wrongType(key, "an integer", *value);
    }
    return value->get<std::int64_t>();
}

Result<std::int64_t> JsonObject::integer(std::string_view key, std::int64_t otherwise) const
{
    return has(key) ? integer(key) : otherwise;
}

Result<std::int64_t> JsonObject::integerIn(std::string_view key, std::int64_t low, std::int64_t high) const
{
    BITLATHE_TRY(const std::int64_t value, integer(key));
    if (value < low || value > high) {
        return fail(ErrorCode::ConfigInvalid, m_subject, Text(BITLATHE_TEXT("%1 from %2 to %3"), key, low, high),
                    Text(BITLATHE_TEXT("%1"), value),
                    Text(BITLATHE_TEXT("Take the file from the model's original folder")));
    }
    return value;
}

Result<double> JsonObject::number(std::string_view key) const
{
    const Json* value = find(key);
    if (value == nullptr) {
        return missing(key, "a number");
    }
    if (!value->is_number()) {
        return wrongType(key, "a number", *value);
    }
    return value->get<double>();
}

Result<double> JsonObject::number(std::string_view key, double otherwise) const
{
    return has(key) ? number(key) : otherwise;
}

Result<bool> JsonObject::boolean(std::string_view key, bool otherwise) const
{
    const Json* value = find(key);
    if (value == nullptr) {
        return otherwise;
    }
    if (!value->is_boolean()) {
        return wrongType(key, "true or false", *value);
    }
    return value->get<bool>();
}

Result<std::string> JsonObject::string(std::string_view key) const
{
    const Json* value = find(key);
    if (value == nullptr) {
        return missing(key, "a string");
    }
    if (!value->is_string()) {
        return wrongType(key, "a string", *value);
    }
    return value->get<std::string>();
}

Result<std::string> JsonObject::string(std::string_view key, std::string_view otherwise) const
{
    return has(key) ? string(key) : std::string(otherwise);
}

} // namespace bitlathe
