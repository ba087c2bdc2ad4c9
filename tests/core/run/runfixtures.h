// SPDX-License-Identifier: Apache-2.0
// What the tests of runs share: recipes of the demo model, damaged copies of it, folders byte by byte.
#pragma once

#include "core/base/file.h"
#include "core/checkpoint/checkpoint.h"
#include "core/plan/recipe.h"

#include <QByteArray>

#include <filesystem>
#include <fstream>
#include <map>
#include <string>

namespace bitlathe::tests
{

inline const std::filesystem::path kDemoModel = std::filesystem::path(BITLATHE_SOURCE_DIR) / "resources/demo/model";
inline const std::filesystem::path kDemoTexts = std::filesystem::path(BITLATHE_SOURCE_DIR) / "resources/demo/text";

/// Caches and history go into the test's own folder.
inline void useOwnFolders(const std::filesystem::path& folder)
{
    qputenv("XDG_CACHE_HOME", QByteArray::fromStdString((folder / "cache").string()));
    qputenv("XDG_DATA_HOME", QByteArray::fromStdString((folder / "data").string()));
}

/// 4 bits of the demo model with a short calibration.
inline plan::Recipe demoRecipe(const std::filesystem::path& out)
{
    plan::Recipe recipe;
    recipe.model = kDemoModel;
    recipe.exportTo.out = out;
    recipe.calibration.data = kDemoTexts / "calibration.jsonl";
    recipe.calibration.samples = {4, 64, 0};
    recipe.compute = model::Compute::F32;
    return recipe;
}

/// All files of an exported folder but the record of the run, which holds times.
inline std::map<std::string, std::string> filesOf(const std::filesystem::path& folder)
{
    std::map<std::string, std::string> files;
    for (const auto& entry : std::filesystem::directory_iterator(folder)) {
        if (entry.path().filename() != "bitlathe-run.json") {
            files[entry.path().filename()] = readFile(entry.path()).value_or("unreadable");
        }
    }
    return files;
}

/// A copy of the demo model whose tensor of this name has a NaN at its element.
inline void writeModelWithNan(const std::filesystem::path& folder, const std::string& tensor, std::uint64_t element)
{
    std::filesystem::copy(kDemoModel, folder);
    const auto opened = checkpoint::Checkpoint::open(folder);
    const checkpoint::TensorEntry entry = *(*opened)->find(tensor);
    std::fstream file((*opened)->files()[entry.file], std::ios::in | std::ios::out | std::ios::binary);
    file.seekp(static_cast<std::streamoff>(entry.offset + 2 * element));
    file.write("\xc0\x7f", 2); // A bf16 NaN.
}

} // namespace bitlathe::tests
