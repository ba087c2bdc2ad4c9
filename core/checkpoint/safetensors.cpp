// SPDX-License-Identifier: Apache-2.0
// The header of a safetensors file: its rules, read and written.
#include "core/checkpoint/safetensors.h"

#include "core/base/size.h"
#include "core/checkpoint/headerreader.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <bit>
#include <cstring>

namespace bitlathe::checkpoint {

static_assert(std::endian::native == std::endian::little, "views of tensors are little-endian, as in the file");

namespace {

constexpr std::uint64_t kBytesLength = 8;
constexpr std::uint64_t kBytesHeaderMax = 100'000'000;

Failure invalid(const std::string& subject, Text expected, Text found)
{
    return fail(ErrorCode::FileInvalid, subject, std::move(expected), std::move(found),
                Text(BITLATHE_TEXT("Download the file again")));
}

Failure truncated(const std::string& subject, std::uint64_t expected, std::uint64_t found)
{
    return fail(ErrorCode::FileTruncated, subject, Text(BITLATHE_TEXT("at least %1 bytes"), expected),
                Text(BITLATHE_TEXT("%1 bytes"), found),
                Text(BITLATHE_TEXT("The download did not end; download the file again")));
}

/// The text of the header, after the checks of the length field.
Result<std::string_view> headerText(std::span<const std::byte> file, const std::string& subject)
{
    if (file.size() < kBytesLength) {
        return truncated(subject, kBytesLength, file.size());
    }
    std::uint64_t length = 0;
    std::memcpy(&length, file.data(), kBytesLength);
    if (length > kBytesHeaderMax) {
        return invalid(subject, Text(BITLATHE_TEXT("a safetensors header of at most %1 bytes"), kBytesHeaderMax),
                       Text(BITLATHE_TEXT("%1"), length));
    }
    if (length + kBytesLength > file.size()) {
        return truncated(subject, length + kBytesLength, file.size());
    }
    const std::string_view text(reinterpret_cast<const char*>(file.data()) + kBytesLength, length);
    if (!text.starts_with('{')) {
        return invalid(subject, Text(BITLATHE_TEXT("a header that begins with {")),
                       Text(BITLATHE_TEXT("something else")));
    }
    return text;
}

struct Raw
{
    TensorEntry entry; ///< offset counts from the end of the header until all are checked.
    bool isKnown = true;
};

Result<Raw> checkTensor(HeaderTensor& tensor, const std::string& subject)
{
    Raw raw;
    const std::int64_t bytes = tensor.offsets[1] - tensor.offsets[0];
    if (bytes < 0) {
        return invalid(subject, Text(BITLATHE_TEXT("the tensor %1 to end behind its begin"), tensor.name),
                       Text(BITLATHE_TEXT("data_offsets [%1, %2]"), tensor.offsets[0], tensor.offsets[1]));
    }
    raw.entry.offset = static_cast<std::uint64_t>(tensor.offsets[0]);
    raw.entry.bytes = static_cast<std::uint64_t>(bytes);
    const auto known = dtypeFromName(tensor.dtype);
    raw.isKnown = known.has_value();
    if (known) {
        raw.entry.dtype = *known;
        const auto elements = elementCount(tensor.shape);
        const auto expected = elements ? checkedMultiply(*elements, dtypeBytes(*known)) : std::nullopt;
        if (expected != raw.entry.bytes) {
            return invalid(subject,
                           Text(BITLATHE_TEXT("the tensor %1 of shape [%2] and type %3 to fill its bytes"), tensor.name,
                                fmt::format("{}", fmt::join(tensor.shape, ", ")), dtypeName(*known)),
                           Text(BITLATHE_TEXT("%1 bytes"), raw.entry.bytes));
        }
    }
    raw.entry.name = std::move(tensor.name);
    raw.entry.shape = std::move(tensor.shape);
    return raw;
}

Finding unknownDType(const std::string& subject, const std::string& name, const std::string& dtype)
{
    return {Severity::Warning, "unknown-dtype", name,
            Text(BITLATHE_TEXT("left out of %1: its element type %2 is not known"), subject, dtype),
            Text(BITLATHE_TEXT("Work goes on where no layer needs this tensor"))};
}

/// Tensors must fill the file from the end of the header on, one behind the other.
Result<void> checkLayout(const std::vector<Raw>& sorted, std::uint64_t bytesHeader, std::uint64_t bytesFile,
                         const std::string& subject)
{
    std::uint64_t end = 0;
    for (const Raw& raw : sorted) {
        if (raw.entry.offset != end) {
            return invalid(subject, Text(BITLATHE_TEXT("the tensor %1 at offset %2"), raw.entry.name, end),
                           Text(BITLATHE_TEXT("%1, which leaves a hole or an overlap"), raw.entry.offset));
        }
        end += raw.entry.bytes; // Does not wrap: both are below 2^63.
        if (end > bytesFile - bytesHeader) {
            return truncated(subject, bytesHeader + sorted.back().entry.offset + sorted.back().entry.bytes, bytesFile);
        }
    }
    if (bytesHeader + end != bytesFile) {
        return invalid(subject, Text(BITLATHE_TEXT("%1 bytes"), bytesHeader + end),
                       Text(BITLATHE_TEXT("%1 bytes"), bytesFile));
    }
    return {};
}

} // namespace

Result<SafetensorsHeader> parseSafetensors(std::span<const std::byte> file, const std::string& subject)
{
    BITLATHE_TRY(const std::string_view text, headerText(file, subject));
    BITLATHE_TRY(HeaderReader read, HeaderReader::read(text, kBytesLength, subject));
    SafetensorsHeader header;
    header.metadata = std::move(read.metadata);
    std::vector<Raw> tensors;
    for (HeaderTensor& tensor : read.tensors) {
        BITLATHE_TRY(tensors.emplace_back(), checkTensor(tensor, subject));
        if (!tensors.back().isKnown) {
            header.findings.push_back(unknownDType(subject, tensors.back().entry.name, tensor.dtype));
        }
    }
    // Empty tensors share an offset with the next one and come before it.
    std::ranges::stable_sort(tensors, {}, [](const Raw& raw) { return std::pair(raw.entry.offset, raw.entry.bytes); });
    BITLATHE_CHECK(checkLayout(tensors, kBytesLength + text.size(), file.size(), subject));
    for (Raw& raw : tensors) {
        if (raw.isKnown) {
            raw.entry.offset += kBytesLength + text.size();
            header.entries.push_back(std::move(raw.entry));
        } else {
            header.unknown.push_back(std::move(raw.entry.name));
        }
    }
    return header;
}

std::string safetensorsHeader(std::span<const TensorEntry> inFileOrder)
{
    // Strings go through the JSON library for their escapes; the rest is plain enough to write down in file order.
    std::string text = R"({"__metadata__":{"format":"pt"})";
    std::uint64_t offset = 0;
    for (const TensorEntry& entry : inFileOrder) {
        text += fmt::format(R"(,{}:{{"dtype":"{}","shape":[{}],"data_offsets":[{},{}]}})",
                            nlohmann::json(entry.name).dump(), dtypeName(entry.dtype), fmt::join(entry.shape, ","),
                            offset, offset + entry.bytes);
        offset += entry.bytes;
    }
    text += '}';
    text.append((kBytesLength - text.size() % kBytesLength) % kBytesLength, ' ');
    const std::uint64_t length = text.size();
    std::string header(kBytesLength, '\0');
    std::memcpy(header.data(), &length, kBytesLength);
    return header + text;
}

} // namespace bitlathe::checkpoint
