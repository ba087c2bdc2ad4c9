// SPDX-License-Identifier: Apache-2.0
// Products with dense weights, by cuBLASLt, and with packed ones. Weights in bf16 have rows padded to whole 16 bytes,
// and inputs are rounded into rows as long, so that products of any size read whole vectors; the padding is zero and
// adds nothing.
#include "kernels/cuda/context.h"
#include "kernels/cuda/device.cuh"
#include "kernels/cuda/operations.h"

#include <cuda_fp16.h>

#include <algorithm>
#include <array>
#include <memory>
#include <span>

namespace bitlathe::cuda
{

inline namespace gemm_cu
{

constexpr int kThreads = 256;
constexpr std::int64_t kPadding = 8; ///< Values of bf16 in 16 bytes.
constexpr std::size_t kPartsAtOnce = 8;

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

/// y = x w', or added to y, of rows that the scratch holds; see Product.
std::string multiplyRows(BitlatheCudaContext& context, const BitlatheCudaWeights& weights, const void* x,
                         std::int64_t rows, float* y, bool adds)
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
    product.beta = adds ? 1.0F : 0.0F;
    return context.blas.multiply(product, context.blasMemory, kBlasBytes, context.stream);
}

/// Rows of a product's input, in the form that its weights take.
struct Input
{
    const float* x = nullptr;
    std::int64_t rows = 0;
    InputForm form;

    Input from(std::int64_t row, std::int64_t count, std::int64_t cols) const
    {
        Input part{x + row * cols, count, form};
        part.form.factor = form.factor != nullptr ? form.factor + row * cols : nullptr;
        return part;
    }
};

using Parts = std::span<const BitlatheCudaGemm>;

float* resultOf(const BitlatheCudaGemm& part)
{
    return part.addTo != nullptr ? part.addTo : part.y;
}

/// Products of packed weights, in pieces whose inputs fit the scratch as bf16.
void multiplyPacked(Call& call, Parts parts, const Input& input)
{
    std::int64_t atOnce = input.rows;
    for (const BitlatheCudaGemm& part : parts) {
        while (packedWorkspace(*part.weights->packed, atOnce, true) > kScratchBytes) {
            atOnce = (atOnce + 1) / 2;
        }
    }
    std::array<PackedOutput, kPartsAtOnce> outputs;
    const std::int64_t cols = parts[0].weights->inputs;
    for (std::int64_t row = 0; row < input.rows && call.good(); row += atOnce) {
        const Input piece = input.from(row, std::min(atOnce, input.rows - row), cols);
        std::ranges::transform(parts, outputs.begin(), [row](const BitlatheCudaGemm& part) {
            return PackedOutput{&*part.weights->packed, part.bias, resultOf(part) + row * part.weights->outputs,
                                part.addTo != nullptr};
        });
        const PackedInput packed{piece.x, true, piece.rows, true, call.context().scratch, piece.form};
        call.check(packedMatmul(std::span(outputs).first(parts.size()), packed, call.stream()));
    }
}

/// Products of dense weights of one type. Inputs of bf16 are rounded once for them.
void multiplyDense(Call& call, Parts parts, const Input& input)
{
    BitlatheCudaContext& context = call.context();
    const BitlatheCudaWeights& first = *parts[0].weights;
    const std::int64_t atOnce = first.bf16 ? static_cast<std::int64_t>(kScratchBytes) / (2 * first.stride) : input.rows;
    for (std::int64_t row = 0; row < input.rows && call.good(); row += atOnce) {
        const Input piece = input.from(row, std::min(atOnce, input.rows - row), first.inputs);
        const void* factor = piece.x;
        if (first.bf16) {
            call.check(roundInput(piece.form, piece.x, piece.rows, first.inputs,
                                  static_cast<__nv_bfloat16*>(context.scratch), first.stride, call.queue()));
            factor = context.scratch;
        }
        for (const BitlatheCudaGemm& part : parts) {
            call.check(multiplyRows(context, *part.weights, factor, piece.rows,
                                    resultOf(part) + row * part.weights->outputs, part.addTo != nullptr));
        }
    }
    for (const BitlatheCudaGemm& part : parts) {
        const std::int64_t count = input.rows * part.weights->outputs;
        if (part.bias != nullptr && call.good() && count > 0) {
            addBias<<<gridFor(count, kThreads, context.multiprocessors), kThreads, 0, call.stream()>>>(
                resultOf(part), part.bias, count, part.weights->outputs);
            call.checkLaunch();
        }
    }
}

bool areAlike(const BitlatheCudaWeights& one, const BitlatheCudaWeights& other)
{
    return one.packed.has_value() == other.packed.has_value() && one.bf16 == other.bf16;
}

/// Whether products round what they read, so that a norm or an activation is made on the way.
bool takesForms(const BitlatheCudaWeights& weights)
{
    return weights.packed ? packedTakesForms(*weights.packed) : weights.bf16 && weights.stride == weights.inputs;
}

/// What products read, in f32 in input.made.
std::int32_t makeInput(BitlatheCudaContext* context, const BitlatheCudaGemmInput& input, std::int64_t cols)
{
    const std::int64_t count = input.rows * cols;
    std::int32_t status = BitlatheCudaDone;
    if (input.normWeight != nullptr) {
        status = rmsNorm(context, input.x, input.normWeight, input.epsilon, input.made, input.rows, cols);
    } else if (input.made != input.x) {
        status = copy(context, input.x, input.made, static_cast<std::uint64_t>(count) * sizeof(float));
    }
    if (status == BitlatheCudaDone && input.activation >= 0) {
        status = activate(context, input.activation, input.made, input.factor, count);
    }
    return status;
}

} // namespace gemm_cu

cudaError_t probe()
{
    cudaFuncAttributes attributes = {};
    return cudaFuncGetAttributes(&attributes, addBias);
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

std::int32_t gemmEach(BitlatheCudaContext* context, const BitlatheCudaGemmInput* input, const BitlatheCudaGemm* parts,
                      std::int32_t count)
{
    Parts left(parts, static_cast<std::size_t>(count));
    Input read{input->x,
               input->rows,
               {input->normWeight, static_cast<float>(input->epsilon), input->activation, input->factor}};
    const bool both = read.form.normWeight != nullptr && read.form.activation >= 0;
    const auto takes = [](const BitlatheCudaGemm& part) { return takesForms(*part.weights); };
    if (!read.form.isPlain() && (both || !std::ranges::all_of(left, takes))) {
        if (const std::int32_t status = makeInput(context, *input, left[0].weights->inputs);
            status != BitlatheCudaDone) {
            return status;
        }
        read = {input->made, input->rows, {}};
    }
    Call call(context, "gemm");
    while (!left.empty() && call.good()) {
        const BitlatheCudaWeights& first = *left[0].weights;
        const auto other = std::ranges::find_if(
            left, [&first](const BitlatheCudaGemm& part) { return !areAlike(first, *part.weights); });
        const auto together = left.first(std::min(static_cast<std::size_t>(other - left.begin()), kPartsAtOnce));
        (first.packed ? multiplyPacked : multiplyDense)(call, together, read);
        left = left.subspan(together.size());
    }
    return call.status();
}

} // namespace bitlathe::cuda
