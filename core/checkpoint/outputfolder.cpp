// SPDX-License-Identifier: Apache-2.0
// OutputFolder: OUT and OUT.partial, one process at a time, and the change from one to the other.
#include "core/checkpoint/outputfolder.h"

#include "core/base/file.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>

#include <cerrno>
#include <cstdio>
#include <vector>

namespace bitlathe::checkpoint
{

namespace fs = std::filesystem;

namespace
{

constexpr const char* kLockName = ".bitlathe-lock";
constexpr std::string_view kOwnPrefix = ".bitlathe";

/// Replacing must not take away a folder that never was a model, such as a home folder named by mistake.
bool looksLikeModel(const fs::path& folder)
{
    std::error_code error;
    if (fs::exists(folder / "config.json", error) || fs::exists(folder / "triton_models", error)) {
        return true;
    }
    for (fs::directory_iterator it(folder, error), end; !error && it != end; it.increment(error)) {
        const std::string ending = it->path().extension().string();
        if (ending == ".safetensors" || ending == ".gguf") {
            return true;
        }
    }
    return false;
}

Failure exists(const fs::path& out, Text found, Text advice)
{
    return fail(ErrorCode::OutputExists, out.string(), Text(BITLATHE_TEXT("a new or empty folder")), std::move(found),
                std::move(advice));
}

Result<void> checkOut(const fs::path& out, bool overwrite)
{
    std::error_code error;
    const fs::file_status status = fs::symlink_status(out, error);
    if (!fs::exists(status)) {
        return {};
    }
    if (!fs::is_directory(status)) {
        return exists(out, Text(BITLATHE_TEXT("a file or link of that name")),
                      Text(BITLATHE_TEXT("Choose another name")));
    }
    if (fs::is_empty(out, error) && !error) {
        return {};
    }
    if (!overwrite) {
        return exists(out, Text(BITLATHE_TEXT("a folder with files")),
                      Text(BITLATHE_TEXT("Choose another name or allow overwriting")));
    }
    if (!looksLikeModel(out)) {
        return exists(out, Text(BITLATHE_TEXT("a folder that holds no model")),
                      Text(BITLATHE_TEXT("Choose another name")));
    }
    return {};
}

/// Empties a folder but for one name.
Result<void> removeAllBut(const fs::path& folder, std::string_view name)
{
    std::error_code error;
    std::vector<fs::path> doomed;
    for (fs::directory_iterator it(folder, error), end; !error && it != end; it.increment(error)) {
        if (it->path().filename() != name) {
            doomed.push_back(it->path());
        }
    }
    for (auto it = doomed.begin(); !error && it != doomed.end(); ++it) {
        fs::remove_all(*it, error);
    }
    if (error) {
        return Failure(writeError(folder, error.value()));
    }
    return {};
}

/// Removes journals and locks from a folder that has its final name. It is whole with them, too.
void removeOwnFiles(const fs::path& folder)
{
    std::error_code ignored;
    std::vector<fs::path> own;
    for (fs::directory_iterator it(folder, ignored), end; !ignored && it != end; it.increment(ignored)) {
        if (it->path().filename().string().starts_with(kOwnPrefix)) {
            own.push_back(it->path());
        }
    }
    for (const fs::path& file : own) {
        fs::remove_all(file, ignored);
    }
}

/// A name beside path that is free.
fs::path freeName(const fs::path& path)
{
    std::error_code error;
    for (int i = 1;; ++i) {
        fs::path name = path.string() + ".replaced" + (i == 1 ? std::string() : std::to_string(i));
        if (!fs::exists(fs::symlink_status(name, error))) {
            return name;
        }
    }
}

} // namespace

Result<OutputFolder> OutputFolder::claim(const fs::path& out, bool keep, bool overwrite)
{
    OutputFolder folder;
    folder.m_mayReplace = overwrite;
    std::error_code error;
    folder.m_out = fs::absolute(out, error).lexically_normal();
    if (!folder.m_out.has_filename()) {
        folder.m_out = folder.m_out.parent_path();
    }
    if (folder.m_out == folder.m_out.root_path()) {
        return exists(out, Text(BITLATHE_TEXT("no name")), Text(BITLATHE_TEXT("Name a folder")));
    }
    folder.m_partial = folder.m_out.string() + ".partial";
    BITLATHE_CHECK(checkOut(folder.m_out, overwrite));
    fs::create_directories(folder.m_partial, error);
    if (error) {
        return Failure(writeError(folder.m_partial, error.value()));
    }
    BITLATHE_CHECK(folder.lock());
    if (!keep) {
        BITLATHE_CHECK(removeAllBut(folder.m_partial, kLockName));
    }
    BITLATHE_CHECK(syncFolder(folder.m_out.parent_path()));
    return folder;
}

Result<void> OutputFolder::lock()
{
    const fs::path file = m_partial / kLockName;
    m_lock = Descriptor(::open(file.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0644));
    if (!m_lock.isOpen()) {
        return Failure(writeError(file, errno));
    }
    // The name may have gone between open and lock, when the other process finished just then.
    if (::flock(m_lock.get(), LOCK_EX | LOCK_NB) != 0 || !isSameFile(m_lock.get(), file)) {
        return fail(ErrorCode::OutputExists, m_out.string(), Text(BITLATHE_TEXT("one process that writes it")),
                    Text(BITLATHE_TEXT("another one that holds %1"), file.string()),
                    Text(BITLATHE_TEXT("Wait for the other run to end or choose another folder")));
    }
    return {};
}

Result<void> OutputFolder::publish()
{
    // Hours may have passed since the claim, and somebody else may have put something there.
    BITLATHE_CHECK(checkOut(m_out, m_mayReplace));
    BITLATHE_CHECK(syncFolder(m_partial));
    BITLATHE_CHECK(replaceOut());
    BITLATHE_CHECK(syncFolder(m_out.parent_path()));
    // Only now: without them a run that ends before the change of names could not go on.
    removeOwnFiles(m_out);
    m_lock.reset();
    return {};
}

Result<void> OutputFolder::replaceOut() const
{
    // Replaces nothing and an empty folder.
    if (::rename(m_partial.c_str(), m_out.c_str()) == 0) {
        return {};
    }
    if (errno != ENOTEMPTY && errno != EEXIST) {
        return Failure(writeError(m_out, errno));
    }
    std::error_code error;
    // Both names change in one step where the file system can do that.
    if (::renameat2(AT_FDCWD, m_partial.c_str(), AT_FDCWD, m_out.c_str(), RENAME_EXCHANGE) == 0) {
        BITLATHE_CHECK(syncFolder(m_out.parent_path()));
        fs::remove_all(m_partial, error);
        return {};
    }
    const fs::path aside = freeName(m_out);
    if (::rename(m_out.c_str(), aside.c_str()) != 0) {
        return Failure(writeError(m_out, errno));
    }
    if (::rename(m_partial.c_str(), m_out.c_str()) != 0) {
        const int reason = errno;
        fs::rename(aside, m_out, error);
        return Failure(writeError(m_out, reason));
    }
    BITLATHE_CHECK(syncFolder(m_out.parent_path()));
    fs::remove_all(aside, error);
    return {};
}

void OutputFolder::discard()
{
    std::error_code ignored;
    fs::remove_all(m_partial, ignored);
    m_lock.reset();
}

} // namespace bitlathe::checkpoint
