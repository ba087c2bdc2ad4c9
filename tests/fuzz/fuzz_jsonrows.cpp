// SPDX-License-Identifier: Apache-2.0
// Fuzz target: the readers of .jsonl and .json files.
#include "textreaders.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
    bitlathe::fuzz::json({reinterpret_cast<const char*>(data), size});
    return 0;
}
