// SPDX-License-Identifier: Apache-2.0
// The Linear of LLM.int8(): integer products, and outlier channels beside them.
#include "core/quant/llm_int8.h"

#include "kernels/backend.h"
#include "kernels/blockwise.h"
#include "kernels/scalars.h"
#include "kernels/threads.h"

#include <algorithm>
#include <cassert>
#include <cmath>
#include <limits>

namespace bitlathe::quant
{

namespace
{

constexpr std::int64_t kOutputsPerTile = 64;

/// Inputs of one call, rounded.
struct RoundedInputs
{
    std::vector<std::int8_t> codes;     ///< [rows, cols]; zero where an element or its channel is an outlier.
    std::vector<float> scales;          ///< Largest of each row but its outliers.
    std::vector<std::int64_t> outliers; ///< Channels, ascending.
    std::vector<float> values;          ///< [rows, outliers], as they came.
};

/// As f16, in which the original rounds inputs first.
void toHalf(std::span<const float> x, std::span<float> out)
{
    static thread_local std::vector<kernels::F16> half;
    half.resize(x.size());
    kernels::convert(x, half);
    kernels::convert(std::span<const kernels::F16>(half), out);
}

/// What is not finite counts as an outlier too, so that nothing hides a fault of the layers before.
bool isOutlier(float value, float threshold)
{
    return !(std::abs(value) < threshold);
}

void roundRow(std::span<const float> half, float threshold, const std::vector<bool>& isOutlierColumn, float& scale,
              std::span<std::int8_t> codes)
{
    scale = 0;
    for (const float value : half) {
        scale = isOutlier(value, threshold) ? scale : std::max(scale, std::abs(value));
    }
    const float factor = scale > 0 ? 1.0F / scale * 127.0F : 0.0F;
    for (std::size_t col = 0; col < half.size(); ++col) {
        const bool isKept = isOutlierColumn[col] || isOutlier(half[col], threshold);
        codes[col] = isKept ? std::int8_t{0} : static_cast<std::int8_t>(std::nearbyint(half[col] * factor));
    }
}

RoundedInputs roundInputs(const model::Activations& x, float threshold)
{
    const float limit =
        threshold > 0 ? std::min(threshold, std::numeric_limits<float>::max()) : std::numeric_limits<float>::infinity();
    const auto cols = static_cast<std::size_t>(x.cols);
    std::vector<float> half(x.values.size());
    constexpr std::int64_t kRowsPerPiece = 4;
    kernels::parallelFor(x.rows, kRowsPerPiece, [&](std::int64_t begin, std::int64_t end) {
        const auto first = static_cast<std::size_t>(begin) * cols;
        const auto count = static_cast<std::size_t>(end - begin) * cols;
        toHalf(std::span(x.values).subspan(first, count), std::span(half).subspan(first, count));
    });
    RoundedInputs rounded;
    std::vector<bool> isOutlierColumn(cols);
    for (std::size_t i = 0; i < half.size(); ++i) {
        if (isOutlier(half[i], limit)) {
            isOutlierColumn[i % cols] = true;
        }
    }
    for (std::size_t col = 0; col < cols; ++col) {
        if (isOutlierColumn[col]) {
            rounded.outliers.push_back(static_cast<std::int64_t>(col));
        }
    }
    rounded.codes.resize(half.size());
    rounded.scales.resize(static_cast<std::size_t>(x.rows));
    kernels::parallelFor(x.rows, kRowsPerPiece, [&](std::int64_t begin, std::int64_t end) {
        for (auto row = static_cast<std::size_t>(begin); row < static_cast<std::size_t>(end); ++row) {
            roundRow(std::span(half).subspan(row * cols, cols), limit, isOutlierColumn, rounded.scales[row],
                     std::span(rounded.codes).subspan(row * cols, cols));
        }
    });
    for (std::int64_t row = 0; row < x.rows; ++row) {
        for (const std::int64_t col : rounded.outliers) {
            rounded.values.push_back(x.row(row)[static_cast<std::size_t>(col)]);
        }
    }
    return rounded;
}

class Int8Linear final : public model::Linear
{
public:
    Int8Linear(std::shared_ptr<const QuantizedTensor> tensor, std::vector<float> bias, model::Compute compute)
        : m_tensor(std::move(tensor)), m_bias(std::move(bias)), m_compute(compute)
    {}

    std::int64_t outFeatures() const override { return m_tensor->rows; }
    std::int64_t inFeatures() const override { return m_tensor->cols; }
    std::uint64_t bytes() const override
    {
        return m_tensor->codes.size() + (m_tensor->scales.size() + m_bias.size()) * sizeof(float);
    }
    void forward(const model::Activations& x, std::span<float> y) const override;

private:
    void forwardTile(const RoundedInputs& x, std::int64_t first, std::int64_t last, std::span<float> y) const;
    void addOutliers(const RoundedInputs& x, std::int64_t first, std::int64_t last, std::span<float> y) const;

    std::shared_ptr<const QuantizedTensor> m_tensor;
    std::vector<float> m_bias;
    model::Compute m_compute;
};

void Int8Linear::forward(const model::Activations& x, std::span<float> y) const
{
    assert(x.cols == inFeatures());
    assert(static_cast<std::int64_t>(y.size()) == x.rows * outFeatures());
    const RoundedInputs rounded = roundInputs(x, m_tensor->scheme.threshold);
    kernels::parallelFor(outFeatures(), kOutputsPerTile, [&](std::int64_t begin, std::int64_t end) {
        forwardTile(rounded, begin, end, y);
        if (!rounded.outliers.empty()) {
            addOutliers(rounded, begin, end, y);
        }
    });
}

/// Outputs [first, last) of all rows: integer products and their two scales.
void Int8Linear::forwardTile(const RoundedInputs& x, std::int64_t first, std::int64_t last, std::span<float> y) const
{
    const QuantizedTensor& t = *m_tensor;
    const auto rows = static_cast<std::int64_t>(x.scales.size());
    const std::int64_t count = last - first;
    static thread_local std::vector<std::int32_t> sums;
    sums.resize(static_cast<std::size_t>(rows * count));
    const auto codes =
        std::span(t.codes).subspan(static_cast<std::size_t>(first * t.cols), static_cast<std::size_t>(count * t.cols));
    kernels::multiplyInt8(x.codes, rows, codes, count, t.cols, sums);
    constexpr float kStepSquared = 1.0F / (127.0F * 127.0F);
    for (std::int64_t row = 0; row < rows; ++row) {
        for (std::int64_t col = 0; col < count; ++col) {
            const auto out = static_cast<std::size_t>(first + col);
            const float scale = x.scales[static_cast<std::size_t>(row)] * t.scales[out];
            const auto sum = static_cast<float>(sums[static_cast<std::size_t>(row * count + col)]);
            y[static_cast<std::size_t>(row * t.rows) + out] =
                sum * scale * kStepSquared + (m_bias.empty() ? 0.0F : m_bias[out]);
        }
    }
}

/// Adds the products of outlier channels with their dequantized weights.
void Int8Linear::addOutliers(const RoundedInputs& x, std::int64_t first, std::int64_t last, std::span<float> y) const
{
    const QuantizedTensor& t = *m_tensor;
    const auto rows = static_cast<std::int64_t>(x.scales.size());
    const auto width = static_cast<std::int64_t>(x.outliers.size());
    const std::int64_t count = last - first;
    std::vector<float> weights;
    for (std::int64_t out = first; out < last; ++out) {
        for (const std::int64_t col : x.outliers) {
            const int code = t.codes[static_cast<std::size_t>(out * t.cols + col)] - t.zero(out, 0);
            weights.push_back(static_cast<float>(code) * t.scale(out, 0) * kInt8Step);
        }
    }
    const kernels::Backend& backend = kernels::cpuBackend();
    const auto precision = m_compute == model::Compute::Bf16 ? kernels::Precision::Bf16 : kernels::Precision::F32;
    const auto prepared =
        backend.prepare({kernels::ScalarType::F32, count, width, std::as_bytes(std::span(weights))}, precision);
    std::vector<float> products(static_cast<std::size_t>(rows * count));
    backend.gemm(x.values, rows, *prepared, {}, products);
    for (std::int64_t row = 0; row < rows; ++row) {
        for (std::int64_t col = 0; col < count; ++col) {
            y[static_cast<std::size_t>(row * t.rows + first + col)] +=
                products[static_cast<std::size_t>(row * count + col)];
        }
    }
}

} // namespace

std::unique_ptr<model::Linear> makeInt8Linear(std::shared_ptr<const QuantizedTensor> tensor, std::vector<float> bias,
                                              model::Compute compute)
{
    return std::make_unique<Int8Linear>(std::move(tensor), std::move(bias), compute);
}

} // namespace bitlathe::quant
