// SPDX-License-Identifier: Apache-2.0
// The walk over a block of columns: each lane of a warp is a row, and every column's error goes to those behind it.
#pragma once

#include "kernels/cuda/columns.h"
#include "kernels/cuda/device.cuh"

namespace bitlathe::cuda
{

/// A strip, whose targets have what all columns before it gave them: column by column. whole: all of it exists. Errors
/// stay in registers until its end, so that no load of what follows waits for a store.
template <bool whole, int lines, class Finish>
__device__ __forceinline__ void walkStrip(const float* row, int first, int cols, float* errors, int pitch,
                                          float (&target)[lines][kStrip], const float (&original)[kStrip],
                                          const Finish& finish)
{
#pragma unroll
    for (int i = 0; i < kStrip; ++i) {
        if (whole || first + i < cols) {
#pragma unroll
            for (int line = 0; line < lines; ++line) {
                target[line][i] = finish(line, first + i, target[line][i], original[i]);
            }
#pragma unroll
            for (int j = i + 1; j < kStrip; ++j) {
                const float factor = row[i * kStrip + j];
#pragma unroll
                for (int line = 0; line < lines; ++line) {
                    target[line][j] = fmaf(factor, target[line][i], target[line][j]);
                }
            }
        }
    }
#pragma unroll
    for (int i = 0; i < kStrip; ++i) {
        if (whole || first + i < cols) {
#pragma unroll
            for (int line = 0; line < lines; ++line) {
                errors[((first + i) * lines + line) * pitch] = target[line][i];
            }
        }
    }
}

/// For every column c: target = state(c) + sum over k < c of errors[k] factor[c][k], k ascending, and errors[c] =
/// finish(line, c, target, original). factor: in strips; start(c, state, original) reads what a column begins with.
/// Lines begin alike and go their ways by what finish makes of them; every factor is read once for all of them. errors:
/// [cols][lines][pitch] in shared memory, this lane's.
template <int lines, class Start, class Finish>
__device__ __forceinline__ void walkColumns(const float* factor, int cols, float* errors, int pitch, const Start& start,
                                            const Finish& finish)
{
    const float* row = factor;
    for (int first = 0; first < cols; first += kStrip) {
        float target[lines][kStrip];
        float original[kStrip];
#pragma unroll
        for (int i = 0; i < kStrip; ++i) {
            target[0][i] = 0.0F;
            original[i] = 0.0F;
            if (first + i < cols) {
                start(first + i, target[0][i], original[i]);
            }
#pragma unroll
            for (int line = 1; line < lines; ++line) {
                target[line][i] = target[0][i];
            }
        }
#pragma unroll(4 / lines)
        for (int k = 0; k < first; ++k, row += kStrip) {
            float error[lines];
#pragma unroll
            for (int line = 0; line < lines; ++line) {
                error[line] = errors[(k * lines + line) * pitch];
            }
#pragma unroll
            for (int i = 0; i < kStrip; i += 4) {
                const float4 four = *reinterpret_cast<const float4*>(row + i);
#pragma unroll
                for (int line = 0; line < lines; ++line) {
                    target[line][i] = fmaf(four.x, error[line], target[line][i]);
                    target[line][i + 1] = fmaf(four.y, error[line], target[line][i + 1]);
                    target[line][i + 2] = fmaf(four.z, error[line], target[line][i + 2]);
                    target[line][i + 3] = fmaf(four.w, error[line], target[line][i + 3]);
                }
            }
        }
        if (first + kStrip <= cols) {
            walkStrip<true, lines>(row, first, cols, errors, pitch, target, original, finish);
        } else {
            walkStrip<false, lines>(row, first, cols, errors, pitch, target, original, finish);
        }
        row += kStrip * kStrip;
    }
}

/// The strips of a factor to shared memory, by all threads of the block.
__device__ __forceinline__ void loadStrips(const float* factor, int cols, float* shared)
{
    const int fours = stripStart(stripsOf(cols)) / 4;
    const int thread = static_cast<int>(threadIdx.y * blockDim.x + threadIdx.x);
#pragma unroll 8
    for (int i = thread; i < fours; i += static_cast<int>(blockDim.x * blockDim.y)) {
        reinterpret_cast<float4*>(shared)[i] = reinterpret_cast<const float4*>(factor)[i];
    }
    __syncthreads();
}

} // namespace bitlathe::cuda
