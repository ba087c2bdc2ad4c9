// SPDX-License-Identifier: Apache-2.0
// A folder that a fuzz target writes its files to.
#pragma once

#include <filesystem>
#include <string>
#include <system_error>
#include <unistd.h>

namespace bitlathe::fuzz
{

/// A folder of this process, in memory where there is such a place; goes with the process. One name for each process.
inline const std::filesystem::path& scratchFolder(const std::string& name)
{
    static const struct Folder
    {
        explicit Folder(const std::string& purpose)
        {
            std::error_code error;
            const std::filesystem::path memory = "/dev/shm";
            const auto base = std::filesystem::exists(memory, error) ? memory : std::filesystem::temp_directory_path();
            path = base / ("bitlathe-fuzz-" + purpose + '-' + std::to_string(::getpid()));
            std::filesystem::create_directories(path, error);
        }
        ~Folder()
        {
            std::error_code error;
            std::filesystem::remove_all(path, error);
        }
        Folder(const Folder&) = delete;
        Folder& operator=(const Folder&) = delete;
        std::filesystem::path path;
    } folder(name);
    return folder.path;
}

} // namespace bitlathe::fuzz
