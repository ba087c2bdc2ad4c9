// SPDX-License-Identifier: Apache-2.0
// BitsAndBytesReader: the tensors of one layer of a bitsandbytes checkpoint.
#pragma once

#include "core/format/format.h"

namespace bitlathe::format
{

/// Both halves of a byte in the other's place.
constexpr std::byte swappedHalves(std::uint8_t byte)
{
    return static_cast<std::byte>(static_cast<std::uint8_t>(byte << 4U | byte >> 4U));
}

/// The scheme of a linear by its tensors: declared, as the configuration has it, with block size, kind of code and
/// double quantization as stored; nothing where the linear lies in full precision. Errors: TensorMissing,
/// TensorInvalid.
Result<std::optional<quant::Scheme>> storedBitsAndBytes(const checkpoint::Checkpoint& checkpoint,
                                                        const model::LinearSpec& linear, const quant::Scheme& declared);

/// TensorInvalid where a quantized layer's weight has a part that bitsandbytes refuses.
Result<void> checkTensorNames(const checkpoint::Checkpoint& checkpoint, const model::ModelSpec& spec,
                              const LinearSchemes& schemes);

/// As Format::decode().
Result<quant::QuantizedTensor> decodeBitsAndBytes(const checkpoint::Checkpoint& checkpoint,
                                                  const model::LinearSpec& linear, const quant::Scheme& scheme);

} // namespace bitlathe::format
