// SPDX-License-Identifier: Apache-2.0
// The dense linear: weights in the backend's prepared form.
#include "core/model/linear.h"

#include "kernels/backend.h"
#include "kernels/cpulevel.h"

namespace bitlathe::model
{

namespace
{

using checkpoint::DType;

class DenseLinear final : public Linear
{
public:
    DenseLinear(const kernels::WeightsView& weights, std::span<const float> bias, Compute compute,
                const kernels::Backend& backend)
        : m_backend(backend), m_weights(preparedOn(backend, weights, compute)), m_bias(backend.memory(), bias)
    {}

    std::int64_t outFeatures() const override { return m_weights->outputs(); }
    std::int64_t inFeatures() const override { return m_weights->inputs(); }
    std::uint64_t bytes() const override { return m_weights->bytes() + m_bias.size() * sizeof(float); }
    void forward(const Activations& x, std::span<float> y) const override
    {
        m_backend.gemm(x.span(), x.rows, *m_weights, m_bias.span(), y);
    }
    std::optional<kernels::GemmPart> part(std::span<float> y) const override
    {
        return kernels::GemmPart{m_weights.get(), m_bias.span(), y};
    }

private:
    const kernels::Backend& m_backend;
    std::unique_ptr<kernels::PreparedWeights> m_weights;
    Values m_bias;
};

class LinearOnProcessor final : public Linear
{
public:
    LinearOnProcessor(std::unique_ptr<Linear> linear, const kernels::Memory& memory)
        : m_linear(std::move(linear)), m_memory(memory)
    {}

    std::int64_t outFeatures() const override { return m_linear->outFeatures(); }
    std::int64_t inFeatures() const override { return m_linear->inFeatures(); }
    std::uint64_t bytes() const override { return m_linear->bytes(); }
    void forward(const Activations& x, std::span<float> y) const override
    {
        Activations input(x.rows, x.cols);
        downloadFrom(m_memory, x.span(), input.span());
        ChangedOnProcessor output(m_memory, y, ChangedOnProcessor::Before::Overwritten);
        m_linear->forward(input, output.span());
        output.store();
    }

private:
    std::unique_ptr<Linear> m_linear;
    const kernels::Memory& m_memory;
};

} // namespace

std::string_view computeName(Compute compute)
{
    return compute == Compute::Bf16 ? "bf16" : "f32";
}

Compute fastestCompute()
{
    return kernels::cpuLevel() >= kernels::CpuLevel::Avx512Bf16 ? Compute::Bf16 : Compute::F32;
}

kernels::Precision precisionOf(Compute compute)
{
    return compute == Compute::Bf16 ? kernels::Precision::Bf16 : kernels::Precision::F32;
}

Activations Activations::movedTo(const kernels::Memory& to) &&
{
    if (&to == &memory() || (to.isHost() && memory().isHost())) {
        return std::move(*this);
    }
    Activations moved(rows, cols, to);
    moved.sequences = sequences;
    if (to.isHost()) {
        downloadFrom(memory(), span(), moved.span());
    } else {
        moved.assign(OnProcessor(memory(), span()).span());
    }
    return moved;
}

Result<void> WeightSource::readWeights(const LinearSpec& spec, std::span<float> out) const
{
    BITLATHE_TRY(const std::vector<float> all, weights(spec));
    std::ranges::copy(all, out.begin());
    return {};
}

Result<RawVector<float>> WeightSource::weightRows(const LinearSpec& spec, std::span<const std::int64_t> rows) const
{
    BITLATHE_TRY(const std::vector<float> all, weights(spec));
    RawVector<float> some;
    some.reserve(rows.size() * static_cast<std::size_t>(spec.inFeatures));
    for (const std::int64_t row : rows) {
        const auto first = all.begin() + row * spec.inFeatures;
        some.insert(some.end(), first, first + spec.inFeatures);
    }
    return some;
}

Result<std::unique_ptr<Linear>> WeightSource::linearOn(const LinearSpec& spec, Compute compute,
                                                       const kernels::Backend& backend) const
{
    BITLATHE_TRY(auto made, linear(spec, compute));
    return onProcessor(std::move(made), backend);
}

std::unique_ptr<kernels::PreparedWeights> preparedOn(const kernels::Backend& backend,
                                                     const kernels::WeightsView& weights, Compute compute)
{
    auto prepared = backend.prepare(weights, precisionOf(compute));
    if (!prepared) {
        throw DeviceError::of(backend.memory(), weights.bytes.size());
    }
    return prepared;
}

std::unique_ptr<Linear> onProcessor(std::unique_ptr<Linear> linear, const kernels::Backend& backend)
{
    if (backend.memory().isHost()) {
        return linear;
    }
    return std::make_unique<LinearOnProcessor>(std::move(linear), backend.memory());
}

std::optional<kernels::ScalarType> scalarTypeOf(DType dtype)
{
    switch (dtype) {
    case DType::F32: return kernels::ScalarType::F32;
    case DType::F16: return kernels::ScalarType::F16;
    case DType::BF16: return kernels::ScalarType::Bf16;
    default: return std::nullopt;
    }
}

std::unique_ptr<Linear> makeDenseLinear(const checkpoint::TensorView& weights, std::span<const float> bias,
                                        Compute compute, const kernels::Backend& backend)
{
    kernels::WeightsView view{
        .type = scalarTypeOf(weights.dtype).value_or(kernels::ScalarType::F32),
        .outputs = weights.shape.at(0),
        .inputs = weights.shape.at(1),
        .bytes = weights.bytes,
    };
    std::vector<float> widened;
    if (!scalarTypeOf(weights.dtype)) {
        widened = checkpoint::toF32(weights);
        view.bytes = std::as_bytes(std::span(widened));
    }
    return std::make_unique<DenseLinear>(view, bias, compute, backend);
}

} // namespace bitlathe::model
