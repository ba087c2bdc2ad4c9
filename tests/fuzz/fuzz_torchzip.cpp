// SPDX-License-Identifier: Apache-2.0
// Fuzz target: any bytes as the ZIP container of torch.save.
#include "torchfuzz.h"

#include <cstdint>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
    const auto input = std::as_bytes(std::span(data, size));
    bitlathe::fuzz::checkTorch(bitlathe::checkpoint::parseTorchZip(input, "fuzz"), input);
    return 0;
}
