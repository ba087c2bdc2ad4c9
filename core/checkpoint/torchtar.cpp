// SPDX-License-Identifier: Apache-2.0
// The tar container of the first versions of PyTorch: "storages" and "tensors" are listed by numbers, by which "pickle"
// names them.
#include "core/checkpoint/torchfile.h"

#include "core/base/size.h"
#include "core/checkpoint/shownname.h"
#include "core/checkpoint/torchnames.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstring>
#include <string_view>

namespace bitlathe::checkpoint
{

namespace
{

constexpr std::size_t kBytesBlock = 512;
constexpr std::int64_t kMaxRank = 64;

std::string_view textAt(std::span<const std::byte> block, std::size_t at, std::size_t bytes)
{
    const std::string_view field(reinterpret_cast<const char*>(block.data()) + at, bytes);
    return field.substr(0, field.find('\0'));
}

/// A field of octal digits among blanks.
std::optional<std::uint64_t> octalAt(std::span<const std::byte> block, std::size_t at, std::size_t bytes)
{
    std::string_view digits = textAt(block, at, bytes);
    digits.remove_prefix(std::min(digits.find_first_not_of(' '), digits.size()));
    digits = digits.substr(0, digits.find(' '));
    std::uint64_t value = 0;
    const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), value, 8);
    return error == std::errc() && end == digits.data() + digits.size() ? std::optional(value) : std::nullopt;
}

/// The header of an entry says its own sum of bytes, with blanks in place of the sum.
bool isHeader(std::span<const std::byte> block)
{
    constexpr std::size_t kSumAt = 148;
    constexpr std::size_t kBytesSum = 8;
    if (block.size() < kBytesBlock) {
        return false;
    }
    std::uint64_t sum = kBytesSum * ' ';
    for (std::size_t i = 0; i < kBytesBlock; ++i) {
        const bool isOfSum = i >= kSumAt && i < kSumAt + kBytesSum;
        sum += isOfSum ? 0 : std::to_integer<std::uint64_t>(block[i]);
    }
    return octalAt(block, kSumAt, kBytesSum) == sum;
}

/// The part of the file that is read, with a place in it.
struct Part
{
    std::span<const std::byte> bytes;
    std::uint64_t offset = 0; ///< Of the part, in the file.
    std::size_t position = 0;
};

class TarReader
{
public:
    TarReader(std::span<const std::byte> file, const std::string& subject) : m_file(file), m_subject(subject) {}

    Result<TorchHeader> read();

private:
    Result<void> findParts();
    Result<Part> part(const std::string& name) const;
    Result<Pickle> next(Part& part, const std::string& name) const;
    Result<std::uint64_t> count(Part& part, const std::string& name) const;
    Result<std::int64_t> eight(Part& part, const std::string& name) const;
    Result<void> readStorages();
    Result<void> readStorage(Part& part);
    Result<void> readViews(const PickleValue& views);
    Result<void> readTensors();
    Result<void> readTensor(Part& part);
    Failure invalid(const std::string& part, Text expected, Text found) const;

    std::span<const std::byte> m_file;
    const std::string& m_subject;
    std::map<std::string, Part> m_parts;
    StoragePlaces m_places;
    std::map<std::string, std::string> m_elements; ///< Of storages, by key.
    TorchTensorTable m_tensors;
};

Failure TarReader::invalid(const std::string& part, Text expected, Text found) const
{
    return fail(ErrorCode::FileInvalid, m_subject + ": " + part, std::move(expected), std::move(found),
                Text(BITLATHE_TEXT("Download the file again")));
}

Result<void> TarReader::findParts()
{
    constexpr std::size_t kNameBytes = 100;
    constexpr std::size_t kSizeAt = 124;
    constexpr std::size_t kSizeBytes = 12;
    constexpr std::size_t kMaxParts = 64;
    std::size_t at = 0;
    while (m_parts.size() < kMaxParts && isHeader(m_file.subspan(at))) {
        const auto block = m_file.subspan(at, kBytesBlock);
        const auto size = octalAt(block, kSizeAt, kSizeBytes);
        const std::size_t rest = m_file.size() - at - kBytesBlock;
        if (!size || *size > rest) {
            return invalid(shownName(textAt(block, 0, kNameBytes)), Text(BITLATHE_TEXT("at most %1 bytes"), rest),
                           Text(BITLATHE_TEXT("a size that says otherwise")));
        }
        const std::size_t data = at + kBytesBlock;
        m_parts.emplace(textAt(block, 0, kNameBytes), Part{m_file.subspan(data, *size), data, 0});
        at = std::min(data + (*size + kBytesBlock - 1) / kBytesBlock * kBytesBlock, m_file.size());
    }
    return {};
}

Result<Part> TarReader::part(const std::string& name) const
{
    const auto found = m_parts.find(name);
    if (found == m_parts.end()) {
        return invalid(name, Text(BITLATHE_TEXT("this part in the file")), Text(BITLATHE_TEXT("none")));
    }
    return found->second;
}

Result<Pickle> TarReader::next(Part& part, const std::string& name) const
{
    BITLATHE_TRY(Pickle pickle, readPickle(part.bytes.subspan(part.position), m_subject + ": " + name, isTorchName));
    part.position += pickle.bytes;
    return pickle;
}

Result<std::uint64_t> TarReader::count(Part& part, const std::string& name) const
{
    BITLATHE_TRY(const Pickle pickle, next(part, name));
    if (pickle.root->kind != PickleKind::Integer || pickle.root->integer < 0) {
        return invalid(name, Text(BITLATHE_TEXT("a number of entries")), Text(BITLATHE_TEXT("another value")));
    }
    return static_cast<std::uint64_t>(pickle.root->integer);
}

Result<std::int64_t> TarReader::eight(Part& part, const std::string& name) const
{
    std::int64_t value = 0;
    if (sizeof value > part.bytes.size() - part.position) {
        return invalid(name, Text(BITLATHE_TEXT("another number")), Text(BITLATHE_TEXT("the end")));
    }
    std::memcpy(&value, part.bytes.data() + part.position, sizeof value);
    part.position += sizeof value;
    return value;
}

/// A pickle (key, device, class), the number of elements, and the elements.
Result<void> TarReader::readStorage(Part& part)
{
    BITLATHE_TRY(const Pickle pickle, next(part, "storages"));
    const auto& facts = pickle.root->items;
    const auto element =
        pickle.root->kind == PickleKind::Tuple && facts.size() == 3 && facts[2]->kind == PickleKind::Global
            ? torchElement(facts[2]->text)
            : std::nullopt;
    if (!element || torchKey(*facts[0]).empty()) {
        return invalid("storages", Text(BITLATHE_TEXT("key, device and class of a storage")),
                       Text(BITLATHE_TEXT("another value")));
    }
    BITLATHE_TRY(const std::int64_t elements, eight(part, "storages"));
    const auto bytes =
        elements < 0 ? std::nullopt : checkedMultiply(static_cast<std::uint64_t>(elements), element->bytes);
    if (!bytes || *bytes > part.bytes.size() - part.position) {
        return invalid("storages", Text(BITLATHE_TEXT("at most %1 bytes"), part.bytes.size() - part.position),
                       Text(BITLATHE_TEXT("%1 elements of %2 bytes"), elements, element->bytes));
    }
    const std::string key = torchKey(*facts[0]);
    if (!m_places.emplace(key, StoragePlace{part.offset + part.position, *bytes}).second) {
        return invalid("storages", Text(BITLATHE_TEXT("each key once")), Text(BITLATHE_TEXT("%1"), shownName(key)));
    }
    m_elements.emplace(key, facts[2]->text);
    part.position += *bytes;
    return {};
}

/// Storages that are parts of others: (key, key of the whole, offset, elements).
Result<void> TarReader::readViews(const PickleValue& views)
{
    for (const PickleValue* view : views.items) {
        const auto sizes = torchSizes(*view);
        const std::string root = sizes && sizes->size() == 4 ? torchKey(*view->items[1]) : std::string();
        const auto whole = m_places.find(root);
        const auto element = whole == m_places.end() ? std::nullopt : torchElement(m_elements.at(root));
        const auto offset =
            element ? checkedMultiply(static_cast<std::uint64_t>((*sizes)[2]), element->bytes) : std::nullopt;
        const auto bytes =
            element ? checkedMultiply(static_cast<std::uint64_t>((*sizes)[3]), element->bytes) : std::nullopt;
        if (!offset || !bytes || *offset > whole->second.bytes || *bytes > whole->second.bytes - *offset) {
            return invalid("storages", Text(BITLATHE_TEXT("a view inside a storage")),
                           Text(BITLATHE_TEXT("another value")));
        }
        const std::string key = torchKey(*view->items[0]);
        m_places.emplace(key, StoragePlace{whole->second.offset + *offset, *bytes});
        m_elements.emplace(key, m_elements.at(root));
    }
    return {};
}

Result<void> TarReader::readStorages()
{
    BITLATHE_TRY(Part storages, part("storages"));
    BITLATHE_TRY(const std::uint64_t number, count(storages, "storages"));
    for (std::uint64_t i = 0; i < number; ++i) {
        BITLATHE_CHECK(readStorage(storages));
    }
    BITLATHE_TRY(const Pickle views, next(storages, "storages"));
    return readViews(*views.root);
}

/// A pickle (key, key of the storage, class), rank in eight bytes, sizes, strides, offset.
Result<void> TarReader::readTensor(Part& part)
{
    BITLATHE_TRY(const Pickle pickle, next(part, "tensors"));
    const auto& facts = pickle.root->items;
    const bool isGood = pickle.root->kind == PickleKind::Tuple && facts.size() == 3;
    const std::string key = isGood ? torchKey(*facts[0]) : std::string();
    const std::string storage = isGood ? torchKey(*facts[1]) : std::string();
    const auto named = m_elements.find(storage);
    if (key.empty() || named == m_elements.end()) {
        return invalid("tensors", Text(BITLATHE_TEXT("keys of a tensor and of its storage")),
                       Text(BITLATHE_TEXT("another value")));
    }
    const auto element = torchElement(named->second);
    BITLATHE_TRY(std::int64_t rank, eight(part, "tensors"));
    rank = static_cast<std::int32_t>(rank); // Only the first four bytes count.
    if (rank < 0 || rank > kMaxRank || !element->dtype) {
        return invalid("tensors", Text(BITLATHE_TEXT("a tensor of at most %1 dimensions of real numbers"), kMaxRank),
                       Text(BITLATHE_TEXT("%1 dimensions of %2"), rank, named->second));
    }
    TorchTensor tensor;
    tensor.storage = storage;
    tensor.element = named->second;
    tensor.dtype = *element->dtype;
    bool isPositive = true;
    for (auto* list : {&tensor.shape, &tensor.strides}) {
        for (std::int64_t i = 0; i < rank; ++i) {
            BITLATHE_TRY(list->emplace_back(), eight(part, "tensors"));
            isPositive = isPositive && list->back() >= 0;
        }
    }
    BITLATHE_TRY(const std::int64_t offset, eight(part, "tensors"));
    const auto bytes = offset < 0 ? std::nullopt : checkedMultiply(static_cast<std::uint64_t>(offset), element->bytes);
    if (!isPositive || !bytes) {
        return invalid("tensors", Text(BITLATHE_TEXT("sizes, strides and an offset of 0 or more")),
                       Text(BITLATHE_TEXT("others")));
    }
    tensor.offset = *bytes;
    m_tensors.emplace(key, std::move(tensor));
    return {};
}

Result<void> TarReader::readTensors()
{
    BITLATHE_TRY(Part tensors, part("tensors"));
    BITLATHE_TRY(const std::uint64_t number, count(tensors, "tensors"));
    for (std::uint64_t i = 0; i < number; ++i) {
        BITLATHE_CHECK(readTensor(tensors));
    }
    return {};
}

Result<TorchHeader> TarReader::read()
{
    BITLATHE_CHECK(findParts());
    BITLATHE_CHECK(readStorages());
    BITLATHE_CHECK(readTensors());
    BITLATHE_TRY(Part pickled, part("pickle"));
    BITLATHE_TRY(const Pickle pickle, next(pickled, "pickle"));
    BITLATHE_TRY(TorchState state, readTorchState(pickle, &m_tensors, m_subject));
    return placeTensors(std::move(state), m_places, m_file.size(), m_subject);
}

} // namespace

bool isTar(std::span<const std::byte> file)
{
    return isHeader(file);
}

Result<TorchHeader> parseTorchTar(std::span<const std::byte> file, const std::string& subject)
{
    return TarReader(file, subject).read();
}

} // namespace bitlathe::checkpoint
