// SPDX-License-Identifier: Apache-2.0
// The ZIP container of torch.save: data.pkl describes the tensors, data/KEY holds the bytes of a storage.
#include "core/checkpoint/torchfile.h"

#include "core/base/size.h"
#include "core/checkpoint/shownname.h"
#include "core/checkpoint/torchnames.h"
#include "core/checkpoint/zipdirectory.h"

#include <string_view>

namespace bitlathe::checkpoint
{

namespace
{

constexpr std::string_view kPickle = "data.pkl";

using Entries = std::map<std::string, ZipEntry>;

/// The folder in which all entries lie, with a slash at its end: that of data.pkl.
Result<std::string> folderOf(const Entries& entries, const std::string& subject)
{
    for (const auto& [name, place] : entries) {
        const std::size_t slash = name.find('/');
        if (slash != std::string::npos && name.substr(slash + 1) == kPickle) {
            return name.substr(0, slash + 1);
        }
    }
    return fail(ErrorCode::FileInvalid, subject, Text(BITLATHE_TEXT("a file that torch.save wrote, with a data.pkl")),
                Text(BITLATHE_TEXT("a ZIP file without one")), Text(BITLATHE_TEXT("Choose the folder of a model")));
}

std::string_view textOf(std::span<const std::byte> file, const Entries& entries, const std::string& name)
{
    const auto found = entries.find(name);
    return found == entries.end() ? std::string_view()
                                  : std::string_view(reinterpret_cast<const char*>(file.data()) + found->second.offset,
                                                     found->second.bytes);
}

Result<void> checkKind(std::span<const std::byte> file, const Entries& entries, const std::string& folder,
                       const std::string& subject)
{
    if (entries.contains(folder + "constants.pkl")) {
        return fail(ErrorCode::NotSupported, subject, Text(BITLATHE_TEXT("tensors alone")),
                    Text(BITLATHE_TEXT("a TorchScript program")),
                    Text(BITLATHE_TEXT("Download the safetensors version of this model")));
    }
    if (textOf(file, entries, folder + "byteorder") == "big") {
        return fail(ErrorCode::NotSupported, subject, Text(BITLATHE_TEXT("tensors with the low byte first")),
                    Text(BITLATHE_TEXT("the high byte first (byteorder big)")),
                    Text(BITLATHE_TEXT("Save the model again as safetensors")));
    }
    return {};
}

Result<StoragePlaces> findStorages(const TorchState& state, const Entries& entries, const std::string& folder,
                                   const std::string& subject)
{
    StoragePlaces places;
    for (const auto& [key, storage] : state.storages) {
        const std::string name = folder + "data/" + key;
        const auto found = entries.find(name);
        const auto bytes = checkedMultiply(storage.elements, storage.bytesElement);
        const std::uint64_t have = found == entries.end() ? 0 : found->second.bytes;
        if (found == entries.end() || !bytes || *bytes > have) {
            return fail(ErrorCode::FileInvalid, subject,
                        Text(BITLATHE_TEXT("an entry with %1 elements of %2 bytes for the storage %3"),
                             storage.elements, storage.bytesElement, shownName(key)),
                        found == entries.end() ? Text(BITLATHE_TEXT("none")) : Text(BITLATHE_TEXT("%1 bytes"), have),
                        Text(BITLATHE_TEXT("Download the file again")));
        }
        places.emplace(key, StoragePlace{found->second.offset, have});
    }
    return places;
}

} // namespace

Result<TorchHeader> parseTorchZip(std::span<const std::byte> file, const std::string& subject)
{
    BITLATHE_TRY(const Entries entries, readZipDirectory(file, subject));
    BITLATHE_TRY(const std::string folder, folderOf(entries, subject));
    BITLATHE_CHECK(checkKind(file, entries, folder, subject));
    const ZipEntry& pickled = entries.at(folder + std::string(kPickle));
    BITLATHE_TRY(const Pickle pickle, readPickle(file.subspan(pickled.offset, pickled.bytes),
                                                 subject + ": " + std::string(kPickle), isTorchName));
    BITLATHE_TRY(TorchState state, readTorchState(pickle, nullptr, subject));
    BITLATHE_TRY(const StoragePlaces places, findStorages(state, entries, folder, subject));
    return placeTensors(std::move(state), places, file.size(), subject);
}

} // namespace bitlathe::checkpoint
