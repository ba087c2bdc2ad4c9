// SPDX-License-Identifier: Apache-2.0
// AWQ: rounding on grids whose ranges are shrunk where that lowers the output error.
#include "core/quant/awq.h"
#include "core/quant/awqlmdeploy.h"
#include "core/quant/deviceenergy.h"
#include "core/quant/energy.h"
#include "core/quant/gptq.h"
#include "core/quant/rtn.h"
#include "kernels/threads.h"

#include <algorithm>
#include <chrono>
#include <memory>
#include <optional>

namespace bitlathe::quant
{

namespace
{

constexpr std::int64_t kRowGrain = 16;
/// Within a group the error is weighed by blocks of the Hessian up to this size: wider groups by several of them.
constexpr std::int64_t kBlock = 256;
/// Ranges tried: 1, 0.975, ... 0.5 of the whole one. Both ends shrink alike.
constexpr int kShrinkSteps = 21;
constexpr float kShrinkStep = 0.025F;

/// Columns [first, last) of the layer: one group of each row.
struct ColumnGroup
{
    std::int64_t first = 0;
    std::int64_t last = 0;

    std::int64_t width() const { return last - first; }
};

/// A group's part of the Hessian, in blocks on its diagonal, to weigh errors that lie where the backend computes.
class GroupForm
{
public:
    GroupForm(const LayerInput& input, const ColumnGroup& group, const kernels::Backend& backend);

    /// Sums of squared outputs that errors [rows, width of the group] cause in each row.
    std::vector<double> energies(std::span<const float> errors, std::int64_t rows, const WorkContext& work) const;

private:
    struct Block
    {
        std::int64_t first = 0; ///< In the group.
        std::int64_t width = 0;
        std::optional<EnergyForm> here;                  ///< On the processor.
        std::unique_ptr<kernels::PreparedWeights> there; ///< On a device.
    };
    std::vector<double> blockEnergies(const Block& block, std::span<const float> x, std::int64_t rows,
                                      const WorkContext& work) const
    {
        return block.there ? deviceEnergies(x, rows, *block.there, m_backend) : block.here->energies(x, rows, work);
    }

    const kernels::Backend& m_backend;
    std::int64_t m_width;
    std::vector<Block> m_blocks;
};

GroupForm::GroupForm(const LayerInput& input, const ColumnGroup& group, const kernels::Backend& backend)
    : m_backend(backend), m_width(group.width())
{
    const std::int64_t cols = input.linear.inFeatures;
    for (std::int64_t from = group.first; from < group.last; from += kBlock) {
        const std::int64_t width = std::min(kBlock, group.last - from);
        std::vector<float> values(static_cast<std::size_t>(width * width));
        for (std::int64_t row = 0; row < width; ++row) {
            std::copy_n(input.stats->hessian.data() + (from + row) * cols + from, width, values.data() + row * width);
        }
        Block& block = m_blocks.emplace_back(Block{from - group.first, width, {}, {}});
        if (backend.memory().isHost()) {
            block.here.emplace(values, width);
        } else {
            block.there = backend.prepare({kernels::ScalarType::F32, width, width, std::as_bytes(std::span(values))},
                                          kernels::Precision::Bf16);
            if (!block.there) {
                throw model::DeviceError::of(backend.memory(), values.size() * 2);
            }
        }
    }
}

std::vector<double> GroupForm::energies(std::span<const float> errors, std::int64_t rows, const WorkContext& work) const
{
    if (m_blocks.size() == 1) {
        return blockEnergies(m_blocks.front(), errors, rows, work);
    }
    std::vector<double> sums(static_cast<std::size_t>(rows));
    model::Values part(m_backend.memory());
    for (const Block& block : m_blocks) {
        part.resize(static_cast<std::size_t>(rows * block.width));
        m_backend.copyRows(errors.subspan(static_cast<std::size_t>(block.first)), m_width, part.span(), block.width,
                           rows, block.width);
        const std::vector<double> ofBlock = blockEnergies(block, part.span(), rows, work);
        std::ranges::transform(sums, ofBlock, sums.begin(), std::plus<>());
    }
    return sums;
}

/// Searches the grids of a layer's groups, one column of groups at a time, where the backend computes.
class ClipSearch
{
public:
    ClipSearch(const LayerInput& input, const WorkContext& work)
        : m_input(input),
          m_work(work),
          m_backend(backendOf(input.device)),
          m_rule(gridRule(input.scheme)),
          m_rows(input.linear.outFeatures),
          m_cols(input.linear.inFeatures),
          m_errors(m_backend.memory())
    {
        m_rule.searchRange = false;
        if (!m_backend.memory().isHost()) {
            m_moved.emplace(m_backend.memory(), input.weights);
        }
    }

    /// The grid of the group in each row. Throws a model::DeviceError where the device has no room or fails.
    std::vector<kernels::GroupGrid> grids(const ColumnGroup& group);
    const kernels::GridRule& rule() const { return m_rule; }

private:
    kernels::GroupGrid gridOf(std::int64_t row, const ColumnGroup& group, float ratio) const;

    const LayerInput& m_input;
    const WorkContext& m_work;
    const kernels::Backend& m_backend;
    kernels::GridRule m_rule;
    std::int64_t m_rows;
    std::int64_t m_cols;
    std::optional<model::Values> m_moved; ///< The weights on a device.
    model::Values m_errors;               ///< [rows, width of the group]
};

kernels::GroupGrid ClipSearch::gridOf(std::int64_t row, const ColumnGroup& group, float ratio) const
{
    kernels::ValueRange range = kernels::valueRange(m_input.weights.subspan(
        static_cast<std::size_t>(row * m_cols + group.first), static_cast<std::size_t>(group.width())));
    range.low *= ratio;
    range.high *= ratio;
    return kernels::chooseGrid(range, m_rule, {});
}

std::vector<kernels::GroupGrid> ClipSearch::grids(const ColumnGroup& group)
{
    const auto rows = static_cast<std::size_t>(m_rows);
    std::vector<float> best(rows, 1.0F);
    std::vector<double> least(rows);
    const GroupForm form(m_input, group, m_backend);
    m_errors.resize(rows * static_cast<std::size_t>(group.width()));
    for (int step = 0; step < kShrinkSteps && !m_work.stopRequested(); ++step) {
        const float ratio = 1.0F - static_cast<float>(step) * kShrinkStep;
        m_backend.groupErrors({m_moved ? m_moved->span() : m_input.weights, m_rows, m_cols, group.first, group.width(),
                               m_rule, ratio, m_errors.span()});
        const std::vector<double> energy = form.energies(m_errors.span(), m_rows, m_work);
        for (std::size_t row = 0; row < rows; ++row) {
            if (step == 0 || energy[row] < least[row]) {
                least[row] = energy[row];
                best[row] = ratio;
            }
        }
    }
    std::vector<kernels::GroupGrid> grids(rows);
    kernels::parallelFor(m_rows, kRowGrain, [&](std::int64_t begin, std::int64_t end) {
        for (std::int64_t row = begin; row < end; ++row) {
            grids[static_cast<std::size_t>(row)] = gridOf(row, group, best[static_cast<std::size_t>(row)]);
        }
    });
    return grids;
}

/// Codes of one group, packed later: [rows, cols] one per byte.
void encodeColumns(const LayerInput& input, const ColumnGroup& group, std::span<const kernels::GroupGrid> grids,
                   int maxCode, std::span<std::uint8_t> codes)
{
    const auto cols = static_cast<std::size_t>(input.linear.inFeatures);
    kernels::parallelFor(input.linear.outFeatures, kRowGrain, [&](std::int64_t begin, std::int64_t end) {
        for (auto row = static_cast<std::size_t>(begin); row < static_cast<std::size_t>(end); ++row) {
            const std::size_t start = row * cols + static_cast<std::size_t>(group.first);
            const auto width = static_cast<std::size_t>(group.width());
            kernels::encodeGroup(input.weights.subspan(start, width), grids[row], maxCode, codes.subspan(start, width));
        }
    });
}

RtnOutcome packedOutcome(const LayerInput& input, std::span<const std::uint8_t> codes,
                         const std::vector<std::vector<kernels::GroupGrid>>& grids)
{
    RtnOutcome outcome{makeTensor(input.linear.outFeatures, input.linear.inFeatures, input.scheme), 0};
    QuantizedTensor& tensor = outcome.tensor;
    const auto cols = static_cast<std::size_t>(tensor.cols);
    for (std::size_t row = 0; row < static_cast<std::size_t>(tensor.rows); ++row) {
        kernels::packCodes(codes.subspan(row * cols, cols), tensor.scheme.bits,
                           std::span(tensor.codes).subspan(row * tensor.bytesPerRow(), tensor.bytesPerRow()));
        for (std::size_t group = 0; group < grids.size(); ++group) {
            const kernels::GroupGrid& grid = grids[group][row];
            tensor.scales[row * grids.size() + group] = grid.scale;
            outcome.coarseScales += grid.scaleCoarse ? 1 : 0;
            if (!tensor.zeros.empty()) {
                tensor.zeros[row * grids.size() + group] = static_cast<std::uint8_t>(grid.zero);
            }
        }
    }
    return outcome;
}

Result<RtnOutcome> encodeClipped(const LayerInput& input, const WorkContext& work)
{
    BITLATHE_CHECK(checkWeightsFinite(input.weights, input.linear.inFeatures, input.linear.name));
    ClipSearch search(input, work);
    const std::int64_t cols = input.linear.inFeatures;
    const std::int64_t groupSize = input.scheme.groupSize > 0 ? input.scheme.groupSize : cols;
    std::vector<std::uint8_t> codes(input.weights.size());
    std::vector<std::vector<kernels::GroupGrid>> grids;
    for (std::int64_t first = 0; first < cols; first += groupSize) {
        const ColumnGroup group{first, std::min(cols, first + groupSize)};
        grids.push_back(search.grids(group));
        if (work.stopRequested()) {
            return cancelled();
        }
        encodeColumns(input, group, grids.back(), search.rule().maxCode(), codes);
        work.progress.set(static_cast<double>(group.last) / static_cast<double>(cols));
    }
    return packedOutcome(input, codes, grids);
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
    BITLATHE_TRY(RtnOutcome outcome, !bySearch ? encodeByRule(input, work)
                                     : canWeigh && input.options.awq.clip
                                         ? model::withDeviceErrors([&] { return encodeClipped(input, work); })
                                         : encodeRtn(input.weights, input.linear.outFeatures, input.linear.inFeatures,
                                                     input.scheme, input.linear.name, work));
    LayerResult result;
    result.layer = input.linear.id;
    result.findings = coarseScaleFindings(input, outcome);
    std::ranges::move(setInputScale(input, outcome.tensor), std::back_inserter(result.findings));
    result.tensor = std::make_shared<const QuantizedTensor>(std::move(outcome.tensor));
    result.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
    BITLATHE_TRY(result.quality, measureQuality(input, *result.tensor, work));
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
