// SPDX-License-Identifier: Apache-2.0
// A grid for one row of keys or values that is nearest to it in squares, in plain loops: the same on every level.
#include "kernels/kvrows.h"

#include "kernels/scalars.h"

#include <algorithm>
#include <array>
#include <cassert>
#include <cmath>
#include <limits>

namespace bitlathe::kernels
{

namespace
{

/// Widths to start from, as parts of the whole range: outer values are clipped for the sake of the others.
constexpr std::array kWidths{1.0F, 0.94F, 0.88F, 0.82F, 0.76F};
/// Turns of rounding and regression from each width; the error of keys hardly falls after them.
constexpr int kTurns = 4;

float half(float value)
{
    return static_cast<float>(static_cast<F16>(value));
}

/// The nearest code, ties to even: past this number floats are whole. std::nearbyint() would be a call.
float nearestCode(float x, float zero, float inverse, float most)
{
    constexpr float kWhole = 0x1.8p23F;
    return (std::clamp((x - zero) * inverse, 0.0F, most) + kWhole) - kWhole;
}

/// Sums over a row: of its codes on a grid, and of what decoding them leaves.
struct RowSums
{
    float codes = 0;
    float squares = 0;
    float products = 0; ///< Of code and value.
    float error = 0;    ///< Squared.

    void add(float value, const KvGrid& grid, float inverse, float most)
    {
        const float code = nearestCode(value, grid.zero, inverse, most);
        const float left = code * grid.scale + grid.zero - value;
        codes += code;
        squares += code * code;
        products += code * value;
        error += left * left;
    }
};

RowSums sumsOf(std::span<const float> x, const KvGrid& grid, float most)
{
    constexpr std::size_t kLanes = 8; // Sums side by side, for vector instructions.
    std::array<RowSums, kLanes> lanes;
    const float inverse = 1.0F / grid.scale;
    std::size_t i = 0;
    for (; i + kLanes <= x.size(); i += kLanes) {
        for (std::size_t lane = 0; lane < kLanes; ++lane) {
            lanes[lane].add(x[i + lane], grid, inverse, most);
        }
    }
    for (; i < x.size(); ++i) {
        lanes[0].add(x[i], grid, inverse, most);
    }
    RowSums all;
    for (const RowSums& sums : lanes) {
        all.codes += sums.codes;
        all.squares += sums.squares;
        all.products += sums.products;
        all.error += sums.error;
    }
    return all;
}

bool isUsable(const KvGrid& grid)
{
    const float scale = half(grid.scale);
    return scale > 0 && std::isfinite(scale) && std::isfinite(half(grid.zero));
}

} // namespace

KvGrid encodeKvTokenFitted(std::span<const float> x, int bits, std::span<std::uint8_t> packed)
{
    assert(!x.empty() && (bits == 4 || bits == 8) && packed.size() == kvTokenBytes(x.size(), bits));
    const auto most = static_cast<float>((1 << bits) - 1);
    const auto count = static_cast<float>(x.size());
    const auto [low, high] = std::ranges::minmax(x);
    float sum = 0;
    for (const float value : x) {
        sum += value;
    }
    KvGrid best{0.0F, low};
    float bestError = std::numeric_limits<float>::infinity();
    for (const float width : kWidths) {
        KvGrid grid{width * (high - low) / most, low + (1 - width) / 2 * (high - low)};
        for (int turn = 0; turn <= kTurns && isUsable(grid); ++turn) {
            const RowSums sums = sumsOf(x, grid, most);
            if (sums.error < bestError) {
                bestError = sums.error;
                best = grid;
            }
            const float spread = count * sums.squares - sums.codes * sums.codes;
            if (!(spread > 0)) {
                break;
            }
            grid.scale = (count * sums.products - sum * sums.codes) / spread;
            grid.zero = (sum - grid.scale * sums.codes) / count;
        }
    }
    if (!isUsable(best)) {
        return encodeKvToken(x, bits, packed); // Equal values, or such that f16 holds no grid for.
    }
    best = {half(best.scale), half(best.zero)};
    std::ranges::fill(packed, std::uint8_t{0});
    for (std::size_t i = 0; i < x.size(); ++i) {
        const auto code = static_cast<unsigned>(nearestCode(x[i], best.zero, 1.0F / best.scale, most));
        std::uint8_t& byte = packed[i % packed.size()];
        byte = static_cast<std::uint8_t>(byte | (i < packed.size() ? code : code << 4U));
    }
    return best;
}

} // namespace bitlathe::kernels
