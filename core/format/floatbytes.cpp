// SPDX-License-Identifier: Apache-2.0
// FloatBytes: f32 values as the bytes of a tensor of another float type.
#include "core/format/floatbytes.h"

#include "kernels/scalars.h"

#include <algorithm>
#include <array>
#include <cstring>
#include <stdexcept>

namespace bitlathe::format
{

using checkpoint::DType;

namespace
{

template <typename Stored>
void storeAs(std::span<const float> values, std::span<std::byte> out)
{
    constexpr std::size_t kPiece = 2048;
    std::array<Stored, kPiece> piece;
    for (std::size_t begin = 0; begin < values.size(); begin += kPiece) {
        const std::size_t count = std::min(kPiece, values.size() - begin);
        kernels::convert(values.subspan(begin, count), std::span<Stored>(piece.data(), count));
        std::memcpy(out.data() + begin * sizeof(Stored), piece.data(), count * sizeof(Stored));
    }
}

} // namespace

DType writableDType(DType dtype)
{
    switch (dtype) {
    case DType::F16:
    case DType::BF16:
    case DType::F32: return dtype;
    case DType::F8E4M3:
    case DType::F8E5M2: return DType::BF16;
    case DType::Bool:
    case DType::U8:
    case DType::I8:
    case DType::I16:
    case DType::U16:
    case DType::I32:
    case DType::U32:
    case DType::I64:
    case DType::U64:
    case DType::F64: return DType::F32;
    }
    return DType::F32;
}

void storeFloats(DType dtype, std::span<const float> values, std::span<std::byte> out)
{
    if (out.size() != values.size() * checkpoint::dtypeBytes(dtype)) {
        throw std::logic_error("storeFloats: the output has another size than the values need");
    }
    switch (dtype) {
    case DType::F16: return storeAs<kernels::F16>(values, out);
    case DType::BF16: return storeAs<kernels::Bf16>(values, out);
    case DType::F32: std::memcpy(out.data(), values.data(), out.size()); return;
    default: throw std::logic_error("storeFloats: a type that weights are not written in");
    }
}

} // namespace bitlathe::format
