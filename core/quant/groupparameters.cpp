// SPDX-License-Identifier: Apache-2.0
// Parameters of groups, and what their codes make of them.
#include "core/quant/groupparameters.h"

#include "kernels/threads.h"

#include <algorithm>

namespace bitlathe::quant
{

namespace
{

constexpr std::int64_t kRowGrain = 16;

/// The least and the largest value of a code without its scale.
std::pair<float, float> endsOf(const QuantizedTensor& tensor, int zero)
{
    switch (tensor.scheme.kind) {
    case SchemeKind::CodeBook: {
        const auto [least, most] = std::ranges::minmax(tensor.codeBook);
        return {least, most};
    }
    case SchemeKind::Int8Outliers: return {-127 * kInt8Step, 127 * kInt8Step};
    case SchemeKind::UniformInt: break;
    }
    return {static_cast<float>(-zero), static_cast<float>(tensor.scheme.maxCode() - zero)};
}

void fillRow(const QuantizedTensor& tensor, std::int64_t row, const std::array<bool, 256>& ends,
             std::span<GroupParameters> groups)
{
    std::vector<std::uint8_t> codes(static_cast<std::size_t>(tensor.cols));
    std::vector<std::int64_t> counts(groups.size());
    tensor.unpackRow(row, codes);
    for (std::int64_t col = 0; col < tensor.cols; ++col) {
        const auto group = static_cast<std::size_t>(tensor.groupOf(col));
        ++counts[group];
        groups[group].saturated += ends[codes[static_cast<std::size_t>(col)]] ? 1.0F : 0.0F;
    }
    const bool isBook = tensor.scheme.kind == SchemeKind::CodeBook;
    for (std::size_t group = 0; group < groups.size(); ++group) {
        GroupParameters& filled = groups[group];
        const auto place = static_cast<std::int64_t>(group);
        filled.row = static_cast<std::int32_t>(row);
        filled.group = static_cast<std::int32_t>(group);
        filled.scale = tensor.scale(row, place);
        filled.zero = isBook ? 0 : tensor.zero(row, place);
        const auto [low, high] = endsOf(tensor, filled.zero);
        filled.low = low * filled.scale;
        filled.high = high * filled.scale;
        filled.saturated /= static_cast<float>(std::max<std::int64_t>(1, counts[group]));
    }
}

} // namespace

std::vector<GroupParameters> groupParameters(const QuantizedTensor& tensor, const WorkContext& work)
{
    const auto groups = static_cast<std::size_t>(tensor.groups());
    std::vector<GroupParameters> all(static_cast<std::size_t>(tensor.rows) * groups);
    const std::array<bool, 256> ends = saturatedCodes(tensor);
    kernels::parallelFor(tensor.rows, kRowGrain, [&](std::int64_t begin, std::int64_t end) {
        for (std::int64_t row = begin; row < end && !work.stopRequested(); ++row) {
            fillRow(tensor, row, ends, std::span(all).subspan(static_cast<std::size_t>(row) * groups, groups));
        }
    });
    return all;
}

} // namespace bitlathe::quant
