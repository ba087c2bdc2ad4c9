// SPDX-License-Identifier: Apache-2.0
// A fingerprint of what a tokenizer does, whatever file it came from.
#pragma once

#include "core/text/tokenizer.h"

namespace bitlathe::text
{

/// A hash of the pieces of all ids and of the ids of a text that shows each of them within words and alone: the same
/// for tokenizer.model and a tokenizer.json that was made from it. Takes as long as tokenizing that text, twice.
std::string fingerprintOf(const Tokenizer& tokenizer);

} // namespace bitlathe::text
