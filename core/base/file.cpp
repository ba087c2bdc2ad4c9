// SPDX-License-Identifier: Apache-2.0
// Files: whole reads, atomic whole writes, durable renames, free space.
#include "core/base/file.h"

#include "core/base/descriptor.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cctype>
#include <cerrno>
#include <cstdlib>
#include <cstring>

namespace bitlathe {

namespace fs = std::filesystem;

namespace {

fs::path homeFolder(const char* variable, const char* below)
{
    if (const char* set = std::getenv(variable); set != nullptr && *set == '/') {
        return fs::path(set) / "bitlathe";
    }
    if (const char* home = std::getenv("HOME"); home != nullptr && *home == '/') {
        return fs::path(home) / below / "bitlathe";
    }
    std::error_code ignored;
    return fs::temp_directory_path(ignored) / ("bitlathe-" + std::to_string(::getuid())) / below;
}

/// Standard input and what a shell substitutes, named by the user; a folder's file that leads there is named otherwise.
bool isOfDevices(const fs::path& file)
{
    const std::string name = file.lexically_normal().string();
    return name.starts_with("/dev/") || name.starts_with("/proc/self/fd/");
}

/// Without a slash at its end; empty where there is none, or all paths are below it.
std::string homeOfUser()
{
    const char* home = std::getenv("HOME");
    if (home == nullptr || *home != '/') {
        return {};
    }
    std::string folder = fs::path(home).lexically_normal().string();
    while (folder.ends_with('/')) {
        folder.pop_back();
    }
    return folder;
}

/// Of names of files; other characters end a path's part.
bool isOfName(char c)
{
    return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '-' || c == '_' || c == '.' || (c & 0x80) != 0;
}

} // namespace

Error readError(const fs::path& file, int errorNumber)
{
    if (errorNumber == ENOENT || errorNumber == ENOTDIR) {
        return {ErrorCode::FileMissing, file.string(), Text(BITLATHE_TEXT("a file")),
                Text(BITLATHE_TEXT("nothing of that name")), Text(BITLATHE_TEXT("Check the path"))};
    }
    return {ErrorCode::FileUnreadable, file.string(), Text(BITLATHE_TEXT("a readable file")),
            Text(BITLATHE_TEXT("%1"), std::strerror(errorNumber)), Text(BITLATHE_TEXT("Check the file's permissions"))};
}

Result<std::string> readFile(const fs::path& file, std::uint64_t maxBytes)
{
    // Without blocking: a pipe of a file's name, or a link to a kernel's log, would wait for ever.
    const Descriptor fd(::open(file.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
    if (fd.get() < 0) {
        return Failure(readError(file, errno));
    }
    struct stat facts = {};
    if (::fstat(fd.get(), &facts) != 0) {
        return Failure(readError(file, errno));
    }
    if (S_ISDIR(facts.st_mode)) {
        return Failure(readError(file, EISDIR));
    }
    if (!S_ISREG(facts.st_mode)) {
        if (!isOfDevices(file)) {
            return fail(ErrorCode::FileUnreadable, file.string(), Text(BITLATHE_TEXT("a regular file")),
                        Text(BITLATHE_TEXT("a folder, pipe or device")), Text(BITLATHE_TEXT("Check the path")));
        }
        ::fcntl(fd.get(), F_SETFL, ::fcntl(fd.get(), F_GETFL) & ~O_NONBLOCK);
    }
    std::string content;
    constexpr std::size_t kPiece = 1 << 20;
    for (;;) {
        const std::size_t have = content.size();
        content.resize(have + kPiece);
        const ssize_t got = ::read(fd.get(), content.data() + have, kPiece);
        if (got < 0 && errno != EINTR) {
            return Failure(readError(file, errno));
        }
        content.resize(have + static_cast<std::size_t>(std::max<ssize_t>(got, 0)));
        if (content.size() > maxBytes) {
            return fail(ErrorCode::FileInvalid, file.string(), Text(BITLATHE_TEXT("at most %1 bytes"), maxBytes),
                        Text(BITLATHE_TEXT("more")));
        }
        if (got == 0) {
            content.shrink_to_fit(); // A short one may be kept for long.
            return content;
        }
    }
}

Error writeError(const fs::path& file, int errorNumber)
{
    if (errorNumber == ENOSPC || errorNumber == EDQUOT) {
        return {ErrorCode::DiskFull, file.string(), Text(BITLATHE_TEXT("room on the disk")),
                Text(BITLATHE_TEXT("%1"), std::strerror(errorNumber)),
                Text(BITLATHE_TEXT("Free some space or choose another folder"))};
    }
    return {ErrorCode::WriteFailed, file.string(), Text(BITLATHE_TEXT("a place that can be written")),
            Text(BITLATHE_TEXT("%1"), std::strerror(errorNumber)),
            Text(BITLATHE_TEXT("Check permissions or choose another folder"))};
}

Result<void> writeFileAtomically(const fs::path& file, std::string_view content)
{
    // A name that a later clean-up of the folder knows as ours, should the process end before the rename.
    std::string temporary = (file.parent_path() / ".bitlathe-new-XXXXXX").string();
    Descriptor fd(::mkostemp(temporary.data(), O_CLOEXEC));
    if (fd.get() < 0) {
        return Failure(writeError(file, errno));
    }
    const auto giveUp = [&](int errorNumber) {
        ::unlink(temporary.c_str());
        return Failure(writeError(file, errorNumber));
    };
    while (!content.empty()) {
        const ssize_t put = ::write(fd.get(), content.data(), content.size());
        if (put < 0 && errno != EINTR) {
            return giveUp(errno);
        }
        content.remove_prefix(static_cast<std::size_t>(std::max<ssize_t>(put, 0)));
    }
    if (::fchmod(fd.get(), 0644) != 0 || ::fsync(fd.get()) != 0 || ::close(fd.release()) != 0) {
        return giveUp(errno);
    }
    if (::rename(temporary.c_str(), file.c_str()) != 0) {
        return giveUp(errno);
    }
    return syncFolder(file.parent_path());
}

Result<void> syncFolder(const fs::path& folder)
{
    const Descriptor fd(::open(folder.empty() ? "." : folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    if (fd.get() < 0 || ::fsync(fd.get()) != 0) {
        return Failure(writeError(folder, errno));
    }
    return {};
}

std::uint64_t freeBytes(const fs::path& path)
{
    std::error_code error;
    fs::path existing = fs::absolute(path, error);
    while (!existing.empty() && !fs::exists(existing, error) && existing != existing.parent_path()) {
        existing = existing.parent_path();
    }
    const fs::space_info space = fs::space(existing, error);
    return error ? 0 : space.available;
}

std::string withoutHome(std::string_view text)
{
    const std::string home = homeOfUser();
    std::string result;
    while (!home.empty()) {
        const std::size_t at = text.find(home);
        if (at == std::string_view::npos) {
            break;
        }
        const std::size_t after = at + home.size();
        const bool isWhole = (at == 0 || (!isOfName(text[at - 1]) && text[at - 1] != '/')) &&
                             (after == text.size() || !isOfName(text[after]));
        result += text.substr(0, at);
        result += isWhole ? "~" : home;
        text.remove_prefix(after);
    }
    return result += text;
}

std::string withHome(const std::string& path)
{
    const std::size_t begin = path.starts_with("ids:") ? 4 : 0;
    const std::string home = homeOfUser();
    if (home.empty() || path.compare(begin, 2, "~/") != 0) {
        return path;
    }
    return path.substr(0, begin) + home + path.substr(begin + 1);
}

fs::path usualCacheFolder()
{
    return homeFolder("XDG_CACHE_HOME", ".cache");
}

fs::path dataFolder()
{
    return homeFolder("XDG_DATA_HOME", ".local/share");
}

fs::path configFolder()
{
    return homeFolder("XDG_CONFIG_HOME", ".config");
}

} // namespace bitlathe
