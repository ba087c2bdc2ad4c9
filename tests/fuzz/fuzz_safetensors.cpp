// SPDX-License-Identifier: Apache-2.0
// Fuzz target: any bytes as a safetensors file. A file that is accepted must keep what the reader promises.
#include "core/base/size.h"
#include "core/checkpoint/safetensors.h"

#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>

namespace
{

using bitlathe::checkpoint::SafetensorsHeader;

void require(bool holds, const char* what)
{
    if (!holds) {
        std::fprintf(stderr, "broken promise: %s\n", what);
        std::abort();
    }
}

void checkPromises(const SafetensorsHeader& header, std::size_t bytesFile)
{
    std::uint64_t end = 0;
    for (const auto& entry : header.entries) {
        require(entry.offset >= end && entry.bytes <= bytesFile && entry.offset <= bytesFile - entry.bytes,
                "a tensor lies inside the file, behind the one before");
        end = entry.offset + entry.bytes;
        const auto elements = bitlathe::elementCount(entry.shape);
        require(elements && *elements * dtypeBytes(entry.dtype) == entry.bytes,
                "a tensor is as large as its shape and dtype say");
    }
    require(!header.unknown.empty() || header.entries.empty() || end == bytesFile, "tensors fill the file");
    // What was read can be written and read again.
    std::string again = safetensorsHeader(header.entries);
    std::uint64_t data = 0;
    for (const auto& entry : header.entries) {
        data += entry.bytes;
    }
    again.append(data, '\0');
    const auto second = bitlathe::checkpoint::parseSafetensors(std::as_bytes(std::span(again)), "again");
    require(second.has_value() && second->entries.size() == header.entries.size(), "a written header reads back");
}

void parse(std::span<const std::byte> file)
{
    const auto header = bitlathe::checkpoint::parseSafetensors(file, "fuzz");
    if (header) {
        checkPromises(*header, file.size());
    } else {
        require(!header.error().sentence().empty() && !header.error().advice.empty(), "an error says what to do");
    }
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
    const auto input = std::as_bytes(std::span(data, size));
    parse(input);
    // Most changes break the length field and get no further: the same bytes again, with a true length and enough data.
    constexpr std::size_t kBytesLength = 8;
    if (size > kBytesLength) {
        const std::uint64_t length = size - kBytesLength;
        std::vector<std::byte> file(size + std::to_integer<std::size_t>(input[0]));
        std::memcpy(file.data(), &length, kBytesLength);
        std::memcpy(file.data() + kBytesLength, input.data() + kBytesLength, length);
        parse(file);
    }
    return 0;
}
