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

void oneRow(std::span<const float> x, const PanelWeights& weights, const float* bias, float* y)
{
    const PanelShape& shape = weights.shape();
    const CpuTable& table = *shape.table;
    const void* row = x.data();
    if (shape.kind == PanelKind::Bf16Dot || shape.kind == PanelKind::Bf16Tile || shape.roundsRows) {
        auto& scratch = packedScratch();
        scratch.reserve(x.size_bytes() + sizeof(float));
        // The layout of Bf16Dot is one of plain rows, of which every level takes one.
        const PanelKind plain = shape.kind == PanelKind::Bf16Tile ? PanelKind::Bf16Dot : shape.kind;
        table.packRows(plain, x.data(), shape.depth, 1, shape.depth, shape.roundsRows, scratch.data());
        row = scratch.data();
    }
    const std::int64_t grain = std::max<std::int64_t>(4, kBytesRowTask / shape.bytesPanel() / 4 * 4);
    parallelFor(shape.panelCount(), grain, [&](std::int64_t begin, std::int64_t end) {
        const std::int64_t first = begin * table.panelWidth;
        const RowArgs args{
            .a = row,
            .panels = weights.panel(begin),
            .panelBytes = shape.bytesPanel(),
            .panelCount = end - begin,
            .depth = shape.depth,
            .c = y + first,
            .bias = bias != nullptr ? bias + first : nullptr,
            .cols = std::min(shape.outputs - first, (end - begin) * table.panelWidth),
        };
        table.row(shape.kind, args);
    });
}

void someRows(const float* x, std::int64_t rows, const PanelWeights& weights, const float* bias, float* y)
{
    const PanelShape& shape = weights.shape();
    const std::byte* const packed = packTiles(shape, x, rows);
    const std::int64_t rowsTask = kTilesPerTask * shape.tileRows();
    const std::int64_t rowTasks = (rows + rowsTask - 1) / rowsTask;
    const std::int64_t panelTasks = (shape.panelCount() + kPanelsPerTask - 1) / kPanelsPerTask;
    parallelFor(rowTasks * panelTasks, 1, [&](std::int64_t task, std::int64_t) {
        const std::int64_t row = task % rowTasks * rowsTask;
        const std::int64_t first = task / rowTasks * kPanelsPerTask;
        for (std::int64_t panel = first; panel < std::min(shape.panelCount(), first + kPanelsPerTask); ++panel) {
            multiplyPanel(shape, packed + row * shape.bytesRow(), std::min(rowsTask, rows - row), weights.panel(panel),
                          panel, bias, y + row * shape.outputs);
        }
    });
}

} // namespace

std::int64_t PanelShape::bytesRow() const
{
    return kind == PanelKind::Bf16Dot || kind == PanelKind::Bf16Tile ? (depth + 1) / 2 * 4 : depth * 4;
}

std::int64_t PanelShape::tileRows() const
{
    return kind == PanelKind::Bf16Tile ? kRowsAmx : table->tileRows;
}

std::int64_t PanelShape::rowsPacked() const
{
    return (kRowsPacked + tileRows() - 1) / tileRows() * tileRows();
}

AlignedBuffer& packedScratch()
{
    thread_local AlignedBuffer buffer;
    return buffer;
}

const std::byte* packTiles(const PanelShape& shape, const float* x, std::int64_t rows)
{
    auto& scratch = packedScratch();
    const std::int64_t tileRows = shape.tileRows();
    const std::int64_t tiles = (rows + tileRows - 1) / tileRows;
    // Whole tiles: AMX reads the rows of the last one that are not there, and what comes of them is thrown away.
    scratch.reserve(static_cast<std::size_t>(tiles * tileRows * shape.bytesRow()));
    std::byte* const packed = scratch.data();
    parallelFor(tiles, 2, [&](std::int64_t begin, std::int64_t end) {
        for (std::int64_t tile = begin; tile < end; ++tile) {
            const std::int64_t row = tile * tileRows;
            const auto count = static_cast<int>(std::min(tileRows, rows - row));
            shape.table->packRows(shape.kind, x + row * shape.depth, shape.depth, count, shape.depth, shape.roundsRows,
                                  packed + row * shape.bytesRow());
        }
    });
    return packed;
}

void multiplyPanel(const PanelShape& shape, const std::byte* packed, std::int64_t rows, const std::byte* panel,
                   std::int64_t panelIndex, const float* bias, float* y)
{
    const std::int64_t tileRows = shape.tileRows();
    const std::int64_t width = shape.table->panelWidth;
    const std::int64_t col = panelIndex * width;
    for (std::int64_t row = 0; row < rows; row += tileRows) {
        const TileArgs args{
            .a = packed + row * shape.bytesRow(),
            .panel = panel,
            .depth = shape.depth,
            .c = y + row * shape.outputs + col,
            .strideC = shape.outputs,
            .bias = bias != nullptr ? bias + col : nullptr,
            .rows = static_cast<int>(std::min(tileRows, rows - row)),
            .cols = static_cast<int>(std::min(width, shape.outputs - col)),
            .accumulate = false,
        };
        shape.table->tile(shape.kind, args);
    }
}

PanelWeights::PanelWeights(const CpuTable& table, const WeightsView& weights, Precision precision)
    : m_shape{
          .table = &table,
          .kind = kindOf(table, weights.type, precision, weights.inputs),
          .roundsRows = precision == Precision::Bf16 && !table.hasBf16Dot,
          .depth = weights.inputs,
          .outputs = weights.outputs,
      },
      m_panels(static_cast<std::size_t>(m_shape.panelCount() * m_shape.bytesPanel()))
{
    const std::int64_t bytesRow = weights.inputs * (weights.type == ScalarType::F32 ? 4 : 2);
    assert(weights.bytes.size() == static_cast<std::size_t>(weights.outputs * bytesRow));
    parallelFor(m_shape.panelCount(), 8, [&](std::int64_t begin, std::int64_t end) {
        for (std::int64_t panel = begin; panel < end; ++panel) {
            const std::int64_t first = panel * table.panelWidth;
            const RowsSource source{
                .type = weights.type,
                .rows = weights.bytes.data() + first * bytesRow,
                .strideBytes = bytesRow,
                .cols = std::min<std::int64_t>(table.panelWidth, weights.outputs - first),
            };
            packPanel(m_shape.kind, source, m_shape.depth, table.panelWidth,
                      m_panels.data() + panel * m_shape.bytesPanel());
        }
    });
}

void gemm(std::span<const float> x, std::int64_t rows, const PanelWeights& weights, std::span<const float> bias,
          std::span<float> y)
{
    const float* const biasOrNull = bias.empty() ? nullptr : bias.data();
    if (rows == 1) {
        oneRow(x, weights, biasOrNull, y.data());
        return;
    }
    const std::int64_t step = weights.shape().rowsPacked();
    for (std::int64_t row = 0; row < rows; row += step) {
        someRows(x.data() + row * weights.inputs(), std::min(step, rows - row), weights, biasOrNull,
                 y.data() + row * weights.outputs());
    }
}

} // namespace bitlathe::kernels::cpu
