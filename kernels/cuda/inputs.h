// SPDX-License-Identifier: Apache-2.0
// What products in bf16 read: rows rounded, and normed or activated before.
#pragma once

#include <cuda_bf16.h>
#include <cuda_runtime_api.h>

#include <cstdint>

namespace bitlathe::cuda
{

/// As BitlatheCudaGemmInput; at most one of norm and activation.
struct InputForm
{
    const float* normWeight = nullptr;
    float epsilon = 0;
    std::int32_t activation = -1;
    const float* factor = nullptr;

    bool isPlain() const { return normWeight == nullptr && activation < 0; }
};

/// Where an operation is queued.
struct Queue
{
    cudaStream_t stream = nullptr;
    int multiprocessors = 0;
    bool early = false; ///< See launchEarly().
};

/// out [rows, stride] = bf16 of what form makes of x [rows, cols]; columns from cols on become zero, of plain rows
/// only: with a norm or an activation stride is cols.
cudaError_t roundInput(const InputForm& form, const float* x, std::int64_t rows, std::int64_t cols, __nv_bfloat16* out,
                       std::int64_t stride, const Queue& queue);

/// The same for a norm: norms.cu.
cudaError_t roundNormed(const InputForm& form, const float* x, std::int64_t rows, std::int64_t cols, __nv_bfloat16* out,
                        const Queue& queue);

} // namespace bitlathe::cuda
