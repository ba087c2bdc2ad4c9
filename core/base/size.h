// SPDX-License-Identifier: Apache-2.0
// Checked arithmetic for every size that comes from a file.
#pragma once

#include <cstdint>
#include <optional>
#include <span>

namespace bitlathe
{

/// a * b, or nothing where that does not fit.
constexpr std::optional<std::uint64_t> checkedMultiply(std::uint64_t a, std::uint64_t b)
{
    std::uint64_t product = 0;
    return __builtin_mul_overflow(a, b, &product) ? std::nullopt : std::optional(product);
}

/// a + b, or nothing where that does not fit.
constexpr std::optional<std::uint64_t> checkedAdd(std::uint64_t a, std::uint64_t b)
{
    std::uint64_t sum = 0;
    return __builtin_add_overflow(a, b, &sum) ? std::nullopt : std::optional(sum);
}

/// The product of a shape; nothing where a dimension is negative or the product does not fit.
constexpr std::optional<std::uint64_t> elementCount(std::span<const std::int64_t> shape)
{
    std::uint64_t count = 1;
    for (const std::int64_t dimension : shape) {
        if (dimension < 0) {
            return std::nullopt;
        }
        const auto next = checkedMultiply(count, static_cast<std::uint64_t>(dimension));
        if (!next) {
            return std::nullopt;
        }
        count = *next;
    }
    return count;
}

/// The smallest number of units of size unit that hold count. unit > 0, count >= 0.
template <typename Integer>
constexpr Integer ceilDivide(Integer count, Integer unit)
{
    return static_cast<Integer>((count + unit - 1) / unit);
}

} // namespace bitlathe
