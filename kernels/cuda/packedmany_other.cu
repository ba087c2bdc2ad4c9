// SPDX-License-Identifier: Apache-2.0
// Kernels of many rows: codes of 2 and 8 bits and books.
#include "kernels/cuda/packedmany.cuh"

namespace bitlathe::cuda
{

template cudaError_t launchMany<CodeKind::Int2>(const ManyArgs&, const CUtensorMap&, int, int, cudaStream_t);
template cudaError_t launchMany<CodeKind::Int8>(const ManyArgs&, const CUtensorMap&, int, int, cudaStream_t);
template cudaError_t launchMany<CodeKind::Book4>(const ManyArgs&, const CUtensorMap&, int, int, cudaStream_t);
template cudaError_t launchMany<CodeKind::Book8>(const ManyArgs&, const CUtensorMap&, int, int, cudaStream_t);

} // namespace bitlathe::cuda
