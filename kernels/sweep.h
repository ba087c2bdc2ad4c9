// SPDX-License-Identifier: Apache-2.0
// Rounding columns one after the other with error feedback, and the Cholesky factor that weighs the feedback.
#pragma once

#include <cstdint>
#include <functional>
#include <span>

namespace bitlathe::kernels
{

/// Rows of a weight that are swept side by side. A panel of `cols` columns is [cols][kSweepLanes]: each column's values
/// of all rows are neighbours, so that a vector register holds several rows of one column.
constexpr std::int64_t kSweepLanes = 32;

/// c[i][j] += sum over k of a[i][k] * b[k][j], for rows i and lanes j; every sum runs over k in ascending order with
/// fused multiply-adds, hence the same bits on every level and for every split of the rows.
struct PanelProduct
{
    const float* a = nullptr; ///< [rows, depth] with rows aStride apart.
    std::int64_t aStride = 0;
    const float* b = nullptr; ///< [depth][kSweepLanes]
    float* c = nullptr;       ///< [rows, kSweepLanes] with rows cStride apart.
    std::int64_t cStride = kSweepLanes;
    std::int64_t rows = 0;
    std::int64_t depth = 0;
};
void addPanelProduct(const PanelProduct& product);

/// A run of columns to round one after the other. factor is [cols, cols] with rows factorStride apart; of row c only
/// entries k < c are read. For column c and each lane, in this order:
///   target = state[c] + sum over k < c of errors[k] * factor[c][k]
///   step   = clamp(round(target / scale), -zero, maxCode - zero), ties to even, NaN to -zero; value = step * scale
///   errors[c] = original[c] - value
///   loss  += weight[c] * (target - value)^2, less weight[c] * (target - original[c])^2 where relativeLoss
/// states, originals, steps and errors are panels; steps may be state.
struct SweepRun
{
    const float* factor = nullptr;
    std::int64_t factorStride = 0;
    const float* weight = nullptr; ///< [cols]
    std::int64_t cols = 0;
    const float* state = nullptr;
    const float* original = nullptr;
    const float* scales = nullptr;       ///< [groups][kSweepLanes], positive.
    const float* zeros = nullptr;        ///< [groups][kSweepLanes], whole numbers in 0 ... maxCode.
    const std::int32_t* group = nullptr; ///< [cols]; null: group 0.
    float maxCode = 0;
    bool relativeLoss = false;
    float* steps = nullptr;
    float* errors = nullptr;
    float* loss = nullptr; ///< [kSweepLanes], added to.
};
void sweepColumns(const SweepRun& run);

/// The targets that a sweep would have where nothing is rounded: targets[c] = state[c] + sum over k < c of
/// (original[k] - targets[k]) * factor[c][k]. A null original stands for zeros; targets may be state.
struct FreeRun
{
    const float* factor = nullptr;
    std::int64_t factorStride = 0;
    std::int64_t cols = 0;
    const float* state = nullptr;
    const float* original = nullptr;
    float* targets = nullptr;
    float* errors = nullptr; ///< Scratch panel: original - target.
};
void freeColumns(const FreeRun& run);

/// Elements between two rows of a matrix of this many columns that choleskyLower takes: a multiple of kSweepLanes.
constexpr std::int64_t paddedStride(std::int64_t cols)
{
    return (cols + kSweepLanes - 1) / kSweepLanes * kSweepLanes;
}

/// A pivot below this share of its diagonal element is taken for a rounding error.
constexpr double kPivotMin = 2e-6;

/// Replaces the lower triangle of a symmetric matrix [n, paddedStride(n)] by its lower Cholesky factor, in f32; what is
/// above the diagonal is scratch. Only the lower triangle is read. On all threads, the same bits for any number of
/// them. False where the matrix is not positive definite in this arithmetic, or not finite, or when stop (may be empty)
/// says so. About n^3 / 6 multiply-adds.
bool choleskyLower(std::span<float> matrix, std::int64_t n, const std::function<bool()>& stop = {});

} // namespace bitlathe::kernels
