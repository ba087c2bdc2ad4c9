// SPDX-License-Identifier: Apache-2.0
// Fuzz target: any bytes as model.safetensors.index.json. Files outside its folder must never be named.
#include "core/checkpoint/folderfiles.h"
#include "scratchfolder.h"

#include <cstdint>
#include <cstdlib>
#include <fstream>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
    namespace fs = std::filesystem;
    static const fs::path folder = [] {
        const fs::path made = bitlathe::fuzz::scratchFolder("shardindex") / "model";
        fs::create_directories(made / "below");
        for (const char* name : {"a.safetensors", "below/b.safetensors", "../outside.safetensors"}) {
            std::ofstream(made / name) << "x";
        }
        return made;
    }();
    const fs::path index = folder / "model.safetensors.index.json";
    std::ofstream(index, std::ios::binary)
        .write(reinterpret_cast<const char*>(data), static_cast<std::streamsize>(size));
    if (const auto found = bitlathe::checkpoint::findTensorFiles(index)) {
        for (const fs::path& file : found->files) {
            const fs::path place = fs::weakly_canonical(file).lexically_relative(fs::canonical(folder));
            if (place.empty() || *place.begin() == "..") {
                std::abort();
            }
        }
        for (const auto& [tensor, number] : found->weightMap) {
            if (number >= found->files.size()) {
                std::abort();
            }
        }
    }
    return 0;
}
