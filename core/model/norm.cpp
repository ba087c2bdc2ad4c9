// SPDX-License-Identifier: Apache-2.0
// Norm: loading and applying.
#include "core/model/norm.h"

namespace bitlathe::model
{

Result<Norm> Norm::load(const ModelSpec& spec, const WeightSource& source, const std::string& name, std::int64_t width,
                        const kernels::Backend& backend)
{
    Norm norm;
    norm.m_backend = &backend;
    if (name.empty()) {
        return norm;
    }
    norm.m_kind = spec.norm;
    norm.m_epsilon = spec.normEpsilon;
    BITLATHE_TRY(const auto weight, source.tensor(name + ".weight", {width}));
    std::vector<float> values = checkpoint::toF32(weight);
    if (spec.normOffset != 0.0) {
        for (float& value : values) {
            value += static_cast<float>(spec.normOffset);
        }
    }
    norm.m_weight = Values(backend.memory(), values);
    if (spec.norm == NormKind::Layer) {
        BITLATHE_TRY(const auto bias, source.tensor(name + ".bias", {width}));
        norm.m_bias = Values(backend.memory(), checkpoint::toF32(bias));
    }
    return norm;
}

void Norm::apply(std::span<const float> x, std::span<float> out) const
{
    if (isEmpty()) {
        if (x.data() != out.data()) {
            copyWithin(m_backend->memory(), x, out);
        }
    } else if (m_kind == NormKind::Layer) {
        m_backend->layerNorm(x, m_weight.span(), m_bias.span(), m_epsilon, out);
    } else {
        m_backend->rmsNorm(x, m_weight.span(), m_epsilon, out);
    }
}

} // namespace bitlathe::model
