// SPDX-License-Identifier: Apache-2.0
// KvParams: the grids of keys and values that were found by calibration, one set per layer.
#pragma once

#include "core/calibrate/keyvalueranges.h"
#include "core/quant/kvscheme.h"
#include "kernels/kvrows.h"

namespace bitlathe::quant
{

using kernels::KvGrid;

/// Grids of one layer: the key heads are split in as many equal parts as there are grids, in their order. One part: the
/// whole layer; as many as heads: each head its own; else the ranks of a tensor-parallel engine.
struct KvLayerGrids
{
    std::vector<KvGrid> keys;
    std::vector<KvGrid> values; ///< As many as keys.
    std::string name;           ///< Of the layer: "model.layers.0".

    bool operator==(const KvLayerGrids&) const = default;
};

struct KvParams
{
    KvScheme scheme; ///< One that needsRanges().
    std::vector<KvLayerGrids> layers;

    std::int64_t parts() const { return layers.empty() ? 0 : static_cast<std::int64_t>(layers.front().keys.size()); }
    bool operator==(const KvParams&) const = default;
};

/// The grids for these ranges, with the arithmetic of the tools that read them:
///   int, asymmetric: scale = (max - min) / 255, zero = (max + min) / 2, the middle of the range in its own unit
///   int, symmetric:  scale = absmax / 127, zero = 0
///   fp8:             scale = absmax / 448, zero = 0
/// Those of int in f16, every step rounded (lmdeploy lite kv_qparams); those of fp8 in f32. A range without width gets
/// scale 1. tensorParallel: ranks, for KvGranularity::Layer. Errors: SettingInvalid (ranks that do not divide the
/// heads, a scheme without grids), WeightsNotFinite (a range that f16 does not hold).
Result<KvParams> kvParamsOf(const calibrate::KeyValueRanges& ranges, const KvScheme& scheme,
                            std::int64_t tensorParallel = 1);

/// SettingInvalid where params are those of another model: other layers, or parts that do not divide its key heads.
Result<void> checkKvParams(const KvParams& params, const model::ModelSpec& spec, const std::string& subject);

/// What lmdeploy prints of one part of a layer: "Layer 0 MP 0 qparam: ...".
std::string kvParamsLine(const KvParams& params, std::int64_t layer, std::int64_t part);

} // namespace bitlathe::quant
