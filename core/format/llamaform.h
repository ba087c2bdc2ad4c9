// SPDX-License-Identifier: Apache-2.0
// LlamaForm: the tensors of LLaMA-shaped models of other families under LLaMA's names, one matrix a projection.
#pragma once

#include "core/format/format.h"

namespace bitlathe::format
{

/// NotSupported where the model computes what a LLaMA does not: says what.
Result<void> checkLlamaShaped(const model::ModelSpec& spec, std::string_view subject);

/// What a tensor of the model becomes: nothing (not needed), itself under another name, or its parts. A tied embedding
/// becomes embedding and head. Float tensors take the type dtype. Works on weights and biases, and on qweight, qzeros
/// and scales of AWQ's gemm layout.
std::vector<checkpoint::TensorPlan> llamaPlan(const model::ModelSpec& spec, const checkpoint::TensorPlan& tensor,
                                              checkpoint::DType dtype);
/// The same with bytes.
std::vector<EncodedTensor> llamaTensors(const model::ModelSpec& spec, const checkpoint::TensorView& tensor,
                                        checkpoint::DType dtype);

} // namespace bitlathe::format
