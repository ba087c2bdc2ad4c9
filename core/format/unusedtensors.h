// SPDX-License-Identifier: Apache-2.0
// unusedTensors: tensors of a folder that the model does not read.
#pragma once

#include "core/format/openmodel.h"

namespace bitlathe::format
{

/// Notes about the tensors of a known family that its forward pass does not read, one for each first part of their
/// names ("vision_tower"). opened.owners must be there. They travel with every export as they are.
Findings unusedTensors(const OpenedModel& opened);

} // namespace bitlathe::format
