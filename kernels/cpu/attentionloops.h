// SPDX-License-Identifier: Apache-2.0
// Loop templates of attention: a block of queries against blocks of keys with a running softmax, and one query alone.
#pragma once

#include "kernels/cpu/rowloops.h"
#include "kernels/cpu/tileloops.h"

#include <cstdint>
#include <limits>

namespace bitlathe::kernels::cpu
{

namespace
{

constexpr float kMinusInfinity = -std::numeric_limits<float>::infinity();

/// Where the parts of AttentionArgs::scratch begin, and the sizes that follow from the arguments.
template <class S>
struct AttentionState
{
    static constexpr int kWidth = 2 * S::kLanes;

    explicit AttentionState(const AttentionArgs& args)
        : dims((args.headDim + kWidth - 1) / kWidth * kWidth),
          query(args.scratch),
          scores(query + kQueryBlock * ((args.headDim + 1) / 2 * 2)),
          weights(scores + kQueryBlock * kKeyBlock),
          out(weights + kQueryBlock * kKeyBlock / 2),
          sums(out + kQueryBlock * dims),
          largest(sums + kQueryBlock * S::kLanes)
    {}

    std::int64_t dims; ///< headDim rounded up to whole panels.
    float* query;      ///< Tiles of packed rows.
    float* scores;     ///< [rows][kKeyBlock]; in f32 the weights too.
    float* weights;    ///< [rows][kKeyBlock] as bf16 pairs.
    float* out;        ///< [rows][dims], not yet divided.
    float* sums;       ///< [rows][lanes] of exp(score - largest), to be added up.
    float* largest;    ///< [rows]
};

/// The products of attention as the vector loops of a level do them.
template <class S>
struct VectorProducts
{
    static constexpr int kRows = S::kTileRows;

    static void packQueries(const AttentionArgs& args, std::int64_t row, std::int64_t rows, float* out)
    {
        packRows<S>(args.bf16 ? PanelKind::Bf16Dot : PanelKind::F32, args.query + row * args.strideQuery,
                    args.strideQuery, static_cast<int>(rows), args.headDim, false, out);
    }
    /// t.a: what packQueries made.
    static void scores(bool bf16, const TileArgs& t) { tile<S>(bf16 ? PanelKind::Bf16Dot : PanelKind::F32, t); }
    /// t.a: weights [rows][kKeyBlock], of which t.depth are visible to any row.
    static void values(bool bf16, const TileArgs& t)
    {
        if constexpr (S::kHasDot) {
            if (bf16) {
                tileOfRows<S, PanelKind::Bf16Dot, kKeyBlock / 2>(t);
                return;
            }
        }
        tileOfRows<S, PanelKind::F32, kKeyBlock>(t);
    }
};

/// Scores [low, high) of one row, not yet scaled, become those whose product with scale is the capped one.
template <class S>
void capScores(float* scores, std::int64_t low, std::int64_t high, float scale, float cap)
{
    const auto inner = S::set(scale / cap);
    const auto outer = S::set(cap / scale);
    forLanes<S>(
        high - low,
        [&](std::int64_t at) {
            float* const p = scores + low + at;
            S::store(p, S::mul(outer, tanhOf<S>(S::mul(inner, S::load(p)))));
        },
        [&](std::int64_t at, std::int64_t lanes) {
            float* const p = scores + low + at;
            S::storePart(p, S::mul(outer, tanhOf<S>(S::mul(inner, S::loadPart(p, lanes)))), lanes);
        });
}

template <class S>
void softCap(float* x, float cap, std::int64_t count)
{
    capScores<S>(x, 0, count, 1.0F, cap);
}

/// Turns scores of one row into weights exp((score - largest) * scale), with running largest, sums and out kept in
/// step. Keys outside [low, high) of the block get no weight.
template <class S>
void weighRow(const AttentionArgs& args, const AttentionState<S>& state, std::int64_t row, std::int64_t low,
              std::int64_t high)
{
    using V = typename S::V;
    constexpr int kVectors = kKeyBlock / S::kLanes;
    float* scores = state.scores + row * kKeyBlock;
    if (args.softCap > 0.0F) {
        capScores<S>(scores, low, high, args.scale, args.softCap);
    }
    for (std::int64_t i = 0; i < low; ++i) {
        scores[i] = kMinusInfinity;
    }
    for (std::int64_t i = high; i < kKeyBlock; ++i) {
        scores[i] = kMinusInfinity;
    }
    V v[kVectors];
    auto top = S::set(kMinusInfinity);
#pragma GCC unroll 8
    for (int i = 0; i < kVectors; ++i) {
        v[i] = S::load(scores + i * S::kLanes);
        top = S::max(top, v[i]);
    }
    // Powers of two instead of e: one multiply-add scales and shifts a score at once.
    const float scale = args.scale * kLog2e;
    const float before = state.largest[row];
    const float here = S::largest(top);
    const float largest = here > before ? here : before;
    V sums = S::load(state.sums + row * S::kLanes);
    if (largest > before) {
        const V shrink = exp2OfNegative<S>(S::set((before - largest) * scale));
        sums = S::mul(sums, shrink);
        float* out = state.out + row * state.dims;
        for (std::int64_t d = 0; d < state.dims; d += S::kLanes) {
            S::store(out + d, S::mul(S::load(out + d), shrink));
        }
        state.largest[row] = largest;
    }
    // No key of this row was visible yet: every score is minus infinity, and any finite shift makes zeros of them.
    const V shift = S::set(largest == kMinusInfinity ? 0.0F : largest * scale);
#pragma GCC unroll 8
    for (int i = 0; i < kVectors; ++i) {
        v[i] = exp2OfNegative<S>(S::fms(v[i], S::set(scale), shift));
        sums = S::add(sums, v[i]);
    }
    S::store(state.sums + row * S::kLanes, sums);
    if constexpr (S::kHasDot) {
        if (args.bf16) {
            S::storeBf16(state.weights + row * (kKeyBlock / 2), v);
            return;
        }
    }
#pragma GCC unroll 8
    for (int i = 0; i < kVectors; ++i) {
        S::store(scores + i * S::kLanes, v[i]);
    }
}

/// Scores of one tile of query rows against the keys of a block.
template <class S, class Products>
void scoreTile(const AttentionArgs& args, const AttentionState<S>& state, std::int64_t block, TileArgs t)
{
    const std::int64_t first = block * kKeyBlock;
    const std::int64_t depth = args.bf16 ? (args.headDim + 1) / 2 : args.headDim;
    t.depth = args.headDim;
    t.strideC = kKeyBlock;
    t.cols = state.kWidth;
    for (std::int64_t key = 0; key < kKeyBlock && first + key < args.keys; key += state.kWidth) {
        t.panel = static_cast<const float*>(args.keyPanels) + (first + key) * depth;
        TileArgs part = t;
        part.c = t.c + key;
        Products::scores(args.bf16, part);
    }
}

/// Adds weights times values of a block to one tile of out.
template <class S, class Products>
void valueTile(const AttentionArgs& args, const AttentionState<S>& state, std::int64_t block, std::int64_t row,
               std::int64_t rows, std::int64_t keys)
{
    const std::int64_t floatsPerKey = args.bf16 ? kKeyBlock / 2 : kKeyBlock;
    TileArgs t;
    t.a = args.bf16 ? state.weights + row * (kKeyBlock / 2) : state.scores + row * kKeyBlock;
    t.depth = keys;
    t.rows = static_cast<int>(rows);
    t.cols = state.kWidth;
    t.strideC = state.dims;
    t.accumulate = true;
    for (std::int64_t d = 0; d < state.dims; d += state.kWidth) {
        t.panel = static_cast<const float*>(args.valuePanels) + (block * state.dims + d) * floatsPerKey;
        t.c = state.out + row * state.dims + d;
        Products::values(args.bf16, t);
    }
}

/// One block of keys for all rows.
template <class S, class Products>
void attendBlock(const AttentionArgs& args, const AttentionState<S>& state, std::int64_t block)
{
    const std::int64_t first = block * kKeyBlock;
    const std::int64_t depth = args.bf16 ? (args.headDim + 1) / 2 : args.headDim;
    for (std::int64_t row = 0; row < args.rows; row += Products::kRows) {
        const std::int64_t rows = args.rows - row < Products::kRows ? args.rows - row : Products::kRows;
        const std::int64_t last = args.firstPosition + row + rows - 1;
        if (last < first) {
            continue;
        }
        TileArgs t;
        t.a = state.query + row * depth;
        t.rows = static_cast<int>(rows);
        t.c = state.scores + row * kKeyBlock;
        scoreTile<S, Products>(args, state, block, t);
        for (std::int64_t r = row; r < row + rows; ++r) {
            const std::int64_t position = args.firstPosition + r;
            const std::int64_t oldest = args.window > 0 ? position - args.window + 1 - first : 0;
            const std::int64_t newest = position - first + 1;
            const std::int64_t high = newest < 0 ? 0 : (newest < kKeyBlock ? newest : kKeyBlock);
            const std::int64_t low = oldest < 0 ? 0 : (oldest < high ? oldest : high);
            weighRow<S>(args, state, r, low, high);
        }
        const std::int64_t visible = last - first + 1;
        valueTile<S, Products>(args, state, block, row, rows, visible < kKeyBlock ? visible : kKeyBlock);
    }
}

template <class S, class Products = VectorProducts<S>>
void attention(const AttentionArgs& args)
{
    const AttentionState<S> state(args);
    const std::int64_t depth = args.bf16 ? (args.headDim + 1) / 2 : args.headDim;
    for (std::int64_t row = 0; row < args.rows; row += Products::kRows) {
        const std::int64_t rows = args.rows - row < Products::kRows ? args.rows - row : Products::kRows;
        Products::packQueries(args, row, rows, state.query + row * depth);
    }
    for (std::int64_t i = 0; i < args.rows * state.dims; ++i) {
        state.out[i] = 0.0F;
    }
    for (std::int64_t row = 0; row < args.rows; ++row) {
        state.largest[row] = kMinusInfinity;
        S::store(state.sums + row * S::kLanes, S::zero());
    }
    const std::int64_t oldest = args.window > 0 ? args.firstPosition - args.window + 1 : 0;
    const std::int64_t lastBlock = (args.firstPosition + args.rows - 1) / kKeyBlock;
    for (std::int64_t block = oldest > 0 ? oldest / kKeyBlock : 0; block <= lastBlock; ++block) {
        attendBlock<S, Products>(args, state, block);
    }
    for (std::int64_t row = 0; row < args.rows; ++row) {
        const float factor = 1.0F / S::sum(S::load(state.sums + row * S::kLanes));
        const float* from = state.out + row * state.dims;
        float* to = args.out + row * args.strideOut;
        for (std::int64_t d = 0; d < args.headDim; ++d) {
            to[d] = from[d] * factor;
        }
    }
}

template <class S>
float dotOf(const float* a, const float* b, std::int64_t count)
{
    auto sums = S::zero();
    forLanes<S>(
        count, [&](std::int64_t at) { sums = S::fma(S::load(a + at), S::load(b + at), sums); },
        [&](std::int64_t at, std::int64_t lanes) {
            sums = S::fma(S::loadPart(a + at, lanes), S::loadPart(b + at, lanes), sums);
        });
    return S::sum(sums);
}

/// Scores of four keys, which share the loads of the query and the adding up.
template <class S>
void dotFour(const AttentionRowArgs& args, std::int64_t key, const float* query, float* scores)
{
    const float* keys = args.keys + key * args.stride;
    typename S::V sums[4] = {S::zero(), S::zero(), S::zero(), S::zero()};
    forLanes<S>(
        args.headDim,
        [&](std::int64_t at) {
            const auto q = S::load(query + at);
#pragma GCC unroll 4
            for (int i = 0; i < 4; ++i) {
                sums[i] = S::fma(q, S::load(keys + i * args.stride + at), sums[i]);
            }
        },
        [&](std::int64_t at, std::int64_t lanes) {
            const auto q = S::loadPart(query + at, lanes);
#pragma GCC unroll 4
            for (int i = 0; i < 4; ++i) {
                sums[i] = S::fma(q, S::loadPart(keys + i * args.stride + at, lanes), sums[i]);
            }
        });
    S::sumFour(sums, scores);
    for (int i = 0; i < 4; ++i) {
        scores[i] *= args.scale;
    }
}

/// out[d] = sum over keys of weights[key] * values[key][d], kVectors vectors of dimensions at a time.
template <class S, int kVectors>
void weightedSum(const AttentionRowArgs& args, const float* weights, std::int64_t dim, float* out)
{
    typename S::V sums[kVectors];
    for (int i = 0; i < kVectors; ++i) {
        sums[i] = S::zero();
    }
    const float* value = args.values + dim;
    for (std::int64_t key = 0; key < args.count; ++key, value += args.stride) {
        const auto weight = S::set(weights[key]);
#pragma GCC unroll 4
        for (int i = 0; i < kVectors; ++i) {
            sums[i] = S::fma(weight, S::load(value + i * S::kLanes), sums[i]);
        }
    }
    for (int i = 0; i < kVectors; ++i) {
        S::store(out + dim + i * S::kLanes, sums[i]);
    }
}

template <class S>
void weightedSumPart(const AttentionRowArgs& args, const float* weights, std::int64_t dim, std::int64_t lanes,
                     float* out)
{
    auto sums = S::zero();
    for (std::int64_t key = 0; key < args.count; ++key) {
        const auto value = S::loadPart(args.values + key * args.stride + dim, lanes);
        sums = S::fma(S::set(weights[key]), value, sums);
    }
    S::storePart(out + dim, sums, lanes);
}

template <class S>
void attentionRow(const AttentionRowArgs& args)
{
    std::int64_t key = 0;
    for (; key + 4 <= args.count; key += 4) {
        for (std::int64_t head = 0; head < args.heads; ++head) {
            dotFour<S>(args, key, args.query + head * args.headDim, args.scores + head * args.count + key);
        }
    }
    for (; key < args.count; ++key) {
        for (std::int64_t head = 0; head < args.heads; ++head) {
            args.scores[head * args.count + key] =
                args.scale * dotOf<S>(args.query + head * args.headDim, args.keys + key * args.stride, args.headDim);
        }
    }
    for (std::int64_t head = 0; head < args.heads; ++head) {
        float* weights = args.scores + head * args.count;
        if (args.softCap > 0.0F) {
            capScores<S>(weights, 0, args.count, 1.0F, args.softCap);
        }
        const float largest = largestOf<S>(weights, args.count);
        const auto shift = S::set(largest);
        auto sums = S::zero();
        forLanes<S>(
            args.count,
            [&](std::int64_t at) {
                const auto e = expOf<S>(S::sub(S::load(weights + at), shift));
                sums = S::add(sums, e);
                S::store(weights + at, e);
            },
            [&](std::int64_t at, std::int64_t lanes) {
                const auto e = S::keepPart(expOf<S>(S::sub(S::loadPart(weights + at, lanes), shift)), S::zero(), lanes);
                sums = S::add(sums, e);
                S::storePart(weights + at, e, lanes);
            });
        args.maximum[head] = largest;
        args.sum[head] = S::sum(sums);
        float* out = args.out + head * args.headDim;
        std::int64_t dim = 0;
        for (; dim + 4 * S::kLanes <= args.headDim; dim += 4 * S::kLanes) {
            weightedSum<S, 4>(args, weights, dim, out);
        }
        for (; dim + S::kLanes <= args.headDim; dim += S::kLanes) {
            weightedSum<S, 1>(args, weights, dim, out);
        }
        if (dim < args.headDim) {
            weightedSumPart<S>(args, weights, dim, args.headDim - dim, out);
        }
    }
}

template <class S>
constexpr auto columnsPacker() -> void (*)(const ColumnsArgs&, void*)
{
    if constexpr (S::kHasDot) {
        return packColumns<S>;
    } else {
        return nullptr;
    }
}

/// The table of a level.
template <class S>
constexpr CpuTable makeTable()
{
    return {
        .tileRows = S::kTileRows,
        .panelWidth = 2 * S::kLanes,
        .hasBf16Dot = S::kHasDot,
        .tile = tile<S>,
        .row = row<S>,
        .packRows = packRows<S>,
        .packColumns = columnsPacker<S>(),
        .turnPanel = nullptr,
        .rmsNorm = rmsNorm<S>,
        .layerNorm = layerNorm<S>,
        .rope = rope<S>,
        .activate = activate<S>,
        .add = add<S>,
        .softCap = softCap<S>,
        .softmax = softmax<S>,
        .logSumExp = logSumExp<S>,
        .klDivergence = klDivergence<S>,
        .channels = channels<S>,
        .attention = attention<S>,
        .attentionRow = attentionRow<S>,
    };
}

} // namespace

} // namespace bitlathe::kernels::cpu
