// SPDX-License-Identifier: Apache-2.0
// Which files of a model folder hold its tensors.
#include "core/checkpoint/folderfiles.h"

#include "core/base/file.h"
#include "core/base/json.h"
#include "core/checkpoint/checkpoint.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <charconv>
#include <optional>
#include <set>

namespace bitlathe::checkpoint
{

namespace fs = std::filesystem;

namespace
{

constexpr std::string_view kIndexEnding = ".safetensors.index.json";
constexpr std::string_view kTensorsEnding = ".safetensors";

/// Names of the regular files directly in a folder, sorted.
Result<std::vector<std::string>> fileNames(const fs::path& folder)
{
    std::vector<std::string> names;
    std::error_code error;
    for (fs::directory_iterator it(folder, error), end; !error && it != end; it.increment(error)) {
        std::error_code ignored;
        if (it->is_regular_file(ignored)) {
            names.push_back(it->path().filename().string());
        }
    }
    if (error) {
        return Failure(readError(folder, error.value()));
    }
    std::ranges::sort(names);
    return names;
}

Failure badIndex(const fs::path& index, Text expected, Text found)
{
    return fail(ErrorCode::FileInvalid, index.string(), std::move(expected), std::move(found),
                Text(BITLATHE_TEXT("Take the file from the model's original folder")));
}

/// A name of an index must stay below its folder, whatever it says.
bool staysInside(const std::string& name)
{
    const fs::path path(name);
    const fs::path plain = path.lexically_normal();
    return !name.empty() && name.find('\0') == std::string::npos && path.is_relative() && !plain.empty() &&
           *plain.begin() != ".." && plain.has_filename() && plain != ".";
}

Result<FolderFiles> readIndex(const fs::path& index)
{
    BITLATHE_TRY(const Json json, readJson(index));
    const auto map = json.is_object() ? json.find("weight_map") : json.end();
    if (!json.is_object() || map == json.end() || !map->is_object() || map->empty()) {
        return badIndex(index, Text(BITLATHE_TEXT("an object weight_map")), Text(BITLATHE_TEXT("none")));
    }
    std::set<std::string> names;
    for (const auto& [tensor, file] : map->items()) {
        if (!file.is_string() || !staysInside(file.get_ref<const std::string&>())) {
            return badIndex(index, Text(BITLATHE_TEXT("a file of this folder for the tensor %1"), tensor),
                            Text(BITLATHE_TEXT("%1"), file.dump(-1, ' ', true, Json::error_handler_t::replace)));
        }
        names.insert(file.get<std::string>());
    }
    FolderFiles found;
    found.folder = index.parent_path();
    found.hasIndex = true;
    std::unordered_map<std::string, std::size_t> numbers;
    for (const std::string& name : names) {
        const fs::path file = found.folder / name;
        std::error_code error;
        if (!fs::exists(file, error)) {
            return fail(ErrorCode::FileMissing, file.string(),
                        Text(BITLATHE_TEXT("a file that %1 lists"), index.filename().string()),
                        Text(BITLATHE_TEXT("nothing of that name")),
                        Text(BITLATHE_TEXT("Download the missing file into this folder")));
        }
        numbers.emplace(name, found.files.size());
        found.files.push_back(file);
    }
    for (const auto& [tensor, file] : map->items()) {
        found.weightMap.emplace(tensor, numbers.at(file.get_ref<const std::string&>()));
    }
    return found;
}

/// The total of a name such as model-00002-of-00005.safetensors.
std::optional<unsigned> shardTotal(std::string_view name)
{
    name.remove_suffix(kTensorsEnding.size());
    const std::size_t at = name.rfind("-of-");
    if (at == std::string_view::npos) {
        return std::nullopt;
    }
    name.remove_prefix(at + 4);
    unsigned total = 0;
    const auto [end, error] = std::from_chars(name.data(), name.data() + name.size(), total);
    return error == std::errc() && end == name.data() + name.size() ? std::optional(total) : std::nullopt;
}

/// Without an index the names of the shards still say how many there must be.
Result<void> checkShardCount(const fs::path& folder, const std::vector<std::string>& names)
{
    for (const std::string& name : names) {
        const auto total = shardTotal(name);
        const auto have =
            std::ranges::count_if(names, [&](const std::string& other) { return shardTotal(other) == total; });
        if (total && static_cast<std::uint64_t>(have) < *total) {
            return fail(ErrorCode::FileMissing, folder.string(),
                        Text(BITLATHE_TEXT("%1 files as %2 says"), *total, name), Text(BITLATHE_TEXT("%1"), have),
                        Text(BITLATHE_TEXT("Download the missing files into this folder")));
        }
    }
    return {};
}

Result<FolderFiles> nothingFound(const fs::path& folder, const std::vector<std::string>& names)
{
    constexpr std::array<std::string_view, 5> kOthers{".bin", ".pt", ".pth", ".gguf", ".ckpt"};
    for (const std::string& name : names) {
        if (std::ranges::any_of(kOthers, [&name](std::string_view ending) { return name.ends_with(ending); })) {
            return fail(ErrorCode::NotSupported, folder.string(), Text(BITLATHE_TEXT("tensors in .safetensors files")),
                        Text(BITLATHE_TEXT("%1"), name),
                        Text(BITLATHE_TEXT("Download the safetensors version of this model")));
        }
    }
    return fail(ErrorCode::FileMissing, folder.string(), Text(BITLATHE_TEXT("a model folder with .safetensors files")),
                Text(BITLATHE_TEXT("none")),
                Text(BITLATHE_TEXT("Choose the folder that holds config.json and model.safetensors")));
}

Result<FolderFiles> searchFolder(const fs::path& folder)
{
    BITLATHE_TRY(const std::vector<std::string> names, fileNames(folder));
    const auto has = [&names](const char* name) { return std::ranges::binary_search(names, name); };
    if (has("model.safetensors.index.json")) {
        return readIndex(folder / "model.safetensors.index.json");
    }
    if (has("model.safetensors")) {
        return FolderFiles{folder, {folder / "model.safetensors"}, false, {}};
    }
    std::vector<std::string> tensors;
    for (const std::string& name : names) {
        if (name.ends_with(kIndexEnding)) {
            return readIndex(folder / name);
        }
        if (name.ends_with(kTensorsEnding)) {
            tensors.push_back(name);
        }
    }
    if (tensors.empty()) {
        return nothingFound(folder, names);
    }
    BITLATHE_CHECK(checkShardCount(folder, tensors));
    FolderFiles found{folder, {}, false, {}};
    for (const std::string& name : tensors) {
        found.files.push_back(folder / name);
    }
    return found;
}

/// A single file; a shard that an index beside it lists stands for the whole model.
Result<FolderFiles> openFile(const fs::path& file)
{
    const fs::path folder = file.has_parent_path() ? file.parent_path() : fs::path(".");
    const fs::path index = folder / "model.safetensors.index.json";
    std::error_code error;
    if (shardTotal(file.filename().string()) && fs::exists(index, error)) {
        BITLATHE_TRY(FolderFiles listed, readIndex(index));
        if (std::ranges::find(listed.files, folder / file.filename()) != listed.files.end()) {
            return listed;
        }
    }
    return FolderFiles{folder, {file}, false, {}};
}

} // namespace

Result<FolderFiles> findTensorFiles(const fs::path& path)
{
    std::error_code error;
    const fs::file_status status = fs::status(path, error);
    if (!fs::exists(status)) {
        return Failure(readError(path, error ? error.value() : ENOENT));
    }
    if (fs::is_directory(status)) {
        return searchFolder(path);
    }
    const std::string name = path.filename().string();
    if (name.ends_with(kIndexEnding)) {
        BITLATHE_TRY(FolderFiles found, readIndex(path));
        found.folder = path.has_parent_path() ? path.parent_path() : fs::path(".");
        return found;
    }
    if (name.ends_with(kTensorsEnding)) {
        return openFile(path);
    }
    return fail(ErrorCode::NotSupported, path.string(), Text(BITLATHE_TEXT("a model folder or a .safetensors file")),
                Text(BITLATHE_TEXT("a file of another kind")),
                Text(BITLATHE_TEXT("Choose the folder that holds config.json")));
}

std::vector<fs::path> companionFiles(const fs::path& folder)
{
    // Named by what they are: a folder may also hold another tool's settings, which would be wrong beside new weights.
    constexpr std::array<std::string_view, 10> kBeginnings{"tokenizer",    "tokenization_",     "special_tokens_map",
                                                           "added_tokens", "generation_config", "chat_template",
                                                           "LICENSE",      "LICENCE",           "NOTICE",
                                                           "USE_POLICY"};
    constexpr std::array<std::string_view, 3> kEndings{".tiktoken", ".py", "spiece.model"};
    constexpr std::array<std::string_view, 5> kNames{"vocab.json", "vocab.txt", "merges.txt",
                                                     "preprocessor_config.json", "processor_config.json"};
    std::vector<fs::path> files;
    for (const std::string& name : fileNames(folder).value_or(std::vector<std::string>())) {
        const bool travels =
            std::ranges::any_of(kBeginnings, [&name](std::string_view part) { return name.starts_with(part); }) ||
            std::ranges::any_of(kEndings, [&name](std::string_view part) { return name.ends_with(part); }) ||
            std::ranges::find(kNames, name) != kNames.end();
        if (travels) {
            files.push_back(folder / name);
        }
    }
    return files;
}

} // namespace bitlathe::checkpoint
