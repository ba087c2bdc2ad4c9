// SPDX-License-Identifier: Apache-2.0
// LLM.int8(): rows of 8-bit codes, and what a threshold does to a layer.
#include "core/quant/llm_int8.h"

#include "core/quant/bitsandbytessettings.h"
#include "core/quant/energy.h"
#include "core/quant/inputnoise.h"
#include "core/quant/rtn.h"
#include "kernels/quantize.h"
#include "kernels/scalars.h"
#include "kernels/threads.h"

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cmath>
#include <limits>

namespace bitlathe::quant
{

namespace
{

constexpr int kMiddle = 128;
constexpr std::int64_t kWeightsPerPiece = 1 << 16;

/// One row of f16 values as codes. Gives the row's largest; infinity where f16 does not hold a weight.
float encodeInt8Row(std::span<const float> weights, std::span<std::uint8_t> codes)
{
    static thread_local std::vector<kernels::F16> half;
    static thread_local std::vector<float> values;
    half.resize(weights.size());
    values.resize(weights.size());
    kernels::convert(weights, half);
    kernels::convert(std::span<const kernels::F16>(half), values);
    const kernels::ValueRange range = kernels::valueRange(values);
    if (!range.finite) {
        return std::numeric_limits<float>::infinity();
    }
    const float most = std::max(-range.low, range.high);
    const float factor =
        most > 0 ? 1.0F / most * 127.0F : 0.0F; // In this order, as PyTorch divides a number by a tensor.
    // Adding and taking away 1.5 * 2^23 rounds to nearest even.
    constexpr float kRounder = 12582912.0F;
    for (std::size_t i = 0; i < values.size(); ++i) {
        const float step = (values[i] * factor + kRounder) - kRounder;
        codes[i] = static_cast<std::uint8_t>(static_cast<int>(step) + kMiddle);
    }
    return most;
}

class LlmInt8 final : public Quantizer
{
public:
    std::string_view name() const override { return "llm-int8"; }
    std::string_view title() const override { return "LLM.int8()"; }
    std::string_view summary() const override
    {
        return BITLATHE_TEXT(
            "Weights and inputs of 8 bits, but input channels with outliers stay in half precision. Needs no text; a "
            "calibration text shows how many channels those are. Loads in transformers by way of bitsandbytes.");
    }
    bool needsStatistics() const override { return false; }
    Scheme usualScheme() const override
    {
        return {.kind = SchemeKind::Int8Outliers,
                .bits = 8,
                .groupSize = kPerChannel,
                .scaleDType = checkpoint::DType::F32};
    }
    Scheme completed(const Scheme& scheme, const MethodOptions& options) const override;
    std::vector<MethodSetting> settings() const override
    {
        return {thresholdSetting(), halfWeightsSetting(), cpuOffloadSetting()};
    }
    Result<void> check(const Scheme& scheme) const override;
    Result<LayerResult> quantize(const LayerInput& input, const WorkContext& work) const override;
};

Scheme LlmInt8::completed(const Scheme& scheme, const MethodOptions& options) const
{
    Scheme whole = scheme;
    whole.kind = SchemeKind::Int8Outliers;
    whole.scaleDType = checkpoint::DType::F32;
    whole.threshold = static_cast<float>(options.bitsAndBytes.threshold);
    whole.notes = options.bitsAndBytes.notes;
    return whole;
}

Result<void> LlmInt8::check(const Scheme& scheme) const
{
    if (scheme.kind != SchemeKind::Int8Outliers) {
        return fail(ErrorCode::SettingInvalid, "kind", Text(BITLATHE_TEXT("8-bit rows with outliers")),
                    Text(BITLATHE_TEXT("another kind of scheme")),
                    Text(BITLATHE_TEXT("Choose a method that knows this kind")));
    }
    return checkScheme(scheme);
}

/// Channels that reach the threshold.
std::int64_t outlierColumns(std::span<const float> absMax, float threshold)
{
    return threshold > 0 ? std::ranges::count_if(absMax, [threshold](float most) { return most >= threshold; }) : 0;
}

Result<LayerResult> LlmInt8::quantize(const LayerInput& input, const WorkContext& work) const
{
    const auto start = std::chrono::steady_clock::now();
    const Scheme scheme = completed(input.scheme, input.options);
    BITLATHE_CHECK(check(scheme));
    BITLATHE_TRY(QuantizedTensor tensor, encodeInt8Rows(input.weights, input.linear.outFeatures,
                                                        input.linear.inFeatures, scheme, input.linear.name, work));
    LayerResult result;
    result.layer = input.linear.id;
    result.tensor = std::make_shared<const QuantizedTensor>(std::move(tensor));
    result.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
    BITLATHE_TRY(result.quality, measureQuality(input, *result.tensor, work));
    if (work.stopRequested()) {
        return cancelled();
    }
    if (input.stats != nullptr && input.stats->features > 0) {
        result.quality.outlierShare = static_cast<double>(outlierColumns(input.stats->absMax, scheme.threshold)) /
                                      static_cast<double>(input.stats->features);
    }
    return result;
}

} // namespace

Result<QuantizedTensor> encodeInt8Rows(std::span<const float> weights, std::int64_t rows, std::int64_t cols,
                                       const Scheme& scheme, const std::string& name, const WorkContext& work)
{
    BITLATHE_CHECK(checkWeightsFinite(weights, cols, name));
    QuantizedTensor tensor = makeTensor(rows, cols, scheme);
    std::atomic<bool> fits = true;
    const std::int64_t rowsPerPiece = std::max<std::int64_t>(1, kWeightsPerPiece / std::max<std::int64_t>(1, cols));
    kernels::parallelFor(rows, rowsPerPiece, [&](std::int64_t begin, std::int64_t end) {
        const auto width = static_cast<std::size_t>(cols);
        for (auto row = static_cast<std::size_t>(begin); row < static_cast<std::size_t>(end); ++row) {
            if (work.stopRequested()) {
                return;
            }
            tensor.scales[row] =
                encodeInt8Row(weights.subspan(row * width, width), std::span(tensor.codes).subspan(row * width, width));
            if (!std::isfinite(tensor.scales[row])) {
                fits = false;
            }
        }
    });
    if (work.stopRequested()) {
        return cancelled();
    }
    if (!fits) {
        return fail(ErrorCode::WeightsNotFinite, name, Text(BITLATHE_TEXT("weights that half precision holds")),
                    Text(BITLATHE_TEXT("one above 65504")),
                    Text(BITLATHE_TEXT("Choose another method for this layer")));
    }
    return tensor;
}

const Quantizer& llmInt8()
{
    static const LlmInt8 method;
    return method;
}

OutlierWhatIf::OutlierWhatIf(std::span<const float> weights, const LayerResult& result,
                             const calibrate::InputStats& stats)
    : m_largest(stats.absMax),
      m_noise(std::make_shared<const InputNoise>(weights, stats, 8)),
      m_weightLoss(result.quality.loss)
{
    std::ranges::sort(m_largest);
    const std::vector<double> energies = rowEnergies(weights, result.tensor->rows, result.tensor->cols, stats.hessian);
    for (const double energy : energies) {
        m_outputEnergy += energy / static_cast<double>(stats.tokens);
    }
}

OutlierEstimate OutlierWhatIf::at(double threshold) const
{
    OutlierEstimate answer;
    answer.columns = outlierColumns(m_largest, static_cast<float>(threshold));
    answer.share =
        m_largest.empty() ? 0.0 : static_cast<double>(answer.columns) / static_cast<double>(m_largest.size());
    answer.loss = m_weightLoss + m_noise->lossBelow(threshold);
    answer.relativeError = m_outputEnergy > 0 ? answer.loss / m_outputEnergy : 0.0;
    return answer;
}

} // namespace bitlathe::quant
