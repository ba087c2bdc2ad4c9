// SPDX-License-Identifier: Apache-2.0
// The sweep in plain loops: the specification.
#include "kernels/reference/sweep.h"

#include <algorithm>
#include <cmath>

namespace bitlathe::kernels
{

namespace
{

void addProduct(const PanelProduct& product)
{
    for (std::int64_t row = 0; row < product.rows; ++row) {
        float* out = product.c + row * product.cStride;
        for (std::int64_t k = 0; k < product.depth; ++k) {
            const float factor = product.a[row * product.aStride + k];
            for (std::int64_t lane = 0; lane < kSweepLanes; ++lane) {
                out[lane] = std::fma(factor, product.b[k * kSweepLanes + lane], out[lane]);
            }
        }
    }
}

/// state[c] + sum over k < c of errors[k] * factor[c][k].
float targetOf(const float* state, const float* errors, const float* factorRow, std::int64_t col, std::int64_t lane)
{
    float target = state[col * kSweepLanes + lane];
    for (std::int64_t k = 0; k < col; ++k) {
        target = std::fma(factorRow[k], errors[k * kSweepLanes + lane], target);
    }
    return target;
}

void sweep(const SweepRun& run)
{
    for (std::int64_t col = 0; col < run.cols; ++col) {
        const float* row = run.factor + col * run.factorStride;
        const std::int64_t group = run.group != nullptr ? run.group[col] * kSweepLanes : 0;
        for (std::int64_t lane = 0; lane < kSweepLanes; ++lane) {
            const std::int64_t at = col * kSweepLanes + lane;
            const float target = targetOf(run.state, run.errors, row, col, lane);
            const float scale = run.scales[group + lane];
            const float zero = run.zeros[group + lane];
            const float place = std::min(std::max(0.0F - zero, target / scale), run.maxCode - zero);
            const float step = std::nearbyint(place);
            const float value = step * scale;
            const float original = run.original[at];
            const float wrong = target - value;
            float change = wrong * wrong;
            if (run.relativeLoss) {
                const float before = target - original;
                change -= before * before;
            }
            run.loss[lane] = std::fma(run.weight[col], change, run.loss[lane]);
            run.errors[at] = original - value;
            run.steps[at] = step;
        }
    }
}

void sweepFreely(const FreeRun& run)
{
    for (std::int64_t col = 0; col < run.cols; ++col) {
        const float* row = run.factor + col * run.factorStride;
        for (std::int64_t lane = 0; lane < kSweepLanes; ++lane) {
            const std::int64_t at = col * kSweepLanes + lane;
            const float target = targetOf(run.state, run.errors, row, col, lane);
            run.errors[at] = (run.original != nullptr ? run.original[at] : 0.0F) - target;
            run.targets[at] = target;
        }
    }
}

} // namespace

const SweepOps& sweepOpsReference()
{
    static const SweepOps ops{addProduct, sweep, sweepFreely};
    return ops;
}

} // namespace bitlathe::kernels
