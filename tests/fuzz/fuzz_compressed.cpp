// SPDX-License-Identifier: Apache-2.0
// Fuzz target: the unpackers of .gz and .zst files.
#include "textreaders.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
    bitlathe::fuzz::compressed({reinterpret_cast<const char*>(data), size});
    return 0;
}
