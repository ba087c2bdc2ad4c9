// SPDX-License-Identifier: Apache-2.0
// Fuzz target: any bytes as config.ini of a TurboMind workspace; where it is one of a small model, files of its sizes
// are read as its layers.
#include "core/format/workspacefiles.h"
#include "core/format/workspacereader.h"
#include "tests/fuzz/scratchfolder.h"

#include <cstdint>
#include <filesystem>
#include <fstream>
#include <string>
#include <string_view>

namespace
{

namespace fs = std::filesystem;
using namespace bitlathe;

constexpr std::uint64_t kBytesMax = 1 << 18;

const fs::path& folder()
{
    return fuzz::scratchFolder("workspace");
}

/// Whether the model is small enough to be written whole.
bool isSmall(const format::TurbomindConfig& config)
{
    constexpr std::int64_t kSideMax = 256;
    return config.blocks <= 2 && config.hidden() <= kSideMax && config.intermediate <= kSideMax &&
           config.vocabulary <= kSideMax && config.ranks <= 4;
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
    const std::string text(reinterpret_cast<const char*>(data), size);
    const auto config = format::readTurbomindConfig(text, "fuzz");
    if (!config || !isSmall(*config)) {
        return 0;
    }
    (void)format::writeTurbomindConfig(*config);
    std::error_code error;
    for (const fs::directory_entry& entry : fs::directory_iterator(folder(), error)) {
        fs::remove_all(entry.path(), error);
    }
    std::ofstream(folder() / format::kWorkspaceConfig, std::ios::binary) << text;
    std::uint64_t total = 0;
    for (const format::WorkspaceFile& file : format::workspaceFiles(*config, format::matrixLayouts(*config))) {
        total += file.bytes * file.names.size();
        for (const std::string& name : file.names) {
            if (total > kBytesMax) {
                return 0;
            }
            std::string content(file.bytes, '\0');
            for (std::size_t i = 0; i < content.size(); ++i) {
                content[i] = static_cast<char>(data[i % size]);
            }
            std::ofstream(folder() / name, std::ios::binary) << content;
        }
    }
    const auto opened = format::openWorkspace(folder());
    if (!opened) {
        return 0;
    }
    for (const checkpoint::TensorEntry& entry : (*opened)->entries()) {
        if ((*opened)->view(entry).bytes.size() != entry.bytes) {
            __builtin_trap();
        }
    }
    return 0;
}
