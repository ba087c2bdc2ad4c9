// SPDX-License-Identifier: Apache-2.0
// Sensitivity: how much every layer alone changes what the model predicts, under each of several schemes.
#pragma once

#include "core/calibrate/statsstore.h"
#include "core/format/openmodel.h"
#include "core/quant/quantizer.h"

#include <optional>
#include <string>
#include <vector>

namespace bitlathe::evaluate
{

/// What one scheme does to one layer.
struct SchemeEffect
{
    double loss = 0;          ///< Squared output error per token; 0 without statistics.
    double relativeError = 0; ///< As LayerQuality's.
    /// Mean KL divergence of the model with this layer alone quantized, nats: from the divergences that were measured
    /// under the anchors, by relativeError.
    double kl = 0;
    std::optional<double> measuredKl; ///< The same as it was measured: under the anchors, or under every scheme.
};

/// A linear; or those of all experts of a block with the same role, which get one scheme.
struct LayerSensitivity
{
    std::string name; ///< Of several: with * for the number of the expert.
    std::int64_t block = 0;
    std::vector<LayerId> layers;
    std::int64_t weights = 0;
    std::vector<SchemeEffect> effects; ///< One for each of Sensitivity::schemes.
};

struct Sensitivity
{
    std::vector<quant::Scheme> schemes;
    std::vector<std::size_t> anchors;     ///< The schemes whose divergence was measured for all layers.
    std::vector<LayerSensitivity> layers; ///< In the order of the forward pass.
    double togetherMeasured = 0;          ///< KL divergence with all layers under the first anchor.
    std::int64_t tokens = 0;              ///< That divergences were measured on.
    double seconds = 0;

    /// What the divergences of single layers are multiplied with, so that their sum under the first anchor is the one
    /// measured with all layers; 1 where nothing was.
    double interaction() const;
    /// Spearman's rank correlation of predicted and measured divergences over the layers, its mean over the schemes
    /// that are no anchors; nothing unless all were measured.
    std::optional<double> rankCorrelation() const;
};

struct SensitivityOptions
{
    std::vector<quant::Scheme> schemes; ///< Complete, with their scale types.
    std::vector<bool> leftOut;          ///< Of every linear: it stays in full precision; empty: none does.
    bool everyScheme = false;           ///< Measures the divergence of every layer under every scheme. Takes long.
    std::int64_t tokens = 2048; ///< That divergences are measured on, at most: fewer in a large model with many layers.
    std::uint64_t seed = 0;     ///< Of the method.
    quant::MethodOptions method;
};

/// The schemes whose divergence is measured: the first of the width nearest to 4 bits, for the finer ones too, which
/// differ from it by their errors; and the first of the fewest bits where these are fewer: errors so large no longer
/// add to the divergence by their squares.
std::vector<std::size_t> anchorsAmong(const std::vector<quant::Scheme>& schemes);

/// SettingInvalid for a scheme that rounds inputs, too, or that the method does not know.
Result<void> checkMeasurable(const quant::Quantizer& method, const quant::Scheme& scheme);

/// Quantizes evenly spaced rows of every layer under every scheme, and whole layers under the anchors; the latter are
/// swapped one by one into the model, which runs over the beginnings of evenly spaced samples. Costs a pass of those
/// tokens through half the model for every layer and anchor. Where the method folds scales into weights, they are
/// found under the first anchor. store: statistics of the model. Errors: SettingInvalid (no scheme, rounded inputs),
/// TextInvalid (no samples), those of the method, of statistics and of SwapWalk, Cancelled.
Result<Sensitivity> measureSensitivity(const format::OpenedModel& opened, const calibrate::StatsStore& store,
                                       const std::vector<std::vector<model::TokenId>>& samples,
                                       const quant::Quantizer& method, const SensitivityOptions& options,
                                       const WorkContext& work = {});

/// The divergence at a relative error, between and beside the points where it was measured.
struct MeasuredPoint
{
    double relativeError = 0;
    double kl = 0;
};
double divergenceAt(double relativeError, std::vector<MeasuredPoint> points);

} // namespace bitlathe::evaluate
