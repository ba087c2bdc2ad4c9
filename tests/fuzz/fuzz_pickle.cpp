// SPDX-License-Identifier: Apache-2.0
// Fuzz target: any bytes as a pickle, and as the state dict that it may hold.
#include "core/checkpoint/torchnames.h"
#include "torchfuzz.h"

#include <cstdint>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
    using namespace bitlathe::checkpoint;
    using bitlathe::fuzz::require;
    const auto pickle = readPickle(std::as_bytes(std::span(data, size)), "fuzz", isTorchName);
    if (!pickle) {
        bitlathe::fuzz::requireSentence(pickle.error());
        return 0;
    }
    require(pickle->root != nullptr && pickle->bytes <= size, "a pickle has a root and ends in its input");
    for (const PickleValue& value : pickle->values) {
        require(value.kind != PickleKind::Global || isTorchName(value.text), "no name is let in that is not allowed");
        require(value.kind != PickleKind::Call || value.items.size() == 2, "a call has a name and arguments");
        require(value.kind != PickleKind::Dict || value.items.size() % 2 == 0, "a dictionary has pairs");
    }
    const auto state = readTorchState(*pickle, nullptr, "fuzz");
    if (!state) {
        bitlathe::fuzz::requireSentence(state.error());
        return 0;
    }
    for (const TorchTensor& tensor : state->tensors) {
        require(tensor.shape.size() == tensor.strides.size() && state->storages.contains(tensor.storage),
                "a tensor has a storage and as many strides as sizes");
    }
    return 0;
}
