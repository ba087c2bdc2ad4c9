// SPDX-License-Identifier: Apache-2.0
// Block-wise code books: each weight becomes the nearest of 16 or 256 values times the largest weight of its block.
#pragma once

#include "core/quant/quantizer.h"

namespace bitlathe::quant
{

/// NormalFloat and Float of 4 bits, and 8 bits of several books; one object each for the whole process.
const Quantizer& nf4();
const Quantizer& fp4();
const Quantizer& int8Blockwise();

/// Encodes weights [rows, cols] on all threads as bitsandbytes does (functional.quantize_blockwise, quantize_4bit):
/// blocks of groupSize weights over the flattened matrix, scale = the block's largest, code = nearest to w * (1 /
/// scale), the smaller value at a tie; a block of zeros gets the codes of 0. The scheme must have passed checkScheme.
/// name is the subject of errors: WeightsNotFinite, Cancelled.
Result<QuantizedTensor> encodeBlockwise(std::span<const float> weights, std::int64_t rows, std::int64_t cols,
                                        const Scheme& scheme, const std::string& name, const WorkContext& work);

/// Scales less their mean as codes of the signed dynamic book in blocks of kNestedBlock.
NestedScales nestScales(std::span<const float> scales);
/// The scales that they stand for.
std::vector<float> nestedScales(const NestedScales& nested);

} // namespace bitlathe::quant
