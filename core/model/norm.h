// SPDX-License-Identifier: Apache-2.0
// Norm: an RMS or layer norm with its weights.
#pragma once

#include "core/model/linear.h"

#include <span>
#include <vector>

namespace bitlathe::model
{

/// Of the kind that ModelSpec::norm says. Empty where the model has none at its place: then it does nothing.
class Norm
{
public:
    Norm() = default;
    /// name: without ".weight", may be empty. width: elements of a row.
    static Result<Norm> load(const ModelSpec& spec, const WeightSource& source, const std::string& name,
                             std::int64_t width, const kernels::Backend& backend);

    bool isEmpty() const { return m_weight.empty(); }
    /// Row by row, in the memory of the backend; out may be x.
    void apply(std::span<const float> x, std::span<float> out) const;
    void apply(std::span<float> x) const { apply(x, x); }
    /// Whether a backend can take it into a product (kernels::GemmInput), by these.
    bool isRms() const { return !isEmpty() && m_kind == NormKind::Rms; }
    std::span<const float> weight() const { return m_weight.span(); }
    double epsilon() const { return m_epsilon; }
    std::uint64_t bytes() const { return (m_weight.size() + m_bias.size()) * sizeof(float); }

private:
    NormKind m_kind = NormKind::Rms;
    double m_epsilon = 0;
    const kernels::Backend* m_backend = &kernels::cpuBackend();
    Values m_weight; ///< ModelSpec::normOffset included.
    Values m_bias;
};

} // namespace bitlathe::model
