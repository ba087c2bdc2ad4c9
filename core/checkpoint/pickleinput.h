// SPDX-License-Identifier: Apache-2.0
// PickleInput: the bytes of a pickle, taken from the front, with errors that say where.
#pragma once

#include "core/base/result.h"

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

namespace bitlathe::checkpoint
{

class PickleInput
{
public:
    PickleInput(std::span<const std::byte> bytes, std::string subject) : m_bytes(bytes), m_subject(std::move(subject))
    {}

    /// An unsigned number of 1 to 8 bytes, little-endian.
    Result<std::uint64_t> number(std::size_t bytes);
    Result<std::string_view> text(std::uint64_t bytes);
    /// Up to the next newline, which is taken but not given.
    Result<std::string_view> line();

    std::size_t position() const { return m_position; }
    /// FileInvalid at the current place.
    Failure invalid(Text expected, Text found) const;

private:
    Failure truncated() const;

    std::span<const std::byte> m_bytes;
    std::size_t m_position = 0;
    std::string m_subject;
};

} // namespace bitlathe::checkpoint
