// SPDX-License-Identifier: Apache-2.0
// Results of runs as JSON: reading them, each value by name and kind.
#include "core/run/comparisonjson.h"
#include "core/run/recordreader.h"
#include "core/run/resultjson.h"

namespace bitlathe::run
{

namespace
{

std::optional<quant::Scheme> readScheme(const RecordReader& parent)
{
    const Json* json = parent.find("scheme");
    if (json == nullptr) {
        return std::nullopt;
    }
    const RecordReader reader = parent.of(*json);
    quant::Scheme scheme;
    int kind = 0;
    int book = 0;
    int clipping = 0;
    std::string type = "F16";
    reader.number("kind", kind);
    reader.number("book", book);
    reader.flag("double_quant", scheme.doubleQuant);
    reader.number("threshold", scheme.threshold);
    reader.number("bits", scheme.bits);
    reader.number("group_size", scheme.groupSize);
    reader.flag("symmetric", scheme.symmetric);
    reader.flag("ternary", scheme.ternary);
    reader.flag("act_order", scheme.actOrder);
    reader.flag("static_groups", scheme.staticGroups);
    reader.number("activation_bits", scheme.activationBits);
    reader.flag("static_inputs", scheme.staticInputs);
    reader.number("clipping", clipping);
    reader.text("scale_dtype", type);
    if (kind < 0 || kind > 2 || book < 0 || book >= quant::kBookKinds || clipping < 0 || clipping > 1 ||
        !checkpoint::dtypeFromName(type)) {
        reader.wrong("scheme", "a known scheme");
        return scheme;
    }
    scheme.kind = static_cast<quant::SchemeKind>(kind);
    scheme.book = static_cast<quant::BookKind>(book);
    scheme.clipping = static_cast<quant::Clipping>(clipping);
    scheme.scaleDType = *checkpoint::dtypeFromName(type);
    return scheme;
}

LayerRecord readLayer(const RecordReader& reader)
{
    LayerRecord layer;
    std::int64_t id = -1;
    reader.number("layer", id);
    layer.layer = LayerId(id);
    reader.text("name", layer.name);
    reader.number("block", layer.block);
    layer.scheme = readScheme(reader);
    reader.number("loss", layer.quality.loss);
    reader.number("relative_error", layer.quality.relativeError);
    reader.number("weight_error", layer.quality.weightError);
    reader.number("saturated", layer.quality.saturated);
    reader.flag("from_statistics", layer.quality.fromStatistics);
    reader.number("outlier_share", layer.quality.outlierShare);
    reader.number("seconds", layer.seconds);
    return layer;
}

std::vector<ScaleRecord> readScales(const RecordReader& parent, const char* key)
{
    std::vector<ScaleRecord> scales;
    parent.list(key, [&](const Json& element) {
        const RecordReader reader = parent.of(element);
        ScaleRecord record;
        reader.list("layers", [&](const Json& id) {
            id.is_number_integer() ? record.layers.push_back(LayerId(id.get<std::int64_t>()))
                                   : reader.wrong("layers", "whole numbers");
        });
        reader.numbers("scales", record.scales);
        scales.push_back(std::move(record));
    });
    return scales;
}

} // namespace

Result<Findings> findingsFromJson(const Json& list, const std::string& subject)
{
    std::optional<Error> error;
    const Json parent = {{"findings", list}};
    Findings findings = readFindings(RecordReader(parent, subject, error), "findings");
    if (error) {
        return Failure(*std::move(error));
    }
    return findings;
}

Result<std::vector<ScaleRecord>> scalesFromJson(const Json& list, const std::string& subject)
{
    std::optional<Error> error;
    const Json parent = {{"scales", list}};
    std::vector<ScaleRecord> scales = readScales(RecordReader(parent, subject, error), "scales");
    if (error) {
        return Failure(*std::move(error));
    }
    return scales;
}

Result<LayerRecord> layerFromJson(const Json& json, const std::string& subject)
{
    std::optional<Error> error;
    LayerRecord layer = readLayer(RecordReader(json, subject, error));
    if (error) {
        return Failure(*std::move(error));
    }
    return layer;
}

Result<RunResult> resultFromJson(const Json& json, const std::string& subject)
{
    std::optional<Error> error;
    const RecordReader reader(json, subject, error);
    int version = kResultVersion;
    reader.number("version", version);
    if (version > kResultVersion) {
        return fail(ErrorCode::FileInvalid, subject,
                    Text(BITLATHE_TEXT("a record of version %1 at most"), kResultVersion), Text("%1", version),
                    Text(BITLATHE_TEXT("Update the program")));
    }
    RunResult result;
    std::string recipe;
    reader.text("recipe", recipe);
    reader.text("program", result.program);
    reader.path("out", result.out);
    reader.text("format", result.format);
    reader.number("bits_per_weight", result.bitsPerWeight);
    reader.number("bytes", result.bytes);
    reader.number("seconds", result.seconds);
    reader.number("peak_rss_bytes", result.bytesPeakRss);
    reader.text("device", result.device);
    reader.number("peak_vram_bytes", result.bytesPeakVram);
    reader.text("model_fingerprint", result.modelFingerprint);
    reader.path("statistics", result.statistics);
    reader.text("calibration_hash", result.calibrationHash);
    reader.number("calibration_tokens", result.calibrationTokens);
    reader.list("layers", [&](const Json& element) { result.layers.push_back(readLayer(reader.of(element))); });
    result.scales = readScales(reader, "scales");
    result.findings = readFindings(reader, "findings");
    result.comparison = readComparison(reader);
    if (error) {
        return Failure(*std::move(error));
    }
    BITLATHE_TRY(result.recipe, plan::recipeFromYaml(recipe, subject + ", recipe"));
    return result;
}

} // namespace bitlathe::run
