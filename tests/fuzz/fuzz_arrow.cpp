// SPDX-License-Identifier: Apache-2.0
// Fuzz target: the reader of .arrow files.
#include "textreaders.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
    bitlathe::fuzz::arrow({reinterpret_cast<const char*>(data), size});
    return 0;
}
