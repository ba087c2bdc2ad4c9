// SPDX-License-Identifier: Apache-2.0
// Loops over key and value rows for one kind of vector. Only for files compiled with the flags of that kind.
#pragma once

#include "kernels/reference/kvrows.h"

#include <algorithm>
#include <array>

namespace bitlathe::kernels::cpu
{

namespace
{

/// What a kind S of vectors has beyond Simd256 and Simd512:
///   V fromBytes(const uint8_t*), void toBytes(V, uint8_t*) (whole numbers 0 ... 255),
///   V half(V), float halfOf(float) (rounded to f16), V fromE4m3(const uint8_t*), void toE4m3(V, uint8_t*).
template <typename S>
struct KvRows
{
    using V = typename S::V;
    static constexpr std::size_t kStep = S::kLanes;

    /// Calls f(in, out) for each step of kStep elements; the last one is a copy padded with the first of its elements.
    template <typename In, typename Out, typename F>
    static void steps(const In* in, std::size_t count, Out* out, F&& f)
    {
        std::size_t i = 0;
        for (; i + kStep <= count; i += kStep) {
            f(in + i, out + i);
        }
        if (i < count) {
            std::array<In, kStep> padded;
            std::array<Out, kStep> result;
            padded.fill(in[i]);
            std::copy(in + i, in + count, padded.begin());
            f(padded.data(), result.data());
            std::copy_n(result.begin(), count - i, out + i);
        }
    }

    /// Nearest whole number within 0 ... most; max() gives its second argument for NaN.
    static V wholeStep(V place, V most) { return S::round(S::min(S::max(place, S::zero()), most)); }

    static void encodeGrid(const float* x, std::size_t count, const KvGrid& grid, std::uint8_t* codes)
    {
        const V zero = S::set(grid.zero);
        const V scale = S::set(grid.scale);
        const V middle = S::set(128.0F);
        const V most = S::set(255.0F);
        steps(x, count, codes, [&](const float* in, std::uint8_t* out) {
            S::toBytes(wholeStep(S::add(S::div(S::sub(S::load(in), zero), scale), middle), most), out);
        });
    }

    static void decodeGrid(const std::uint8_t* codes, std::size_t count, const KvGrid& grid, float* out)
    {
        const V zero = S::set(grid.zero);
        const V scale = S::set(grid.scale);
        const V middle = S::set(128.0F);
        steps(codes, count, out, [&](const std::uint8_t* in, float* to) {
            S::store(to, S::add(S::mul(S::sub(S::fromBytes(in), middle), scale), zero));
        });
    }

    /// Smallest and largest of the values, rounded to f16: rounding keeps the order of numbers.
    static std::array<float, 2> range(const float* x, std::size_t count)
    {
        V lows = S::set(x[0]);
        V highs = lows;
        std::size_t i = 0;
        for (; i + kStep <= count; i += kStep) {
            lows = S::min(lows, S::load(x + i));
            highs = S::max(highs, S::load(x + i));
        }
        std::array<float, kStep> each;
        S::store(each.data(), S::half(lows));
        float low = *std::min_element(each.begin(), each.end());
        S::store(each.data(), S::half(highs));
        float high = *std::max_element(each.begin(), each.end());
        for (; i < count; ++i) {
            low = std::min(low, S::halfOf(x[i]));
            high = std::max(high, S::halfOf(x[i]));
        }
        return {low, high};
    }

    static KvGrid encodeToken(const float* x, std::size_t count, int bits, std::uint8_t* packed)
    {
        const auto [low, high] = range(x, count);
        const auto levels = static_cast<float>((1 << bits) - 1);
        const KvGrid grid{S::halfOf((high - low) * (1.0F / levels)), low};
        const V inverse = S::set(S::halfOf(1.0F / grid.scale));
        const V zero = S::set(low);
        const V most = S::set(levels);
        const auto codes = [&](const float* in) {
            return wholeStep(S::half(S::mul(S::half(S::sub(S::half(S::load(in)), zero)), inverse)), most);
        };
        const std::size_t bytes = kvTokenBytes(count, bits);
        steps(x, bytes, packed, [&](const float* in, std::uint8_t* out) { S::toBytes(codes(in), out); });
        std::array<std::uint8_t, kStep> above;
        for (std::size_t from = bytes; from < count; from += kStep) {
            const std::size_t part = std::min(kStep, count - from);
            steps(x + from, part, above.data(),
                  [&](const float* in, std::uint8_t* out) { S::toBytes(codes(in), out); });
            for (std::size_t i = 0; i < part; ++i) {
                std::uint8_t& byte = packed[from - bytes + i];
                byte = static_cast<std::uint8_t>(byte | above[i] << 4U);
            }
        }
        return grid;
    }

    static void decodeToken(const std::uint8_t* packed, std::size_t count, int bits, const KvGrid& grid, float* out)
    {
        const V zero = S::set(grid.zero);
        const V scale = S::set(grid.scale);
        const auto decode = [&](const std::uint8_t* in, float* to) {
            S::store(to, S::half(S::add(S::mul(S::fromBytes(in), scale), zero)));
        };
        if (bits == 8) {
            steps(packed, count, out, decode);
            return;
        }
        const std::size_t bytes = kvTokenBytes(count, bits);
        steps(packed, bytes, out, [&](const std::uint8_t* in, float* to) {
            std::array<std::uint8_t, kStep> low;
            std::transform(in, in + kStep, low.begin(), [](std::uint8_t byte) { return byte & 0x0FU; });
            decode(low.data(), to);
        });
        steps(packed, count - bytes, out + bytes, [&](const std::uint8_t* in, float* to) {
            std::array<std::uint8_t, kStep> high;
            std::transform(in, in + kStep, high.begin(), [](std::uint8_t byte) { return byte >> 4U; });
            decode(high.data(), to);
        });
    }

    static void encodeE4m3(const float* x, std::size_t count, float scale, std::uint8_t* codes)
    {
        const V divisor = S::set(scale);
        steps(x, count, codes,
              [&](const float* in, std::uint8_t* out) { S::toE4m3(S::div(S::load(in), divisor), out); });
    }

    static void decodeE4m3(const std::uint8_t* codes, std::size_t count, float scale, float* out)
    {
        const V factor = S::set(scale);
        steps(codes, count, out,
              [&](const std::uint8_t* in, float* to) { S::store(to, S::mul(S::fromE4m3(in), factor)); });
    }

    static constexpr KvRowOps ops()
    {
        return {encodeGrid, decodeGrid, encodeToken, decodeToken, encodeE4m3, decodeE4m3};
    }
};

} // namespace

} // namespace bitlathe::kernels::cpu
