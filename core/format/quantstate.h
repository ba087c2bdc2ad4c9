// SPDX-License-Identifier: Apache-2.0
// QuantState: the JSON text that bitsandbytes keeps as a tensor beside packed 4-bit codes.
#pragma once

#include "core/model/modelspec.h"
#include "core/quant/quantizedtensor.h"

#include <string>

namespace bitlathe::format
{

struct QuantState
{
    quant::BookKind book = quant::BookKind::Nf4;
    std::int64_t blockSize = 64;
    bool isNested = false;
    float nestedOffset = 0;
    int offsetDigits = 0; ///< Characters of nestedOffset in the text.
};

/// Reads the text of a linear's state. subject names the tensor in errors: TensorInvalid, NotSupported.
Result<QuantState> readQuantState(std::string_view text, const model::LinearSpec& linear, const std::string& subject);

/// The text as Python's json.dumps writes it. dtype: to which users dequantize. Where the scheme leaves the length of
/// the offset open, spaces follow, so that the length is known before the offset is.
std::string writeQuantState(const model::LinearSpec& linear, const quant::Scheme& scheme, checkpoint::DType dtype,
                            float nestedOffset);

} // namespace bitlathe::format
