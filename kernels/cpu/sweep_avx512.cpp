// SPDX-License-Identifier: Apache-2.0
// The sweep with AVX-512. Compiled for that level: include nothing that others share.
#include "kernels/cpu/simdavx512.h"

#include "kernels/cpu/sweeploops.h"

namespace bitlathe::kernels
{

const SweepOps& sweepOpsAvx512()
{
    static constexpr SweepOps kOps = cpu::makeSweepOps<cpu::Simd512>();
    return kOps;
}

} // namespace bitlathe::kernels
