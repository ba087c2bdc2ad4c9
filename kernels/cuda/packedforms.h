// SPDX-License-Identifier: Apache-2.0
// The forms of prepared weights that kernels are built for: packedPrepare makes no other.
#pragma once

#include "kernels/cuda/packedlayout.h"

namespace bitlathe::cuda
{

template <CodeKind codeKind, ScaleKind kindOfScale, int scalesOfStep>
struct PackedForm
{
    static constexpr CodeKind kind = codeKind;
    static constexpr ScaleKind scaleKind = kindOfScale;
    static constexpr int parts = scalesOfStep;
    static constexpr int pieces = piecesOf(codeKind);
    static constexpr int scaleBytes = scalesOfStep * scaleUnitBytes(kindOfScale); ///< Of a lane and step.
    /// Whether weights are more than scale times what a code decodes to.
    static constexpr bool minus = codeKind != CodeKind::Book4 || kindOfScale == ScaleKind::FloatMinus;
};

// X(kind of codes, kind of scales, scales per step).
#define BITLATHE_FORMS_INT4(X)                                                                                         \
    X(Int4, Half, 1) X(Int4, Half, 2) X(Int4, Half, 4) X(Int4, HalfZero, 1) X(Int4, HalfZero, 2) X(Int4, HalfZero, 4)
#define BITLATHE_FORMS_FLOAT(X)                                                                                        \
    X(Int4, FloatMinus, 1)                                                                                             \
    X(Int4, FloatMinus, 4) X(Book4, Float, 2) X(Book4, Float, 4) X(Book4, FloatMinus, 4) X(Book8, FloatMinus, 4)
#define BITLATHE_FORMS_OTHER(X)                                                                                        \
    X(Int2, Half, 1) X(Int2, Half, 4) X(Int2, FloatMinus, 4) X(Int8, Half, 1) X(Int8, Half, 4) X(Int8, FloatMinus, 4)
#define BITLATHE_FORMS(X) BITLATHE_FORMS_INT4(X) BITLATHE_FORMS_FLOAT(X) BITLATHE_FORMS_OTHER(X)

} // namespace bitlathe::cuda
