// SPDX-License-Identifier: Apache-2.0
// Fuzz target: any text as a table of programs.
#include "core/format/runtimes.h"

#include <cstdint>
#include <string_view>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
    (void)bitlathe::format::parseRuntimeTable({reinterpret_cast<const char*>(data), size}, "fuzz");
    return 0;
}
