// SPDX-License-Identifier: Apache-2.0
// The sweep with AVX2. Compiled for that level: include nothing that others share.
#include "kernels/cpu/simdavx2.h"

#include "kernels/cpu/sweeploops.h"

namespace bitlathe::kernels
{

const SweepOps& sweepOpsAvx2()
{
    static constexpr SweepOps kOps = cpu::makeSweepOps<cpu::Simd256>();
    return kOps;
}

} // namespace bitlathe::kernels
