// SPDX-License-Identifier: Apache-2.0
// Fingerprints: hashes of what an export wrote, kept beside it so that another process can check all of it.
#pragma once

#include "core/base/result.h"
#include "core/quant/quantizedtensor.h"

#include <filesystem>
#include <map>
#include <span>
#include <string>

namespace bitlathe::format
{

/// Of everything that dequantize() depends on, but the rounding of products (halfOffsets); equal for tensors that say
/// the same in another arrangement, such as one scale per tensor and the same scale for every row.
std::string fingerprintOf(const quant::QuantizedTensor& tensor);
std::string fingerprintOf(std::span<const std::byte> bytes);

/// Hashes by name, in a file of lines "hash name".
class FingerprintFile
{
public:
    /// What an earlier process saved, where there is such a file.
    static FingerprintFile open(std::filesystem::path file);

    void set(const std::string& name, std::string fingerprint);
    const std::string* find(const std::string& name) const; ///< nullptr: not known.
    Result<void> save();

private:
    std::filesystem::path m_file;
    std::map<std::string, std::string> m_known;
    bool m_changed = false;
};

} // namespace bitlathe::format
