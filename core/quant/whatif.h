// SPDX-License-Identifier: Apache-2.0
// What-if: one layer under one setting, with everything that a person wants to look at while tuning.
#pragma once

#include "core/quant/histogram.h"
#include "core/quant/quantizer.h"
#include "core/quant/smoothing.h"

#include <memory>
#include <optional>
#include <vector>

namespace bitlathe::quant
{

struct WhatIfOptions
{
    int bins = 256;
    std::int64_t row = 0;   ///< Whose grid is drawn; clamped to what the layer has.
    std::int64_t group = 0; ///< As row.
    std::int64_t mapSide = kMapSide;
    /// More rows than these are judged by evenly spaced ones: not exact, but in a fraction of the time. Not where all
    /// rows share one scale. 0: all rows count.
    std::int64_t rowsMost = 0;
};

struct WhatIf
{
    LayerResult result;         ///< Of the rows that were looked at.
    std::int64_t rows = 0;      ///< That were looked at.
    std::int64_t rowsOfAll = 0; ///< That the layer has; counts, bytes and the map are of all of them.
    Histogram before;           ///< Of the weights.
    Histogram after;            ///< Of the dequantized weights, over the same bins.
    std::int64_t row = 0;       ///< The one asked for, clamped; the nearest that was looked at.
    std::int64_t group = 0;
    std::vector<float> gridLines; ///< The values that weights of this row and group can take, ascending.
    ValueMap errorMap;            ///< Largest |w - w'|.
    std::uint64_t bytes = 0;
    double bitsPerWeight = 0;
    double seconds = 0; ///< For all of this.
};

/// Quantizes one layer and looks at it. Fast enough to be called while a slider moves: stop an older call through work.
/// Errors: those of Quantizer::quantize.
Result<WhatIf> whatIf(const Quantizer& method, const LayerInput& input, const WhatIfOptions& options = {},
                      const WorkContext& work = {});

/// What surrounds a layer.
struct LayerSurroundings
{
    const model::ModelSpec& spec;
    const model::WeightSource& source;
    const calibrate::BlockStats* stats = nullptr; ///< Of the layer's block.
};

/// As above, for any method: where it folds scales into weights, they are found first, and what is looked at are the
/// weights with the scales. Errors also: SettingInvalid where the method needs statistics and there are none.
Result<WhatIf> whatIf(const Quantizer& method, const LayerInput& input, const LayerSurroundings& surroundings,
                      const WhatIfOptions& options = {}, const WorkContext& work = {});

/// The layer with the scales that the method folds into weights, found as above; nothing where it folds none. rowsMost:
/// as in WhatIfOptions.
Result<std::optional<FoldedLayer>> foldedFor(const Quantizer& method, const LayerInput& input,
                                             const LayerSurroundings& surroundings, std::int64_t rowsMost = 0,
                                             const WorkContext& work = {});

/// The values that weights of a row and group can take, ascending.
std::vector<float> gridValues(const QuantizedTensor& tensor, std::int64_t row, std::int64_t group);

} // namespace bitlathe::quant
