// SPDX-License-Identifier: Apache-2.0
// The Linear over packed codes.
#include "core/quant/llm_int8.h"
#include "core/quant/quantizedsource.h"
#include "kernels/backend.h"
#include "kernels/quantize.h"
#include "kernels/threads.h"

#include <algorithm>
#include <cassert>

namespace bitlathe::quant
{

namespace
{

/// Outputs that are dequantized and multiplied at once: their weights stay in the second level cache for common widths.
constexpr std::int64_t kOutputsPerTile = 128;
constexpr std::int64_t kOutputsPerPiece = 32;

class QuantizedLinear final : public model::Linear
{
public:
    QuantizedLinear(std::shared_ptr<const QuantizedTensor> tensor, std::vector<float> bias, model::Compute compute)
        : m_tensor(std::move(tensor)), m_bias(std::move(bias)), m_compute(compute)
    {}

    std::int64_t outFeatures() const override { return m_tensor->rows; }
    std::int64_t inFeatures() const override { return m_tensor->cols; }
    std::uint64_t bytes() const override
    {
        const QuantizedTensor& t = *m_tensor;
        return t.codes.size() + t.scales.size() * sizeof(float) + t.zeros.size() +
               t.groupIndex.size() * sizeof(std::int32_t) + t.codeBook.size() * sizeof(float) +
               m_bias.size() * sizeof(float);
    }
    void forward(const model::Activations& x, std::span<float> y) const override;

private:
    void multiply(const model::Activations& x, std::span<float> y) const;
    void forwardRow(std::span<const float> x, std::span<float> y) const;
    void forwardTile(const model::Activations& x, std::int64_t first, std::int64_t last, std::span<float> y) const;
    float dotRow(std::int64_t row, std::span<const float> x) const;
    float dotGroups(std::int64_t row, std::span<const float> x) const;
    bool groupsAreRuns() const
    {
        return m_tensor->groupIndex.empty() && m_tensor->scheme.kind != SchemeKind::CodeBook && !m_tensor->halfOffsets;
    }

    std::shared_ptr<const QuantizedTensor> m_tensor;
    std::vector<float> m_bias;
    model::Compute m_compute;
};

/// Inputs as a runtime with integer products sees them: every row is rounded to the 2^bits - 1 values between minus and
/// plus its largest; or all of them, where a step is given, to what 2^bits codes reach with it.
model::Activations roundedRows(const model::Activations& x, int bits, float step)
{
    model::Activations rounded(x.rows, x.cols);
    const int zero = 1 << (bits - 1);
    kernels::parallelFor(x.rows, 1, [&](std::int64_t begin, std::int64_t end) {
        std::vector<std::uint8_t> codes(static_cast<std::size_t>(x.cols));
        for (std::int64_t row = begin; row < end; ++row) {
            const kernels::ValueRange range = kernels::valueRange(x.row(row));
            if (!range.finite) { // Nothing hides a fault of the layers before.
                std::ranges::copy(x.row(row), rounded.row(row).begin());
                continue;
            }
            const float own = std::max(-range.low, range.high) / static_cast<float>(zero - 1);
            const float scale = step > 0 ? step : own;
            const kernels::GroupGrid grid{.scale = scale > 0 ? scale : 1.0F, .zero = zero};
            kernels::encodeGroup(x.row(row), grid, 2 * zero - 1, codes);
            kernels::dequantizeGroup(codes, grid.scale, grid.zero, rounded.row(row));
        }
    });
    return rounded;
}

void QuantizedLinear::forward(const model::Activations& x, std::span<float> y) const
{
    assert(x.cols == inFeatures());
    assert(static_cast<std::int64_t>(y.size()) == x.rows * outFeatures());
    if (m_tensor->scheme.activationBits > 0) {
        multiply(roundedRows(x, m_tensor->scheme.activationBits, m_tensor->inputScale), y);
    } else {
        multiply(x, y);
    }
}

void QuantizedLinear::multiply(const model::Activations& x, std::span<float> y) const
{
    if (x.rows == 1 && (m_compute == model::Compute::Bf16 || groupsAreRuns())) {
        forwardRow(x.values, y);
        return;
    }
    kernels::parallelFor(outFeatures(), kOutputsPerTile,
                         [&](std::int64_t begin, std::int64_t end) { forwardTile(x, begin, end, y); });
}

/// Outputs [first, last) of all rows: dequantize, multiply, put in place.
void QuantizedLinear::forwardTile(const model::Activations& x, std::int64_t first, std::int64_t last,
                                  std::span<float> y) const
{
    const std::int64_t count = last - first;
    static thread_local std::vector<float> weights;
    static thread_local std::vector<float> products;
    weights.resize(static_cast<std::size_t>(count * inFeatures()));
    products.resize(static_cast<std::size_t>(x.rows * count));
    m_tensor->dequantizeRows(first, count, weights);
    const kernels::Backend& backend = kernels::cpuBackend();
    const auto precision = m_compute == model::Compute::Bf16 ? kernels::Precision::Bf16 : kernels::Precision::F32;
    const auto prepared =
        backend.prepare({kernels::ScalarType::F32, count, inFeatures(), std::as_bytes(std::span(weights))}, precision);
    const auto bias = m_bias.empty()
                          ? std::span<const float>()
                          : std::span(m_bias).subspan(static_cast<std::size_t>(first), static_cast<std::size_t>(count));
    backend.gemm(x.values, x.rows, *prepared, bias, products);
    for (std::int64_t row = 0; row < x.rows; ++row) {
        std::copy_n(products.data() + row * count, count, y.data() + row * outFeatures() + first);
    }
}

/// One token: reads the packed weights once. Sums run in another order than forwardTile's, so the last bits may differ.
void QuantizedLinear::forwardRow(std::span<const float> x, std::span<float> y) const
{
    kernels::parallelFor(outFeatures(), kOutputsPerPiece, [&](std::int64_t begin, std::int64_t end) {
        for (std::int64_t row = begin; row < end; ++row) {
            const auto index = static_cast<std::size_t>(row);
            y[index] = dotRow(row, x) + (m_bias.empty() ? 0.0F : m_bias[index]);
        }
    });
}

float QuantizedLinear::dotRow(std::int64_t row, std::span<const float> x) const
{
    if (m_compute == model::Compute::F32) {
        return dotGroups(row, x);
    }
    static thread_local std::vector<float> weights;
    weights.resize(x.size());
    m_tensor->dequantizeRows(row, 1, weights);
    return kernels::cpuBackend().dotBf16(weights, x);
}

/// Unpacks the row's codes and sums over groups, without dequantized weights in memory.
float QuantizedLinear::dotGroups(std::int64_t row, std::span<const float> x) const
{
    static thread_local std::vector<std::uint8_t> codes;
    codes.resize(x.size());
    const QuantizedTensor& t = *m_tensor;
    t.unpackRow(row, codes);
    const auto groups = static_cast<std::size_t>(t.groups());
    const std::size_t first = t.scheme.groupSize == kPerTensor ? 0 : static_cast<std::size_t>(row) * groups;
    const auto zeros = t.zeros.empty() ? std::span<const std::uint8_t>() : std::span(t.zeros).subspan(first, groups);
    return kernels::dotRow(codes, t.scheme.groupSize > 0 ? t.scheme.groupSize : t.cols,
                           std::span(t.scales).subspan(first, groups), zeros, t.zero(0, 0), x);
}

} // namespace

std::unique_ptr<model::Linear> makeQuantizedLinear(std::shared_ptr<const QuantizedTensor> tensor,
                                                   std::vector<float> bias, model::Compute compute)
{
    if (tensor->scheme.kind == SchemeKind::Int8Outliers) {
        return makeInt8Linear(std::move(tensor), std::move(bias), compute);
    }
    return std::make_unique<QuantizedLinear>(std::move(tensor), std::move(bias), compute);
}

} // namespace bitlathe::quant
