// SPDX-License-Identifier: Apache-2.0
// Norm: loading and applying.
#include "core/model/norm.h"

#include "kernels/backend.h"

#include <algorithm>

namespace bitlathe::model
{

Result<Norm> Norm::load(const ModelSpec& spec, const WeightSource& source, const std::string& name, std::int64_t width)
{
    Norm norm;
    if (name.empty()) {
        return norm;
    }
    norm.m_kind = spec.norm;
    norm.m_epsilon = spec.normEpsilon;
    BITLATHE_TRY(const auto weight, source.tensor(name + ".weight", {width}));
    norm.m_weight = checkpoint::toF32(weight);
    if (spec.normOffset != 0.0) {
        for (float& value : norm.m_weight) {
            value += static_cast<float>(spec.normOffset);
        }
    }
    if (spec.norm == NormKind::Layer) {
        BITLATHE_TRY(const auto bias, source.tensor(name + ".bias", {width}));
        norm.m_bias = checkpoint::toF32(bias);
    }
    return norm;
}

void Norm::apply(std::span<const float> x, std::span<float> out) const
{
    if (isEmpty()) {
        if (x.data() != out.data()) {
            std::ranges::copy(x, out.begin());
        }
    } else if (m_kind == NormKind::Layer) {
        kernels::cpuBackend().layerNorm(x, m_weight, m_bias, m_epsilon, out);
    } else {
        kernels::cpuBackend().rmsNorm(x, m_weight, m_epsilon, out);
    }
}

} // namespace bitlathe::model
