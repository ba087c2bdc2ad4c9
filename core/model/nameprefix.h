// SPDX-License-Identifier: Apache-2.0
// fitPrefix: names of a spec with the prefix that a file has.
#pragma once

#include "core/base/finding.h"
#include "core/checkpoint/checkpoint.h"
#include "core/model/modelspec.h"

namespace bitlathe::model
{

/// Files name tensors with a prefix ("model.") that is missing, doubled ("model.model."), or that of a larger model
/// ("language_model.model."). It is told by the embedding; the names of spec then follow, each with a note.
Findings fitPrefix(const checkpoint::Checkpoint& checkpoint, ModelSpec& spec);

} // namespace bitlathe::model
