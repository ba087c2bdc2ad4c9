// SPDX-License-Identifier: Apache-2.0
// AwqFormat: what the layouts of AWQ checkpoints have in common.
#pragma once

#include "core/format/awqconfig.h"

namespace bitlathe::format
{

/// 4 bits, groups that divide the inputs, always with zero points in the files, columns in order. A layout adds its
/// tensors (codes, zero points, scales): plan(), encode(), decode().
class AwqFormat : public Format
{
public:
    explicit AwqFormat(AwqLayout layout) : m_layout(layout) {}

    Result<void> check(const quant::Scheme& scheme, const model::LinearSpec& linear) const override;
    checkpoint::DType scaleDType(checkpoint::DType) const override { return checkpoint::DType::F16; }
    Result<Json> quantizationConfig(const model::ModelSpec& spec, const LinearSchemes& schemes) const override
    {
        return writeAwqConfig(spec, schemes, m_layout);
    }
    Json modelConfig(Json config) const override;
    bool recognizes(const checkpoint::Checkpoint& checkpoint) const override;
    Result<LinearSchemes> schemes(const checkpoint::Checkpoint& checkpoint,
                                  const model::ModelSpec& spec) const override;
    Findings findings(const checkpoint::Checkpoint& checkpoint, const model::ModelSpec& spec,
                      const LinearSchemes& schemes) const override;

protected:
    /// Multiples that the layout needs of inputs and outputs.
    struct Multiples
    {
        std::int64_t in = 1;
        std::int64_t out = 1;
    };
    virtual Multiples multiples() const = 0;
    /// Those that reading needs.
    virtual Multiples readMultiples() const { return multiples(); }
    /// The group sizes it can hold; empty: all that divide the inputs.
    virtual std::vector<std::int64_t> groupSizes() const { return {}; }
    /// What a file has of a layer, checked, and the tensor to fill from it.
    struct StoredLayer
    {
        checkpoint::TensorView codes;
        checkpoint::TensorView zeros;
        checkpoint::TensorView scales;
        quant::QuantizedTensor tensor;
    };
    Result<StoredLayer> storedLayer(const checkpoint::Checkpoint& checkpoint, const model::LinearSpec& linear,
                                    const quant::Scheme& scheme) const;
    /// The tensors of plan() with room for their bytes, after check().
    Result<std::vector<EncodedTensor>> prepare(const model::LinearSpec& linear, const quant::QuantizedTensor& tensor,
                                               checkpoint::DType modelDType) const;

private:
    /// NotSupported where the layer's sides or the group size don't fit the layout.
    Result<void> checkSides(const quant::Scheme& scheme, const model::LinearSpec& linear, Multiples needed) const;
    /// Checks types and shapes of a layer's tensors and gives the type of its scales.
    Result<checkpoint::DType> findLayer(const checkpoint::Checkpoint& checkpoint, const model::LinearSpec& linear,
                                        const quant::Scheme& scheme) const;

    AwqLayout m_layout;
};

} // namespace bitlathe::format
