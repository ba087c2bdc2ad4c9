// SPDX-License-Identifier: Apache-2.0
// What the fuzz targets of PyTorch's containers check of one input.
#pragma once

#include "core/base/size.h"
#include "core/checkpoint/torchfile.h"

#include <cstdio>
#include <cstdlib>

namespace bitlathe::fuzz
{

inline void require(bool holds, const char* what)
{
    if (!holds) {
        std::fprintf(stderr, "broken promise: %s\n", what);
        std::abort();
    }
}

inline void requireSentence(const Error& error)
{
    require(error.subject.starts_with("fuzz") && !error.sentence().empty() && !error.advice.empty(),
            "an error names the file and says what to do");
}

/// A file that is accepted must keep what the reader promises.
inline void checkTorch(const Result<checkpoint::TorchHeader>& header, std::span<const std::byte> file)
{
    if (!header) {
        requireSentence(header.error());
        return;
    }
    for (const auto& entry : header->entries) {
        const auto elements = elementCount(entry.shape);
        require(elements && *elements * dtypeBytes(entry.dtype) == entry.bytes,
                "a tensor is as large as its shape and dtype say");
        const auto strided = header->strided.find(entry.name);
        if (strided == header->strided.end()) {
            require(entry.bytes <= file.size() && entry.offset <= file.size() - entry.bytes,
                    "a tensor lies inside the file");
        } else if (constexpr std::uint64_t kMaxBytes = 1 << 20; entry.bytes <= kMaxBytes) {
            require(gather(file, strided->second).size() == entry.bytes, "a tensor out of order is copied whole");
        }
    }
}

} // namespace bitlathe::fuzz
