// SPDX-License-Identifier: Apache-2.0
// SchemeLists: the schemes of a whole model as configurations of other tools tell them: a base, and exceptions by name.
#pragma once

#include "core/format/format.h"

#include <optional>
#include <string>
#include <vector>

namespace bitlathe::format
{

/// The scheme as files can tell it: one scale for the whole weight is stored as one for every row, and with one group
/// in a row the order of columns has no effect.
quant::Scheme storedScheme(const quant::Scheme& scheme);

/// The stored scheme of the most layers, the first of those at a tie; nothing where none is quantized.
std::optional<quant::Scheme> mostCommonScheme(const LinearSchemes& schemes);

/// The regular expression that matches this name only.
std::string patternOf(const std::string& layer);

/// Name ends of the layers of a block, such as "mlp.down_proj", in the order of the first block.
struct NameEnds
{
    std::vector<std::string> quantized; ///< In all blocks.
    std::vector<std::string> full;      ///< In full precision in all blocks.
    std::vector<std::string> mixed;     ///< In some.
};
NameEnds nameEnds(const model::ModelSpec& spec, const LinearSchemes& schemes);

} // namespace bitlathe::format
