// SPDX-License-Identifier: Apache-2.0
// Builds safetensors files byte by byte for tests, good ones and bad ones.
#pragma once

#include <cstdint>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <string>
#include <string_view>

namespace bitlathe::tests
{

/// The bytes of a file with this header text and this many data bytes, counting up from 0.
inline std::string safetensorsBytes(std::string_view header, std::size_t bytesData)
{
    const std::uint64_t length = header.size();
    std::string bytes(sizeof length, '\0');
    std::memcpy(bytes.data(), &length, sizeof length);
    bytes += header;
    for (std::size_t i = 0; i < bytesData; ++i) {
        bytes += static_cast<char>(i & 0x3fU);
    }
    return bytes;
}

inline void writeBytes(const std::filesystem::path& file, std::string_view bytes)
{
    std::ofstream(file, std::ios::binary) << bytes;
}

inline void writeSafetensors(const std::filesystem::path& file, std::string_view header, std::size_t bytesData)
{
    writeBytes(file, safetensorsBytes(header, bytesData));
}

} // namespace bitlathe::tests
