// SPDX-License-Identifier: Apache-2.0
// Loop templates of operations on single rows: norms, exponentials, sums.
#pragma once

#include "kernels/activation.h"
#include "kernels/cpu/table.h"

#include <cmath>
#include <cstdint>
#include <limits>

namespace bitlathe::kernels::cpu
{

namespace
{

/// Below this, 2^x is zero in f32.
constexpr float kLowestExponent = -160.0F;

/// 2^r - 1 for r in -0.5 ... 0.5; the polynomial is within 2e-8.
template <class S>
inline __attribute__((always_inline)) typename S::V exp2Less1(typename S::V r)
{
    auto p = S::set(1.534581243e-4F);
    p = S::fma(p, r, S::set(1.339993090e-3F));
    p = S::fma(p, r, S::set(9.618489072e-3F));
    p = S::fma(p, r, S::set(5.550328642e-2F));
    p = S::fma(p, r, S::set(2.402264625e-1F));
    p = S::fma(p, r, S::set(6.931471825e-1F));
    return S::mul(p, r);
}

/// 2^(n + r) for whole n and r in -0.5 ... 0.5; the polynomial is within 2e-8.
template <class S>
inline __attribute__((always_inline)) typename S::V exp2Of(typename S::V n, typename S::V r)
{
    auto p = S::set(1.534581243e-4F);
    p = S::fma(p, r, S::set(1.339993090e-3F));
    p = S::fma(p, r, S::set(9.618489072e-3F));
    p = S::fma(p, r, S::set(5.550328642e-2F));
    p = S::fma(p, r, S::set(2.402264625e-1F));
    p = S::fma(p, r, S::set(6.931471825e-1F));
    p = S::fma(p, r, S::set(1.0F));
    return S::scale2(p, n);
}

/// 2^x; for x <= 0. Minus infinity gives zero, NaN gives NaN.
template <class S>
inline __attribute__((always_inline)) typename S::V exp2OfNegative(typename S::V x)
{
    const auto bounded = S::max(S::set(kLowestExponent), x); // in this order of operands NaN passes
    const auto n = S::round(bounded);
    return exp2Of<S>(n, S::sub(bounded, n));
}

constexpr float kLog2e = 1.44269504088896341F;

/// e^x within two units in the last place. Minus infinity gives zero, NaN gives NaN.
template <class S>
inline __attribute__((always_inline)) typename S::V expOf(typename S::V x)
{
    constexpr float kLog2eRest = 1.925963033e-8F; // log2(e) less its f32
    const auto bounded = S::min(S::set(89.0F), S::max(S::set(kLowestExponent), x));
    const auto n = S::round(S::mul(bounded, S::set(kLog2e)));
    const auto r = S::fma(bounded, S::set(kLog2eRest), S::fms(bounded, S::set(kLog2e), n));
    return exp2Of<S>(n, r);
}

/// tanh(x) within a few units in the last place: m / (m + 2) for m = exp(2 x) - 1, which near zero keeps all its
/// digits.
template <class S>
inline __attribute__((always_inline)) typename S::V tanhOf(typename S::V x)
{
    constexpr float kFar = 10.0F; // tanh is one beyond.
    const auto bounded = S::min(S::set(kFar), S::max(S::set(-kFar), x));
    const auto scaled = S::mul(bounded, S::set(2.0F * kLog2e));
    const auto n = S::round(scaled);
    const auto part = exp2Less1<S>(S::fms(bounded, S::set(2.0F * kLog2e), n));
    const auto m = S::add(S::scale2(part, n), S::sub(S::scale2(S::set(1.0F), n), S::set(1.0F)));
    return S::div(m, S::add(m, S::set(2.0F)));
}

/// Calls whole(index) for full vectors and part(index, lanes) for the rest.
template <class S, class Whole, class Part>
inline __attribute__((always_inline)) void forLanes(std::int64_t count, const Whole& whole, const Part& part)
{
    std::int64_t i = 0;
    for (; i + S::kLanes <= count; i += S::kLanes) {
        whole(i);
    }
    if (i < count) {
        part(i, count - i);
    }
}

template <class S>
void rmsNorm(const float* x, const float* weight, float epsilon, float* out, std::int64_t count)
{
    typename S::V sums[4] = {S::zero(), S::zero(), S::zero(), S::zero()};
    std::int64_t i = 0;
    for (; i + 4 * S::kLanes <= count; i += 4 * S::kLanes) {
        for (int j = 0; j < 4; ++j) {
            const auto v = S::load(x + i + j * S::kLanes);
            sums[j] = S::fma(v, v, sums[j]);
        }
    }
    forLanes<S>(
        count - i,
        [&](std::int64_t at) {
            const auto v = S::load(x + i + at);
            sums[0] = S::fma(v, v, sums[0]);
        },
        [&](std::int64_t at, std::int64_t lanes) {
            const auto v = S::loadPart(x + i + at, lanes);
            sums[0] = S::fma(v, v, sums[0]);
        });
    const float sum = S::sum(S::add(S::add(sums[0], sums[1]), S::add(sums[2], sums[3])));
    const auto factor = S::set(1.0F / std::sqrt(sum / static_cast<float>(count) + epsilon));
    forLanes<S>(
        count,
        [&](std::int64_t at) { S::store(out + at, S::mul(S::mul(S::load(x + at), factor), S::load(weight + at))); },
        [&](std::int64_t at, std::int64_t lanes) {
            const auto scaled = S::mul(S::loadPart(x + at, lanes), factor);
            S::storePart(out + at, S::mul(scaled, S::loadPart(weight + at, lanes)), lanes);
        });
}

template <class S>
void layerNorm(const float* x, const float* weight, const float* bias, float epsilon, float* out, std::int64_t count)
{
    typename S::D sums;
    forLanes<S>(
        count, [&](std::int64_t at) { S::addDouble(sums, S::load(x + at)); },
        [&](std::int64_t at, std::int64_t lanes) { S::addDouble(sums, S::loadPart(x + at, lanes)); });
    const auto mean = S::set(static_cast<float>(S::sum(sums) / static_cast<double>(count)));
    auto squares = S::zero();
    forLanes<S>(
        count,
        [&](std::int64_t at) {
            const auto off = S::sub(S::load(x + at), mean);
            squares = S::fma(off, off, squares);
        },
        [&](std::int64_t at, std::int64_t lanes) {
            const auto off = S::keepPart(S::sub(S::loadPart(x + at, lanes), mean), S::zero(), lanes);
            squares = S::fma(off, off, squares);
        });
    const auto factor = S::set(1.0F / std::sqrt(S::sum(squares) / static_cast<float>(count) + epsilon));
    forLanes<S>(
        count,
        [&](std::int64_t at) {
            const auto scaled = S::mul(S::sub(S::load(x + at), mean), factor);
            const auto shift = bias != nullptr ? S::load(bias + at) : S::zero();
            S::store(out + at, S::fma(scaled, S::load(weight + at), shift));
        },
        [&](std::int64_t at, std::int64_t lanes) {
            const auto scaled = S::mul(S::sub(S::loadPart(x + at, lanes), mean), factor);
            const auto shift = bias != nullptr ? S::loadPart(bias + at, lanes) : S::zero();
            S::storePart(out + at, S::fma(scaled, S::loadPart(weight + at, lanes), shift), lanes);
        });
}

template <class S>
void rope(float* x, const float* cosine, const float* sine, std::int64_t half)
{
    const auto rotate = [](auto low, auto high, auto c, auto s, auto& newLow, auto& newHigh) {
        newLow = S::sub(S::mul(low, c), S::mul(high, s));
        newHigh = S::fma(low, s, S::mul(high, c));
    };
    forLanes<S>(
        half,
        [&](std::int64_t at) {
            typename S::V low;
            typename S::V high;
            rotate(S::load(x + at), S::load(x + half + at), S::load(cosine + at), S::load(sine + at), low, high);
            S::store(x + at, low);
            S::store(x + half + at, high);
        },
        [&](std::int64_t at, std::int64_t lanes) {
            typename S::V low;
            typename S::V high;
            rotate(S::loadPart(x + at, lanes), S::loadPart(x + half + at, lanes), S::loadPart(cosine + at, lanes),
                   S::loadPart(sine + at, lanes), low, high);
            S::storePart(x + at, low, lanes);
            S::storePart(x + half + at, high, lanes);
        });
}

template <class S>
inline __attribute__((always_inline)) typename S::V siluOf(typename S::V v)
{
    return S::div(v, S::add(S::set(1.0F), expOf<S>(S::sub(S::zero(), v))));
}

/// x times the normal distribution function, where q = erfc(|x| / sqrt 2) by formula 7.1.26 of Abramowitz and Stegun,
/// whose error is below 1.5e-7: q / 2 below zero, 1 - q / 2 above, so that small results keep their digits.
template <class S>
inline __attribute__((always_inline)) typename S::V geluOf(typename S::V x)
{
    const auto z = S::mul(S::abs(x), S::set(0.707106781F));
    const auto t = S::div(S::set(1.0F), S::fma(z, S::set(0.3275911F), S::set(1.0F)));
    auto p = S::set(1.061405429F);
    p = S::fma(p, t, S::set(-1.453152027F));
    p = S::fma(p, t, S::set(1.421413741F));
    p = S::fma(p, t, S::set(-0.284496736F));
    p = S::fma(p, t, S::set(0.254829592F));
    const auto e = expOf<S>(S::sub(S::zero(), S::mul(z, z)));
    const auto half = S::mul(S::mul(S::set(0.5F), S::mul(p, t)), e); // q / 2
    // max(x, 0) - |x| q / 2 on both sides of zero.
    return S::sub(S::max(S::zero(), x), S::mul(S::abs(x), half));
}

/// x / (1 + exp(-2 u)) is x (1 + tanh u) / 2.
template <class S>
inline __attribute__((always_inline)) typename S::V geluTanhOf(typename S::V x)
{
    const auto cube = S::mul(S::mul(x, x), x);
    const auto inner = S::mul(S::set(-1.595769122F), S::fma(cube, S::set(0.044715F), x)); // -2 sqrt(2 / pi) (...)
    return S::div(x, S::add(S::set(1.0F), expOf<S>(inner)));
}

template <class S, class Function>
void activateBy(float* x, const float* factor, std::int64_t count, const Function& function)
{
    if (factor == nullptr) {
        forLanes<S>(
            count, [&](std::int64_t at) { S::store(x + at, function(S::load(x + at))); },
            [&](std::int64_t at, std::int64_t lanes) {
                S::storePart(x + at, function(S::loadPart(x + at, lanes)), lanes);
            });
        return;
    }
    forLanes<S>(
        count, [&](std::int64_t at) { S::store(x + at, S::mul(function(S::load(x + at)), S::load(factor + at))); },
        [&](std::int64_t at, std::int64_t lanes) {
            S::storePart(x + at, S::mul(function(S::loadPart(x + at, lanes)), S::loadPart(factor + at, lanes)), lanes);
        });
}

template <class S>
void activate(Activation activation, float* x, const float* factor, std::int64_t count)
{
    switch (activation) {
    case Activation::Silu: return activateBy<S>(x, factor, count, [](auto v) { return siluOf<S>(v); });
    case Activation::GeluTanh: return activateBy<S>(x, factor, count, [](auto v) { return geluTanhOf<S>(v); });
    case Activation::Gelu: return activateBy<S>(x, factor, count, [](auto v) { return geluOf<S>(v); });
    case Activation::Relu: return activateBy<S>(x, factor, count, [](auto v) { return S::max(S::zero(), v); });
    }
}

template <class S>
void add(float* x, const float* y, std::int64_t count)
{
    forLanes<S>(
        count, [&](std::int64_t at) { S::store(x + at, S::add(S::load(x + at), S::load(y + at))); },
        [&](std::int64_t at, std::int64_t lanes) {
            S::storePart(x + at, S::add(S::loadPart(x + at, lanes), S::loadPart(y + at, lanes)), lanes);
        });
}

template <class S>
float largestOf(const float* x, std::int64_t count)
{
    const auto lowest = S::set(-std::numeric_limits<float>::infinity());
    auto largest = lowest;
    forLanes<S>(
        count, [&](std::int64_t at) { largest = S::max(largest, S::load(x + at)); },
        [&](std::int64_t at, std::int64_t lanes) {
            largest = S::max(largest, S::keepPart(S::loadPart(x + at, lanes), lowest, lanes));
        });
    return S::largest(largest);
}

template <class S>
void softmax(float* x, std::int64_t count)
{
    const auto largest = S::set(largestOf<S>(x, count));
    typename S::D sums;
    forLanes<S>(
        count,
        [&](std::int64_t at) {
            const auto e = expOf<S>(S::sub(S::load(x + at), largest));
            S::addDouble(sums, e);
            S::store(x + at, e);
        },
        [&](std::int64_t at, std::int64_t lanes) {
            const auto e = S::keepPart(expOf<S>(S::sub(S::loadPart(x + at, lanes), largest)), S::zero(), lanes);
            S::addDouble(sums, e);
            S::storePart(x + at, e, lanes);
        });
    const auto factor = S::set(static_cast<float>(1.0 / S::sum(sums)));
    forLanes<S>(
        count, [&](std::int64_t at) { S::store(x + at, S::mul(S::load(x + at), factor)); },
        [&](std::int64_t at, std::int64_t lanes) {
            S::storePart(x + at, S::mul(S::loadPart(x + at, lanes), factor), lanes);
        });
}

/// Sum over the row of exp(x - largest), in double.
template <class S>
double sumExp(const float* x, float largest, std::int64_t count)
{
    const auto shift = S::set(largest);
    typename S::D sums;
    forLanes<S>(
        count, [&](std::int64_t at) { S::addDouble(sums, expOf<S>(S::sub(S::load(x + at), shift))); },
        [&](std::int64_t at, std::int64_t lanes) {
            const auto e = expOf<S>(S::sub(S::loadPart(x + at, lanes), shift));
            S::addDouble(sums, S::keepPart(e, S::zero(), lanes));
        });
    return S::sum(sums);
}

template <class S>
double logSumExp(const float* x, std::int64_t count)
{
    const float largest = largestOf<S>(x, count);
    return static_cast<double>(largest) + std::log(sumExp<S>(x, largest, count));
}

template <class S>
double klDivergence(const float* p, const float* q, std::int64_t count)
{
    const float largestP = largestOf<S>(p, count);
    const float largestQ = largestOf<S>(q, count);
    const auto shiftP = S::set(largestP);
    const auto shiftQ = S::set(largestQ);
    typename S::D sums;     // of exp(p')
    typename S::D weighted; // of exp(p') (p' - q'), with p' and q' shifted by their largest
    typename S::D sumsQ;
    const auto fold = [&](auto shiftedP, auto shiftedQ, auto keep) {
        const auto e = keep(expOf<S>(shiftedP));
        S::addDouble(sums, e);
        S::addDouble(weighted, S::mul(e, keep(S::sub(shiftedP, shiftedQ))));
        S::addDouble(sumsQ, keep(expOf<S>(shiftedQ)));
    };
    forLanes<S>(
        count,
        [&](std::int64_t at) {
            fold(S::sub(S::load(p + at), shiftP), S::sub(S::load(q + at), shiftQ), [](auto v) { return v; });
        },
        [&](std::int64_t at, std::int64_t lanes) {
            fold(S::sub(S::loadPart(p + at, lanes), shiftP), S::sub(S::loadPart(q + at, lanes), shiftQ),
                 [lanes](auto v) { return S::keepPart(v, S::zero(), lanes); });
        });
    const double sum = S::sum(sums);
    return S::sum(weighted) / sum - std::log(sum) + std::log(S::sum(sumsQ));
}

/// What is kept of a vector of channels.
template <class S>
struct ChannelLanes
{
    typename S::V low = S::set(std::numeric_limits<float>::infinity());
    typename S::V high = S::set(-std::numeric_limits<float>::infinity());
    typename S::V farthest = S::zero();
    typename S::D sums;
    typename S::D absSums;

    inline __attribute__((always_inline)) void add(typename S::V v)
    {
        const auto a = S::abs(v);
        low = S::min(low, v);
        high = S::max(high, v);
        farthest = S::max(farthest, a);
        S::addDouble(sums, v);
        S::addDouble(absSums, a);
    }

    /// Folds channels [at, at + lanes).
    void foldInto(const ChannelsArgs& to, std::int64_t at, std::int64_t lanes) const
    {
        float values[3][S::kLanes];
        double totals[2][S::kLanes];
        S::store(values[0], low);
        S::store(values[1], high);
        S::store(values[2], farthest);
        S::storeDouble(totals[0], sums);
        S::storeDouble(totals[1], absSums);
        for (std::int64_t i = 0; i < lanes; ++i) {
            to.minimum[at + i] = values[0][i] < to.minimum[at + i] ? values[0][i] : to.minimum[at + i];
            to.maximum[at + i] = values[1][i] > to.maximum[at + i] ? values[1][i] : to.maximum[at + i];
            to.absMaximum[at + i] = values[2][i] > to.absMaximum[at + i] ? values[2][i] : to.absMaximum[at + i];
            to.sum[at + i] += totals[0][i];
            to.absSum[at + i] += totals[1][i];
        }
    }
};

/// Several vectors of channels side by side: a row's cache lines come in turn.
template <class S, int kVectors>
void channelsSideBySide(const ChannelsArgs& c, std::int64_t at)
{
    ChannelLanes<S> kept[kVectors];
    for (std::int64_t row = 0; row < c.rows; ++row) {
#pragma GCC unroll 4
        for (int i = 0; i < kVectors; ++i) {
            kept[i].add(S::load(c.x + row * c.stride + at + i * S::kLanes));
        }
    }
    for (int i = 0; i < kVectors; ++i) {
        kept[i].foldInto(c, at + i * S::kLanes, S::kLanes);
    }
}

template <class S>
void channels(const ChannelsArgs& c)
{
    constexpr int kVectors = S::kLanes == 16 ? 4 : 2; // What the registers hold.
    std::int64_t at = 0;
    for (; at + kVectors * S::kLanes <= c.count; at += kVectors * S::kLanes) {
        channelsSideBySide<S, kVectors>(c, at);
    }
    for (; at + S::kLanes <= c.count; at += S::kLanes) {
        channelsSideBySide<S, 1>(c, at);
    }
    if (at < c.count) {
        ChannelLanes<S> kept;
        for (std::int64_t row = 0; row < c.rows; ++row) {
            kept.add(S::loadPart(c.x + row * c.stride + at, c.count - at));
        }
        kept.foldInto(c, at, c.count - at);
    }
}

} // namespace

} // namespace bitlathe::kernels::cpu
