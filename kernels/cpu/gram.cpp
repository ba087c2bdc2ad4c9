// SPDX-License-Identifier: Apache-2.0
// X'X of the CPU backend: tiles of the lower triangle, summed over a chunk of rows in registers, then added to memory.
#include "kernels/cpu/gemm.h"
#include "kernels/threads.h"

#include <algorithm>

namespace bitlathe::kernels::cpu
{

namespace
{

constexpr std::int64_t kRowsChunk = 256; ///< Short chains keep f32 sums over many tokens accurate.

struct GramScratch
{
    AlignedBuffer panels;
    AlignedBuffer tiles;
};

GramScratch& gramScratch()
{
    thread_local GramScratch scratch;
    return scratch;
}

/// Both forms of a chunk of x: [col / width][row][width] and [col / tile][row][tile].
void packChunk(const CpuTable& table, const float* x, std::int64_t rows, std::int64_t cols, float* panels, float* tiles)
{
    const std::int64_t width = table.panelWidth;
    const std::int64_t tile = table.tileRows;
    parallelFor((cols + width - 1) / width, 4, [&](std::int64_t begin, std::int64_t end) {
        for (std::int64_t i = begin; i < end; ++i) {
            const ColumnsSource source{x + i * width, cols, rows, std::min(width, cols - i * width)};
            packPanel(PanelKind::F32, source, rows, width, panels + i * width * rows);
        }
    });
    parallelFor((cols + tile - 1) / tile, 8, [&](std::int64_t begin, std::int64_t end) {
        for (std::int64_t i = begin; i < end; ++i) {
            const std::int64_t count = std::min(tile, cols - i * tile);
            float* to = tiles + i * tile * rows;
            for (std::int64_t row = 0; row < rows; ++row) {
                to = std::copy_n(x + row * cols + i * tile, count, to);
            }
        }
    });
}

} // namespace

void accumulateGram(const CpuTable& table, std::span<const float> x, std::int64_t rows, std::int64_t cols,
                    std::span<float> gram)
{
    const std::int64_t width = table.panelWidth;
    const std::int64_t tile = table.tileRows;
    const std::int64_t colsPadded = (cols + width - 1) / width * width;
    auto& scratch = gramScratch();
    scratch.panels.reserve(static_cast<std::size_t>(kRowsChunk * colsPadded) * sizeof(float));
    scratch.tiles.reserve(static_cast<std::size_t>(kRowsChunk * cols) * sizeof(float));
    auto* const panels = reinterpret_cast<float*>(scratch.panels.data());
    auto* const tiles = reinterpret_cast<float*>(scratch.tiles.data());
    for (std::int64_t row = 0; row < rows; row += kRowsChunk) {
        const std::int64_t count = std::min(kRowsChunk, rows - row);
        packChunk(table, x.data() + row * cols, count, cols, panels, tiles);
        parallelFor((cols + tile - 1) / tile, 2, [&](std::int64_t begin, std::int64_t end) {
            for (std::int64_t panel = 0; panel * width < std::min(cols, end * tile); ++panel) {
                for (std::int64_t i = begin; i < end; ++i) {
                    const std::int64_t tileRows = std::min(tile, cols - i * tile);
                    if (panel * width >= i * tile + tileRows) {
                        continue; // wholly above the diagonal
                    }
                    const TileArgs args{
                        .a = tiles + i * tile * count,
                        .panel = panels + panel * width * count,
                        .depth = count,
                        .c = gram.data() + i * tile * cols + panel * width,
                        .strideC = cols,
                        .bias = nullptr,
                        .rows = static_cast<int>(tileRows),
                        .cols = static_cast<int>(std::min(width, cols - panel * width)),
                        .accumulate = true,
                    };
                    table.tile(PanelKind::F32, args);
                }
            }
        });
    }
}

} // namespace bitlathe::kernels::cpu
