// SPDX-License-Identifier: Apache-2.0
// Prompts from lines and rows.
#include "core/evaluate/generationprompts.h"

#include "core/base/hash.h"
#include "core/text/chattemplate.h"
#include "core/text/textfiles.h"

#include <array>
#include <sstream>

namespace bitlathe::evaluate
{

namespace
{

constexpr auto kPromptFields = std::to_array<const char*>({"prompt", "question", "instruction"});

bool holdsText(std::string_view text)
{
    return text.find_first_not_of(" \t\r\n\f\v") != std::string_view::npos;
}

/// The text under a key of an object; empty where there is none.
std::string textOf(const Json& row, const std::string& field)
{
    const auto it = row.is_object() ? row.find(field) : row.end();
    return it != row.end() && it->is_string() ? it->get<std::string>() : std::string();
}

/// A conversation as it is before its last answer; an empty prompt where its user says nothing.
GenerationPrompt promptOfMessages(Json messages)
{
    while (!messages.empty() && textOf(messages.back(), "role") != "user") {
        messages.erase(messages.size() - 1);
    }
    std::string text = messages.empty() ? std::string() : textOf(messages.back(), "content");
    return {std::move(text), std::move(messages)};
}

/// Empty where the row holds none.
GenerationPrompt promptOf(const Json& row, const std::string& field)
{
    if (row.is_string()) {
        return {row.get<std::string>(), nullptr};
    }
    if (!row.is_object()) {
        return {};
    }
    if (!field.empty()) {
        return {textOf(row, field), nullptr};
    }
    for (const char* name : kPromptFields) {
        if (std::string text = textOf(row, name); holdsText(text)) {
            return {std::move(text), nullptr};
        }
    }
    Json messages = text::conversationOf(row);
    return messages.is_array() ? promptOfMessages(std::move(messages)) : GenerationPrompt();
}

void addLines(const std::string& content, std::vector<GenerationPrompt>& prompts)
{
    std::istringstream lines(content);
    for (std::string line; std::getline(lines, line);) {
        if (line.ends_with('\r')) {
            line.pop_back();
        }
        if (holdsText(line)) {
            prompts.push_back({std::move(line), nullptr});
        }
    }
}

} // namespace

Result<GenerationPrompts> openGenerationPrompts(const std::string& spec)
{
    const text::SpecParts source = text::splitSpec(spec);
    BITLATHE_TRY(const auto files, text::findTextFiles(source.path));
    GenerationPrompts set;
    set.spec = spec;
    std::int64_t skipped = 0;
    std::string firstSkipped;
    for (const text::TextFile& file : files) {
        BITLATHE_TRY(const std::string content, text::readTextFile(file));
        if (file.kind == text::TextFileKind::Text) {
            addLines(content, set.prompts);
            continue;
        }
        BITLATHE_CHECK(text::readFileRows(file, content, [&](const Json& row, const text::RowPlace& place) {
            GenerationPrompt prompt = promptOf(row, source.field);
            if (holdsText(prompt.text)) {
                set.prompts.push_back(std::move(prompt));
            } else if (skipped++ == 0) {
                firstSkipped = place.name();
            }
            return Result<void>();
        }));
    }
    if (set.prompts.empty()) {
        return fail(ErrorCode::TextInvalid, spec,
                    Text(BITLATHE_TEXT("prompts: a line each, or rows with prompt or a conversation")),
                    Text(BITLATHE_TEXT("none")), Text(BITLATHE_TEXT("Name the field that holds them: FILE#field")));
    }
    if (skipped > 0) {
        set.findings.push_back(
            {Severity::Warning, "generation-rows-skipped", spec,
             Text(BITLATHE_TEXT("%1 rows hold no prompt, the first of them is %2"), skipped, firstSkipped),
             Text(BITLATHE_TEXT("Name the field that holds them: FILE#field"))});
    }
    FastHash hash;
    for (const GenerationPrompt& prompt : set.prompts) {
        hash.add(std::string_view(prompt.text)).add(std::string_view(prompt.messages.dump(-1, ' ', true)));
    }
    set.hash = hash.digest();
    return set;
}

} // namespace bitlathe::evaluate
