// SPDX-License-Identifier: Apache-2.0
// The Linear over packed codes.
#include "core/quant/llm_int8.h"
#include "core/quant/quantizedsource.h"
#include "kernels/quantize.h"
#include "kernels/scalars.h"
#include "kernels/threads.h"

#include <algorithm>
#include <cassert>
#include <numeric>

namespace bitlathe::quant
{

namespace
{

/// Blocks of a code book that lie across the ends of rows are cut into groups of at least so many weights.
constexpr std::int64_t kCutGroupMin = 16;

class QuantizedLinear final : public model::Linear
{
public:
    QuantizedLinear(const kernels::Backend& backend, std::unique_ptr<kernels::PreparedWeights> weights,
                    std::span<const float> bias, int activationBits, float inputScale)
        : m_backend(backend),
          m_weights(std::move(weights)),
          m_bias(backend.memory(), bias),
          m_activationBits(activationBits),
          m_inputScale(inputScale)
    {}

    std::int64_t outFeatures() const override { return m_weights->outputs(); }
    std::int64_t inFeatures() const override { return m_weights->inputs(); }
    std::uint64_t bytes() const override { return m_weights->bytes() + m_bias.size() * sizeof(float); }
    void forward(const model::Activations& x, std::span<float> y) const override;
    std::optional<kernels::GemmPart> part(std::span<float> y) const override
    {
        return m_activationBits > 0 ? std::nullopt
                                    : std::optional(kernels::GemmPart{m_weights.get(), m_bias.span(), y});
    }

private:
    const kernels::Backend& m_backend;
    std::unique_ptr<kernels::PreparedWeights> m_weights;
    model::Values m_bias;
    int m_activationBits; ///< As in Scheme.
    float m_inputScale;   ///< As in QuantizedTensor.
};

/// Inputs as a runtime with integer products sees them: every row is rounded to the 2^bits - 1 values between minus and
/// plus its largest; or all of them, where a step is given, to what 2^bits codes reach with it.
model::Activations roundedRows(const model::Activations& inputs, int bits, float step)
{
    const model::Activations moved =
        inputs.memory().isHost() ? model::Activations() : model::Activations(inputs).movedTo(kernels::hostMemory());
    const model::Activations& x = inputs.memory().isHost() ? inputs : moved;
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
    if (m_activationBits > 0) {
        const auto rounded = roundedRows(x, m_activationBits, m_inputScale).movedTo(m_backend.memory());
        m_backend.gemm(rounded.span(), x.rows, *m_weights, m_bias.span(), y);
    } else {
        m_backend.gemm(x.span(), x.rows, *m_weights, m_bias.span(), y);
    }
}

/// The tensor as the kernels take it. What it points to beside the tensor is here.
struct PackedView
{
    explicit PackedView(const QuantizedTensor& tensor);

    kernels::PackedWeightsView view;
    std::vector<float> scales;
    std::vector<std::uint8_t> zeros;
    std::vector<float> offsets;
};

PackedView::PackedView(const QuantizedTensor& tensor)
{
    const bool isBook = tensor.scheme.kind == SchemeKind::CodeBook;
    const std::int64_t size = isBook ? std::gcd(tensor.scheme.groupSize, tensor.cols) : tensor.scheme.groupSize;
    view.outputs = tensor.rows;
    view.inputs = tensor.cols;
    view.bits = tensor.scheme.bits;
    view.codes = tensor.codes;
    view.book = tensor.codeBook;
    view.groupSize = size > 0 ? size : tensor.cols;
    view.groupIndex = tensor.groupIndex;
    view.groups = isBook ? tensor.cols / size : tensor.groups();
    view.scales = tensor.scales;
    view.zeros = tensor.zeros;
    view.zero = isBook ? 0 : tensor.zero(0, 0);
    const auto count = static_cast<std::size_t>(view.outputs * view.groups);
    if (isBook && count != tensor.scales.size()) {
        for (std::size_t group = 0; group < count; ++group) {
            scales.push_back(tensor.scales[group * static_cast<std::size_t>(size) /
                                           static_cast<std::size_t>(tensor.scheme.groupSize)]);
        }
        view.scales = scales;
    } else if (tensor.scheme.groupSize == kPerTensor) {
        scales.assign(count, tensor.scales[0]);
        view.scales = scales;
        if (!tensor.zeros.empty()) {
            zeros.assign(count, tensor.zeros[0]);
            view.zeros = zeros;
        }
    }
    if (tensor.halfOffsets) {
        for (std::size_t group = 0; group < count; ++group) {
            const int zero = view.zeros.empty() ? view.zero : view.zeros[group];
            offsets.push_back(static_cast<float>(kernels::F16(static_cast<float>(zero) * view.scales[group])));
        }
        view.offsets = offsets;
        view.zeros = {};
        view.zero = 0;
    }
}

/// Blocks of odd sizes would take more memory as codes than widened.
bool staysPacked(const QuantizedTensor& tensor)
{
    return tensor.scheme.kind != SchemeKind::CodeBook || std::gcd(tensor.scheme.groupSize, tensor.cols) >= kCutGroupMin;
}

std::unique_ptr<kernels::PreparedWeights> prepare(const QuantizedTensor& tensor, model::Compute compute,
                                                  const kernels::Backend& backend)
{
    if (staysPacked(tensor)) {
        auto packed = backend.preparePacked(PackedView(tensor).view, model::precisionOf(compute));
        if (!packed) {
            throw model::DeviceError::of(backend.memory(), tensor.codes.size());
        }
        return packed;
    }
    const std::vector<float> values = tensor.dequantize();
    return model::preparedOn(
        backend, {kernels::ScalarType::F32, tensor.rows, tensor.cols, std::as_bytes(std::span(values))}, compute);
}

} // namespace

std::unique_ptr<model::Linear> makeQuantizedLinear(std::shared_ptr<const QuantizedTensor> tensor,
                                                   std::vector<float> bias, model::Compute compute,
                                                   const kernels::Backend& backend)
{
    if (tensor->scheme.kind == SchemeKind::Int8Outliers) {
        return model::onProcessor(makeInt8Linear(std::move(tensor), std::move(bias), compute), backend);
    }
    return std::make_unique<QuantizedLinear>(backend, prepare(*tensor, compute, backend), bias,
                                             tensor->scheme.activationBits, tensor->inputScale);
}

} // namespace bitlathe::quant
