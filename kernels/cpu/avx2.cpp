// SPDX-License-Identifier: Apache-2.0
// The inner loops with AVX2, FMA and F16C. Compiled for that level: include nothing that others share.
#include "kernels/cpu/simdavx2.h"

#include "kernels/cpu/attentionloops.h"

namespace bitlathe::kernels::cpu
{

namespace
{

struct Simd256Plain : Simd256
{
    static constexpr bool kHasDot = false;
};

constexpr CpuTable kTable = makeTable<Simd256Plain>();

} // namespace

const CpuTable* avx2Table()
{
    return &kTable;
}

} // namespace bitlathe::kernels::cpu
