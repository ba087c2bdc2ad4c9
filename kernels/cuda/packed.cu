// SPDX-License-Identifier: Apache-2.0
// Which kernel multiplies: by the number of rows, the form of the weights and the device.
#include "kernels/cuda/packed.h"

#include "kernels/cuda/packedfew.cuh"
#include "kernels/cuda/packedforms.h"
#include "kernels/cuda/packedmany.cuh"

#include <algorithm>
#include <span>

namespace bitlathe::cuda
{

#define BITLATHE_FEW_ELSEWHERE(kind, scaleKind, parts)                                                                 \
    extern template bool arrangesItself<PackedForm<CodeKind::kind, ScaleKind::scaleKind, parts>>(const FewArgs&,       \
                                                                                                 const FewDevice&);    \
    extern template cudaError_t launchFew<PackedForm<CodeKind::kind, ScaleKind::scaleKind, parts>>(                    \
        FewProducts, const FewDevice&, EarlyLaunch);
BITLATHE_FORMS(BITLATHE_FEW_ELSEWHERE)

extern template cudaError_t launchMany<CodeKind::Int2>(const ManyArgs&, const CUtensorMap&, int, int, cudaStream_t);
extern template cudaError_t launchMany<CodeKind::Int4>(const ManyArgs&, const CUtensorMap&, int, int, cudaStream_t);
extern template cudaError_t launchMany<CodeKind::Int8>(const ManyArgs&, const CUtensorMap&, int, int, cudaStream_t);
extern template cudaError_t launchMany<CodeKind::Book4>(const ManyArgs&, const CUtensorMap&, int, int, cudaStream_t);
extern template cudaError_t launchMany<CodeKind::Book8>(const ManyArgs&, const CUtensorMap&, int, int, cudaStream_t);

inline namespace packed_cu
{

constexpr int kThreads = 256;
constexpr std::int64_t kFewRows = 16;
constexpr int kMostSplits = 8;
constexpr std::size_t kMostPartialBytes = std::size_t{32} << 20;

/// x as the kernels take it: bf16, the inputs where the weights have them, 0 where none stands.
__global__ void arrangeX(const void* x, bool xFloat, std::int64_t inputs, const std::int32_t* gather,
                         std::int64_t places, __nv_bfloat16* out)
{
    waitForPrevious();
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

/// Inputs of the weights as they stand there, filled up to whole steps.
std::int64_t placesOf(const PackedLayout& layout)
{
    return static_cast<std::int64_t>(layout.steps) * kStepInputs;
}

bool asItIs(const PackedLayout& layout, bool xFloat)
{
    return layout.gather == nullptr && !xFloat;
}

struct Device : FewDevice
{
    int major = 0; ///< Compute capability.

    bool early() const { return major >= 9; }
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

/// Whether one kernel makes both.
bool haveOneForm(const PackedLayout& one, const PackedLayout& other)
{
    return one.kind == other.kind && one.scaleKind == other.scaleKind && one.scalesPerStep == other.scalesPerStep &&
           one.steps == other.steps;
}

/// The kernels of a form, by the weights that are multiplied.
struct FewKernels
{
    decltype(&arrangesItself<PackedForm<CodeKind::Int4, ScaleKind::Half, 1>>) arrangesItself = nullptr;
    decltype(&launchFew<PackedForm<CodeKind::Int4, ScaleKind::Half, 1>>) launch = nullptr;
};

FewKernels fewKernelsOf(const PackedLayout& weights)
{
#define BITLATHE_FEW_CASE(codes, scales, number)                                                                       \
    if (weights.kind == CodeKind::codes && weights.scaleKind == ScaleKind::scales &&                                   \
        weights.scalesPerStep == (number)) {                                                                           \
        using Form = PackedForm<CodeKind::codes, ScaleKind::scales, number>;                                           \
        return {arrangesItself<Form>, launchFew<Form>};                                                                \
    }
    BITLATHE_FORMS(BITLATHE_FEW_CASE)
    return {};
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
                            const float* bias, void* y, bool yFloat, bool adds)
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
    if (adds) {
        static_cast<float*>(y)[place] += sum;
    } else if (yFloat) {
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

cudaError_t multiplyManyRows(const PackedOutput& output, const PackedInput& input, const __nv_bfloat16* x,
                             float* partial, const Device& device, cudaStream_t stream)
{
    const PackedLayout& layout = *output.layout;
    const ManyPlan plan = manyPlan(layout, input.rows, device.multiprocessors);
    CUtensorMap map;
    if (const cudaError_t error = describeX(x, input.rows, placesOf(layout), plan.rows, &map); error != cudaSuccess) {
        return error;
    }
    const ManyArgs args{
        layout, static_cast<int>(input.rows), plan.splits, output.bias, output.y, input.yFloat, partial, output.adds};
    if (const cudaError_t error = launchManyOf(args, map, plan.rows, device, stream);
        error != cudaSuccess || plan.splits == 1) {
        return error;
    }
    const std::int64_t count = input.rows * layout.outputs;
    addPartials<<<static_cast<unsigned>((count + kThreads - 1) / kThreads), kThreads, 0, stream>>>(
        partial, plan.splits, count, layout.outputs, output.bias, output.y, input.yFloat, output.adds);
    return cudaGetLastError();
}

/// Products of one form, as many as one launch takes. x: arranged, or null: that is left to the blocks.
cudaError_t multiplyFewRows(std::span<const PackedOutput> outputs, const PackedInput& input, const __nv_bfloat16* x,
                            const Device& device, cudaStream_t stream)
{
    const PackedLayout& layout = *outputs[0].layout;
    const FewKernels kernels = fewKernelsOf(layout);
    if (kernels.launch == nullptr) {
        return cudaErrorInvalidValue;
    }
    const std::int64_t places = placesOf(layout);
    const std::int64_t bytesValue = input.yFloat ? 4 : 2;
    for (std::int64_t row = 0; row < input.rows; row += kFewRows) {
        FewProducts products = {};
        for (const PackedOutput& output : outputs) {
            FewArgs& args = products.of[products.count++];
            args.weights = *output.layout;
            args.x = x != nullptr ? x + row * places : nullptr;
            args.wide = x != nullptr ? nullptr : static_cast<const float*>(input.x) + row * layout.inputs;
            args.rows = static_cast<int>(std::min(kFewRows, input.rows - row));
            args.bias = output.bias;
            args.y = static_cast<char*>(output.y) + row * output.layout->outputs * bytesValue;
            args.yFloat = input.yFloat;
            args.adds = output.adds;
            args.normWeight = input.form.normWeight;
            args.epsilon = input.form.epsilon;
        }
        if (const cudaError_t error = kernels.launch(products, device, {{}, {}, 0, stream, device.early()});
            error != cudaSuccess) {
            return error;
        }
    }
    return cudaSuccess;
}

/// Whether few rows of x in f32 are arranged by the blocks that multiply them.
bool blocksArrange(const PackedLayout& layout, const PackedInput& input, const Device& device)
{
    const FewKernels kernels = fewKernelsOf(layout);
    FewArgs args = {};
    args.weights = layout;
    args.wide = static_cast<const float*>(input.x);
    args.rows = static_cast<int>(input.rows);
    return input.xFloat && input.form.activation < 0 && input.rows <= kFewRows && kernels.launch != nullptr &&
           kernels.arrangesItself(args, device);
}

std::size_t arrangedBytes(const PackedLayout& layout, std::int64_t rows, bool xFloat)
{
    const std::int64_t places = placesOf(layout);
    const std::size_t bytes = static_cast<std::size_t>(rows * places) * sizeof(__nv_bfloat16);
    return asItIs(layout, xFloat) ? 0 : (bytes + 255) / 256 * 256;
}

/// x in bf16 as the weights have it.
cudaError_t arrange(const PackedLayout& layout, const PackedInput& input, __nv_bfloat16* out, const Queue& queue)
{
    const std::int64_t places = placesOf(layout);
    if (input.xFloat && layout.gather == nullptr) {
        return roundInput(input.form, static_cast<const float*>(input.x), input.rows, layout.inputs, out, places,
                          queue);
    }
    const dim3 grid(static_cast<unsigned>((places + kThreads - 1) / kThreads), static_cast<unsigned>(input.rows));
    return launchEarly({grid, dim3(kThreads), 0, queue.stream, queue.early}, arrangeX, input.x, input.xFloat,
                       layout.inputs, layout.gather, places, out);
}

/// Products of weights that read x alike: it is arranged once for them.
cudaError_t multiplyAlike(std::span<const PackedOutput> outputs, const PackedInput& input, bool many,
                          const Device& device, cudaStream_t stream)
{
    const PackedLayout& layout = *outputs[0].layout;
    if (!many && blocksArrange(layout, input, device)) {
        return multiplyFewRows(outputs, input, nullptr, device, stream);
    }
    const auto* x = static_cast<const __nv_bfloat16*>(input.x);
    if (!asItIs(layout, input.xFloat)) {
        auto* arranged = static_cast<__nv_bfloat16*>(input.workspace);
        if (const cudaError_t error =
                arrange(layout, input, arranged, {stream, device.multiprocessors, device.early()});
            error != cudaSuccess) {
            return error;
        }
        x = arranged;
    }
    if (!many) {
        return multiplyFewRows(outputs, input, x, device, stream);
    }
    auto* partial =
        reinterpret_cast<float*>(static_cast<char*>(input.workspace) + arrangedBytes(layout, input.rows, input.xFloat));
    for (const PackedOutput& output : outputs) {
        if (const cudaError_t error = multiplyManyRows(output, input, x, partial, device, stream);
            error != cudaSuccess) {
            return error;
        }
    }
    return cudaSuccess;
}

} // namespace packed_cu

bool packedTakesForms(const PackedLayout& layout)
{
    return layout.gather == nullptr && layout.inputs == placesOf(layout);
}

std::size_t packedWorkspace(const PackedLayout& layout, std::int64_t rows, bool xFloat)
{
    Device device;
    if (rows <= 0 || currentDevice(&device) != cudaSuccess) {
        return 0;
    }
    return arrangedBytes(layout, rows, xFloat) + (takesMany(device, rows) ? mostPartialBytes(layout, rows) : 0);
}

cudaError_t packedMatmul(std::span<const PackedOutput> outputs, const PackedInput& input, cudaStream_t stream)
{
    if (input.rows <= 0) {
        return input.rows == 0 ? cudaSuccess : cudaErrorInvalidValue;
    }
    Device device;
    if (const cudaError_t error = currentDevice(&device); error != cudaSuccess) {
        return error;
    }
    const bool many = takesMany(device, input.rows);
    while (!outputs.empty()) {
        const PackedLayout& first = *outputs[0].layout;
        const auto readsAlike = [&first](const PackedOutput& other) {
            return other.layout == &first ||
                   (first.gather == nullptr && other.layout->gather == nullptr && haveOneForm(first, *other.layout));
        };
        std::size_t count = 1;
        while (count < outputs.size() && (many || count < kFewProducts) && readsAlike(outputs[count])) {
            ++count;
        }
        if (const cudaError_t error = multiplyAlike(outputs.first(count), input, many, device, stream);
            error != cudaSuccess) {
            return error;
        }
        outputs = outputs.subspan(count);
    }
    return cudaSuccess;
}

} // namespace bitlathe::cuda
