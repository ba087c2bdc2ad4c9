// SPDX-License-Identifier: Apache-2.0
// Turbomind: workspaces of lmdeploy 0.1 to 0.5, in 16 bits or with 4-bit layers.
#pragma once

#include "core/format/format.h"
#include "core/format/turbomindconfig.h"

namespace bitlathe::format
{

const Format& turbomindFormat();

/// The config.ini of a model. Errors: NotSupported (not a LLaMA, heads that the engine does not know, sides that the
/// ranks don't share out), SettingInvalid (a number of ranks that is no power of two).
Result<TurbomindConfig> turbomindConfigFor(const OpenedModel& model, const LinearSchemes& schemes,
                                           const WorkspaceOptions& options);

} // namespace bitlathe::format
