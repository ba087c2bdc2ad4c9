// SPDX-License-Identifier: Apache-2.0
// Which kernel multiplies: by the number of rows, the form of the weights and the device.
#include "kernels/cuda/packed.h"

#include "kernels/cuda/packedfew.cuh"
#include "kernels/cuda/packedforms.h"

#include <algorithm>

namespace bitlathe::cuda
{

#define BITLATHE_FEW_ELSEWHERE(kind, scaleKind, parts)                                                                 \
    extern template cudaError_t launchFew<PackedForm<CodeKind::kind, ScaleKind::scaleKind, parts>>(FewArgs, int, int,  \
                                                                                                   cudaStream_t);
BITLATHE_FORMS(BITLATHE_FEW_ELSEWHERE)

namespace
{

constexpr int kThreads = 256;
constexpr std::int64_t kFewRows = 16;

/// x as the kernels take it: bf16, the inputs where the weights have them, 0 where none stands.
__global__ void arrangeX(const void* x, bool xFloat, std::int64_t inputs, const std::int32_t* gather,
                         std::int64_t places, __nv_bfloat16* out)
{
    const std::int64_t place = static_cast<std::int64_t>(blockIdx.x) * blockDim.x + threadIdx.x;
    if (place >= places) {
        return;
    }
    const std::int64_t row = blockIdx.y;
    const std::int64_t input = gather != nullptr ? gather[place] : place;
    const std::int64_t from = row * inputs + input;
    __nv_bfloat16 value = __float2bfloat16_rn(0.0F);
    if (input >= 0) {
        value = xFloat ? __float2bfloat16_rn(static_cast<const float*>(x)[from])
                       : static_cast<const __nv_bfloat16*>(x)[from];
    }
    out[row * places + place] = value;
}

bool asItIs(const PackedLayout& layout, bool xFloat)
{
    return layout.gather == nullptr && !xFloat;
}

struct Device
{
    int shared = 0;
    int multiprocessors = 0;
};

cudaError_t currentDevice(Device* device)
{
    int index = 0;
    if (const cudaError_t error = cudaGetDevice(&index); error != cudaSuccess) {
        return error;
    }
    if (const cudaError_t error =
            cudaDeviceGetAttribute(&device->shared, cudaDevAttrMaxSharedMemoryPerBlockOptin, index);
        error != cudaSuccess) {
        return error;
    }
    return cudaDeviceGetAttribute(&device->multiprocessors, cudaDevAttrMultiProcessorCount, index);
}

cudaError_t launchFewOf(const FewArgs& args, const Device& device, cudaStream_t stream)
{
#define BITLATHE_FEW_CASE(codes, scales, number)                                                                       \
    if (args.weights.kind == CodeKind::codes && args.weights.scaleKind == ScaleKind::scales &&                         \
        args.weights.scalesPerStep == (number)) {                                                                      \
        return launchFew<PackedForm<CodeKind::codes, ScaleKind::scales, number>>(args, device.shared,                  \
                                                                                 device.multiprocessors, stream);      \
    }
    BITLATHE_FORMS(BITLATHE_FEW_CASE)
    return cudaErrorInvalidValue;
}

} // namespace

std::size_t packedWorkspace(const PackedLayout& layout, std::int64_t rows, bool xFloat)
{
    const std::int64_t places = static_cast<std::int64_t>(layout.steps) * kStepInputs;
    return asItIs(layout, xFloat) ? 0 : static_cast<std::size_t>(rows * places) * sizeof(__nv_bfloat16);
}

cudaError_t packedMatmul(const PackedLayout& layout, const PackedProduct& product, cudaStream_t stream)
{
    if (product.rows <= 0) {
        return product.rows == 0 ? cudaSuccess : cudaErrorInvalidValue;
    }
    Device device;
    if (const cudaError_t error = currentDevice(&device); error != cudaSuccess) {
        return error;
    }
    const std::int64_t places = static_cast<std::int64_t>(layout.steps) * kStepInputs;
    const auto* x = static_cast<const __nv_bfloat16*>(product.x);
    if (!asItIs(layout, product.xFloat)) {
        auto* arranged = static_cast<__nv_bfloat16*>(product.workspace);
        const dim3 grid(static_cast<unsigned>((places + kThreads - 1) / kThreads), static_cast<unsigned>(product.rows));
        arrangeX<<<grid, kThreads, 0, stream>>>(product.x, product.xFloat, layout.inputs, layout.gather, places,
                                                arranged);
        x = arranged;
    }
    const std::int64_t bytesValue = product.yFloat ? 4 : 2;
    for (std::int64_t row = 0; row < product.rows; row += kFewRows) {
        FewArgs args{layout,
                     x + row * places,
                     static_cast<int>(std::min(kFewRows, product.rows - row)),
                     product.bias,
                     static_cast<char*>(product.y) + row * layout.outputs * bytesValue,
                     product.yFloat};
        if (const cudaError_t error = launchFewOf(args, device, stream); error != cudaSuccess) {
            return error;
        }
    }
    return cudaGetLastError();
}

} // namespace bitlathe::cuda
