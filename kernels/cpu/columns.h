// SPDX-License-Identifier: Apache-2.0
// The operations of a sweep on the processor, by panels of rows on all threads.
#pragma once

#include "kernels/columns.h"

namespace bitlathe::kernels::cpu
{

/// As Backend::factorColumns and Backend::roundColumns.
bool factorColumns(const ColumnFactoring& factoring);
void roundColumns(const ColumnRounding& rounding);

} // namespace bitlathe::kernels::cpu
