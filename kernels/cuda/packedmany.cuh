// SPDX-License-Identifier: Apache-2.0
// Products of many rows with packed weights on compute capability 9.0: bound by the tensor cores.
//
// A block makes 128 outputs of up to 256 rows. One thread copies: boxes of x by a tensor map, records of codes and
// scales in bulk, a ring of stages of 128 inputs ahead. Two warpgroups multiply: each turns its 64 outputs' codes into
// bf16 in registers, which are operand A of wgmma, while its last product runs; x in shared memory is operand B. Every
// weight is (value - zero) * scale - offset in f32, then rounded to bf16 once, as the specification has it.
#pragma once

#include "kernels/cuda/hopper.cuh"
#include "kernels/cuda/packeddecode.cuh"

#include <cuda.h>

namespace bitlathe::cuda
{

constexpr int kManyGroups = 2; ///< Warpgroups that multiply.
constexpr int kManyTiles = 4 * kManyGroups;
static_assert(kManyTiles == kNeighbours, "a stage's records are one copy");
constexpr int kManyThreads = 128 * (kManyGroups + 1);
constexpr int kBoxInputs = 64; ///< 128 bytes: the widest that swizzles.

/// Blocks that a multiprocessor holds. Those of few rows wait more than they multiply.
__host__ __device__ constexpr int manyBlocks(int rows)
{
    return rows == 64 ? 2 : 1;
}

struct ManyArgs
{
    PackedLayout weights;
    int rows;
    int splits; ///< Parts of the inputs: more than one write sums to partial.
    const float* bias;
    void* y;
    bool yFloat;
    float* partial; ///< [splits][rows][outputs]
    bool adds;      ///< To y, which is f32.
};

/// Bytes of a stage: x, codes, scales.
__host__ __device__ constexpr int manyXBytes(int rows)
{
    return rows * kStepInputs * 2;
}

__host__ __device__ constexpr int manyScaleBytes(const PackedLayout& layout)
{
    return 8 * layout.scalesPerStep * scaleUnitBytes(layout.scaleKind);
}

__host__ __device__ constexpr int manyStageBytes(const PackedLayout& layout, int rows)
{
    const int bytes =
        manyXBytes(rows) + kManyTiles * (static_cast<int>(recordBytes(layout.kind)) + manyScaleBytes(layout));
    return (bytes + 1023) / 1024 * 1024;
}

/// Codes of one block for a lane: [half][t' = whose unit] the word that holds the lane's pair.
struct BlockWords
{
    std::uint32_t of[2][4];
};

/// units: those of the piece, read again where a block begins one.
template <CodeKind kind, int block>
__device__ inline BlockWords blockWords(uint4 (&units)[4], const unsigned char* record, int g, int t)
{
    constexpr int perPiece = 4 / piecesOf(kind);
    if constexpr (block % perPiece == 0) {
#pragma unroll
        for (int other = 0; other < 4; ++other) {
            units[other] =
                *reinterpret_cast<const uint4*>(record + block / perPiece * kPieceBytes + unitPlace(g, other) * 16);
        }
    }
    BlockWords words;
#pragma unroll
    for (int other = 0; other < 4; ++other) {
        const uint4 unit = units[other];
        bool second = false;
        if constexpr (kind == CodeKind::Int2) {
            second = block / 2 != 0;
        } else if constexpr (piecesOf(kind) == 2) {
            second = block % 2 != 0;
        } else {
            second = t >= 2;
        }
        words.of[0][other] = second ? unit.y : unit.x;
        words.of[1][other] = second ? unit.w : unit.z;
    }
    return words;
}

/// The lane's pair of a word as two bf16 of the weights. Book values come from a table of one float per lane.
template <CodeKind kind, int block>
__device__ inline std::uint32_t weightPair(std::uint32_t word, int t, float scale, float minus, const float* table)
{
    float low = 0;
    float high = 0;
    if constexpr (kind == CodeKind::Int4 || kind == CodeKind::Int2) {
        constexpr int field = kind == CodeKind::Int4 ? 3 : 5; // The lowest of the code's bits in the mantissa.
        const int bit = kind == CodeKind::Int4 ? 4 * t : 8 * (block & 1) + 2 * t;
        const std::uint32_t turned = __funnelshift_r(word, word, (bit + 32 - field) & 31);
        std::uint32_t raw = 0;
        if constexpr (kind == CodeKind::Int4) {
            raw = maskedOr<0x00780078, 0x41804180>(turned);
        } else {
            raw = maskedOr<0x00600060, 0x40804080>(turned);
        }
        low = __uint_as_float(raw << 16);
        high = __uint_as_float(raw & 0xffff0000U);
    } else if constexpr (kind == CodeKind::Book4) {
        const std::uint32_t byte = word >> (8 * t);
        low = table[(byte & 15) * 32];
        high = table[(byte >> 4 & 15) * 32];
    } else {
        const std::uint32_t bytes = word >> (8 * (t & 1));
        if constexpr (kind == CodeKind::Int8) {
            // 2^23 + q, exactly.
            low = __uint_as_float(0x4b000000U | (bytes & 255)) - 8388608.0F;
            high = __uint_as_float(0x4b000000U | (bytes >> 16 & 255)) - 8388608.0F;
        } else {
            low = table[bytes & 255];
            high = table[bytes >> 16 & 255];
        }
    }
    const Pair pair = __floats2bfloat162_rn(fmaf(low, scale, -minus), fmaf(high, scale, -minus));
    return bitsOfPair(pair);
}

/// Bytes of the table of books: Book4 [16][32 lanes], Book8 [256].
__host__ __device__ constexpr int manyTableBytes(CodeKind kind)
{
    return kind == CodeKind::Book4 ? 16 * 32 * 4 : kind == CodeKind::Book8 ? 1024 : 0;
}

template <CodeKind kind>
__device__ inline void fillManyTable(float* table, const float* book)
{
    constexpr int copies = kind == CodeKind::Book4 ? 32 : 1;
    for (int place = static_cast<int>(threadIdx.x); place < manyTableBytes(kind) / 4; place += kManyThreads) {
        table[place] = book[place / copies];
    }
}

struct Stage
{
    const unsigned char* record; ///< The warp's tile.
    const unsigned char* scales;
    std::uint32_t x;
};

/// Operand A of four products: 64 inputs.
using HalfStep = std::uint32_t[4][4];

/// Decodes one block of 32 inputs to operands of two products.
template <CodeKind kind, int block>
__device__ inline void decodeBlock(HalfStep& a, Affine& affine, uint4 (&units)[4], const Stage& stage,
                                   const PackedLayout& weights, float zero, const float* table, int g, int t)
{
    const BlockWords words = blockWords<kind, block>(units, stage.record, g, t);
    const int parts = weights.scalesPerStep;
    if (block == 0 || parts == 4 || (block == 2 && parts == 2)) {
        const unsigned char* unit = stage.scales + (g * parts + block * parts / 4) * scaleUnitBytes(weights.scaleKind);
        affine = affineAt<kind>(unit, weights.scaleKind, zero);
    }
#pragma unroll
    for (int step = 0; step < 2; ++step) {
#pragma unroll
        for (int i = 0; i < 4; ++i) {
            a[block % 2 * 2 + step][i] = weightPair<kind, block>(words.of[i % 2][2 * step + i / 2], t,
                                                                 affine.scale[i % 2], affine.minus[i % 2], table);
        }
    }
}

/// Half a step: codes to operands while the products before run, then four products under way.
template <CodeKind kind, int rows, int half>
__device__ inline void multiplyHalf(float (&d)[rows / 2], HalfStep& a, Affine& affine, uint4 (&units)[4],
                                    const Stage& stage, const PackedLayout& weights, float zero, int& adds,
                                    const float* table, int g, int t)
{
    decodeBlock<kind, 2 * half>(a, affine, units, stage, weights, zero, table, g, t);
    decodeBlock<kind, 2 * half + 1>(a, affine, units, stage, weights, zero, table, g, t);
    fenceMultiply();
#pragma unroll
    for (int step = 0; step < 4; ++step) {
        multiplyAsync<rows>(d, a[step], operandB(stage.x + half * (rows * 128) + step * 32), adds);
        adds = 1;
    }
    commitMultiply();
    waitMultiply<1>(); // The operands of the half before are free.
}

template <int rows>
__device__ inline void storeMany(const ManyArgs& args, const float (&d)[rows / 2], int firstOutput, int firstRow, int t)
{
#pragma unroll
    for (int i = 0; i < rows / 2; ++i) {
        const int row = firstRow + i / 4 * 8 + 2 * t + (i & 1);
        const int output = firstOutput + 8 * (i / 2 % 2);
        if (row < args.rows && output < args.weights.outputs) {
            const std::int64_t place = static_cast<std::int64_t>(row) * args.weights.outputs + output;
            const float value = d[i];
            if (args.splits > 1) {
                args.partial[blockIdx.z * static_cast<std::int64_t>(args.rows) * args.weights.outputs + place] = value;
            } else {
                const float sum = args.bias != nullptr ? value + args.bias[output] : value;
                if (args.adds) {
                    static_cast<float*>(args.y)[place] += sum;
                } else if (args.yFloat) {
                    static_cast<float*>(args.y)[place] = sum;
                } else {
                    static_cast<__nv_bfloat16*>(args.y)[place] = __float2bfloat16_rn(sum);
                }
            }
        }
    }
}

/// The same for y in bf16 of whole eights of outputs: through shared memory [rows][136], so that 16 bytes are written
/// at once. Both warpgroups, after their last product.
template <int rows>
__device__ inline void storeManyTurned(const ManyArgs& args, const float (&d)[rows / 2], unsigned char* memory,
                                       int warp, int firstOutput, int firstRow, int g, int t)
{
    constexpr int outputs = kManyTiles * kTileOutputs;
    constexpr int stride = outputs + 8; // No two lanes meet in a bank.
    auto* turned = reinterpret_cast<__nv_bfloat16*>(memory);
    asm volatile("bar.sync 1, %0;" ::"n"(128 * kManyGroups) : "memory");
#pragma unroll
    for (int i = 0; i < rows / 2; ++i) {
        const int output = warp * kTileOutputs + g + 8 * (i / 2 % 2);
        const bool biased = args.bias != nullptr && firstOutput + output < args.weights.outputs;
        const float sum = d[i] + (biased ? args.bias[firstOutput + output] : 0.0F);
        turned[(i / 4 * 8 + 2 * t + (i & 1)) * stride + output] = __float2bfloat16_rn(sum);
    }
    asm volatile("bar.sync 1, %0;" ::"n"(128 * kManyGroups) : "memory");
    for (int place = static_cast<int>(threadIdx.x); place < rows * outputs / 8; place += 128 * kManyGroups) {
        const int row = place / (outputs / 8);
        const int output = place % (outputs / 8) * 8;
        if (firstRow + row < args.rows && firstOutput + output < args.weights.outputs) {
            const std::int64_t to =
                static_cast<std::int64_t>(firstRow + row) * args.weights.outputs + firstOutput + output;
            *reinterpret_cast<uint4*>(static_cast<__nv_bfloat16*>(args.y) + to) =
                *reinterpret_cast<const uint4*>(turned + row * stride + output);
        }
    }
}

/// Where things lie in the block's shared memory.
struct ManyShared
{
    std::uint32_t full;  ///< [stages] barriers.
    std::uint32_t empty; ///< [stages] barriers.
    unsigned char* stages;
    int stageBytes;
    int count;
};

/// A walk through the stages.
struct Ring
{
    int slot = 0;
    int round = 0; ///< Its parity.

    __device__ void advance(int count)
    {
        if (++slot == count) {
            slot = 0;
            round ^= 1;
        }
    }
};

/// The copying thread's part.
__device__ inline void produceMany(const ManyArgs& args, const CUtensorMap* map, const ManyShared& shared, int rows,
                                   int firstStep, int lastStep)
{
    const int bytesCodes = kManyTiles * static_cast<int>(recordBytes(args.weights.kind));
    const int bytesScales = kManyTiles * manyScaleBytes(args.weights);
    const int bytesX = manyXBytes(rows);
    const std::int64_t record =
        recordPlace(static_cast<std::int64_t>(blockIdx.y) * kManyTiles, firstStep, args.weights.steps);
    const std::uint8_t* codes = args.weights.codes + record / kManyTiles * bytesCodes;
    const std::uint8_t* scales = args.weights.scales + record / kManyTiles * bytesScales;
    Ring at;
    for (int step = firstStep; step < lastStep; ++step, at.advance(shared.count)) {
        const int slot = at.slot;
        const std::uint32_t full = shared.full + 8 * slot;
        waitFor(shared.empty + 8 * slot, at.round ^ 1);
        const std::uint32_t stage = sharedAddress(shared.stages) + slot * shared.stageBytes;
        arriveExpecting(full, bytesX + bytesCodes + bytesScales);
        for (int box = 0; box < 2; ++box) {
            copyBox(stage + box * (rows * 128), map, step * kStepInputs + box * kBoxInputs,
                    static_cast<int>(blockIdx.x) * rows, full);
        }
        copyBulk(stage + bytesX, codes, bytesCodes, full);
        copyBulk(stage + bytesX + bytesCodes, scales, bytesScales, full);
        codes += bytesCodes;
        scales += bytesScales;
    }
}

/// See the head of this file. Grid: (rows / `rows`, tiles / kManyTiles, splits). map: of x [args.rows, steps * 128],
/// boxes of 64 inputs by `rows` rows.
template <CodeKind kind, int rows>
__global__ void __launch_bounds__(kManyThreads, manyBlocks(rows))
    multiplyMany(const ManyArgs args, const __grid_constant__ CUtensorMap map, int stages)
{
#if defined(__CUDA_ARCH_FEAT_SM90_ALL)
    extern __shared__ __align__(1024) unsigned char memory[];
    __shared__ __align__(8) unsigned long long barriers[2 * 8];
    ManyShared shared{sharedAddress(barriers), sharedAddress(barriers + 8), memory, manyStageBytes(args.weights, rows),
                      stages};
    auto* table = reinterpret_cast<float*>(memory + stages * shared.stageBytes);
    if (threadIdx.x == 0) {
        for (int i = 0; i < stages; ++i) {
            initBarrier(shared.full + 8 * i, 1);
            initBarrier(shared.empty + 8 * i, 4 * kManyGroups);
        }
        asm volatile("fence.mbarrier_init.release.cluster;" ::: "memory");
    }
    if constexpr (manyTableBytes(kind) > 0) {
        fillManyTable<kind>(table, args.weights.book);
    }
    __syncthreads();
    const int firstStep = static_cast<int>(static_cast<std::int64_t>(args.weights.steps) * blockIdx.z / args.splits);
    const int lastStep =
        static_cast<int>(static_cast<std::int64_t>(args.weights.steps) * (blockIdx.z + 1) / args.splits);
    const int group = static_cast<int>(threadIdx.x) / 128;
    if (group == kManyGroups) {
        asm volatile("setmaxnreg.dec.sync.aligned.u32 %0;" ::"n"(manyBlocks(rows) == 2 ? 24 : 40));
        if (threadIdx.x == 128 * kManyGroups) {
            produceMany(args, &map, shared, rows, firstStep, lastStep);
        }
    } else {
        asm volatile("setmaxnreg.inc.sync.aligned.u32 %0;" ::"n"(manyBlocks(rows) == 2 ? 104 : 232));
        const int lane = static_cast<int>(threadIdx.x) % 32;
        const int warp = static_cast<int>(threadIdx.x) / 32;
        const int g = lane / 4;
        const int t = lane % 4;
        const auto zero = static_cast<float>(args.weights.zero);
        if constexpr (kind == CodeKind::Book4) {
            table += lane;
        }
        float d[rows / 2];
        HalfStep a[2];
        Affine affine = {};
        uint4 units[4];
        int adds = 0;
        Ring ring;
        int before = -1; // The slot of the stage before.
        for (int step = firstStep; step < lastStep; ++step, ring.advance(shared.count)) {
            const int slot = ring.slot;
            waitFor(shared.full + 8 * slot, ring.round);
            const unsigned char* at = memory + slot * shared.stageBytes;
            const unsigned char* codes = at + manyXBytes(rows);
            const Stage stage{codes + warp * static_cast<int>(recordBytes(kind)),
                              codes + kManyTiles * static_cast<int>(recordBytes(kind)) +
                                  warp * manyScaleBytes(args.weights),
                              sharedAddress(at)};
            multiplyHalf<kind, rows, 0>(d, a[0], affine, units, stage, args.weights, zero, adds, table, g, t);
            if (before >= 0 && lane == 0) {
                arrive(shared.empty + 8 * before); // Its last product has ended.
            }
            before = slot;
            multiplyHalf<kind, rows, 1>(d, a[1], affine, units, stage, args.weights, zero, adds, table, g, t);
        }
        waitMultiply<0>();
        const int firstOutput = static_cast<int>(blockIdx.y) * kManyTiles * kTileOutputs;
        const int firstRow = static_cast<int>(blockIdx.x) * rows;
        if (args.splits == 1 && !args.yFloat && args.weights.outputs % 8 == 0) {
            storeManyTurned<rows>(args, d, memory, warp, firstOutput, firstRow, g, t);
        } else {
            storeMany<rows>(args, d, firstOutput + warp * kTileOutputs + g, firstRow, t);
        }
    }
#else
    asm volatile("trap;"); // Built without the instructions of 90a: better no result than a wrong one.
#endif
}

/// Launches multiplyMany for one kind of codes. shared: bytes that a block may have.
template <CodeKind kind>
cudaError_t launchMany(const ManyArgs& args, const CUtensorMap& map, int rows, int shared, cudaStream_t stream)
{
    const auto launch = [&](auto* kernel) {
        const int stage = manyStageBytes(args.weights, rows);
        const int fit = (shared / manyBlocks(rows) - 2048 - manyTableBytes(kind)) / stage;
        const int stages = fit < 8 ? fit : 8;
        const int bytes = stages * stage + manyTableBytes(kind);
        if (const cudaError_t error = cudaFuncSetAttribute(kernel, cudaFuncAttributeMaxDynamicSharedMemorySize, bytes);
            error != cudaSuccess) {
            return error;
        }
        const dim3 grid(static_cast<unsigned>((args.rows + rows - 1) / rows),
                        static_cast<unsigned>((args.weights.tiles + kManyTiles - 1) / kManyTiles),
                        static_cast<unsigned>(args.splits));
        kernel<<<grid, kManyThreads, static_cast<std::size_t>(bytes), stream>>>(args, map, stages);
        return cudaGetLastError();
    };
    return rows == 256   ? launch(multiplyMany<kind, 256>)
           : rows == 128 ? launch(multiplyMany<kind, 128>)
                         : launch(multiplyMany<kind, 64>);
}

} // namespace bitlathe::cuda
