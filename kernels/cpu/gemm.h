// SPDX-License-Identifier: Apache-2.0
// The dense product of the CPU backend: prepared weights, blocking, and the split into tasks.
#pragma once

#include "kernels/backend.h"
#include "kernels/cpu/panels.h"

namespace bitlathe::kernels::cpu
{

/// Weights as panels, [outputs / width][panel]. bf16 and f16 stay two bytes each; they are widened while they are
/// multiplied, so that f32 arithmetic needs no second copy of a half-size checkpoint.
class PanelWeights final : public PreparedWeights
{
public:
    PanelWeights(const CpuTable& table, const WeightsView& weights, Precision precision);

    std::int64_t outputs() const override { return m_outputs; }
    std::int64_t inputs() const override { return m_inputs; }
    std::uint64_t bytes() const override { return m_panels.size(); }

    const CpuTable& table() const { return *m_table; }
    PanelKind kind() const { return m_kind; }
    bool roundsRows() const { return m_roundsRows; }
    std::int64_t panelCount() const;
    std::int64_t bytesPanel() const;
    const std::byte* panel(std::int64_t index) const { return m_panels.data() + index * bytesPanel(); }

private:
    const CpuTable* m_table; ///< The level of the moment of preparing; the layout depends on it.
    std::int64_t m_outputs;
    std::int64_t m_inputs;
    PanelKind m_kind;
    bool m_roundsRows; ///< Bf16 arithmetic without the instruction for it.
    AlignedBuffer m_panels;
};

void gemm(std::span<const float> x, std::int64_t rows, const PanelWeights& weights, std::span<const float> bias,
          std::span<float> y);

void accumulateGram(const CpuTable& table, Precision precision, std::span<const float> x, std::int64_t rows,
                    std::int64_t cols, std::span<float> gram);

void attention(const CpuTable& table, const AttentionShape& shape, Precision precision, std::span<const float> query,
               std::span<const float> keys, std::span<const float> values, std::span<float> out);

} // namespace bitlathe::kernels::cpu
