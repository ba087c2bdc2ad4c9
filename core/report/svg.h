// SPDX-License-Identifier: Apache-2.0
// Drawings of a report as inline SVG. Colours of axes and series come from the page's style sheet.
#pragma once

#include "core/report/report.h"

#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace bitlathe::report
{

/// Puts a sentence into the reader's language.
using Words = std::function<std::string(const Text&)>;
/// The words of report files.
inline std::string englishWords(const Text& text)
{
    return text.english();
}

/// text for use between tags and in attributes of XML and HTML.
std::string escaped(std::string_view text);

/// Colour of a magnitude in 0 ... 1 as "#rrggbb", dark blue to yellow: readable by colour-blind people and in grey.
std::string magnitudeColour(double share);

std::string histogramSvg(const Histogram& histogram, const Words& words = englishWords);
/// More than kMaxMapCells cells a side are pooled by their largest value.
std::string heatMapSvg(const HeatMap& map, const Words& words = englishWords);
inline constexpr std::int64_t kMaxMapCells = 192;

/// A point with an error bar and its name.
struct NamedPoint
{
    std::string name;
    double x = 0;
    double y = 0;
    double errorY = 0;
};

struct Axis
{
    std::string title;
    bool logarithmic = false;
};

/// Named points, such as perplexity over size.
std::string scatterSvg(const std::string& title, const Axis& x, const Axis& y, const std::vector<NamedPoint>& points);

/// Values over an index, such as the error of layers through depth; several series.
struct Series
{
    std::string name;
    std::vector<NamedPoint> points;
    bool joined = true; ///< By a line; else points only.
};
std::string seriesSvg(const std::string& title, const Axis& x, const Axis& y, const std::vector<Series>& series);

} // namespace bitlathe::report
