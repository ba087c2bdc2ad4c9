// SPDX-License-Identifier: Apache-2.0
// The rules of grids that processor and devices share: the grid over a range, and the grids that a search tries. Plain
// arithmetic without contraction, so that all of them find the same bits.
#pragma once

#include <cstdint>
#include <initializer_list>

#if defined(__CUDACC__)
#    define BITLATHE_EVERYWHERE __host__ __device__
#else
#    include <cmath>
#    define BITLATHE_EVERYWHERE
#endif

namespace bitlathe::kernels
{

/// The type that scales are rounded to before codes are computed.
enum class ScaleType { F32, F16, Bf16 };

/// How a group of weights is put on a grid.
struct GridRule
{
    int bits = 4; ///< 1 ... 8.
    bool symmetric = true;
    bool searchRange = false; ///< Try the shrink ratios of quantize.h instead of taking the whole range.
    ScaleType scaleType = ScaleType::F16;
    int leastZero = 0;    ///< Of asymmetric grids; below maxCode().
    bool ternary = false; ///< Codes 0, 1, 2 about a zero point of 1, in 2 bits.

    BITLATHE_EVERYWHERE int maxCode() const { return ternary ? 2 : (1 << bits) - 1; }
};

/// The grid of a group: w = (code - zero) * scale.
struct GroupGrid
{
    float scale = 1.0F;
    int zero = 0;
    bool finite = true;       ///< False: the group holds NaN or infinity, and the rest means nothing.
    bool scaleCoarse = false; ///< The scale type holds the wanted scale only with an error above kCoarseScale.
};

constexpr float kCoarseScale = 0.01F;
constexpr float kLargestFloat = 0x1.FFFFFEp127F;

/// Positive scales that a type can hold.
struct ScaleLimits
{
    float smallest;
    float largest;
};

BITLATHE_EVERYWHERE inline ScaleLimits scaleLimits(ScaleType type)
{
    switch (type) {
    case ScaleType::F16: return {0x1p-24F, 65504.0F};
    case ScaleType::Bf16: return {0x1p-133F, 0x1.FEp127F};
    case ScaleType::F32: break;
    }
    return {0x1p-149F, kLargestFloat};
}

/// rounded: of the scale type.
template <class Rounded>
BITLATHE_EVERYWHERE inline void setScale(GroupGrid& grid, double wanted, const GridRule& rule, const Rounded& rounded)
{
    const ScaleLimits limits = scaleLimits(rule.scaleType);
    // Dividing in double and rounding to f32 gives the quotient that f32 gives.
    const float scale = rounded(static_cast<float>(wanted));
    grid.scale = scale < limits.smallest ? limits.smallest : limits.largest < scale ? limits.largest : scale;
    const double off = static_cast<double>(grid.scale) - wanted;
    grid.scaleCoarse = (off < 0 ? -off : off) > static_cast<double>(kCoarseScale) * wanted;
}

/// The grid over [low, high], which includes 0, as chooseGrid() of quantize.h defines it; rounded(float) rounds to the
/// rule's scale type.
template <class Rounded>
BITLATHE_EVERYWHERE inline GroupGrid gridOver(float low, float high, const GridRule& rule, const Rounded& rounded)
{
    const int maxCode = rule.maxCode();
    GroupGrid grid;
    grid.zero = rule.ternary ? 1 : rule.symmetric ? 1 << (rule.bits - 1) : rule.leastZero;
    if (low == 0.0F && high == 0.0F) {
        return grid;
    }
    const float absmax = -low < high ? high : -low;
    if (rule.ternary) {
        setScale(grid, static_cast<double>(absmax), rule, rounded);
        return grid;
    }
    // The rule is in f32; only a width that f32 cannot hold is taken in double.
    const float width = rule.symmetric ? 2.0F * absmax : high - low;
    const double range =
        rule.symmetric ? 2.0 * static_cast<double>(absmax) : static_cast<double>(high) - static_cast<double>(low);
    setScale(grid, (width <= kLargestFloat ? static_cast<double>(width) : range) / static_cast<double>(maxCode), rule,
             rounded);
    if (rule.symmetric) {
        return grid;
    }
#if defined(__CUDA_ARCH__)
    const float nearest = rintf(-low / grid.scale);
#else
    const float nearest = std::nearbyint(-low / grid.scale);
#endif
    const auto most = static_cast<float>(maxCode);
    const int zero = static_cast<int>(nearest < 0.0F ? 0.0F : most < nearest ? most : nearest);
    grid.zero = zero < rule.leastZero ? rule.leastZero : zero;
    if (grid.zero > zero && high > 0.0F) {
        // Fewer codes are left above zero: larger steps keep the largest weight in reach.
        setScale(grid, static_cast<double>(high) / static_cast<double>(maxCode - rule.leastZero), rule, rounded);
    }
    return grid;
}

/// Shares of the whole range that a search by sweeping tries after the range itself.
struct RangeTries
{
    static constexpr int kMost = 32;
    int count = 0;
    float ratios[kMost] = {};

    void add(float ratio) { ratios[count++] = ratio; }
};

inline RangeTries rangeTries(const GridRule& rule)
{
    RangeTries tries;
    // Above 1 because a symmetric grid does not reach the top of its range.
    for (const float ratio : {1.06F, 0.94F, 0.88F, 0.82F, 0.76F, 0.70F, 0.64F, 0.58F, 0.52F, 0.46F, 0.40F, 0.34F}) {
        if (ratio < 1.0F || rule.symmetric) {
            tries.add(ratio);
        }
    }
    // The step of a ternary grid reaches the middle of the larger weights only.
    for (float ratio = 0.30F; rule.ternary && ratio > 0.10F; ratio *= 0.88F) {
        tries.add(ratio);
    }
    return tries;
}

/// What is then tried with the best grid so far, one after the other: its scale times a factor, its zero point shifted.
struct GridMoves
{
    static constexpr int kMost = 12;
    int count = 0;
    float factors[kMost] = {};
    float shifts[kMost] = {};

    void add(float factor, float shift)
    {
        factors[count] = factor;
        shifts[count++] = shift;
    }
};

/// rounds: 0 ... 3, each half as wide as the one before.
inline GridMoves gridMoves(const GridRule& rule, int rounds)
{
    GridMoves moves;
    float width = 0.03F;
    for (int round = 0; round < rounds; ++round, width /= 2) {
        moves.add(1.0F + width, 0);
        moves.add(1.0F - width, 0);
        if (!rule.symmetric && !rule.ternary) {
            moves.add(1.0F, 1);
            moves.add(1.0F, -1);
        }
    }
    return moves;
}

/// Changes a grid by a move; a scale that the type does not hold stays.
template <class Rounded>
BITLATHE_EVERYWHERE inline void moveGrid(float& scale, float& zero, float factor, float shift, const GridRule& rule,
                                         const Rounded& rounded)
{
    const float wanted = rounded(scale * factor);
    if (wanted > 0 && wanted <= kLargestFloat) {
        scale = wanted;
    }
    const auto most = static_cast<float>(rule.maxCode());
    const auto least = static_cast<float>(rule.symmetric ? 0 : rule.leastZero);
    const float shifted = zero + shift;
    zero = shifted < least ? least : most < shifted ? most : shifted;
}

} // namespace bitlathe::kernels
