// SPDX-License-Identifier: Apache-2.0
// DenseSource: the weights of an unquantized checkpoint.
#pragma once

#include "core/checkpoint/checkpoint.h"
#include "core/model/linear.h"

namespace bitlathe::model
{

std::shared_ptr<const WeightSource> makeDenseSource(std::shared_ptr<const checkpoint::Checkpoint> checkpoint);

} // namespace bitlathe::model
