// SPDX-License-Identifier: Apache-2.0
// Fingerprints: hashes of what an export wrote, kept beside it so that another process can check all of it.
#include "core/format/fingerprints.h"

#include "core/base/file.h"
#include "core/base/hash.h"
#include "core/format/layertensors.h"

#include <sstream>

namespace bitlathe::format
{

std::string fingerprintOf(const quant::QuantizedTensor& tensor)
{
    FastHash hash;
    hash.add(tensor.rows).add(tensor.cols).add(std::int64_t{tensor.scheme.bits});
    hash.add(std::as_bytes(std::span(tensor.codes)));
    if (tensor.scheme.kind == quant::SchemeKind::CodeBook) { // Blocks go on over the ends of rows.
        hash.add(std::as_bytes(std::span(tensor.scales))).add(std::as_bytes(std::span(tensor.codeBook)));
        return hash.digest();
    }
    hash.add(std::as_bytes(std::span<const float>(scalesOf(tensor))));
    hash.add(std::as_bytes(std::span<const std::uint8_t>(zerosOf(tensor))));
    std::vector<std::int32_t> groupIndex;
    for (std::int64_t col = 0; col < tensor.cols; ++col) {
        groupIndex.push_back(static_cast<std::int32_t>(tensor.groupOf(col)));
    }
    hash.add(std::as_bytes(std::span(&tensor.inputScale, 1)));
    hash.add(std::as_bytes(std::span(groupIndex))).add(std::as_bytes(std::span(tensor.codeBook)));
    return hash.digest();
}

std::string fingerprintOf(std::span<const std::byte> bytes)
{
    return FastHash().add(bytes).digest();
}

FingerprintFile FingerprintFile::open(std::filesystem::path file)
{
    FingerprintFile opened;
    opened.m_file = std::move(file);
    if (const auto content = readFile(opened.m_file)) {
        std::istringstream lines(*content);
        for (std::string line; std::getline(lines, line);) {
            if (const std::size_t space = line.find(' '); space != std::string::npos) {
                opened.m_known[line.substr(space + 1)] = line.substr(0, space);
            }
        }
    }
    return opened;
}

void FingerprintFile::set(const std::string& name, std::string fingerprint)
{
    m_known[name] = std::move(fingerprint);
    m_changed = true;
}

const std::string* FingerprintFile::find(const std::string& name) const
{
    const auto it = m_known.find(name);
    return it == m_known.end() ? nullptr : &it->second;
}

Result<void> FingerprintFile::save()
{
    if (!m_changed) {
        return {};
    }
    std::string content;
    for (const auto& [name, fingerprint] : m_known) {
        content += fingerprint + ' ' + name + '\n';
    }
    BITLATHE_CHECK(writeFileAtomically(m_file, content));
    m_changed = false;
    return {};
}

} // namespace bitlathe::format
