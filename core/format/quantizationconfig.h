// SPDX-License-Identifier: Apache-2.0
// QuantizationConfig: where a config.json says how its weights are quantized.
#pragma once

#include "core/base/json.h"

namespace bitlathe::format
{

/// The object under "quantization_config", or under the older name "compression_config"; null where there is none.
const Json* findQuantizationConfig(const Json& config);

/// A copy of config whose keys keep their order, with quantizationConfig in place of any that was there; null removes
/// it.
Json withQuantizationConfig(Json config, Json quantizationConfig);

} // namespace bitlathe::format
