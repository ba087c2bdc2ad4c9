// SPDX-License-Identifier: Apache-2.0
// Which files of a model folder hold its tensors.
#include "core/checkpoint/folderfiles.h"

#include "core/base/file.h"
#include "core/base/json.h"
#include "core/checkpoint/checkpoint.h"
#include "core/checkpoint/tensorfilename.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <functional>
#include <iterator>
#include <set>

namespace bitlathe::checkpoint
{

namespace fs = std::filesystem;

namespace
{

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

/// A file of a folder and what its name says.
struct Listed
{
    std::string name;
    TensorFileName facts;
};
using Listing = std::vector<Listed>;

Listing keep(const Listing& all, const std::function<bool(const TensorFileName&)>& isKept)
{
    Listing kept;
    std::ranges::copy_if(all, std::back_inserter(kept), [&](const Listed& item) { return isKept(item.facts); });
    return kept;
}

/// Without an index the names of the shards still say how many there must be.
Result<void> checkShardCount(const fs::path& folder, const Listing& files)
{
    for (const Listed& file : files) {
        const auto total = file.facts.shards;
        const auto have =
            std::ranges::count_if(files, [&](const Listed& other) { return other.facts.shards == total; });
        if (total && static_cast<std::uint64_t>(have) < *total) {
            return fail(ErrorCode::FileMissing, folder.string(),
                        Text(BITLATHE_TEXT("%1 files as %2 says"), *total, file.name), Text(BITLATHE_TEXT("%1"), have),
                        Text(BITLATHE_TEXT("Download the missing files into this folder")));
        }
    }
    return {};
}

Result<FolderFiles> nothingFound(const fs::path& folder, const std::vector<std::string>& names)
{
    constexpr std::array<std::string_view, 4> kOthers{".gguf", ".h5", ".msgpack", ".onnx"};
    for (const std::string& name : names) {
        if (std::ranges::any_of(kOthers, [&name](std::string_view ending) { return name.ends_with(ending); })) {
            return fail(ErrorCode::NotSupported, folder.string(),
                        Text(BITLATHE_TEXT("tensors in .safetensors or pytorch_model.bin files")),
                        Text(BITLATHE_TEXT("%1"), name),
                        Text(BITLATHE_TEXT("Download the safetensors version of this model")));
        }
    }
    return fail(ErrorCode::FileMissing, folder.string(), Text(BITLATHE_TEXT("a model folder with .safetensors files")),
                Text(BITLATHE_TEXT("none")),
                Text(BITLATHE_TEXT("Choose the folder that holds config.json and model.safetensors")));
}

/// PyTorch's files have no name of their own kind: several that are no shards of one model are not put together.
Result<Listing> oneModel(const fs::path& folder, const Listing& files)
{
    const Listing shards = keep(files, [](const TensorFileName& name) { return name.shards.has_value(); });
    if (!shards.empty()) {
        return shards;
    }
    const Listing parts = keep(files, [](const TensorFileName& name) { return name.stem.starts_with("consolidated"); });
    if (!parts.empty() || files.size() == 1) {
        return parts.empty() ? files : parts;
    }
    return fail(ErrorCode::NotSupported, folder.string(),
                Text(BITLATHE_TEXT("pytorch_model.bin or one file of its kind")),
                Text(BITLATHE_TEXT("%1 files: %2, %3, ..."), files.size(), files[0].name, files[1].name),
                Text(BITLATHE_TEXT("Open the file that holds the model")));
}

/// The model among files of one kind and one precision; files is not empty.
Result<FolderFiles> chooseAmong(const fs::path& folder, const Listing& files)
{
    const Container container = files.front().facts.container;
    const std::string_view mainStem = container == Container::Safetensors ? "model" : "pytorch_model";
    for (const bool isMain : {true, false}) {
        for (const bool isIndex : {true, false}) {
            const Listing found = keep(files, [&](const TensorFileName& name) {
                const bool fits = isIndex || !isMain || (!name.shards && name.ending != ".pt" && name.ending != ".pth");
                return name.isIndex == isIndex && (!isMain || name.stem == mainStem) && fits;
            });
            if (found.empty()) {
                continue;
            }
            if (isIndex) {
                return readIndex(folder / found.front().name);
            }
            Listing model = found;
            if (!isMain && container == Container::Torch) {
                BITLATHE_TRY(model, oneModel(folder, found));
            }
            BITLATHE_CHECK(isMain ? Result<void>() : checkShardCount(folder, model));
            FolderFiles chosen;
            chosen.folder = folder;
            for (const Listed& file : model) {
                chosen.files.push_back(folder / file.name);
            }
            return chosen;
        }
    }
    return nothingFound(folder, {});
}

/// The files from which a model is chosen: safetensors before PyTorch's, without a named precision before wide and
/// narrow ones.
Listing bestKind(const Listing& all)
{
    constexpr std::array<std::string_view, 10> kOrder{"",         "fp32", "f32", "float32", "bf16",
                                                      "bfloat16", "fp16", "f16", "float16", "fp8"};
    for (const Container container : {Container::Safetensors, Container::Torch}) {
        for (const std::string_view precision : kOrder) {
            Listing found = keep(all, [&](const TensorFileName& name) {
                return name.container == container && name.precision == precision;
            });
            if (!found.empty()) {
                return found;
            }
        }
    }
    return {};
}

/// Other tensors, such as logits or an adapter, may lie beside a model without a word.
bool isNamedAsModel(std::string_view stem)
{
    return stem.starts_with("model") || stem.starts_with("pytorch_model") || stem.starts_with("consolidated");
}

/// What the user should know of the files that are not read.
void noteOthers(const Listing& all, FolderFiles& chosen)
{
    const auto isRead = [&chosen](const Listed& file) {
        return std::ranges::find(chosen.files, chosen.folder / file.name) != chosen.files.end();
    };
    const auto read = std::ranges::find_if(all, isRead);
    if (read == all.end()) {
        return;
    }
    std::vector<std::string> containers;
    std::vector<std::string> precisions;
    std::vector<std::string> others;
    for (const Listed& file : all) {
        if (file.facts.isIndex || isRead(file)) {
            continue;
        }
        const bool isSameContainer = file.facts.container == read->facts.container;
        const bool isSamePrecision = file.facts.precision == read->facts.precision;
        if (!isSameContainer) {
            containers.push_back(file.name);
        } else if (!isSamePrecision) {
            precisions.push_back(file.name);
        } else if (isNamedAsModel(file.facts.stem)) {
            others.push_back(file.name);
        }
    }
    const auto note = [&](const char* code, const std::vector<std::string>& names, const char* sentence) {
        if (!names.empty()) {
            chosen.findings.push_back({Severity::Note, code, chosen.folder.string(),
                                       Text(sentence, read->name, fmt::format("{}", fmt::join(names, ", "))),
                                       Text(BITLATHE_TEXT("To use another file, open it instead of the folder"))});
        }
    };
    note("other-container", containers, BITLATHE_TEXT("%1 is read; files of PyTorch beside it are left aside: %2"));
    note("other-precision", precisions, BITLATHE_TEXT("%1 is read; files of other precisions are left aside: %2"));
    note("other-files", others, BITLATHE_TEXT("%1 is read; more tensor files are left aside: %2"));
}

Result<FolderFiles> searchFolder(const fs::path& folder)
{
    BITLATHE_TRY(const std::vector<std::string> names, fileNames(folder));
    Listing all;
    for (const std::string& name : names) {
        if (auto facts = parseTensorFileName(name)) {
            all.push_back({name, std::move(*facts)});
        }
    }
    const Listing candidates = bestKind(all);
    if (candidates.empty()) {
        return nothingFound(folder, names);
    }
    BITLATHE_TRY(FolderFiles chosen, chooseAmong(folder, candidates));
    noteOthers(all, chosen);
    return chosen;
}

/// A single file; a shard that an index beside it lists stands for the whole model.
Result<FolderFiles> openFile(const fs::path& file, const TensorFileName& name)
{
    const fs::path folder = file.has_parent_path() ? file.parent_path() : fs::path(".");
    const fs::path index = folder / (name.stem + name.ending + ".index.json");
    std::error_code error;
    if (name.shards && fs::exists(index, error)) {
        BITLATHE_TRY(FolderFiles listed, readIndex(index));
        if (std::ranges::find(listed.files, folder / file.filename()) != listed.files.end()) {
            return listed;
        }
    }
    return FolderFiles{folder, {file}, false, {}, {}};
}

/// A link may lead within its folder, to a blob of the hub's cache, or to the file of its name of another model.
Result<void> checkLink(const fs::path& file)
{
    std::error_code error;
    if (!fs::is_symlink(fs::symlink_status(file, error))) {
        return {};
    }
    const fs::path target = fs::canonical(file, error);
    const fs::path folder = fs::canonical(file.parent_path(), error);
    const fs::path below = target.lexically_relative(folder);
    const bool isInside = !below.empty() && *below.begin() != "..";
    const bool isOfModel = target.filename() == file.filename() && fs::exists(target.parent_path() / "config.json", error);
    if (!error && (isInside || isOfModel || target.parent_path().filename() == "blobs")) {
        return {};
    }
    return fail(ErrorCode::FileInvalid, file.string(), Text(BITLATHE_TEXT("a file of this folder")),
                Text(BITLATHE_TEXT("a link to %1"), target.string()),
                Text(BITLATHE_TEXT("Remove the link, or put the file itself in its place")));
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
    const auto name = parseTensorFileName(path.filename().string());
    if (name && name->isIndex) {
        BITLATHE_TRY(FolderFiles found, readIndex(path));
        found.folder = path.has_parent_path() ? path.parent_path() : fs::path(".");
        return found;
    }
    if (name) {
        return openFile(path, *name);
    }
    return fail(ErrorCode::NotSupported, path.string(),
                Text(BITLATHE_TEXT("a model folder or a .safetensors or pytorch_model.bin file")),
                Text(BITLATHE_TEXT("a file of another kind")),
                Text(BITLATHE_TEXT("Choose the folder that holds config.json")));
}

Result<std::vector<fs::path>> companionFiles(const fs::path& folder)
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
            BITLATHE_CHECK(checkLink(folder / name));
            files.push_back(folder / name);
        }
    }
    return files;
}

} // namespace bitlathe::checkpoint
