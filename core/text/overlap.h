// SPDX-License-Identifier: Apache-2.0
// How much of an evaluation text was already seen in calibration.
#pragma once

#include "core/base/finding.h"
#include "core/text/tokenizer.h"

#include <optional>

namespace bitlathe::text
{

/// The length of the runs of tokens that are compared: the one that reports on the contamination of test sets use, long
/// enough that common phrases do not match by chance.
inline constexpr std::size_t kOverlapTokens = 13;

/// Chance and boilerplate stay below one run in a thousand; a document that both texts hold lies far above.
inline constexpr double kOverlapTold = 0.001;

/// The share, 0 ... 1, of the runs of kOverlapTokens tokens in the evaluation that are in some calibration sample too.
/// Linear in both; runs are compared by 64-bit hashes. Nothing where the evaluation is shorter than a run.
std::optional<double> overlapShare(std::span<const std::vector<TokenId>> calibration,
                                   std::span<const TokenId> evaluation);

/// A warning where the share is above kOverlapTold. subject: the evaluation's SPEC.
std::optional<Finding> overlapFinding(double share, const std::string& subject);

} // namespace bitlathe::text
