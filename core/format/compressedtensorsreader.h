// SPDX-License-Identifier: Apache-2.0
// CompressedTensorsReader: one layer of a compressed-tensors checkpoint as a QuantizedTensor.
#pragma once

#include "core/checkpoint/checkpoint.h"
#include "core/model/modelspec.h"
#include "core/quant/quantizedtensor.h"

namespace bitlathe::format
{

/// Checks dtypes and shapes of a layer's tensors, without reading them, and gives the type of its scales.
/// Errors: TensorMissing, TensorInvalid, NotSupported.
Result<checkpoint::DType> checkCompressedLayer(const checkpoint::Checkpoint& checkpoint,
                                               const model::LinearSpec& linear, const quant::Scheme& scheme);

/// Reads a layer. Errors also: WeightsNotFinite.
Result<quant::QuantizedTensor> readCompressedLayer(const checkpoint::Checkpoint& checkpoint,
                                                   const model::LinearSpec& linear, const quant::Scheme& scheme);

} // namespace bitlathe::format
