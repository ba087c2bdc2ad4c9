// SPDX-License-Identifier: Apache-2.0
// What the Qwen families share.
#pragma once

#include "core/model/families/family.h"

namespace bitlathe::model
{

/// use_sliding_window, sliding_window, and which blocks slide: layer_types, or those from max_window_layers on.
Result<void> readQwenWindow(const JsonObject& config, ModelSpec& spec);

} // namespace bitlathe::model
