// SPDX-License-Identifier: Apache-2.0
// libFuzzer target of the reader of csv files.
#include "readers.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
    bitlathe::fuzz::csv({reinterpret_cast<const char*>(data), size});
    return 0;
}
