// SPDX-License-Identifier: Apache-2.0
// CSV of a comparison and of a run's layers: C locale, one header row, the same number of columns in every row.
#include "core/report/numbers.h"
#include "core/report/report.h"

#include <cmath>
#include <optional>
#include <span>

namespace bitlathe::report
{

namespace
{

/// A field as RFC 4180 wants it. A text that a spreadsheet would take for a formula gets an apostrophe in front.
std::string textField(std::string_view raw)
{
    std::string text = printable(raw);
    if (!text.empty() && std::string_view("=+-@\t\r").find(text.front()) != std::string_view::npos) {
        text.insert(text.begin(), '\'');
    }
    if (text.find_first_of(",\"\r\n") == std::string::npos) {
        return text;
    }
    std::string quoted = "\"";
    for (const char c : text) {
        quoted += c;
        if (c == '"') {
            quoted += '"';
        }
    }
    return quoted + '"';
}

/// The shortest text that reads back as the same number; empty where it is not finite.
std::string numberField(double value)
{
    return std::isfinite(value) ? fmt::format("{}", value) : std::string();
}

std::string numberField(const std::optional<double>& value)
{
    return value ? numberField(*value) : std::string();
}

std::string row(std::span<const std::string> fields)
{
    std::string line;
    for (const std::string& field : fields) {
        line += (&field == fields.data() ? "" : ",") + field;
    }
    return line + '\n';
}

std::string row(std::initializer_list<std::string> fields)
{
    return row(std::span(fields.begin(), fields.size()));
}

} // namespace

std::string comparisonCsv(const evaluate::Comparison& comparison)
{
    std::string csv = row({"path",
                           "name",
                           "scheme",
                           "bits_per_weight",
                           "bytes_disk",
                           "bytes_weights",
                           "kv_bytes_per_token",
                           "perplexity",
                           "standard_error",
                           "delta",
                           "delta_error",
                           "kl_mean",
                           "kl_standard_error",
                           "kl_median",
                           "kl_p99",
                           "kl_max",
                           "same_top",
                           "tokens_per_second",
                           "peak_rss_bytes",
                           "protocol",
                           "choice_questions",
                           "choice_accuracy",
                           "choice_low",
                           "choice_high",
                           "choice_p",
                           "choice_protocol",
                           "kl_p999",
                           "worst_token",
                           "generation_prompts",
                           "generation_equal",
                           "generation_agreed_median",
                           "generation_base_probability",
                           "generation_length",
                           "generation_repeated",
                           "generation_loops",
                           "generation_protocol"});
    const std::string protocol = comparison.protocol.sentence().english();
    const std::string questions = comparison.choiceProtocol ? comparison.choiceProtocol->sentence().english() : "";
    const std::string prompts =
        comparison.generationProtocol ? comparison.generationProtocol->sentence().english() : "";
    for (const evaluate::ComparedModel& model : comparison.models) {
        const auto& written = model.generation;
        const auto agreement = written ? written->agreement : std::nullopt;
        const auto kl = [&](double evaluate::KlFacts::*fact) {
            return model.kl ? std::optional((*model.kl).*fact) : std::nullopt;
        };
        using Kl = evaluate::KlFacts;
        csv += row({textField(model.path.string()),
                    textField(model.name),
                    textField(model.schemeLabel),
                    numberField(model.bitsPerWeight),
                    std::to_string(model.memory.bytesDisk),
                    std::to_string(model.memory.bytesWeights),
                    std::to_string(model.memory.kvBytesPerToken),
                    numberField(model.perplexity.perplexity),
                    numberField(model.perplexity.standardError),
                    numberField(model.delta),
                    numberField(model.deltaError),
                    numberField(kl(&Kl::mean)),
                    numberField(kl(&Kl::standardError)),
                    numberField(kl(&Kl::median)),
                    numberField(kl(&Kl::p99)),
                    numberField(kl(&Kl::max)),
                    numberField(kl(&Kl::sameTop)),
                    numberField(model.tokensPerSecond),
                    std::to_string(model.memory.bytesPeakRss),
                    textField(protocol),
                    model.choice ? std::to_string(model.choice->all.questions) : "",
                    numberField(model.choice ? std::optional(model.choice->all.accuracy()) : std::nullopt),
                    numberField(model.choice ? std::optional(model.choice->interval.low) : std::nullopt),
                    numberField(model.choice ? std::optional(model.choice->interval.high) : std::nullopt),
                    numberField(model.choice && model.choice->difference ? std::optional(model.choice->difference->p)
                                                                         : std::nullopt),
                    textField(questions),
                    numberField(kl(&Kl::p999)),
                    model.tokens && !model.tokens->worst.empty() ? textField(model.tokens->worst.front().token) : "",
                    written ? std::to_string(written->prompts) : "",
                    agreement ? std::to_string(agreement->equal) : "",
                    numberField(agreement ? std::optional(agreement->tokensMedian) : std::nullopt),
                    numberField(agreement ? agreement->baseProbability : std::nullopt),
                    numberField(written ? std::optional(written->lengthMean) : std::nullopt),
                    numberField(written ? std::optional(written->repeated) : std::nullopt),
                    written ? std::to_string(written->loops) : "",
                    textField(prompts)});
    }
    return csv;
}

std::string layersCsv(const std::vector<run::LayerRecord>& layers)
{
    std::string csv = row({"name", "block", "bits", "group_size", "symmetric", "loss", "relative_error", "weight_error",
                           "from_statistics", "saturated", "outlier_share", "seconds"});
    for (const run::LayerRecord& layer : layers) {
        const bool quantized = layer.scheme.has_value();
        csv += row(
            {textField(layer.name), std::to_string(layer.block), quantized ? std::to_string(layer.scheme->bits) : "",
             quantized ? std::to_string(layer.scheme->groupSize) : "",
             quantized ? (layer.scheme->symmetric ? "true" : "false") : "", numberField(layer.quality.loss),
             numberField(layer.quality.relativeError), numberField(layer.quality.weightError),
             layer.quality.fromStatistics ? "true" : "false", numberField(layer.quality.saturated),
             layer.hasOutlierShare() ? numberField(layer.quality.outlierShare) : "", numberField(layer.seconds)});
    }
    return csv;
}

} // namespace bitlathe::report
