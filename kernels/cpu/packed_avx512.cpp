// SPDX-License-Identifier: Apache-2.0
// Packed weights with AVX-512. Compiled for that level: include nothing that others share.
#include "kernels/cpu/simdavx512.h"

#include "kernels/cpu/packedloops.h"

namespace bitlathe::kernels::cpu
{

namespace
{

struct Simd512Plain : Simd512
{
    static constexpr bool kHasDot = false;
};

} // namespace

const PackedOps& packedOpsAvx512()
{
    static constexpr PackedOps kOps = makePackedOps<Simd512Plain>();
    return kOps;
}

} // namespace bitlathe::kernels::cpu
