// SPDX-License-Identifier: Apache-2.0
// The operations of a sweep in plain loops: the specification.
#pragma once

#include "kernels/columns.h"

namespace bitlathe::kernels
{

/// As Backend::factorColumns, in double.
bool factorColumnsReference(const ColumnFactoring& factoring);
/// As Backend::roundColumns, row by row, in the arithmetic of SweepRun.
void roundColumnsReference(const ColumnRounding& rounding);

} // namespace bitlathe::kernels
