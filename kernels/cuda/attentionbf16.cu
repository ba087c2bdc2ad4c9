// SPDX-License-Identifier: Apache-2.0
// Attention of prompts with bf16 matrix units, as FlashAttention-2 orders it (arXiv:2307.08691): a block holds a tile
// of queries and walks over tiles of keys; scores stay in registers, with a running maximum and sum of each row, so
// memory never sees them. Query, keys, values and weights are rounded to bf16, sums are in f32.
#include "kernels/cuda/attention.h"
#include "kernels/cuda/device.cuh"

#include <algorithm>
#include <climits>

namespace bitlathe::cuda
{

inline namespace attentionbf16_cu
{

constexpr int kWarps = 4;
constexpr int kThreads = kWarps * kWarp;
constexpr int kRowsOfWarp = 16; ///< Of a matrix instruction.
constexpr int kQueries = kWarps * kRowsOfWarp;
constexpr int kApart = 8; ///< Values between rows in shared memory, so that eight rows lie in different banks.
constexpr std::int64_t kMostHeadDim = 256;
constexpr float kLog2E = 1.4426950408889634F;

/// Blocks of a multiprocessor: more hide more of each other's waiting, until registers run out.
constexpr int blocksAtOnce(int dims)
{
    return dims > 128 ? 2 : dims > 64 ? 3 : 4;
}

/// Four 8x8 tiles of shared memory in the layout of the instructions below; each lane gives the address of a row.
__device__ void loadTiles(unsigned (&tiles)[4], const __nv_bfloat16* row)
{
    const auto address = static_cast<unsigned>(__cvta_generic_to_shared(row));
    asm volatile("ldmatrix.sync.aligned.m8n8.x4.shared.b16 {%0, %1, %2, %3}, [%4];"
                 : "=r"(tiles[0]), "=r"(tiles[1]), "=r"(tiles[2]), "=r"(tiles[3])
                 : "r"(address)
                 : "memory");
}

/// The same with each tile transposed.
__device__ void loadTilesTransposed(unsigned (&tiles)[4], const __nv_bfloat16* row)
{
    const auto address = static_cast<unsigned>(__cvta_generic_to_shared(row));
    asm volatile("ldmatrix.sync.aligned.m8n8.x4.trans.shared.b16 {%0, %1, %2, %3}, [%4];"
                 : "=r"(tiles[0]), "=r"(tiles[1]), "=r"(tiles[2]), "=r"(tiles[3])
                 : "r"(address)
                 : "memory");
}

/// sums [16, 8] += a [16, 16] b [16, 8].
__device__ void multiply(float (&sums)[4], const unsigned (&a)[4], unsigned b0, unsigned b1)
{
    asm volatile("mma.sync.aligned.m16n8k16.row.col.f32.bf16.bf16.f32 "
                 "{%0, %1, %2, %3}, {%4, %5, %6, %7}, {%8, %9}, {%0, %1, %2, %3};"
                 : "+f"(sums[0]), "+f"(sums[1]), "+f"(sums[2]), "+f"(sums[3])
                 : "r"(a[0]), "r"(a[1]), "r"(a[2]), "r"(a[3]), "r"(b0), "r"(b1));
}

__device__ unsigned packed(float low, float high)
{
    const __nv_bfloat162 pair = __floats2bfloat162_rn(low, high);
    unsigned bits;
    memcpy(&bits, &pair, sizeof(bits));
    return bits;
}

/// Four values of a row; beyond headDim zero. fours: rows are read in vectors.
__device__ float4 loadFour(const float* row, std::int64_t dim, std::int64_t headDim, bool fours)
{
    if (fours) {
        return dim < headDim ? *reinterpret_cast<const float4*>(row + dim) : float4{};
    }
    return {dim < headDim ? row[dim] : 0.0F, dim + 1 < headDim ? row[dim + 1] : 0.0F,
            dim + 2 < headDim ? row[dim + 2] : 0.0F, dim + 3 < headDim ? row[dim + 3] : 0.0F};
}

/// Copies a block's rows of query to shared memory as bf16, dims values wide; rows beyond `present` are zero.
template <int dims>
__device__ void stageQuery(const float* from, std::int64_t stride, std::int64_t present, std::int64_t headDim,
                           bool fours, __nv_bfloat16* to)
{
    constexpr int kFours = kQueries * dims / 4;
    static_assert(kFours % kThreads == 0);
#pragma unroll
    for (int i = 0; i < kFours / kThreads; ++i) {
        const int place = i * kThreads + static_cast<int>(threadIdx.x);
        const int row = place / (dims / 4);
        const int dim = place % (dims / 4) * 4;
        const float4 values = row < present ? loadFour(from + row * stride, dim, headDim, fours) : float4{};
        *reinterpret_cast<uint2*>(to + row * (dims + kApart) + dim) =
            uint2{packed(values.x, values.y), packed(values.z, values.w)};
    }
}

/// Begins to copy `rows` rows of dims values to shared memory; rows beyond `present` become zero.
template <int rows, int dims>
__device__ void beginCopy(const __nv_bfloat16* from, std::int64_t present, __nv_bfloat16* to)
{
    constexpr int kEights = rows * dims / 8;
    static_assert(kEights % kThreads == 0);
#pragma unroll
    for (int i = 0; i < kEights / kThreads; ++i) {
        const int place = i * kThreads + static_cast<int>(threadIdx.x);
        const int row = place / (dims / 8);
        const int dim = place % (dims / 8) * 8;
        const int bytes = row < present ? 16 : 0; // What is not read is filled with zeros.
        const auto address = static_cast<unsigned>(__cvta_generic_to_shared(to + row * (dims + kApart) + dim));
        const __nv_bfloat16* source = from + (row < present ? std::int64_t{row} * dims + dim : 0);
        asm volatile("cp.async.cg.shared.global [%0], [%1], 16, %2;" ::"r"(address), "l"(source), "r"(bytes)
                     : "memory");
    }
    asm volatile("cp.async.commit_group;" ::: "memory");
}

/// Until this thread's copies are there, and all threads of the block are here.
__device__ void finishCopy()
{
    asm volatile("cp.async.wait_group 0;" ::: "memory");
    __syncthreads();
}

/// Keys and values of some heads as bf16, [head][2][keys][dims], padded with zeros: block z is keys or values.
template <int dims>
__global__ void roundHeads(const BitlatheCudaAttention shape, const AttentionValues in, std::int64_t firstHead,
                           const bool fours, __nv_bfloat16* out)
{
    const float* from = blockIdx.z == 0 ? in.keys : in.values;
    const std::int64_t count = shape.keys * (dims / 4);
    const std::int64_t place = std::int64_t{blockIdx.x} * blockDim.x + threadIdx.x;
    if (place < count) {
        const std::int64_t key = place / (dims / 4);
        const std::int64_t dim = place % (dims / 4) * 4;
        const std::int64_t head = firstHead + blockIdx.y;
        const float4 values = loadFour(from + (key * shape.kvHeads + head) * shape.headDim, dim, shape.headDim, fours);
        __nv_bfloat16* to = out + ((std::int64_t{2} * blockIdx.y + blockIdx.z) * shape.keys + key) * dims + dim;
        *reinterpret_cast<uint2*>(to) = uint2{packed(values.x, values.y), packed(values.z, values.w)};
    }
}

/// What a thread holds of its warp's 16 rows: two rows, eight apart.
template <int dims>
struct Rows
{
    float values[dims / 8][4] = {};
    float largest[2] = {-INFINITY, -INFINITY}; ///< In units of log 2.
    float sum[2] = {0.0F, 0.0F};               ///< Of this thread's columns.
};

/// scores [16, keys] = q k' of a warp's rows.
template <int dims, int keys>
__device__ void score(const __nv_bfloat16* q, const __nv_bfloat16* k, float (&scores)[keys / 8][4])
{
    const int lane = static_cast<int>(threadIdx.x) % kWarp;
    const __nv_bfloat16* rowQ = q + lane % 16 * (dims + kApart) + lane / 16 * 8;
    const __nv_bfloat16* rowK = k + (lane % 8 + lane / 16 * 8) * (dims + kApart) + lane / 8 % 2 * 8;
#pragma unroll
    for (int d = 0; d < dims; d += 16) {
        unsigned a[4];
        loadTiles(a, rowQ + d);
#pragma unroll
        for (int key = 0; key < keys; key += 16) {
            unsigned b[4];
            loadTiles(b, rowK + key * (dims + kApart) + d);
            multiply(scores[key / 8], a, b[0], b[1]);
            multiply(scores[key / 8 + 1], a, b[2], b[3]);
        }
    }
}

/// Scales, caps and masks scores of the keys from `key` on, for the rows at position and position + 8. Into log 2.
template <int keys>
__device__ void finishScores(const BitlatheCudaAttention& shape, std::int64_t key, std::int64_t position, bool masked,
                             float (&scores)[keys / 8][4])
{
    const float scale = shape.softCap > 0.0F ? shape.scale : shape.scale * kLog2E;
    const int column = static_cast<int>(threadIdx.x) % 4 * 2;
    const int ahead = static_cast<int>(key - position) + column; // Of the first column to the first row.
    const int oldest = shape.window > 0 ? 1 - static_cast<int>(min(shape.window, shape.keys)) : INT_MIN;
    const int present = static_cast<int>(min(shape.keys - key, std::int64_t{keys})) - column;
#pragma unroll
    for (int tile = 0; tile < keys / 8; ++tile) {
#pragma unroll
        for (int i = 0; i < 4; ++i) {
            scores[tile][i] *= scale;
            if (shape.softCap > 0.0F) {
                scores[tile][i] = kLog2E * shape.softCap * tanhf(scores[tile][i] / shape.softCap);
            }
            if (masked) {
                const int next = tile * 8 + i % 2;
                const int off = ahead + next - i / 2 * 8;
                scores[tile][i] = off <= 0 && off >= oldest && next < present ? scores[tile][i] : -INFINITY;
            }
        }
    }
}

/// Scores become weights about the new maxima; what the rows hold is scaled to them.
template <int dims, int keys>
__device__ void weigh(Rows<dims>& rows, float (&scores)[keys / 8][4])
{
    float base[2];
#pragma unroll
    for (int half = 0; half < 2; ++half) {
        float next = rows.largest[half];
#pragma unroll
        for (int tile = 0; tile < keys / 8; ++tile) {
            next = fmaxf(next, fmaxf(scores[tile][2 * half], scores[tile][2 * half + 1]));
        }
        next = fmaxf(next, __shfl_xor_sync(kAllLanes, next, 1));
        next = fmaxf(next, __shfl_xor_sync(kAllLanes, next, 2));
        base[half] = next > -INFINITY ? next : 0.0F; // Where no key was seen yet, weights are zero.
        const float before = exp2f(rows.largest[half] - base[half]);
        rows.largest[half] = next;
        rows.sum[half] *= before;
#pragma unroll
        for (int tile = 0; tile < dims / 8; ++tile) {
            rows.values[tile][2 * half] *= before;
            rows.values[tile][2 * half + 1] *= before;
        }
    }
#pragma unroll
    for (int tile = 0; tile < keys / 8; ++tile) {
#pragma unroll
        for (int i = 0; i < 4; ++i) {
            scores[tile][i] = exp2f(scores[tile][i] - base[i / 2]);
            rows.sum[i / 2] += scores[tile][i];
        }
    }
}

/// rows.values += weights v.
template <int dims, int keys>
__device__ void gather(Rows<dims>& rows, const __nv_bfloat16* v, const float (&weights)[keys / 8][4])
{
    const int lane = static_cast<int>(threadIdx.x) % kWarp;
    const __nv_bfloat16* rowV = v + (lane % 8 + lane / 8 % 2 * 8) * (dims + kApart) + lane / 16 * 8;
#pragma unroll
    for (int key = 0; key < keys; key += 16) {
        const auto& low = weights[key / 8];
        const auto& high = weights[key / 8 + 1];
        const unsigned a[4] = {packed(low[0], low[1]), packed(low[2], low[3]), packed(high[0], high[1]),
                               packed(high[2], high[3])};
#pragma unroll
        for (int d = 0; d < dims; d += 16) {
            unsigned b[4];
            loadTilesTransposed(b, rowV + key * (dims + kApart) + d);
            multiply(rows.values[d / 8], a, b[0], b[1]);
            multiply(rows.values[d / 8 + 1], a, b[2], b[3]);
        }
    }
}

template <int dims>
__device__ void storeRows(const BitlatheCudaAttention& shape, Rows<dims>& rows, std::int64_t row, std::int64_t head,
                          float* out)
{
    const int lane = static_cast<int>(threadIdx.x) % kWarp;
#pragma unroll
    for (int half = 0; half < 2; ++half) {
        float sum = rows.sum[half];
        sum += __shfl_xor_sync(kAllLanes, sum, 1);
        sum += __shfl_xor_sync(kAllLanes, sum, 2);
        const std::int64_t query = row + half * 8;
        if (query >= shape.queries) {
            continue;
        }
        float* to = out + (query * shape.heads + head) * shape.headDim;
#pragma unroll
        for (int tile = 0; tile < dims / 8; ++tile) {
            const std::int64_t dim = tile * 8 + lane % 4 * 2;
            if (dim < shape.headDim) {
                to[dim] = rows.values[tile][2 * half] / sum;
            }
            if (dim + 1 < shape.headDim) {
                to[dim + 1] = rows.values[tile][2 * half + 1] / sum;
            }
        }
    }
}

/// Block (x, y): a tile of queries, the longest first, and a head, the first of which is firstHead; rounded: of
/// roundHeads.
template <int dims, int keys>
__global__ void __launch_bounds__(kThreads, blocksAtOnce(dims))
    attendTiles(const BitlatheCudaAttention shape, const AttentionValues in, const std::int64_t firstHead,
                const bool fours, const __nv_bfloat16* rounded)
{
    extern __shared__ __align__(16) unsigned char memory[];
    auto* q = reinterpret_cast<__nv_bfloat16*>(memory);
    __nv_bfloat16* k = q + kQueries * (dims + kApart);
    __nv_bfloat16* v = k + keys * (dims + kApart);
    const std::int64_t head = firstHead + blockIdx.y;
    const __nv_bfloat16* allKeys = rounded + blockIdx.y / (shape.heads / shape.kvHeads) * 2 * shape.keys * dims;
    const __nv_bfloat16* allValues = allKeys + shape.keys * dims;
    const std::int64_t first = std::int64_t{gridDim.x - 1 - blockIdx.x} * kQueries;
    const std::int64_t before = shape.keys - shape.queries;
    const int warp = static_cast<int>(threadIdx.x) / kWarp;
    const int lane = static_cast<int>(threadIdx.x) % kWarp;
    const std::int64_t row = first + warp * kRowsOfWarp + lane / 4;
    const std::int64_t end = min(shape.keys, before + first + kQueries);
    const std::int64_t safeEnd = before + first + 1; // Keys before it are seen by all rows but for the window.
    const std::int64_t safeBegin = firstKey(shape, before + first + kQueries - 1);
    std::int64_t key = firstKey(shape, before + first) / keys * keys;
    beginCopy<keys, dims>(allKeys + key * dims, shape.keys - key, k);
    stageQuery<dims>(in.query + (first * shape.heads + head) * shape.headDim, shape.heads * shape.headDim,
                     shape.queries - first, shape.headDim, fours, q);
    Rows<dims> rows;
    for (; key < end; key += keys) {
        finishCopy();
        beginCopy<keys, dims>(allValues + key * dims, shape.keys - key, v);
        float scores[keys / 8][4] = {};
        score<dims, keys>(q + warp * kRowsOfWarp * (dims + kApart), k, scores);
        finishScores<keys>(shape, key, before + row, key < safeBegin || key + keys > safeEnd, scores);
        weigh<dims, keys>(rows, scores);
        finishCopy();
        if (key + keys < end) {
            beginCopy<keys, dims>(allKeys + (key + keys) * dims, shape.keys - key - keys, k);
        }
        gather<dims, keys>(rows, v, scores);
    }
    storeRows(shape, rows, row, head, in.out);
}

std::int64_t paddedDims(std::int64_t headDim)
{
    return headDim <= 64 ? 64 : headDim <= 96 ? 96 : headDim <= 128 ? 128 : 256;
}

/// Of the scratch, for the keys and values of one head.
std::int64_t bytesRounded(const BitlatheCudaAttention& shape)
{
    return shape.keys * paddedDims(shape.headDim) * 2 * 2;
}

/// As many key heads at a time as the scratch holds.
template <int dims, int keys>
void launchTiles(Call& call, const BitlatheCudaAttention& shape, const AttentionValues& values)
{
    constexpr int kBytes = (kQueries + 2 * keys) * (dims + kApart) * 2;
    constexpr int kRoundThreads = 256;
    const bool fours = readsFours(shape.headDim, {values.query, values.keys, values.values});
    call.check(cudaFuncSetAttribute(attendTiles<dims, keys>, cudaFuncAttributeMaxDynamicSharedMemorySize, kBytes));
    auto* rounded = static_cast<__nv_bfloat16*>(call.context().scratch);
    const std::int64_t group = shape.heads / shape.kvHeads;
    const std::int64_t together = static_cast<std::int64_t>(kScratchBytes) / bytesRounded(shape);
    const auto tiles = static_cast<unsigned>((shape.queries + kQueries - 1) / kQueries);
    const auto pieces = static_cast<unsigned>((shape.keys * (dims / 4) + kRoundThreads - 1) / kRoundThreads);
    for (std::int64_t kvHead = 0; kvHead < shape.kvHeads && call.good(); kvHead += together) {
        const std::int64_t part = std::min(together, shape.kvHeads - kvHead);
        roundHeads<dims><<<dim3(pieces, static_cast<unsigned>(part), 2), kRoundThreads, 0, call.stream()>>>(
            shape, values, kvHead, fours, rounded);
        call.checkLaunch();
        attendTiles<dims, keys><<<dim3(tiles, static_cast<unsigned>(part * group)), kThreads, kBytes, call.stream()>>>(
            shape, values, kvHead * group, fours, rounded);
        call.checkLaunch();
    }
}

} // namespace attentionbf16_cu

bool attendsBf16(const BitlatheCudaAttention& shape)
{
    return shape.headDim <= kMostHeadDim && bytesRounded(shape) <= static_cast<std::int64_t>(kScratchBytes);
}

void attendBf16(Call& call, const BitlatheCudaAttention& shape, const AttentionValues& values)
{
    switch (paddedDims(shape.headDim)) {
    case 64: return launchTiles<64, 64>(call, shape, values);
    case 96: return launchTiles<96, 64>(call, shape, values);
    case 128: return launchTiles<128, 64>(call, shape, values);
    default: return launchTiles<256, 32>(call, shape, values);
    }
}

} // namespace bitlathe::cuda
