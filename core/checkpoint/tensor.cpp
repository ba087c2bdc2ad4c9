// SPDX-License-Identifier: Apache-2.0
// Tensors of a checkpoint: where one lies, and a view of its bytes.
#include "core/checkpoint/tensor.h"

#include "core/base/size.h"
#include "kernels/scalars.h"
#include "kernels/threads.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <cassert>
#include <cmath>
#include <cstring>
#include <limits>

namespace bitlathe::checkpoint
{

namespace
{

/// Elements handled at a time: small enough for the first-level cache, large enough for vector loops.
constexpr std::size_t kPiece = 2048;
/// Elements that a thread takes at a time of a whole tensor: some hundred microseconds of work.
constexpr std::int64_t kElementsPerTask = 1 << 18;

/// Reads elements from bytes of any alignment, a piece at a time.
template <typename Stored, typename Convert>
void readPieces(const std::byte* bytes, std::span<float> out, const Convert& convert)
{
    std::array<Stored, kPiece> piece;
    while (!out.empty()) {
        const std::size_t count = std::min(out.size(), kPiece);
        std::memcpy(static_cast<void*>(piece.data()), bytes, count * sizeof(Stored));
        convert(std::span<const Stored>(piece.data(), count), out.first(count));
        bytes += count * sizeof(Stored);
        out = out.subspan(count);
    }
}

template <typename Stored, typename Convert>
void readEach(const std::byte* bytes, std::span<float> out, const Convert& convert)
{
    readPieces<Stored>(bytes, out, [&convert](std::span<const Stored> from, std::span<float> to) {
        for (std::size_t i = 0; i < from.size(); ++i) {
            to[i] = convert(from[i]);
        }
    });
}

template <typename Stored>
void readCast(const std::byte* bytes, std::span<float> out)
{
    readEach<Stored>(bytes, out, [](Stored value) { return static_cast<float>(value); });
}

template <typename Half>
void readHalf(const std::byte* bytes, std::span<float> out)
{
    readPieces<Half>(bytes, out, [](std::span<const Half> from, std::span<float> to) { kernels::convert(from, to); });
}

/// The value of an eight-bit float with so many bits of exponent. E4M3 is the variant without infinities.
float decodeF8(unsigned bits, unsigned exponentBits, bool hasInfinity)
{
    const unsigned mantissaBits = 7 - exponentBits;
    const unsigned exponent = (bits & 0x7fU) >> mantissaBits;
    const unsigned mantissa = bits & ((1U << mantissaBits) - 1U);
    const unsigned top = (1U << exponentBits) - 1U;
    const int bias = (1 << (exponentBits - 1)) - 1;
    const float sign = (bits & 0x80U) != 0 ? -1.0F : 1.0F;
    if (hasInfinity && exponent == top) {
        return mantissa == 0 ? sign * std::numeric_limits<float>::infinity() : std::numeric_limits<float>::quiet_NaN();
    }
    if (!hasInfinity && (bits & 0x7fU) == 0x7fU) {
        return std::numeric_limits<float>::quiet_NaN();
    }
    const int power = (exponent == 0 ? 1 : static_cast<int>(exponent)) - bias - static_cast<int>(mantissaBits);
    const unsigned whole = exponent == 0 ? mantissa : mantissa | (1U << mantissaBits);
    return sign * std::ldexp(static_cast<float>(whole), power);
}

std::array<float, 256> f8Table(unsigned exponentBits, bool hasInfinity)
{
    std::array<float, 256> table{};
    for (unsigned bits = 0; bits < table.size(); ++bits) {
        table[bits] = decodeF8(bits, exponentBits, hasInfinity);
    }
    return table;
}

const std::array<float, 256>& f8e4m3()
{
    static const std::array<float, 256> table = f8Table(4, false);
    return table;
}

const std::array<float, 256>& f8e5m2()
{
    static const std::array<float, 256> table = f8Table(5, true);
    return table;
}

/// The first element whose bits hold every bit of mask, or the count. The inner loop has no branch, so that it becomes
/// vector code.
template <typename Stored>
std::size_t firstInPart(std::span<const std::byte> bytes, Stored mask)
{
    const std::size_t count = bytes.size() / sizeof(Stored);
    std::array<Stored, kPiece> piece;
    for (std::size_t begin = 0; begin < count; begin += kPiece) {
        const std::size_t size = std::min(kPiece, count - begin);
        std::memcpy(piece.data(), bytes.data() + begin * sizeof(Stored), size * sizeof(Stored));
        Stored found = 0;
        for (std::size_t i = 0; i < size; ++i) {
            found = static_cast<Stored>(found | ((piece[i] & mask) == mask ? Stored{1} : Stored{0}));
        }
        if (found != 0) {
            const Stored* begins = piece.data();
            const Stored* end = begins + size;
            const auto* at = std::find_if(begins, end, [mask](Stored bits) { return (bits & mask) == mask; });
            return begin + static_cast<std::size_t>(at - begins);
        }
    }
    return count;
}

/// As firstInPart(), on all threads.
template <typename Stored>
std::size_t firstWithBits(std::span<const std::byte> bytes, Stored mask)
{
    const std::size_t count = bytes.size() / sizeof(Stored);
    std::atomic<std::size_t> first = count;
    kernels::parallelFor(static_cast<std::int64_t>(count), kElementsPerTask, [&](std::int64_t begin, std::int64_t end) {
        const auto from = static_cast<std::size_t>(begin);
        const std::size_t size = static_cast<std::size_t>(end) - from;
        const std::size_t found = firstInPart(bytes.subspan(from * sizeof(Stored), size * sizeof(Stored)), mask);
        std::size_t known = first;
        while (found < size && from + found < known && !first.compare_exchange_weak(known, from + found)) {
        }
    });
    return first;
}

std::size_t firstNotFinite(const TensorView& tensor)
{
    switch (tensor.dtype) {
    case DType::BF16: return firstWithBits<std::uint16_t>(tensor.bytes, 0x7f80U);
    case DType::F16: return firstWithBits<std::uint16_t>(tensor.bytes, 0x7c00U);
    case DType::F32: return firstWithBits<std::uint32_t>(tensor.bytes, 0x7f800000U);
    case DType::F64: return firstWithBits<std::uint64_t>(tensor.bytes, 0x7ff0000000000000ULL);
    case DType::F8E4M3: return firstWithBits<std::uint8_t>(tensor.bytes, 0x7fU);
    case DType::F8E5M2: return firstWithBits<std::uint8_t>(tensor.bytes, 0x7cU);
    default: return tensor.bytes.size() / dtypeBytes(tensor.dtype);
    }
}

/// "[2, 17]": the place of an element by its index in row-major order.
std::string placeName(const Shape& shape, std::size_t index)
{
    Shape place(shape.size());
    for (std::size_t i = shape.size(); i-- > 0;) {
        place[i] = static_cast<std::int64_t>(index % static_cast<std::size_t>(shape[i]));
        index /= static_cast<std::size_t>(shape[i]);
    }
    return fmt::format("[{}]", fmt::join(place, ", "));
}

} // namespace

std::int64_t TensorView::elements() const
{
    return static_cast<std::int64_t>(elementCount(shape).value_or(0));
}

void readF32(const TensorView& tensor, std::int64_t first, std::span<float> out)
{
    if (out.empty()) {
        return;
    }
    const std::byte* from = tensor.bytes.data() + static_cast<std::size_t>(first) * dtypeBytes(tensor.dtype);
    switch (tensor.dtype) {
    case DType::Bool: return readEach<std::uint8_t>(from, out, [](std::uint8_t v) { return v == 0 ? 0.0F : 1.0F; });
    case DType::U8: return readCast<std::uint8_t>(from, out);
    case DType::I8: return readCast<std::int8_t>(from, out);
    case DType::I16: return readCast<std::int16_t>(from, out);
    case DType::U16: return readCast<std::uint16_t>(from, out);
    case DType::I32: return readCast<std::int32_t>(from, out);
    case DType::U32: return readCast<std::uint32_t>(from, out);
    case DType::I64: return readCast<std::int64_t>(from, out);
    case DType::U64: return readCast<std::uint64_t>(from, out);
    case DType::F64: return readCast<double>(from, out);
    case DType::F16: return readHalf<kernels::F16>(from, out);
    case DType::BF16: return readHalf<kernels::Bf16>(from, out);
    case DType::F32: std::memcpy(out.data(), from, out.size_bytes()); return;
    case DType::F8E4M3: {
        const auto& table = f8e4m3();
        return readEach<std::uint8_t>(from, out, [&table](std::uint8_t bits) { return table[bits]; });
    }
    case DType::F8E5M2: {
        const auto& table = f8e5m2();
        return readEach<std::uint8_t>(from, out, [&table](std::uint8_t bits) { return table[bits]; });
    }
    }
}

void toF32(const TensorView& tensor, std::span<float> out)
{
    assert(static_cast<std::int64_t>(out.size()) == tensor.elements());
    kernels::parallelFor(tensor.elements(), kElementsPerTask, [&](std::int64_t begin, std::int64_t end) {
        readF32(tensor, begin, out.subspan(static_cast<std::size_t>(begin), static_cast<std::size_t>(end - begin)));
    });
}

std::vector<float> toF32(const TensorView& tensor)
{
    std::vector<float> values(static_cast<std::size_t>(tensor.elements()));
    toF32(tensor, values);
    return values;
}

Result<void> checkFinite(const TensorView& tensor)
{
    const std::size_t index = firstNotFinite(tensor);
    if (index >= tensor.bytes.size() / dtypeBytes(tensor.dtype)) {
        return {};
    }
    float value = 0.0F;
    readF32(tensor, static_cast<std::int64_t>(index), {&value, 1});
    return fail(
        ErrorCode::WeightsNotFinite, tensor.name, Text(BITLATHE_TEXT("finite numbers")),
        std::isnan(value) ? Text(BITLATHE_TEXT("NaN at %1"), placeName(tensor.shape, index))
                          : Text(BITLATHE_TEXT("infinity at %1"), placeName(tensor.shape, index)),
        Text(BITLATHE_TEXT("Download the model again, or take a checkpoint that was saved before training diverged")));
}

} // namespace bitlathe::checkpoint
