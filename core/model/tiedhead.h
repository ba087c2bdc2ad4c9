// SPDX-License-Identifier: Apache-2.0
// fitTiedHead: what a file holds where embedding and head share their weights.
#pragma once

#include "core/base/finding.h"
#include "core/checkpoint/checkpoint.h"
#include "core/model/modelspec.h"

namespace bitlathe::model
{

/// A tied head that is stored, too, is left out with a note where it is the embedding again (both are read for this),
/// and used instead of it, with a warning, where it is not: as transformers does. Where only the head is stored it is
/// the embedding, too.
Findings fitTiedHead(const checkpoint::Checkpoint& checkpoint, ModelSpec& spec);

/// A head that is stored under any name that families give it; null: none of the right shape.
const checkpoint::TensorEntry* storedHead(const checkpoint::Checkpoint& checkpoint, const ModelSpec& spec);

} // namespace bitlathe::model
