// SPDX-License-Identifier: Apache-2.0
// What a quantized folder tells of the text it was calibrated on.
#pragma once

#include "core/text/tokenizer.h"

#include <filesystem>
#include <optional>
#include <span>

namespace bitlathe::evaluate
{

/// The share, 0 ... 1, of the evaluation's runs of 13 tokens that the folder's calibration samples hold too. The
/// samples are made anew as bitlathe-run.json says; nothing where the folder has no such file, the text is no longer
/// there or the tokenizer is null.
std::optional<double> calibrationOverlap(const std::filesystem::path& folder, const text::Tokenizer* tokenizer,
                                         std::span<const text::TokenId> evaluation);

} // namespace bitlathe::evaluate
