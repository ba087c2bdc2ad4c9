// SPDX-License-Identifier: Apache-2.0
// What the operations of a sweep take: orders of columns, the factor of a Hessian, and the rounding of rows.
#pragma once

#include "kernels/gridchoice.h"

#include <cstdint>
#include <functional>
#include <span>

namespace bitlathe::kernels
{

/// Neighbouring columns of an order that share their scales.
struct ColumnRun
{
    std::int64_t begin = 0;
    std::int64_t end = 0;
    std::int64_t group = 0; ///< Of the scales.
};

/// An order in which columns are taken. In the processor's memory for every backend.
struct OrderedColumns
{
    std::span<const std::int32_t> columns; ///< Place in the order -> column.
    std::span<const std::int32_t> groups;  ///< Place in the order -> group of scales.
    std::span<const ColumnRun> runs;       ///< Empty: groups are scattered over the order.
};

/// For H, the matrix in an order's places with `added` on its diagonal, and V upper triangular with V V' = H:
/// factor[c][k] = V[k][c] / V[c][c] for k < c and zero elsewhere, weight[c] = V[c][c]^2.
struct ColumnFactoring
{
    std::int64_t cols = 0;
    std::span<const float> matrix;         ///< [cols, cols], symmetric, finite.
    std::span<const std::int32_t> columns; ///< Place -> column; the processor's.
    double added = 0;
    std::span<float> factor; ///< [cols, paddedStride(cols)]
    std::span<float> weight; ///< [cols]
    /// Whether to give up, asked from time to time; may be empty.
    std::function<bool()> stop;
};

/// Rounds rows of weights to grids, column by column in an order: every column's error goes to those behind it by the
/// factor (SweepRun of sweep.h says how). Before a run of columns is rounded, its grid is chosen for each row:
///  - from its targets, were nothing in it rounded: the grid over their range;
///  - where `search`: of the grids over shares of the range (rangeTries), and then of the best one moved (gridMoves),
///    the first that leaves the least loss when the run is swept with it. Runs of more than kSearchedColumns columns
///    are searched as if their columns were independent.
/// Where groups are scattered, all grids are chosen first, from the weights, as if columns were independent.
/// After that, `passes` times over the runs of `grouped`: the run's scales and codes are chosen anew given all other
/// columns, by the coupling of columns, which is the matrix with its rows divided by their diagonal.
struct ColumnRounding
{
    std::int64_t rows = 0;
    std::int64_t cols = 0;
    std::int64_t groups = 0;
    std::span<const float> weights; ///< [rows, cols], finite.
    OrderedColumns order;
    std::span<const float> factor; ///< As of ColumnFactoring.
    std::span<const float> weight;
    GridRule rule; ///< Its searchRange means nothing here.
    bool search = false;
    int moveRounds = 1; ///< Of gridMoves.

    int passes = 0;
    OrderedColumns grouped;                ///< With runs; only for passes.
    std::span<const float> coupling;       ///< [cols, paddedStride(cols)] in grouped's places; only for passes.
    std::span<const float> couplingWeight; ///< [cols] the diagonal; only for passes.

    std::span<std::uint8_t> codes;              ///< Out: [rows, packedBytes(cols, bits)], as packCodes() packs a row.
    std::span<float> scales;                    ///< Out: [rows, groups]
    std::span<std::uint8_t> zeros;              ///< Out: [rows, groups]; may be empty where the rule is symmetric.
    std::span<std::int32_t> coarse;             ///< Out: [rows] scales that their type holds only coarsely.
    std::span<float> differences;               ///< Out: [rows, cols] weights less what codes mean; empty: not wanted.
    std::int64_t blockCols = 128;               ///< Columns swept before others learn of it. Changes nothing but speed.
    std::function<bool()> stop;                 ///< As of ColumnFactoring; what comes back after it means nothing.
    std::function<void(std::int64_t)> rowsDone; ///< Told of rows as they are done; may be empty.
};

/// Longest run whose grids are searched for by sweeping it.
constexpr std::int64_t kSearchedColumns = 256;

/// The most memory that a device takes for roundColumns() beside its arguments: panels of f32 for originals, states and
/// errors, and of one byte for codes and groups' parameters.
constexpr std::uint64_t roundingBytes(std::int64_t rows, std::int64_t cols, std::int64_t groups)
{
    constexpr std::int64_t kPanels = 4;
    return static_cast<std::uint64_t>(rows * (cols * (4 * kPanels + 1) + groups * 12) + cols * 1024 + (1 << 20));
}

/// Bytes of a row of packed codes.
constexpr std::int64_t packedBytes(std::int64_t cols, int bits)
{
    return (cols * bits + 7) / 8;
}

} // namespace bitlathe::kernels
