// SPDX-License-Identifier: Apache-2.0
// The entries of a ZIP file whose data can be viewed where it lies. Libraries for ZIP files hand out copies of the data
// and do not tell where it lies, which a view of a mapped file needs; of the format this takes its directory only.
#include "core/checkpoint/zipdirectory.h"

#include "core/checkpoint/shownname.h"

#include <algorithm>
#include <cstring>
#include <optional>
#include <string_view>

namespace bitlathe::checkpoint
{

namespace
{

constexpr std::uint32_t kLocalMark = 0x04034b50;
constexpr std::uint32_t kEntryMark = 0x02014b50;
constexpr std::uint32_t kEndMark = 0x06054b50;
constexpr std::uint32_t kEnd64Mark = 0x06064b50;
constexpr std::uint32_t kLocator64Mark = 0x07064b50;
constexpr std::uint64_t kBytesLocal = 30;
constexpr std::uint64_t kBytesEntry = 46;
constexpr std::uint64_t kBytesEnd = 22;
constexpr std::uint64_t kBytesEnd64 = 56;
constexpr std::uint64_t kBytesLocator64 = 20;
constexpr std::uint64_t kBytesCommentMax = 0xffff;
constexpr std::uint64_t kMaxEntries = 1'000'000;
constexpr std::uint64_t kNarrow = 0xffffffff; ///< In place of a number that stands in the ZIP64 part.

/// Reads numbers at checked places; a place outside the file makes every later answer worthless, and isGood false.
class Reader
{
public:
    explicit Reader(std::span<const std::byte> file) : m_file(file) {}

    template <typename Number>
    std::uint64_t number(std::uint64_t at)
    {
        Number value = 0;
        if (covers(at, sizeof value)) {
            std::memcpy(&value, m_file.data() + at, sizeof value);
        }
        return value;
    }
    std::uint64_t two(std::uint64_t at) { return number<std::uint16_t>(at); }
    std::uint64_t four(std::uint64_t at) { return number<std::uint32_t>(at); }
    std::uint64_t eight(std::uint64_t at) { return number<std::uint64_t>(at); }
    std::string_view text(std::uint64_t at, std::uint64_t bytes)
    {
        return covers(at, bytes) ? std::string_view(reinterpret_cast<const char*>(m_file.data()) + at, bytes)
                                 : std::string_view();
    }
    bool covers(std::uint64_t at, std::uint64_t bytes)
    {
        const bool inside = at <= m_file.size() && bytes <= m_file.size() - at;
        m_isGood = m_isGood && inside;
        return inside;
    }
    bool isGood() const { return m_isGood; }

private:
    std::span<const std::byte> m_file;
    bool m_isGood = true;
};

struct Directory
{
    std::uint64_t entries = 0;
    std::uint64_t bytes = 0;
    std::uint64_t offset = 0;
};

struct ListedEntry
{
    std::string_view name;
    std::uint64_t header = 0;
    std::uint64_t bytes = 0;
    std::uint64_t next = 0; ///< Place of the next one in the directory.
};

class ZipReader
{
public:
    ZipReader(std::span<const std::byte> file, const std::string& subject)
        : m_file(file), m_reader(file), m_subject(subject)
    {}

    Result<std::map<std::string, ZipEntry>> read();

private:
    std::optional<std::uint64_t> findEnd() const;
    Result<Directory> readEnd();
    Result<ListedEntry> readListed(std::uint64_t at);
    Result<void> readWide(std::uint64_t at, std::uint64_t bytes, std::uint64_t packed, ListedEntry& entry);
    Result<ZipEntry> locate(const ListedEntry& entry, std::uint64_t bytesFile);
    Failure invalid(std::string_view name, Text expected, Text found) const;

    std::span<const std::byte> m_file;
    Reader m_reader;
    const std::string& m_subject;
};

Failure ZipReader::invalid(std::string_view name, Text expected, Text found) const
{
    return fail(ErrorCode::FileInvalid, name.empty() ? m_subject : m_subject + ": " + shownName(name),
                std::move(expected), std::move(found), Text(BITLATHE_TEXT("Download the file again")));
}

std::optional<std::uint64_t> ZipReader::findEnd() const
{
    if (m_file.size() < kBytesEnd) {
        return std::nullopt;
    }
    const std::uint64_t last = m_file.size() - kBytesEnd;
    const std::uint64_t first = last - std::min(last, kBytesCommentMax);
    for (std::uint64_t at = last + 1; at-- > first;) {
        std::uint32_t mark = 0;
        std::memcpy(&mark, m_file.data() + at, sizeof mark);
        if (mark == kEndMark) {
            return at;
        }
    }
    return std::nullopt;
}

Result<Directory> ZipReader::readEnd()
{
    const auto end = findEnd();
    if (!end) {
        return fail(ErrorCode::FileTruncated, m_subject, Text(BITLATHE_TEXT("a ZIP file with its directory")),
                    Text(BITLATHE_TEXT("no directory in %1 bytes"), m_file.size()),
                    Text(BITLATHE_TEXT("The download did not end; download the file again")));
    }
    Directory directory{m_reader.two(*end + 10), m_reader.four(*end + 12), m_reader.four(*end + 16)};
    const bool has64 = *end >= kBytesLocator64 && m_reader.four(*end - kBytesLocator64) == kLocator64Mark;
    if (has64) {
        const std::uint64_t at = m_reader.eight(*end - kBytesLocator64 + 8);
        if (!m_reader.covers(at, kBytesEnd64) || m_reader.four(at) != kEnd64Mark) {
            return invalid({}, Text(BITLATHE_TEXT("the end of a ZIP64 directory at byte %1"), at),
                           Text(BITLATHE_TEXT("something else")));
        }
        directory = {m_reader.eight(at + 32), m_reader.eight(at + 40), m_reader.eight(at + 48)};
    }
    if (!m_reader.covers(directory.offset, directory.bytes) || directory.offset + directory.bytes > *end ||
        directory.entries > kMaxEntries || directory.entries > directory.bytes / kBytesEntry) {
        return invalid({}, Text(BITLATHE_TEXT("a directory of %1 entries before byte %2"), directory.entries, *end),
                       Text(BITLATHE_TEXT("%1 bytes at %2"), directory.bytes, directory.offset));
    }
    return directory;
}

/// The ZIP64 part of an entry holds, in this order, those of its numbers that do not fit: size, stored size, place.
Result<void> ZipReader::readWide(std::uint64_t at, std::uint64_t bytes, std::uint64_t packed, ListedEntry& entry)
{
    constexpr std::uint64_t kWideId = 1;
    const std::uint64_t end = at + bytes;
    while (end - at >= 4) {
        const std::uint64_t id = m_reader.two(at);
        const std::uint64_t size = m_reader.two(at + 2);
        at += 4;
        if (size > end - at) {
            break;
        }
        if (id == kWideId) {
            const std::uint64_t wideEnd = at + size;
            for (std::uint64_t* number : {&entry.bytes, &packed, &entry.header}) {
                if (*number == kNarrow && wideEnd - at >= 8) {
                    *number = m_reader.eight(at);
                    at += 8;
                }
            }
            break;
        }
        at += size;
    }
    if (packed != entry.bytes) {
        return invalid(entry.name, Text(BITLATHE_TEXT("as many stored bytes as %1"), entry.bytes),
                       Text(BITLATHE_TEXT("%1"), packed));
    }
    return {};
}

Result<ListedEntry> ZipReader::readListed(std::uint64_t at)
{
    if (m_reader.four(at) != kEntryMark || !m_reader.isGood()) {
        return invalid({}, Text(BITLATHE_TEXT("an entry of the directory at byte %1"), at),
                       Text(BITLATHE_TEXT("something else")));
    }
    const std::uint64_t flags = m_reader.two(at + 8);
    const std::uint64_t method = m_reader.two(at + 10);
    const std::uint64_t bytesName = m_reader.two(at + 28);
    const std::uint64_t bytesExtra = m_reader.two(at + 30);
    ListedEntry entry;
    entry.name = m_reader.text(at + kBytesEntry, bytesName);
    entry.bytes = m_reader.four(at + 24);
    entry.header = m_reader.four(at + 42);
    entry.next = at + kBytesEntry + bytesName + bytesExtra + m_reader.two(at + 32);
    if (!m_reader.covers(at, entry.next - at)) {
        return invalid({}, Text(BITLATHE_TEXT("a whole entry at byte %1"), at), Text(BITLATHE_TEXT("the end")));
    }
    constexpr std::uint64_t kEncrypted = 1;
    if (method != 0 || (flags & kEncrypted) != 0) {
        return fail(ErrorCode::NotSupported, m_subject + ": " + shownName(entry.name),
                    Text(BITLATHE_TEXT("a stored entry, as torch.save writes them")),
                    (flags & kEncrypted) != 0 ? Text(BITLATHE_TEXT("an encrypted one"))
                                              : Text(BITLATHE_TEXT("a compressed one")),
                    Text(BITLATHE_TEXT("Save the model again with torch.save, or as safetensors")));
    }
    BITLATHE_CHECK(readWide(at + kBytesEntry + bytesName, bytesExtra, m_reader.four(at + 20), entry));
    return entry;
}

Result<ZipEntry> ZipReader::locate(const ListedEntry& entry, std::uint64_t bytesFile)
{
    const std::uint64_t at = entry.header;
    const bool isThere = m_reader.covers(at, kBytesLocal) && m_reader.four(at) == kLocalMark;
    const std::uint64_t bytesName = isThere ? m_reader.two(at + 26) : 0;
    if (!isThere || m_reader.two(at + 8) != 0 || m_reader.text(at + kBytesLocal, bytesName) != entry.name) {
        return invalid(entry.name, Text(BITLATHE_TEXT("its header at byte %1"), at),
                       Text(BITLATHE_TEXT("something else")));
    }
    const ZipEntry place{at + kBytesLocal + bytesName + m_reader.two(at + 28), entry.bytes};
    if (place.offset > bytesFile || place.bytes > bytesFile - place.offset) {
        return invalid(entry.name, Text(BITLATHE_TEXT("data before byte %1"), bytesFile),
                       Text(BITLATHE_TEXT("%1 bytes at %2"), place.bytes, place.offset));
    }
    return place;
}

Result<std::map<std::string, ZipEntry>> ZipReader::read()
{
    BITLATHE_TRY(const Directory directory, readEnd());
    std::map<std::string, ZipEntry> entries;
    std::uint64_t at = directory.offset;
    for (std::uint64_t i = 0; i < directory.entries; ++i) {
        BITLATHE_TRY(const ListedEntry listed, readListed(at));
        BITLATHE_TRY(const ZipEntry place, locate(listed, directory.offset));
        if (!entries.emplace(listed.name, place).second) {
            return invalid(listed.name, Text(BITLATHE_TEXT("each name once")), Text(BITLATHE_TEXT("it twice")));
        }
        at = listed.next;
    }
    return entries;
}

} // namespace

bool isZip(std::span<const std::byte> file)
{
    return Reader(file).four(0) == kLocalMark;
}

Result<std::map<std::string, ZipEntry>> readZipDirectory(std::span<const std::byte> file, const std::string& subject)
{
    return ZipReader(file, subject).read();
}

} // namespace bitlathe::checkpoint
