// SPDX-License-Identifier: Apache-2.0
// What a user's folders do not let the programs keep between two starts.
#pragma once

#include "core/base/finding.h"

namespace bitlathe
{

/// A note for each of history, settings and cache whose folder can't be written, with the reason, and one where HOME is
/// unset, so that they lie among temporary files. Looks at the folders and makes none. Empty: all is kept.
Findings unkept();

} // namespace bitlathe
