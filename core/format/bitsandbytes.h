// SPDX-License-Identifier: Apache-2.0
// BitsAndBytes: the checkpoints that transformers writes with bitsandbytes, of 4 bits (nf4, fp4) and of 8 (LLM.int8()).
#pragma once

#include "core/format/format.h"

namespace bitlathe::format
{

/// 4 bits: packed codes, scales of blocks, the code book, and a JSON text of the rest as a tensor. 8 bits: codes, the
/// largest weight of each row (SCB), and the number of the layout.
const Format& bitsAndBytesFormat();

} // namespace bitlathe::format
