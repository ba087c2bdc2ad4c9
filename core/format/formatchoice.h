// SPDX-License-Identifier: Apache-2.0
// FormatChoice: a format that holds a scheme.
#pragma once

#include "core/format/format.h"

#include <string>

namespace bitlathe::format
{

/// The name of the preferred format where that holds a scheme (of layers with sides of many factors), else of the first
/// one that does; the preferred one where none does.
std::string formatHolding(const quant::Scheme& scheme, const std::string& preferred);

} // namespace bitlathe::format
