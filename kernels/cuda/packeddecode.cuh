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

/// What is taken from the raw numbers: of one output's half, twice the same bf16. upper is for the high nibbles of 8
/// bits.
struct ZeroPairs
{
    Pair lower;
    Pair upper;
};

/// zero: that of all codes.
template <CodeKind kind>
__device__ inline ZeroPairs zeroPairs(int zero)
{
    if constexpr (kind == CodeKind::Int8) {
        return {__float2bfloat162_rn(static_cast<float>(16 + (zero & 15))),
                __float2bfloat162_rn(static_cast<float>(256 + (zero & ~15)))};
    } else {
        return {__float2bfloat162_rn(static_cast<float>(zeroBase(kind) + zero)), __float2bfloat162_rn(0.0F)};
    }
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

/// Pair number `pair` (inputs 2 pair and 2 pair + 1 of the lane's eight) of block `block` of one half, as values of x's
/// factor but for the scale. words: the half's, in the order of pieces. Exact for integers.
template <CodeKind kind, int block, int pair>
__device__ inline std::uint32_t decodedPair(const std::uint32_t* words, const ZeroPairs& zero,
                                            const std::uint32_t* table)
{
    if constexpr (kind == CodeKind::Int4) {
        // The number 16 + q: q in the upper 4 bits of the mantissa of 16.
        const std::uint32_t raw = maskedOr<0x00780078, 0x41804180>(shifted<3 - 4 * pair>(words[block]));
        return bitsOfPair(__hsub2(pairOfBits(raw), zero.lower));
    } else if constexpr (kind == CodeKind::Int2) {
        const std::uint32_t raw =
            maskedOr<0x00600060, 0x40804080>(shifted<5 - 8 * (block & 1) - 2 * pair>(words[block / 2]));
        return bitsOfPair(__hsub2(pairOfBits(raw), zero.lower));
    } else if constexpr (kind == CodeKind::Int8) {
        const std::uint32_t word = words[2 * block + pair / 2];
        const std::uint32_t lower = maskedOr<0x00780078, 0x41804180>(shifted<3 - 8 * (pair & 1)>(word));
        const std::uint32_t upper = maskedOr<0x00780078, 0x43804380>(shifted<-1 - 8 * (pair & 1)>(word));
        return bitsOfPair(__hadd2(__hsub2(pairOfBits(lower), zero.lower), __hsub2(pairOfBits(upper), zero.upper)));
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
