// SPDX-License-Identifier: Apache-2.0
// The functions behind BitlatheCudaTable; plugin.h says what each does.
#pragma once

#include "kernels/cuda/plugin.h"

#include <cuda_runtime_api.h>

namespace bitlathe::cuda
{

/// Whether the current device can run this plug-in's code.
cudaError_t probe();

// context.cu
std::int32_t open(std::int32_t device, std::uint64_t bytesBudget, BitlatheCudaContext** context, char* text,
                  std::size_t capacity);
void close(BitlatheCudaContext* context);
void failure(BitlatheCudaContext* context, char* text, std::size_t capacity);
std::int32_t allocate(BitlatheCudaContext* context, std::uint64_t bytes, void** memory);
void release(BitlatheCudaContext* context, void* memory);
std::int32_t upload(BitlatheCudaContext* context, const void* host, void* to, std::uint64_t bytes);
std::int32_t download(BitlatheCudaContext* context, const void* from, void* host, std::uint64_t bytes);
std::int32_t copy(BitlatheCudaContext* context, const void* from, void* to, std::uint64_t bytes);
std::int32_t wait(BitlatheCudaContext* context);
void use(BitlatheCudaContext* context, BitlatheCudaUse* use);

// gemm.cu
std::int32_t prepare(BitlatheCudaContext* context, std::int32_t type, std::int64_t outputs, std::int64_t inputs,
                     const void* hostValues, std::int32_t bf16, BitlatheCudaWeights** weights);
std::int32_t preparePacked(BitlatheCudaContext* context, const BitlatheCudaPacked* hostPacked,
                           BitlatheCudaWeights** weights);
std::int32_t prepareInPlace(BitlatheCudaContext* context, const float* values, std::int64_t outputs,
                            std::int64_t inputs, BitlatheCudaWeights** weights);
std::uint64_t weightBytes(const BitlatheCudaWeights* weights);
void releaseWeights(BitlatheCudaContext* context, BitlatheCudaWeights* weights);
std::int32_t gemmEach(BitlatheCudaContext* context, const BitlatheCudaGemmInput* input, const BitlatheCudaGemm* parts,
                      std::int32_t count);

// norms.cu
std::int32_t rmsNorm(BitlatheCudaContext* context, const float* x, const float* weight, double epsilon, float* out,
                     std::int64_t rows, std::int64_t cols);
std::int32_t layerNorm(BitlatheCudaContext* context, const float* x, const float* weight, const float* bias,
                       double epsilon, float* out, std::int64_t rows, std::int64_t cols);

// elementwise.cu
std::int32_t rope(BitlatheCudaContext* context, float* x, std::int64_t rows, std::int64_t heads, std::int64_t headDim,
                  const float* cosine, const float* sine);
std::int32_t turn(BitlatheCudaContext* context, const BitlatheCudaTurn* rows);
std::int32_t activate(BitlatheCudaContext* context, std::int32_t activation, float* x, const float* factor,
                      std::int64_t count);
std::int32_t add(BitlatheCudaContext* context, float* x, const float* y, std::int64_t count);
std::int32_t softCap(BitlatheCudaContext* context, float* x, float cap, std::int64_t count);

// distributions.cu
std::int32_t softmax(BitlatheCudaContext* context, float* x, std::int64_t rows, std::int64_t cols);
std::int32_t logSumExp(BitlatheCudaContext* context, const float* logits, std::int64_t rows, std::int64_t cols,
                       double* out);
std::int32_t klDivergence(BitlatheCudaContext* context, const float* p, const float* q, std::int64_t rows,
                          std::int64_t cols, double* out);

// rows.cu
std::int32_t pick(BitlatheCudaContext* context, const float* x, std::int64_t rows, std::int64_t cols,
                  const std::int32_t* indices, float* out);
std::int32_t widenRows(BitlatheCudaContext* context, std::int32_t type, const void* table, std::int64_t cols,
                       const std::int32_t* indices, std::int64_t count, float* out);
std::int32_t largest(BitlatheCudaContext* context, const float* x, std::int64_t rows, std::int64_t cols,
                     std::int32_t* out);
std::int32_t copyRows(BitlatheCudaContext* context, const float* from, std::int64_t strideFrom, float* to,
                      std::int64_t strideTo, std::int64_t rows, std::int64_t width);

// attention.cu
std::int32_t attention(BitlatheCudaContext* context, const BitlatheCudaAttention* shape, std::int32_t bf16,
                       const float* query, const float* keys, const float* values, float* out);

// statistics.cu
std::int32_t accumulateGram(BitlatheCudaContext* context, std::int32_t bf16, const float* x, std::int64_t rows,
                            std::int64_t cols, float* gram);
std::int32_t mirrorLower(BitlatheCudaContext* context, float* matrix, std::int64_t cols);
std::int32_t accumulateChannels(BitlatheCudaContext* context, const float* x, std::int64_t rows, std::int64_t cols,
                                const BitlatheCudaChannels* stats);

// factor.cu
std::int32_t factorColumns(BitlatheCudaContext* context, std::int64_t cols, const float* matrix,
                           const std::int32_t* hostColumns, double added, float* factor, float* weight,
                           std::int32_t* positive);

// round.cu
std::int32_t roundColumns(BitlatheCudaContext* context, const BitlatheCudaRounding* rounding);

// grouperrors.cu
std::int32_t groupErrors(BitlatheCudaContext* context, const BitlatheCudaGroups* groups, const float* scales,
                         float ratio, const float* ratios, float* errors);

// ratiosearch.cu
std::int32_t searchRatios(BitlatheCudaContext* context, const BitlatheCudaGroups* groups, const float* matrix,
                          const float* hostRatios, std::int32_t count, std::uint8_t* best);

// rows.cu
std::int32_t dotRows(BitlatheCudaContext* context, const float* x, const float* y, std::int64_t rows, std::int64_t cols,
                     double* out);

} // namespace bitlathe::cuda
