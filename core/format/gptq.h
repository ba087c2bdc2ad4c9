// SPDX-License-Identifier: Apache-2.0
// Gptq: the checkpoints of AutoGPTQ and GPTQModel, with zero points less one (gptq) or as they are (gptq-v2).
#pragma once

#include "core/format/format.h"

namespace bitlathe::format
{

/// 2, 3, 4 and 8 bits, groups of any size or channels, symmetric or not, columns in any order. A zero point of 0 does
/// not fit in gptq: encode() refuses it, naming the layer.
const Format& gptqFormat();
/// The same for any zero point.
const Format& gptqV2Format();

} // namespace bitlathe::format
