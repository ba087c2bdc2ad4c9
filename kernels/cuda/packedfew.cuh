// SPDX-License-Identifier: Apache-2.0
// Products of few rows (up to 16) with packed weights: bound by the bytes of the codes.
//
// One block per multiprocessor; each takes a run of tiles, its warps split the steps of inputs. A lane copies its own
// 16 bytes of every piece to shared memory with cp.async, as many steps ahead as fit, so that all of a block's share is
// under way from the start and the copies go on through sums and barriers; nobody else reads them, so the ring needs
// no barrier. Codes become bf16 in registers and are operand A of mma.m16n8k16: outputs stand in the 16 rows, rows of x
// in the 8 columns, so that up to 8 rows cost as many bytes and products as one. Scales multiply the f32 sums of a
// group. The warps' sums meet in shared memory and are added in the order of warps: the same bytes every time.
#pragma once

#include "kernels/cuda/packeddecode.cuh"
#include "kernels/cuda/packedforms.h"

namespace bitlathe::cuda
{

constexpr int kFewWarps = 16; ///< At most.
constexpr int kFewTiles = 2;  ///< Tiles that a warp multiplies with the same x.

struct FewArgs
{
    PackedLayout weights;
    const __nv_bfloat16* x; ///< [rows, steps * 128]
    int rows;               ///< Up to 8 times the kernel's columns.
    const float* bias;
    void* y;
    bool yFloat;
};

/// Bytes of a ring's slot: one step of one tile, a warp's.
template <typename Form>
__host__ __device__ constexpr int slotBytes()
{
    return Form::pieces * kPieceBytes + 32 * Form::scaleBytes;
}

/// Steps that a warp's ring holds: as many as leave room for sums and table.
template <typename Form>
__host__ __device__ constexpr int fewDepth()
{
    constexpr int bytes = (tableBytes<Form::kind>() > 0 ? 120 : 160) * 1024;
    constexpr int depth = bytes / (kFewWarps * kFewTiles * slotBytes<Form>());
    return depth < 1 ? 1 : depth;
}

/// 16 (8, 4) bytes from device to shared memory, not waited for. Codes pass by L1: nobody reads them twice.
template <int bytes>
__device__ inline void copyAsync(std::uint32_t to, const void* from)
{
    if constexpr (bytes == 16) {
        asm volatile("cp.async.cg.shared.global.L2::128B [%0], [%1], 16;" ::"r"(to), "l"(from) : "memory");
    } else {
        asm volatile("cp.async.ca.shared.global [%0], [%1], %2;" ::"r"(to), "l"(from), "n"(bytes) : "memory");
    }
}

/// d += a b for one step of 16 inputs: a 16 outputs, b 8 rows of x.
__device__ inline void multiplyAdd(float (&d)[4], const std::uint32_t (&a)[4], std::uint32_t b0, std::uint32_t b1)
{
    asm volatile("mma.sync.aligned.m16n8k16.row.col.f32.bf16.bf16.f32 {%0, %1, %2, %3}, {%4, %5, %6, %7}, {%8, %9}, "
                 "{%0, %1, %2, %3};"
                 : "+f"(d[0]), "+f"(d[1]), "+f"(d[2]), "+f"(d[3])
                 : "r"(a[0]), "r"(a[1]), "r"(a[2]), "r"(a[3]), "r"(b0), "r"(b1));
}

/// What follows in the stream may begin to start, as far as it needs nothing from here; and waits until what came
/// before in the stream has ended. Weights never change, so their copies begin before.
__device__ inline void waitForPrevious()
{
#if __CUDA_ARCH__ >= 900
    asm volatile("griddepcontrol.launch_dependents;\n\tgriddepcontrol.wait;" ::: "memory");
#endif
}

/// Waits until only the newest `groups` groups of copies are under way.
template <int groups>
__device__ inline void waitAllBut()
{
    asm volatile("cp.async.wait_group %0;" ::"n"(groups) : "memory");
}

/// Inputs of one step for a lane: [columns of 8][block] eight bf16.
template <int columns>
struct LaneX
{
    uint4 of[columns][4];
};

/// x: the lane's, of its row and the step's first input. present: whether x has that row, for each column. Lanes
/// without a row keep the zeros that they have.
template <int columns>
__device__ inline void loadX(LaneX<columns>& to, const __nv_bfloat16* x, std::int64_t bytesEight,
                             const bool (&present)[columns])
{
#pragma unroll
    for (int n = 0; n < columns; ++n) {
        if (present[n]) {
#pragma unroll
            for (int block = 0; block < 4; ++block) {
                to.of[n][block] = __ldg(reinterpret_cast<const uint4*>(reinterpret_cast<const char*>(x) +
                                                                       n * bytesEight + block * kBlockInputs * 2));
            }
        }
    }
}

/// The lane's scales of one part of a step, and what they go with.
struct LaneScale
{
    float scale[2];
    float minus[2];
    ZeroPairs zero[2];
};

template <typename Form>
__device__ inline LaneScale laneScale(const unsigned char* at, int part, const ZeroPairs& common)
{
    const unsigned char* unit = at + part * scaleUnitBytes(Form::scaleKind);
    LaneScale result = {};
    result.zero[0] = common;
    result.zero[1] = common;
    if constexpr (Form::scaleKind == ScaleKind::Half || Form::scaleKind == ScaleKind::HalfZero) {
        const float2 scale = __half22float2(*reinterpret_cast<const __half2*>(unit));
        result.scale[0] = scale.x;
        result.scale[1] = scale.y;
        if constexpr (Form::scaleKind == ScaleKind::HalfZero) {
            const Pair zero = *reinterpret_cast<const Pair*>(unit + 4);
            result.zero[0].lower = __low2bfloat162(zero);
            result.zero[1].lower = __high2bfloat162(zero);
        }
    } else {
        const float2 scale = *reinterpret_cast<const float2*>(unit);
        result.scale[0] = scale.x;
        result.scale[1] = scale.y;
        if constexpr (Form::minus) {
            const float2 minus = *reinterpret_cast<const float2*>(unit + 8);
            result.minus[0] = minus.x;
            result.minus[1] = minus.y;
        }
    }
    return result;
}

/// The sums of a part, of two tiles and by turns in so many chains that none waits for its last product.
template <int columns>
struct PartSums
{
    static constexpr int chains = columns == 1 ? 2 : 1;
    float of[kFewTiles][chains][columns][4];
};

/// d += block's products. words: of each tile [half][2 * pieces].
template <typename Form, int columns, int block>
__device__ inline void multiplyBlock(PartSums<columns>& d, const std::uint32_t (&words)[kFewTiles][2][2 * Form::pieces],
                                     const LaneScale (&scale)[kFewTiles], const LaneX<columns>& x,
                                     const std::uint32_t* table)
{
    constexpr CodeKind kind = Form::kind;
    constexpr int other = PartSums<columns>::chains - 1;
#pragma unroll
    for (int tile = 0; tile < kFewTiles; ++tile) {
        const auto& [low, high] = words[tile];
        const auto& zero = scale[tile].zero;
        const std::uint32_t first[4] = {
            decodedPair<kind, block, 0>(low, zero[0], table), decodedPair<kind, block, 0>(high, zero[1], table),
            decodedPair<kind, block, 1>(low, zero[0], table), decodedPair<kind, block, 1>(high, zero[1], table)};
        const std::uint32_t second[4] = {
            decodedPair<kind, block, 2>(low, zero[0], table), decodedPair<kind, block, 2>(high, zero[1], table),
            decodedPair<kind, block, 3>(low, zero[0], table), decodedPair<kind, block, 3>(high, zero[1], table)};
#pragma unroll
        for (int n = 0; n < columns; ++n) {
            multiplyAdd(d.of[tile][0][n], first, x.of[n][block].x, x.of[n][block].y);
            multiplyAdd(d.of[tile][other][n], second, x.of[n][block].z, x.of[n][block].w);
        }
    }
}

/// The sums of x over each part of a step, as every row of a product with ones: what is taken away is a multiple of it.
template <typename Form, int columns>
__device__ inline void sumX(float (&sums)[Form::parts][columns][4], const LaneX<columns>& x)
{
    const std::uint32_t ones[4] = {0x3f803f80, 0x3f803f80, 0x3f803f80, 0x3f803f80};
#pragma unroll
    for (int block = 0; block < 4; ++block) {
#pragma unroll
        for (int n = 0; n < columns; ++n) {
            float(&sum)[4] = sums[block * Form::parts / 4][n];
            multiplyAdd(sum, ones, x.of[n][block].x, x.of[n][block].y);
            multiplyAdd(sum, ones, x.of[n][block].z, x.of[n][block].w);
        }
    }
}

/// What one warp adds up: [tile][column][c of mma].
template <int columns>
using Totals = float[kFewTiles][columns][4];

/// total += scale d - minus sums; d becomes 0.
template <typename Form, int columns>
__device__ inline void scalePart(Totals<columns>& total, PartSums<columns>& d, const LaneScale (&scale)[kFewTiles],
                                 const float (&sums)[columns][4])
{
#pragma unroll
    for (int tile = 0; tile < kFewTiles; ++tile) {
#pragma unroll
        for (int n = 0; n < columns; ++n) {
#pragma unroll
            for (int i = 0; i < 4; ++i) {
                float sum = 0.0F;
#pragma unroll
                for (int chain = 0; chain < PartSums<columns>::chains; ++chain) {
                    sum += d.of[tile][chain][n][i];
                    d.of[tile][chain][n][i] = 0.0F;
                }
                total[tile][n][i] = fmaf(scale[tile].scale[i / 2], sum, total[tile][n][i]);
                if constexpr (Form::minus) {
                    total[tile][n][i] = fmaf(-scale[tile].minus[i / 2], sums[n][i], total[tile][n][i]);
                }
            }
        }
    }
}

template <typename Form, int columns, int block>
__device__ inline void multiplyBlocks(Totals<columns>& total, PartSums<columns>& d,
                                      const std::uint32_t (&words)[kFewTiles][2][2 * Form::pieces],
                                      LaneScale (&scale)[kFewTiles], const unsigned char* scales, const ZeroPairs& zero,
                                      const LaneX<columns>& x, const float (&sums)[Form::parts][columns][4],
                                      const std::uint32_t* table)
{
    constexpr int perPart = 4 / Form::parts;
    if constexpr (block < 4) {
        if constexpr (block % perPart == 0) {
#pragma unroll
            for (int tile = 0; tile < kFewTiles; ++tile) {
                scale[tile] = laneScale<Form>(scales + tile * slotBytes<Form>(), block / perPart, zero);
            }
        }
        multiplyBlock<Form, columns, block>(d, words, scale, x, table);
        if constexpr (block % perPart == perPart - 1) {
            scalePart<Form, columns>(total, d, scale, sums[block / perPart]);
        }
        multiplyBlocks<Form, columns, block + 1>(total, d, words, scale, scales, zero, x, sums, table);
    }
}

/// total += one step of the tiles whose codes and scales stand at slot.
template <typename Form, int columns>
__device__ inline void multiplyStep(Totals<columns>& total, const unsigned char* slot, int lane, const ZeroPairs& zero,
                                    const LaneX<columns>& x, const std::uint32_t* table)
{
    std::uint32_t words[kFewTiles][2][2 * Form::pieces];
#pragma unroll
    for (int tile = 0; tile < kFewTiles; ++tile) {
#pragma unroll
        for (int piece = 0; piece < Form::pieces; ++piece) {
            const uint4 unit =
                *reinterpret_cast<const uint4*>(slot + tile * slotBytes<Form>() + piece * kPieceBytes + lane * 16);
            words[tile][0][2 * piece] = unit.x;
            words[tile][0][2 * piece + 1] = unit.y;
            words[tile][1][2 * piece] = unit.z;
            words[tile][1][2 * piece + 1] = unit.w;
        }
    }
    float sums[Form::parts][columns][4] = {};
    if constexpr (Form::minus) {
        sumX<Form, columns>(sums, x);
    }
    PartSums<columns> d = {};
    LaneScale scale[kFewTiles] = {};
    multiplyBlocks<Form, columns, 0>(total, d, words, scale,
                                     slot + Form::pieces * kPieceBytes + lane * Form::scaleBytes, zero, x, sums, table);
}

/// Where a warp reads next: its steps of one pair of tiles after another.
struct Walk
{
    const std::uint8_t* codes;  ///< The lane's.
    const std::uint8_t* scales; ///< The lane's.
    std::int64_t other;         ///< Records from the first tile to the second: 0 where there is none.
    int tile;
    int step;
};

template <typename Form>
__device__ inline void beginTiles(const FewArgs& args, Walk& walk, int lastTile, int warp, int lane)
{
    const std::int64_t record = static_cast<std::int64_t>(walk.tile) * args.weights.steps + warp;
    walk.step = warp;
    walk.codes = args.weights.codes + record * (Form::pieces * kPieceBytes) + lane * 16;
    walk.scales = args.weights.scales + (record * 8 + lane / 4) * Form::scaleBytes;
    walk.other = walk.tile + 1 < lastTile ? args.weights.steps : 0;
}

/// Copies the walk's step to the lane's places of a slot.
template <typename Form>
__device__ inline void requestStep(const Walk& walk, std::uint32_t slot, int lane)
{
#pragma unroll
    for (int tile = 0; tile < kFewTiles; ++tile) {
        const std::uint8_t* codes = walk.codes + tile * walk.other * (Form::pieces * kPieceBytes);
        const std::uint8_t* scales = walk.scales + tile * walk.other * (8 * Form::scaleBytes);
        const std::uint32_t to = slot + tile * slotBytes<Form>();
#pragma unroll
        for (int piece = 0; piece < Form::pieces; ++piece) {
            copyAsync<16>(to + piece * kPieceBytes + lane * 16, codes + piece * kPieceBytes);
        }
        constexpr int part = Form::scaleBytes < 16 ? Form::scaleBytes : 16;
#pragma unroll
        for (int byte = 0; byte < Form::scaleBytes; byte += part) {
            copyAsync<part>(to + Form::pieces * kPieceBytes + lane * Form::scaleBytes + byte, scales + byte);
        }
    }
}

__device__ inline void storeSum(const FewArgs& args, int row, int output, float sum)
{
    const std::int64_t place = row * args.weights.outputs + output;
    const float value = args.bias != nullptr ? sum + args.bias[output] : sum;
    if (args.yFloat) {
        static_cast<float*>(args.y)[place] = value;
    } else {
        static_cast<__nv_bfloat16*>(args.y)[place] = __float2bfloat16_rn(value);
    }
}

/// Adds the warps' sums [warp][tile][row][16 outputs] in their order and writes y.
__device__ inline void addWarps(const FewArgs& args, const float* sums, int firstTile, int tiles)
{
    const int perTile = args.rows * kTileOutputs;
    const int warps = static_cast<int>(blockDim.x) / 32;
    for (int place = static_cast<int>(threadIdx.x); place < tiles * perTile; place += static_cast<int>(blockDim.x)) {
        float sum = 0.0F;
#pragma unroll 8
        for (int warp = 0; warp < warps; ++warp) {
            sum += sums[warp * kFewTiles * perTile + place];
        }
        const int output = (firstTile + place / perTile) * kTileOutputs + place % kTileOutputs;
        if (output < args.weights.outputs) {
            storeSum(args, place % perTile / kTileOutputs, output, sum);
        }
    }
}

template <int columns>
__device__ inline void storeWarp(const FewArgs& args, float* sums, const Totals<columns>& total, int warp, int g, int t)
{
    const int perTile = args.rows * kTileOutputs;
#pragma unroll
    for (int tile = 0; tile < kFewTiles; ++tile) {
#pragma unroll
        for (int n = 0; n < columns; ++n) {
#pragma unroll
            for (int i = 0; i < 4; ++i) {
                const int row = 8 * n + 2 * t + (i & 1);
                if (row < args.rows) {
                    sums[(warp * kFewTiles + tile) * perTile + row * kTileOutputs + g + 8 * (i / 2)] =
                        total[tile][n][i];
                }
            }
        }
    }
}

/// Shared memory: the table, two of [warps][tiles][rows][16] sums, the rings.
__host__ __device__ constexpr int fewSumsBytes(int rows)
{
    return kFewWarps * kFewTiles * rows * kTileOutputs * 4;
}

/// See the head of this file. Grid: at most as many blocks as there are tiles; at most as many warps as steps. columns:
/// eights of rows.
template <typename Form, int columns>
__global__ void __launch_bounds__(kFewWarps * 32, 1) multiplyFew(FewArgs args)
{
    extern __shared__ __align__(128) unsigned char shared[];
    constexpr int depth = fewDepth<Form>();
    constexpr int stepBytes = kFewTiles * slotBytes<Form>();
    const int lane = static_cast<int>(threadIdx.x) % 32;
    const int warp = static_cast<int>(threadIdx.x) / 32;
    const int warps = static_cast<int>(blockDim.x) / 32;
    const int g = lane / 4;
    const int t = lane % 4;
    const int steps = args.weights.steps;
    const auto* table = reinterpret_cast<const std::uint32_t*>(shared);
    auto* sums = reinterpret_cast<float*>(shared + tableBytes<Form::kind>());
    const int sumsCount = fewSumsBytes(args.rows) / 4;
    const unsigned char* ring =
        shared + tableBytes<Form::kind>() + 2 * fewSumsBytes(args.rows) + warp * depth * stepBytes;
    const auto ringAt = static_cast<std::uint32_t>(__cvta_generic_to_shared(ring));
    const auto firstTile = static_cast<int>(static_cast<std::int64_t>(args.weights.tiles) * blockIdx.x / gridDim.x);
    const auto lastTile =
        static_cast<int>(static_cast<std::int64_t>(args.weights.tiles) * (blockIdx.x + 1) / gridDim.x);

    Walk ahead = {};
    ahead.tile = firstTile;
    beginTiles<Form>(args, ahead, lastTile, warp, lane);
    const auto request = [&](int slot) {
        if (ahead.tile < lastTile) {
            requestStep<Form>(ahead, ringAt + slot * stepBytes, lane);
            ahead.step += warps;
            ahead.codes += warps * (Form::pieces * kPieceBytes);
            ahead.scales += warps * (8 * Form::scaleBytes);
            if (ahead.step >= steps) {
                ahead.tile += kFewTiles;
                beginTiles<Form>(args, ahead, lastTile, warp, lane);
            }
        }
        asm volatile("cp.async.commit_group;" ::: "memory");
    };
#pragma unroll
    for (int slot = 0; slot < depth; ++slot) {
        request(slot);
    }
    if constexpr (tableBytes<Form::kind>() > 0) {
        fillTable<Form::kind>(reinterpret_cast<std::uint32_t*>(shared), args.weights.book);
        __syncthreads();
    }
    waitForPrevious();
    const std::int64_t rowInputs = static_cast<std::int64_t>(steps) * kStepInputs;
    const __nv_bfloat16* x = args.x + g * rowInputs + 8 * t;
    bool present[columns];
#pragma unroll
    for (int n = 0; n < columns; ++n) {
        present[n] = 8 * n + g < args.rows;
    }
    // x of the next step comes while this one is multiplied; 16 rows leave no registers for that.
    constexpr bool early = columns == 1;
    LaneX<columns> buffers[early ? 2 : 1] = {};
    if constexpr (early) {
        loadX(buffers[0], x + warp * kStepInputs, 16 * rowInputs, present);
    }
    const ZeroPairs zero = zeroPairs<Form::kind>(Form::scaleKind == ScaleKind::Half ? args.weights.zero : 0);
    Totals<columns> total = {};
    int tile = firstTile;
    int step = warp;
    int slot = 0;
    int parity = 0;
    const auto advance = [&](LaneX<columns>& now, LaneX<columns>& next) {
        if constexpr (!early) {
            loadX(now, x + step * kStepInputs, 16 * rowInputs, present);
        }
        step = step + warps < steps ? step + warps : warp;
        if constexpr (early) {
            loadX(next, x + step * kStepInputs, 16 * rowInputs, present);
        }
        waitAllBut<depth - 1>();
        multiplyStep<Form, columns>(total, ring + slot * stepBytes, lane, zero, now, table);
        request(slot);
        slot = slot + 1 == depth ? 0 : slot + 1;
        if (step == warp) {
            float* meeting = sums + parity * sumsCount;
            storeWarp<columns>(args, meeting, total, warp, g, t);
            __syncthreads();
            addWarps(args, meeting, tile, min(kFewTiles, lastTile - tile));
            parity ^= 1;
            tile += kFewTiles;
#pragma unroll
            for (int i = 0; i < kFewTiles * columns * 4; ++i) {
                total[i / (columns * 4)][i / 4 % columns][i % 4] = 0.0F;
            }
        }
    };
    while (tile < lastTile) {
        advance(buffers[0], buffers[early ? 1 : 0]);
        if (early && tile < lastTile) {
            advance(buffers[early ? 1 : 0], buffers[0]);
        }
    }
}

/// Launches multiplyFew for up to 16 rows. shared: bytes that a block may have; multiprocessors: of the device.
template <typename Form>
cudaError_t launchFew(FewArgs args, int shared, int multiprocessors, cudaStream_t stream)
{
    const int fixed = tableBytes<Form::kind>() + 2 * fewSumsBytes(args.rows);
    const int ring = fewDepth<Form>() * kFewTiles * slotBytes<Form>();
    const int fit = (shared - fixed) / ring;
    int warps = kFewWarps < args.weights.steps ? kFewWarps : args.weights.steps;
    warps = warps < fit ? warps : fit;
    if (warps < 1) {
        return cudaErrorInvalidConfiguration;
    }
    const int bytes = fixed + warps * ring;
    auto* kernel = args.rows <= 8 ? multiplyFew<Form, 1> : multiplyFew<Form, 2>;
    if (const cudaError_t error = cudaFuncSetAttribute(kernel, cudaFuncAttributeMaxDynamicSharedMemorySize, bytes);
        error != cudaSuccess) {
        return error;
    }
    cudaLaunchAttribute early = {};
    early.id = cudaLaunchAttributeProgrammaticStreamSerialization;
    early.val.programmaticStreamSerializationAllowed = 1;
    cudaLaunchConfig_t config = {};
    config.gridDim =
        dim3(static_cast<unsigned>(args.weights.tiles < multiprocessors ? args.weights.tiles : multiprocessors));
    config.blockDim = dim3(static_cast<unsigned>(warps * 32));
    config.dynamicSmemBytes = static_cast<std::size_t>(bytes);
    config.stream = stream;
    config.attrs = &early;
    config.numAttrs = 1;
    return cudaLaunchKernelEx(&config, kernel, args);
}

} // namespace bitlathe::cuda
