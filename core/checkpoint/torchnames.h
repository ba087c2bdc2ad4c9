// SPDX-License-Identifier: Apache-2.0
// The names that may stand in the pickles of PyTorch's files, and the element types among them.
#pragma once

#include "core/checkpoint/dtype.h"

#include <cstdint>
#include <optional>
#include <string_view>

namespace bitlathe::checkpoint
{

/// Whether a tensor file may name this: functions that rebuild tensors, storages, element types, dictionaries.
bool isTorchName(std::string_view name);

/// The element type that a storage ("torch.HalfStorage") or a dtype ("torch.float16") stands for.
struct TorchElement
{
    std::optional<DType> dtype; ///< None: untyped bytes, or a type that has no place here, such as complex numbers.
    std::uint64_t bytes = 1;
    bool isUntyped = false;
};

std::optional<TorchElement> torchElement(std::string_view name);

} // namespace bitlathe::checkpoint
