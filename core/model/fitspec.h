// SPDX-License-Identifier: Apache-2.0
// fitToFile: what only a checkpoint's tensors say about a model.
#pragma once

#include "core/base/finding.h"
#include "core/checkpoint/checkpoint.h"
#include "core/model/modelspec.h"

namespace bitlathe::model
{

/// Known families: names follow the prefix that the file has (fitPrefix: files saved without the head have "wte.weight"
/// for "transformer.wte.weight"), and the head what is stored of it (fitTiedHead). Findings say so.
/// Unknown families: every matrix named NAME.weight of a float type counts as a linear of role Other, but for
/// embeddings, heads, norms and routers, which are told by their names and by having as many rows as the vocabulary
/// outside of blocks. The first number in a name is its block. Matrices of which only packed codes are left count by
/// their NAME.weight_shape.
Findings fitToFile(const checkpoint::Checkpoint& checkpoint, ModelSpec& spec);

} // namespace bitlathe::model
