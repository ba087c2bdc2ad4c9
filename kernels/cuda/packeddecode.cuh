// SPDX-License-Identifier: Apache-2.0
// Codes in registers become pairs of bf16: shared by the kernels of few and of many rows.
#pragma once

#include "kernels/cuda/packedlayout.h"

#include <cuda_bf16.h>
#include <cuda_fp16.h>

namespace bitlathe::cuda
{

using Pair = __nv_bfloat162;

__device__ inline std::uint32_t bitsOfPair(Pair pair)
{
    return *reinterpret_cast<const std::uint32_t*>(&pair);
}

__device__ inline Pair pairOfBits(std::uint32_t bits)
{
    return *reinterpret_cast<const Pair*>(&bits);
}

/// (source & mask) | number in one instruction.
template <std::uint32_t mask, std::uint32_t number>
__device__ inline std::uint32_t maskedOr(std::uint32_t source)
{
    std::uint32_t result = 0;
    asm("lop3.b32 %0, %1, %2, %3, 0xea;" : "=r"(result) : "r"(source), "n"(mask), "n"(number));
    return result;
}

/// source shifted left by a constant that may be negative.
template <int amount>
__device__ inline std::uint32_t shifted(std::uint32_t source)
{
    if constexpr (amount >= 0) {
        return source << amount;
    } else {
        return source >> -amount;
    }
}

/// Of outputs g and g + 8 and one part of a step: scale * raw - minus is the weight, where raw is what codes are
/// decoded to.
struct Affine
{
    float scale[2];
    float minus[2];
};

/// unit: the part's scales as packedlayout.h lays them. zero: that of all codes, where units have none.
template <CodeKind kind>
__device__ inline Affine affineAt(const unsigned char* unit, ScaleKind scaleKind, float zero)
{
    Affine result;
    constexpr auto base = static_cast<float>(zeroBase(kind));
#pragma unroll
    for (int half = 0; half < 2; ++half) {
        switch (scaleKind) {
        case ScaleKind::Half:
            result.scale[half] = __half2float(reinterpret_cast<const __half*>(unit)[half]);
            result.minus[half] = result.scale[half] * (base + zero);
            break;
        case ScaleKind::HalfZero:
            result.scale[half] = __half2float(reinterpret_cast<const __half*>(unit)[half]);
            result.minus[half] =
                result.scale[half] * __bfloat162float(reinterpret_cast<const __nv_bfloat16*>(unit)[2 + half]);
            break;
        case ScaleKind::Float:
            result.scale[half] = reinterpret_cast<const float*>(unit)[half];
            result.minus[half] = result.scale[half] * (base + zero);
            break;
        case ScaleKind::FloatMinus:
            result.scale[half] = reinterpret_cast<const float*>(unit)[half];
            result.minus[half] = fmaf(result.scale[half], base, reinterpret_cast<const float*>(unit)[2 + half]);
            break;
        }
    }
    return result;
}

/// Shared memory that decoding needs. Book4: [256 bytes' values][32 lanes] a pair of bf16 for each byte of codes, once
/// per lane, so that no two lanes meet in a bank. Book8: [256] values.
template <CodeKind kind>
__host__ __device__ constexpr int tableBytes()
{
    return kind == CodeKind::Book4 ? 256 * 32 * 4 : kind == CodeKind::Book8 ? 256 * 4 : 0;
}

/// All threads of the block; a barrier must follow.
template <CodeKind kind>
__device__ inline void fillTable(std::uint32_t* table, const float* book)
{
    if constexpr (kind == CodeKind::Book4) {
        for (int place = static_cast<int>(threadIdx.x); place < 256 * 8; place += static_cast<int>(blockDim.x)) {
            const int byte = place / 8;
            const std::uint32_t pair = bitsOfPair(__floats2bfloat162_rn(book[byte & 15], book[byte >> 4]));
            reinterpret_cast<uint4*>(table)[place] = make_uint4(pair, pair, pair, pair);
        }
    } else if constexpr (kind == CodeKind::Book8) {
        for (int code = static_cast<int>(threadIdx.x); code < 256; code += static_cast<int>(blockDim.x)) {
            table[code] = bitsOfPair(__float2bfloat162_rn(book[code]));
        }
    }
}

/// Pair number `pair` (inputs 2 pair and 2 pair + 1 of the lane's eight) of block `block` of one half, as raw numbers:
/// a code plus zeroBase, exactly, or its value in the book. words: the half's, in the order of pieces.
template <CodeKind kind, int block, int pair>
__device__ inline std::uint32_t decodedPair(const std::uint32_t* words, const std::uint32_t* table)
{
    if constexpr (kind == CodeKind::Int4) {
        // 16 + q: q in the upper 4 bits of the mantissa of 16.
        return maskedOr<0x00780078, 0x41804180>(shifted<3 - 4 * pair>(words[block]));
    } else if constexpr (kind == CodeKind::Int2) {
        return maskedOr<0x00600060, 0x40804080>(shifted<5 - 8 * (block & 1) - 2 * pair>(words[block / 2]));
    } else if constexpr (kind == CodeKind::Int8) {
        // 16 + the lower four bits, and 256 + the upper four; together too long for bf16.
        const std::uint32_t word = words[2 * block + pair / 2];
        const std::uint32_t lower = maskedOr<0x00780078, 0x41804180>(shifted<3 - 8 * (pair & 1)>(word));
        const std::uint32_t upper = maskedOr<0x00780078, 0x43804380>(shifted<-1 - 8 * (pair & 1)>(word));
        return bitsOfPair(__hadd2(__hsub2(pairOfBits(lower), pairOfBits(0x41804180)),
                                  __hsub2(pairOfBits(upper), pairOfBits(0x43804380))));
    } else if constexpr (kind == CodeKind::Book4) {
        // Byte times 128 bytes: the byte's row of the table.
        const std::uint32_t row = shifted<7 - 8 * pair>(words[block]) & 0x7f80U;
        return *reinterpret_cast<const std::uint32_t*>(reinterpret_cast<const char*>(table) + row +
                                                       4 * (threadIdx.x & 31));
    } else {
        const std::uint32_t word = words[2 * block + pair / 2] >> (8 * (pair & 1));
        return __byte_perm(table[word & 255], table[word >> 16 & 255], 0x5410);
    }
}

} // namespace bitlathe::cuda
