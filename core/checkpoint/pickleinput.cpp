// SPDX-License-Identifier: Apache-2.0
// PickleInput: the bytes of a pickle, taken from the front, with errors that say where.
#include "core/checkpoint/pickleinput.h"

#include <algorithm>

namespace bitlathe::checkpoint
{

namespace
{

/// Of one string or line; names of tensors and settings are far shorter.
constexpr std::size_t kMaxText = 1'000'000;

} // namespace

Result<std::uint64_t> PickleInput::number(std::size_t bytes)
{
    if (bytes > m_bytes.size() - m_position) {
        return truncated();
    }
    std::uint64_t value = 0;
    for (std::size_t i = 0; i < bytes; ++i) {
        value |= std::to_integer<std::uint64_t>(m_bytes[m_position + i]) << (8 * i);
    }
    m_position += bytes;
    return value;
}

Result<std::string_view> PickleInput::text(std::uint64_t bytes)
{
    if (bytes > kMaxText) {
        return invalid(Text(BITLATHE_TEXT("strings of at most %1 bytes"), kMaxText),
                       Text(BITLATHE_TEXT("one of %1"), bytes));
    }
    if (bytes > m_bytes.size() - m_position) {
        return truncated();
    }
    const std::string_view found(reinterpret_cast<const char*>(m_bytes.data()) + m_position, bytes);
    m_position += bytes;
    return found;
}

Result<std::string_view> PickleInput::line()
{
    const auto rest = m_bytes.subspan(m_position);
    const auto searched = rest.first(std::min(rest.size(), kMaxText));
    const auto end = std::ranges::find(searched, std::byte{'\n'});
    if (end == searched.end()) {
        return truncated();
    }
    BITLATHE_TRY(const std::string_view found, text(static_cast<std::uint64_t>(end - searched.begin())));
    ++m_position;
    return found;
}

Failure PickleInput::invalid(Text expected, Text found) const
{
    return fail(ErrorCode::FileInvalid, m_subject + ": byte " + std::to_string(m_position), std::move(expected),
                std::move(found), Text(BITLATHE_TEXT("Download the file again, or take its safetensors version")));
}

Failure PickleInput::truncated() const
{
    return fail(ErrorCode::FileTruncated, m_subject, Text(BITLATHE_TEXT("a pickle with its end mark")),
                Text(BITLATHE_TEXT("the end after %1 bytes"), m_bytes.size()),
                Text(BITLATHE_TEXT("The download did not end; download the file again")));
}

} // namespace bitlathe::checkpoint
