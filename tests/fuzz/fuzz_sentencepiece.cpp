// SPDX-License-Identifier: Apache-2.0
// Fuzz target: the reader of SentencePiece models.
#include "textreaders.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
    bitlathe::fuzz::sentencePiece({reinterpret_cast<const char*>(data), size});
    return 0;
}
