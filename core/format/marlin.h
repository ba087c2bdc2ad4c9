// SPDX-License-Identifier: Apache-2.0
// Marlin: checkpoints in the tiles of the Marlin kernel, by AutoGPTQ and by AutoAWQ. Only read: runtimes of today make
// the tiles themselves.
#pragma once

#include "core/format/format.h"

namespace bitlathe::format
{

/// checkpoint_format "marlin": tensors B and s.
const Format& gptqMarlinFormat();
/// version "marlin": the same under the names qweight and scales.
const Format& awqMarlinFormat();

} // namespace bitlathe::format
