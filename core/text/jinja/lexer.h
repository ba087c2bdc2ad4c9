// SPDX-License-Identifier: Apache-2.0
// Cuts a template into tokens.
#pragma once

#include "core/base/result.h"

#include <string>
#include <string_view>
#include <vector>

namespace bitlathe::text::jinja
{

struct Token
{
    enum class Kind {
        Text,
        OutputBegin,
        OutputEnd,
        BlockBegin,
        BlockEnd,
        Name,
        String,
        Integer,
        Float,
        Operator,
        End,
    };

    Kind kind = Kind::End;
    std::string text; ///< Strings without quotes and escapes, numbers without underscores.
    int line = 1;
};

/// White space is taken away as transformers sets it: the line break behind a block, white space before a block that
/// begins a line, one line break at the end of the template, and whatever a - asks for. name: for errors.
/// Errors: FileInvalid, naming the line.
Result<std::vector<Token>> readTokens(std::string_view source, const std::string& name);

} // namespace bitlathe::text::jinja
