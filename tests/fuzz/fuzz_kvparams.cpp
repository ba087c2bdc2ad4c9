// SPDX-License-Identifier: Apache-2.0
// Fuzz target: any bytes as a file of past_kv_scale.
#include "core/quant/kvparamfiles.h"

#include <cstdint>
#include <string_view>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
    (void)bitlathe::quant::parsePastKvScale({reinterpret_cast<const char*>(data), size}, "fuzz");
    return 0;
}
