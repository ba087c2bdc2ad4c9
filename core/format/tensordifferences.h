// SPDX-License-Identifier: Apache-2.0
// Differences of two model folders, tensor by tensor, as their models see them: quantized weights dequantized.
#pragma once

#include "core/format/openmodel.h"

#include <functional>

namespace bitlathe::format
{

/// Two tensors of one name. a is the first folder's, b the other's.
struct TensorDifference
{
    std::string name;
    LayerId layer; ///< Of a's model, where it is a quantizable linear; else invalid.
    checkpoint::Shape shape;
    std::string typeA; ///< "BF16", or a scheme's label.
    std::string typeB;
    bool equal = false;  ///< Every value is.
    double relative = 0; ///< sqrt(sum (a - b)^2 / sum a^2); 0 for 0 / 0.
    double absMax = 0;   ///< Largest |a - b|.
    double cosine = 1;   ///< Of the angle between both as vectors; 1 for two of zeros.
};

struct TensorDifferences
{
    std::vector<TensorDifference> tensors; ///< In the order of a's model: its linears, then the others.
    std::vector<std::string> onlyA;        ///< Names.
    std::vector<std::string> onlyB;
    std::vector<std::string> otherShape; ///< Of those in both.
    std::int64_t equal = 0;              ///< Of tensors.
};

/// Reads all tensors of both, a pair at a time. Errors: those of reading them, NotSupported (no linear is known by name
/// in both), Cancelled.
Result<TensorDifferences> tensorDifferences(const OpenedModel& a, const OpenedModel& b, const WorkContext& work = {});

} // namespace bitlathe::format
