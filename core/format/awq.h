// SPDX-License-Identifier: Apache-2.0
// Awq: the checkpoints of AutoAWQ in the layout that most programs load (version gemm).
#pragma once

#include "core/format/format.h"

namespace bitlathe::format
{

const Format& awqFormat();

} // namespace bitlathe::format
