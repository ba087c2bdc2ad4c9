// SPDX-License-Identifier: Apache-2.0
// Sorting of values whose comparison may fail.
#pragma once

#include "core/text/jinja/value.h"

namespace bitlathe::text::jinja
{

/// items in the order of their keys; equal ones stay as they are, whichever way round. std::stable_sort can't be told
/// of keys without an order.
Result<std::vector<Value>> sortedBy(const std::vector<Value>& keys, std::vector<Value> items, bool reversed,
                                    Budget& budget);

} // namespace bitlathe::text::jinja
