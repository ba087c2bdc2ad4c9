// SPDX-License-Identifier: Apache-2.0
// Files that torch.save wrote: which container it is, and tensors at the places of their storages.
#include "core/checkpoint/torchfile.h"

#include "core/base/size.h"
#include "core/checkpoint/zipdirectory.h"

#include <fmt/format.h>

#include <algorithm>
#include <string_view>

namespace bitlathe::checkpoint
{

namespace
{

/// A tensor that repeats one number is small in a file and large in memory.
constexpr std::uint64_t kBytesCopiedMore = 64 << 20;

Failure outside(const std::string& subject, const TorchTensor& tensor, std::uint64_t bytesStorage)
{
    return fail(ErrorCode::FileInvalid, subject + ": " + tensor.name,
                Text(BITLATHE_TEXT("a tensor inside the %1 bytes of its storage"), bytesStorage),
                Text(BITLATHE_TEXT("shape [%1] and strides [%2] at byte %3"),
                     fmt::format("{}", fmt::join(tensor.shape, ", ")),
                     fmt::format("{}", fmt::join(tensor.strides, ", ")), tensor.offset),
                Text(BITLATHE_TEXT("Download the file again")));
}

Failure tooMuch(const std::string& subject, const TorchTensor& tensor, std::uint64_t bytesMax)
{
    return fail(ErrorCode::NotSupported, subject + ": " + tensor.name,
                Text(BITLATHE_TEXT("at most %1 bytes of tensors out of row-major order"), bytesMax),
                Text(BITLATHE_TEXT("more, such as the shape [%1] with the strides [%2]"),
                     fmt::format("{}", fmt::join(tensor.shape, ", ")),
                     fmt::format("{}", fmt::join(tensor.strides, ", "))),
                Text(BITLATHE_TEXT("Save the model again with contiguous tensors")));
}

} // namespace

Result<TorchHeader> placeTensors(TorchState state, const StoragePlaces& places, std::uint64_t bytesFile,
                                 const std::string& subject)
{
    TorchHeader header;
    header.findings = std::move(state.findings);
    const std::uint64_t bytesCopiedMax = bytesFile + kBytesCopiedMore;
    std::uint64_t bytesCopied = 0;
    for (TorchTensor& tensor : state.tensors) {
        const auto found = places.find(tensor.storage);
        if (found == places.end()) {
            return fail(ErrorCode::FileInvalid, subject + ": " + tensor.name,
                        Text(BITLATHE_TEXT("the bytes of its storage")), Text(BITLATHE_TEXT("none")),
                        Text(BITLATHE_TEXT("Download the file again")));
        }
        StridedTensor strided{tensor.dtype, tensor.shape, tensor.strides, 0};
        const auto spanned = bytesSpanned(strided);
        const auto elements = elementCount(tensor.shape);
        const auto bytes = elements ? checkedMultiply(*elements, dtypeBytes(tensor.dtype)) : std::nullopt;
        const std::uint64_t bytesStorage = found->second.bytes;
        if (!spanned || !bytes || tensor.offset > bytesStorage || *spanned > bytesStorage - tensor.offset) {
            return outside(subject, tensor, bytesStorage);
        }
        strided.offset = found->second.offset + tensor.offset;
        if (!isContiguous(tensor.shape, tensor.strides)) {
            if (*bytes > bytesCopiedMax - bytesCopied) {
                return tooMuch(subject, tensor, bytesCopiedMax);
            }
            bytesCopied += *bytes;
            header.strided.emplace(tensor.name, strided);
        }
        header.entries.push_back(
            {std::move(tensor.name), tensor.dtype, std::move(tensor.shape), 0, strided.offset, *bytes});
    }
    std::ranges::sort(header.entries, {},
                      [](const TensorEntry& entry) { return std::pair(entry.offset, std::string_view(entry.name)); });
    return header;
}

Result<TorchHeader> parseTorch(std::span<const std::byte> file, const std::string& subject)
{
    constexpr auto kPickleBegin = std::byte{0x80};
    constexpr std::string_view kPointer = "version https://git-lfs";
    if (isZip(file)) {
        return parseTorchZip(file, subject);
    }
    if (!file.empty() && file.front() == kPickleBegin) {
        return parseTorchSequence(file, subject);
    }
    if (isTar(file)) {
        return parseTorchTar(file, subject);
    }
    const std::string_view text(reinterpret_cast<const char*>(file.data()), std::min(file.size(), kPointer.size()));
    return fail(ErrorCode::FileInvalid, subject, Text(BITLATHE_TEXT("a file that torch.save wrote")),
                text == kPointer ? Text(BITLATHE_TEXT("a pointer of Git LFS in place of the file"))
                : file.empty()   ? Text(BITLATHE_TEXT("an empty file"))
                                 : Text(BITLATHE_TEXT("something else")),
                Text(BITLATHE_TEXT("Download the file again")));
}

} // namespace bitlathe::checkpoint
