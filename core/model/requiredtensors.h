// SPDX-License-Identifier: Apache-2.0
// RequiredTensor: what a forward pass reads beside its quantizable linears.
#pragma once

#include "core/checkpoint/tensor.h"
#include "core/model/modelspec.h"

#include <string>
#include <vector>

namespace bitlathe::model
{

struct RequiredTensor
{
    std::string name;
    checkpoint::Shape shape;
};

/// Embedding, positions, projections, norms, routers and head of a spec that can run. A tied head is named once.
std::vector<RequiredTensor> requiredTensors(const ModelSpec& spec);

/// Rows of the learned positions.
std::int64_t positionRows(const ModelSpec& spec);

} // namespace bitlathe::model
