// SPDX-License-Identifier: Apache-2.0
// Packed weights with AVX-512 and its bf16 dot product. Compiled for that level: include nothing that others share.
#include "kernels/cpu/simdavx512bf16.h"

#include "kernels/cpu/packedloops.h"

namespace bitlathe::kernels::cpu
{

const PackedOps& packedOpsAvx512Bf16()
{
    static constexpr PackedOps kOps = makePackedOps<Simd512Bf16>();
    return kOps;
}

} // namespace bitlathe::kernels::cpu
