// SPDX-License-Identifier: Apache-2.0
// The cache: entries are locked while they are used, and go by the time of their last use.
#include "core/base/cache.h"

#include "core/base/file.h"
#include "core/base/json.h"
#include "core/base/log.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>

#include <algorithm>
#include <array>
#include <cerrno>

namespace bitlathe
{

namespace fs = std::filesystem;

namespace
{

constexpr std::array<std::string_view, 3> kKinds = {"statistics", "evaluations", "fingerprints"};
/// What an entry is called between losing its name and being gone, should the program end there.
constexpr std::string_view kGone = ".gone-";

fs::path settingsFile()
{
    return configFolder() / "cache.json";
}

struct Found
{
    fs::path path;
    std::uint64_t bytes = 0;
    fs::file_time_type used;
};

std::uint64_t bytesOf(const fs::path& path)
{
    std::error_code error;
    if (!fs::is_directory(fs::symlink_status(path, error))) {
        const auto bytes = fs::file_size(path, error);
        return error ? 0 : bytes;
    }
    std::uint64_t sum = 0;
    for (fs::recursive_directory_iterator it(path, error), end; !error && it != end; it.increment(error)) {
        std::error_code ignored;
        if (it->symlink_status(ignored).type() == fs::file_type::regular) {
            const auto bytes = it->file_size(ignored);
            sum += ignored ? 0 : bytes;
        }
    }
    return sum;
}

std::vector<Found> entriesOf(const fs::path& root, std::string_view kind)
{
    std::vector<Found> found;
    std::error_code error;
    for (fs::directory_iterator it(root / kind, error), end; !error && it != end; it.increment(error)) {
        std::error_code ignored;
        const auto used = it->last_write_time(ignored);
        found.push_back({it->path(), bytesOf(it->path()), ignored ? fs::file_time_type::min() : used});
    }
    return found;
}

/// Waits for who removes the folder. True, too, where a file system knows no locks.
bool lockShared(int fd)
{
    return ::flock(fd, LOCK_SH) == 0 || errno == ENOLCK || errno == EOPNOTSUPP || errno == ENOSYS;
}

/// False where somebody uses it.
bool removeEntry(const fs::path& path)
{
    const Descriptor entry(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW));
    if (!entry.isOpen() || ::flock(entry.get(), LOCK_EX | LOCK_NB) != 0 || !isSameFile(entry.get(), path)) {
        return false;
    }
    // Under another name first: who opens the entry now makes a new one.
    std::error_code error;
    const fs::path gone = path.parent_path() / (std::string(kGone) + path.filename().string());
    if (path.filename().string().starts_with(kGone)) {
        fs::remove_all(path, error);
        return !error;
    }
    fs::rename(path, gone, error);
    if (!error) {
        fs::remove_all(gone, error);
    }
    return !error;
}

/// Makes room for a new entry, which nobody waits for: what cannot be removed stays.
void makeRoom()
{
    const std::uint64_t bytesMax = cacheSettings().bytesMax;
    if (bytesMax == 0) {
        return;
    }
    const CacheTrim trim = trimCache(bytesMax);
    if (trim.bytesFreed > 0) {
        log().info("cache: {} bytes of older entries removed, {} left", trim.bytesFreed, trim.bytesLeft);
    }
}

} // namespace

CacheSettings cacheSettings()
{
    CacheSettings settings;
    const auto json = readJson(settingsFile(), 1 << 16);
    if (!json || !json->is_object()) {
        return settings;
    }
    const JsonObject object(*json, settingsFile().string());
    if (const auto folder = object.string("folder", "");
        folder && (folder->empty() || fs::path(*folder).is_absolute())) {
        settings.folder = *folder;
    }
    if (const auto bytes = object.integer("bytes_max", static_cast<std::int64_t>(settings.bytesMax));
        bytes && *bytes >= 0) {
        settings.bytesMax = static_cast<std::uint64_t>(*bytes);
    }
    return settings;
}

Result<void> saveCacheSettings(const CacheSettings& settings)
{
    if (!settings.folder.empty() && !settings.folder.is_absolute()) {
        return fail(ErrorCode::SettingInvalid, "folder", Text(BITLATHE_TEXT("a path from the root")),
                    Text(BITLATHE_TEXT("\"%1\""), settings.folder.string()));
    }
    const fs::path file = settingsFile();
    std::error_code error;
    fs::create_directories(file.parent_path(), error);
    const Json json = {{"folder", settings.folder.string()}, {"bytes_max", settings.bytesMax}};
    return writeFileAtomically(file, json.dump(2) + '\n');
}

fs::path cacheFolder()
{
    const fs::path chosen = cacheSettings().folder;
    return chosen.empty() ? usualCacheFolder() : chosen;
}

Result<CacheEntry> CacheEntry::open(const fs::path& folder)
{
    std::error_code error;
    const bool isNew = fs::create_directories(folder, error);
    if (error) {
        return Failure(writeError(folder, error.value()));
    }
    // An entry can lose its name between open and lock.
    constexpr int kTries = 100;
    for (int i = 0; i < kTries; ++i) {
        Descriptor fd(::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
        if (fd.isOpen() && lockShared(fd.get()) && isSameFile(fd.get(), folder)) {
            ::futimens(fd.get(), nullptr);
            CacheEntry entry(std::move(fd));
            if (isNew) {
                makeRoom();
            }
            return entry;
        }
        fs::create_directories(folder, error);
    }
    return Failure(writeError(folder, errno));
}

std::vector<CacheKind> cacheKinds()
{
    const fs::path root = cacheFolder();
    std::vector<CacheKind> kinds;
    for (const std::string_view name : kKinds) {
        CacheKind& kind = kinds.emplace_back(CacheKind{std::string(name)});
        for (const Found& entry : entriesOf(root, name)) {
            ++kind.entries;
            kind.bytes += entry.bytes;
        }
    }
    return kinds;
}

CacheTrim trimCache(std::uint64_t bytesMax)
{
    const fs::path root = cacheFolder();
    std::vector<Found> entries;
    for (const std::string_view kind : kKinds) {
        std::ranges::move(entriesOf(root, kind), std::back_inserter(entries));
    }
    CacheTrim trim;
    for (const Found& entry : entries) {
        trim.bytesLeft += entry.bytes;
    }
    std::ranges::sort(entries, {}, &Found::used);
    for (const Found& entry : entries) {
        if (bytesMax > 0 && trim.bytesLeft <= bytesMax) {
            break;
        }
        if (removeEntry(entry.path)) {
            trim.bytesFreed += entry.bytes;
            trim.bytesLeft -= entry.bytes;
        } else {
            ++trim.inUse;
        }
    }
    return trim;
}

} // namespace bitlathe
