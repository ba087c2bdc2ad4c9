// SPDX-License-Identifier: Apache-2.0
// Packed weights with AVX2. Compiled for that level: include nothing that others share.
#include "kernels/cpu/simdavx2.h"

#include "kernels/cpu/packedloops.h"

namespace bitlathe::kernels::cpu
{

namespace
{

struct Simd256Plain : Simd256
{
    static constexpr bool kHasDot = false;
};

} // namespace

const PackedOps& packedOpsAvx2()
{
    static constexpr PackedOps kOps = makePackedOps<Simd256Plain>();
    return kOps;
}

} // namespace bitlathe::kernels::cpu
