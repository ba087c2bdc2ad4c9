// SPDX-License-Identifier: Apache-2.0
// The header of a safetensors file: its rules, read and written.
#include "core/checkpoint/safetensors.h"

#include "core/base/size.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <bit>
#include <cstring>
#include <set>

namespace bitlathe::checkpoint {

static_assert(std::endian::native == std::endian::little, "views of tensors are little-endian, as in the file");

namespace {

/// Keys sorted: look-ups stay fast with 100,000 tensors. The order of keys has no meaning here.
using Header = nlohmann::json;

constexpr std::uint64_t kBytesLength = 8;
constexpr std::uint64_t kBytesHeaderMax = 100'000'000;
constexpr int kMaxDepth = 16;
constexpr std::size_t kMaxRank = 64;
constexpr std::string_view kMetadata = "__metadata__";

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

/// Sees every key while the JSON is parsed, because the parsed value no longer tells of duplicates.
class KeyGuard
{
public:
    bool operator()(int depth, Header::parse_event_t event, const Header& parsed)
    {
        const auto level = static_cast<std::size_t>(std::clamp(depth, 0, kMaxDepth));
        m_tooDeep = m_tooDeep || depth >= kMaxDepth;
        if (event == Header::parse_event_t::object_start && level < kMaxDepth) {
            m_keys.at(level + 1).clear();
        } else if (event == Header::parse_event_t::key) {
            const auto& key = parsed.get_ref<const std::string&>();
            if (!m_keys.at(level).insert(key).second && m_duplicate.empty()) {
                m_duplicate = key.empty() ? "\"\"" : key;
            }
        }
        return true;
    }
    bool tooDeep() const { return m_tooDeep; }
    const std::string& duplicate() const { return m_duplicate; }

private:
    std::vector<std::set<std::string>> m_keys = std::vector<std::set<std::string>>(kMaxDepth + 1);
    std::string m_duplicate;
    bool m_tooDeep = false;
};

Result<Header> parseHeaderJson(std::string_view text, const std::string& subject)
{
    KeyGuard guard;
    const auto callback = [&guard](int depth, Header::parse_event_t event, const Header& parsed) {
        return guard(depth, event, parsed);
    };
    Header header;
    try {
        header = Header::parse(text, callback);
    } catch (const Header::parse_error& error) {
        return invalid(subject, Text(BITLATHE_TEXT("a header in JSON")),
                       Text(BITLATHE_TEXT("a syntax error at byte %1"), kBytesLength + error.byte));
    } catch (const Header::exception&) {
        return invalid(subject, Text(BITLATHE_TEXT("a header in JSON")), Text(BITLATHE_TEXT("a number out of range")));
    }
    if (guard.tooDeep()) {
        return invalid(subject, Text(BITLATHE_TEXT("a flat header")), Text(BITLATHE_TEXT("deeply nested JSON")));
    }
    if (!guard.duplicate().empty()) {
        return invalid(subject, Text(BITLATHE_TEXT("each key once")),
                       Text(BITLATHE_TEXT("%1 twice"), guard.duplicate()));
    }
    return header;
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

/// The value of an array of non-negative integers; nothing for anything else.
std::optional<std::vector<std::int64_t>> sizes(const Header& object, const char* key)
{
    const auto it = object.find(key);
    if (it == object.end() || !it->is_array()) {
        return std::nullopt;
    }
    std::vector<std::int64_t> values;
    for (const Header& value : *it) {
        if (!value.is_number_unsigned() || value.get<std::uint64_t>() > INT64_MAX) {
            return std::nullopt;
        }
        values.push_back(value.get<std::int64_t>());
    }
    return values;
}

struct Raw
{
    TensorEntry entry; ///< offset counts from the end of the header until all are checked.
    bool isKnown = true;
};

Result<Raw> parseTensor(const std::string& name, const Header& object, const std::string& subject)
{
    const auto dtype = object.is_object() ? object.find("dtype") : object.end();
    if (!object.is_object() || dtype == object.end() || !dtype->is_string()) {
        return invalid(subject, Text(BITLATHE_TEXT("a dtype for the tensor %1"), name), Text(BITLATHE_TEXT("none")));
    }
    auto shape = sizes(object, "shape");
    const auto offsets = sizes(object, "data_offsets");
    if (!shape || shape->size() > kMaxRank) {
        return invalid(subject, Text(BITLATHE_TEXT("a shape of whole numbers for the tensor %1"), name),
                       Text(BITLATHE_TEXT("another value")));
    }
    if (!offsets || offsets->size() != 2 || (*offsets)[0] > (*offsets)[1]) {
        return invalid(subject, Text(BITLATHE_TEXT("data_offsets [begin, end] for the tensor %1"), name),
                       Text(BITLATHE_TEXT("another value")));
    }
    Raw raw;
    raw.entry.name = name;
    raw.entry.offset = static_cast<std::uint64_t>((*offsets)[0]);
    raw.entry.bytes = static_cast<std::uint64_t>((*offsets)[1] - (*offsets)[0]);
    const auto known = dtypeFromName(dtype->get_ref<const std::string&>());
    raw.isKnown = known.has_value();
    if (known) {
        raw.entry.dtype = *known;
        const auto elements = elementCount(*shape);
        const auto bytes = elements ? checkedMultiply(*elements, dtypeBytes(*known)) : std::nullopt;
        if (bytes != raw.entry.bytes) {
            return invalid(subject,
                           Text(BITLATHE_TEXT("the tensor %1 of shape [%2] and type %3 to fill its bytes"), name,
                                fmt::format("{}", fmt::join(*shape, ", ")), dtypeName(*known)),
                           Text(BITLATHE_TEXT("%1 bytes"), raw.entry.bytes));
        }
    }
    raw.entry.shape = *std::move(shape);
    return raw;
}

Finding unknownDType(const std::string& subject, const std::string& name, const std::string& dtype)
{
    return {Severity::Warning, "unknown-dtype", name,
            Text(BITLATHE_TEXT("left out of %1: its element type %2 is not known"), subject, dtype),
            Text(BITLATHE_TEXT("Work goes on where no layer needs this tensor"))};
}

Result<void> readMetadata(const Header& object, SafetensorsHeader& header, const std::string& subject)
{
    for (const auto& [key, value] : object.items()) {
        if (!value.is_string()) {
            return invalid(subject, Text(BITLATHE_TEXT("strings in %1"), kMetadata),
                           Text(BITLATHE_TEXT("another value for %1"), key));
        }
        header.metadata.emplace(key, value.get<std::string>());
    }
    if (!object.is_object()) {
        return invalid(subject, Text(BITLATHE_TEXT("%1 to be an object"), kMetadata),
                       Text(BITLATHE_TEXT("another value")));
    }
    return {};
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
    BITLATHE_TRY(const Header json, parseHeaderJson(text, subject));
    SafetensorsHeader header;
    std::vector<Raw> tensors;
    for (const auto& [name, value] : json.items()) {
        if (name == kMetadata) {
            BITLATHE_CHECK(readMetadata(value, header, subject));
            continue;
        }
        BITLATHE_TRY(tensors.emplace_back(), parseTensor(name, value, subject));
        if (!tensors.back().isKnown) {
            header.findings.push_back(unknownDType(subject, name, value["dtype"].get<std::string>()));
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
        text += fmt::format(R"(,{}:{{"dtype":"{}","shape":[{}],"data_offsets":[{},{}]}})", Header(entry.name).dump(),
                            dtypeName(entry.dtype), fmt::join(entry.shape, ","), offset, offset + entry.bytes);
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
