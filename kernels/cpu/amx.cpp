// SPDX-License-Identifier: Apache-2.0
// Products of bf16 with AMX tiles; all else as with AVX-512. Compiled for that level: include nothing that others
// share.
#include "kernels/cpu/simdavx512bf16.h"

#include "kernels/cpu/attentionloops.h"

namespace bitlathe::kernels::cpu
{

namespace
{

constexpr int kWidth = 32;     ///< Columns of a panel: two tiles side by side.
constexpr int kTileSide = 16;  ///< Rows of a tile, and f32 columns of a sum.
constexpr int kTileBytes = 64; ///< Bytes of a tile's row.

/// The argument of LDTILECFG: every tile 16 rows of 64 bytes.
struct alignas(64) TileConfig
{
    std::uint8_t palette = 1;
    std::uint8_t startRow = 0;
    std::uint8_t reserved[14] = {};
    std::uint16_t bytesRow[16] = {};
    std::uint8_t rows[16] = {};
};

/// Tile registers belong to the thread: configured once, and nobody else in this process uses them.
void configureTiles()
{
    thread_local bool configured = false;
    if (!configured) {
        TileConfig config;
        for (int i = 0; i < 8; ++i) {
            config.bytesRow[i] = kTileBytes;
            config.rows[i] = kTileSide;
        }
        // GCC 12 believes that only the first bytes are read, and would drop the other stores.
        asm volatile("" : : "r"(&config) : "memory");
        _tile_loadconfig(&config);
        configured = true;
    }
}

/// How the rows of a tile lie: those of one step of the depth together, so that they stream, or each by itself.
struct StepRows
{
    static constexpr std::int64_t kBytesRow = kTileBytes;
    static constexpr std::int64_t kBytesStep = kRowsAmx * kTileBytes;
};
struct WeightRows
{
    static constexpr std::int64_t kBytesRow = kKeyBlock * 2;
    static constexpr std::int64_t kBytesStep = kTileBytes;
};

/// Sums 0 ... 3 are the quarters of a tile of 32 rows and 32 columns; 4 and 5 hold rows of a, 6 and 7 the panel.
template <class Rows, bool kBothHalves, bool kAccumulate = false>
inline __attribute__((always_inline)) void multiplyTiles(const TileArgs& t, float* to, std::int64_t stride)
{
    const auto* a = static_cast<const char*>(t.a);
    const auto* b = static_cast<const char*>(t.panel);
    constexpr std::int64_t kBytesPairs = kWidth * 4; // a row of the panel: pairs of all columns
    if constexpr (kAccumulate) {
        _tile_loadd(0, to, stride * 4);
        _tile_loadd(1, to + kTileSide, stride * 4);
        _tile_loadd(2, to + kTileSide * stride, stride * 4);
        _tile_loadd(3, to + kTileSide * stride + kTileSide, stride * 4);
    } else {
        _tile_zero(0);
        _tile_zero(1);
        _tile_zero(2);
        _tile_zero(3);
    }
    for (std::int64_t k = 0; k < t.depth; k += kDepthStepTile) {
        _tile_loadd(6, b, kBytesPairs);
        _tile_loadd(7, b + kTileBytes, kBytesPairs);
        _tile_loadd(4, a, Rows::kBytesRow);
        _tile_dpbf16ps(0, 4, 6);
        _tile_dpbf16ps(1, 4, 7);
        if constexpr (kBothHalves) {
            _tile_loadd(5, a + kTileSide * Rows::kBytesRow, Rows::kBytesRow);
            _tile_dpbf16ps(2, 5, 6);
            _tile_dpbf16ps(3, 5, 7);
        }
        a += Rows::kBytesStep;
        b += kDepthStepTile / 2 * kBytesPairs;
    }
    _tile_stored(0, to, stride * 4);
    _tile_stored(1, to + kTileSide, stride * 4);
    if constexpr (kBothHalves) {
        _tile_stored(2, to + kTileSide * stride, stride * 4);
        _tile_stored(3, to + kTileSide * stride + kTileSide, stride * 4);
    }
}

template <class Rows>
void tileAmx(const TileArgs& t)
{
    configureTiles();
    if (t.rows == kRowsAmx && t.cols == kWidth && t.bias == nullptr) {
        if (t.accumulate) {
            multiplyTiles<Rows, true, true>(t, t.c, t.strideC);
        } else {
            multiplyTiles<Rows, true>(t, t.c, t.strideC);
        }
        return;
    }
    alignas(64) float sums[kRowsAmx][kWidth];
    if (t.rows > kTileSide) {
        multiplyTiles<Rows, true>(t, &sums[0][0], kWidth);
    } else {
        multiplyTiles<Rows, false>(t, &sums[0][0], kWidth);
    }
    for (int row = 0; row < t.rows; ++row) {
        float* const c = t.c + row * t.strideC;
        for (int col = 0; col < t.cols; ++col) {
            const float sum = t.accumulate ? c[col] + sums[row][col] : sums[row][col];
            c[col] = t.bias != nullptr ? sum + t.bias[col] : sum;
        }
    }
}

/// To StepRows.
void packRowsAmx(const float* x, std::int64_t strideX, int rows, std::int64_t depth, void* out)
{
    constexpr std::int64_t kStep = StepRows::kBytesStep / 4;
    for (int row = 0; row < rows; ++row) {
        auto* to = static_cast<float*>(out) + row * Simd512Bf16::kLanes;
        for (std::int64_t k = 0; k < depth; k += kDepthStepTile, to += kStep) {
            Simd512Bf16::store(to, Simd512Bf16::loadAsPairs(x + row * strideX + k));
        }
    }
}

/// [depth / 2][32] pairs to StepRows of 32 columns, a square of sixteen at a time through registers.
void turnPanel(const void* panel, std::int64_t depth, void* tile)
{
    constexpr std::int64_t kSquare = Simd512Bf16::kLanes;
    const auto* from = static_cast<const float*>(panel); // Only moved.
    auto* to = static_cast<float*>(tile);
    for (std::int64_t pair = 0; pair < depth / 2; pair += kSquare) {
        for (std::int64_t col = 0; col < kWidth; col += kSquare, to += kSquare * kSquare) {
            Simd512Bf16::V square[kSquare];
            for (std::int64_t i = 0; i < kSquare; ++i) {
                square[i] = Simd512Bf16::load(from + (pair + i) * kWidth + col);
            }
            Simd512Bf16::transpose(square);
            for (std::int64_t i = 0; i < kSquare; ++i) {
                Simd512Bf16::store(to + i * kSquare, square[i]);
            }
        }
    }
}

void tileAny(PanelKind kind, const TileArgs& t)
{
    if (kind == PanelKind::Bf16Tile) {
        tileAmx<StepRows>(t);
    } else {
        tile<Simd512Bf16>(kind, t);
    }
}

void packRowsAny(PanelKind kind, const float* x, std::int64_t strideX, int rows, std::int64_t depth, bool roundBf16,
                 void* out)
{
    if (kind == PanelKind::Bf16Tile) {
        packRowsAmx(x, strideX, rows, depth, out);
    } else {
        packRows<Simd512Bf16>(kind, x, strideX, rows, depth, roundBf16, out);
    }
}

/// The products of attention with tiles. headDim is a multiple of kDepthStepTile, and so is kKeyBlock. A tile reads 32
/// rows of its first factor, also where fewer count: AttentionArgs::scratch has room for whole tiles.
struct TileProducts
{
    static constexpr int kRows = kRowsAmx;

    static void packQueries(const AttentionArgs& args, std::int64_t row, std::int64_t rows, float* out)
    {
        packRowsAmx(args.query + row * args.strideQuery, args.strideQuery, static_cast<int>(rows), args.headDim, out);
    }
    static void scores(bool, const TileArgs& t) { tileAmx<StepRows>(t); }
    static void values(bool, TileArgs t)
    {
        t.depth = kKeyBlock; // keys that no row sees have no weight
        tileAmx<WeightRows>(t);
    }
};

void attentionAny(const AttentionArgs& args)
{
    if (args.bf16) {
        attention<Simd512Bf16, TileProducts>(args);
    } else {
        attention<Simd512Bf16>(args);
    }
}

constexpr CpuTable makeAmxTable()
{
    CpuTable table = makeTable<Simd512Bf16>();
    table.hasBf16Tile = true;
    // Processors with AMX run the bf16 dot product at half the speed of the f32 multiply-add: where tiles do not fit,
    // f32 arithmetic is faster.
    table.hasBf16Dot = false;
    table.tile = tileAny;
    table.packRows = packRowsAny;
    table.turnPanel = turnPanel;
    table.attention = attentionAny;
    table.queryBlock = 2 * kRowsAmx;
    return table;
}

constexpr CpuTable kTable = makeAmxTable();

} // namespace

const CpuTable* amxTable()
{
    return &kTable;
}

} // namespace bitlathe::kernels::cpu
