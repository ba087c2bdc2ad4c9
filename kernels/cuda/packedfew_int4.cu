// SPDX-License-Identifier: Apache-2.0
// Kernels of few rows: forms of 4 bits.
#include "kernels/cuda/packedfew.cuh"

namespace bitlathe::cuda
{

#define BITLATHE_FEW(kind, scaleKind, parts)                                                                           \
    template bool arrangesItself<PackedForm<CodeKind::kind, ScaleKind::scaleKind, parts>>(const FewArgs&,              \
                                                                                          const FewDevice&);           \
    template cudaError_t launchFew<PackedForm<CodeKind::kind, ScaleKind::scaleKind, parts>>(                           \
        FewProducts, const FewDevice&, EarlyLaunch);
BITLATHE_FORMS_INT4(BITLATHE_FEW)

} // namespace bitlathe::cuda
