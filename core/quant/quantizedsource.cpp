// SPDX-License-Identifier: Apache-2.0
// QuantizedSource: quantized linears over a base of everything else.
#include "core/quant/quantizedsource.h"

namespace bitlathe::quant {

namespace {

class QuantizedSource final : public model::WeightSource
{
public:
    QuantizedSource(std::shared_ptr<const model::WeightSource> base, QuantizedLookup lookup)
        : m_base(std::move(base)), m_lookup(std::move(lookup))
    {}

    Result<checkpoint::TensorView> tensor(const std::string& name, const checkpoint::Shape& shape) const override
    {
        return m_base->tensor(name, shape);
    }
    bool has(const std::string& name) const override { return m_base->has(name); }
    Result<std::unique_ptr<model::Linear>> linear(const model::LinearSpec& spec, model::Compute compute) const override
    {
        return linearOn(spec, compute, kernels::cpuBackend());
    }
    Result<std::unique_ptr<model::Linear>> linearOn(const model::LinearSpec& spec, model::Compute compute,
                                                    const kernels::Backend& backend) const override;
    Result<std::vector<float>> weights(const model::LinearSpec& spec) const override;
    void release(const model::LinearSpec& spec) const override { m_base->release(spec); }

private:
    Result<std::shared_ptr<const QuantizedTensor>> find(const model::LinearSpec& spec) const;

    std::shared_ptr<const model::WeightSource> m_base;
    QuantizedLookup m_lookup;
};

/// The quantized weight in the right shape, or null.
Result<std::shared_ptr<const QuantizedTensor>> QuantizedSource::find(const model::LinearSpec& spec) const
{
    BITLATHE_TRY(auto tensor, m_lookup(spec));
    if (tensor && (tensor->rows != spec.outFeatures || tensor->cols != spec.inFeatures)) {
        return fail(ErrorCode::TensorInvalid, spec.name,
                    Text(BITLATHE_TEXT("a quantized weight of %1 x %2"), spec.outFeatures, spec.inFeatures),
                    Text(BITLATHE_TEXT("one of %1 x %2"), tensor->rows, tensor->cols),
                    Text(BITLATHE_TEXT("Use quantized weights and config.json of the same model")));
    }
    return tensor;
}

Result<std::unique_ptr<model::Linear>> QuantizedSource::linearOn(const model::LinearSpec& spec, model::Compute compute,
                                                                 const kernels::Backend& backend) const
{
    BITLATHE_TRY(auto tensor, find(spec));
    if (!tensor) {
        return m_base->linearOn(spec, compute, backend);
    }
    std::vector<float> bias;
    if (spec.hasBias) {
        BITLATHE_TRY(const checkpoint::TensorView view, m_base->tensor(spec.biasName(), {spec.outFeatures}));
        bias = checkpoint::toF32(view);
    }
    return makeQuantizedLinear(std::move(tensor), std::move(bias), compute, backend);
}

Result<std::vector<float>> QuantizedSource::weights(const model::LinearSpec& spec) const
{
    BITLATHE_TRY(auto tensor, find(spec));
    if (!tensor) {
        return m_base->weights(spec);
    }
    return tensor->dequantize();
}

} // namespace

std::shared_ptr<const model::WeightSource> makeQuantizedSource(std::shared_ptr<const model::WeightSource> base,
                                                               QuantizedLookup lookup)
{
    return std::make_shared<QuantizedSource>(std::move(base), std::move(lookup));
}

} // namespace bitlathe::quant
