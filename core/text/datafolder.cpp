// SPDX-License-Identifier: Apache-2.0
// Text sets by name: wikitext, c4 and others, found in a folder for data.
#include "core/text/datafolder.h"

#include <algorithm>
#include <array>
#include <cstdlib>
#include <mutex>

namespace bitlathe::text
{

namespace fs = std::filesystem;

namespace
{

constexpr std::array<std::string_view, 6> kNames{"wikitext", "alpaca", "c4", "custom", "ptb", "pileval"};
constexpr std::array<std::string_view, 5> kKinds{".txt", ".jsonl", ".json", ".csv", ".arrow"};

std::mutex& folderMutex()
{
    static std::mutex mutex;
    return mutex;
}

fs::path& chosenFolder()
{
    static fs::path folder;
    return folder;
}

std::vector<fs::path> foldersToLookIn(const fs::path& modelFolder)
{
    std::vector<fs::path> folders;
    {
        const std::scoped_lock lock(folderMutex());
        if (!chosenFolder().empty()) {
            folders.push_back(chosenFolder());
        }
    }
    if (const char* given = std::getenv("BITLATHE_DATA"); given != nullptr && *given != '\0') {
        folders.emplace_back(given);
    }
    folders.emplace_back("data");
    if (!modelFolder.empty()) {
        const fs::path whole = fs::absolute(modelFolder).lexically_normal();
        const fs::path model = whole.has_filename() ? whole : whole.parent_path(); // "dir/" and "dir" are one.
        folders.push_back(model.parent_path() / "data");
    }
    return folders;
}

bool isText(const fs::path& file)
{
    fs::path name = file.filename();
    if (name.extension() == ".gz" || name.extension() == ".zst") {
        name.replace_extension();
    }
    return std::find(kKinds.begin(), kKinds.end(), name.extension().string()) != kKinds.end();
}

/// Of the entries that begin with the name: the one of exactly that name, else the one for training, else the first.
/// Folders and files both; the evaluation's own splits are no calibration text.
fs::path bestIn(const fs::path& folder, std::string_view preset)
{
    std::vector<fs::path> found;
    std::error_code error;
    for (fs::directory_iterator it(folder, error), end; !error && it != end; it.increment(error)) {
        std::error_code ignored;
        const std::string name = it->path().filename().string();
        if (name.starts_with(preset) && (it->is_directory(ignored) || isText(it->path()))) {
            found.push_back(it->path());
        }
    }
    if (found.empty()) {
        return {};
    }
    std::sort(found.begin(), found.end());
    const auto isExact = [preset](const fs::path& path) {
        const std::string name = path.filename().string();
        return name == preset || name.find('.') == preset.size();
    };
    const auto isTraining = [](const fs::path& path) {
        return path.filename().string().find("train") != std::string::npos;
    };
    auto best = std::find_if(found.begin(), found.end(), isExact);
    best = best == found.end() ? std::find_if(found.begin(), found.end(), isTraining) : best;
    return best == found.end() ? found.front() : *best;
}

/// A folder of splits: the one for training, where there is one.
fs::path trainingSplit(const fs::path& path)
{
    std::error_code error;
    if (!fs::is_directory(path, error)) {
        return path;
    }
    std::vector<fs::path> splits;
    for (fs::directory_iterator it(path, error), end; !error && it != end; it.increment(error)) {
        const bool isTraining = it->path().filename().string().find("train") != std::string::npos;
        if (isTraining && isText(it->path())) {
            splits.push_back(it->path());
        }
    }
    return splits.size() == 1 ? splits.front() : path;
}

} // namespace

std::vector<std::string_view> presetNames()
{
    return {kNames.begin(), kNames.end()};
}

void setDataFolder(fs::path folder)
{
    const std::scoped_lock lock(folderMutex());
    chosenFolder() = std::move(folder);
}

Result<std::string> resolvePreset(const std::string& spec, const fs::path& modelFolder)
{
    std::error_code ignored;
    const std::size_t mark = spec.rfind('#');
    const std::string name = spec.substr(0, mark);
    const std::string field = mark == std::string::npos ? std::string() : spec.substr(mark);
    if (std::find(kNames.begin(), kNames.end(), name) == kNames.end() || fs::exists(name, ignored)) {
        return spec;
    }
    std::string looked;
    for (const fs::path& folder : foldersToLookIn(modelFolder)) {
        if (const fs::path best = bestIn(folder, name); !best.empty()) {
            return trainingSplit(best).string() + field;
        }
        looked += (looked.empty() ? "" : ", ") + folder.string();
    }
    return fail(ErrorCode::FileMissing, spec, Text(BITLATHE_TEXT("a text file or folder whose name begins so")),
                Text(BITLATHE_TEXT("none in %1"), looked),
                Text(BITLATHE_TEXT("Name the folder with --data-dir or BITLATHE_DATA, or give the path of a file")));
}

} // namespace bitlathe::text
