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
    DenseLinear(const kernels::WeightsView& weights, std::span<const float> bias, Compute compute)
        : m_weights(kernels::cpuBackend().prepare(weights, compute == Compute::Bf16 ? kernels::Precision::Bf16
                                                                                    : kernels::Precision::F32)),
          m_bias(bias.begin(), bias.end())
    {}

    std::int64_t outFeatures() const override { return m_weights->outputs(); }
    std::int64_t inFeatures() const override { return m_weights->inputs(); }
    std::uint64_t bytes() const override { return m_weights->bytes() + m_bias.size() * sizeof(float); }
    void forward(const Activations& x, std::span<float> y) const override
    {
        kernels::cpuBackend().gemm(x.values, x.rows, *m_weights, m_bias, y);
    }

private:
    std::unique_ptr<kernels::PreparedWeights> m_weights;
    std::vector<float> m_bias;
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

std::unique_ptr<Linear> makeDenseLinear(const checkpoint::TensorView& weights, std::span<const float> bias,
                                        Compute compute)
{
    kernels::WeightsView view{
        .type = kernels::ScalarType::F32,
        .outputs = weights.shape.at(0),
        .inputs = weights.shape.at(1),
        .bytes = weights.bytes,
    };
    std::vector<float> widened;
    if (weights.dtype == DType::BF16) {
        view.type = kernels::ScalarType::Bf16;
    } else if (weights.dtype == DType::F16) {
        view.type = kernels::ScalarType::F16;
    } else if (weights.dtype != DType::F32) {
        widened = checkpoint::toF32(weights);
        view.bytes = std::as_bytes(std::span(widened));
    }
    return std::make_unique<DenseLinear>(view, bias, compute);
}

} // namespace bitlathe::model
