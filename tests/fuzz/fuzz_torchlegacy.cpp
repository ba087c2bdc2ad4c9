// SPDX-License-Identifier: Apache-2.0
// Fuzz target: any bytes as one of the two older containers of torch.save.
#include "torchfuzz.h"

#include <cstdint>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
    const auto input = std::as_bytes(std::span(data, size));
    // Both at once: a change of the first bytes would otherwise end in neither.
    bitlathe::fuzz::checkTorch(bitlathe::checkpoint::parseTorchSequence(input, "fuzz"), input);
    bitlathe::fuzz::checkTorch(bitlathe::checkpoint::parseTorchTar(input, "fuzz"), input);
    return 0;
}
