// SPDX-License-Identifier: Apache-2.0
// Random values and weights for tests of operations, and how far results are from what they should be.
#pragma once

#include "kernels/backend.h"
#include "kernels/scalars.h"

#include <QTest>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <random>
#include <span>
#include <vector>

namespace bitlathe::tests
{

using namespace kernels;

inline std::vector<float> randomValues(std::size_t count, unsigned seed, float scale = 1.0F)
{
    std::mt19937 random(seed);
    std::normal_distribution<float> normal(0.0F, scale);
    std::vector<float> values(count);
    std::ranges::generate(values, [&] { return normal(random); });
    return values;
}

/// Weights of a type, with the values that the type can hold.
struct TypedWeights
{
    TypedWeights(ScalarType scalarType, std::int64_t outputs, std::int64_t inputs, unsigned seed)
        : type(scalarType), f32(randomValues(static_cast<std::size_t>(outputs * inputs), seed))
    {
        const std::size_t size = f32.size() * (type == ScalarType::F32 ? 4 : 2);
        bytes.resize(size + 1); // one byte in front: mapped files align nothing
        std::byte* const at = bytes.data() + 1;
        if (type == ScalarType::F32) {
            std::memcpy(at, f32.data(), size);
        } else if (type == ScalarType::F16) {
            std::vector<F16> half(f32.size());
            convert(f32, half);
            std::memcpy(at, half.data(), size);
        } else {
            std::vector<Bf16> half(f32.size());
            convert(f32, half);
            std::memcpy(at, half.data(), size);
        }
        view = {type, outputs, inputs, std::span(bytes).subspan(1)};
    }

    ScalarType type;
    std::vector<float> f32;
    std::vector<std::byte> bytes;
    WeightsView view;
};

/// The largest |a - b|, each divided by its scale.
inline double largestError(std::span<const float> a, std::span<const float> b, std::span<const double> scales)
{
    double largest = 0;
    for (std::size_t i = 0; i < a.size(); ++i) {
        const double error = std::abs(static_cast<double>(a[i]) - static_cast<double>(b[i]));
        largest = std::max(largest, std::isfinite(a[i]) ? error / scales[i] : HUGE_VAL);
    }
    return largest;
}

inline double largestError(std::span<const float> a, std::span<const float> b, double scale)
{
    return largestError(a, b, std::vector<double>(a.size(), scale));
}

inline double largestOf(std::span<const float> values)
{
    float largest = 0;
    for (const float value : values) {
        largest = std::max(largest, std::abs(value));
    }
    return static_cast<double>(largest);
}

/// Sum of |x| |w| of every output: what rounding errors of a sum are relative to.
inline std::vector<double> productScales(const std::vector<float>& x, std::int64_t rows, const std::vector<float>& w,
                                         std::int64_t outputs)
{
    const auto inputs = static_cast<std::int64_t>(x.size()) / rows;
    std::vector<double> scales;
    for (std::int64_t row = 0; row < rows; ++row) {
        for (std::int64_t output = 0; output < outputs; ++output) {
            double sum = 1e-6;
            for (std::int64_t k = 0; k < inputs; ++k) {
                const double factor = std::abs(static_cast<double>(x[static_cast<std::size_t>(row * inputs + k)]));
                sum += factor * std::abs(static_cast<double>(w[static_cast<std::size_t>(output * inputs + k)]));
            }
            scales.push_back(sum);
        }
    }
    return scales;
}

} // namespace bitlathe::tests

#define VERIFY_WITHIN(error, tolerance)                                                                                \
    {                                                                                                                  \
        const double measured = error;                                                                                 \
        QVERIFY2(measured <= (tolerance), qPrintable(QString("%1 above %2").arg(measured).arg(tolerance)));            \
    }
