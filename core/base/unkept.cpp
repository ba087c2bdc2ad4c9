// SPDX-License-Identifier: Apache-2.0
// What a user's folders do not let the programs keep between two starts.
#include "core/base/unkept.h"

#include "core/base/cache.h"
#include "core/base/file.h"

#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>

namespace bitlathe
{

namespace fs = std::filesystem;

namespace
{

/// Why nothing can be written into a folder, made first where it is not there: errno's word; empty: it can.
std::string whyNotWritable(fs::path folder)
{
    while (::access(folder.c_str(), F_OK) != 0 && errno == ENOENT && folder != folder.parent_path()) {
        folder = folder.parent_path();
    }
    // The dot tells a file from a folder.
    return ::access((folder / ".").c_str(), W_OK | X_OK) == 0 ? std::string() : std::strerror(errno);
}

Finding notKept(const fs::path& folder, Text message)
{
    return {Severity::Note, "not-kept", folder.string(), std::move(message),
            Text(BITLATHE_TEXT("Set HOME to a folder that can be written"))};
}

/// Whether a variable names a folder, as file.cpp takes it.
bool isPath(const char* variable)
{
    const char* set = std::getenv(variable);
    return set != nullptr && *set == '/';
}

} // namespace

Findings unkept()
{
    Findings findings;
    const fs::path data = dataFolder(), config = configFolder(), cache = cacheFolder();
    if (const std::string reason = whyNotWritable(data); !reason.empty()) {
        findings.push_back(notKept(data, Text(BITLATHE_TEXT("the history of runs is not kept: %1"), reason)));
    }
    if (const std::string reason = whyNotWritable(config); !reason.empty()) {
        findings.push_back(notKept(config, Text(BITLATHE_TEXT("settings are not kept: %1"), reason)));
    }
    if (const std::string reason = whyNotWritable(cache); !reason.empty()) {
        findings.push_back(
            notKept(cache, Text(BITLATHE_TEXT("what was computed is not kept to not be computed again: %1"), reason)));
    }
    const bool anyTemporary = !isPath("XDG_DATA_HOME") || !isPath("XDG_CONFIG_HOME") || !isPath("XDG_CACHE_HOME");
    if (findings.empty() && !isPath("HOME") && anyTemporary) {
        findings.push_back(notKept(
            "HOME",
            Text(BITLATHE_TEXT(
                "it is not set: history, settings and cache lie among temporary files, which the system clears"))));
    }
    return findings;
}

} // namespace bitlathe
