// SPDX-License-Identifier: Apache-2.0
// The merging of a word's symbols: always the pair of the lowest rank, of equal ones the leftmost.
#pragma once

#include "core/text/tokenizerjson/pairtable.h"
#include "core/text/tokenizerjson/tokenmodel.h"

namespace bitlathe::text
{

/// Merges scratch.symbols as far as the table of merges goes and appends what is left. Short words are scanned again
/// and again, long ones keep a queue of candidates, in time that grows with
/// their length alone.
void appendMerged(const PairTable& merges, ModelScratch& scratch, std::vector<TokenId>& ids);

} // namespace bitlathe::text
