// SPDX-License-Identifier: Apache-2.0
// Checkpoint: an opened model folder.
#include "core/checkpoint/checkpoint.h"

#include "core/base/cache.h"
#include "core/base/file.h"
#include "core/base/hash.h"
#include "core/checkpoint/folderfiles.h"
#include "core/checkpoint/mappedfile.h"
#include "core/checkpoint/safetensors.h"
#include "core/checkpoint/tensorfilename.h"
#include "core/checkpoint/torchfile.h"

#include <algorithm>
#include <mutex>
#include <numeric>
#include <unordered_map>
#include <unordered_set>

namespace bitlathe::checkpoint
{

namespace fs = std::filesystem;

struct Checkpoint::Data
{
    fs::path folder;
    fs::path companionFolder;
    fs::path configFile;
    Json config = Json::object();
    std::vector<fs::path> files;
    std::vector<MappedFile> maps;
    std::vector<TensorEntry> entries;
    Findings findings;
    std::unordered_map<std::string_view, std::size_t> byName; ///< Views of the names in entries.
    std::unordered_map<std::string, StridedTensor> strided;   ///< Tensors out of row-major order, by name.
    std::unordered_map<std::string, PlacedTensor::Make> made; ///< Tensors that no file holds as they are, by name.
    mutable std::mutex gatheredGuard;
    mutable std::unordered_map<std::string, std::vector<std::byte>> gathered; ///< Those that were asked for.
    mutable std::mutex fingerprintGuard;
    mutable std::string fingerprint;

    Result<void> readConfig();
    Result<void> readTensors(const FolderFiles& listed);
    Result<void> addFile(std::size_t number, const FolderFiles& listed, std::unordered_set<std::string>& unknown);
    Result<void> checkIndex(const FolderFiles& listed, const std::unordered_set<std::string>& unknown) const;
    Result<void> makeNames();
    Result<void> addParts(CheckpointParts& parts);
    std::span<const std::byte> bytesOf(const TensorEntry& entry) const;
    TensorView view(const TensorEntry& entry) const;
    void release(const TensorEntry& entry) const;
    std::string identity() const;
    std::string computeFingerprint() const;
};

namespace
{

/// What a tensor file of any kind says.
struct FileHeader
{
    std::vector<TensorEntry> entries;
    std::vector<std::string> unknown;
    std::map<std::string, StridedTensor> strided;
    Findings findings;
};

Result<FileHeader> readHeader(const fs::path& file, std::span<const std::byte> bytes)
{
    const auto name = parseTensorFileName(file.filename().string());
    if (name && name->container == Container::Torch) {
        BITLATHE_TRY(TorchHeader header, parseTorch(bytes, file.string()));
        return FileHeader{std::move(header.entries), {}, std::move(header.strided), std::move(header.findings)};
    }
    BITLATHE_TRY(SafetensorsHeader header, parseSafetensors(bytes, file.string()));
    return FileHeader{std::move(header.entries), std::move(header.unknown), {}, std::move(header.findings)};
}

Failure missing(const fs::path& folder, std::string_view name)
{
    return fail(ErrorCode::TensorMissing, folder.string(), Text(BITLATHE_TEXT("the tensor %1"), name),
                Text(BITLATHE_TEXT("no tensor of that name")),
                Text(BITLATHE_TEXT("Check that config.json and the tensor files belong together")));
}

Failure otherShape(const TensorEntry& entry, const Shape& shape)
{
    return fail(ErrorCode::TensorInvalid, entry.name,
                Text(BITLATHE_TEXT("the shape [%1]"), fmt::format("{}", fmt::join(shape, ", "))),
                Text(BITLATHE_TEXT("[%1]"), fmt::format("{}", fmt::join(entry.shape, ", "))),
                Text(BITLATHE_TEXT("Check that config.json and the tensor files belong together")));
}

} // namespace

Result<void> Checkpoint::Data::readConfig()
{
    const fs::path& file = configFile;
    std::error_code error;
    if (!fs::exists(file, error)) {
        return {};
    }
    BITLATHE_TRY(config, readJson(file));
    if (!config.is_object()) {
        return fail(ErrorCode::ConfigInvalid, file.string(), Text(BITLATHE_TEXT("an object")),
                    Text(BITLATHE_TEXT("another JSON value")),
                    Text(BITLATHE_TEXT("Take the file from the model's original folder")));
    }
    return {};
}

Result<void> Checkpoint::Data::addFile(std::size_t number, const FolderFiles& listed,
                                       std::unordered_set<std::string>& unknown)
{
    BITLATHE_TRY(MappedFile map, MappedFile::open(files[number]));
    BITLATHE_TRY(FileHeader header, readHeader(files[number], map.bytes()));
    maps.push_back(std::move(map));
    findings.insert(findings.end(), header.findings.begin(), header.findings.end());
    unknown.insert(header.unknown.begin(), header.unknown.end());
    for (TensorEntry& entry : header.entries) {
        entry.file = number;
        const auto order = header.strided.find(entry.name);
        if (listed.hasIndex) {
            const auto place = listed.weightMap.find(entry.name);
            const bool isElsewhere = place != listed.weightMap.end() && place->second != number;
            if (isElsewhere || place == listed.weightMap.end()) {
                findings.push_back({Severity::Warning, "tensor-not-in-index", entry.name,
                                    Text(BITLATHE_TEXT("the index does not place this tensor in %1"),
                                         files[number].filename().string()),
                                    Text(BITLATHE_TEXT("Check that all files are of one download"))});
            }
            if (isElsewhere) {
                continue;
            }
        }
        if (order != header.strided.end()) {
            strided.emplace(entry.name, std::move(order->second));
        }
        entries.push_back(std::move(entry));
    }
    return {};
}

Result<void> Checkpoint::Data::checkIndex(const FolderFiles& listed,
                                          const std::unordered_set<std::string>& unknown) const
{
    for (const auto& [name, number] : listed.weightMap) {
        if (!byName.contains(name) && !unknown.contains(name)) {
            return fail(ErrorCode::FileInvalid, files[number].string(),
                        Text(BITLATHE_TEXT("the tensor %1, as the index says"), name),
                        Text(BITLATHE_TEXT("no such tensor in it")),
                        Text(BITLATHE_TEXT("Download the index and the file again")));
        }
    }
    return {};
}

Result<void> Checkpoint::Data::makeNames()
{
    byName.reserve(entries.size());
    for (std::size_t i = 0; i < entries.size(); ++i) {
        const auto [first, isNew] = byName.emplace(entries[i].name, i);
        if (!isNew) {
            return fail(
                ErrorCode::FileInvalid, entries[i].name, Text(BITLATHE_TEXT("a tensor in one file")),
                Text(BITLATHE_TEXT("it in %1 and in %2"), files[entries[first->second].file].filename().string(),
                     files[entries[i].file].filename().string()),
                Text(BITLATHE_TEXT(
                    "Open one of the files instead of the folder, or remove what does not belong to the model")));
        }
    }
    return {};
}

Result<void> Checkpoint::Data::readTensors(const FolderFiles& listed)
{
    std::unordered_set<std::string> unknown;
    files = listed.files;
    findings = listed.findings;
    for (std::size_t number = 0; number < files.size(); ++number) {
        BITLATHE_CHECK(addFile(number, listed, unknown));
    }
    BITLATHE_CHECK(makeNames());
    return checkIndex(listed, unknown);
}

/// Copies what lies out of order when it is first asked for, and keeps the copy: views of it live as long as this.
std::span<const std::byte> Checkpoint::Data::bytesOf(const TensorEntry& entry) const
{
    const auto order = strided.empty() ? strided.end() : strided.find(entry.name);
    if (order == strided.end()) {
        return maps[entry.file].bytes().subspan(entry.offset, entry.bytes);
    }
    const std::lock_guard lock(gatheredGuard);
    const auto [copy, isNew] = gathered.try_emplace(entry.name);
    if (isNew) {
        copy->second = gather(maps[entry.file].bytes(), order->second);
    }
    return copy->second;
}

TensorView Checkpoint::Data::view(const TensorEntry& entry) const
{
    const auto make = made.empty() ? made.end() : made.find(entry.name);
    if (make == made.end()) {
        return {entry.name, entry.dtype, entry.shape, bytesOf(entry)};
    }
    auto owned = std::make_shared<const std::vector<std::byte>>(make->second(maps));
    return {entry.name, entry.dtype, entry.shape, *owned, owned};
}

Result<void> Checkpoint::Data::addParts(CheckpointParts& parts)
{
    for (const CheckpointParts::File& file : parts.files) {
        BITLATHE_TRY(MappedFile map, MappedFile::open(file.path));
        if (map.bytes().size() != file.bytes) {
            return fail(map.bytes().size() < file.bytes ? ErrorCode::FileTruncated : ErrorCode::FileInvalid,
                        file.path.string(),
                        Text(BITLATHE_TEXT("%1 bytes, as %2 says"), file.bytes, configFile.filename().string()),
                        Text(BITLATHE_TEXT("%1 bytes"), map.bytes().size()),
                        Text(BITLATHE_TEXT("Check that all files are of one conversion and complete")));
        }
        maps.push_back(std::move(map));
        files.push_back(file.path);
    }
    for (PlacedTensor& tensor : parts.tensors) {
        if (tensor.make) {
            made.emplace(tensor.entry.name, std::move(tensor.make));
        }
        entries.push_back(std::move(tensor.entry));
    }
    return makeNames();
}

void Checkpoint::Data::release(const TensorEntry& entry) const
{
    if (!strided.contains(entry.name) && !made.contains(entry.name)) {
        maps[entry.file].release(entry.offset, entry.bytes);
    }
}

/// Changes when a file of the checkpoint is replaced, without reading it.
std::string Checkpoint::Data::identity() const
{
    FastHash hash;
    std::vector<fs::path> all = files;
    all.push_back(configFile);
    for (const fs::path& file : all) {
        std::error_code error;
        hash.add(fs::absolute(file, error).string());
        const auto size = fs::file_size(file, error);
        hash.add(error ? std::int64_t{-1} : static_cast<std::int64_t>(size));
        const auto time = fs::last_write_time(file, error);
        hash.add(error ? std::int64_t{-1} : static_cast<std::int64_t>(time.time_since_epoch().count()));
    }
    return hash.digest();
}

/// Goes by name, so that the same tensors in other shards give the same hash.
std::string Checkpoint::Data::computeFingerprint() const
{
    std::vector<std::size_t> order(entries.size());
    std::iota(order.begin(), order.end(), std::size_t{0});
    std::ranges::sort(order, {}, [this](std::size_t i) -> const std::string& { return entries[i].name; });
    FastHash hash;
    hash.add(std::string_view(config.dump()));
    for (const std::size_t i : order) {
        const TensorEntry& entry = entries[i];
        hash.add(std::string_view(entry.name))
            .add(dtypeName(entry.dtype))
            .add(static_cast<std::int64_t>(entry.shape.size()));
        for (const std::int64_t dimension : entry.shape) {
            hash.add(dimension);
        }
        hash.add(view(entry).bytes);
        release(entry);
    }
    return hash.digest();
}

Checkpoint::Checkpoint(std::unique_ptr<Data> data) : m_data(std::move(data)) {}
Checkpoint::~Checkpoint() = default;

Result<std::shared_ptr<const Checkpoint>> Checkpoint::open(const fs::path& folder)
{
    BITLATHE_TRY(const FolderFiles listed, findTensorFiles(folder));
    auto data = std::make_unique<Data>();
    data->folder = listed.folder;
    data->companionFolder = listed.folder;
    data->configFile = listed.folder / "config.json";
    BITLATHE_CHECK(data->readConfig());
    BITLATHE_CHECK(data->readTensors(listed));
    return std::shared_ptr<const Checkpoint>(new Checkpoint(std::move(data)));
}

Result<std::shared_ptr<const Checkpoint>> Checkpoint::assemble(CheckpointParts parts)
{
    auto data = std::make_unique<Data>();
    data->folder = parts.folder;
    data->companionFolder = parts.companionFolder;
    data->configFile = parts.configFile;
    data->config = std::move(parts.config);
    data->findings = std::move(parts.findings);
    BITLATHE_CHECK(data->addParts(parts));
    return std::shared_ptr<const Checkpoint>(new Checkpoint(std::move(data)));
}

const fs::path& Checkpoint::folder() const
{
    return m_data->folder;
}

const fs::path& Checkpoint::companionFolder() const
{
    return m_data->companionFolder;
}

const fs::path& Checkpoint::configFile() const
{
    return m_data->configFile;
}

const Json& Checkpoint::config() const
{
    return m_data->config;
}

const std::vector<fs::path>& Checkpoint::files() const
{
    return m_data->files;
}

const std::vector<TensorEntry>& Checkpoint::entries() const
{
    return m_data->entries;
}

const Findings& Checkpoint::findings() const
{
    return m_data->findings;
}

const TensorEntry* Checkpoint::find(std::string_view name) const
{
    const auto it = m_data->byName.find(name);
    return it == m_data->byName.end() ? nullptr : &m_data->entries[it->second];
}

TensorView Checkpoint::view(const TensorEntry& entry) const
{
    return m_data->view(entry);
}

Result<TensorView> Checkpoint::tensor(std::string_view name) const
{
    const TensorEntry* found = find(name);
    if (found == nullptr) {
        return missing(folder(), name);
    }
    return view(*found);
}

Result<const TensorEntry*> Checkpoint::entry(std::string_view name, const Shape& shape) const
{
    const TensorEntry* found = find(name);
    if (found == nullptr) {
        return missing(folder(), name);
    }
    if (found->shape != shape) {
        return otherShape(*found, shape);
    }
    return found;
}

Result<TensorView> Checkpoint::tensor(std::string_view name, const Shape& shape) const
{
    BITLATHE_TRY(const TensorEntry* found, entry(name, shape));
    return view(*found);
}

void Checkpoint::release(const TensorEntry& entry) const
{
    m_data->release(entry);
}

std::uint64_t Checkpoint::bytesTensors() const
{
    std::uint64_t sum = 0;
    for (const TensorEntry& entry : entries()) {
        sum += entry.bytes;
    }
    return sum;
}

std::string Checkpoint::fingerprint() const
{
    const std::lock_guard lock(m_data->fingerprintGuard);
    if (!m_data->fingerprint.empty()) {
        return m_data->fingerprint;
    }
    constexpr std::size_t kDigits = 32;
    const fs::path kept = cacheFolder() / "fingerprints" / m_data->identity();
    if (auto known = readFile(kept, kDigits); known && known->size() == kDigits) {
        m_data->fingerprint = *std::move(known);
        return m_data->fingerprint;
    }
    m_data->fingerprint = m_data->computeFingerprint();
    // A cache that can't be written only costs the next reader the time of reading every byte.
    std::error_code ignored;
    fs::create_directories(kept.parent_path(), ignored);
    (void)writeFileAtomically(kept, m_data->fingerprint);
    return m_data->fingerprint;
}

} // namespace bitlathe::checkpoint
