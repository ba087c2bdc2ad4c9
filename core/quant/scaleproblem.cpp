// SPDX-License-Identifier: Apache-2.0
// ScaleProblem: rows of the group's linears, rounded under trial scales.
#include "core/quant/scaleproblem.h"

#include "core/quant/deviceenergy.h"
#include "core/quant/layerrows.h"
#include "core/quant/rtn.h"

#include <algorithm>
#include <cmath>
#include <functional>

namespace bitlathe::quant
{

namespace
{

/// Rows of a linear that are looked at: errors of rows are alike enough that more of them would not change the choice.
constexpr std::int64_t kRowsMax = 1024;
/// Of all linears of a group together, as long as each keeps kRowsLeast: many experts are alike.
constexpr std::int64_t kRowsOfGroup = 8192;
constexpr std::int64_t kRowsLeast = 64;
/// A stored value close to 0 has few digits; its absolute error is nothing then, and the scale stays as it is.
constexpr float kSettleMost = 0.01F;

kernels::ScaleType storedType(checkpoint::DType dtype)
{
    if (dtype == checkpoint::DType::F16) {
        return kernels::ScaleType::F16;
    }
    return dtype == checkpoint::DType::BF16 ? kernels::ScaleType::Bf16 : kernels::ScaleType::F32;
}

/// The grid of a weight that is rounded as a whole.
kernels::GroupGrid gridOfAll(const ProblemPart& part, std::span<const float> scales, const kernels::GridRule& rule)
{
    RawVector<float> scaled(part.weights.size());
    for (std::size_t i = 0; i < scaled.size(); ++i) {
        scaled[i] = part.weights[i] * scales[i % scales.size()];
    }
    return kernels::chooseGrid(scaled, rule);
}

/// The groups of a part's rows. weights: the part's, wherever they lie.
kernels::GroupedWeights groupsOf(const ProblemPart& part, std::span<const float> weights, std::int64_t cols)
{
    return {weights,
            part.rows,
            cols,
            0,
            cols,
            part.scheme.groupSize > 0 ? part.scheme.groupSize : cols,
            gridRule(part.scheme)};
}

/// The energy of each row where the part lies on a device.
std::vector<double> energiesThere(const ProblemPart& part, std::span<const float> scales)
{
    const kernels::Backend& device = *part.form->device();
    const model::Values there(device.memory(), scales);
    const auto errors = roomFor<float>(device.memory(), part.weights.size());
    kernels::GroupErrors trial;
    trial.of = groupsOf(part, part.moved->span(), static_cast<std::int64_t>(scales.size()));
    trial.scales = there.span();
    trial.errors = errors.span();
    device.groupErrors(trial);
    return part.form->energiesThere(errors.span(), part.rows);
}

std::vector<double> energiesHere(const ProblemPart& part, std::span<const float> scales, const WorkContext& work)
{
    const auto cols = static_cast<std::int64_t>(scales.size());
    kernels::GroupErrors trial;
    trial.of = groupsOf(part, part.weights, cols);
    trial.scales = scales;
    std::optional<kernels::GroupGrid> whole;
    if (part.scheme.groupSize == kPerTensor) {
        whole = gridOfAll(part, scales, trial.of.rule);
        trial.grid = &*whole;
    }
    RawVector<float> errors(part.weights.size());
    trial.errors = errors;
    kernels::cpuBackend().groupErrors(trial);
    return part.form->energies(errors, part.rows, work);
}

double lossOf(const ProblemPart& part, std::span<const float> scales, const WorkContext& work)
{
    if (part.form == nullptr) {
        return 0;
    }
    double sum = 0;
    for (const double energy : part.moved ? energiesThere(part, scales) : energiesHere(part, scales, work)) {
        sum += energy;
    }
    return std::max(0.0, sum) * part.share;
}

/// Evenly spaced rows of a linear, not more than rowsMost.
Result<ProblemPart> partOf(const BlockInput& input, const model::LinearSpec& linear, const Scheme& scheme,
                           std::int64_t rowsMost)
{
    ProblemPart part;
    part.scheme = scheme;
    part.rows = std::min(linear.outFeatures, rowsMost);
    part.share = static_cast<double>(linear.outFeatures) / static_cast<double>(part.rows);
    std::vector<std::int64_t> rows;
    for (std::int64_t place = 0; place < part.rows; ++place) {
        rows.push_back(evenRow(place, linear.outFeatures, part.rows));
    }
    BITLATHE_TRY(part.weights, input.source.weightRows(linear, rows));
    if (!checkWeightsFinite(part.weights, linear.inFeatures, linear.name)) {
        BITLATHE_TRY(const std::vector<float> all, input.source.weights(linear)); // The place is told by all rows.
        BITLATHE_CHECK(checkWeightsFinite(all, linear.inFeatures, linear.name));
    }
    input.source.release(linear);
    return part;
}

/// Adds what scales look at of other tokens: means by tokens, the largest, sums.
void addStats(const calibrate::InputStats& more, calibrate::InputStats& all)
{
    const double share = static_cast<double>(more.tokens) / static_cast<double>(all.tokens + more.tokens);
    for (std::size_t i = 0; i < all.absMean.size(); ++i) {
        all.absMean[i] += static_cast<float>(share * (more.absMean[i] - all.absMean[i]));
        all.absMax[i] = std::max(all.absMax[i], more.absMax[i]);
    }
    std::ranges::transform(all.hessian, more.hessian, all.hessian.begin(), std::plus<>());
    all.tokens += more.tokens;
}

/// Of all inputs that linears of the group read.
std::shared_ptr<const calibrate::InputStats> jointStats(const calibrate::BlockStats& stats,
                                                        const model::ScaleGroup& group)
{
    std::vector<const calibrate::InputStats*> inputs;
    for (const LayerId layer : group.linears) {
        const calibrate::InputStats* input = usableStats(stats, layer);
        if (input != nullptr && std::ranges::find(inputs, input) == inputs.end()) {
            inputs.push_back(input);
        }
    }
    if (inputs.size() == 1) {
        return {std::shared_ptr<const void>(), inputs.front()}; // Owned by the caller.
    }
    const auto joint = std::make_shared<calibrate::InputStats>(*inputs.front());
    for (const calibrate::InputStats* input : std::span(inputs).subspan(1)) {
        addStats(*input, *joint);
    }
    return joint;
}

/// That of an earlier part where they read the same input.
std::shared_ptr<const EnergyForm> formOf(const ScaleProblem& problem, const calibrate::InputStats* stats,
                                         const kernels::Backend* device)
{
    const auto same = std::ranges::find(problem.parts, stats, &ProblemPart::stats);
    if (stats == nullptr || same != problem.parts.end()) {
        return stats == nullptr ? nullptr : same->form;
    }
    return std::make_shared<const EnergyForm>(stats->hessian, problem.cols, device);
}

} // namespace

std::int64_t rowsSearched(std::int64_t linears)
{
    return std::clamp(kRowsOfGroup / linears, kRowsLeast, kRowsMax);
}

const calibrate::InputStats* usableStats(const calibrate::BlockStats& stats, LayerId layer)
{
    const calibrate::InputStats* input = stats.forLinear(layer);
    return input != nullptr && input->tokens > 0 && !input->hessian.empty() ? input : nullptr;
}

Result<ScaleSettler> ScaleSettler::create(const BlockInput& input, const model::ScaleGroup& group)
{
    ScaleSettler settler;
    const auto isKept = [&](LayerId layer) { return !input.schemes[layer.index()].has_value(); };
    settler.m_powersOfTwo = std::ranges::any_of(group.linears, isKept) ||
                            (!group.precedingIsNorm && isKept(input.spec.findLinear(group.precedingName)->id));
    const std::int64_t cols = input.spec.linear(group.linears.front()).inFeatures;
    for (const std::string& name : group.otherReaders) {
        BITLATHE_TRY(const checkpoint::TensorView view, input.source.tensor(name, {input.spec.experts, cols}));
        // A choice of experts is all or nothing: a router's weights may not be rounded.
        settler.m_powersOfTwo = settler.m_powersOfTwo || view.dtype != checkpoint::DType::F32;
    }
    BITLATHE_CHECK(settler.readDivided(input, group));
    return settler;
}

Result<void> ScaleSettler::readDivided(const BlockInput& input, const model::ScaleGroup& group)
{
    const auto cols = static_cast<std::size_t>(input.spec.linear(group.linears.front()).inFeatures);
    m_isNorm = group.precedingIsNorm;
    std::string name = group.precedingName + ".weight";
    auto length = static_cast<std::int64_t>(cols);
    if (!m_isNorm) {
        const model::LinearSpec& preceding = *input.spec.findLinear(group.precedingName);
        if (!preceding.hasBias) {
            return {};
        }
        name = preceding.biasName();
        length = preceding.outFeatures;
    }
    BITLATHE_TRY(const checkpoint::TensorView view, input.source.tensor(name, {length}));
    m_dtype = view.dtype;
    const std::vector<float> values = checkpoint::toF32(view);
    for (std::size_t i = 0; i < cols; ++i) {
        m_divided.push_back(values[static_cast<std::size_t>(group.rowOf(static_cast<std::int64_t>(i)))]);
    }
    m_offset = m_isNorm ? static_cast<float>(input.spec.normOffset) : 0.0F;
    for (float& value : m_divided) {
        value += m_offset;
    }
    return {};
}

void ScaleSettler::settle(std::span<float> scales) const
{
    const kernels::ScaleType type = storedType(m_dtype);
    for (std::size_t i = 0; i < scales.size(); ++i) {
        float& scale = scales[i];
        if (!std::isfinite(scale) || scale <= 0) {
            scale = 1;
        }
        if (m_powersOfTwo) {
            scale = std::exp2(std::nearbyint(std::log2(scale)));
        }
        if (m_divided.empty() || m_divided[i] == 0) {
            continue;
        }
        const float stored = kernels::roundToScaleType(m_divided[i] / scale - m_offset, type) + m_offset;
        const float exact = m_divided[i] / stored;
        if (stored == 0 || !std::isfinite(stored) || !std::isfinite(exact) || exact <= 0) {
            scale = 1;
        } else if (m_isNorm || std::abs(exact - scale) <= kSettleMost * scale) {
            scale = exact;
        }
    }
}

void ProblemPart::moveToDevice()
{
    // Devices round neither whole tensors nor under a search for ranges.
    const bool isRoundedThere = scheme.groupSize != kPerTensor && !gridRule(scheme).searchRange;
    if (form && form->device() != nullptr && isRoundedThere) {
        moved = std::make_shared<const model::Values>(form->device()->memory(), weights);
    }
}

double ScaleProblem::weightLoss(std::span<const float> scales, const WorkContext& work) const
{
    double sum = 0;
    for (const ProblemPart& part : parts) {
        sum += lossOf(part, scales, work);
    }
    return sum / static_cast<double>(stats->tokens);
}

double ScaleProblem::tokenShare(const ProblemPart& part) const
{
    return part.stats == nullptr ? 0.0 : static_cast<double>(part.stats->tokens) / static_cast<double>(stats->tokens);
}

std::vector<float> ScaleProblem::columnMaxima() const
{
    std::vector<float> maxima(static_cast<std::size_t>(cols));
    for (const ProblemPart& part : parts) {
        for (std::size_t i = 0; i < part.weights.size(); ++i) {
            float& most = maxima[i % maxima.size()];
            most = std::max(most, std::abs(part.weights[i]));
        }
    }
    return maxima;
}

Result<ScaleProblem> makeProblem(const BlockInput& input, const model::ScaleGroup& group)
{
    ScaleProblem problem;
    problem.cols = input.spec.linear(group.linears.front()).inFeatures;
    problem.stats = jointStats(*input.stats, group);
    const auto linears = std::ssize(group.linears);
    std::int64_t rowsMost = rowsSearched(linears);
    if (input.rowsMost > 0) {
        rowsMost = std::min(rowsMost, std::max(kRowsLeast, input.rowsMost / linears));
    }
    for (const LayerId layer : group.linears) {
        if (const auto& scheme = input.schemes[layer.index()]) {
            BITLATHE_TRY(ProblemPart part, partOf(input, input.spec.linear(layer), *scheme, rowsMost));
            part.stats = usableStats(*input.stats, layer);
            part.form = formOf(problem, part.stats, input.device);
            part.moveToDevice();
            problem.parts.push_back(std::move(part));
        }
    }
    BITLATHE_TRY(problem.settler, ScaleSettler::create(input, group));
    return problem;
}

ScaleSearch::ScaleSearch(const ScaleProblem& problem, Objective objective)
    : m_problem(problem), m_objective(std::move(objective))
{
    m_best.scales.assign(static_cast<std::size_t>(problem.cols), 1.0F);
    m_best.lossPlain = m_objective(m_best.scales);
    m_best.loss = m_best.lossPlain;
}

bool ScaleSearch::offer(std::vector<float> scales)
{
    m_problem.settler.settle(scales);
    const double loss = m_objective(scales);
    if (!(loss < m_best.loss)) {
        return false;
    }
    m_best.loss = loss;
    m_best.scales = std::move(scales);
    return true;
}

void ScaleSearch::take(std::vector<float> scales)
{
    m_problem.settler.settle(scales);
    m_best.loss = m_objective(scales);
    m_best.scales = std::move(scales);
}

} // namespace bitlathe::quant
