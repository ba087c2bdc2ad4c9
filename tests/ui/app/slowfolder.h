// SPDX-License-Identifier: Apache-2.0
// A folder on a file system that takes its time: this program's own calls of the C library's file functions, which take
// the place of the library's.
#pragma once

#include <string>

namespace bitlathe::tests
{

/// From now on every call that opens, looks at or reads something below folder takes kSlowMs longer. Empty: none does.
void setSlowFolder(const std::string& folder);

/// How many calls were slow since then; of the thread that asks, ever.
int slowCalls();
int slowCallsOfThread();

constexpr int kSlowMs = 60;

} // namespace bitlathe::tests
