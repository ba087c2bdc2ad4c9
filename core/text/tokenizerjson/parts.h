// SPDX-License-Identifier: Apache-2.0
// What the readers of tokenizer.json's sections share: their errors.
#pragma once

#include "core/base/json.h"

namespace bitlathe::text
{

/// The "type" of a section's object. Errors: TokenizerInvalid, ConfigInvalid.
Result<std::string> typeOf(const Json& json, const std::string& subject);

/// A string of exactly one character. Errors: TokenizerInvalid, ConfigInvalid.
Result<std::string> oneCharacter(const JsonObject& object, std::string_view key, std::string_view otherwise,
                                 const std::string& subject);

/// The array of a "Sequence" section. Errors: TokenizerInvalid.
Result<const Json*> listOf(const Json& json, const char* key, const std::string& subject);

/// NotSupported, naming the type that was found.
Failure unknownType(std::string_view what, std::string_view found, const std::string& subject);

/// TokenizerInvalid: key should be something else.
Failure badKey(std::string_view key, std::string_view expected, const std::string& subject);

} // namespace bitlathe::text
