// SPDX-License-Identifier: Apache-2.0
// PackedWeights: codes and scales in the layout of kernels/cpu/packedops.h, and the product with them.
#pragma once

#include "kernels/cpu/gemm.h"
#include "kernels/cpu/packedops.h"

#include <span>
#include <vector>

namespace bitlathe::kernels::cpu
{

/// Weights as codes, and what a product of them needs. bytes() counts all of it.
class PackedWeights final : public PreparedWeights
{
public:
    PackedWeights(const CpuTable& table, const PackedOps& ops, const PackedWeightsView& weights, Precision precision);

    std::int64_t outputs() const override { return m_shape.outputs; }
    std::int64_t inputs() const override { return m_inputs; }
    std::uint64_t bytes() const override;

    const PanelShape& shape() const { return m_shape; }
    const PackedOps& ops() const { return *m_ops; }
    const PackedCodes& codes() const { return m_codes; }
    /// Whether slot i is input i.
    bool isInOrder() const { return m_order.empty(); }
    /// A row of inputs as its first `slots` slots; those of no input are zero.
    void toSlots(const float* x, std::int64_t slots, float* out) const;

private:
    std::int64_t unit() const { return m_shape.table->panelWidth; }
    void layOut(const PackedWeightsView& weights);
    void packCodes(const PackedWeightsView& weights);
    void packRow(std::span<const std::uint8_t> slots, std::byte* out) const;
    SegmentNumbers packNumbers(const PackedWeightsView& weights, std::span<const float> numbers, AlignedBuffer& buffer);

    const PackedOps* m_ops;
    std::int64_t m_inputs;
    PanelShape m_shape;
    PackedCodes m_codes;                ///< Points into what follows.
    std::vector<std::int32_t> m_order;  ///< The input of each slot, -1: none; empty: slot i is input i.
    std::vector<std::int32_t> m_groups; ///< The group of each segment, -1: none.
    std::vector<float> m_book;
    AlignedBuffer m_codeBytes;
    AlignedBuffer m_scales;
    AlignedBuffer m_zeros;
    AlignedBuffer m_offsets;
};

void gemm(std::span<const float> x, std::int64_t rows, const PackedWeights& weights, std::span<const float> bias,
          std::span<float> y);

} // namespace bitlathe::kernels::cpu
