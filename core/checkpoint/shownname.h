// SPDX-License-Identifier: Apache-2.0
// shownName: a name out of a binary file as part of a sentence.
#pragma once

#include <string>
#include <string_view>

namespace bitlathe::checkpoint
{

/// Short enough for a sentence, and without what a terminal would take for a command or a document for no text.
std::string shownName(std::string_view name);

} // namespace bitlathe::checkpoint
