// SPDX-License-Identifier: Apache-2.0
// Dense: weights in the model's own float type, dequantized where they were quantized.
#pragma once

#include "core/format/format.h"

namespace bitlathe::format
{

const Format& denseFormat();

} // namespace bitlathe::format
