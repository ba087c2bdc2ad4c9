// SPDX-License-Identifier: Apache-2.0
// Products of few rows (up to 16) with packed weights: bound by the bytes of the codes.
//
// One block per multiprocessor; each takes a run of tiles, its warps split the steps of inputs. A lane copies its own
// 16 bytes of every piece to shared memory with cp.async, as many steps ahead as fit, so that all of a block's share is
// under way from the start and the copies go on through sums and barriers; nobody else reads them, so the ring needs
// no barrier. Codes become bf16 in registers and are operand A of mma.m16n8k16: outputs stand in the 16 rows, rows of x
// in the 8 columns, so that up to 8 rows cost as many bytes and products as one. Scales multiply the f32 sums of a
// group. The warps' sums meet in shared memory and are added in the order of warps: the same bytes every time. Two
// blocks fit on a multiprocessor, so that copies of the next product begin while one ends.
#pragma once

#include "kernels/cuda/early.cuh"
#include "kernels/cuda/packeddecode.cuh"
#include "kernels/cuda/packedfewinput.cuh"
#include "kernels/cuda/packedforms.h"

namespace bitlathe::cuda
{

constexpr int kFewTiles = 2; ///< Tiles that a warp multiplies with the same x.

constexpr int kFewProducts = 4; ///< With one x, in one launch.

/// Products with one x and forms and steps alike; blocks from firstBlock on, up to the next one's, make each.
struct FewProducts
{
    FewArgs of[kFewProducts];
    int firstBlock[kFewProducts + 1];
    int count;
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
    constexpr int bytes = (tableBytes<Form::kind>() > 0 ? 52 : 76) * 1024;
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
                to.of[n][block] = *reinterpret_cast<const uint4*>(reinterpret_cast<const char*>(x) + n * bytesEight +
                                                                  block * kBlockInputs * 2);
            }
        }
    }
}

/// The sums of a part, of two tiles and by turns in so many chains that none waits for its last product.
template <int columns>
struct PartSums
{
    static constexpr int chains = columns == 1 ? 2 : 1;
    float of[kFewTiles][chains][columns][4];
    float x[columns][4]; ///< The sums of x itself, in every row: what is taken away is a multiple of them.
};

/// d += block's products. words: of each tile [half][2 * pieces].
template <typename Form, int columns, int block>
__device__ inline void multiplyBlock(PartSums<columns>& d, const std::uint32_t (&words)[kFewTiles][2][2 * Form::pieces],
                                     const LaneX<columns>& x, const std::uint32_t* table)
{
    constexpr CodeKind kind = Form::kind;
    constexpr int other = PartSums<columns>::chains - 1;
    if constexpr (Form::minus) {
        const std::uint32_t ones[4] = {0x3f803f80, 0x3f803f80, 0x3f803f80, 0x3f803f80};
#pragma unroll
        for (int n = 0; n < columns; ++n) {
            multiplyAdd(d.x[n], ones, x.of[n][block].x, x.of[n][block].y);
            multiplyAdd(d.x[n], ones, x.of[n][block].z, x.of[n][block].w);
        }
    }
#pragma unroll
    for (int tile = 0; tile < kFewTiles; ++tile) {
        const auto& [low, high] = words[tile];
        const std::uint32_t first[4] = {
            decodedPair<kind, block, 0>(low, table), decodedPair<kind, block, 0>(high, table),
            decodedPair<kind, block, 1>(low, table), decodedPair<kind, block, 1>(high, table)};
        const std::uint32_t second[4] = {
            decodedPair<kind, block, 2>(low, table), decodedPair<kind, block, 2>(high, table),
            decodedPair<kind, block, 3>(low, table), decodedPair<kind, block, 3>(high, table)};
#pragma unroll
        for (int n = 0; n < columns; ++n) {
            multiplyAdd(d.of[tile][0][n], first, x.of[n][block].x, x.of[n][block].y);
            multiplyAdd(d.of[tile][other][n], second, x.of[n][block].z, x.of[n][block].w);
        }
    }
}

/// What one warp adds up: [tile][column][c of mma].
template <int columns>
using Totals = float[kFewTiles][columns][4];

/// total += scale d - minus (sums of x); d becomes 0.
template <typename Form, int columns>
__device__ inline void scalePart(Totals<columns>& total, PartSums<columns>& d, const Affine (&affine)[kFewTiles])
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
                }
                total[tile][n][i] = fmaf(affine[tile].scale[i / 2], sum, total[tile][n][i]);
                if constexpr (Form::minus) {
                    total[tile][n][i] = fmaf(-affine[tile].minus[i / 2], d.x[n][i % 2], total[tile][n][i]);
                }
            }
        }
    }
    d = {};
}

template <typename Form, int columns, int block>
__device__ inline void multiplyBlocks(Totals<columns>& total, PartSums<columns>& d,
                                      const std::uint32_t (&words)[kFewTiles][2][2 * Form::pieces],
                                      Affine (&affine)[kFewTiles], const unsigned char* scales, float zero,
                                      const LaneX<columns>& x, const std::uint32_t* table)
{
    constexpr int perPart = 4 / Form::parts;
    if constexpr (block < 4) {
        if constexpr (block % perPart == 0) {
#pragma unroll
            for (int tile = 0; tile < kFewTiles; ++tile) {
                const unsigned char* unit =
                    scales + tile * slotBytes<Form>() + block / perPart * scaleUnitBytes(Form::scaleKind);
                affine[tile] = affineAt<Form::kind>(unit, Form::scaleKind, zero);
            }
        }
        multiplyBlock<Form, columns, block>(d, words, x, table);
        if constexpr (block % perPart == perPart - 1) {
            scalePart<Form, columns>(total, d, affine);
        }
        multiplyBlocks<Form, columns, block + 1>(total, d, words, affine, scales, zero, x, table);
    }
}

/// total += one step of the tiles whose codes and scales stand at slot.
template <typename Form, int columns>
__device__ inline void multiplyStep(Totals<columns>& total, const unsigned char* slot, int lane, float zero,
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
    PartSums<columns> d = {};
    Affine affine[kFewTiles] = {};
    multiplyBlocks<Form, columns, 0>(total, d, words, affine,
                                     slot + Form::pieces * kPieceBytes + lane * Form::scaleBytes, zero, x, table);
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
    const std::int64_t record = recordPlace(walk.tile, warp, args.weights.steps);
    walk.step = warp;
    walk.codes = args.weights.codes + record * (Form::pieces * kPieceBytes) + unitPlace(lane / 4, lane % 4) * 16;
    walk.scales = args.weights.scales + (record * 8 + lane / 4) * Form::scaleBytes;
    walk.other = walk.tile + 1 < lastTile ? recordPlace(walk.tile + 1, warp, args.weights.steps) - record : 0;
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
    if (args.adds) {
        static_cast<float*>(args.y)[place] += value;
    } else if (args.yFloat) {
        static_cast<float*>(args.y)[place] = value;
    } else {
        static_cast<__nv_bfloat16*>(args.y)[place] = __float2bfloat16_rn(value);
    }
}

/// Adds the warps' sums [pair of tiles][warp][tile][row][16 outputs] in their order and writes y of the tiles.
__device__ inline void addWarps(const FewArgs& args, const float* sums, int firstTile, int tiles)
{
    const int perTile = args.rows * kTileOutputs;
    const int warps = static_cast<int>(blockDim.x) / 32;
    for (int place = static_cast<int>(threadIdx.x); place < tiles * perTile; place += static_cast<int>(blockDim.x)) {
        const int tile = place / perTile;
        const float* at = sums + tile / kFewTiles * (warps * kFewTiles * perTile) + place % (kFewTiles * perTile);
        float sum = 0.0F;
#pragma unroll 8
        for (int warp = 0; warp < warps; ++warp) {
            sum += at[warp * kFewTiles * perTile];
        }
        const int output = (firstTile + tile) * kTileOutputs + place % kTileOutputs;
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

/// Floats of a pair of tiles' sums: [warps][tiles][rows][16].
__host__ __device__ constexpr int fewSums(int rows)
{
    return kFewWarps * kFewTiles * rows * kTileOutputs;
}

/// Pairs of tiles whose sums wait in shared memory until they are added. Shared memory: the table, the sums, x, the
/// rings.
__host__ __device__ constexpr int fewPairs(int rows)
{
    constexpr int kSums = 2 * fewSums(8);
    return kSums / fewSums(rows);
}

/// See the head of this file. A product has at most as many blocks as tiles; at most as many warps as steps. columns:
/// eights of rows.
template <typename Form, int columns>
__global__ void __launch_bounds__(kFewWarps * 32, 2) multiplyFew(const __grid_constant__ FewProducts products)
{
    int product = 0;
    while (product + 1 < products.count && static_cast<int>(blockIdx.x) >= products.firstBlock[product + 1]) {
        ++product;
    }
    const FewArgs& args = products.of[product];
    const int block = static_cast<int>(blockIdx.x) - products.firstBlock[product];
    const int blocks = products.firstBlock[product + 1] - products.firstBlock[product];
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
    const int pairs = fewPairs(args.rows);
    unsigned char* const ownX = shared + tableBytes<Form::kind>() + 4 * pairs * fewSums(args.rows);
    const unsigned char* ring = ownX + fewXBytes(args) + warp * depth * stepBytes;
    const auto ringAt = static_cast<std::uint32_t>(__cvta_generic_to_shared(ring));
    const auto firstTile = static_cast<int>(static_cast<std::int64_t>(args.weights.tiles) * block / blocks);
    const auto lastTile = static_cast<int>(static_cast<std::int64_t>(args.weights.tiles) * (block + 1) / blocks);

    Walk ahead = {};
    ahead.tile = firstTile;
    beginTiles<Form>(args, ahead, lastTile, warp, lane);
    const auto request = [&](int slot) {
        if (ahead.tile < lastTile) {
            requestStep<Form>(ahead, ringAt + slot * stepBytes, lane);
            ahead.step += warps;
            ahead.codes += warps * kNeighbours * (Form::pieces * kPieceBytes);
            ahead.scales += warps * kNeighbours * (8 * Form::scaleBytes);
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
    prefetchNorm(args);
    waitForPrevious(); // Weights never change, so their copies began before.
    const std::int64_t rowInputs = static_cast<std::int64_t>(steps) * kStepInputs;
    const __nv_bfloat16* x = args.x;
    if (args.wide != nullptr) {
        auto* const arranged = reinterpret_cast<__nv_bfloat16*>(ownX);
        arrangeShared(args, arranged);
        __syncthreads();
        x = arranged;
    }
    x += g * rowInputs + 8 * t;
    bool present[columns];
#pragma unroll
    for (int n = 0; n < columns; ++n) {
        present[n] = 8 * n + g < args.rows;
    }
    // x of the next two steps (of 16 rows: one) comes while a step is multiplied.
    constexpr int buffered = columns == 1 ? 2 : 1;
    LaneX<columns> buffers[buffered] = {};
    int stepX = warp;
    const auto loadNext = [&](LaneX<columns>& to) {
        loadX(to, x + stepX * kStepInputs, 16 * rowInputs, present);
        stepX = stepX + warps < steps ? stepX + warps : warp;
    };
#pragma unroll
    for (auto& buffer : buffers) {
        loadNext(buffer);
    }
    const auto zero = static_cast<float>(args.weights.zero);
    Totals<columns> total = {};
    int tile = firstTile;
    int step = warp;
    int slot = 0;
    int waiting = 0; // Pairs whose sums are stored.
    const auto advance = [&](LaneX<columns>& now) {
        step = step + warps < steps ? step + warps : warp;
        waitAllBut<depth - 1>();
        multiplyStep<Form, columns>(total, ring + slot * stepBytes, lane, zero, now, table);
        loadNext(now);
        request(slot);
        slot = slot + 1 == depth ? 0 : slot + 1;
        if (step == warp) {
            storeWarp<columns>(args, sums + waiting * (warps * kFewTiles * args.rows * kTileOutputs), total, warp, g,
                               t);
            tile += kFewTiles;
            if (++waiting == pairs || tile >= lastTile) {
                __syncthreads();
                const int first = tile - waiting * kFewTiles;
                addWarps(args, sums, first, min(tile, lastTile) - first);
                __syncthreads();
                waiting = 0;
            }
#pragma unroll
            for (int i = 0; i < kFewTiles * columns * 4; ++i) {
                total[i / (columns * 4)][i / 4 % columns][i % 4] = 0.0F;
            }
        }
    };
    while (tile < lastTile) {
        advance(buffers[0]);
        if (buffered == 2 && tile < lastTile) {
            advance(buffers[buffered - 1]);
        }
    }
}

/// Gives each of the products its share of so many blocks, at least one.
inline void shareBlocks(FewProducts& products, int blocks)
{
    std::int64_t tiles = 0;
    for (int i = 0; i < products.count; ++i) {
        tiles += products.of[i].weights.tiles;
    }
    std::int64_t before = 0;
    for (int i = 0; i < products.count; ++i) {
        const auto wanted = static_cast<int>(blocks * before / tiles);
        const int least = i > 0 ? products.firstBlock[i - 1] + 1 : 0;
        const int most = blocks - (products.count - i);
        products.firstBlock[i] = wanted < least ? least : wanted > most ? most : wanted;
        before += products.of[i].weights.tiles;
    }
    products.firstBlock[products.count] = blocks;
}

/// What launchFew needs to know of the device.
struct FewDevice
{
    int shared = 0; ///< Bytes that a block may have.
    int multiprocessors = 0;
};

/// Bytes of a block's shared memory beside x, and how many warps it has; 0: it does not fit.
template <typename Form>
int fewShared(const FewArgs& args, const FewDevice& device, int* warps)
{
    const int fixed = tableBytes<Form::kind>() + 4 * fewPairs(args.rows) * fewSums(args.rows);
    const int ring = fewDepth<Form>() * kFewTiles * slotBytes<Form>();
    const int fit = (device.shared - fixed) / ring;
    *warps = kFewWarps < args.weights.steps ? kFewWarps : args.weights.steps;
    *warps = *warps < fit ? *warps : fit;
    return *warps < 1 ? 0 : fixed + *warps * ring;
}

/// Whether blocks can arrange x themselves and still fit twice on a multiprocessor, which has 1 KiB more than a block
/// may have and takes so much for each.
template <typename Form>
bool arrangesItself(const FewArgs& args, const FewDevice& device)
{
    constexpr int kOfBlock = 1024;
    int warps = 0;
    const int bytes = fewShared<Form>(args, device, &warps);
    return bytes > 0 && 2 * (bytes + fewXBytes(args) + kOfBlock) <= device.shared + kOfBlock;
}

/// Launches multiplyFew for up to 16 rows; at most kFewProducts products. launch: its stream, and whether it is early.
template <typename Form>
cudaError_t launchFew(FewProducts products, const FewDevice& device, EarlyLaunch launch)
{
    const FewArgs& args = products.of[0];
    int warps = 0;
    const int bytes = fewShared<Form>(args, device, &warps);
    if (bytes == 0) {
        return cudaErrorInvalidConfiguration;
    }
    int tiles = 0;
    for (int i = 0; i < products.count; ++i) {
        tiles += products.of[i].weights.tiles;
    }
    const int blocks = tiles < device.multiprocessors ? tiles : device.multiprocessors;
    shareBlocks(products, blocks);
    launch.grid = dim3(static_cast<unsigned>(blocks));
    launch.block = dim3(static_cast<unsigned>(warps * 32));
    launch.sharedBytes = static_cast<std::size_t>(bytes + fewXBytes(args));
    auto* kernel = args.rows <= 8 ? multiplyFew<Form, 1> : multiplyFew<Form, 2>;
    if (const cudaError_t error = cudaFuncSetAttribute(kernel, cudaFuncAttributeMaxDynamicSharedMemorySize,
                                                       static_cast<int>(launch.sharedBytes));
        error != cudaSuccess) {
        return error;
    }
    return launchEarly(launch, kernel, products);
}

} // namespace bitlathe::cuda
