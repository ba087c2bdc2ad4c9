// SPDX-License-Identifier: Apache-2.0
// The operations of kernels/kvrows.h as a table: one row for the reference, one for each fast path.
#pragma once

#include "kernels/kvrows.h"

namespace bitlathe::kernels
{

/// Equal to the bit on every level.
struct KvRowOps
{
    void (*encodeGrid)(const float* x, std::size_t count, const KvGrid& grid, std::uint8_t* codes);
    void (*decodeGrid)(const std::uint8_t* codes, std::size_t count, const KvGrid& grid, float* out);
    KvGrid (*encodeToken)(const float* x, std::size_t count, int bits, std::uint8_t* packed);
    void (*decodeToken)(const std::uint8_t* packed, std::size_t count, int bits, const KvGrid& grid, float* out);
    void (*encodeE4m3)(const float* x, std::size_t count, float scale, std::uint8_t* codes);
    void (*decodeE4m3)(const std::uint8_t* codes, std::size_t count, float scale, float* out);
};

const KvRowOps& kvRowOpsReference();
#if defined(__x86_64__)
const KvRowOps& kvRowOpsAvx2();
const KvRowOps& kvRowOpsAvx512();
#endif

} // namespace bitlathe::kernels
