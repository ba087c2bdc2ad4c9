// SPDX-License-Identifier: Apache-2.0
// Report: one value with all that a run or comparison found, and its HTML, CSV and JSON.
#pragma once

#include "core/run/runner.h"

#include <array>
#include <filesystem>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace bitlathe::report
{

/// Counts over equal bins from low to high.
struct Histogram
{
    std::string layer;
    std::string schemeLabel; ///< quant::Scheme::label(); empty: kept in full precision.
    double low = 0;
    double high = 0;
    std::vector<std::int64_t> before;
    std::vector<std::int64_t> after; ///< Dequantized; empty: none.

    std::string title() const { return schemeLabel.empty() ? layer : layer + ", " + schemeLabel; }
};

/// A map of numbers with named rows and columns, for example outliers, channel x layer (max-pooled).
struct HeatMap
{
    Text title;
    Text rowLabel, colLabel, valueLabel;
    std::int64_t rows = 0, cols = 0;
    std::vector<std::string> rowNames;
    std::vector<float> values; ///< [rows, cols]
};

struct Environment
{
    std::string program; ///< Name and version.
    std::string processor, system, cpuLevel;
    int threads = 0;
    std::uint64_t bytesRam = 0;
    std::string time; ///< ISO 8601, UTC.
};

/// Parts that pages of a report (HTML, PDF) can do without. JSON and CSV hold all of it.
enum class Section { Findings, Drawings, Layers, Recipe };
inline constexpr std::array kSections{Section::Findings, Section::Drawings, Section::Layers, Section::Recipe};
/// "findings", "drawings", "layers", "recipe".
std::string_view sectionName(Section section);

struct Report
{
    static constexpr int kSchemaVersion = 1;
    Text title;
    Environment environment;
    std::vector<run::RunResult> runs;
    std::optional<evaluate::Comparison> comparison;
    std::vector<Histogram> histograms;
    std::vector<HeatMap> heatMaps;
    Findings findings;           ///< Of all parts, without repeats.
    std::set<Section> leftOut{}; ///< Of its pages.

    bool shows(Section section) const { return !leftOut.contains(section); }
};

Environment environment();
/// A report of one run: histograms of its worst layers and outlier map are read from its folders where they still are.
Result<Report> makeReport(const run::RunResult& result, const WorkContext& work = {});
/// A report of a comparison of several models, with the runs that made them where their folders tell.
Result<Report> makeReport(const evaluate::Comparison& comparison, const WorkContext& work = {});

std::string toHtml(const Report& report); ///< Self-contained: no network, inline SVG, light and dark.
std::string toJson(const Report& report);
std::string comparisonCsv(const evaluate::Comparison& comparison);
std::string layersCsv(const std::vector<run::LayerRecord>& layers);

/// By the ending of file: .html, .json, .csv (layers of the one run it is of; else the comparison). Written atomically.
Result<void> writeReport(const Report& report, const std::filesystem::path& file);

} // namespace bitlathe::report
