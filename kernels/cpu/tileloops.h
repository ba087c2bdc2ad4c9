// SPDX-License-Identifier: Apache-2.0
// Loop templates of matrix products: one tile, one row, and the packing of rows.
#pragma once

#include "kernels/cpu/table.h"

#include <algorithm>
#include <cstdint>
#include <cstring>

namespace bitlathe::kernels::cpu
{

namespace
{

/// A row of a that is not packed: element (row, k) at a[row * kRowStride + k]. Zero means packed, [k][rows].
template <int kRowStride, int kRows>
constexpr std::int64_t indexOf(int row, std::int64_t k)
{
    return kRowStride == 0 ? k * kRows + row : static_cast<std::int64_t>(row) * kRowStride + k;
}

/// Adds to sums[row][0..1] the products of two panel vectors with a's column k.
template <class S, int kRows, int kRowStride>
inline __attribute__((always_inline)) void step(typename S::V (&sums)[kRows][2], const float* a, std::int64_t k,
                                                typename S::V left, typename S::V right)
{
#pragma GCC unroll 16
    for (int row = 0; row < kRows; ++row) {
        const auto factor = S::set(a[indexOf<kRowStride, kRows>(row, k)]);
        sums[row][0] = S::fma(factor, left, sums[row][0]);
        sums[row][1] = S::fma(factor, right, sums[row][1]);
    }
}

/// The heart of every product: sums += a * panel, in the order of k.
template <class S, PanelKind kKind, int kRows, int kRowStride>
inline __attribute__((always_inline)) void multiply(typename S::V (&sums)[kRows][2], const void* rows,
                                                    const void* panel, std::int64_t depth)
{
    using V = typename S::V;
    constexpr int kWidth = 2 * S::kLanes;
    if constexpr (kKind == PanelKind::Bf16Dot) {
        const auto* a = static_cast<const std::uint32_t*>(rows);
        const auto* b = static_cast<const std::uint32_t*>(panel);
        for (std::int64_t pair = 0; pair < (depth + 1) / 2; ++pair, b += kWidth) {
            const auto left = S::loadDot(b);
            const auto right = S::loadDot(b + S::kLanes);
#pragma GCC unroll 16
            for (int row = 0; row < kRows; ++row) {
                const auto factor = S::setDot(a[indexOf<kRowStride, kRows>(row, pair)]);
                sums[row][0] = S::dot(sums[row][0], factor, left);
                sums[row][1] = S::dot(sums[row][1], factor, right);
            }
        }
    } else if constexpr (kKind == PanelKind::Bf16) {
        const auto* a = static_cast<const float*>(rows);
        const auto* b = static_cast<const std::uint32_t*>(panel);
        std::int64_t k = 0;
        for (; k + 1 < depth; k += 2, b += kWidth) {
            V leftEven;
            V leftOdd;
            V rightEven;
            V rightOdd;
            S::loadPairs(b, leftEven, leftOdd);
            S::loadPairs(b + S::kLanes, rightEven, rightOdd);
            step<S, kRows, kRowStride>(sums, a, k, leftEven, rightEven);
            step<S, kRows, kRowStride>(sums, a, k + 1, leftOdd, rightOdd);
        }
        if (k < depth) {
            V left;
            V right;
            V unused;
            S::loadPairs(b, left, unused);
            S::loadPairs(b + S::kLanes, right, unused);
            step<S, kRows, kRowStride>(sums, a, k, left, right);
        }
    } else if constexpr (kKind == PanelKind::F16) {
        const auto* a = static_cast<const float*>(rows);
        const auto* b = static_cast<const std::uint16_t*>(panel);
        for (std::int64_t k = 0; k < depth; ++k, b += kWidth) {
            step<S, kRows, kRowStride>(sums, a, k, S::loadHalf(b), S::loadHalf(b + S::kLanes));
        }
    } else {
        const auto* a = static_cast<const float*>(rows);
        const auto* b = static_cast<const float*>(panel);
        for (std::int64_t k = 0; k < depth; ++k, b += kWidth) {
            step<S, kRows, kRowStride>(sums, a, k, S::load(b), S::load(b + S::kLanes));
        }
    }
}

template <class S, PanelKind kKind, int kRows, int kRowStride>
void tileOf(const TileArgs& t)
{
    constexpr int kWidth = 2 * S::kLanes;
    typename S::V sums[kRows][2];
#pragma GCC unroll 16
    for (int row = 0; row < kRows; ++row) {
        sums[row][0] = S::zero();
        sums[row][1] = S::zero();
    }
    multiply<S, kKind, kRows, kRowStride>(sums, t.a, t.panel, t.depth);
    if (t.cols == kWidth && t.bias == nullptr) {
#pragma GCC unroll 16
        for (int row = 0; row < kRows; ++row) {
            float* const c = t.c + row * t.strideC;
            S::store(c, t.accumulate ? S::add(S::load(c), sums[row][0]) : sums[row][0]);
            S::store(c + S::kLanes, t.accumulate ? S::add(S::load(c + S::kLanes), sums[row][1]) : sums[row][1]);
        }
        return;
    }
    for (int row = 0; row < kRows; ++row) {
        float out[kWidth];
        S::store(out, sums[row][0]);
        S::store(out + S::kLanes, sums[row][1]);
        float* const c = t.c + row * t.strideC;
        for (int col = 0; col < t.cols; ++col) {
            const float sum = t.accumulate ? c[col] + out[col] : out[col];
            c[col] = t.bias != nullptr ? sum + t.bias[col] : sum;
        }
    }
}

/// Picks tileOf for t.rows, which is known only now.
template <class S, PanelKind kKind, int kRowStride, int kRows = S::kTileRows>
void tileOfRows(const TileArgs& t)
{
    if (t.rows == kRows) {
        tileOf<S, kKind, kRows, kRowStride>(t);
    } else if constexpr (kRows > 1) {
        tileOfRows<S, kKind, kRowStride, kRows - 1>(t);
    }
}

template <class S>
void tile(PanelKind kind, const TileArgs& t)
{
    switch (kind) {
    case PanelKind::F32: return tileOfRows<S, PanelKind::F32, 0>(t);
    case PanelKind::F16: return tileOfRows<S, PanelKind::F16, 0>(t);
    case PanelKind::Bf16: return tileOfRows<S, PanelKind::Bf16, 0>(t);
    case PanelKind::Bf16Dot:
    case PanelKind::Bf16Tile: // amx.cpp takes these before they come here
        if constexpr (S::kHasDot) {
            return tileOfRows<S, PanelKind::Bf16Dot, 0>(t);
        }
    }
}

/// kPanels panels side by side, so that enough sums are in flight to hide the latency of the multiply-add.
template <class S, PanelKind kKind, int kPanels>
inline __attribute__((always_inline)) void rowOfPanels(const RowArgs& r, std::int64_t first)
{
    constexpr int kWidth = 2 * S::kLanes;
    typename S::V sums[kPanels][1][2];
    const auto* panel = static_cast<const char*>(r.panels) + first * r.panelBytes;
#pragma GCC unroll 8
    for (int p = 0; p < kPanels; ++p) {
        sums[p][0][0] = S::zero();
        sums[p][0][1] = S::zero();
    }
    // The panels are walked together in short stretches; a stretch is even, so pairs stay whole.
    constexpr std::int64_t kStretch = 8;
    constexpr std::int64_t kBytesElement = kKind == PanelKind::F32 ? 4 : 2;
    constexpr std::int64_t kBytesFactor = kKind == PanelKind::Bf16Dot ? 2 : 4;
    std::int64_t k = 0;
    for (; k + kStretch <= r.depth; k += kStretch) {
        const auto* a = static_cast<const char*>(r.a) + k * kBytesFactor;
#pragma GCC unroll 8
        for (int p = 0; p < kPanels; ++p) {
            multiply<S, kKind, 1, 0>(sums[p], a, panel + p * r.panelBytes + k * kWidth * kBytesElement, kStretch);
        }
    }
    const auto* a = static_cast<const char*>(r.a) + k * kBytesFactor;
#pragma GCC unroll 8
    for (int p = 0; p < kPanels; ++p) {
        multiply<S, kKind, 1, 0>(sums[p], a, panel + p * r.panelBytes + k * kWidth * kBytesElement, r.depth - k);
    }
    for (int p = 0; p < kPanels; ++p) {
        float out[kWidth];
        S::store(out, sums[p][0][0]);
        S::store(out + S::kLanes, sums[p][0][1]);
        const std::int64_t col = (first + p) * kWidth;
        const std::int64_t cols = r.cols - col < kWidth ? r.cols - col : kWidth;
        for (std::int64_t i = 0; i < cols; ++i) {
            r.c[col + i] = r.bias != nullptr ? out[i] + r.bias[col + i] : out[i];
        }
    }
}

template <class S, PanelKind kKind>
void rowOf(const RowArgs& r)
{
    constexpr int kPanels = 4;
    std::int64_t panel = 0;
    for (; panel + kPanels <= r.panelCount; panel += kPanels) {
        rowOfPanels<S, kKind, kPanels>(r, panel);
    }
    for (; panel < r.panelCount; ++panel) {
        rowOfPanels<S, kKind, 1>(r, panel);
    }
}

template <class S>
void row(PanelKind kind, const RowArgs& r)
{
    switch (kind) {
    case PanelKind::F32: return rowOf<S, PanelKind::F32>(r);
    case PanelKind::F16: return rowOf<S, PanelKind::F16>(r);
    case PanelKind::Bf16: return rowOf<S, PanelKind::Bf16>(r);
    case PanelKind::Bf16Dot:
    case PanelKind::Bf16Tile: // one row leaves tiles nearly empty
        if constexpr (S::kHasDot) {
            return rowOf<S, PanelKind::Bf16Dot>(r);
        }
    }
}

/// The bits of a value rounded to bf16, ties to even.
inline std::uint32_t bf16BitsOf(float value)
{
    std::uint32_t bits = 0;
    std::memcpy(&bits, &value, sizeof(bits));
    const std::uint32_t rounded = bits + 0x7FFFU + ((bits >> 16U) & 1U);
    return ((bits & 0x7FFFFFFFU) > 0x7F800000U ? bits | 0x00400000U : rounded) >> 16U;
}

inline float bf16Rounded(float value)
{
    const std::uint32_t bits = bf16BitsOf(value) << 16U;
    float rounded = 0;
    std::memcpy(&rounded, &bits, sizeof(rounded));
    return rounded;
}

/// Packs one column of a tile, or one column of pairs.
template <class S>
void packColumn(PanelKind kind, const float* x, std::int64_t strideX, int rows, std::int64_t k, bool hasSecond,
                bool roundBf16, void* out)
{
    for (int row = 0; row < rows; ++row) {
        const float first = x[row * strideX + k];
        if (kind == PanelKind::Bf16Dot) {
            const float second = hasSecond ? x[row * strideX + k + 1] : 0.0F;
            static_cast<std::uint32_t*>(out)[k / 2 * rows + row] = bf16BitsOf(first) | (bf16BitsOf(second) << 16U);
        } else {
            static_cast<float*>(out)[k * rows + row] = roundBf16 ? bf16Rounded(first) : first;
        }
    }
}

/// Sixteen columns (of pairs for Bf16Dot) through registers.
template <class S>
void packSquare(PanelKind kind, const float* x, std::int64_t strideX, int rows, std::int64_t k, bool roundBf16,
                float* out)
{
    typename S::V v[S::kLanes];
    for (int row = 0; row < rows; ++row) {
        const float* from = x + row * strideX + k;
        if constexpr (S::kHasDot) {
            if (kind == PanelKind::Bf16Dot) {
                v[row] = S::loadAsPairs(from);
                continue;
            }
        }
        v[row] = roundBf16 ? S::roundBf16(S::load(from)) : S::load(from);
    }
    for (int row = rows; row < S::kLanes; ++row) {
        v[row] = S::zero();
    }
    S::transpose(v);
    for (int i = 0; i < S::kLanes; ++i) {
        S::storePart(out + i * rows, v[i], rows);
    }
}

template <class S>
void packRows(PanelKind kind, const float* x, std::int64_t strideX, int rows, std::int64_t depth, bool roundBf16,
              void* out)
{
    const std::int64_t step = kind == PanelKind::Bf16Dot ? 2 : 1;
    std::int64_t k = 0;
    if constexpr (S::kHasDot) {
        for (; kind == PanelKind::Bf16Dot && rows == 1 && k + 2 * S::kLanes <= depth; k += 2 * S::kLanes) {
            S::store(static_cast<float*>(out) + k / 2, S::loadAsPairs(x + k));
        }
    }
    if constexpr (S::kHasTranspose) {
        const std::int64_t square = step * S::kLanes;
        for (; rows > 1 && k + square <= depth; k += square) {
            packSquare<S>(kind, x, strideX, rows, k, roundBf16, static_cast<float*>(out) + k / step * rows);
        }
    }
    for (; k < depth; k += step) {
        packColumn<S>(kind, x, strideX, rows, k, k + 1 < depth, roundBf16, out);
    }
}

template <class S>
void packColumns(const ColumnsArgs& c, void* out)
{
    auto* to = static_cast<float*>(out);
    for (std::int64_t k = 0; k < c.depth; k += 2, to += c.width) {
        for (std::int64_t col = 0; col < c.width; col += S::kLanes) {
            const float* const from = c.x + k * c.stride + col;
            const auto load = [&](std::int64_t row) {
                const std::int64_t count = std::clamp<std::int64_t>(c.cols - col, 0, S::kLanes);
                return k + row < c.rows ? S::loadPart(from + row * c.stride, count) : S::zero();
            };
            S::storePart(to + col, S::pairsOf(load(0), load(1)), std::min<std::int64_t>(c.width - col, S::kLanes));
        }
    }
}

} // namespace

} // namespace bitlathe::kernels::cpu
