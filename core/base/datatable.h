// SPDX-License-Identifier: Apache-2.0
// Tables of facts in JSON (resources/): checked reading, with errors that name the place.
#pragma once

#include "core/base/json.h"

#include <initializer_list>

namespace bitlathe
{

// A place is a file with what leads to a value in it: "runtimes.json, runtimes[2].loads[0]". All errors are
// FileInvalid.

Failure badTable(const std::string& place, Text expected, Text found);

/// The table's object, whose "version" must be this one.
Result<Json> parseTable(std::string_view text, const std::string& subject, int version);
/// value is an object without other keys: a misspelt one would mean nothing.
Result<void> checkKeys(const Json& value, std::initializer_list<std::string_view> known, const std::string& place);
/// The list under a key; an empty one where it is absent.
Result<Json> listIn(const Json& object, std::string_view key, const std::string& place);
std::string placeIn(const std::string& place, std::string_view list, std::size_t index);

// Members that may be absent; then they have the value otherwise.

Result<double> numberIn(const Json& object, std::string_view key, double low, double high, double otherwise,
                        const std::string& place);
Result<bool> flagIn(const Json& object, std::string_view key, const std::string& place); ///< Otherwise false.
Result<std::string> wordIn(const Json& object, std::string_view key, std::string_view otherwise,
                           const std::string& place);
/// A text that must be there.
Result<std::string> wordIn(const Json& object, std::string_view key, const std::string& place);

} // namespace bitlathe
