// SPDX-License-Identifier: Apache-2.0
// StoredSchemes: which layers of a folder are quantized, from its configuration and its tensors; and which can be.
#pragma once

#include "core/format/format.h"

#include <functional>
#include <string>
#include <vector>

namespace bitlathe::format
{

/// What a format can hold.
struct Storable
{
    std::vector<int> bits;
    std::vector<checkpoint::DType> scales;
    bool actOrder = true;
};

/// NotSupported with the reason where a scheme is not storable; linear.name is the subject.
Result<void> checkStorable(const quant::Scheme& scheme, const model::LinearSpec& linear, const Storable& storable);

/// The scheme of each layer. declared: what the configuration says of a layer; check: looks at the layer's tensors and
/// gives the type of its scales; suffix: the tensor that every quantized layer has. A layer that is declared but lies
/// in full precision is taken as that, as consumers do that look at the tensors; TensorMissing where none is quantized.
Result<LinearSchemes>
storedSchemes(const checkpoint::Checkpoint& checkpoint, const model::ModelSpec& spec, const std::string& suffix,
              const std::function<std::optional<quant::Scheme>(const model::LinearSpec&)>& declared,
              const std::function<Result<checkpoint::DType>(const model::LinearSpec&, const quant::Scheme&)>& check);

/// Tells of the first layer in full precision of which the configuration says that it is quantized.
void findUndeclared(const model::ModelSpec& spec, const LinearSchemes& schemes,
                    const std::function<bool(const model::LinearSpec&)>& isDeclared, Findings& findings);

} // namespace bitlathe::format
