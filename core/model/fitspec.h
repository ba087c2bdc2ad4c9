// SPDX-License-Identifier: Apache-2.0
// fitToFile: what only a checkpoint's tensors say about a model.
#pragma once

#include "core/checkpoint/checkpoint.h"
#include "core/model/modelspec.h"

namespace bitlathe::model
{

/// Known families: files saved without the head leave the first part of every name away ("wte.weight" for
/// "transformer.wte.weight"); where that is so, the names of spec do too.
/// Unknown families: every matrix named NAME.weight of a float type counts as a linear of role Other, but for
/// embeddings, heads, norms and routers, which are told by their names and by having as many rows as the vocabulary
/// outside of blocks. The first number in a name is its block. Matrices of which only packed codes are left count by
/// their NAME.weight_shape.
void fitToFile(const checkpoint::Checkpoint& checkpoint, ModelSpec& spec);

} // namespace bitlathe::model
