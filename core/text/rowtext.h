// SPDX-License-Identifier: Apache-2.0
// The text of a row of a table: which fields of it, and how they are joined.
#pragma once

#include "core/text/rowsink.h"

namespace bitlathe::text {

/// Chooses at the first row and keeps to it: the given field; else text, content, a list of chat messages, instruction
/// + input + output, question + answer, prompt + response; else the only field that holds a string.
class RowText
{
public:
    /// field: as the user gave it, empty to choose.
    explicit RowText(std::string field) : m_givenField(std::move(field)) {}

    /// The text of a row, parts joined by line breaks. Errors: TextInvalid, naming the fields there are.
    Result<std::string> text(const Json& row, const RowPlace& place);

private:
    Result<void> choose(const Json& row, const RowPlace& place);

    std::string m_givenField;
    std::vector<std::string> m_fields; ///< Chosen; the first must be there in each row.
};

} // namespace bitlathe::text
