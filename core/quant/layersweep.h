// SPDX-License-Identifier: Apache-2.0
// LayerSweep: one layer under many bits and group sizes, each fast enough to fill a map while somebody waits.
#pragma once

#include "core/quant/quantizer.h"
#include "core/quant/whatif.h"

#include <optional>
#include <vector>

namespace bitlathe::quant
{

/// What one scheme does to a layer.
struct SweepPoint
{
    Scheme scheme;
    double bitsPerWeight = 0;
    std::uint64_t bytes = 0; ///< Of the whole layer, as stored.
    LayerQuality quality;    ///< Of the rows that were looked at.
};

/// Evenly spaced rows of a layer stand for all of them, but where one scale is for the whole layer. Scales that the
/// method folds into weights are found once, under the first scheme. One thread at a time.
class LayerSweep
{
public:
    static constexpr std::int64_t kRowsMost = 256;

    /// input: its scheme says everything but bits and group size; weights and stats must outlive this. Errors: those of
    /// whatIf().
    static Result<LayerSweep> create(const Quantizer& method, const LayerInput& input,
                                     const LayerSurroundings& surroundings, const WorkContext& work = {});

    /// Of a layer that has its scales folded in already, or whose method folds none.
    static LayerSweep ofFolded(const Quantizer& method, const LayerInput& input);

    /// Nothing where the method does not know the scheme, or where a group is no shorter than a row, which is then one
    /// group. Errors: those of Quantizer::quantize but SettingInvalid.
    Result<std::optional<SweepPoint>> point(int bits, std::int64_t groupSize, const WorkContext& work = {});

    std::int64_t rows() const { return m_rows; } ///< That are looked at.

private:
    LayerSweep(const Quantizer& method, const LayerInput& input) : m_method(&method), m_input(input) {}

    const Quantizer* m_method;
    LayerInput m_input;
    FoldedLayer m_folded;      ///< Empty where nothing is folded.
    std::vector<float> m_some; ///< [rows, inFeatures].
    std::int64_t m_rows = 0;
    SharedWork m_shared;
};

/// The points that no other beats in both bytes and relative error, by bytes.
std::vector<SweepPoint> bestForTheirSize(std::vector<SweepPoint> points);

} // namespace bitlathe::quant
