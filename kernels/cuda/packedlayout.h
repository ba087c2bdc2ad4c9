// SPDX-License-Identifier: Apache-2.0
// How prepared weights lie in memory, for the kernels that write and read them.
//
// A tile is 16 outputs, a step 128 inputs. The records of eight neighbouring tiles and one step lie together, step
// after step, eights after eights; outputs are filled up to whole eights. Record (tile, step) holds 512 bytes for every
// 2 bits of a code: 1, 2 or 4 pieces for codes of 2, 4 or 8 bits. A piece is 32 units of 16 bytes, one for each lane 4
// g + t of a warp: what it holds as operand A of mma.m16n8k16, outputs g and g + 8. One load of 16 bytes per lane,
// coalesced, feeds 2 to 8 products. Inputs are permuted inside blocks of 32: lane t owns inputs 8 t ... 8 t + 7, so
// that x, too, is loaded in 16 bytes. Units are swizzled so that the eight of one t lie in different banks of shared
// memory: the kernel of many rows reads them together.
#pragma once

#include "kernels/cuda/packed.h"

#include <cstdint>

namespace bitlathe::cuda
{

constexpr int kTileOutputs = 16;
constexpr int kStepInputs = 128;
constexpr int kBlockInputs = 32; ///< The smallest run of inputs that shares a scale.
constexpr int kPieceBytes = 512;
constexpr int kNeighbours = 8; ///< Tiles whose records of a step lie together.

__host__ __device__ constexpr int piecesOf(CodeKind kind)
{
    return kind == CodeKind::Int2 ? 1 : kind == CodeKind::Int4 || kind == CodeKind::Book4 ? 2 : 4;
}

/// Bytes of what stands for outputs g and g + 8 and one group: {s, s} in f16; {s, s} in f16 and {z, z} in bf16, where z
/// is the zero point plus zeroBase; {s, s} in f32; {s, s, c, c} in f32, c to be taken away times the sum of x.
__host__ __device__ constexpr int scaleUnitBytes(ScaleKind kind)
{
    return kind == ScaleKind::Half ? 4 : kind == ScaleKind::FloatMinus ? 16 : 8;
}

/// Codes of up to 4 bits become bf16 by lying in the upper bits of the mantissa of this number; what is added so is
/// taken away from sums.
__host__ __device__ constexpr int zeroBase(CodeKind kind)
{
    return kind == CodeKind::Int2 ? 4 : kind == CodeKind::Int4 ? 16 : 0;
}

__host__ __device__ constexpr std::size_t recordBytes(CodeKind kind)
{
    return static_cast<std::size_t>(piecesOf(kind)) * kPieceBytes;
}

/// Which record holds a tile's step.
__host__ __device__ constexpr std::int64_t recordPlace(std::int64_t tile, std::int64_t step, std::int64_t steps)
{
    return (tile / kNeighbours * steps + step) * kNeighbours + tile % kNeighbours;
}

/// Where in a piece lane (g, t)'s unit lies, in units.
__host__ __device__ constexpr int unitPlace(int g, int t)
{
    return 4 * g + (t ^ (g / 2));
}

/// Where code i (0 ... 7) of block (0 ... 3) and output g (half 0) or g + 8 (half 1) of lane (g, t) lies in a record.
struct CodePlace
{
    int byte; ///< Of a 32-bit word.
    int bit;
};

__host__ __device__ constexpr CodePlace codePlace(CodeKind kind, int g, int half, int t, int block, int i)
{
    const int unit = unitPlace(g, t) * 16;
    const int upper = 16 * (i & 1);
    switch (kind) {
    case CodeKind::Int2: return {unit + 4 * (2 * half + block / 2), 8 * (block & 1) + (i & ~1) + upper};
    case CodeKind::Int4: return {block / 2 * kPieceBytes + unit + 4 * (2 * half + (block & 1)), 2 * (i & ~1) + upper};
    case CodeKind::Book4: return {block / 2 * kPieceBytes + unit + 4 * (2 * half + (block & 1)), 4 * i};
    case CodeKind::Int8:
    case CodeKind::Book8: break;
    }
    return {block * kPieceBytes + unit + 4 * (2 * half + i / 4), 8 * (i / 2 & 1) + upper};
}

} // namespace bitlathe::cuda
