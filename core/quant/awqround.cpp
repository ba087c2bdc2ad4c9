// SPDX-License-Identifier: Apache-2.0
// AWQ: rounding on grids whose ranges are shrunk where that lowers the output error.
#include "core/quant/awq.h"
#include "core/quant/awqclip.h"
#include "core/quant/awqlmdeploy.h"
#include "core/quant/gptq.h"
#include "core/quant/rtn.h"
#include "kernels/threads.h"

#include <algorithm>
#include <atomic>
#include <chrono>
#include <memory>
#include <optional>

namespace bitlathe::quant
{

namespace
{

constexpr std::int64_t kRowGrain = 16;

/// Puts one row on grids that span shares of its groups' ranges; how many of their scales are coarse.
std::int64_t encodeShrunk(std::span<const float> weights, std::span<const std::uint8_t> steps, std::int64_t groupSize,
                          std::size_t row, QuantizedTensor& tensor)
{
    const kernels::GridRule rule = clippedRule(tensor.scheme);
    std::vector<std::uint8_t> codes(weights.size());
    std::int64_t coarse = 0;
    for (std::size_t group = 0; group < steps.size(); ++group) {
        const std::size_t first = group * static_cast<std::size_t>(groupSize);
        const std::size_t width = std::min(static_cast<std::size_t>(groupSize), weights.size() - first);
        kernels::ValueRange range = kernels::valueRange(weights.subspan(first, width));
        range.low *= shrinkOf(steps[group]);
        range.high *= shrinkOf(steps[group]);
        const kernels::GroupGrid grid = kernels::chooseGrid(range, rule, {});
        kernels::encodeGroup(weights.subspan(first, width), grid, rule.maxCode(),
                             std::span(codes).subspan(first, width));
        tensor.scales[row * steps.size() + group] = grid.scale;
        if (!tensor.zeros.empty()) {
            tensor.zeros[row * steps.size() + group] = static_cast<std::uint8_t>(grid.zero);
        }
        coarse += grid.scaleCoarse ? 1 : 0;
    }
    kernels::packCodes(codes, rule.bits,
                       std::span(tensor.codes).subspan(row * tensor.bytesPerRow(), tensor.bytesPerRow()));
    return coarse;
}

/// What became of a layer.
struct Rounded
{
    RtnOutcome outcome;
    std::optional<RowEnergies> energies; ///< Measured on the way.
};

Result<Rounded> encodeClipped(const LayerInput& input, const WorkContext& work)
{
    BITLATHE_CHECK(checkWeightsFinite(input.weights, input.linear.inFeatures, input.linear.name));
    ClipSteps found = searchClipping(input, work);
    if (work.stopRequested()) {
        return cancelled();
    }
    RtnOutcome outcome{makeTensor(input.linear.outFeatures, input.linear.inFeatures, input.scheme), 0};
    const auto cols = static_cast<std::size_t>(input.linear.inFeatures);
    const std::size_t groups = found.steps.size() / static_cast<std::size_t>(input.linear.outFeatures);
    std::atomic<std::int64_t> coarse = 0;
    kernels::parallelFor(input.linear.outFeatures, kRowGrain, [&](std::int64_t begin, std::int64_t end) {
        for (auto row = static_cast<std::size_t>(begin); row < static_cast<std::size_t>(end); ++row) {
            coarse += encodeShrunk(input.weights.subspan(row * cols, cols),
                                   std::span<const std::uint8_t>(found.steps).subspan(row * groups, groups),
                                   groupSizeOf(input), row, outcome.tensor);
        }
    });
    outcome.coarseScales = coarse;
    return Rounded{std::move(outcome), std::move(found.energies)};
}

class ActivationAware final : public Quantizer
{
public:
    std::string_view name() const override { return "awq"; }
    std::string_view title() const override { return BITLATHE_TEXT("AWQ (activation-aware)"); }
    std::string_view summary() const override
    {
        return BITLATHE_TEXT(
            "Scales up the weights that read the largest inputs, so that they keep more of their precision. "
            "Quick, sure of foot with little text; needs a calibration text.");
    }
    bool needsStatistics() const override { return true; }
    std::vector<MethodSetting> settings() const override;
    Smoothing smoothing() const override { return Smoothing::Awq; }
    Result<void> check(const Scheme& scheme) const override;
    Result<LayerResult> quantize(const LayerInput& input, const WorkContext& work) const override;
};

std::vector<MethodSetting> ActivationAware::settings() const
{
    using Kind = MethodSetting::Kind;
    return {
        {.kind = Kind::Choice,
         .key = "rule",
         .title = BITLATHE_TEXT("Rule"),
         .help = BITLATHE_TEXT("Search for the best scales, or take them by the rule of lmdeploy's auto_awq"),
         .get = [](const MethodOptions& o) { return static_cast<double>(o.awq.rule); },
         .set = [](MethodOptions& o, double value) { o.awq.rule = static_cast<AwqRule>(static_cast<int>(value)); },
         .choices = {awqRuleName(AwqRule::Search), awqRuleName(AwqRule::Lmdeploy), awqRuleName(AwqRule::Lmdeploy02)}},
        {.kind = Kind::Choice,
         .key = "effort",
         .title = BITLATHE_TEXT("Effort"),
         .help = BITLATHE_TEXT("How long to look for a better result; the files stay the same kind"),
         .get = [](const MethodOptions& o) { return static_cast<double>(o.awq.effort); },
         .set = [](MethodOptions& o, double value) { o.awq.effort = static_cast<Effort>(static_cast<int>(value)); },
         .choices = {BITLATHE_TEXT("fast"), BITLATHE_TEXT("normal"), BITLATHE_TEXT("best")}},
        {.kind = Kind::Flag,
         .key = "duo_scaling",
         .title = BITLATHE_TEXT("Duo scaling"),
         .help = BITLATHE_TEXT("Scales look at weights too, not at inputs alone"),
         .get = [](const MethodOptions& o) { return o.awq.duoScaling ? 1.0 : 0.0; },
         .set = [](MethodOptions& o, double value) { o.awq.duoScaling = value != 0; }},
        {.kind = Kind::Flag,
         .key = "clip",
         .title = BITLATHE_TEXT("Clip ranges"),
         .help = BITLATHE_TEXT("Shrink the range of a group where that lowers the output error"),
         .get = [](const MethodOptions& o) { return o.awq.clip ? 1.0 : 0.0; },
         .set = [](MethodOptions& o, double value) { o.awq.clip = value != 0; }},
        {.kind = Kind::Integer,
         .key = "grid",
         .title = BITLATHE_TEXT("Grid"),
         .help = BITLATHE_TEXT("Ratios between weights and inputs that are tried; more take longer"),
         .get = [](const MethodOptions& o) { return static_cast<double>(o.awq.grid); },
         .set = [](MethodOptions& o, double value) { o.awq.grid = static_cast<int>(value); },
         .low = 1,
         .high = 1000,
         .step = 5},
    };
}

Result<void> ActivationAware::check(const Scheme& scheme) const
{
    BITLATHE_CHECK(checkUniformScheme(scheme));
    if (scheme.ternary) {
        return fail(ErrorCode::SettingInvalid, "bits", Text(BITLATHE_TEXT("a number of bits, for awq")),
                    Text(BITLATHE_TEXT("ternary weights")), Text(BITLATHE_TEXT("Choose the method gptq")));
    }
    return {};
}

/// GPTQ's sweep over weights that have the scales folded in.
Result<LayerResult> swept(LayerInput input, const WorkContext& work)
{
    input.scheme.actOrder = false;
    input.options.gptq.effort = Effort::Best;
    input.options.gptq.damping = std::max(input.options.gptq.damping, kAwqDamping);
    return gptq().quantize(input, work);
}

Result<RtnOutcome> encodeByRule(const LayerInput& input, const WorkContext& work)
{
    if (input.scheme.symmetric || input.scheme.groupSize == kPerTensor) {
        return fail(
            ErrorCode::SettingInvalid, "awq.rule",
            Text(BITLATHE_TEXT("groups with zero points, for the rule %1"), awqRuleName(input.options.awq.rule)),
            Text(BITLATHE_TEXT("%1"), input.scheme.label()), Text(BITLATHE_TEXT("Choose asymmetric codes")));
    }
    return encodeLmdeploy(input, work);
}

Result<LayerResult> ActivationAware::quantize(const LayerInput& input, const WorkContext& work) const
{
    const auto start = std::chrono::steady_clock::now();
    BITLATHE_CHECK(check(input.scheme));
    const bool bySearch = input.options.awq.rule == AwqRule::Search;
    const bool canWeigh = input.stats != nullptr && input.stats->tokens > 0 && !input.stats->hessian.empty() &&
                          input.scheme.groupSize != kPerTensor;
    if (bySearch && canWeigh && input.options.awq.effort == Effort::Best) {
        return swept(input, work);
    }
    Rounded rounded;
    if (bySearch && canWeigh && input.options.awq.clip) {
        BITLATHE_TRY(rounded, model::withDeviceErrors([&] { return encodeClipped(input, work); }));
    } else {
        BITLATHE_TRY(rounded.outcome, bySearch
                                          ? encodeRtn(input.weights, input.linear.outFeatures, input.linear.inFeatures,
                                                      input.scheme, input.linear.name, work)
                                          : encodeByRule(input, work));
    }
    LayerResult result;
    result.layer = input.linear.id;
    result.findings = coarseScaleFindings(input, rounded.outcome);
    std::ranges::move(setInputScale(input, rounded.outcome.tensor), std::back_inserter(result.findings));
    result.tensor = std::make_shared<const QuantizedTensor>(std::move(rounded.outcome.tensor));
    result.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
    if (rounded.energies) {
        result.quality = qualityFrom(input, *result.tensor, *rounded.energies);
    } else {
        BITLATHE_TRY(result.quality, measureQuality(input, *result.tensor, work));
    }
    if (work.stopRequested()) {
        return cancelled();
    }
    return result;
}

} // namespace

const Quantizer& activationAware()
{
    static const ActivationAware method;
    return method;
}

} // namespace bitlathe::quant
