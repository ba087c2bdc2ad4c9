// SPDX-License-Identifier: Apache-2.0
// The rules by which other tools choose calibration samples.
#pragma once

#include "core/text/textset.h"

namespace bitlathe::text
{

/// Samples by options.rule, which is not SampleRule::Rows. Errors: TextInvalid where the text is too short for the rule
/// or has no rows, TokenizerInvalid.
Result<std::vector<std::vector<TokenId>>> samplesByRule(const TextSet& set, const Tokenizer* tokenizer,
                                                        const SampleOptions& options);

} // namespace bitlathe::text
