// SPDX-License-Identifier: Apache-2.0
// The inner loops with AVX-512 and its bf16 dot product. Compiled for that level: include nothing that others share.
#include "kernels/cpu/simdavx512bf16.h"

#include "kernels/cpu/attentionloops.h"

namespace bitlathe::kernels::cpu
{

namespace
{

constexpr CpuTable kTable = makeTable<Simd512Bf16>();

} // namespace

const CpuTable* avx512Bf16Table()
{
    return &kTable;
}

} // namespace bitlathe::kernels::cpu
