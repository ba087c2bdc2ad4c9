// SPDX-License-Identifier: Apache-2.0
// Books of values, and the dispatch of their kernels to the level in use.
#include "kernels/blockwise.h"

#include "kernels/cpulevel.h"
#include "kernels/reference/blockwise.h"

#include <algorithm>
#include <cassert>
#include <limits>
#include <numeric>

namespace bitlathe::kernels
{

namespace
{

constexpr std::size_t kSmallBook = 16;
constexpr std::int32_t kInt8Middle = 128;

const BlockwiseOps& ops()
{
#if defined(__x86_64__)
    if (cpuLevel() >= CpuLevel::Avx512) {
        return blockwiseOpsAvx512();
    }
    if (cpuLevel() >= CpuLevel::Avx2) {
        return blockwiseOpsAvx2();
    }
#endif
    return blockwiseOpsReference();
}

} // namespace

ValueBook::ValueBook(std::span<const float> values)
    : m_values(values.begin(), values.end()), m_limits(values.size()), m_codes(values.size())
{
    assert(values.size() == kSmallBook || values.size() == 256);
    std::iota(m_codes.begin(), m_codes.end(), std::uint8_t{0});
    std::ranges::stable_sort(m_codes, {}, [this](std::uint8_t code) { return m_values[code]; });
    for (std::size_t place = 0; place + 1 < m_limits.size(); ++place) {
        m_limits[place] = (m_values[m_codes[place]] + m_values[m_codes[place + 1]]) / 2.0F;
    }
    m_limits.back() = std::numeric_limits<float>::infinity();
}

void encodeBook(std::span<const float> weights, float factor, const ValueBook& book, std::span<std::uint8_t> codes)
{
    assert(weights.size() == codes.size());
    const auto encode = book.size() == kSmallBook ? ops().encode16 : ops().encode256;
    encode(weights.data(), weights.size(), factor, book.limits().data(), book.codes().data(), codes.data());
}

void decodeBook(std::span<const std::uint8_t> codes, float scale, std::span<const float> values, std::span<float> out)
{
    assert(codes.size() == out.size());
    const auto decode = values.size() == kSmallBook ? ops().decode16 : ops().decode256;
    decode(codes.data(), codes.size(), scale, values.data(), out.data());
}

void multiplyInt8(std::span<const std::int8_t> x, std::int64_t rows, std::span<const std::uint8_t> codes,
                  std::int64_t cols, std::int64_t depth, std::span<std::int32_t> sums)
{
    assert(static_cast<std::int64_t>(sums.size()) == rows * cols);
    const BlockwiseOps& op = ops();
    std::vector<std::int32_t> inputSums(static_cast<std::size_t>(rows));
    for (std::int64_t row = 0; row < rows; ++row) {
        const auto values = x.subspan(static_cast<std::size_t>(row * depth), static_cast<std::size_t>(depth));
        inputSums[static_cast<std::size_t>(row)] = kInt8Middle * std::reduce(values.begin(), values.end(), 0);
    }
    for (std::int64_t first = 0; first < rows; first += kInt8Rows) {
        const std::int64_t count = std::min(kInt8Rows, rows - first);
        for (std::int64_t col = 0; col < cols; ++col) {
            std::int32_t* target = sums.data() + first * cols + col;
            op.dotInt8({x.data() + first * depth, depth, count, codes.data() + col * depth, depth, target, cols});
            for (std::int64_t row = 0; row < count; ++row) {
                target[row * cols] -= inputSums[static_cast<std::size_t>(first + row)];
            }
        }
    }
}

} // namespace bitlathe::kernels
