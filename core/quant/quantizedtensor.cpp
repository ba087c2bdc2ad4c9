// SPDX-License-Identifier: Apache-2.0
// QuantizedTensor: look-ups, unpacking, dequantization and sizes.
#include "core/quant/quantizedtensor.h"

#include "core/base/size.h"
#include "kernels/blockwise.h"
#include "kernels/quantize.h"
#include "kernels/scalars.h"
#include "kernels/threads.h"

#include <algorithm>
#include <array>
#include <cassert>

namespace bitlathe::quant
{

namespace
{

/// Rows per piece, so that a piece is about this many weights.
constexpr std::int64_t kWeightsPerPiece = 1 << 16;

std::int64_t rowGrain(std::int64_t cols)
{
    return std::max<std::int64_t>(1, kWeightsPerPiece / std::max<std::int64_t>(1, cols));
}

void dequantizeGrouped(const QuantizedTensor& tensor, std::int64_t row, std::span<const std::uint8_t> codes,
                       std::span<float> out)
{
    const auto step = tensor.scheme.groupSize > 0 ? static_cast<std::size_t>(tensor.scheme.groupSize) : codes.size();
    std::int64_t group = 0;
    for (std::size_t first = 0; first < codes.size(); first += step, ++group) {
        const std::size_t count = std::min(step, codes.size() - first);
        kernels::dequantizeGroup(codes.subspan(first, count), tensor.scale(row, group), tensor.zero(row, group),
                                 out.subspan(first, count));
    }
}

/// Columns whose groups are scattered, or zero points within a product.
void dequantizeByColumn(const QuantizedTensor& tensor, std::int64_t row, std::span<const std::uint8_t> codes,
                        std::span<float> out)
{
    for (std::size_t col = 0; col < codes.size(); ++col) {
        const std::int64_t group = tensor.groupOf(static_cast<std::int64_t>(col));
        const float scale = tensor.scale(row, group);
        if (tensor.halfOffsets) {
            const auto offset = kernels::F16(static_cast<float>(tensor.zero(row, group)) * scale);
            out[col] = static_cast<float>(codes[col]) * scale - static_cast<float>(offset);
        } else {
            out[col] = static_cast<float>(codes[col] - tensor.zero(row, group)) * scale;
        }
    }
}

/// Blocks go on over the ends of rows: a row may begin and end within one.
void dequantizeBook(const QuantizedTensor& tensor, std::int64_t row, std::span<const std::uint8_t> codes,
                    std::span<float> out)
{
    const std::int64_t size = tensor.scheme.groupSize;
    std::int64_t place = row * tensor.cols;
    for (std::size_t first = 0; first < codes.size();) {
        const std::size_t count = std::min(codes.size() - first, static_cast<std::size_t>(size - place % size));
        kernels::decodeBook(codes.subspan(first, count), tensor.scales[static_cast<std::size_t>(place / size)],
                            tensor.codeBook, out.subspan(first, count));
        first += count;
        place += static_cast<std::int64_t>(count);
    }
}

void dequantizeInt8(const QuantizedTensor& tensor, std::int64_t row, std::span<const std::uint8_t> codes,
                    std::span<float> out)
{
    kernels::dequantizeGroup(codes, tensor.scale(row, 0), tensor.zero(row, 0), out);
    for (float& value : out) {
        value *= kInt8Step;
    }
}

} // namespace

std::array<bool, 256> saturatedCodes(const QuantizedTensor& tensor)
{
    std::array<bool, 256> ends{};
    if (tensor.scheme.kind == SchemeKind::CodeBook) {
        const auto [least, most] = std::ranges::minmax(tensor.codeBook);
        for (std::size_t code = 0; code < tensor.codeBook.size(); ++code) {
            ends[code] = tensor.codeBook[code] == least || tensor.codeBook[code] == most;
        }
        return ends;
    }
    const int least = tensor.scheme.kind == SchemeKind::Int8Outliers ? 1 : 0;
    ends[static_cast<std::size_t>(least)] = true;
    ends[static_cast<std::size_t>(tensor.scheme.maxCode())] = true;
    return ends;
}

std::int64_t QuantizedTensor::groupOf(std::int64_t col) const
{
    if (!groupIndex.empty()) {
        return groupIndex[static_cast<std::size_t>(col)];
    }
    return scheme.groupSize > 0 ? col / scheme.groupSize : 0;
}

float QuantizedTensor::scale(std::int64_t row, std::int64_t group) const
{
    if (scheme.kind == SchemeKind::CodeBook) {
        return scales[static_cast<std::size_t>((row * cols + group * scheme.groupSize) / scheme.groupSize)];
    }
    return scales[scheme.groupSize == kPerTensor ? 0 : static_cast<std::size_t>(row * groups() + group)];
}

int QuantizedTensor::zero(std::int64_t row, std::int64_t group) const
{
    if (zeros.empty()) {
        return 1 << (scheme.bits - 1);
    }
    return zeros[scheme.groupSize == kPerTensor ? 0 : static_cast<std::size_t>(row * groups() + group)];
}

void QuantizedTensor::unpackRow(std::int64_t row, std::span<std::uint8_t> out) const
{
    assert(static_cast<std::int64_t>(out.size()) == cols);
    kernels::unpackCodes(std::span(codes).subspan(static_cast<std::size_t>(row) * bytesPerRow(), bytesPerRow()),
                         scheme.bits, out);
}

void QuantizedTensor::dequantizeRows(std::int64_t first, std::int64_t count, std::span<float> out) const
{
    assert(static_cast<std::int64_t>(out.size()) == count * cols);
    static thread_local std::vector<std::uint8_t> scratch;
    const auto width = static_cast<std::size_t>(cols);
    scratch.resize(width);
    for (std::int64_t row = first; row < first + count; ++row) {
        unpackRow(row, scratch);
        const auto target = out.subspan(static_cast<std::size_t>(row - first) * width, width);
        if (scheme.kind == SchemeKind::CodeBook) {
            dequantizeBook(*this, row, scratch, target);
        } else if (scheme.kind == SchemeKind::Int8Outliers) {
            dequantizeInt8(*this, row, scratch, target);
        } else if (!groupIndex.empty() || halfOffsets) {
            dequantizeByColumn(*this, row, scratch, target);
        } else {
            dequantizeGrouped(*this, row, scratch, target);
        }
    }
}

std::vector<float> QuantizedTensor::dequantize() const
{
    std::vector<float> out(static_cast<std::size_t>(rows * cols));
    kernels::parallelFor(rows, rowGrain(cols), [&](std::int64_t begin, std::int64_t end) {
        const auto width = static_cast<std::size_t>(cols);
        dequantizeRows(begin, end - begin,
                       std::span(out).subspan(static_cast<std::size_t>(begin) * width,
                                              static_cast<std::size_t>(end - begin) * width));
    });
    return out;
}

std::uint64_t QuantizedTensor::bytesStored() const
{
    const std::uint64_t zeroBits = zeros.size() * static_cast<std::uint64_t>(scheme.bits);
    if (scheme.doubleQuant) {
        return codes.size() + nested.codes.size() + (nested.scales.size() + 1) * sizeof(float);
    }
    return codes.size() + scales.size() * checkpoint::dtypeBytes(scheme.scaleDType) +
           ceilDivide(zeroBits, std::uint64_t{8});
}

double QuantizedTensor::bitsPerWeight() const
{
    const auto weights = static_cast<double>(rows) * static_cast<double>(cols);
    return weights > 0 ? 8.0 * static_cast<double>(bytesStored()) / weights : 0.0;
}

double QuantizedTensor::saturatedShare() const
{
    if (rows == 0 || cols == 0) {
        return 0;
    }
    std::vector<std::int64_t> perRow(static_cast<std::size_t>(rows));
    const std::array<bool, 256> ends = saturatedCodes(*this);
    kernels::parallelFor(rows, rowGrain(cols), [&](std::int64_t begin, std::int64_t end) {
        std::vector<std::uint8_t> row(static_cast<std::size_t>(cols));
        for (std::int64_t index = begin; index < end; ++index) {
            unpackRow(index, row);
            perRow[static_cast<std::size_t>(index)] =
                std::ranges::count_if(row, [&ends](std::uint8_t code) { return ends[code]; });
        }
    });
    std::int64_t saturated = 0;
    for (const std::int64_t count : perRow) {
        saturated += count;
    }
    return static_cast<double>(saturated) / (static_cast<double>(rows) * static_cast<double>(cols));
}

} // namespace bitlathe::quant
