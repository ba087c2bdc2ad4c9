// SPDX-License-Identifier: Apache-2.0
// Attention with f32 arithmetic: for single queries, where reading keys and values is all the work, and for the
// reference precision. A warp reads a key with its lanes side by side and scores it for up to kRows rows of its key
// head (queries and the heads that share the key head), so that such heads read keys once. Warps of a block take
// different keys, and where there are few rows, blocks take different stretches of keys; the last of them joins partial
// results by their maxima and sums.
#include "kernels/cuda/attention.h"

#include "kernels/cuda/device.cuh"
#include "kernels/cuda/operations.h"

#include <algorithm>

namespace bitlathe::cuda
{

inline namespace attention_cu
{

constexpr std::int64_t kMostHeadDim = 512;
constexpr int kWarps = 4;
constexpr int kThreads = kWarps * kWarp;
constexpr int kKeysAtOnce = 4;                      ///< Of a warp: so many loads are in flight.
constexpr std::int64_t kLeastKeys = 64;             ///< Of a stretch.
constexpr std::int64_t kQueriesForMatrixUnits = 16; ///< One of their tiles.

/// The rows of a key head: row r is query r / group and head r % group of those that share the key head.
struct Split
{
    std::int64_t group = 1;
    std::int64_t rows = 0;
    std::int64_t stretches = 1;
    float* partial = nullptr;    ///< [kvHeads, rows, stretches, headDim + 2]: sums, maximum, sum of weights; or null.
    unsigned* tickets = nullptr; ///< With partial: [kvHeads, tiles of rows] zeros.
};

/// Adds what lanes `step` apart hold; half: of the values that are left, which either lane keeps; 0: there is one left.
template <int half, int step, int count>
__device__ void foldLanes(float (&values)[count])
{
    if constexpr (half > 0) {
        const bool upper = (threadIdx.x & step) != 0;
#pragma unroll
        for (int i = 0; i < half; ++i) {
            const float given = upper ? values[i] : values[i + half];
            const float kept = upper ? values[i + half] : values[i];
            values[i] = kept + __shfl_xor_sync(kAllLanes, given, step);
        }
    } else {
        values[0] += __shfl_xor_sync(kAllLanes, values[0], step);
    }
    if constexpr (step > 1) {
        foldLanes<half / 2, step / 2>(values);
    }
}

/// Sums count values, a power of two, over the lanes of a warp: each lane gets the sum number lane / (kWarp / count).
template <int count>
__device__ float sumOverLanes(float (&values)[count])
{
    foldLanes<count / 2, kWarp / 2>(values);
    return values[0];
}

/// What a warp knows of its rows. A row belongs to kWarp / kRows lanes, and a key of a step to some of them.
template <int perLane, int kRows>
struct Running
{
    static constexpr int kLanes = kWarp / kRows; ///< Of a row.
    static constexpr int kLeastStep = kLanes / kKeysAtOnce;

    float values[kRows][perLane] = {}; ///< Of all rows, weighted: each lane its dims.
    float largest = -INFINITY;         ///< Of the lane's row.
    float sum = 0;                     ///< Of the weights of the lane's row and key.

    /// score: of the lane's row and key.
    __device__ void add(float score, const float (&v)[kKeysAtOnce][perLane])
    {
        float next = fmaxf(largest, score);
#pragma unroll
        for (int step = kLanes / 2; step >= kLeastStep; step /= 2) {
            next = fmaxf(next, __shfl_xor_sync(kAllLanes, next, step));
        }
        const float base = next > -INFINITY ? next : 0.0F; // Where no key was seen yet, weights are zero.
        const float before = expf(largest - base);
        const float weight = expf(score - base);
        sum = sum * before + weight;
        largest = next;
#pragma unroll
        for (int r = 0; r < kRows; ++r) {
            const float scale = __shfl_sync(kAllLanes, before, r * kLanes);
#pragma unroll
            for (int i = 0; i < perLane; ++i) {
                values[r][i] *= scale;
            }
#pragma unroll
            for (int u = 0; u < kKeysAtOnce; ++u) {
                const float factor = __shfl_sync(kAllLanes, weight, r * kLanes + u * kLeastStep);
#pragma unroll
                for (int i = 0; i < perLane; ++i) {
                    values[r][i] += factor * v[u][i];
                }
            }
        }
    }

    /// The largest score and the sum of weights of a row, for all lanes.
    __device__ float2 totals(int row) const
    {
        float total = sum;
#pragma unroll
        for (int step = kLanes / 2; step >= kLeastStep; step /= 2) {
            total += __shfl_xor_sync(kAllLanes, total, step);
        }
        return {__shfl_sync(kAllLanes, largest, row * kLanes), __shfl_sync(kAllLanes, total, row * kLanes)};
    }
};

template <int perLane>
__device__ void loadRow(const float* row, std::int64_t dims, bool present, float (&out)[perLane])
{
#pragma unroll
    for (int i = 0; i < perLane; ++i) {
        const std::int64_t dim = threadIdx.x % kWarp + std::int64_t{kWarp} * i;
        out[i] = present && dim < dims ? row[dim] : 0.0F;
    }
}

/// Joins the warps' results of a row and gives them to out (divided) or to the partial results of a stretch.
template <int perLane>
__device__ void joinWarps(const float (&own)[perLane], float2 totals, std::int64_t dims, float* shared, float* out,
                          float* partial)
{
    const int warp = static_cast<int>(threadIdx.x) / kWarp;
    const int lane = static_cast<int>(threadIdx.x) % kWarp;
    float* mine = shared + warp * (dims + 2);
    __syncthreads(); // The row before may still be read.
#pragma unroll
    for (int i = 0; i < perLane; ++i) {
        if (lane + kWarp * i < dims) {
            mine[lane + kWarp * i] = own[i];
        }
    }
    if (lane == 0) {
        mine[dims] = totals.x;
        mine[dims + 1] = totals.y;
    }
    __syncthreads();
    float largest = -INFINITY;
    for (int part = 0; part < kWarps; ++part) {
        largest = fmaxf(largest, shared[part * (dims + 2) + dims]);
    }
    float sum = 0;
    float weights[kWarps];
    for (int part = 0; part < kWarps; ++part) {
        const float* from = shared + part * (dims + 2);
        weights[part] = from[dims] > -INFINITY ? expf(from[dims] - largest) : 0.0F;
        sum += weights[part] * from[dims + 1];
    }
    for (std::int64_t dim = threadIdx.x; dim < dims; dim += kThreads) {
        float value = 0;
        for (int part = 0; part < kWarps; ++part) {
            value += weights[part] * shared[part * (dims + 2) + dim];
        }
        (partial != nullptr ? partial : out)[dim] = partial != nullptr ? value : value / sum;
    }
    if (partial != nullptr && threadIdx.x == 0) {
        partial[dims] = largest;
        partial[dims + 1] = sum;
    }
}

/// A row of out from the partial results of its stretches. weights: shared, of the stretches.
__device__ void joinStretches(const float* parts, std::int64_t stretches, std::int64_t dims, float* weights, float* out)
{
    // Other blocks wrote them: they are read where those left them.
    float largest = -INFINITY;
    for (std::int64_t part = threadIdx.x; part < stretches; part += kThreads) {
        largest = fmaxf(largest, __ldcg(parts + part * (dims + 2) + dims));
    }
    largest = blockLargest<kThreads>(largest);
    float sum = 0;
    for (std::int64_t part = threadIdx.x; part < stretches; part += kThreads) {
        const float* from = parts + part * (dims + 2) + dims;
        const float own = __ldcg(from);
        weights[part] = own > -INFINITY ? expf(own - largest) : 0.0F;
        sum += weights[part] * __ldcg(from + 1);
    }
    sum = blockSum<float, kThreads>(sum); // Waits for the weights, too.
    for (std::int64_t dim = threadIdx.x; dim < dims; dim += kThreads) {
        float value = 0;
#pragma unroll 8
        for (std::int64_t part = 0; part < stretches; ++part) {
            value += weights[part] * __ldcg(parts + part * (dims + 2) + dim);
        }
        out[dim] = value / sum;
    }
    __syncthreads(); // The weights may be written again.
}

/// Whether the block is the last of its stretches to get here; what the others wrote can be read then. ticket: 0, as
/// it is again afterwards.
__device__ bool isLastOf(unsigned* ticket, std::int64_t stretches)
{
    __shared__ bool isLast;
    __threadfence();
    __syncthreads();
    if (threadIdx.x == 0) {
        const auto last = static_cast<unsigned>(stretches - 1);
        isLast = atomicInc(ticket, last) == last;
        __threadfence();
    }
    __syncthreads();
    return isLast;
}

/// Scores of all rows and keys of a step; each lane gets that of its row and key (Running).
template <int perLane, int kRows>
__device__ float scoreOfLane(const float (&q)[kRows][perLane], const float (&k)[kKeysAtOnce][perLane],
                             const BitlatheCudaAttention& shape)
{
    float products[kRows * kKeysAtOnce] = {};
#pragma unroll
    for (int r = 0; r < kRows; ++r) {
#pragma unroll
        for (int u = 0; u < kKeysAtOnce; ++u) {
#pragma unroll
            for (int i = 0; i < perLane; ++i) {
                products[r * kKeysAtOnce + u] += q[r][i] * k[u][i];
            }
        }
    }
    const float score = sumOverLanes(products) * shape.scale;
    return shape.softCap > 0.0F ? shape.softCap * tanhf(score / shape.softCap) : score;
}

/// Block (x, y, z): rows x * kRows ..., key head y, stretch z.
template <int perLane, int kRows>
__global__ void __launch_bounds__(kThreads)
    attendRows(const BitlatheCudaAttention shape, const AttentionValues in, const Split split)
{
    waitForPrevious();
    extern __shared__ float shared[];
    const std::int64_t dims = shape.headDim;
    const std::int64_t kvHead = blockIdx.y;
    const std::int64_t firstRow = std::int64_t{blockIdx.x} * kRows;
    const std::int64_t before = shape.keys - shape.queries;
    float q[kRows][perLane];
    Running<perLane, kRows> running;
    const auto placeOf = [&](std::int64_t row) {
        return ((row / split.group) * shape.heads + kvHead * split.group + row % split.group) * dims;
    };
    const auto partialsOf = [&](std::int64_t row) {
        return split.partial + (kvHead * split.rows + row) * split.stretches * (dims + 2);
    };
#pragma unroll
    for (int r = 0; r < kRows; ++r) {
        const std::int64_t row = firstRow + r;
        loadRow(in.query + (row < split.rows ? placeOf(row) : 0), dims, row < split.rows, q[r]);
    }
    const int lane = static_cast<int>(threadIdx.x) % kWarp;
    const std::int64_t ownRow = firstRow + lane / (kWarp / kRows);
    const std::int64_t position = ownRow < split.rows ? before + ownRow / split.group : -1;
    const std::int64_t oldest = firstKey(shape, position);
    const int ownKey = lane % (kWarp / kRows) / (kWarp / kRows / kKeysAtOnce);
    const std::int64_t lastRow = min(firstRow + kRows, split.rows) - 1;
    const std::int64_t begin = firstKey(shape, before + firstRow / split.group);
    const std::int64_t end = before + lastRow / split.group + 1;
    const std::int64_t stretch = (end - begin + split.stretches - 1) / split.stretches;
    const std::int64_t from = begin + stretch * blockIdx.z;
    const std::int64_t to = min(end, from + stretch);
    const std::int64_t width = shape.kvHeads * dims;
    for (std::int64_t key = from + threadIdx.x / kWarp * kKeysAtOnce; key < to; key += kWarps * kKeysAtOnce) {
        float k[kKeysAtOnce][perLane];
        float v[kKeysAtOnce][perLane];
#pragma unroll
        for (int u = 0; u < kKeysAtOnce; ++u) {
            const std::int64_t place = (key + u) * width + kvHead * dims;
            loadRow(in.keys + place, dims, key + u < to, k[u]);
            loadRow(in.values + place, dims, key + u < to, v[u]);
        }
        const float score = scoreOfLane(q, k, shape);
        const std::int64_t at = key + ownKey;
        running.add(at < to && at <= position && at >= oldest ? score : -INFINITY, v);
    }
#pragma unroll
    for (int r = 0; r < kRows; ++r) {
        const std::int64_t row = firstRow + r;
        if (row >= split.rows) {
            continue; // All threads of the block do.
        }
        float* partial = nullptr;
        if (split.partial != nullptr) {
            partial = partialsOf(row) + blockIdx.z * (dims + 2);
        }
        joinWarps(running.values[r], running.totals(r), dims, shared, in.out + placeOf(row), partial);
    }
    if (split.partial != nullptr && isLastOf(split.tickets + kvHead * gridDim.x + blockIdx.x, split.stretches)) {
        for (std::int64_t row = firstRow; row <= lastRow; ++row) {
            joinStretches(partialsOf(row), split.stretches, dims, shared, in.out + placeOf(row));
        }
    }
}

template <int perLane, int kRows>
void launchRows(Call& call, const BitlatheCudaAttention& shape, const AttentionValues& values, Split split)
{
    const std::int64_t tiles = (split.rows + kRows - 1) / kRows;
    const std::int64_t wanted = std::int64_t{4} * call.context().multiprocessors;
    const std::int64_t partialBytes = shape.heads * shape.queries * (shape.headDim + 2) * 4;
    const std::int64_t most = std::min({(shape.keys + kLeastKeys - 1) / kLeastKeys, wanted / (tiles * shape.kvHeads),
                                        static_cast<std::int64_t>(kScratchBytes) / partialBytes});
    split.stretches = tiles * shape.kvHeads <= kAttentionTickets ? std::max<std::int64_t>(1, most) : 1;
    split.partial = split.stretches > 1 ? static_cast<float*>(call.context().scratch) : nullptr;
    split.tickets = call.context().attentionTickets;
    const dim3 grid(static_cast<unsigned>(tiles), static_cast<unsigned>(shape.kvHeads),
                    static_cast<unsigned>(split.stretches));
    // Whole vectors: the compiler may read ahead of the check that there are so many.
    const std::int64_t sharedFloats = std::max(kWarps * (shape.headDim + 2), (split.stretches + 3) / 4 * 4);
    call.launchEarly(attendRows<perLane, kRows>, grid, kThreads, static_cast<std::size_t>(sharedFloats) * sizeof(float),
                     shape, values, split);
}

template <int perLane>
void launchLanes(Call& call, const BitlatheCudaAttention& shape, const AttentionValues& values)
{
    Split split;
    split.group = shape.heads / shape.kvHeads;
    split.rows = shape.queries * split.group;
    if (split.rows == 1) {
        launchRows<perLane, 1>(call, shape, values, split);
    } else if constexpr (perLane <= 4) {
        launchRows<perLane, 4>(call, shape, values, split);
    } else { // More rows would not fit into the registers.
        launchRows<perLane, 1>(call, shape, values, split);
    }
}

} // namespace attention_cu

void attendF32(Call& call, const BitlatheCudaAttention& shape, const AttentionValues& values)
{
    if (shape.headDim <= 32) {
        launchLanes<1>(call, shape, values);
    } else if (shape.headDim <= 64) {
        launchLanes<2>(call, shape, values);
    } else if (shape.headDim <= 128) {
        launchLanes<4>(call, shape, values);
    } else if (shape.headDim <= 256) {
        launchLanes<8>(call, shape, values);
    } else {
        launchLanes<16>(call, shape, values);
    }
}

std::int32_t attention(BitlatheCudaContext* context, const BitlatheCudaAttention* shape, std::int32_t bf16,
                       const float* query, const float* keys, const float* values, float* out)
{
    Call call(context, "attention");
    if (shape->headDim > kMostHeadDim) {
        call.check(std::string("heads of more than 512 values"));
    }
    if (!call.good() || shape->queries == 0) {
        return call.status();
    }
    const bool matrixUnits = bf16 != 0 && shape->queries >= kQueriesForMatrixUnits && attendsBf16(*shape);
    (matrixUnits ? attendBf16 : attendF32)(call, *shape, {query, keys, values, out});
    return call.status();
}

} // namespace bitlathe::cuda
