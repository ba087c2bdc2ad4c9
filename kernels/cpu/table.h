// SPDX-License-Identifier: Apache-2.0
// CpuTable: the single-threaded inner loops of one instruction set level.
#pragma once

#include "kernels/activation.h"

#include <cstdint>

namespace bitlathe::kernels::cpu
{

/// How a panel of weights is stored, and how it is multiplied.
enum class PanelKind {
    F32,      ///< [depth][width] f32
    F16,      ///< [depth][width] f16, widened to f32
    Bf16,     ///< [ceil(depth / 2)][width][2] bf16, widened to f32
    Bf16Dot,  ///< The layout of Bf16, multiplied by the processor's bf16 dot product
    Bf16Tile, ///< The layout of Bf16, multiplied by AMX tiles; depth is a multiple of kDepthStepTile
};

/// What one AMX instruction takes of the depth.
inline constexpr std::int64_t kDepthStepTile = 32;
/// Rows of a tile for PanelKind::Bf16Tile.
inline constexpr int kRowsAmx = 32;

/// One tile of a product: c[row][col] (+)= sum over k of a[row][k] * panel[k][col], summed in the order of k, for rows
/// <= CpuTable::tileRows and cols <= CpuTable::panelWidth. a: packed [depth][rows] f32, or [ceil(depth / 2)][rows][2]
/// bf16 for Bf16Dot, or [depth / 32][kRowsAmx][32] bf16 for Bf16Tile. Panels are zero-padded to full width.
struct TileArgs
{
    const void* a = nullptr;
    const void* panel = nullptr;
    std::int64_t depth = 0;
    float* c = nullptr;
    std::int64_t strideC = 0;
    const float* bias = nullptr; ///< Added last; may be null.
    int rows = 0;
    int cols = 0;
    bool accumulate = false; ///< The sum is added to c.
};

/// Columns of x [rows][stride] in pairs of rows; those from rows to depth, and from cols to width, are zero.
struct ColumnsArgs
{
    const float* x = nullptr;
    std::int64_t stride = 0;
    std::int64_t rows = 0;
    std::int64_t depth = 0; ///< Even.
    std::int64_t cols = 0;
    std::int64_t width = 0;
};

/// One row times several panels that lie panelBytes apart; a: f32 [depth], or bf16 [depth] for Bf16Dot and Bf16Tile.
struct RowArgs
{
    const void* a = nullptr;
    const void* panels = nullptr;
    std::int64_t panelBytes = 0;
    std::int64_t panelCount = 0;
    std::int64_t depth = 0;
    float* c = nullptr;
    const float* bias = nullptr;
    std::int64_t cols = 0; ///< Over all panels.
};

/// Keys per step of the blocked attention, and the row stride of its scores.
inline constexpr std::int64_t kKeyBlock = 64;

/// One head's block of queries against all keys it may see.
struct AttentionArgs
{
    const float* query = nullptr; ///< [rows][strideQuery]
    std::int64_t strideQuery = 0;
    std::int64_t rows = 0;
    std::int64_t firstPosition = 0;    ///< Of row 0.
    const void* keyPanels = nullptr;   ///< Panels of panelWidth keys, depth headDim.
    const void* valuePanels = nullptr; ///< For each key block: panels of panelWidth dimensions, depth kKeyBlock.
    std::int64_t keys = 0;
    std::int64_t headDim = 0;
    std::int64_t window = 0;
    float scale = 1.0F;
    float softCap = 0.0F; ///< As in AttentionShape.
    bool bf16 = false;    ///< Products in bf16; panels then are Bf16Dot.
    float* out = nullptr;
    std::int64_t strideOut = 0;
    float* scratch = nullptr; ///< CpuTable::attentionScratch floats.
};

/// A stretch of keys for all query heads of one key head and one query token.
struct AttentionRowArgs
{
    const float* query = nullptr; ///< [heads][headDim]
    std::int64_t heads = 0;
    const float* keys = nullptr; ///< [count][stride]
    const float* values = nullptr;
    std::int64_t stride = 0;
    std::int64_t count = 0;
    std::int64_t headDim = 0;
    float scale = 1.0F;
    float softCap = 0.0F;
    float* scores = nullptr;  ///< Scratch, [heads][count].
    float* maximum = nullptr; ///< [heads], results: the largest score,
    float* sum = nullptr;     ///< [heads] sum of exp(score - maximum),
    float* out = nullptr;     ///< [heads][headDim] sum of exp(score - maximum) * value.
};

/// Columns [0, count) of rows that lie stride apart, to be folded into what is known of them.
struct ChannelsArgs
{
    const float* x = nullptr;
    std::int64_t rows = 0;
    std::int64_t stride = 0;
    std::int64_t count = 0;
    float* minimum = nullptr; ///< This and the others: [count].
    float* maximum = nullptr;
    float* absMaximum = nullptr;
    double* sum = nullptr;
    double* absSum = nullptr;
};

struct CpuTable
{
    int tileRows = 0;
    int panelWidth = 0;
    bool hasBf16Dot = false;
    bool hasBf16Tile = false;
    /// Query tokens in one call of attention, at most kQueryBlock: whole tiles.
    std::int64_t queryBlock = 56;

    void (*tile)(PanelKind kind, const TileArgs& args);
    void (*row)(PanelKind kind, const RowArgs& args);
    /// a tile's rows [rows][strideX] to TileArgs::a; roundBf16 rounds f32 values to bf16 first.
    void (*packRows)(PanelKind kind, const float* x, std::int64_t strideX, int rows, std::int64_t depth, bool roundBf16,
                     void* out);

    /// Rows of x to [args.depth / 2][width][2] bf16: a panel of its columns, or a tile of x' for Bf16Dot. Null without
    /// bf16 instructions.
    void (*packColumns)(const ColumnsArgs& args, void* out);
    /// A panel of kRowsAmx columns to the tile of x' for Bf16Tile. Null without AMX.
    void (*turnPanel)(const void* panel, std::int64_t depth, void* tile);

    void (*rmsNorm)(const float* x, const float* weight, float epsilon, float* out, std::int64_t count);
    /// bias may be null.
    void (*layerNorm)(const float* x, const float* weight, const float* bias, float epsilon, float* out,
                      std::int64_t count);
    void (*rope)(float* x, const float* cosine, const float* sine, std::int64_t half);
    /// factor may be null.
    void (*activate)(Activation activation, float* x, const float* factor, std::int64_t count);
    void (*add)(float* x, const float* y, std::int64_t count);
    void (*softCap)(float* x, float cap, std::int64_t count);
    void (*softmax)(float* x, std::int64_t count);
    double (*logSumExp)(const float* x, std::int64_t count);
    double (*klDivergence)(const float* p, const float* q, std::int64_t count);
    void (*channels)(const ChannelsArgs& args);

    void (*attention)(const AttentionArgs& args);
    void (*attentionRow)(const AttentionRowArgs& args);
};

/// Query tokens that one call of CpuTable::attention takes at most.
inline constexpr std::int64_t kQueryBlock = 64;
/// Floats that AttentionArgs::scratch points to.
constexpr std::int64_t attentionScratch(std::int64_t headDim)
{
    const std::int64_t dims = (headDim + 63) / 64 * 64;
    return kQueryBlock * (2 * kKeyBlock + 2 * dims + 4) + 64;
}

/// The table of a level; null where this program was built for another kind of processor.
const CpuTable* avx2Table();
const CpuTable* avx512Table();
const CpuTable* avx512Bf16Table();
const CpuTable* amxTable();

} // namespace bitlathe::kernels::cpu
