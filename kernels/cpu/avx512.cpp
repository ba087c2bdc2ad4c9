// SPDX-License-Identifier: Apache-2.0
// The inner loops with AVX-512. Compiled for that level: include nothing that others share.
#include "kernels/cpu/simdavx512.h"

#include "kernels/cpu/attentionloops.h"

namespace bitlathe::kernels::cpu
{

namespace
{

struct Simd512Plain : Simd512
{
    static constexpr bool kHasDot = false;
};

constexpr CpuTable kTable = makeTable<Simd512Plain>();

} // namespace

const CpuTable* avx512Table()
{
    return &kTable;
}

} // namespace bitlathe::kernels::cpu
