// SPDX-License-Identifier: Apache-2.0
// StridedTensor: elements of a tensor that do not lie in row-major order, and their copy that does.
#include "core/checkpoint/stridedtensor.h"

#include "core/base/size.h"

#include <algorithm>
#include <cstring>

namespace bitlathe::checkpoint
{

bool isContiguous(const Shape& shape, const std::vector<std::int64_t>& strides)
{
    std::int64_t expected = 1;
    for (std::size_t i = shape.size(); i-- > 0;) {
        if (shape[i] == 0) {
            return true;
        }
        if (shape[i] != 1 && strides[i] != expected) {
            return false;
        }
        if (__builtin_mul_overflow(expected, shape[i], &expected)) {
            return false;
        }
    }
    return true;
}

std::optional<std::uint64_t> bytesSpanned(const StridedTensor& tensor)
{
    if (std::ranges::find(tensor.shape, 0) != tensor.shape.end()) {
        return 0;
    }
    std::uint64_t last = 0;
    for (std::size_t i = 0; i < tensor.shape.size(); ++i) {
        const auto step = checkedMultiply(static_cast<std::uint64_t>(tensor.shape[i] - 1),
                                          static_cast<std::uint64_t>(tensor.strides[i]));
        const auto sum = step ? checkedAdd(last, *step) : std::nullopt;
        if (!sum) {
            return std::nullopt;
        }
        last = *sum;
    }
    const auto elements = checkedAdd(last, 1);
    return elements ? checkedMultiply(*elements, dtypeBytes(tensor.dtype)) : std::nullopt;
}

std::vector<std::byte> gather(std::span<const std::byte> file, const StridedTensor& tensor)
{
    const std::uint64_t width = dtypeBytes(tensor.dtype);
    const std::uint64_t count = elementCount(tensor.shape).value_or(0);
    std::vector<std::byte> out(count * width);
    std::vector<std::int64_t> place(tensor.shape.size());
    std::uint64_t from = tensor.offset;
    for (std::uint64_t i = 0; i < count; ++i) {
        std::memcpy(out.data() + i * width, file.data() + from, width);
        // Like the wheels of a counter: the last dimension turns first, and one that is through starts again.
        for (std::size_t d = place.size(); d-- > 0;) {
            const std::uint64_t step = static_cast<std::uint64_t>(tensor.strides[d]) * width;
            from += step;
            if (++place[d] < tensor.shape[d]) {
                break;
            }
            from -= step * static_cast<std::uint64_t>(tensor.shape[d]);
            place[d] = 0;
        }
    }
    return out;
}

} // namespace bitlathe::checkpoint
