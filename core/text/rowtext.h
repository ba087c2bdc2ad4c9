// SPDX-License-Identifier: Apache-2.0
// The text of a row of a table: which fields of it, and how they are joined.
#pragma once

#include "core/text/chattemplate.h"
#include "core/text/rowsink.h"

namespace bitlathe::text {

/// Chooses at the first row and keeps to it: the given field; else text, content, a list of chat messages, instruction
/// + input + output (as the Alpaca prompt), question + A, B, C, D + answer (as a multiple choice question), question +
/// answer, prompt + response; else the only field that holds a string.
class RowText
{
public:
    /// field: as the user gave it, empty to choose. modelFolder: whose chat template renders rows that are
    /// conversations, and is read where there is one; may be empty.
    explicit RowText(std::string field, std::filesystem::path modelFolder = {})
        : m_givenField(std::move(field)), m_modelFolder(std::move(modelFolder))
    {}

    /// The text of a row, parts joined by line breaks. Errors: TextInvalid, naming the fields there are.
    Result<std::string> text(const Json& row, const RowPlace& place);

    std::int64_t chats() const { return m_chats; } ///< Conversations so far.
    bool rendersChats() const { return m_chatTemplate.has_value(); }

private:
    Result<void> choose(const Json& row, const RowPlace& place);

    Result<std::string> joined(const Json& row, const RowPlace& place) const;

    std::string m_givenField;
    std::filesystem::path m_modelFolder;
    std::optional<ChatTemplate> m_chatTemplate;
    std::int64_t m_chats = 0;
    std::vector<std::string> m_fields; ///< Chosen; the first must be there in each row.
};

} // namespace bitlathe::text
