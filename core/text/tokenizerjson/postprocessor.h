// SPDX-License-Identifier: Apache-2.0
// PostProcessor: the special tokens that tokenizer.json puts around a text.
#pragma once

#include "core/base/json.h"
#include "core/text/tokenizer.h"

namespace bitlathe::text
{

struct PostProcessor
{
    std::vector<TokenId> before;
    std::vector<TokenId> after;

    /// Reads the section "post_processor"; null puts nothing. Errors: NotSupported, TokenizerInvalid, ConfigInvalid.
    static Result<PostProcessor> parse(const Json& json, const std::string& subject);
};

} // namespace bitlathe::text
