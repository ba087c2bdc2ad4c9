// SPDX-License-Identifier: Apache-2.0
// Kernels of many rows: codes of 4 bits.
#include "kernels/cuda/packedmany.cuh"

namespace bitlathe::cuda
{

template cudaError_t launchMany<CodeKind::Int4>(const ManyArgs&, const CUtensorMap&, int, int, cudaStream_t);

} // namespace bitlathe::cuda
