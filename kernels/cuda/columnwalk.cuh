// SPDX-License-Identifier: Apache-2.0
// The walk over a block of columns: each lane of a warp is a row, and every column's error goes to those behind it.
#pragma once

#include "kernels/cuda/columns.h"
#include "kernels/cuda/device.cuh"

namespace bitlathe::cuda
{

/// Columns whose targets are in registers at once.
constexpr int kStrip = 32;

/// For every column c: target = state(c) + sum over k < c of errors[k] factor[c][k], k ascending, and errors[c] =
/// finish(c, target, original). factor: transposed, [k][kFactorStride], zero from k on; start(c, state, original) reads
/// what a column begins with. errors: [cols][pitch] in shared memory, this lane's.
template <class Start, class Finish>
__device__ __forceinline__ void walkColumns(const float* factor, int cols, float* errors, int pitch, const Start& start,
                                            const Finish& finish)
{
    for (int first = 0; first < cols; first += kStrip) {
        float target[kStrip];
        float original[kStrip];
#pragma unroll
        for (int i = 0; i < kStrip; ++i) {
            target[i] = 0.0F;
            original[i] = 0.0F;
            if (first + i < cols) {
                start(first + i, target[i], original[i]);
            }
        }
        const float* row = factor + first;
#pragma unroll 2
        for (int k = 0; k < first; ++k, row += kFactorStride) {
            const float error = errors[k * pitch];
#pragma unroll
            for (int i = 0; i < kStrip; i += 4) {
                const float4 four = __ldg(reinterpret_cast<const float4*>(row + i));
                target[i] = fmaf(four.x, error, target[i]);
                target[i + 1] = fmaf(four.y, error, target[i + 1]);
                target[i + 2] = fmaf(four.z, error, target[i + 2]);
                target[i + 3] = fmaf(four.w, error, target[i + 3]);
            }
        }
#pragma unroll
        for (int i = 0; i < kStrip; ++i) {
            if (first + i < cols) {
                const float error = finish(first + i, target[i], original[i]);
                errors[(first + i) * pitch] = error;
#pragma unroll
                for (int j = i + 1; j < kStrip; ++j) {
                    target[j] = fmaf(__ldg(row + j), error, target[j]);
                }
                row += kFactorStride;
            }
        }
    }
}

} // namespace bitlathe::cuda
