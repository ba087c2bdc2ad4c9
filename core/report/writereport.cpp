// SPDX-License-Identifier: Apache-2.0
// JSON of a report, and its files by their endings.
#include "core/base/file.h"
#include "core/report/documents.h"

namespace bitlathe::report
{

std::string toJson(const Report& report)
{
    Json json = {{"schemaVersion", Report::kSchemaVersion},
                 {"title", report.title.english()},
                 {"environment", environmentDocument(report.environment)}};
    json["runs"] = Json::array();
    for (const run::RunResult& run : report.runs) {
        json["runs"].push_back(runDocument(run, report.comparison ? &*report.comparison : nullptr));
    }
    json["comparison"] = report.comparison ? comparisonDocument(*report.comparison) : Json(nullptr);
    json["histograms"] = Json::array();
    for (const Histogram& histogram : report.histograms) {
        json["histograms"].push_back({{"title", histogram.title()},
                                      {"low", histogram.low},
                                      {"high", histogram.high},
                                      {"before", histogram.before},
                                      {"after", histogram.after}});
    }
    json["heat_maps"] = Json::array();
    for (const HeatMap& map : report.heatMaps) {
        json["heat_maps"].push_back({{"title", map.title.english()},
                                     {"row_label", map.rowLabel.english()},
                                     {"col_label", map.colLabel.english()},
                                     {"value_label", map.valueLabel.english()},
                                     {"rows", map.rows},
                                     {"cols", map.cols},
                                     {"row_names", map.rowNames},
                                     {"values", map.values}});
    }
    json["findings"] = findingsDocument(report.findings);
    return documentText(json);
}

namespace
{

/// Layers of the one run that a report is of, else its comparison.
std::string csvOf(const Report& report)
{
    if (report.runs.size() != 1 && report.comparison) {
        return comparisonCsv(*report.comparison);
    }
    return layersCsv(report.runs.empty() ? std::vector<run::LayerRecord>() : report.runs.front().layers);
}

} // namespace

Result<void> writeReport(const Report& report, const std::filesystem::path& file)
{
    const std::string ending = file.extension().string();
    std::error_code ignored; // A folder that could not be made shows when the file is written.
    if (file.has_parent_path()) {
        std::filesystem::create_directories(file.parent_path(), ignored);
    }
    if (ending == ".html" || ending == ".htm") {
        return writeFileAtomically(file, withoutHome(toHtml(report)));
    }
    if (ending == ".json") {
        return writeFileAtomically(file, withoutHome(toJson(report)));
    }
    if (ending == ".csv") {
        return writeFileAtomically(file, withoutHome(csvOf(report)));
    }
    return fail(ErrorCode::SettingInvalid, file.string(),
                Text(BITLATHE_TEXT("a file name that ends in .html, .csv or .json")),
                ending.empty() ? Text(BITLATHE_TEXT("no ending")) : Text(BITLATHE_TEXT("the ending %1"), ending));
}

} // namespace bitlathe::report
