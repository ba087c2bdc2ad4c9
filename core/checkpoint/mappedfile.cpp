// SPDX-License-Identifier: Apache-2.0
// MappedFile: a whole file as read-only memory.
#include "core/checkpoint/mappedfile.h"

#include "core/base/descriptor.h"
#include "core/base/file.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>

#include <cerrno>

namespace bitlathe::checkpoint {

Result<MappedFile> MappedFile::open(const std::filesystem::path& file)
{
    // O_NONBLOCK: opening a pipe must not wait for somebody to write into it.
    const Descriptor fd(::open(file.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
    struct stat facts = {};
    if (!fd.isOpen() || ::fstat(fd.get(), &facts) != 0) {
        return Failure(readError(file, errno));
    }
    if (!S_ISREG(facts.st_mode)) {
        return fail(ErrorCode::FileUnreadable, file.string(), Text(BITLATHE_TEXT("a regular file")),
                    Text(BITLATHE_TEXT("a folder, pipe or device")), Text(BITLATHE_TEXT("Check the path")));
    }
    const auto size = static_cast<std::size_t>(facts.st_size);
    if (size == 0) {
        return MappedFile(nullptr, 0);
    }
    void* data = ::mmap(nullptr, size, PROT_READ, MAP_SHARED, fd.get(), 0);
    if (data == MAP_FAILED) {
        return Failure(readError(file, errno));
    }
    return MappedFile(static_cast<const std::byte*>(data), size);
}

MappedFile::~MappedFile()
{
    if (m_data != nullptr) {
        ::munmap(const_cast<std::byte*>(m_data), m_size);
    }
}

MappedFile::MappedFile(MappedFile&& other) noexcept
    : m_data(std::exchange(other.m_data, nullptr)), m_size(std::exchange(other.m_size, 0))
{}

MappedFile& MappedFile::operator=(MappedFile&& other) noexcept
{
    std::swap(m_data, other.m_data);
    std::swap(m_size, other.m_size);
    return *this;
}

void MappedFile::release(std::uint64_t offset, std::uint64_t count) const
{
    const auto page = static_cast<std::uint64_t>(::sysconf(_SC_PAGESIZE));
    const std::uint64_t from = (offset + page - 1) / page * page;
    const std::uint64_t to = (offset + count) / page * page;
    if (m_data != nullptr && from < to && to <= m_size) {
        ::madvise(const_cast<std::byte*>(m_data) + from, to - from, MADV_DONTNEED);
    }
}

} // namespace bitlathe::checkpoint
