// SPDX-License-Identifier: Apache-2.0
// bench --ops: every operation of a device with its share of what the device allows.
#pragma once

#include "app/cli/command.h"

namespace bitlathe::cli
{

/// Errors: SettingInvalid (--device), NotSupported (no such device), Cancelled, Internal (the device failed).
Result<void> benchOperations(Session& session, const ComputeOptions& compute, int repeats);

} // namespace bitlathe::cli
