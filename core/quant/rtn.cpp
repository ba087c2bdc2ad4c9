// SPDX-License-Identifier: Apache-2.0
// Round to nearest.
#include "core/quant/rtn.h"

#include "kernels/threads.h"

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cmath>

namespace bitlathe::quant
{

namespace
{

kernels::ScaleType scaleTypeOf(checkpoint::DType dtype)
{
    if (dtype == checkpoint::DType::F16) {
        return kernels::ScaleType::F16;
    }
    return dtype == checkpoint::DType::BF16 ? kernels::ScaleType::Bf16 : kernels::ScaleType::F32;
}

} // namespace

kernels::GridRule gridRule(const Scheme& scheme)
{
    // A ternary grid over the whole range would round most weights to 0.
    return {scheme.bits,
            scheme.symmetric,
            scheme.clipping == Clipping::Mse || scheme.ternary,
            scaleTypeOf(scheme.scaleDType),
            scheme.leastZero,
            scheme.ternary};
}

namespace
{

/// About this many weights per piece: some milliseconds of work even under the range search, so a stop is seen soon.
constexpr std::int64_t kWeightsPerPiece = 1 << 16;

std::int64_t rowGrain(std::int64_t cols)
{
    return std::max<std::int64_t>(1, kWeightsPerPiece / std::max<std::int64_t>(1, cols));
}

Failure notFinite(std::span<const float> weights, std::int64_t cols, const std::string& name)
{
    const auto bad = std::ranges::find_if_not(weights, [](float value) { return std::isfinite(value); });
    const auto place = static_cast<std::int64_t>(bad - weights.begin());
    return fail(ErrorCode::WeightsNotFinite, name, Text(BITLATHE_TEXT("finite weights")),
                Text(BITLATHE_TEXT("%1 in row %2, column %3"), std::isnan(*bad) ? "NaN" : "infinity", place / cols,
                     place % cols),
                Text(BITLATHE_TEXT("Get an intact copy of the model, or leave this layer out")));
}

/// One grid for all rows: found first, then every row is rounded to it.
kernels::GroupGrid tensorGrid(std::span<const float> weights, const kernels::GridRule& rule)
{
    const auto pieces = (static_cast<std::int64_t>(weights.size()) + kWeightsPerPiece - 1) / kWeightsPerPiece;
    std::vector<kernels::ValueRange> ranges(static_cast<std::size_t>(pieces));
    const auto part = [&](std::int64_t begin, std::int64_t end) {
        return weights.subspan(static_cast<std::size_t>(begin), static_cast<std::size_t>(end - begin));
    };
    const auto count = static_cast<std::int64_t>(weights.size());
    kernels::parallelFor(count, kWeightsPerPiece, [&](std::int64_t begin, std::int64_t end) {
        ranges[static_cast<std::size_t>(begin / kWeightsPerPiece)] = kernels::valueRange(part(begin, end));
    });
    kernels::ValueRange whole;
    for (const kernels::ValueRange& range : ranges) {
        whole.low = std::min(whole.low, range.low);
        whole.high = std::max(whole.high, range.high);
        whole.finite = whole.finite && range.finite;
    }
    const auto errorOf = [&](const kernels::GroupGrid& grid) {
        std::vector<double> sums(static_cast<std::size_t>(pieces));
        kernels::parallelFor(count, kWeightsPerPiece, [&](std::int64_t begin, std::int64_t end) {
            sums[static_cast<std::size_t>(begin / kWeightsPerPiece)] =
                static_cast<double>(kernels::squaredError(part(begin, end), grid, rule.maxCode()));
        });
        double sum = 0;
        for (const double piece : sums) {
            sum += piece;
        }
        return sum;
    };
    return kernels::chooseGrid(whole, rule, errorOf);
}

Result<RtnOutcome> encodePerTensor(std::span<const float> weights, QuantizedTensor tensor, const std::string& name,
                                   const WorkContext& work)
{
    const kernels::GridRule rule = gridRule(tensor.scheme);
    const kernels::GroupGrid grid = tensorGrid(weights, rule);
    if (!grid.finite) {
        return notFinite(weights, tensor.cols, name);
    }
    tensor.scales[0] = grid.scale;
    if (!tensor.zeros.empty()) {
        tensor.zeros[0] = static_cast<std::uint8_t>(grid.zero);
    }
    const auto width = static_cast<std::size_t>(tensor.cols);
    kernels::parallelFor(tensor.rows, rowGrain(tensor.cols), [&](std::int64_t begin, std::int64_t end) {
        std::vector<std::uint8_t> codes(width);
        for (std::int64_t row = begin; row < end && !work.stopRequested(); ++row) {
            const auto index = static_cast<std::size_t>(row);
            kernels::encodeGroup(weights.subspan(index * width, width), grid, rule.maxCode(), codes);
            kernels::packCodes(codes, rule.bits,
                               std::span(tensor.codes).subspan(index * tensor.bytesPerRow(), tensor.bytesPerRow()));
        }
    });
    return RtnOutcome{std::move(tensor), grid.scaleCoarse ? 1 : 0};
}

Result<RtnOutcome> encodePerRow(std::span<const float> weights, QuantizedTensor tensor, const std::string& name,
                                const WorkContext& work)
{
    const kernels::GridRule rule = gridRule(tensor.scheme);
    const std::int64_t groupSize = tensor.scheme.groupSize > 0 ? tensor.scheme.groupSize : tensor.cols;
    const auto width = static_cast<std::size_t>(tensor.cols);
    const auto groups = static_cast<std::size_t>(tensor.groups());
    std::atomic<bool> finite = true;
    std::atomic<std::int64_t> coarse = 0;
    kernels::parallelFor(tensor.rows, rowGrain(tensor.cols), [&](std::int64_t begin, std::int64_t end) {
        for (std::int64_t row = begin; row < end && !work.stopRequested(); ++row) {
            const auto index = static_cast<std::size_t>(row);
            const auto zeros = tensor.zeros.empty() ? std::span<std::uint8_t>()
                                                    : std::span(tensor.zeros).subspan(index * groups, groups);
            const kernels::RowFacts facts =
                kernels::encodeRow(weights.subspan(index * width, width), groupSize, rule,
                                   std::span(tensor.codes).subspan(index * tensor.bytesPerRow(), tensor.bytesPerRow()),
                                   std::span(tensor.scales).subspan(index * groups, groups), zeros);
            coarse += facts.coarseScales;
            if (!facts.finite) {
                finite = false;
                return;
            }
        }
    });
    if (!finite) {
        return notFinite(weights, tensor.cols, name);
    }
    return RtnOutcome{std::move(tensor), coarse};
}

} // namespace

QuantizedTensor makeTensor(std::int64_t rows, std::int64_t cols, const Scheme& scheme)
{
    QuantizedTensor tensor;
    tensor.scheme = scheme;
    // Columns stay as they come.
    tensor.scheme.actOrder = false;
    tensor.rows = rows;
    tensor.cols = cols;
    tensor.codes.resize(static_cast<std::size_t>(rows) * tensor.bytesPerRow());
    tensor.scales.resize(scheme.groupSize == kPerTensor ? 1 : static_cast<std::size_t>(rows * tensor.groups()));
    tensor.zeros.resize(scheme.symmetric ? 0 : tensor.scales.size());
    return tensor;
}

Result<void> checkWeightsFinite(std::span<const float> weights, std::int64_t cols, const std::string& name)
{
    const auto pieces = (static_cast<std::int64_t>(weights.size()) + kWeightsPerPiece - 1) / kWeightsPerPiece;
    std::atomic<bool> finite = true;
    kernels::parallelFor(pieces, 1, [&](std::int64_t begin, std::int64_t end) {
        for (std::int64_t piece = begin; piece < end; ++piece) {
            const auto first = static_cast<std::size_t>(piece * kWeightsPerPiece);
            const std::size_t count = std::min(weights.size() - first, static_cast<std::size_t>(kWeightsPerPiece));
            if (!kernels::valueRange(weights.subspan(first, count)).finite) {
                finite = false;
            }
        }
    });
    if (!finite) {
        return notFinite(weights, cols, name);
    }
    return {};
}

Result<RtnOutcome> encodeRtn(std::span<const float> weights, std::int64_t rows, std::int64_t cols, const Scheme& scheme,
                             const std::string& name, const WorkContext& work)
{
    QuantizedTensor tensor = makeTensor(rows, cols, scheme);
    auto outcome = scheme.groupSize == kPerTensor ? encodePerTensor(weights, std::move(tensor), name, work)
                                                  : encodePerRow(weights, std::move(tensor), name, work);
    if (work.stopRequested()) {
        return cancelled();
    }
    return outcome;
}

Findings coarseScaleFindings(const LayerInput& input, const RtnOutcome& outcome)
{
    if (outcome.coarseScales == 0) {
        return {};
    }
    return {Finding{
        Severity::Warning, "scale-coarse", input.linear.name,
        Text(BITLATHE_TEXT("%1 of %2 scales are too large or too small for %3 and changed by more than 1 %"),
             outcome.coarseScales, outcome.tensor.scales.size(), checkpoint::dtypeName(input.scheme.scaleDType)),
        Text(BITLATHE_TEXT("Store scales as BF16 or F32"))}};
}

Findings setInputScale(const LayerInput& input, QuantizedTensor& tensor)
{
    if (!input.scheme.staticInputs) {
        return {};
    }
    const auto steps = static_cast<float>((1 << (input.scheme.activationBits - 1)) - 1);
    const bool isKnown = input.stats != nullptr && input.stats->tokens > 0;
    const float most = isKnown ? *std::ranges::max_element(input.stats->absMax) : 0.0F;
    const float scale = kernels::roundToScaleType(most / steps, scaleTypeOf(input.scheme.scaleDType));
    tensor.inputScale = scale > 0 && std::isfinite(scale) ? scale : 1.0F / steps;
    if (isKnown) {
        return {};
    }
    return {Finding{Severity::Warning, "input-scale-guessed", input.linear.name,
                    Text(BITLATHE_TEXT("no calibration token reached it: its inputs are taken to lie within -1 ... 1")),
                    Text(BITLATHE_TEXT("Use more samples, or scales for each token"))}};
}

namespace
{

class RoundToNearest final : public Quantizer
{
public:
    std::string_view name() const override { return "rtn"; }
    std::string_view title() const override { return BITLATHE_TEXT("Round to nearest"); }
    std::string_view summary() const override
    {
        return BITLATHE_TEXT(
            "Looks at the weights alone: quick, and needs no text. A calibration text only measures the error.");
    }
    bool needsStatistics() const override { return false; }
    Result<void> check(const Scheme& scheme) const override { return checkUniformScheme(scheme); }
    Result<LayerResult> quantize(const LayerInput& input, const WorkContext& work) const override;
};

Result<LayerResult> RoundToNearest::quantize(const LayerInput& input, const WorkContext& work) const
{
    const auto start = std::chrono::steady_clock::now();
    BITLATHE_CHECK(check(input.scheme));
    BITLATHE_TRY(RtnOutcome outcome, encodeRtn(input.weights, input.linear.outFeatures, input.linear.inFeatures,
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

const Quantizer& roundToNearest()
{
    static const RoundToNearest method;
    return method;
}

} // namespace bitlathe::quant
