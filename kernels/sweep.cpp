// SPDX-License-Identifier: Apache-2.0
// The dispatch of the sweep to the level in use, and the blocked Cholesky factor.
#include "kernels/sweep.h"

#include "kernels/cpulevel.h"
#include "kernels/reference/sweep.h"
#include "kernels/threads.h"

#include <algorithm>
#include <array>
#include <atomic>
#include <cassert>
#include <cmath>
#include <vector>

namespace bitlathe::kernels
{

namespace
{

const SweepOps& ops()
{
#if defined(__x86_64__)
    if (cpuLevel() >= CpuLevel::Avx512) {
        return sweepOpsAvx512();
    }
    if (cpuLevel() >= CpuLevel::Avx2) {
        return sweepOpsAvx2();
    }
#endif
    return sweepOpsReference();
}

/// Columns that are factored at once: deep enough for the products, small enough for a panel of them to stay in cache.
constexpr std::int64_t kDepth = 128;

/// The matrix while it becomes its factor.
struct Work
{
    const SweepOps& op;
    float* matrix;
    std::int64_t n;
    std::int64_t stride;
    std::vector<double> pivotsMin;
    std::vector<float> panels; ///< Columns of the current block below it, negated, as panels of kSweepLanes rows.

    float* row(std::int64_t index) const { return matrix + index * stride; }
};

/// The diagonal block [first, first + count), in f64. False where a pivot is too small.
bool factorDiagonal(const Work& work, std::int64_t first, std::int64_t count)
{
    std::array<double, kDepth * kDepth> block{};
    const auto at = [&block](std::int64_t i, std::int64_t j) -> double& {
        return block[static_cast<std::size_t>(i * kDepth + j)];
    };
    for (std::int64_t i = 0; i < count; ++i) {
        const float* source = work.row(first + i) + first;
        for (std::int64_t j = 0; j <= i; ++j) {
            double sum = static_cast<double>(source[j]);
            for (std::int64_t k = 0; k < j; ++k) {
                sum -= at(i, k) * at(j, k);
            }
            if (i == j) {
                if (!(sum > work.pivotsMin[static_cast<std::size_t>(first + i)]) || !(sum > 0) || !std::isfinite(sum)) {
                    return false;
                }
                at(i, i) = std::sqrt(sum);
            } else {
                at(i, j) = sum / at(j, j);
            }
        }
    }
    for (std::int64_t i = 0; i < count; ++i) {
        float* target = work.row(first + i) + first;
        for (std::int64_t j = 0; j <= i; ++j) {
            target[j] = static_cast<float>(at(i, j));
        }
    }
    return true;
}

/// Rows [begin, begin + kSweepLanes) of the columns [first, first + count): solved against the diagonal block, whose
/// rows divided by their diagonal are `scaled`, and kept negated as the panel that the products take.
void solvePanel(const Work& work, const std::vector<float>& scaled, std::int64_t first, std::int64_t count,
                std::int64_t begin, float* panel)
{
    const std::int64_t rows = std::min(kSweepLanes, work.n - begin);
    std::vector<float> errors(static_cast<std::size_t>(kDepth * kSweepLanes));
    std::fill_n(panel, kDepth * kSweepLanes, 0.0F);
    for (std::int64_t lane = 0; lane < rows; ++lane) {
        const float* source = work.row(begin + lane) + first;
        for (std::int64_t col = 0; col < count; ++col) {
            panel[col * kSweepLanes + lane] = source[col] / work.row(first + col)[first + col];
        }
    }
    work.op.sweepFreely({scaled.data(), kDepth, count, panel, nullptr, panel, errors.data()});
    for (std::int64_t lane = 0; lane < rows; ++lane) {
        float* target = work.row(begin + lane) + first;
        for (std::int64_t col = 0; col < count; ++col) {
            target[col] = panel[col * kSweepLanes + lane];
        }
    }
    std::copy_n(errors.data(), count * kSweepLanes, panel); // 0 - target
}

std::vector<float> scaledDiagonal(const Work& work, std::int64_t first, std::int64_t count)
{
    std::vector<float> scaled(static_cast<std::size_t>(kDepth * kDepth));
    for (std::int64_t i = 0; i < count; ++i) {
        const float* source = work.row(first + i) + first;
        for (std::int64_t j = 0; j < i; ++j) {
            scaled[static_cast<std::size_t>(i * kDepth + j)] = source[j] / source[i];
        }
    }
    return scaled;
}

} // namespace

void addPanelProduct(const PanelProduct& product)
{
    ops().addProduct(product);
}

void sweepColumns(const SweepRun& run)
{
    ops().sweep(run);
}

void freeColumns(const FreeRun& run)
{
    ops().sweepFreely(run);
}

bool choleskyLower(std::span<float> matrix, std::int64_t n, const std::function<bool()>& stop)
{
    assert(static_cast<std::int64_t>(matrix.size()) >= n * paddedStride(n));
    Work work{ops(), matrix.data(), n, paddedStride(n), {}, {}};
    for (std::int64_t i = 0; i < n; ++i) {
        work.pivotsMin.push_back(kPivotMin * static_cast<double>(work.row(i)[i]));
    }
    for (std::int64_t first = 0; first < n; first += kDepth) {
        const std::int64_t count = std::min(kDepth, n - first);
        if ((stop && stop()) || !factorDiagonal(work, first, count)) {
            return false;
        }
        // Panels of rows stand at multiples of kSweepLanes, as the block's end does.
        const std::int64_t below = first + count;
        const std::int64_t panels = (n - below + kSweepLanes - 1) / kSweepLanes;
        work.panels.resize(static_cast<std::size_t>(panels * kDepth * kSweepLanes));
        const std::vector<float> scaled = scaledDiagonal(work, first, count);
        const auto panelAt = [&work](std::int64_t index) { return work.panels.data() + index * kDepth * kSweepLanes; };
        parallelFor(panels, 1, [&](std::int64_t begin, std::int64_t end) {
            for (std::int64_t index = begin; index < end; ++index) {
                solvePanel(work, scaled, first, count, below + index * kSweepLanes, panelAt(index));
            }
        });
        parallelFor(panels, 1, [&](std::int64_t begin, std::int64_t end) {
            for (std::int64_t index = begin; index < end; ++index) {
                const std::int64_t row = below + index * kSweepLanes;
                work.op.addProduct({work.row(row) + first, work.stride, panelAt(index), work.row(row) + row,
                                    work.stride, n - row, count});
            }
        });
    }
    return true;
}

} // namespace bitlathe::kernels
