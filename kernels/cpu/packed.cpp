// SPDX-License-Identifier: Apache-2.0
// Packing of codes into the layout of the loops, and the split of their product into tasks.
#include "kernels/cpu/packed.h"

#include "kernels/quantize.h"
#include "kernels/scalars.h"
#include "kernels/threads.h"

#include <algorithm>
#include <cassert>
#include <cstring>
#include <numeric>

namespace bitlathe::kernels::cpu
{

namespace
{

constexpr std::int64_t kBytesTask = 64 << 10;    ///< Codes that one task of few rows streams.
constexpr std::int64_t kBytesPanels = 512 << 10; ///< Panels that a task unpacks at once: they stay in the second cache.
constexpr std::int64_t kPanelsMax = 4;
constexpr std::int64_t kTilesInCache = 4;       ///< Tiles of rows that pass by all of them.
constexpr std::int64_t kWeightsPiece = 1 << 16; ///< Weights that are packed in one piece.
constexpr std::int64_t kSlotsScaled = 256;      ///< Inputs that share a scale as integers, at most.
constexpr std::size_t kBytesBeyond = 64;        ///< What loops may read beyond the last number.

std::int64_t ceilDivide(std::int64_t a, std::int64_t b)
{
    return (a + b - 1) / b;
}

int storedBitsOf(int bits)
{
    return bits <= 2 ? 2 : bits <= 4 ? bits : 8;
}

/// The units of a segment where at most `most` may share a scale: pieces of a group are alike, but for one group's
/// last.
std::int64_t unitsScaled(std::int64_t units, std::int64_t most, std::int64_t groups)
{
    std::int64_t piece = std::min(units, most);
    while (groups > 1 && units % piece != 0) {
        --piece;
    }
    return piece;
}

/// Slots of rows before they are arranged or packed.
std::span<float> slotScratch(std::int64_t count)
{
    thread_local std::vector<float> buffer;
    buffer.resize(std::max(buffer.size(), static_cast<std::size_t>(count)));
    return std::span(buffer).first(static_cast<std::size_t>(count));
}

/// Memory of a thread for what one task unpacks.
std::byte* unpackScratch(std::int64_t bytes)
{
    thread_local AlignedBuffer buffer;
    buffer.reserve(static_cast<std::size_t>(bytes));
    return buffer.data();
}

/// The values of codes, zero subtracted where it is the same for all: 16 of them repeated, or 256; or none.
std::vector<float> bookOf(const PackedWeightsView& weights, int storedBits)
{
    if (storedBits == 8 && weights.book.empty()) {
        return {};
    }
    const auto codes = std::size_t{1} << static_cast<unsigned>(weights.bits);
    const float zero = weights.zeros.empty() ? static_cast<float>(weights.zero) : 0.0F;
    std::vector<float> values(storedBits == 8 ? 256 : 16);
    for (std::size_t i = 0; i < values.size(); ++i) {
        const std::size_t code = i % (std::size_t{1} << static_cast<unsigned>(storedBits));
        const float value = weights.book.empty() ? static_cast<float>(code) : weights.book[std::min(code, codes - 1)];
        values[i] = value - zero;
    }
    return values;
}

template <typename T>
bool isExactAs(std::span<const float> values)
{
    std::vector<T> narrow(values.size());
    std::vector<float> back(values.size());
    convert(values, narrow);
    convert(std::span<const T>(narrow), back);
    return std::ranges::equal(values, back);
}

template <typename T>
void store(std::span<const float> values, AlignedBuffer& buffer)
{
    buffer = AlignedBuffer(values.size() * sizeof(T) + kBytesBeyond);
    std::memset(buffer.data(), 0, buffer.size());
    if constexpr (std::is_same_v<T, float>) {
        std::memcpy(buffer.data(), values.data(), values.size_bytes());
    } else {
        convert(values, std::span(reinterpret_cast<T*>(buffer.data()), values.size()));
    }
}

} // namespace

PackedWeights::PackedWeights(const CpuTable& table, const PackedOps& ops, const PackedWeightsView& weights,
                             Precision precision)
    : m_ops(&ops), m_inputs(weights.inputs)
{
    assert(weights.offsets.empty() || weights.bits <= 4);
    assert(weights.scales.size() == static_cast<std::size_t>(weights.outputs * weights.groups));
    m_shape.table = &table;
    m_shape.outputs = weights.outputs;
    m_codes.fixed = precision == Precision::Bf16 && weights.book.empty();
    layOut(weights);
    m_shape.depth = isInOrder() ? m_inputs : m_codes.units * unit();
    if (precision == Precision::Bf16) {
        const bool tiles = table.hasBf16Tile && m_shape.depth % kDepthStepTile == 0;
        m_codes.pairs = tiles || table.hasBf16Dot;
        m_codes.roundsBf16 = true;
        m_shape.kind = tiles ? PanelKind::Bf16Tile : m_codes.pairs ? PanelKind::Bf16Dot : PanelKind::F32;
        m_shape.roundsRows = !m_codes.pairs;
    }
    m_book = bookOf(weights, m_codes.bits);
    m_codes.book = m_book.empty() ? nullptr : m_book.data();
    m_codes.zero = weights.zeros.empty() ? static_cast<float>(weights.zero) : 0.0F;
    packCodes(weights);
    m_codes.scales = packNumbers(weights, weights.scales, m_scales);
    if (!weights.offsets.empty()) {
        m_codes.offsets = packNumbers(weights, weights.offsets, m_offsets);
    }
    if (!weights.zeros.empty()) {
        m_zeros = AlignedBuffer(static_cast<std::size_t>(weights.outputs * m_codes.segments) + kBytesBeyond);
        std::memset(m_zeros.data(), 0, m_zeros.size());
        m_codes.zeros = m_zeros.data();
        for (std::int64_t output = 0; output < weights.outputs; ++output) {
            for (std::int64_t segment = 0; segment < m_codes.segments; ++segment) {
                const std::int32_t group = m_groups[static_cast<std::size_t>(segment)];
                if (group >= 0) {
                    m_zeros.data()[output * m_codes.segments + segment] =
                        std::byte{weights.zeros[static_cast<std::size_t>(output * weights.groups + group)]};
                }
            }
        }
    }
}

std::uint64_t PackedWeights::bytes() const
{
    return m_codeBytes.size() + m_scales.size() + m_zeros.size() + m_offsets.size() + m_book.size() * sizeof(float) +
           (m_order.size() + m_groups.size()) * sizeof(std::int32_t);
}

/// Decides the order of inputs, and what a segment is.
void PackedWeights::layOut(const PackedWeightsView& weights)
{
    m_codes.bits = storedBitsOf(weights.bits);
    std::vector<std::vector<std::int32_t>> inputsOf(static_cast<std::size_t>(weights.groups));
    for (std::int32_t input = 0; input < weights.inputs; ++input) {
        const std::int64_t group = weights.groupIndex.empty() ? input / weights.groupSize
                                                              : weights.groupIndex[static_cast<std::size_t>(input)];
        inputsOf[static_cast<std::size_t>(group)].push_back(input);
    }
    // Segments of the first group's length where all groups but the last are as long, else of one unit.
    const auto unitsOf = [&](const std::vector<std::int32_t>& inputs) {
        return ceilDivide(static_cast<std::int64_t>(inputs.size()), unit());
    };
    m_codes.unitsSegment = std::max<std::int64_t>(1, unitsOf(inputsOf.front()));
    for (std::size_t group = 0; group < inputsOf.size(); ++group) {
        const std::int64_t units = unitsOf(inputsOf[group]);
        const bool isLast = group + 1 == inputsOf.size();
        if (units > m_codes.unitsSegment || (units < m_codes.unitsSegment && !isLast)) {
            m_codes.unitsSegment = 1;
        }
    }
    if (m_codes.fixed) {
        m_codes.unitsSegment = unitsScaled(m_codes.unitsSegment, kSlotsScaled / unit(), weights.groups);
    }
    for (std::size_t group = 0; group < inputsOf.size(); ++group) {
        const std::vector<std::int32_t>& inputs = inputsOf[group];
        m_order.insert(m_order.end(), inputs.begin(), inputs.end());
        const std::int64_t segments = ceilDivide(unitsOf(inputs), m_codes.unitsSegment);
        m_groups.insert(m_groups.end(), static_cast<std::size_t>(segments), static_cast<std::int32_t>(group));
        m_order.resize(static_cast<std::size_t>(ceilDivide(std::ssize(m_order), unit()) * unit()), -1);
    }
    m_codes.units = ceilDivide(std::ssize(m_order), unit() * unitsOfBlock(m_codes.bits)) * unitsOfBlock(m_codes.bits);
    m_codes.bytesRow = m_codes.units / unitsOfBlock(m_codes.bits) * bytesOfBlock(m_codes.bits, unit() / 2);
    m_order.resize(static_cast<std::size_t>(m_codes.units * unit()), -1);
    m_codes.segments = ceilDivide(m_codes.units, m_codes.unitsSegment);
    m_groups.resize(static_cast<std::size_t>(m_codes.segments), -1);
    bool inOrder = true;
    for (std::int64_t slot = 0; slot < std::ssize(m_order); ++slot) {
        inOrder = inOrder && m_order[static_cast<std::size_t>(slot)] == (slot < m_inputs ? slot : -1);
    }
    if (inOrder) {
        m_order = {};
    }
}

void PackedWeights::packCodes(const PackedWeightsView& weights)
{
    m_codeBytes = AlignedBuffer(static_cast<std::size_t>((weights.outputs + 1) / 2 * 2 * m_codes.bytesRow));
    m_codes.codes = m_codeBytes.data();
    const std::int64_t bytesRow = (m_inputs * weights.bits + 7) / 8;
    const std::int64_t grain = std::max<std::int64_t>(1, kWeightsPiece / std::max<std::int64_t>(1, m_inputs));
    parallelFor(weights.outputs, grain, [&](std::int64_t begin, std::int64_t end) {
        std::vector<std::uint8_t> codes(static_cast<std::size_t>(m_inputs));
        std::vector<std::uint8_t> slots(static_cast<std::size_t>(m_codes.units * unit()));
        for (std::int64_t output = begin; output < end; ++output) {
            unpackCodes(
                weights.codes.subspan(static_cast<std::size_t>(output * bytesRow), static_cast<std::size_t>(bytesRow)),
                weights.bits, codes);
            std::ranges::copy(codes, slots.begin());
            for (std::size_t slot = 0; slot < m_order.size(); ++slot) {
                slots[slot] = m_order[slot] >= 0 ? codes[static_cast<std::size_t>(m_order[slot])] : std::uint8_t{0};
            }
            packRow(slots, m_codeBytes.data() + placeOfOutput(m_codes, output, bytesOfBlock(m_codes.bits, unit() / 2)));
        }
    });
}

/// Blocks of one output, which lie two blocks apart.
void PackedWeights::packRow(std::span<const std::uint8_t> slots, std::byte* out) const
{
    const auto width = static_cast<std::size_t>(unit());
    const auto units = static_cast<std::size_t>(unitsOfBlock(m_codes.bits));
    const auto bytesBlock = static_cast<std::size_t>(bytesOfBlock(m_codes.bits, unit() / 2));
    std::vector<std::uint16_t> words(width);
    for (std::size_t first = 0; first < slots.size(); first += units * width) {
        if (m_codes.bits == 8) {
            for (std::size_t i = 0; i < units * width; ++i) {
                const std::size_t place = m_codes.pairs ? i : i / width * width + i % 2 * (width / 2) + i % width / 2;
                out[place] = std::byte{slots[first + i]};
            }
        } else {
            std::ranges::fill(words, std::uint16_t{0});
            for (std::size_t unit = 0; unit < units; ++unit) {
                const auto shift = unit * static_cast<std::size_t>(m_codes.bits);
                for (std::size_t i = 0; i < width; ++i) {
                    words[i] = static_cast<std::uint16_t>(words[i] | slots[first + unit * width + i] << shift);
                }
            }
            std::memcpy(out, words.data(), bytesBlock);
        }
        out += 2 * bytesBlock;
    }
}

/// Numbers of groups as those of segments, in the narrowest type that holds them exactly.
SegmentNumbers PackedWeights::packNumbers(const PackedWeightsView& weights, std::span<const float> numbers,
                                          AlignedBuffer& buffer)
{
    std::vector<float> values;
    values.reserve(static_cast<std::size_t>(weights.outputs * m_codes.segments));
    for (std::int64_t output = 0; output < weights.outputs; ++output) {
        for (const std::int32_t group : m_groups) {
            values.push_back(group >= 0 ? numbers[static_cast<std::size_t>(output * weights.groups + group)] : 0.0F);
        }
    }
    if (isExactAs<F16>(values)) {
        store<F16>(values, buffer);
        return {ScalarType::F16, buffer.data()};
    }
    if (isExactAs<Bf16>(values)) {
        store<Bf16>(values, buffer);
        return {ScalarType::Bf16, buffer.data()};
    }
    store<float>(values, buffer);
    return {ScalarType::F32, buffer.data()};
}

void PackedWeights::toSlots(const float* x, std::int64_t slots, float* out) const
{
    if (isInOrder()) {
        std::copy_n(x, std::min(slots, m_inputs), out);
        std::fill_n(out + std::min(slots, m_inputs), std::max<std::int64_t>(0, slots - m_inputs), 0.0F);
        return;
    }
    for (std::int64_t slot = 0; slot < slots; ++slot) {
        const std::int32_t input = m_order[static_cast<std::size_t>(slot)];
        out[slot] = input >= 0 ? x[input] : 0.0F;
    }
}

namespace
{

void fewRows(const float* x, std::int64_t rows, const PackedWeights& weights, const float* bias, float* y)
{
    const PackedCodes& codes = weights.codes();
    const std::int64_t slots = codes.units * weights.shape().table->panelWidth;
    const std::int64_t bytesRow = bytesOfArrangedRow(codes, weights.shape().table->panelWidth / 2);
    auto& scratch = packedScratch();
    scratch.reserve(static_cast<std::size_t>(rows * bytesRow));
    const std::span<float> inSlots = slotScratch(slots);
    for (std::int64_t row = 0; row < rows; ++row) {
        weights.toSlots(x + row * weights.inputs(), slots, inSlots.data());
        weights.ops().arrange(codes, inSlots.data(), scratch.data() + row * bytesRow);
    }
    const std::byte* const arranged = scratch.data();
    const std::int64_t grain = std::max<std::int64_t>(2, kBytesTask / codes.bytesRow / 2 * 2); // Pairs stay whole.
    parallelFor(weights.outputs(), grain, [&](std::int64_t begin, std::int64_t end) {
        weights.ops().row({
            .weights = &codes,
            .first = begin,
            .last = end,
            .x = arranged,
            .bytesRowX = bytesRow,
            .rows = static_cast<int>(rows),
            .bias = bias,
            .y = y,
            .strideY = weights.outputs(),
            .scratch = reinterpret_cast<float*>(unpackScratch(4 * packedScratchProduct(codes.segments) * 4)),
        });
    });
}

/// Panels [first, last) times all packed rows.
void multiplyUnpacked(const PackedWeights& weights, const std::byte* packed, std::int64_t rows, std::int64_t first,
                      std::int64_t last, const float* bias, float* y)
{
    const PanelShape& shape = weights.shape();
    const std::int64_t width = shape.table->panelWidth;
    std::byte* const panels =
        unpackScratch((last - first) * shape.bytesPanel() + packedScratchPanel(weights.codes().segments) * 4);
    for (std::int64_t panel = first; panel < last; ++panel) {
        weights.ops().panel({
            .weights = &weights.codes(),
            .first = panel * width,
            .cols = std::min(width, shape.outputs - panel * width),
            .depth = shape.depth,
            .panel = panels + (panel - first) * shape.bytesPanel(),
            .scratch = reinterpret_cast<float*>(panels + (last - first) * shape.bytesPanel()),
        });
    }
    const std::int64_t rowsBlock = kTilesInCache * shape.tileRows();
    for (std::int64_t row = 0; row < rows; row += rowsBlock) {
        for (std::int64_t panel = first; panel < last; ++panel) {
            multiplyPanel(shape, packed + row * shape.bytesRow(), std::min(rowsBlock, rows - row),
                          panels + (panel - first) * shape.bytesPanel(), panel, bias, y + row * shape.outputs);
        }
    }
}

void manyRows(const float* x, std::int64_t rows, const PackedWeights& weights, const float* bias, float* y)
{
    const PanelShape& shape = weights.shape();
    if (!weights.isInOrder()) {
        const std::span<float> slots = slotScratch(rows * shape.depth);
        parallelFor(rows, 4, [&](std::int64_t begin, std::int64_t end) {
            for (std::int64_t row = begin; row < end; ++row) {
                weights.toSlots(x + row * weights.inputs(), shape.depth, slots.data() + row * shape.depth);
            }
        });
        x = slots.data();
    }
    const std::byte* const packed = packTiles(shape, x, rows);
    const std::int64_t grain = std::clamp<std::int64_t>(kBytesPanels / shape.bytesPanel(), 1, kPanelsMax);
    parallelFor(shape.panelCount(), grain, [&](std::int64_t first, std::int64_t last) {
        multiplyUnpacked(weights, packed, rows, first, last, bias, y);
    });
}

} // namespace

void gemm(std::span<const float> x, std::int64_t rows, const PackedWeights& weights, std::span<const float> bias,
          std::span<float> y)
{
    const float* const biasOrNull = bias.empty() ? nullptr : bias.data();
    if (rows <= kRowsFromCodes) {
        fewRows(x.data(), rows, weights, biasOrNull, y.data());
        return;
    }
    const std::int64_t step = weights.shape().rowsPacked();
    for (std::int64_t row = 0; row < rows; row += step) {
        manyRows(x.data() + row * weights.inputs(), std::min(step, rows - row), weights, biasOrNull,
                 y.data() + row * weights.outputs());
    }
}

} // namespace bitlathe::kernels::cpu
