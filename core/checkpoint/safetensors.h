// SPDX-License-Identifier: Apache-2.0
// The header of a safetensors file: its rules, read and written.
#pragma once

#include "core/base/finding.h"
#include "core/checkpoint/tensor.h"

#include <map>
#include <string_view>

namespace bitlathe::checkpoint {

/// What a safetensors file says about itself.
struct SafetensorsHeader
{
    std::vector<TensorEntry> entries; ///< By offset; TensorEntry::file is 0.
    std::map<std::string, std::string> metadata;
    std::vector<std::string> unknown; ///< Names of tensors of an unknown dtype; they are not among the entries.
    Findings findings;                ///< One for each unknown dtype.
};

/// Reads the header of a whole file. Checks: length field, size limit, JSON without duplicate keys, and that the
/// tensors fill the rest of the file exactly, without holes or overlap, each as large as its shape and dtype say.
/// subject names the file in errors: FileTruncated, FileInvalid.
Result<SafetensorsHeader> parseSafetensors(std::span<const std::byte> file, const std::string& subject);

/// The length field and header for tensors that lie in this order, without gaps, right behind it. Padded to 8 bytes.
std::string safetensorsHeader(std::span<const TensorEntry> inFileOrder);

} // namespace bitlathe::checkpoint
