// SPDX-License-Identifier: Apache-2.0
// MappedFile: a whole file as read-only memory.
#pragma once

#include "core/base/result.h"

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <span>

namespace bitlathe::checkpoint {

/// A regular file mapped read-only for as long as this lives.
class MappedFile
{
public:
    /// Errors: FileMissing, FileUnreadable (also folders, pipes, devices). An empty file gives an empty span.
    static Result<MappedFile> open(const std::filesystem::path& file);
    ~MappedFile();
    MappedFile(MappedFile&& other) noexcept;
    MappedFile& operator=(MappedFile&& other) noexcept;

    std::span<const std::byte> bytes() const { return {m_data, m_size}; }

    /// Lets the system drop the whole pages inside [offset, offset + count) from memory; reading brings them back.
    void release(std::uint64_t offset, std::uint64_t count) const;

private:
    MappedFile(const std::byte* data, std::size_t size) : m_data(data), m_size(size) {}

    const std::byte* m_data = nullptr;
    std::size_t m_size = 0;
};

} // namespace bitlathe::checkpoint
