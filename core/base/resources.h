// SPDX-License-Identifier: Apache-2.0
// Where the files that travel with the programs lie: the demo model, its texts, schemas.
#pragma once

#include "core/base/result.h"

#include <filesystem>
#include <string_view>

namespace bitlathe {

/// A file or folder that travels with the programs, such as "demo/model". Looked for below $BITLATHE_RESOURCES (alone,
/// where it is set), then ../share/bitlathe beside the program's folder, then the source tree it was built from (not in
/// packages), then share/bitlathe where packages put it. FileMissing where there is none.
Result<std::filesystem::path> resource(std::string_view name);

} // namespace bitlathe
