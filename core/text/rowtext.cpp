// SPDX-License-Identifier: Apache-2.0
// The text of a row of a table: which fields of it, and how they are joined.
#include "core/text/rowtext.h"

namespace bitlathe::text {

namespace {

/// Sets of fields that are a text together, in order of preference.
const std::vector<std::vector<std::string>>& knownShapes()
{
    static const std::vector<std::vector<std::string>> shapes{
        {"text"},
        {"content"},
        {"messages"},
        {"conversations"},
        {"instruction", "input", "output"},
        {"question", "answer"},
        {"prompt", "response"},
        {"prompt", "completion"},
    };
    return shapes;
}

std::string fieldNames(const Json& row)
{
    std::string names;
    for (const auto& [name, value] : row.items()) {
        names += names.empty() ? "" : ", ";
        names += name;
    }
    return names.empty() ? "none" : names;
}

bool holdsText(const Json& row, const std::string& field)
{
    const auto it = row.find(field);
    return it != row.end() && (it->is_string() || it->is_array());
}

/// Field input of an instruction may be left out; all others are needed to tell a shape.
bool hasShape(const Json& row, const std::vector<std::string>& fields)
{
    for (const std::string& field : fields) {
        if (field != "input" && !holdsText(row, field)) {
            return false;
        }
    }
    return true;
}

Failure noSuchField(const Json& row, const RowPlace& place, const std::string& field)
{
    return fail(ErrorCode::TextInvalid, place.name(), Text(BITLATHE_TEXT("the field %1"), field),
                Text(BITLATHE_TEXT("the fields %1"), fieldNames(row)),
                Text(BITLATHE_TEXT("Name one of them after a # behind the file's name")));
}

Failure noText(const RowPlace& place, const std::string& field, const Json& value)
{
    return fail(ErrorCode::TextInvalid, place.name(), Text(BITLATHE_TEXT("text in the field %1"), field),
                Text(BITLATHE_TEXT("a value of type %1"), value.type_name()),
                Text(BITLATHE_TEXT("Name a field that holds text after a # behind the file's name")));
}

void appendLine(std::string& text, const std::string& line)
{
    if (!line.empty()) {
        text += text.empty() ? "" : "\n";
        text += line;
    }
}

/// The text of one entry of a list: a string, or a chat message with content (or value, as ShareGPT has it).
const std::string* entryText(const Json& entry)
{
    if (entry.is_string()) {
        return entry.get_ptr<const std::string*>();
    }
    if (entry.is_object()) {
        for (const char* key : {"content", "value"}) {
            if (const auto it = entry.find(key); it != entry.end() && it->is_string()) {
                return it->get_ptr<const std::string*>();
            }
        }
    }
    return nullptr;
}

/// Appends what a field holds. Null is an empty text.
Result<void> appendField(std::string& text, const Json& value, const std::string& field, const RowPlace& place)
{
    if (value.is_string()) {
        appendLine(text, value.get_ref<const std::string&>());
    } else if (value.is_array()) {
        for (const Json& entry : value) {
            const std::string* line = entryText(entry);
            if (line == nullptr) {
                return noText(place, field, entry);
            }
            appendLine(text, *line);
        }
    } else if (!value.is_null()) {
        return noText(place, field, value);
    }
    return {};
}

} // namespace

Result<void> RowText::choose(const Json& row, const RowPlace& place)
{
    if (!m_givenField.empty()) {
        m_fields = {m_givenField};
        return {};
    }
    for (const std::vector<std::string>& shape : knownShapes()) {
        if (hasShape(row, shape)) {
            m_fields = shape;
            return {};
        }
    }
    std::vector<std::string> strings;
    for (const auto& [name, value] : row.items()) {
        if (value.is_string()) {
            strings.push_back(name);
        }
    }
    if (strings.size() != 1) {
        return fail(ErrorCode::TextInvalid, place.name(),
                    Text(BITLATHE_TEXT("a field text or content, or one field with text")),
                    Text(BITLATHE_TEXT("the fields %1"), fieldNames(row)),
                    Text(BITLATHE_TEXT("Name one of them after a # behind the file's name")));
    }
    m_fields = strings;
    return {};
}

Result<std::string> RowText::text(const Json& row, const RowPlace& place)
{
    if (row.is_string()) {
        return row.get<std::string>();
    }
    if (m_fields.empty()) {
        BITLATHE_CHECK(choose(row, place));
    }
    std::string text;
    for (const std::string& field : m_fields) {
        const auto it = row.find(field);
        if (it != row.end()) {
            BITLATHE_CHECK(appendField(text, *it, field, place));
        } else if (field == m_fields.front()) {
            return noSuchField(row, place, field);
        }
    }
    return text;
}

} // namespace bitlathe::text
