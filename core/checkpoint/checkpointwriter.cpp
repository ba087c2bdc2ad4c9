// SPDX-License-Identifier: Apache-2.0
// CheckpointWriter: writes a model folder tensor by tensor, resumable, and gives it its final name only when whole.
#include "core/checkpoint/checkpointwriter.h"

#include "core/base/descriptor.h"
#include "core/base/file.h"
#include "core/checkpoint/outputfolder.h"
#include "core/checkpoint/shardlayout.h"

#include <fcntl.h>
#include <sys/stat.h>

#include <algorithm>
#include <cerrno>

namespace bitlathe::checkpoint {

namespace fs = std::filesystem;

namespace {

/// A tensor of the plan: where it goes, and whether it is there.
struct Slot
{
    const TensorEntry* entry = nullptr;
    bool isWritten = false;
};

/// A shard on disk.
struct OpenShard
{
    Descriptor fd;
    bool isNew = false; ///< Made by this process: nothing an earlier one wrote can be in it.
    bool isDirty = false;
};

Result<void> writeAt(int fd, const fs::path& file, std::span<const std::byte> bytes, std::uint64_t offset)
{
    while (!bytes.empty()) {
        const ssize_t put = ::pwrite(fd, bytes.data(), bytes.size(), static_cast<off_t>(offset));
        if (put < 0 && errno != EINTR) {
            return Failure(writeError(file, errno));
        }
        const auto count = static_cast<std::size_t>(std::max<ssize_t>(put, 0));
        bytes = bytes.subspan(count);
        offset += count;
    }
    return {};
}

/// Reserves the room of a file, so that a full disk shows before the work and not after hours of it.
Result<void> reserve(int fd, const fs::path& file, std::uint64_t bytes)
{
    const auto size = static_cast<off_t>(bytes);
    if (::fallocate(fd, 0, 0, size) == 0) {
        return {};
    }
    // A file system that can't reserve gets a file of the right size; free space was checked before.
    if ((errno == EOPNOTSUPP || errno == ENOSYS) && ::ftruncate(fd, size) == 0) {
        return {};
    }
    return Failure(writeError(file, errno));
}

/// Makes a shard with its header under a temporary name first: a shard of the final name always has a whole header.
Result<Descriptor> makeShard(const fs::path& file, const ShardLayout& shard)
{
    const fs::path temporary = file.string() + ".new";
    Descriptor fd(::open(temporary.c_str(), O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0644));
    if (!fd.isOpen()) {
        return Failure(writeError(temporary, errno));
    }
    BITLATHE_CHECK(reserve(fd.get(), file, shard.bytes));
    BITLATHE_CHECK(writeAt(fd.get(), file, std::as_bytes(std::span(shard.header)), 0));
    if (::fsync(fd.get()) != 0 || ::rename(temporary.c_str(), file.c_str()) != 0) {
        return Failure(writeError(file, errno));
    }
    return fd;
}

/// Opens the shard of an earlier process and checks that it belongs to the same plan.
Result<Descriptor> openShard(const fs::path& file, const ShardLayout& shard)
{
    Descriptor fd(::open(file.c_str(), O_RDWR | O_CLOEXEC));
    struct stat facts = {};
    if (!fd.isOpen() || ::fstat(fd.get(), &facts) != 0) {
        return Failure(writeError(file, errno));
    }
    std::string header(shard.header.size(), '\0');
    const ssize_t got = ::pread(fd.get(), header.data(), header.size(), 0);
    if (got != static_cast<ssize_t>(header.size()) || header != shard.header ||
        static_cast<std::uint64_t>(facts.st_size) != shard.bytes) {
        return fail(ErrorCode::RunInvalid, file.string(), Text(BITLATHE_TEXT("the tensors of this run")),
                    Text(BITLATHE_TEXT("those of another run")), Text(BITLATHE_TEXT("Start anew instead of resuming")));
    }
    return fd;
}

Result<void> checkName(const std::string& name)
{
    if (name.empty() || name != fs::path(name).filename() || name == "." || name == "..") {
        return fail(ErrorCode::WriteFailed, name, Text(BITLATHE_TEXT("a plain file name")),
                    Text(BITLATHE_TEXT("a path")));
    }
    return {};
}

} // namespace

struct CheckpointWriter::Data
{
    OutputFolder folder;
    std::vector<ShardLayout> layout;
    std::vector<OpenShard> shards;
    std::unordered_map<std::string_view, Slot> slots; ///< Views of the names in layout.
    bool isSealed = false;

    fs::path fileOf(std::size_t shard) const { return folder.partial() / layout[shard].name; }
    Result<void> checkRoom() const;
    Result<void> openShards(bool resume);
};

Result<void> CheckpointWriter::Data::checkRoom() const
{
    std::uint64_t needed = 0;
    for (std::size_t i = 0; i < layout.size(); ++i) {
        std::error_code error;
        if (!fs::exists(fileOf(i), error)) {
            needed += layout[i].bytes;
        }
    }
    const std::uint64_t free = freeBytes(folder.partial());
    if (needed > free) {
        return fail(ErrorCode::DiskFull, folder.out().string(), Text(BITLATHE_TEXT("%1 bytes of free space"), needed),
                    Text(BITLATHE_TEXT("%1"), free), Text(BITLATHE_TEXT("Free some space or choose another folder")));
    }
    return {};
}

Result<void> CheckpointWriter::Data::openShards(bool resume)
{
    for (std::size_t i = 0; i < layout.size(); ++i) {
        std::error_code error;
        OpenShard shard;
        shard.isNew = !resume || !fs::exists(fileOf(i), error);
        BITLATHE_TRY(shard.fd, shard.isNew ? makeShard(fileOf(i), layout[i]) : openShard(fileOf(i), layout[i]));
        shards.push_back(std::move(shard));
    }
    for (const ShardLayout& shard : layout) {
        for (const TensorEntry& entry : shard.entries) {
            slots.emplace(entry.name, Slot{&entry, entry.bytes == 0});
        }
    }
    return syncFolder(folder.partial());
}

CheckpointWriter::CheckpointWriter(std::unique_ptr<Data> data) : m_data(std::move(data)) {}
CheckpointWriter::~CheckpointWriter() = default;

Result<std::unique_ptr<CheckpointWriter>> CheckpointWriter::create(const fs::path& out, std::vector<TensorPlan> plan,
                                                                   const Options& options)
{
    auto data = std::make_unique<Data>();
    BITLATHE_TRY(data->layout, layOut(plan, options.bytesShardMax));
    BITLATHE_TRY(data->folder, OutputFolder::claim(out, options.resume, options.overwrite));
    if (auto ready = data->checkRoom().and_then([&] { return data->openShards(options.resume); }); !ready) {
        if (!options.resume) {
            data->shards.clear();
            data->folder.discard();
        }
        return Failure(std::move(ready).error());
    }
    return std::unique_ptr<CheckpointWriter>(new CheckpointWriter(std::move(data)));
}

Result<void> CheckpointWriter::write(std::string_view name, std::span<const std::byte> bytes)
{
    const auto it = m_data->slots.find(name);
    if (it == m_data->slots.end() || m_data->isSealed) {
        return fail(ErrorCode::Internal, std::string(name), Text(BITLATHE_TEXT("a tensor of the plan, before the end")),
                    Text(BITLATHE_TEXT("a write of another one, or too late")));
    }
    Slot& slot = it->second;
    if (bytes.size() != slot.entry->bytes) {
        return fail(ErrorCode::Internal, std::string(name), Text(BITLATHE_TEXT("%1 bytes"), slot.entry->bytes),
                    Text(BITLATHE_TEXT("%1 bytes"), bytes.size()));
    }
    OpenShard& shard = m_data->shards[slot.entry->file];
    shard.isDirty = true;
    BITLATHE_CHECK(writeAt(shard.fd.get(), m_data->fileOf(slot.entry->file), bytes, slot.entry->offset));
    slot.isWritten = true;
    return {};
}

Result<void> CheckpointWriter::sync()
{
    for (std::size_t i = 0; i < m_data->shards.size(); ++i) {
        OpenShard& shard = m_data->shards[i];
        if (shard.isDirty && ::fsync(shard.fd.get()) != 0) {
            return Failure(writeError(m_data->fileOf(i), errno));
        }
        shard.isDirty = false;
    }
    return {};
}

Result<void> CheckpointWriter::writeFile(const std::string& name, std::string_view content)
{
    BITLATHE_CHECK(checkName(name));
    return writeFileAtomically(partialFolder() / name, content);
}

Result<void> CheckpointWriter::copyFile(const fs::path& file)
{
    BITLATHE_TRY(const std::string content, readFile(file));
    return writeFile(file.filename().string(), content);
}

const fs::path& CheckpointWriter::partialFolder() const
{
    return m_data->folder.partial();
}

std::uint64_t CheckpointWriter::bytesTotal() const
{
    std::uint64_t sum = 0;
    for (const ShardLayout& shard : m_data->layout) {
        sum += shard.bytes;
    }
    return sum;
}

Result<void> CheckpointWriter::seal()
{
    for (const ShardLayout& shard : m_data->layout) {
        for (const TensorEntry& entry : shard.entries) {
            if (!m_data->slots.at(entry.name).isWritten) {
                return fail(ErrorCode::TensorMissing, partialFolder().string(),
                            Text(BITLATHE_TEXT("the tensor %1"), entry.name),
                            Text(BITLATHE_TEXT("it was never written")));
            }
        }
    }
    BITLATHE_CHECK(sync());
    if (m_data->layout.size() > 1) {
        BITLATHE_CHECK(writeFile("model.safetensors.index.json", shardIndex(m_data->layout)));
    }
    BITLATHE_CHECK(syncFolder(partialFolder()));
    m_data->isSealed = true;
    return {};
}

Result<void> CheckpointWriter::finish()
{
    if (!m_data->isSealed) {
        return fail(ErrorCode::Internal, partialFolder().string(), Text(BITLATHE_TEXT("a sealed folder")),
                    Text(BITLATHE_TEXT("an open one")));
    }
    m_data->shards.clear();
    return m_data->folder.publish();
}

void CheckpointWriter::markWritten(std::string_view name)
{
    const auto it = m_data->slots.find(name);
    if (it != m_data->slots.end() && !m_data->shards[it->second.entry->file].isNew) {
        it->second.isWritten = true;
    }
}

void CheckpointWriter::discard()
{
    m_data->shards.clear();
    m_data->folder.discard();
}

} // namespace bitlathe::checkpoint
