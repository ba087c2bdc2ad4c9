// SPDX-License-Identifier: Apache-2.0
// CompressedTensors: the checkpoints of llm-compressor that vLLM and transformers load.
#pragma once

#include "core/format/format.h"

namespace bitlathe::format
{

/// Writes pack-quantized weights of 2, 4 and 8 bits; reads those of 3, 5 and 6 bits and groups of int-quantized ones
/// too.
const Format& compressedTensorsFormat();
/// int-quantized weights of 8 bits for runtimes that quantize activations to 8 bits as they go (W8A8); reads
/// naive-quantized ones too.
const Format& compressedTensorsInt8Format();

} // namespace bitlathe::format
