// SPDX-License-Identifier: Apache-2.0
// HeaderReader: the JSON of a safetensors header as a list of tensors, without a JSON value in between.
#include "core/checkpoint/headerreader.h"

namespace bitlathe::checkpoint
{

namespace
{

constexpr std::size_t kMaxRank = 64;
constexpr std::size_t kMaxName = 1000;
constexpr int kMaxSkippedDepth = 16;
constexpr const char* kMetadata = "__metadata__";

/// Text of a file as part of an error: not endless.
std::string shorten(const std::string& name)
{
    constexpr std::size_t kMax = 120;
    return name.size() <= kMax ? name : name.substr(0, kMax) + "...";
}

} // namespace

Result<HeaderReader> HeaderReader::read(std::string_view text, std::uint64_t bytesBefore, const std::string& subject)
{
    HeaderReader reader;
    reader.m_bytesBefore = bytesBefore;
    // The parser takes a zero for the end of its input and would not look at what follows.
    const std::size_t zero = text.find('\0');
    const bool isText = zero == std::string_view::npos || reader.refuseAt(zero + 1);
    if (!isText || !nlohmann::json::sax_parse(text, &reader)) {
        reader.m_error.code = ErrorCode::FileInvalid;
        reader.m_error.subject = subject;
        reader.m_error.advice = Text(BITLATHE_TEXT("Download the file again"));
        return Failure(std::move(reader.m_error));
    }
    return reader;
}

bool HeaderReader::refuse(Text expected, Text found)
{
    m_error.expected = std::move(expected);
    m_error.found = std::move(found);
    return false;
}

bool HeaderReader::refuseValue()
{
    switch (m_place) {
    case Place::Outside:
    case Place::File:
        return refuse(Text(BITLATHE_TEXT("an object for %1"), m_key.empty() ? "the header" : shorten(m_key)),
                      Text(BITLATHE_TEXT("another value")));
    case Place::Metadata:
        return refuse(Text(BITLATHE_TEXT("strings in %1"), kMetadata),
                      Text(BITLATHE_TEXT("another value for %1"), shorten(m_key)));
    case Place::Dtype:
        return refuse(Text(BITLATHE_TEXT("a name for the dtype of the tensor %1"), shorten(tensors.back().name)),
                      Text(BITLATHE_TEXT("another value")));
    case Place::Offsets:
    case Place::OffsetsItems:
        return refuse(Text(BITLATHE_TEXT("data_offsets [begin, end] for the tensor %1"), shorten(tensors.back().name)),
                      Text(BITLATHE_TEXT("another value")));
    default:
        return refuse(Text(BITLATHE_TEXT("a shape of whole numbers for the tensor %1"), shorten(tensors.back().name)),
                      Text(BITLATHE_TEXT("another value")));
    }
}

/// A value that is neither a count, nor a string, nor a container.
bool HeaderReader::scalar()
{
    if (m_place != Place::Skipped) {
        return refuseValue();
    }
    return closeSkipped();
}

/// A value under an unknown key of a tensor is left out, brackets and all.
bool HeaderReader::openSkipped()
{
    if (++m_skippedDepth > kMaxSkippedDepth) {
        return refuse(Text(BITLATHE_TEXT("a flat header")), Text(BITLATHE_TEXT("deeply nested JSON")));
    }
    return true;
}

bool HeaderReader::closeSkipped()
{
    if (m_skippedDepth == 0) {
        m_place = Place::Tensor;
    }
    return true;
}

bool HeaderReader::null()
{
    // Some writers have no metadata and say so.
    return (m_place == Place::File && m_key == kMetadata) || scalar();
}

bool HeaderReader::number_unsigned(number_unsigned_t value)
{
    const bool fits = value <= INT64_MAX;
    if (m_place == Place::SizeItems && fits && tensors.back().shape.size() < kMaxRank) {
        tensors.back().shape.push_back(static_cast<std::int64_t>(value));
        return true;
    }
    if (m_place == Place::OffsetsItems && fits && tensors.back().offsets.size() < 2) {
        tensors.back().offsets.push_back(static_cast<std::int64_t>(value));
        return true;
    }
    return scalar();
}

bool HeaderReader::string(string_t& value)
{
    if (m_place == Place::Metadata) {
        metadata[m_key] = value;
        return true;
    }
    if (m_place == Place::Dtype && value.size() <= kMaxName) {
        tensors.back().dtype = value;
        m_place = Place::Tensor;
        return true;
    }
    return scalar();
}

bool HeaderReader::start_object(std::size_t)
{
    switch (m_place) {
    case Place::Outside: m_place = Place::File; return true;
    case Place::File:
        m_seenInside.clear();
        if (m_key == kMetadata) {
            m_place = Place::Metadata;
        } else {
            m_place = Place::Tensor;
            tensors.push_back({m_key, {}, {}, {}});
        }
        return true;
    case Place::Skipped: return openSkipped();
    default: return refuseValue();
    }
}

bool HeaderReader::key(string_t& name)
{
    if (m_place == Place::Skipped) {
        return true;
    }
    if (name.size() > kMaxName) {
        return refuse(Text(BITLATHE_TEXT("names of at most %1 bytes"), kMaxName),
                      Text(BITLATHE_TEXT("%1"), shorten(name)));
    }
    m_key = name;
    auto& seen = m_place == Place::File ? m_seen : m_seenInside;
    if (!seen.insert(name).second) {
        return refuse(Text(BITLATHE_TEXT("each key once")), Text(BITLATHE_TEXT("\"%1\" twice"), shorten(name)));
    }
    if (m_place == Place::Tensor) {
        m_place = name == "dtype"          ? Place::Dtype
                  : name == "shape"        ? Place::Sizes
                  : name == "data_offsets" ? Place::Offsets
                                           : Place::Skipped;
    }
    return true;
}

bool HeaderReader::end_object()
{
    switch (m_place) {
    case Place::Skipped: --m_skippedDepth; return closeSkipped();
    case Place::Metadata: m_place = Place::File; return true;
    case Place::Tensor: {
        m_place = Place::File;
        for (const char* needed : {"dtype", "shape", "data_offsets"}) {
            if (!m_seenInside.contains(needed)) {
                return refuse(Text(BITLATHE_TEXT("a %1 for the tensor %2"), needed, shorten(tensors.back().name)),
                              Text(BITLATHE_TEXT("none")));
            }
        }
        return true;
    }
    default: m_place = Place::Outside; return true;
    }
}

bool HeaderReader::start_array(std::size_t)
{
    switch (m_place) {
    case Place::Sizes: m_place = Place::SizeItems; return true;
    case Place::Offsets: m_place = Place::OffsetsItems; return true;
    case Place::Skipped: return openSkipped();
    default: return refuseValue();
    }
}

bool HeaderReader::end_array()
{
    if (m_place == Place::Skipped) {
        --m_skippedDepth;
        return closeSkipped();
    }
    if (m_place == Place::OffsetsItems && tensors.back().offsets.size() != 2) {
        return refuseValue();
    }
    m_place = Place::Tensor;
    return true;
}

bool HeaderReader::parse_error(std::size_t position, const std::string&, const nlohmann::json::exception& error)
{
    constexpr int kNumberOverflow = 406;
    if (error.id == kNumberOverflow) {
        return refuse(Text(BITLATHE_TEXT("a header in JSON")), Text(BITLATHE_TEXT("a number out of range")));
    }
    return refuseAt(position);
}

bool HeaderReader::refuseAt(std::size_t position)
{
    return refuse(Text(BITLATHE_TEXT("a header in JSON")),
                  Text(BITLATHE_TEXT("a syntax error at byte %1"), m_bytesBefore + position));
}

} // namespace bitlathe::checkpoint
