// SPDX-License-Identifier: Apache-2.0
// CompressedTensors: the checkpoints of llm-compressor that vLLM and transformers load.
#pragma once

#include "core/format/format.h"

namespace bitlathe::format
{

/// Writes pack-quantized weights of 2, 4 and 8 bits; reads those of 3, 5 and 6 bits and int-quantized ones too.
const Format& compressedTensorsFormat();

} // namespace bitlathe::format
