// SPDX-License-Identifier: Apache-2.0
// Escapes of Python's string literals.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace bitlathe::text::jinja
{

/// The text that a literal between its quotes stands for; nothing where an escape is cut short, names a surrogate, or
/// names a character by its Unicode name.
std::optional<std::string> withoutEscapes(std::string_view literal);

/// As Python's repr() writes a string.
std::string pythonQuoted(std::string_view text);

/// As Python's json.dumps() writes a string.
std::string jsonQuoted(std::string_view text, bool asciiOnly);

} // namespace bitlathe::text::jinja
