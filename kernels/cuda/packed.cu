// SPDX-License-Identifier: Apache-2.0
// Which kernel multiplies: by the number of rows, the form of the weights and the device.
#include "kernels/cuda/packed.h"

#include "kernels/cuda/packedfew.cuh"
#include "kernels/cuda/packedforms.h"
#include "kernels/cuda/packedmany.cuh"

#include <algorithm>

namespace bitlathe::cuda
{

#define BITLATHE_FEW_ELSEWHERE(kind, scaleKind, parts)                                                                 \
    extern template cudaError_t launchFew<PackedForm<CodeKind::kind, ScaleKind::scaleKind, parts>>(FewArgs, int, int,  \
                                                                                                   cudaStream_t);
BITLATHE_FORMS(BITLATHE_FEW_ELSEWHERE)

extern template cudaError_t launchMany<CodeKind::Int2>(const ManyArgs&, const CUtensorMap&, int, int, cudaStream_t);
extern template cudaError_t launchMany<CodeKind::Int4>(const ManyArgs&, const CUtensorMap&, int, int, cudaStream_t);
extern template cudaError_t launchMany<CodeKind::Int8>(const ManyArgs&, const CUtensorMap&, int, int, cudaStream_t);
extern template cudaError_t launchMany<CodeKind::Book4>(const ManyArgs&, const CUtensorMap&, int, int, cudaStream_t);
extern template cudaError_t launchMany<CodeKind::Book8>(const ManyArgs&, const CUtensorMap&, int, int, cudaStream_t);

namespace
{

constexpr int kThreads = 256;
constexpr std::int64_t kFewRows = 16;
constexpr int kMostSplits = 8;
constexpr std::size_t kMostPartialBytes = std::size_t{32} << 20;

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
    int shared = 0; ///< Bytes that a block may have.
    int multiprocessors = 0;
    int major = 0; ///< Compute capability.
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
    if (const cudaError_t error = cudaDeviceGetAttribute(&device->major, cudaDevAttrComputeCapabilityMajor, index);
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

/// How many rows a block of multiplyMany makes, and into how many parts the inputs are split.
struct ManyPlan
{
    int rows = 0;
    int splits = 1;
};

/// What a step takes of a block's time; two blocks of 64 rows on one multiprocessor slow each other down.
double stepCycles(int blockRows, bool shared)
{
    constexpr double kAlone = 1560;
    constexpr double kShared = 2300;
    constexpr double kWide = 850; // And so many per row.
    constexpr double kWideRow = 6.25;
    if (manyBlocks(blockRows) == 2) {
        return shared ? kShared : kAlone;
    }
    return kWide + kWideRow * blockRows;
}

/// The plan that should take the fewest cycles, by what blocks took on an H100. Of shape and device alone, so that
/// results are the same every time.
ManyPlan manyPlan(const PackedLayout& layout, std::int64_t rows, int multiprocessors)
{
    constexpr double kBlock = 4000;
    constexpr double kAdd = 5000;
    constexpr double kBytesCycle = 2000; // Of partial sums, written and read.
    ManyPlan best;
    double least = 0;
    for (const int blockRows : {64, 128, 256}) {
        for (int splits = 1; splits <= kMostSplits; ++splits) {
            const std::size_t bytes = static_cast<std::size_t>(splits * rows * layout.outputs) * sizeof(float);
            if (splits > layout.steps || (splits > 1 && bytes > kMostPartialBytes)) {
                continue;
            }
            const std::int64_t blocks =
                (rows + blockRows - 1) / blockRows * ((layout.tiles + kManyTiles - 1) / kManyTiles) * splits;
            const std::int64_t slots = multiprocessors * manyBlocks(blockRows);
            const auto waves = static_cast<double>((blocks + slots - 1) / slots);
            const double steps = static_cast<double>((layout.steps + splits - 1) / splits);
            double cycles = waves * (kBlock + steps * stepCycles(blockRows, blocks > multiprocessors));
            if (splits > 1) {
                cycles += kAdd + 8.0 * static_cast<double>(splits * rows * layout.outputs) / kBytesCycle;
            }
            if (best.rows == 0 || cycles < least) {
                best = {blockRows, splits};
                least = cycles;
            }
        }
    }
    return best;
}

bool takesMany(const Device& device, std::int64_t rows)
{
    return device.major == 9 && rows > kFewRows;
}

/// Bytes of partial sums that a product of so many rows may take: never fewer than one of fewer rows.
std::size_t mostPartialBytes(const PackedLayout& layout, std::int64_t rows)
{
    const auto bytes = static_cast<std::size_t>(kMostSplits * rows * layout.outputs) * sizeof(float);
    return std::min(bytes, kMostPartialBytes);
}

/// y of the parts' sums, added in order.
__global__ void addPartials(const float* partial, int splits, std::int64_t count, std::int64_t outputs,
                            const float* bias, void* y, bool yFloat)
{
    const std::int64_t place = static_cast<std::int64_t>(blockIdx.x) * blockDim.x + threadIdx.x;
    if (place >= count) {
        return;
    }
    float sum = partial[place];
    for (int part = 1; part < splits; ++part) {
        sum += partial[part * count + place];
    }
    if (bias != nullptr) {
        sum += bias[place % outputs];
    }
    if (yFloat) {
        static_cast<float*>(y)[place] = sum;
    } else {
        static_cast<__nv_bfloat16*>(y)[place] = __float2bfloat16_rn(sum);
    }
}

using EncodeTensorMap = CUresult (*)(CUtensorMap*, CUtensorMapDataType, cuuint32_t, void*, const cuuint64_t*,
                                     const cuuint64_t*, const cuuint32_t*, const cuuint32_t*, CUtensorMapInterleave,
                                     CUtensorMapSwizzle, CUtensorMapL2promotion, CUtensorMapFloatOOBfill);

/// Boxes of 64 inputs by boxRows rows of x [rows, places]; rows past the end are 0.
cudaError_t describeX(const __nv_bfloat16* x, std::int64_t rows, std::int64_t places, int boxRows, CUtensorMap* map)
{
    // Of the driver, which is asked at run time so that the plug-in loads without one.
    void* function = nullptr;
    cudaDriverEntryPointQueryResult found = cudaDriverEntryPointSymbolNotFound;
    if (const cudaError_t error =
            cudaGetDriverEntryPointByVersion("cuTensorMapEncodeTiled", &function, 12000, cudaEnableDefault, &found);
        error != cudaSuccess) {
        return error;
    }
    if (found != cudaDriverEntryPointSuccess) {
        return cudaErrorNotSupported;
    }
    const cuuint64_t sizes[2] = {static_cast<cuuint64_t>(places), static_cast<cuuint64_t>(rows)};
    const cuuint64_t bytesRow[1] = {static_cast<cuuint64_t>(places) * sizeof(__nv_bfloat16)};
    const cuuint32_t box[2] = {kBoxInputs, static_cast<cuuint32_t>(boxRows)};
    const cuuint32_t every[2] = {1, 1};
    const CUresult result = reinterpret_cast<EncodeTensorMap>(function)(
        map, CU_TENSOR_MAP_DATA_TYPE_BFLOAT16, 2, const_cast<__nv_bfloat16*>(x), sizes, bytesRow, box, every,
        CU_TENSOR_MAP_INTERLEAVE_NONE, CU_TENSOR_MAP_SWIZZLE_128B, CU_TENSOR_MAP_L2_PROMOTION_L2_256B,
        CU_TENSOR_MAP_FLOAT_OOB_FILL_NONE);
    return result == CUDA_SUCCESS ? cudaSuccess : cudaErrorInvalidValue;
}

cudaError_t launchManyOf(const ManyArgs& args, const CUtensorMap& map, int rows, const Device& device,
                         cudaStream_t stream)
{
    switch (args.weights.kind) {
    case CodeKind::Int2: return launchMany<CodeKind::Int2>(args, map, rows, device.shared, stream);
    case CodeKind::Int4: return launchMany<CodeKind::Int4>(args, map, rows, device.shared, stream);
    case CodeKind::Int8: return launchMany<CodeKind::Int8>(args, map, rows, device.shared, stream);
    case CodeKind::Book4: return launchMany<CodeKind::Book4>(args, map, rows, device.shared, stream);
    case CodeKind::Book8: return launchMany<CodeKind::Book8>(args, map, rows, device.shared, stream);
    }
    return cudaErrorInvalidValue;
}

cudaError_t multiplyManyRows(const PackedLayout& layout, const PackedProduct& product, const __nv_bfloat16* x,
                             float* partial, const Device& device, cudaStream_t stream)
{
    const ManyPlan plan = manyPlan(layout, product.rows, device.multiprocessors);
    CUtensorMap map;
    if (const cudaError_t error =
            describeX(x, product.rows, static_cast<std::int64_t>(layout.steps) * kStepInputs, plan.rows, &map);
        error != cudaSuccess) {
        return error;
    }
    const ManyArgs args{layout, static_cast<int>(product.rows), plan.splits, product.bias, product.y, product.yFloat,
                        partial};
    if (const cudaError_t error = launchManyOf(args, map, plan.rows, device, stream);
        error != cudaSuccess || plan.splits == 1) {
        return error;
    }
    const std::int64_t count = product.rows * layout.outputs;
    addPartials<<<static_cast<unsigned>((count + kThreads - 1) / kThreads), kThreads, 0, stream>>>(
        partial, plan.splits, count, layout.outputs, product.bias, product.y, product.yFloat);
    return cudaGetLastError();
}

cudaError_t multiplyFewRows(const PackedLayout& layout, const PackedProduct& product, const __nv_bfloat16* x,
                            const Device& device, cudaStream_t stream)
{
    const std::int64_t places = static_cast<std::int64_t>(layout.steps) * kStepInputs;
    const std::int64_t bytesValue = product.yFloat ? 4 : 2;
    for (std::int64_t row = 0; row < product.rows; row += kFewRows) {
        const FewArgs args{layout,
                           x + row * places,
                           static_cast<int>(std::min(kFewRows, product.rows - row)),
                           product.bias,
                           static_cast<char*>(product.y) + row * layout.outputs * bytesValue,
                           product.yFloat};
        if (const cudaError_t error = launchFewOf(args, device, stream); error != cudaSuccess) {
            return error;
        }
    }
    return cudaSuccess;
}

std::size_t arrangedBytes(const PackedLayout& layout, std::int64_t rows, bool xFloat)
{
    const std::int64_t places = static_cast<std::int64_t>(layout.steps) * kStepInputs;
    const std::size_t bytes = static_cast<std::size_t>(rows * places) * sizeof(__nv_bfloat16);
    return asItIs(layout, xFloat) ? 0 : (bytes + 255) / 256 * 256;
}

} // namespace

std::size_t packedWorkspace(const PackedLayout& layout, std::int64_t rows, bool xFloat)
{
    Device device;
    if (rows <= 0 || currentDevice(&device) != cudaSuccess) {
        return 0;
    }
    return arrangedBytes(layout, rows, xFloat) + (takesMany(device, rows) ? mostPartialBytes(layout, rows) : 0);
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
        if (const cudaError_t error = cudaGetLastError(); error != cudaSuccess) {
            return error;
        }
    }
    if (!takesMany(device, product.rows)) {
        return multiplyFewRows(layout, product, x, device, stream);
    }
    auto* partial = reinterpret_cast<float*>(static_cast<char*>(product.workspace) +
                                             arrangedBytes(layout, product.rows, product.xFloat));
    return multiplyManyRows(layout, product, x, partial, device, stream);
}

} // namespace bitlathe::cuda
