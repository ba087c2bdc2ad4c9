// SPDX-License-Identifier: Apache-2.0
// Puts a tokenizer together from a parsed tokenizer.json, or from files that come to the same.
#pragma once

#include "core/text/tokenizerjson/document.h"

namespace bitlathe::text
{

struct AssemblyOptions
{
    bool isRanked = false;     ///< Ids are the ranks of merges (tiktoken).
    bool numbersRoles = false; ///< Tokens of roles (eos_token, ...) that no vocabulary knows get the next ids.
    bool addsBos = false;      ///< A bos is put in front, whatever the post-processor says.
    std::string endOfText;     ///< What bos, eos and unknown are where the configuration names none; may be empty.
    bool hasBos = true;        ///< endOfText is the bos, too.
};

/// folder holds tokenizer_config.json; subject names the file in errors. Errors: TokenizerInvalid, ConfigInvalid,
/// FileInvalid, NotSupported (a part of an unknown type).
Result<std::shared_ptr<const Tokenizer>> assembleTokenizer(const TokenizerDocument& document,
                                                           const std::filesystem::path& folder,
                                                           const std::string& subject,
                                                           const AssemblyOptions& options = {});

} // namespace bitlathe::text
