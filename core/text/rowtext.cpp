// SPDX-License-Identifier: Apache-2.0
// The text of a row of a table: which fields of it, and how they are joined.
#include "core/text/rowtext.h"

namespace bitlathe::text {

namespace {

const std::vector<std::string> kAlpacaFields{"instruction", "input", "output"};
const std::vector<std::string> kChoiceFields{"question", "A", "B", "C", "D", "answer"};

/// Sets of fields that are a text together, in order of preference.
const std::vector<std::vector<std::string>>& knownShapes()
{
    static const std::vector<std::vector<std::string>> shapes{
        {"text"},
        {"content"},
        {"messages"},
        {"conversations"},
        kAlpacaFields,
        kChoiceFields,
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

/// Empty where the field is none or no string.
std::string stringOf(const Json& row, const std::string& field)
{
    const auto it = row.find(field);
    return it != row.end() && it->is_string() ? it->get<std::string>() : std::string();
}

/// The words that Alpaca and its followers were trained with.
std::string alpacaPrompt(const Json& row)
{
    const std::string input = stringOf(row, "input");
    std::string prompt = "Below is an instruction that describes a task";
    prompt += input.empty() ? ". " : ", paired with an input that provides further context. ";
    prompt += "Write a response that appropriately completes the request.\n\n### Instruction:\n";
    prompt += stringOf(row, "instruction");
    prompt += input.empty() ? "" : "\n\n### Input:\n" + input;
    return prompt + "\n\n### Response:\n" + stringOf(row, "output");
}

/// A question with its choices, as C-Eval and MMLU are asked.
std::string choiceQuestion(const Json& row)
{
    std::string text = stringOf(row, "question");
    for (const char* choice : {"A", "B", "C", "D"}) {
        text += fmt::format("\n{}. {}", choice, stringOf(row, choice));
    }
    return text + "\nAnswer: " + stringOf(row, "answer");
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
    const bool isChat = m_fields.front() == "messages" || m_fields.front() == "conversations";
    if (const Json messages = isChat ? conversationOf(row) : Json(nullptr); !messages.is_null()) {
        if (++m_chats == 1 && !m_modelFolder.empty()) {
            BITLATHE_TRY(m_chatTemplate, findChatTemplate(m_modelFolder));
        }
        if (m_chatTemplate) {
            auto rendered = m_chatTemplate->render(messages);
            if (!rendered) {
                rendered.error().subject = place.name() + ", " + rendered.error().subject;
            }
            return rendered;
        }
    }
    BITLATHE_TRY(std::string text, joined(row, place));
    if (m_fields == kAlpacaFields) {
        return alpacaPrompt(row);
    }
    return m_fields == kChoiceFields ? choiceQuestion(row) : std::move(text);
}

/// The fields one below the other.
Result<std::string> RowText::joined(const Json& row, const RowPlace& place) const
{
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
