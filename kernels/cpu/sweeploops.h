// SPDX-License-Identifier: Apache-2.0
// Loop templates of the sweep. Every lane computes what the reference computes, in its order.
#pragma once

#include "kernels/reference/sweep.h"

namespace bitlathe::kernels::cpu
{

namespace
{

/// Registers that hold one column of a panel.
template <class S>
constexpr int kParts = static_cast<int>(kSweepLanes) / S::kLanes;

template <class S>
struct Column
{
    typename S::V part[kParts<S>];
};

template <class S>
inline __attribute__((always_inline)) Column<S> loadColumn(const float* p)
{
    Column<S> column;
#pragma GCC unroll 4
    for (int i = 0; i < kParts<S>; ++i) {
        column.part[i] = S::load(p + i * S::kLanes);
    }
    return column;
}

template <class S>
inline __attribute__((always_inline)) void storeColumn(float* p, const Column<S>& column)
{
#pragma GCC unroll 4
    for (int i = 0; i < kParts<S>; ++i) {
        S::store(p + i * S::kLanes, column.part[i]);
    }
}

/// sums[i] += a[i][k] * b[k] for kRows rows: a register per row and part, all of them at work at once.
template <class S, int kRows>
inline __attribute__((always_inline)) void multiplyTile(const float* a, std::int64_t aStride, const float* b,
                                                        std::int64_t depth, Column<S> (&sums)[kRows])
{
    for (std::int64_t k = 0; k < depth; ++k) {
        const Column<S> factor = loadColumn<S>(b + k * kSweepLanes);
#pragma GCC unroll 16
        for (int i = 0; i < kRows; ++i) {
            const auto value = S::set(a[i * aStride + k]);
#pragma GCC unroll 4
            for (int part = 0; part < kParts<S>; ++part) {
                sums[i].part[part] = S::fma(value, factor.part[part], sums[i].part[part]);
            }
        }
    }
}

/// Rows of a tile: their sums fill most registers.
template <class S>
constexpr int kTile = S::kLanes == 16 ? 12 : 3;

template <class S, int kRows>
inline __attribute__((always_inline)) void addTile(const PanelProduct& product, std::int64_t row)
{
    Column<S> sums[kRows];
#pragma GCC unroll 16
    for (int i = 0; i < kRows; ++i) {
        sums[i] = loadColumn<S>(product.c + (row + i) * product.cStride);
    }
    multiplyTile<S, kRows>(product.a + row * product.aStride, product.aStride, product.b, product.depth, sums);
#pragma GCC unroll 16
    for (int i = 0; i < kRows; ++i) {
        storeColumn<S>(product.c + (row + i) * product.cStride, sums[i]);
    }
}

template <class S>
void addPanelProduct(const PanelProduct& product)
{
    std::int64_t row = 0;
    for (; row + kTile<S> <= product.rows; row += kTile<S>) {
        addTile<S, kTile<S>>(product, row);
    }
    for (; row < product.rows; ++row) {
        addTile<S, 1>(product, row);
    }
}

/// Columns whose sums over everything before them are made at once.
constexpr std::int64_t kStrip = 12;

/// Walks the columns: first the sums of a strip over all columns before it, at full speed, then the strip itself.
/// finish(col, target) puts what it makes of the target into errors.
template <class S, class Finish>
inline __attribute__((always_inline)) void walkColumns(const float* factor, std::int64_t stride, std::int64_t cols,
                                                       const float* state, const float* errors, const Finish& finish)
{
    alignas(64) float strip[kStrip * kSweepLanes];
    for (std::int64_t first = 0; first < cols; first += kStrip) {
        const std::int64_t count = cols - first < kStrip ? cols - first : kStrip;
        for (std::int64_t i = 0; i < count * kSweepLanes; ++i) {
            strip[i] = state[first * kSweepLanes + i];
        }
        addPanelProduct<S>({factor + first * stride, stride, errors, strip, kSweepLanes, count, first});
        for (std::int64_t col = first; col < first + count; ++col) {
            Column<S> target[1] = {loadColumn<S>(strip + (col - first) * kSweepLanes)};
            multiplyTile<S, 1>(factor + col * stride + first, stride, errors + first * kSweepLanes, col - first,
                               target);
            finish(col, target[0]);
        }
    }
}

template <class S>
void sweepColumns(const SweepRun& run)
{
    const auto maxCode = S::set(run.maxCode);
    walkColumns<S>(
        run.factor, run.factorStride, run.cols, run.state, run.errors, [&](std::int64_t col, const Column<S>& target) {
            const std::int64_t at = col * kSweepLanes;
            const std::int64_t group = run.group != nullptr ? run.group[col] * kSweepLanes : 0;
            const auto weight = S::set(run.weight[col]);
#pragma GCC unroll 4
            for (int part = 0; part < kParts<S>; ++part) {
                const std::int64_t lane = part * S::kLanes;
                const auto scale = S::load(run.scales + group + lane);
                const auto zero = S::load(run.zeros + group + lane);
                const auto low = S::sub(S::zero(), zero);
                const auto place = S::min(S::max(S::div(target.part[part], scale), low), S::sub(maxCode, zero));
                const auto step = S::round(place);
                const auto value = S::mul(step, scale);
                const auto original = S::load(run.original + at + lane);
                const auto wrong = S::sub(target.part[part], value);
                auto change = S::mul(wrong, wrong);
                if (run.relativeLoss) {
                    const auto before = S::sub(target.part[part], original);
                    change = S::sub(change, S::mul(before, before));
                }
                S::store(run.loss + lane, S::fma(weight, change, S::load(run.loss + lane)));
                S::store(run.errors + at + lane, S::sub(original, value));
                S::store(run.steps + at + lane, step);
            }
        });
}

template <class S>
void freeColumns(const FreeRun& run)
{
    walkColumns<S>(
        run.factor, run.factorStride, run.cols, run.state, run.errors, [&](std::int64_t col, const Column<S>& target) {
            const std::int64_t at = col * kSweepLanes;
#pragma GCC unroll 4
            for (int part = 0; part < kParts<S>; ++part) {
                const std::int64_t lane = part * S::kLanes;
                const auto original = run.original != nullptr ? S::load(run.original + at + lane) : S::zero();
                S::store(run.errors + at + lane, S::sub(original, target.part[part]));
                S::store(run.targets + at + lane, target.part[part]);
            }
        });
}

template <class S>
constexpr SweepOps makeSweepOps()
{
    return {addPanelProduct<S>, sweepColumns<S>, freeColumns<S>};
}

} // namespace

} // namespace bitlathe::kernels::cpu
