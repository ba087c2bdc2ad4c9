// SPDX-License-Identifier: Apache-2.0
// Blocking of dense products. The sum of one output runs over k in order, in one chain, whatever the tile, the task or
// the thread: so a row's result depends neither on the other rows nor on the number of threads.
#include "kernels/cpu/gemm.h"

#include "kernels/threads.h"

#include <algorithm>
#include <cassert>

namespace bitlathe::kernels::cpu
{

namespace
{

constexpr std::int64_t kRowsPacked = 1024; ///< Rows packed at once, up to a whole tile; bounds the scratch memory.
constexpr std::int64_t kTilesPerTask = 4;  ///< Their packed rows stay in the second cache while panels pass by.
constexpr std::int64_t kPanelsPerTask = 8;
constexpr std::int64_t kBytesRowTask = 128 << 10; ///< Weights that one task of a single row streams.

PanelKind kindOf(const CpuTable& table, ScalarType type, Precision precision, std::int64_t depth)
{
    if (precision == Precision::Bf16) {
        if (table.hasBf16Tile && depth % kDepthStepTile == 0) {
            return PanelKind::Bf16Tile;
        }
        return table.hasBf16Dot ? PanelKind::Bf16Dot : PanelKind::Bf16;
    }
    switch (type) {
    case ScalarType::F32: return PanelKind::F32;
    case ScalarType::F16: return PanelKind::F16;
    case ScalarType::Bf16: return PanelKind::Bf16;
    }
    return PanelKind::F32;
}

/// Memory of this thread for packed rows. parallelFor never runs a piece of an outer loop inside a nested one, so
/// nobody else on this thread can need it meanwhile.
AlignedBuffer& packedScratch()
{
    thread_local AlignedBuffer buffer;
    return buffer;
}

/// Floats (or bf16 pairs) of one packed row.
std::int64_t packedStride(PanelKind kind, std::int64_t depth)
{
    return kind == PanelKind::Bf16Dot || kind == PanelKind::Bf16Tile ? (depth + 1) / 2 : depth;
}

std::int64_t tileRowsOf(const PanelWeights& weights)
{
    return weights.kind() == PanelKind::Bf16Tile ? kRowsAmx : weights.table().tileRows;
}

void oneRow(std::span<const float> x, const PanelWeights& weights, const float* bias, float* y)
{
    const void* row = x.data();
    if (weights.kind() == PanelKind::Bf16Dot || weights.kind() == PanelKind::Bf16Tile || weights.roundsRows()) {
        auto& scratch = packedScratch();
        scratch.reserve(x.size_bytes() + sizeof(float));
        // The layout of Bf16Dot is one of plain rows, of which every level takes one.
        const PanelKind plain = weights.kind() == PanelKind::Bf16Tile ? PanelKind::Bf16Dot : weights.kind();
        weights.table().packRows(plain, x.data(), weights.inputs(), 1, weights.inputs(), weights.roundsRows(),
                                 scratch.data());
        row = scratch.data();
    }
    const std::int64_t width = weights.table().panelWidth;
    const std::int64_t grain = std::max<std::int64_t>(4, kBytesRowTask / weights.bytesPanel() / 4 * 4);
    parallelFor(weights.panelCount(), grain, [&](std::int64_t begin, std::int64_t end) {
        const std::int64_t first = begin * width;
        const RowArgs args{
            .a = row,
            .panels = weights.panel(begin),
            .panelBytes = weights.bytesPanel(),
            .panelCount = end - begin,
            .depth = weights.inputs(),
            .c = y + first,
            .bias = bias != nullptr ? bias + first : nullptr,
            .cols = std::min(weights.outputs() - first, (end - begin) * width),
        };
        weights.table().row(weights.kind(), args);
    });
}

void packTiles(const PanelWeights& weights, const float* x, std::int64_t rows, std::byte* packed)
{
    const std::int64_t tileRows = tileRowsOf(weights);
    const std::int64_t depth = weights.inputs();
    const std::int64_t bytesRow = packedStride(weights.kind(), depth) * 4;
    parallelFor((rows + tileRows - 1) / tileRows, 2, [&](std::int64_t begin, std::int64_t end) {
        for (std::int64_t tile = begin; tile < end; ++tile) {
            const std::int64_t row = tile * tileRows;
            const auto count = static_cast<int>(std::min(tileRows, rows - row));
            weights.table().packRows(weights.kind(), x + row * depth, depth, count, depth, weights.roundsRows(),
                                     packed + row * bytesRow);
        }
    });
}

/// All tiles [0, rows) times the panels [firstPanel, lastPanel).
void multiplyTiles(const PanelWeights& weights, const std::byte* packed, std::int64_t rows, std::int64_t firstPanel,
                   std::int64_t lastPanel, const float* bias, float* y)
{
    const CpuTable& table = weights.table();
    const std::int64_t tileRows = tileRowsOf(weights);
    const std::int64_t bytesRow = packedStride(weights.kind(), weights.inputs()) * 4;
    for (std::int64_t panel = firstPanel; panel < lastPanel; ++panel) {
        const std::int64_t col = panel * table.panelWidth;
        for (std::int64_t row = 0; row < rows; row += tileRows) {
            const TileArgs args{
                .a = packed + row * bytesRow,
                .panel = weights.panel(panel),
                .depth = weights.inputs(),
                .c = y + row * weights.outputs() + col,
                .strideC = weights.outputs(),
                .bias = bias != nullptr ? bias + col : nullptr,
                .rows = static_cast<int>(std::min(tileRows, rows - row)),
                .cols = static_cast<int>(std::min<std::int64_t>(table.panelWidth, weights.outputs() - col)),
                .accumulate = false,
            };
            table.tile(weights.kind(), args);
        }
    }
}

void someRows(const float* x, std::int64_t rows, const PanelWeights& weights, const float* bias, float* y)
{
    const std::int64_t bytesRow = packedStride(weights.kind(), weights.inputs()) * 4;
    auto& scratch = packedScratch();
    const std::int64_t tileRows = tileRowsOf(weights);
    // Whole tiles: AMX reads the rows of the last one that are not there, and what comes of them is thrown away.
    scratch.reserve(static_cast<std::size_t>((rows + tileRows - 1) / tileRows * tileRows * bytesRow));
    std::byte* const packed = scratch.data();
    packTiles(weights, x, rows, packed);
    const std::int64_t rowsTask = kTilesPerTask * tileRows;
    const std::int64_t rowTasks = (rows + rowsTask - 1) / rowsTask;
    const std::int64_t panelTasks = (weights.panelCount() + kPanelsPerTask - 1) / kPanelsPerTask;
    parallelFor(rowTasks * panelTasks, 1, [&](std::int64_t task, std::int64_t) {
        const std::int64_t row = task % rowTasks * rowsTask;
        const std::int64_t panel = task / rowTasks * kPanelsPerTask;
        multiplyTiles(weights, packed + row * bytesRow, std::min(rowsTask, rows - row), panel,
                      std::min(weights.panelCount(), panel + kPanelsPerTask), bias, y + row * weights.outputs());
    });
}

} // namespace

PanelWeights::PanelWeights(const CpuTable& table, const WeightsView& weights, Precision precision)
    : m_table(&table),
      m_outputs(weights.outputs),
      m_inputs(weights.inputs),
      m_kind(kindOf(table, weights.type, precision, weights.inputs)),
      m_roundsRows(precision == Precision::Bf16 && !table.hasBf16Dot),
      m_panels(static_cast<std::size_t>(panelCount() * bytesPanel()))
{
    const std::int64_t bytesRow = m_inputs * (weights.type == ScalarType::F32 ? 4 : 2);
    assert(weights.bytes.size() == static_cast<std::size_t>(m_outputs * bytesRow));
    parallelFor(panelCount(), 8, [&](std::int64_t begin, std::int64_t end) {
        for (std::int64_t panel = begin; panel < end; ++panel) {
            const std::int64_t first = panel * m_table->panelWidth;
            const RowsSource source{
                .type = weights.type,
                .rows = weights.bytes.data() + first * bytesRow,
                .strideBytes = bytesRow,
                .cols = std::min<std::int64_t>(m_table->panelWidth, m_outputs - first),
            };
            packPanel(m_kind, source, m_inputs, m_table->panelWidth, m_panels.data() + panel * bytesPanel());
        }
    });
}

std::int64_t PanelWeights::panelCount() const
{
    return (m_outputs + m_table->panelWidth - 1) / m_table->panelWidth;
}

std::int64_t PanelWeights::bytesPanel() const
{
    return panelBytes(m_kind, m_inputs, m_table->panelWidth);
}

void gemm(std::span<const float> x, std::int64_t rows, const PanelWeights& weights, std::span<const float> bias,
          std::span<float> y)
{
    const float* const biasOrNull = bias.empty() ? nullptr : bias.data();
    if (rows == 1) {
        oneRow(x, weights, biasOrNull, y.data());
        return;
    }
    const std::int64_t tileRows = tileRowsOf(weights);
    const std::int64_t step = (kRowsPacked + tileRows - 1) / tileRows * tileRows;
    for (std::int64_t row = 0; row < rows; row += step) {
        someRows(x.data() + row * weights.inputs(), std::min(step, rows - row), weights, biasOrNull,
                 y.data() + row * weights.outputs());
    }
}

} // namespace bitlathe::kernels::cpu
