// SPDX-License-Identifier: Apache-2.0
// The container of torch.save before PyTorch 1.6: five pickles (mark, version, machine, tensors, keys), then for each
// key the number of its elements and their bytes.
#include "core/checkpoint/torchfile.h"

#include "core/base/size.h"
#include "core/checkpoint/shownname.h"
#include "core/checkpoint/torchnames.h"

#include <cstring>
#include <string_view>

namespace bitlathe::checkpoint
{

namespace
{

/// 0x1950a86a20f9469cfc6c, the lowest byte first.
constexpr std::string_view kMark = "\x6c\xfc\x9c\x46\xf9\x20\x6a\xa8\x50\x19";
constexpr std::int64_t kVersion = 1001;

class SequenceReader
{
public:
    SequenceReader(std::span<const std::byte> file, const std::string& subject) : m_file(file), m_subject(subject) {}

    Result<TorchHeader> read();

private:
    Result<Pickle> next(const std::string& part);
    Result<void> checkBegin();
    Result<StoragePlaces> findStorages(const PickleValue& keys, const TorchState& state);
    Result<StoragePlace> takeStorage(const std::string& key, const TorchStorage& storage);
    Failure invalid(Text expected, Text found) const;

    std::span<const std::byte> m_file;
    const std::string& m_subject;
    std::size_t m_position = 0;
};

Failure SequenceReader::invalid(Text expected, Text found) const
{
    return fail(ErrorCode::FileInvalid, m_subject, std::move(expected), std::move(found),
                Text(BITLATHE_TEXT("Download the file again")));
}

Result<Pickle> SequenceReader::next(const std::string& part)
{
    BITLATHE_TRY(Pickle pickle, readPickle(m_file.subspan(m_position), m_subject + ": " + part, isTorchName));
    m_position += pickle.bytes;
    return pickle;
}

Result<void> SequenceReader::checkBegin()
{
    BITLATHE_TRY(const Pickle mark, next("mark"));
    if (mark.root->kind != PickleKind::LongInteger || mark.root->text != kMark) {
        return invalid(Text(BITLATHE_TEXT("the mark of torch.save")), Text(BITLATHE_TEXT("another pickle")));
    }
    BITLATHE_TRY(const Pickle version, next("version"));
    if (version.root->kind != PickleKind::Integer || version.root->integer != kVersion) {
        return invalid(Text(BITLATHE_TEXT("version %1 of torch.save"), kVersion),
                       Text(BITLATHE_TEXT("another version")));
    }
    BITLATHE_TRY(const Pickle machine, next("machine"));
    const auto& facts = machine.root->items;
    for (std::size_t i = 0; machine.root->kind == PickleKind::Dict && i + 1 < facts.size(); i += 2) {
        if (facts[i]->text == "little_endian" && facts[i + 1]->kind == PickleKind::Bool && facts[i + 1]->integer == 0) {
            return fail(ErrorCode::NotSupported, m_subject, Text(BITLATHE_TEXT("tensors with the low byte first")),
                        Text(BITLATHE_TEXT("the high byte first (little_endian False)")),
                        Text(BITLATHE_TEXT("Save the model again as safetensors")));
        }
    }
    return {};
}

Result<StoragePlace> SequenceReader::takeStorage(const std::string& key, const TorchStorage& storage)
{
    std::uint64_t elements = 0;
    const auto bytes = checkedMultiply(storage.elements, storage.bytesElement);
    const std::uint64_t rest = m_file.size() - m_position;
    if (!bytes || rest < sizeof elements || *bytes > rest - sizeof elements) {
        return fail(ErrorCode::FileTruncated, m_subject,
                    Text(BITLATHE_TEXT("%1 elements of %2 bytes for the storage %3"), storage.elements,
                         storage.bytesElement, shownName(key)),
                    Text(BITLATHE_TEXT("%1 bytes"), rest),
                    Text(BITLATHE_TEXT("The download did not end; download the file again")));
    }
    std::memcpy(&elements, m_file.data() + m_position, sizeof elements);
    if (elements != storage.elements) {
        return invalid(Text(BITLATHE_TEXT("%1 elements of the storage %2 at byte %3"), storage.elements, shownName(key),
                            m_position),
                       Text(BITLATHE_TEXT("%1"), elements));
    }
    const StoragePlace place{m_position + sizeof elements, *bytes};
    m_position = place.offset + place.bytes;
    return place;
}

Result<StoragePlaces> SequenceReader::findStorages(const PickleValue& keys, const TorchState& state)
{
    if (keys.kind != PickleKind::List) {
        return invalid(Text(BITLATHE_TEXT("a list of storages behind the tensors")),
                       Text(BITLATHE_TEXT("another value")));
    }
    StoragePlaces places;
    for (const PickleValue* item : keys.items) {
        const std::string key = torchKey(*item);
        const auto storage = state.storages.find(key);
        if (storage == state.storages.end() || places.contains(key)) {
            return invalid(Text(BITLATHE_TEXT("each storage of the tensors once")),
                           Text(BITLATHE_TEXT("the storage %1"), shownName(key)));
        }
        BITLATHE_TRY(const StoragePlace place, takeStorage(key, storage->second));
        places.emplace(key, place);
    }
    return places;
}

Result<TorchHeader> SequenceReader::read()
{
    BITLATHE_CHECK(checkBegin());
    BITLATHE_TRY(const Pickle tensors, next("tensors"));
    BITLATHE_TRY(TorchState state, readTorchState(tensors, nullptr, m_subject));
    BITLATHE_TRY(const Pickle keys, next("storages"));
    BITLATHE_TRY(const StoragePlaces places, findStorages(*keys.root, state));
    return placeTensors(std::move(state), places, m_file.size(), m_subject);
}

} // namespace

Result<TorchHeader> parseTorchSequence(std::span<const std::byte> file, const std::string& subject)
{
    return SequenceReader(file, subject).read();
}

} // namespace bitlathe::checkpoint
