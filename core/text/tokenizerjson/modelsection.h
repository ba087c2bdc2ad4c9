// SPDX-License-Identifier: Apache-2.0
// The section "model" of tokenizer.json.
#pragma once

#include "core/text/tokenizerjson/document.h"
#include "core/text/tokenizerjson/tokenmodel.h"

namespace bitlathe::text
{

/// The type of model a document holds; told by its lists where the document does not. Errors: ConfigInvalid.
Result<std::string> modelType(const TokenizerDocument& document, const std::string& subject);

/// True for BPE without marks of words: only then can words be bytes.
bool canTakeBytes(const TokenizerDocument& document, std::string_view type);

/// Builds the model. takesBytes: words come as bytes. Errors: TokenizerInvalid, ConfigInvalid, NotSupported.
Result<std::shared_ptr<const TokenModel>> readModel(const TokenizerDocument& document, std::string_view type,
                                                    bool takesBytes, bool isRanked, const std::string& subject);

} // namespace bitlathe::text
