// SPDX-License-Identifier: Apache-2.0
// Base64, in which tokenizer files write bytes.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace bitlathe::text
{

/// The bytes of a Base64 text, padded to whole groups of four; nothing where it is none.
std::optional<std::string> decodeBase64(std::string_view text);

} // namespace bitlathe::text
