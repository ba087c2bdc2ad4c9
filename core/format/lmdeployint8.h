// SPDX-License-Identifier: Apache-2.0
// LmdeployInt8: folders of lmdeploy's smooth_quant: 8-bit weights by row, inputs rounded by token; only read.
#pragma once

#include "core/format/format.h"

namespace bitlathe::format
{

/// quant_method "smooth_quant": tensors weight (I8 [out, in]) and scale (F32 [out, 1]).
const Format& lmdeployInt8Format();

} // namespace bitlathe::format
