// SPDX-License-Identifier: Apache-2.0
// What the tests of runs share: recipes of the demo model, damaged copies of it, folders byte by byte.
#pragma once

#include "core/base/file.h"
#include "core/checkpoint/checkpoint.h"
#include "core/plan/plan.h"
#include "core/run/modelcard.h"
#include "core/run/runner.h"

#include <QByteArray>

#include <filesystem>
#include <fstream>
#include <map>
#include <stop_token>
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

/// A TurboMind workspace of a model for two ranks, asymmetric codes of 4 bits.
inline plan::Recipe workspaceRecipe(const std::filesystem::path& model, const std::filesystem::path& out)
{
    plan::Recipe recipe;
    recipe.model = model;
    recipe.method = "rtn";
    recipe.scheme.symmetric = false;
    recipe.exportTo.format = "turbomind";
    recipe.exportTo.out = out;
    recipe.exportTo.workspace.tensorParallel = 2;
    return recipe;
}

inline Result<run::RunResult> runRecipe(const plan::Recipe& recipe, const run::RunOptions& options = {false, false},
                                        const run::RunObserver& observer = {}, const WorkContext& work = {})
{
    BITLATHE_TRY(const plan::Plan plan, plan::makePlan(recipe));
    return run::runPlan(plan, options, observer, work);
}

/// Runs until so many layers are done, then stops.
inline Result<run::RunResult> runAndStop(const plan::Recipe& recipe, int layers, bool resume = false)
{
    std::stop_source stop;
    int done = 0;
    run::RunObserver observer;
    observer.onLayer = [&](const run::LayerRecord&) {
        if (++done == layers) {
            stop.request_stop();
        }
    };
    return runRecipe(recipe, {resume, false}, observer, {{}, stop.get_token()});
}

/// All files of an exported folder but the records of the run, which hold times and settings.
inline std::map<std::string, std::string> filesOf(const std::filesystem::path& folder)
{
    std::map<std::string, std::string> files;
    for (const auto& entry : std::filesystem::directory_iterator(folder)) {
        if (entry.path().filename() != "bitlathe-run.json" && entry.path().filename() != run::kModelCardFile) {
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
