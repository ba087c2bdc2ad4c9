// SPDX-License-Identifier: Apache-2.0
// Products with dense weights, by cuBLASLt, and with packed ones. Weights in bf16 have rows padded to whole 16 bytes,
// and inputs are rounded into rows as long, so that products of any size read whole vectors; the padding is zero and
// adds nothing.
#include "kernels/cuda/context.h"
#include "kernels/cuda/device.cuh"
#include "kernels/cuda/operations.h"

#include <cuda_fp16.h>

#include <algorithm>
#include <memory>

namespace bitlathe::cuda
{

namespace
{

constexpr int kThreads = 256;
constexpr std::int64_t kPadding = 8; ///< Values of bf16 in 16 bytes.

__device__ float widened(float value)
{
    return value;
}
__device__ float widened(__half value)
{
    return __half2float(value);
}
__device__ float widened(__nv_bfloat16 value)
{
    return __bfloat162float(value);
}
__device__ void store(float value, float& out)
{
    out = value;
}
__device__ void store(float value, __nv_bfloat16& out)
{
    out = __float2bfloat16_rn(value);
}

/// out [rows, stride] = in [rows, cols], columns from cols on zero. A block takes some rows, a thread neighbouring
/// columns.
template <typename In, typename Out>
__global__ void convertRows(const In* in, std::int64_t rows, std::int64_t cols, Out* out, std::int64_t stride)
{
    const std::int64_t count = rows * stride;
    const std::int64_t step = std::int64_t{gridDim.x} * blockDim.x;
    for (std::int64_t i = std::int64_t{blockIdx.x} * blockDim.x + threadIdx.x; i < count; i += step) {
        const std::int64_t row = i / stride;
        const std::int64_t col = i - row * stride;
        store(col < cols ? widened(in[row * cols + col]) : 0.0F, out[i]);
    }
}

/// The same from f32 to bf16 for rows without padding, four at a time.
__global__ void roundFours(const float4* in, std::int64_t count, __nv_bfloat162* out)
{
    const std::int64_t step = std::int64_t{gridDim.x} * blockDim.x;
    for (std::int64_t i = std::int64_t{blockIdx.x} * blockDim.x + threadIdx.x; i < count; i += step) {
        const float4 values = in[i];
        out[2 * i] = __floats2bfloat162_rn(values.x, values.y);
        out[2 * i + 1] = __floats2bfloat162_rn(values.z, values.w);
    }
}

__global__ void addBias(float* y, const float* bias, std::int64_t count, std::int64_t outputs)
{
    const std::int64_t step = std::int64_t{gridDim.x} * blockDim.x;
    for (std::int64_t i = std::int64_t{blockIdx.x} * blockDim.x + threadIdx.x; i < count; i += step) {
        y[i] += bias[i % outputs];
    }
}

template <typename In>
void convertTo(Call& call, const void* in, std::int64_t rows, const BitlatheCudaWeights& weights, std::int64_t firstRow)
{
    const std::int64_t count = rows * weights.stride;
    const unsigned grid = gridFor(count, kThreads, call.context().multiprocessors);
    const auto* from = static_cast<const In*>(in);
    if (weights.bf16) {
        auto* to = static_cast<__nv_bfloat16*>(weights.values) + firstRow * weights.stride;
        convertRows<<<grid, kThreads, 0, call.stream()>>>(from, rows, weights.inputs, to, weights.stride);
    } else {
        auto* to = static_cast<float*>(weights.values) + firstRow * weights.stride;
        convertRows<<<grid, kThreads, 0, call.stream()>>>(from, rows, weights.inputs, to, weights.stride);
    }
    call.checkLaunch();
}

void convertTyped(Call& call, std::int32_t type, std::int64_t rows, const BitlatheCudaWeights& weights,
                  std::int64_t firstRow)
{
    const void* in = call.context().scratch;
    switch (type) {
    case BitlatheCudaF32: convertTo<float>(call, in, rows, weights, firstRow); break;
    case BitlatheCudaF16: convertTo<__half>(call, in, rows, weights, firstRow); break;
    case BitlatheCudaBf16: convertTo<__nv_bfloat16>(call, in, rows, weights, firstRow); break;
    default: call.check(std::string("unknown type of weights"));
    }
}

/// y = x w' of rows that the scratch holds; see Product.
std::string multiplyRows(BitlatheCudaContext& context, const BitlatheCudaWeights& weights, const void* x,
                         std::int64_t rows, float* y)
{
    Product product;
    product.bf16 = weights.bf16;
    product.transposeA = true; // Row-major [outputs, stride] is column-major [stride, outputs].
    product.m = weights.outputs;
    product.n = rows;
    product.k = weights.stride;
    product.a = weights.values;
    product.strideA = weights.stride;
    product.b = x;
    product.strideB = weights.stride;
    product.c = y;
    product.strideC = weights.outputs;
    return context.blas.multiply(product, context.blasMemory, kBlasBytes, context.stream);
}

/// y = x w' + bias of packed weights, in pieces whose inputs fit the scratch as bf16.
void multiplyPacked(Call& call, const BitlatheCudaWeights& weights, const float* x, std::int64_t rows,
                    const float* bias, float* y)
{
    std::int64_t atOnce = rows;
    while (packedWorkspace(*weights.packed, atOnce, true) > kScratchBytes) {
        atOnce = (atOnce + 1) / 2;
    }
    for (std::int64_t row = 0; row < rows && call.good(); row += atOnce) {
        PackedProduct product;
        product.x = x + row * weights.inputs;
        product.xFloat = true;
        product.rows = std::min(atOnce, rows - row);
        product.bias = bias;
        product.y = y + row * weights.outputs;
        product.yFloat = true;
        product.workspace = call.context().scratch;
        call.check(packedMatmul(*weights.packed, product, call.stream()));
    }
}

} // namespace

cudaError_t probe()
{
    cudaFuncAttributes attributes = {};
    return cudaFuncGetAttributes(&attributes, roundFours);
}

void roundRows(Call& call, const float* in, std::int64_t rows, std::int64_t cols, __nv_bfloat16* out,
               std::int64_t stride)
{
    const int processors = call.context().multiprocessors;
    const std::int64_t count = rows * stride;
    if (stride == cols && readsFours(count, {in})) {
        roundFours<<<gridFor(count / 4, kThreads, processors), kThreads, 0, call.stream()>>>(
            reinterpret_cast<const float4*>(in), count / 4, reinterpret_cast<__nv_bfloat162*>(out));
    } else {
        convertRows<<<gridFor(count, kThreads, processors), kThreads, 0, call.stream()>>>(in, rows, cols, out, stride);
    }
    call.checkLaunch();
}

std::int32_t prepare(BitlatheCudaContext* context, std::int32_t type, std::int64_t outputs, std::int64_t inputs,
                     const void* hostValues, std::int32_t bf16, BitlatheCudaWeights** weights)
{
    *weights = nullptr;
    Call call(context, "prepare");
    auto made = std::make_unique<BitlatheCudaWeights>();
    made->outputs = outputs;
    made->inputs = inputs;
    made->bf16 = bf16 != 0;
    made->stride = made->bf16 ? (inputs + kPadding - 1) / kPadding * kPadding : inputs;
    made->bytes = static_cast<std::uint64_t>(outputs * made->stride) * (made->bf16 ? 2 : 4);
    made->values = takeMemory(*context, made->bytes);
    if (made->values == nullptr) {
        return BitlatheCudaOutOfMemory;
    }
    const std::uint64_t rowBytes = static_cast<std::uint64_t>(inputs) * (type == BitlatheCudaF32 ? 4 : 2);
    const auto rowsAtOnce = static_cast<std::int64_t>(kScratchBytes / rowBytes);
    if (rowsAtOnce == 0) {
        call.check(std::string("rows of weights longer than the scratch memory"));
    }
    for (std::int64_t row = 0; row < outputs && call.good(); row += rowsAtOnce) {
        const std::int64_t rows = std::min(rowsAtOnce, outputs - row);
        uploadBytes(call, static_cast<const char*>(hostValues) + static_cast<std::uint64_t>(row) * rowBytes,
                    context->scratch, static_cast<std::uint64_t>(rows) * rowBytes);
        convertTyped(call, type, rows, *made, row);
    }
    if (call.good()) {
        *weights = made.release();
    } else {
        giveMemoryBack(*context, made->values);
    }
    return call.status();
}

std::int32_t preparePacked(BitlatheCudaContext* context, const BitlatheCudaPacked* hostPacked,
                           BitlatheCudaWeights** weights)
{
    *weights = nullptr;
    Call call(context, "preparePacked");
    const PackedArrays arrays{hostPacked->outputs, hostPacked->inputs,    hostPacked->bits,       hostPacked->codes,
                              hostPacked->book,    hostPacked->groupSize, hostPacked->groupIndex, hostPacked->groups,
                              hostPacked->scales,  hostPacked->zeros,     hostPacked->zero,       hostPacked->offsets};
    auto made = std::make_unique<BitlatheCudaWeights>();
    made->outputs = arrays.outputs;
    made->inputs = arrays.inputs;
    made->bytes = packedBytes(arrays);
    if (made->bytes == 0) {
        call.check(cudaErrorInvalidValue);
        return call.status();
    }
    made->values = takeMemory(*context, made->bytes);
    void* staging = takeMemory(*context, packedStagingBytes(arrays));
    if (made->values == nullptr || staging == nullptr) {
        giveMemoryBack(*context, made->values);
        giveMemoryBack(*context, staging);
        return BitlatheCudaOutOfMemory;
    }
    call.check(packedPrepare(arrays, made->values, call.stream(), &made->packed.emplace(), staging));
    giveMemoryBack(*context, staging);
    if (call.good()) {
        *weights = made.release();
    } else {
        giveMemoryBack(*context, made->values);
    }
    return call.status();
}

std::int32_t prepareInPlace(BitlatheCudaContext* context, const float* values, std::int64_t outputs,
                            std::int64_t inputs, BitlatheCudaWeights** weights)
{
    const Call call(context, "prepareInPlace");
    auto made = std::make_unique<BitlatheCudaWeights>();
    made->values = const_cast<float*>(values);
    made->isBorrowed = true;
    made->outputs = outputs;
    made->inputs = inputs;
    made->stride = inputs;
    *weights = made.release();
    return call.status();
}

std::uint64_t weightBytes(const BitlatheCudaWeights* weights)
{
    return weights->bytes;
}

void releaseWeights(BitlatheCudaContext* context, BitlatheCudaWeights* weights)
{
    const std::lock_guard lock(context->mutex);
    if (!weights->isBorrowed) {
        giveMemoryBack(*context, weights->values);
    }
    delete weights;
}

std::int32_t gemm(BitlatheCudaContext* context, const BitlatheCudaWeights* weights, const float* x, std::int64_t rows,
                  const float* bias, float* y)
{
    Call call(context, "gemm");
    if (weights->packed) {
        multiplyPacked(call, *weights, x, rows, bias, y);
        return call.status();
    }
    const std::int64_t atOnce = weights->bf16 ? static_cast<std::int64_t>(kScratchBytes) / (2 * weights->stride) : rows;
    for (std::int64_t row = 0; row < rows && call.good(); row += atOnce) {
        const std::int64_t part = std::min(atOnce, rows - row);
        const void* factor = x + row * weights->inputs;
        if (weights->bf16) {
            roundRows(call, x + row * weights->inputs, part, weights->inputs,
                      static_cast<__nv_bfloat16*>(context->scratch), weights->stride);
            factor = context->scratch;
        }
        call.check(multiplyRows(*context, *weights, factor, part, y + row * weights->outputs));
    }
    if (bias != nullptr && call.good() && rows > 0) {
        const std::int64_t count = rows * weights->outputs;
        addBias<<<gridFor(count, kThreads, context->multiprocessors), kThreads, 0, call.stream()>>>(y, bias, count,
                                                                                                    weights->outputs);
        call.checkLaunch();
    }
    return call.status();
}

} // namespace bitlathe::cuda
