// SPDX-License-Identifier: Apache-2.0
// The operations of kernels/sweep.h as a table: one row for the reference, one for each fast path.
#pragma once

#include "kernels/sweep.h"

namespace bitlathe::kernels
{

/// Equal to the bit on every level.
struct SweepOps
{
    void (*addProduct)(const PanelProduct& product);
    void (*sweep)(const SweepRun& run);
    void (*sweepFreely)(const FreeRun& run);
};

const SweepOps& sweepOpsReference();
#if defined(__x86_64__)
const SweepOps& sweepOpsAvx2();
const SweepOps& sweepOpsAvx512();
#endif

} // namespace bitlathe::kernels
