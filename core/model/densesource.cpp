// SPDX-License-Identifier: Apache-2.0
// DenseSource: linears made from the tensors of an unquantized checkpoint.
#include "core/model/densesource.h"

namespace bitlathe::model
{

namespace
{

class DenseSource final : public WeightSource
{
public:
    explicit DenseSource(std::shared_ptr<const checkpoint::Checkpoint> checkpoint) : m_checkpoint(std::move(checkpoint))
    {}

    Result<checkpoint::TensorView> tensor(const std::string& name, const checkpoint::Shape& shape) const override
    {
        BITLATHE_TRY(checkpoint::TensorView view, m_checkpoint->tensor(name, shape));
        if (!checkpoint::isFloat(view.dtype)) {
            return fail(ErrorCode::TensorInvalid, name, Text(BITLATHE_TEXT("a floating-point tensor")),
                        Text(BITLATHE_TEXT("%1"), checkpoint::dtypeName(view.dtype)),
                        Text(BITLATHE_TEXT("Open the folder as the quantized model it seems to be")));
        }
        return view;
    }

    bool has(const std::string& name) const override { return m_checkpoint->find(name) != nullptr; }

    Result<void> check(const LinearSpec& spec) const override
    {
        BITLATHE_CHECK(weightView(spec));
        if (spec.hasBias) {
            BITLATHE_CHECK(tensor(spec.biasName(), {spec.outFeatures}));
        }
        return {};
    }

    Result<std::unique_ptr<Linear>> linear(const LinearSpec& spec, Compute compute) const override
    {
        BITLATHE_TRY(const checkpoint::TensorView weights, weightView(spec));
        std::vector<float> bias;
        if (spec.hasBias) {
            BITLATHE_TRY(const checkpoint::TensorView view, tensor(spec.biasName(), {spec.outFeatures}));
            bias = checkpoint::toF32(view);
        }
        auto linear = makeDenseLinear(weights, bias, compute);
        release(spec);
        return linear;
    }

    Result<std::vector<float>> weights(const LinearSpec& spec) const override
    {
        BITLATHE_TRY(const checkpoint::TensorView view, weightView(spec));
        return checkpoint::toF32(view);
    }

    void release(const LinearSpec& spec) const override
    {
        if (const auto* entry = m_checkpoint->find(spec.weightName())) {
            m_checkpoint->release(*entry);
        }
    }

private:
    Result<checkpoint::TensorView> weightView(const LinearSpec& spec) const
    {
        return tensor(spec.weightName(), {spec.outFeatures, spec.inFeatures});
    }

    std::shared_ptr<const checkpoint::Checkpoint> m_checkpoint;
};

} // namespace

std::shared_ptr<const WeightSource> makeDenseSource(std::shared_ptr<const checkpoint::Checkpoint> checkpoint)
{
    return std::make_shared<DenseSource>(std::move(checkpoint));
}

} // namespace bitlathe::model
