// SPDX-License-Identifier: Apache-2.0
// The dense product of the CPU backend: prepared weights, blocking, and the split into tasks.
#pragma once

#include "kernels/backend.h"
#include "kernels/cpu/panels.h"

namespace bitlathe::kernels::cpu
{

/// What the tiles of a product need to know of its second factor.
struct PanelShape
{
    const CpuTable* table = nullptr; ///< The level of the moment of preparing; the layout depends on it.
    PanelKind kind = PanelKind::F32;
    bool roundsRows = false; ///< Bf16 arithmetic without the instruction for it.
    std::int64_t depth = 0;
    std::int64_t outputs = 0;

    std::int64_t panelCount() const { return (outputs + table->panelWidth - 1) / table->panelWidth; }
    std::int64_t bytesPanel() const { return panelBytes(kind, depth, table->panelWidth); }
    std::int64_t bytesRow() const; ///< Of one packed row of the first factor.
    std::int64_t tileRows() const;
    std::int64_t rowsPacked() const; ///< At once: whole tiles of them.
};

/// Memory of this thread for packed rows. parallelFor never runs a piece of an outer loop inside a nested one, so
/// nobody else on this thread can need it meanwhile.
AlignedBuffer& packedScratch();
/// Rows of x as tiles, in packedScratch().
const std::byte* packTiles(const PanelShape& shape, const float* x, std::int64_t rows);
/// All packed rows times one panel; y and bias are those of output 0.
void multiplyPanel(const PanelShape& shape, const std::byte* packed, std::int64_t rows, const std::byte* panel,
                   std::int64_t panelIndex, const float* bias, float* y);

/// Weights as panels, [outputs / width][panel]. bf16 and f16 stay two bytes each; they are widened while they are
/// multiplied, so that f32 arithmetic needs no second copy of a half-size checkpoint.
class PanelWeights final : public PreparedWeights
{
public:
    PanelWeights(const CpuTable& table, const WeightsView& weights, Precision precision);

    std::int64_t outputs() const override { return m_shape.outputs; }
    std::int64_t inputs() const override { return m_shape.depth; }
    std::uint64_t bytes() const override { return m_panels.size(); }

    const PanelShape& shape() const { return m_shape; }
    const std::byte* panel(std::int64_t index) const { return m_panels.data() + index * m_shape.bytesPanel(); }

private:
    PanelShape m_shape;
    AlignedBuffer m_panels;
};

void gemm(std::span<const float> x, std::int64_t rows, const PanelWeights& weights, std::span<const float> bias,
          std::span<float> y);

void accumulateGram(const CpuTable& table, Precision precision, std::span<const float> x, std::int64_t rows,
                    std::int64_t cols, std::span<float> gram);

void attention(const CpuTable& table, const AttentionShape& shape, Precision precision, std::span<const float> query,
               std::span<const float> keys, std::span<const float> values, std::span<float> out);

} // namespace bitlathe::kernels::cpu
