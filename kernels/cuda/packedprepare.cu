// SPDX-License-Identifier: Apache-2.0
// Packed weights into the form that the products read: once per layer, on the device.
#include "kernels/cuda/packedlayout.h"

#include <cuda_bf16.h>
#include <cuda_fp16.h>

#include <algorithm>
#include <array>
#include <vector>

#define BITLATHE_CUDA_TRY(call)                                                                                        \
    if (const cudaError_t error = (call); error != cudaSuccess) {                                                      \
        return error;                                                                                                  \
    }

namespace bitlathe::cuda
{

inline namespace packedprepare_cu
{

constexpr int kThreads = 256;
constexpr std::size_t kAlignment = 256;
constexpr std::size_t kBookValues = 256;
constexpr int kLargestHalfZero = 240; ///< Plus zeroBase still exact in bf16.

std::size_t aligned(std::size_t bytes)
{
    return (bytes + kAlignment - 1) / kAlignment * kAlignment;
}

std::int64_t ceilDiv(std::int64_t a, std::int64_t b)
{
    return (a + b - 1) / b;
}

std::int64_t recordsOf(const PackedLayout& layout)
{
    return ceilDiv(layout.tiles, kNeighbours) * kNeighbours * layout.steps;
}

bool isBook(CodeKind kind)
{
    return kind == CodeKind::Book4 || kind == CodeKind::Book8;
}

CodeKind kindOf(const PackedArrays& weights)
{
    if (weights.book != nullptr) {
        return weights.bits <= 4 ? CodeKind::Book4 : CodeKind::Book8;
    }
    return weights.bits <= 2 ? CodeKind::Int2 : weights.bits <= 4 ? CodeKind::Int4 : CodeKind::Int8;
}

/// Where every input stands, so that each block of kBlockInputs is of one group.
struct Places
{
    std::vector<std::int32_t> gather; ///< Empty: as they come.
    std::vector<std::int32_t> groups; ///< [steps * 4] of each block; -1: nothing stands there.
    std::int64_t inputs = 0;          ///< Places, a multiple of kStepInputs.
};

Places plainPlaces(const PackedArrays& weights)
{
    Places places;
    places.inputs = weights.inputs;
    for (std::int64_t input = 0; input < weights.inputs; input += kBlockInputs) {
        places.groups.push_back(static_cast<std::int32_t>(input / weights.groupSize));
    }
    return places;
}

/// Inputs sorted by group, every group filled up to whole blocks.
Places sortedPlaces(const PackedArrays& weights)
{
    Places places;
    std::vector<std::vector<std::int32_t>> members(static_cast<std::size_t>(weights.groups));
    for (std::int64_t input = 0; input < weights.inputs; ++input) {
        const std::int64_t group =
            weights.groupIndex != nullptr ? weights.groupIndex[input] : input / weights.groupSize;
        members[static_cast<std::size_t>(group)].push_back(static_cast<std::int32_t>(input));
    }
    for (std::size_t group = 0; group < members.size(); ++group) {
        for (std::size_t first = 0; first < members[group].size(); first += kBlockInputs) {
            places.groups.push_back(static_cast<std::int32_t>(group));
            for (std::size_t i = first; i < first + kBlockInputs; ++i) {
                places.gather.push_back(i < members[group].size() ? members[group][i] : -1);
            }
        }
    }
    places.inputs = ceilDiv(static_cast<std::int64_t>(places.gather.size()), kStepInputs) * kStepInputs;
    places.gather.resize(static_cast<std::size_t>(places.inputs), -1);
    places.groups.resize(static_cast<std::size_t>(places.inputs / kBlockInputs), -1);
    return places;
}

/// Scales per step that would do: neighbours of a step that are of one group share theirs.
int scalesNeeded(const std::vector<std::int32_t>& groups)
{
    int needed = 1;
    for (std::size_t block = 0; block < groups.size(); block += 4) {
        const std::int32_t* of = groups.data() + block;
        const bool halves = of[0] == of[1] && of[2] == of[3];
        needed = std::max(needed, !halves ? 4 : of[1] != of[2] ? 2 : 1);
    }
    return needed;
}

Places placesOf(const PackedArrays& weights)
{
    const bool whole = weights.inputs % kStepInputs == 0 &&
                       (weights.groupSize % kBlockInputs == 0 || weights.groupSize >= weights.inputs);
    return weights.groupIndex == nullptr && whole ? plainPlaces(weights) : sortedPlaces(weights);
}

/// The forms that kernels exist for: see packedkinds.h.
int scalesPerStep(CodeKind kind, ScaleKind scaleKind, int needed)
{
    if (kind == CodeKind::Book4 && scaleKind == ScaleKind::Float) {
        return std::max(needed, 2);
    }
    if (kind == CodeKind::Int4 && scaleKind != ScaleKind::FloatMinus) {
        return needed;
    }
    const bool single = !isBook(kind) && (kind == CodeKind::Int4 || scaleKind == ScaleKind::Half);
    return single && needed == 1 ? 1 : 4;
}

ScaleKind scaleKindOf(const PackedArrays& weights, CodeKind kind)
{
    const std::int64_t count = weights.outputs * weights.groups;
    const int largestZero =
        weights.zeros != nullptr ? *std::max_element(weights.zeros, weights.zeros + count) : weights.zero;
    const bool plain = weights.offsets == nullptr && largestZero >= 0 && largestZero <= kLargestHalfZero;
    if (kind == CodeKind::Book4 && plain && largestZero == 0) {
        return ScaleKind::Float;
    }
    const bool halves = std::all_of(weights.scales, weights.scales + count,
                                    [](float scale) { return __half2float(__float2half_rn(scale)) == scale; });
    if (!plain || !halves || isBook(kind)) {
        return ScaleKind::FloatMinus;
    }
    if (weights.zeros != nullptr) {
        return kind == CodeKind::Int4 ? ScaleKind::HalfZero : ScaleKind::FloatMinus;
    }
    return ScaleKind::Half;
}

struct Source
{
    std::int64_t outputs = 0;
    std::int64_t inputs = 0;
    int bits = 0;
    const std::uint8_t* codes = nullptr;
    const float* scales = nullptr;
    const std::uint8_t* zeros = nullptr;
    int zero = 0;
    const float* offsets = nullptr;
    std::int64_t groups = 0;
    const std::int32_t* gather = nullptr;
    const std::int32_t* blockGroups = nullptr;
};

__device__ unsigned codeAt(const Source& source, std::int64_t output, std::int64_t input)
{
    const std::int64_t bytesRow = (source.inputs * source.bits + 7) / 8;
    const std::int64_t bit = input * source.bits;
    const std::uint8_t* row = source.codes + output * bytesRow;
    unsigned window = row[bit / 8];
    if (bit / 8 + 1 < bytesRow) {
        window |= static_cast<unsigned>(row[bit / 8 + 1]) << 8;
    }
    return window >> (bit % 8) & ((1U << source.bits) - 1);
}

__device__ std::int64_t tileOf(std::int64_t record, std::int64_t steps)
{
    return record / (kNeighbours * steps) * kNeighbours + record % kNeighbours;
}

/// One thread for one lane's half of a record: 32 codes.
template <CodeKind kind>
__global__ void repackCodes(Source source, std::uint8_t* records, std::int64_t steps, std::int64_t threads)
{
    const std::int64_t index = static_cast<std::int64_t>(blockIdx.x) * blockDim.x + threadIdx.x;
    if (index >= threads) {
        return;
    }
    const int half = static_cast<int>(index & 1);
    const int t = static_cast<int>(index >> 1 & 3);
    const int g = static_cast<int>(index >> 3 & 7);
    const std::int64_t record = index >> 6;
    const std::int64_t step = record / kNeighbours % steps;
    const std::int64_t output = tileOf(record, steps) * kTileOutputs + g + 8 * half;
    std::uint32_t words[2 * piecesOf(kind)] = {};
#pragma unroll
    for (int place = 0; place < 32; ++place) {
        const int block = place / 8;
        const CodePlace to = codePlace(kind, 0, 0, 0, block, place % 8);
        std::int64_t input = step * kStepInputs + block * kBlockInputs + 8 * t + place % 8;
        input = source.gather != nullptr ? source.gather[input] : input;
        if (output < source.outputs && input >= 0) {
            words[to.byte / kPieceBytes * 2 + to.byte % kPieceBytes / 4] |= codeAt(source, output, input) << to.bit;
        }
    }
    std::uint8_t* to =
        records + record * static_cast<std::int64_t>(recordBytes(kind)) + unitPlace(g, t) * 16 + half * 8;
#pragma unroll
    for (int piece = 0; piece < piecesOf(kind); ++piece) {
        *reinterpret_cast<uint2*>(to + piece * kPieceBytes) = make_uint2(words[2 * piece], words[2 * piece + 1]);
    }
}

/// One thread for one unit of scales: outputs g and g + 8 of a tile, one part of a step.
__global__ void repackScales(Source source, ScaleKind kind, int base, int parts, std::int64_t steps,
                             std::uint8_t* scales, std::int64_t threads)
{
    const std::int64_t index = static_cast<std::int64_t>(blockIdx.x) * blockDim.x + threadIdx.x;
    if (index >= threads) {
        return;
    }
    const int part = static_cast<int>(index % parts);
    const int g = static_cast<int>(index / parts % 8);
    const std::int64_t record = index / parts / 8;
    const std::int32_t group = source.blockGroups[record / kNeighbours % steps * 4 + part * (4 / parts)];
    std::uint8_t* to = scales + index * scaleUnitBytes(kind);
    for (int half = 0; half < 2; ++half) {
        const std::int64_t output = tileOf(record, steps) * kTileOutputs + g + 8 * half;
        const bool present = output < source.outputs && group >= 0;
        const std::int64_t place = present ? output * source.groups + group : 0;
        const float scale = present ? source.scales[place] : 0.0F;
        const int zero = present && source.zeros != nullptr ? source.zeros[place] : source.zero;
        if (kind == ScaleKind::Half || kind == ScaleKind::HalfZero) {
            reinterpret_cast<__half*>(to)[half] = __float2half_rn(scale);
        } else {
            reinterpret_cast<float*>(to)[half] = scale;
        }
        if (kind == ScaleKind::HalfZero) {
            reinterpret_cast<__nv_bfloat16*>(to)[2 + half] = __float2bfloat16_rn(static_cast<float>(base + zero));
        } else if (kind == ScaleKind::FloatMinus) {
            const float offset = present && source.offsets != nullptr ? source.offsets[place] : 0.0F;
            reinterpret_cast<float*>(to)[2 + half] = scale * static_cast<float>(zero) + offset;
        }
    }
}

std::size_t bytesOfCodes(const PackedArrays& weights)
{
    return static_cast<std::size_t>(weights.outputs * ((weights.inputs * weights.bits + 7) / 8));
}

unsigned blocksFor(std::int64_t threads)
{
    return static_cast<unsigned>(ceilDiv(threads, kThreads));
}

void repack(const Source& source, const PackedLayout& layout, std::uint8_t* codes, std::uint8_t* scales,
            cudaStream_t stream)
{
    const std::int64_t records = recordsOf(layout);
    const std::int64_t threads = records * 64;
    const unsigned blocks = blocksFor(threads);
    switch (layout.kind) {
    case CodeKind::Int2:
        repackCodes<CodeKind::Int2><<<blocks, kThreads, 0, stream>>>(source, codes, layout.steps, threads);
        break;
    case CodeKind::Int4:
        repackCodes<CodeKind::Int4><<<blocks, kThreads, 0, stream>>>(source, codes, layout.steps, threads);
        break;
    case CodeKind::Book4:
        repackCodes<CodeKind::Book4><<<blocks, kThreads, 0, stream>>>(source, codes, layout.steps, threads);
        break;
    case CodeKind::Int8:
    case CodeKind::Book8:
        repackCodes<CodeKind::Int8><<<blocks, kThreads, 0, stream>>>(source, codes, layout.steps, threads);
        break;
    }
    const std::int64_t units = records * 8 * layout.scalesPerStep;
    repackScales<<<blocksFor(units), kThreads, 0, stream>>>(source, layout.scaleKind, zeroBase(layout.kind),
                                                            layout.scalesPerStep, layout.steps, scales, units);
}

/// Device copies of arrays that lie on the host, for as long as preparing takes; in memory that is given, or in blocks of
/// their own.
class Staging
{
public:
    Staging(void* memory, cudaStream_t stream) : m_memory(static_cast<char*>(memory)), m_stream(stream) {}
    Staging(const Staging&) = delete;
    Staging& operator=(const Staging&) = delete;
    ~Staging()
    {
        for (void* block : m_blocks) {
            cudaFree(block);
        }
    }

    cudaError_t bring(const PackedArrays& weights, const Places& places, Source* source)
    {
        const auto count = static_cast<std::size_t>(weights.outputs * weights.groups);
        *source = {weights.outputs, weights.inputs, weights.bits, nullptr,       nullptr,
                   nullptr,         weights.zero,   nullptr,      weights.groups};
        BITLATHE_CUDA_TRY(bring(weights.codes, bytesOfCodes(weights), &source->codes));
        BITLATHE_CUDA_TRY(bring(weights.scales, count, &source->scales));
        BITLATHE_CUDA_TRY(bring(weights.zeros, count, &source->zeros));
        BITLATHE_CUDA_TRY(bring(weights.offsets, count, &source->offsets));
        return bring(places.groups.data(), places.groups.size(), &source->blockGroups);
    }

private:
    /// *device: where values lie on the device; null stays null.
    template <typename T>
    cudaError_t bring(const T* values, std::size_t count, const T** device)
    {
        *device = nullptr;
        if (values == nullptr) {
            return cudaSuccess;
        }
        void* block = m_memory;
        if (m_memory != nullptr) {
            m_memory += aligned(count * sizeof(T));
        } else {
            BITLATHE_CUDA_TRY(cudaMalloc(&block, count * sizeof(T)));
            m_blocks.push_back(block);
        }
        *device = static_cast<const T*>(block);
        return cudaMemcpyAsync(block, values, count * sizeof(T), cudaMemcpyHostToDevice, m_stream);
    }

    char* m_memory;
    cudaStream_t m_stream;
    std::vector<void*> m_blocks;
};

bool valid(const PackedArrays& weights)
{
    return weights.outputs > 0 && weights.inputs > 0 && weights.bits >= 1 && weights.bits <= 8 && weights.groups > 0 &&
           weights.codes != nullptr && weights.scales != nullptr &&
           (weights.groupIndex != nullptr ||
            (weights.groupSize > 0 && ceilDiv(weights.inputs, weights.groupSize) <= weights.groups));
}

/// The layout but for its pointers, which need memory: how many bytes each part takes.
struct Plan
{
    Places places;
    PackedLayout layout;
    std::size_t bytesCodes = 0;
    std::size_t bytesScales = 0;
    std::size_t bytesGather = 0;
};

Plan planOf(const PackedArrays& weights)
{
    Plan plan;
    plan.places = placesOf(weights);
    PackedLayout& layout = plan.layout;
    layout.outputs = weights.outputs;
    layout.inputs = weights.inputs;
    layout.tiles = static_cast<std::int32_t>(ceilDiv(weights.outputs, kTileOutputs));
    layout.steps = static_cast<std::int32_t>(plan.places.inputs / kStepInputs);
    layout.kind = kindOf(weights);
    layout.zero = weights.zeros == nullptr ? weights.zero : 0;
    layout.scaleKind = scaleKindOf(weights, layout.kind);
    layout.scalesPerStep = scalesPerStep(layout.kind, layout.scaleKind, scalesNeeded(plan.places.groups));
    const auto records = static_cast<std::size_t>(recordsOf(layout));
    plan.bytesCodes = aligned(records * recordBytes(layout.kind));
    plan.bytesScales =
        aligned(records * 8 * static_cast<std::size_t>(layout.scalesPerStep * scaleUnitBytes(layout.scaleKind)));
    plan.bytesGather = aligned(plan.places.gather.size() * sizeof(std::int32_t));
    const std::size_t bytesBook = weights.book != nullptr ? aligned(kBookValues * sizeof(float)) : 0;
    layout.bytes = plan.bytesCodes + plan.bytesScales + plan.bytesGather + bytesBook;
    return plan;
}

} // namespace packedprepare_cu

std::size_t packedBytes(const PackedArrays& weights)
{
    return valid(weights) ? planOf(weights).layout.bytes : 0;
}

std::size_t packedStagingBytes(const PackedArrays& weights)
{
    if (!valid(weights)) {
        return 0;
    }
    const Places places = placesOf(weights);
    const auto count = static_cast<std::size_t>(weights.outputs * weights.groups);
    return aligned(bytesOfCodes(weights)) + aligned(count * sizeof(float)) +
           (weights.zeros != nullptr ? aligned(count) : 0) +
           (weights.offsets != nullptr ? aligned(count * sizeof(float)) : 0) +
           aligned(places.groups.size() * sizeof(places.groups[0]));
}

cudaError_t packedPrepare(const PackedArrays& weights, void* memory, cudaStream_t stream, PackedLayout* layout,
                          void* staging)
{
    if (!valid(weights)) {
        return cudaErrorInvalidValue;
    }
    const Plan plan = planOf(weights);
    PackedLayout made = plan.layout;
    auto* codes = static_cast<std::uint8_t*>(memory);
    std::uint8_t* scales = codes + plan.bytesCodes;
    auto* gather = reinterpret_cast<std::int32_t*>(scales + plan.bytesScales);
    auto* book = reinterpret_cast<float*>(scales + plan.bytesScales + plan.bytesGather);
    made.codes = codes;
    made.scales = scales;
    if (!plan.places.gather.empty()) {
        made.gather = gather;
        BITLATHE_CUDA_TRY(cudaMemcpyAsync(gather, plan.places.gather.data(),
                                          plan.places.gather.size() * sizeof(std::int32_t), cudaMemcpyHostToDevice,
                                          stream));
    }
    std::array<float, kBookValues> values = {};
    if (weights.book != nullptr) {
        made.book = book;
        std::copy_n(weights.book, std::size_t{1} << weights.bits, values.begin());
        BITLATHE_CUDA_TRY(cudaMemcpyAsync(book, values.data(), sizeof(values), cudaMemcpyHostToDevice, stream));
    }
    Staging copies(staging, stream);
    Source source;
    BITLATHE_CUDA_TRY(copies.bring(weights, plan.places, &source));
    source.gather = made.gather;
    repack(source, made, codes, scales, stream);
    BITLATHE_CUDA_TRY(cudaGetLastError());
    BITLATHE_CUDA_TRY(cudaStreamSynchronize(stream));
    *layout = made;
    return cudaSuccess;
}

} // namespace bitlathe::cuda
