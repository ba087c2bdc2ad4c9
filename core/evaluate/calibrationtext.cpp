// SPDX-License-Identifier: Apache-2.0
// What a quantized folder tells of the text it was calibrated on.
#include "core/evaluate/calibrationtext.h"

#include "core/base/json.h"
#include "core/text/overlap.h"
#include "core/text/textset.h"

namespace bitlathe::evaluate
{

namespace
{

struct Calibration
{
    std::string data;
    text::SampleOptions samples;
};

Result<Calibration> readCalibration(const std::filesystem::path& folder)
{
    const std::filesystem::path file = folder / "bitlathe-run.json";
    BITLATHE_TRY(const Json run, readJson(file));
    const Json* section = &run;
    if (run.is_object() && run.contains("calibration")) {
        section = &run.at("calibration");
    }
    const JsonObject object(*section, file.string());
    Calibration calibration;
    BITLATHE_TRY(calibration.data, object.string("data"));
    BITLATHE_TRY(calibration.samples.samples, object.integer("samples"));
    BITLATHE_TRY(calibration.samples.length, object.integer("length"));
    BITLATHE_TRY(const std::int64_t seed, object.integer("seed"));
    calibration.samples.seed = static_cast<std::uint64_t>(seed);
    BITLATHE_TRY(const std::string rule, object.string("select"));
    BITLATHE_TRY(calibration.samples.rule, text::sampleRuleFrom(rule));
    return calibration;
}

} // namespace

std::optional<double> calibrationOverlap(const std::filesystem::path& folder, const text::Tokenizer* tokenizer,
                                         std::span<const text::TokenId> evaluation)
{
    std::error_code ignored;
    if (tokenizer == nullptr || !std::filesystem::exists(folder / "bitlathe-run.json", ignored)) {
        return std::nullopt;
    }
    const auto calibration = readCalibration(folder);
    if (!calibration || calibration->data.empty()) {
        return std::nullopt;
    }
    const auto set = text::openTextSet(calibration->data, folder);
    if (!set) {
        return std::nullopt;
    }
    const auto samples = text::calibrationSamples(*set, tokenizer, calibration->samples);
    return samples ? text::overlapShare(*samples, evaluation) : std::nullopt;
}

} // namespace bitlathe::evaluate
