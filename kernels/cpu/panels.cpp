// SPDX-License-Identifier: Apache-2.0
// Packing of panels, and the memory they lie in.
#include "kernels/cpu/panels.h"

#include "kernels/scalars.h"

#include <algorithm>
#include <bit>
#include <cstdlib>
#include <cstring>

#if defined(__linux__)
#    include <sys/mman.h>
#endif

namespace bitlathe::kernels::cpu
{

namespace
{

std::uint16_t bf16BitsOf(float value)
{
    const auto bits = std::bit_cast<std::uint32_t>(value);
    const std::uint32_t rounded = bits + 0x7FFFU + ((bits >> 16U) & 1U);
    const bool nan = (bits & 0x7FFFFFFFU) > 0x7F800000U;
    return static_cast<std::uint16_t>((nan ? bits | 0x00400000U : rounded) >> 16U);
}

template <typename T>
T loadAt(const std::byte* p, std::int64_t index)
{
    T value;
    std::memcpy(&value, p + index * static_cast<std::int64_t>(sizeof(T)), sizeof(T));
    return value;
}

struct FromF32
{
    static float f32(const std::byte* row, std::int64_t k) { return loadAt<float>(row, k); }
    static std::uint16_t bf16(const std::byte* row, std::int64_t k) { return bf16BitsOf(f32(row, k)); }
};
struct FromF16
{
    static float f32(const std::byte* row, std::int64_t k)
    {
        return static_cast<float>(std::bit_cast<F16>(loadAt<std::uint16_t>(row, k)));
    }
    static std::uint16_t bf16(const std::byte* row, std::int64_t k) { return bf16BitsOf(f32(row, k)); }
};
struct FromBf16
{
    static std::uint16_t bf16(const std::byte* row, std::int64_t k) { return loadAt<std::uint16_t>(row, k); }
    static float f32(const std::byte* row, std::int64_t k)
    {
        return std::bit_cast<float>(static_cast<std::uint32_t>(bf16(row, k)) << 16U);
    }
};

/// Stretches of a row that are copied at once, so that the part of the panel written stays in the first cache.
constexpr std::int64_t kStretch = 32;

template <class From>
void packPairs(const RowsSource& source, std::int64_t depth, std::int64_t width, std::uint16_t* panel)
{
    for (std::int64_t begin = 0; begin < depth; begin += kStretch) {
        const std::int64_t end = std::min(depth, begin + kStretch);
        for (std::int64_t col = 0; col < source.cols; ++col) {
            const std::byte* row = source.rows + col * source.strideBytes;
            for (std::int64_t k = begin; k < end; ++k) {
                panel[(k / 2 * width + col) * 2 + k % 2] = From::bf16(row, k);
            }
        }
    }
}

template <class From, typename T, T (*kGet)(const std::byte*, std::int64_t)>
void packPlain(const RowsSource& source, std::int64_t depth, std::int64_t width, T* panel)
{
    for (std::int64_t begin = 0; begin < depth; begin += kStretch) {
        const std::int64_t end = std::min(depth, begin + kStretch);
        for (std::int64_t col = 0; col < source.cols; ++col) {
            const std::byte* row = source.rows + col * source.strideBytes;
            for (std::int64_t k = begin; k < end; ++k) {
                panel[k * width + col] = kGet(row, k);
            }
        }
    }
}

template <class From>
void packFrom(PanelKind kind, const RowsSource& source, std::int64_t depth, std::int64_t width, void* panel)
{
    switch (kind) {
    case PanelKind::F32: return packPlain<From, float, From::f32>(source, depth, width, static_cast<float*>(panel));
    case PanelKind::F16: // Only ever made from f16: the bits are copied.
        return packPlain<From, std::uint16_t, loadAt<std::uint16_t>>(source, depth, width,
                                                                     static_cast<std::uint16_t*>(panel));
    case PanelKind::Bf16:
    case PanelKind::Bf16Dot:
    case PanelKind::Bf16Tile: return packPairs<From>(source, depth, width, static_cast<std::uint16_t*>(panel));
    }
}

} // namespace

std::int64_t panelBytes(PanelKind kind, std::int64_t depth, std::int64_t width)
{
    switch (kind) {
    case PanelKind::F32: return depth * width * 4;
    case PanelKind::F16: return depth * width * 2;
    case PanelKind::Bf16:
    case PanelKind::Bf16Dot:
    case PanelKind::Bf16Tile: return (depth + 1) / 2 * width * 4;
    }
    return 0;
}

void packPanel(PanelKind kind, const RowsSource& source, std::int64_t depth, std::int64_t width, void* panel)
{
    if (source.cols < width || depth % 2 != 0) {
        std::memset(panel, 0, static_cast<std::size_t>(panelBytes(kind, depth, width)));
    }
    switch (source.type) {
    case ScalarType::F32: return packFrom<FromF32>(kind, source, depth, width, panel);
    case ScalarType::F16: return packFrom<FromF16>(kind, source, depth, width, panel);
    case ScalarType::Bf16: return packFrom<FromBf16>(kind, source, depth, width, panel);
    }
}

void packPanel(PanelKind kind, const ColumnsSource& source, std::int64_t depth, std::int64_t width, void* panel)
{
    if (source.cols < width || source.depthFilled < depth || depth % 2 != 0) {
        std::memset(panel, 0, static_cast<std::size_t>(panelBytes(kind, depth, width)));
    }
    if (kind == PanelKind::F32) {
        for (std::int64_t k = 0; k < source.depthFilled; ++k) {
            std::copy_n(source.source + k * source.stride, source.cols, static_cast<float*>(panel) + k * width);
        }
        return;
    }
    static_assert(std::endian::native == std::endian::little); // The first of a pair lies first.
    for (std::int64_t k = 0; k < source.depthFilled; k += 2) {
        const float* first = source.source + k * source.stride;
        auto* pairs = static_cast<std::uint32_t*>(panel) + k / 2 * width;
        if (k + 1 == source.depthFilled) {
            std::transform(first, first + source.cols, pairs, [](float a) { return std::uint32_t{bf16BitsOf(a)}; });
            return;
        }
        std::transform(first, first + source.cols, first + source.stride, pairs, [](float a, float b) {
            return std::uint32_t{bf16BitsOf(a)} | std::uint32_t{bf16BitsOf(b)} << 16U;
        });
    }
}

float roundedToBf16(float value)
{
    return std::bit_cast<float>(static_cast<std::uint32_t>(bf16BitsOf(value)) << 16U);
}

void AlignedBuffer::Free::operator()(std::byte* p) const
{
    std::free(p); // NOLINT(cppcoreguidelines-no-malloc): the pair of aligned_alloc
}

AlignedBuffer::AlignedBuffer(std::size_t bytes)
{
    constexpr std::size_t kLine = 64;
    constexpr std::size_t kLargePage = std::size_t{2} << 20U;
    const std::size_t alignment = bytes >= kLargePage ? kLargePage : kLine;
    m_size = (std::max<std::size_t>(bytes, 1) + kLine - 1) / kLine * kLine;
    const std::size_t allocated = (m_size + alignment - 1) / alignment * alignment;
    m_data.reset(static_cast<std::byte*>(std::aligned_alloc(alignment, allocated)));
    if (!m_data) {
        throw std::bad_alloc();
    }
#if defined(__linux__)
    if (alignment == kLargePage) {
        // Fewer address translations while weights stream by; only advice, so a refusal does not matter.
        (void)madvise(m_data.get(), allocated, MADV_HUGEPAGE);
    }
#endif
}

void AlignedBuffer::reserve(std::size_t bytes)
{
    if (bytes > m_size) {
        *this = AlignedBuffer(); // first free, so that both never exist at once
        *this = AlignedBuffer(bytes);
    }
}

} // namespace bitlathe::kernels::cpu
