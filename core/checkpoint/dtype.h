// SPDX-License-Identifier: Apache-2.0
// Element types of tensors in checkpoints.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace bitlathe::checkpoint {

enum class DType
{
    Bool,
    U8,
    I8,
    I16,
    U16,
    F16,
    BF16,
    I32,
    U32,
    F32,
    I64,
    U64,
    F64,
    F8E4M3,
    F8E5M2
};

std::string_view dtypeName(DType dtype); ///< As safetensors spells it: "BF16", "F8_E4M3".
std::optional<DType> dtypeFromName(std::string_view name);
std::uint64_t dtypeBytes(DType dtype); ///< Bytes of one element.
bool isFloat(DType dtype);

} // namespace bitlathe::checkpoint
