// SPDX-License-Identifier: Apache-2.0
// Writes pickles and files of torch.save byte by byte for tests, good ones and bad ones.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace bitlathe::tests
{

inline std::string littleEndian(std::uint64_t value, std::size_t bytes)
{
    std::string text;
    for (std::size_t i = 0; i < bytes; ++i) {
        text += static_cast<char>((value >> (8 * i)) & 0xffU);
    }
    return text;
}

/// A number of eight bytes, whatever its size.
inline std::string pickledInteger(std::int64_t value)
{
    return "\x8a\x08" + littleEndian(static_cast<std::uint64_t>(value), 8);
}

inline std::string pickledText(const std::string& text)
{
    return 'X' + littleEndian(text.size(), 4) + text;
}

inline std::string pickledTuple(const std::vector<std::int64_t>& values)
{
    std::string tuple = "(";
    for (const std::int64_t value : values) {
        tuple += pickledInteger(value);
    }
    return tuple + 't';
}

/// A dictionary of one f32 tensor over a storage "0" of so many elements.
inline std::string pickledTensor(const std::string& name, std::int64_t elements, std::int64_t offset,
                                 const std::vector<std::int64_t>& shape, const std::vector<std::int64_t>& strides)
{
    const std::string storage = '(' + pickledText("storage") + "ctorch\nFloatStorage\n" + pickledText("0") +
                                pickledText("cpu") + pickledInteger(elements) + "NtQ";
    return "\x80\x02}" + pickledText(name) + "ctorch._utils\n_rebuild_tensor_v2\n(" + storage + pickledInteger(offset) +
           pickledTuple(shape) + pickledTuple(strides) + "\x89Nt" + "Rs.";
}

/// The older container around a pickle with one f32 storage "0" of so many elements.
inline std::string torchSequence(const std::string& pickle, std::size_t elements)
{
    std::string file = "\x80\x02\x8a\x0a\x6c\xfc\x9c\x46\xf9\x20\x6a\xa8\x50\x19.\x80\x02M\xe9\x03.\x80\x02}.";
    file.append(pickle).append("\x80\x02]").append(pickledText("0")).append("a.");
    file.append(littleEndian(elements, 8)).append(4 * elements, '\1');
    return file;
}

} // namespace bitlathe::tests
