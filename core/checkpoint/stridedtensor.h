// SPDX-License-Identifier: Apache-2.0
// StridedTensor: elements of a tensor that do not lie in row-major order, and their copy that does.
#pragma once

#include "core/checkpoint/tensor.h"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

namespace bitlathe::checkpoint
{

/// A tensor whose element [i, j, ...] lies at offset + (i * strides[0] + j * strides[1] + ...) elements.
struct StridedTensor
{
    DType dtype = DType::F32;
    Shape shape;
    std::vector<std::int64_t> strides; ///< In elements, none negative.
    std::uint64_t offset = 0;          ///< Of the first element, in bytes.
};

/// Whether the elements lie row by row without gaps.
bool isContiguous(const Shape& shape, const std::vector<std::int64_t>& strides);

/// Bytes from the first element to the end of the last; 0 for an empty tensor, nothing where that does not fit a
/// number.
std::optional<std::uint64_t> bytesSpanned(const StridedTensor& tensor);

/// The elements in row-major order. All of them must lie inside file, and their bytes in all must fit memory.
std::vector<std::byte> gather(std::span<const std::byte> file, const StridedTensor& tensor);

} // namespace bitlathe::checkpoint
