// SPDX-License-Identifier: Apache-2.0
// X'X of the CPU backend: tiles of the lower triangle, summed over a chunk of rows in registers, then added to memory.
#include "kernels/cpu/gemm.h"
#include "kernels/threads.h"

#include <algorithm>

namespace bitlathe::kernels::cpu
{

namespace
{

/// Rows summed in registers before they are added to memory: short chains keep f32 sums over many tokens accurate; bf16
/// products are that fast that memory would be waited for, and their rounding is far coarser than the sum's.
constexpr std::int64_t kRowsChunkF32 = 256;
constexpr std::int64_t kRowsChunkBf16 = 1024;

struct GramScratch
{
    AlignedBuffer panels;
    AlignedBuffer tiles;
    AlignedBuffer rounded;
};

GramScratch& gramScratch()
{
    thread_local GramScratch scratch;
    return scratch;
}

/// How x'x is multiplied: x as the second factor in panels of columns, x' as the first one in tiles of them.
class GramLayout
{
public:
    GramLayout(const CpuTable& table, Precision precision, std::int64_t cols) : m_table(&table), m_cols(cols)
    {
        if (precision == Precision::Bf16 && table.hasBf16Tile) {
            m_kind = PanelKind::Bf16Tile;
        } else if (precision == Precision::Bf16 && table.hasBf16Dot) {
            m_kind = PanelKind::Bf16Dot;
        }
    }

    bool roundsItself() const { return m_kind != PanelKind::F32; }
    std::int64_t width() const { return m_table->panelWidth; }
    std::int64_t tileRows() const { return m_kind == PanelKind::Bf16Tile ? kRowsAmx : m_table->tileRows; }
    std::int64_t panelCount() const { return (m_cols + width() - 1) / width(); }
    std::int64_t tileCount() const { return (m_cols + tileRows() - 1) / tileRows(); }
    std::int64_t rowsChunk() const { return m_kind == PanelKind::F32 ? kRowsChunkF32 : kRowsChunkBf16; }
    /// Of a chunk of that many rows; those beyond are zero.
    std::int64_t depth(std::int64_t rows) const
    {
        if (m_kind == PanelKind::F32) {
            return rows;
        }
        return (rows + kDepthStepTile - 1) / kDepthStepTile * kDepthStepTile;
    }
    /// Tiles that pass by each panel together: AMX is done with few of them before the next panel has come.
    std::int64_t tilesPerTask() const
    {
        constexpr std::int64_t kFew = 2;
        constexpr std::int64_t kMany = 8;
        const std::int64_t share = tileCount() / (2 * threadCount());
        return m_kind == PanelKind::Bf16Tile ? std::clamp(share, kFew, kMany) : kFew;
    }
    std::int64_t bytesPanel(std::int64_t rows) const { return panelBytes(m_kind, depth(rows), width()); }
    std::int64_t bytesTile(std::int64_t rows) const
    {
        return depth(rows) * tileRows() * (m_kind == PanelKind::F32 ? 4 : 2);
    }

    void pack(const float* x, std::int64_t rows, std::byte* panels, std::byte* tiles) const
    {
        parallelFor(panelCount(), 4, [&](std::int64_t begin, std::int64_t end) {
            for (std::int64_t i = begin; i < end; ++i) {
                std::byte* const panel = panels + i * bytesPanel(rows);
                packColumns(x + i * width(), rows, std::min(width(), m_cols - i * width()), width(), panel);
                if (m_kind == PanelKind::Bf16Tile) {
                    m_table->turnPanel(panel, depth(rows), tiles + i * bytesTile(rows));
                }
            }
        });
        if (m_kind == PanelKind::Bf16Tile) {
            return;
        }
        parallelFor(tileCount(), 8, [&](std::int64_t begin, std::int64_t end) {
            for (std::int64_t i = begin; i < end; ++i) {
                packColumns(x + i * tileRows(), rows, countOf(i), countOf(i), tiles + i * bytesTile(rows));
            }
        });
    }

    /// Adds panels and tiles [begin, end) to the lower triangle.
    void multiply(const std::byte* panels, const std::byte* tiles, std::int64_t rows, std::int64_t begin,
                  std::int64_t end, float* gram) const
    {
        for (std::int64_t panel = 0; panel * width() < std::min(m_cols, end * tileRows()); ++panel) {
            for (std::int64_t i = begin; i < end; ++i) {
                if (panel * width() >= i * tileRows() + countOf(i)) {
                    continue; // wholly above the diagonal
                }
                const TileArgs args{
                    .a = tiles + i * bytesTile(rows),
                    .panel = panels + panel * bytesPanel(rows),
                    .depth = depth(rows),
                    .c = gram + i * tileRows() * m_cols + panel * width(),
                    .strideC = m_cols,
                    .bias = nullptr,
                    .rows = static_cast<int>(countOf(i)),
                    .cols = static_cast<int>(std::min(width(), m_cols - panel * width())),
                    .accumulate = true,
                };
                m_table->tile(m_kind, args);
            }
        }
    }

private:
    /// Columns of x that are rows of tile i.
    std::int64_t countOf(std::int64_t i) const { return std::min(tileRows(), m_cols - i * tileRows()); }

    /// Columns [0, cols) of x as a panel of width columns, or as a tile of x'.
    void packColumns(const float* x, std::int64_t rows, std::int64_t cols, std::int64_t width, std::byte* out) const
    {
        if (m_kind == PanelKind::F32) {
            packPanel(m_kind, ColumnsSource{x, m_cols, rows, cols}, rows, width, out);
        } else {
            m_table->packColumns(ColumnsArgs{x, m_cols, rows, depth(rows), cols, width}, out);
        }
    }

    const CpuTable* m_table;
    PanelKind m_kind = PanelKind::F32;
    std::int64_t m_cols;
};

} // namespace

void accumulateGram(const CpuTable& table, Precision precision, std::span<const float> x, std::int64_t rows,
                    std::int64_t cols, std::span<float> gram)
{
    const GramLayout layout(table, precision, cols);
    const bool rounds = precision == Precision::Bf16 && !layout.roundsItself();
    const std::int64_t chunk = std::min(rows, layout.rowsChunk());
    auto& scratch = gramScratch();
    scratch.panels.reserve(static_cast<std::size_t>(layout.panelCount() * layout.bytesPanel(chunk)));
    scratch.tiles.reserve(static_cast<std::size_t>(layout.tileCount() * layout.bytesTile(chunk)));
    scratch.rounded.reserve(rounds ? static_cast<std::size_t>(chunk * cols) * sizeof(float) : 0);
    std::byte* const panels = scratch.panels.data();
    std::byte* const tiles = scratch.tiles.data();
    for (std::int64_t row = 0; row < rows; row += chunk) {
        const std::int64_t count = std::min(chunk, rows - row);
        const float* values = x.data() + row * cols;
        if (rounds) {
            auto* const rounded = reinterpret_cast<float*>(scratch.rounded.data());
            std::transform(values, values + count * cols, rounded, roundedToBf16);
            values = rounded;
        }
        layout.pack(values, count, panels, tiles);
        parallelFor(layout.tileCount(), layout.tilesPerTask(), [&](std::int64_t begin, std::int64_t end) {
            layout.multiply(panels, tiles, count, begin, end, gram.data());
        });
    }
}

} // namespace bitlathe::kernels::cpu
