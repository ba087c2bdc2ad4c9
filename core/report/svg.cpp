// SPDX-License-Identifier: Apache-2.0
// Drawings of a report as inline SVG. Colours of axes and series come from the page's style sheet.
#include "core/report/svg.h"

#include "core/base/size.h"
#include "core/report/numbers.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>

namespace bitlathe::report
{

namespace
{

constexpr double kWidth = 640, kHeight = 280;
constexpr double kLeft = 72, kRight = 16, kTop = 30, kBottom = 46;
constexpr double kPlotWidth = kWidth - kLeft - kRight;
constexpr double kPlotHeight = kHeight - kTop - kBottom;
constexpr int kSeriesColours = 8; ///< Classes s0 ... s7 of the style sheet.

/// A number from low to high mapped onto pixels.
class Scale
{
public:
    Scale(double low, double high, double from, double to, bool logarithmic)
        : m_low(low), m_high(high), m_from(from), m_to(to), m_log(logarithmic)
    {
        if (m_log) {
            m_low = std::max(m_low, std::numeric_limits<double>::min());
            m_high = std::max(m_high, m_low);
        }
        if (!(m_high > m_low)) {
            const double room = m_low == 0 ? 1 : std::abs(m_low) * 0.1;
            m_high = m_low + room;
            m_low = m_log ? m_low / 1.1 : m_low - room;
        }
    }

    double at(double value) const
    {
        const double share = m_log ? std::log(std::max(value, m_low) / m_low) / std::log(m_high / m_low)
                                   : (value - m_low) / (m_high - m_low);
        return m_from + (m_to - m_from) * std::clamp(share, 0.0, 1.0);
    }

    /// Round values inside the range, about `wanted` of them.
    std::vector<double> ticks(int wanted) const { return m_log ? logTicks() : linearTicks(wanted); }

private:
    std::vector<double> linearTicks(int wanted) const
    {
        const double raw = (m_high - m_low) / wanted;
        const double power = std::pow(10.0, std::floor(std::log10(raw)));
        double step = power * 10;
        for (const double factor : {1.0, 2.0, 2.5, 5.0}) {
            if (factor * power >= raw) {
                step = factor * power;
                break;
            }
        }
        std::vector<double> values;
        for (double value = std::ceil(m_low / step) * step; value <= m_high * (1 + 1e-12) + 1e-300; value += step) {
            values.push_back(std::abs(value) < step * 1e-9 ? 0 : value);
        }
        return values;
    }
    std::vector<double> logTicks() const
    {
        std::vector<double> values;
        const bool fine = m_high / m_low < 100;
        for (double power = std::pow(10.0, std::floor(std::log10(m_low))); power <= m_high; power *= 10) {
            for (const double factor : {1.0, 2.0, 5.0}) {
                if (const double value = power * factor;
                    (fine || factor == 1.0) && value >= m_low * 0.999 && value <= m_high * 1.001) {
                    values.push_back(value);
                }
            }
        }
        return values;
    }

    double m_low, m_high, m_from, m_to;
    bool m_log;
};

std::string tickText(double value)
{
    std::string text = numberText(value, 4);
    if (text.find('.') != std::string::npos && text.find('e') == std::string::npos) {
        text.erase(text.find_last_not_of('0') + 1);
        if (text.back() == '.') {
            text.pop_back();
        }
    }
    return text;
}

std::string openSvg(const std::string& title, double width, double height)
{
    return fmt::format("<svg class=\"plot\" viewBox=\"0 0 {} {}\" role=\"img\" aria-label=\"{}\">"
                       "<text class=\"plot-title\" x=\"{}\" y=\"16\">{}</text>",
                       width, height, escaped(title), kLeft, escaped(title));
}

std::string axesSvg(const Scale& x, const Scale& y, const std::string& xTitle, const std::string& yTitle)
{
    std::string svg;
    for (const double value : y.ticks(5)) {
        svg +=
            fmt::format("<line class=\"grid\" x1=\"{}\" x2=\"{}\" y1=\"{:.1f}\" y2=\"{:.1f}\"/>"
                        "<text class=\"tick end\" x=\"{}\" y=\"{:.1f}\">{}</text>",
                        kLeft, kWidth - kRight, y.at(value), y.at(value), kLeft - 6, y.at(value) + 4, tickText(value));
    }
    for (const double value : x.ticks(7)) {
        svg += fmt::format("<line class=\"grid\" x1=\"{:.1f}\" x2=\"{:.1f}\" y1=\"{}\" y2=\"{}\"/>"
                           "<text class=\"tick mid\" x=\"{:.1f}\" y=\"{}\">{}</text>",
                           x.at(value), x.at(value), kTop, kHeight - kBottom, x.at(value), kHeight - kBottom + 16,
                           tickText(value));
    }
    svg += fmt::format("<text class=\"axis mid\" x=\"{}\" y=\"{}\">{}</text>", kLeft + kPlotWidth / 2, kHeight - 8,
                       escaped(xTitle));
    svg += fmt::format("<text class=\"axis mid\" transform=\"translate(14 {}) rotate(-90)\">{}</text>",
                       kTop + kPlotHeight / 2, escaped(yTitle));
    return svg;
}

/// Names of series from the upper right corner to the left, each with a mark of its colour.
std::string legendSvg(const std::vector<std::string>& names)
{
    std::string svg;
    for (std::size_t i = 0; i < names.size(); ++i) {
        const double y = kTop + 14 + 16 * static_cast<double>(i);
        svg += fmt::format("<rect class=\"s{}\" x=\"{}\" y=\"{}\" width=\"10\" height=\"10\"/>"
                           "<text class=\"tick end\" x=\"{}\" y=\"{}\">{}</text>",
                           i % kSeriesColours, kWidth - kRight - 14, y - 9, kWidth - kRight - 20, y, escaped(names[i]));
    }
    return svg;
}

std::pair<double, double> rangeOf(const std::vector<Series>& series, double NamedPoint::*member, bool logarithmic)
{
    double low = std::numeric_limits<double>::infinity();
    double high = -low;
    for (const Series& one : series) {
        for (const NamedPoint& point : one.points) {
            const double error = member == &NamedPoint::y ? point.errorY : 0;
            const double value = point.*member;
            if (std::isfinite(value) && (!logarithmic || value > 0)) {
                low = std::min(low, value - (logarithmic ? 0 : error));
                high = std::max(high, value + error);
            }
        }
    }
    return low <= high ? std::pair(low, high) : std::pair(logarithmic ? 1.0 : 0.0, logarithmic ? 10.0 : 1.0);
}

/// The part of a plot's range that keeps points off its frame.
Scale paddedScale(std::pair<double, double> range, double from, double to, bool logarithmic)
{
    auto [low, high] = range;
    if (logarithmic) {
        const double factor = std::pow(high / low, 0.06);
        return {low / factor, high * factor, from, to, true};
    }
    const double room = (high - low) * 0.06;
    return {low >= 0 && low - room < 0 ? 0 : low - room, high + room, from, to, false};
}

std::string pointSvg(const NamedPoint& point, double x, double y, std::size_t colour)
{
    return fmt::format("<circle class=\"s{}\" cx=\"{:.1f}\" cy=\"{:.1f}\" r=\"3.5\"><title>{}</title></circle>",
                       colour % kSeriesColours, x, y, escaped(point.name));
}

/// Counts of a histogram as the outline of its bars.
std::string barsPath(const std::vector<std::int64_t>& counts, const Scale& y)
{
    const double step = kPlotWidth / static_cast<double>(std::max<std::size_t>(counts.size(), 1));
    std::string path = fmt::format("M{} {}", kLeft, kHeight - kBottom);
    for (std::size_t i = 0; i < counts.size(); ++i) {
        const double from = kLeft + step * static_cast<double>(i);
        const double top = y.at(static_cast<double>(counts[i]));
        path += fmt::format("L{:.1f} {:.1f}L{:.1f} {:.1f}", from, top, from + step, top);
    }
    return path + fmt::format("L{} {}Z", kWidth - kRight, kHeight - kBottom);
}

HeatMap pooled(const HeatMap& map)
{
    HeatMap small = map;
    small.rows = std::min(map.rows, kMaxMapCells);
    small.cols = std::min(map.cols, kMaxMapCells);
    small.values.assign(static_cast<std::size_t>(small.rows * small.cols), -std::numeric_limits<float>::infinity());
    for (std::int64_t row = 0; row < map.rows; ++row) {
        for (std::int64_t col = 0; col < map.cols; ++col) {
            const std::int64_t to = row * small.rows / map.rows * small.cols + col * small.cols / map.cols;
            float& cell = small.values[static_cast<std::size_t>(to)];
            cell = std::max(cell, map.values[static_cast<std::size_t>(row * map.cols + col)]);
        }
    }
    return small;
}

/// How a map's values become colours: by logarithm where they span more than two powers of ten.
struct Ramp
{
    double low = 0, high = 1;
    bool logarithmic = false;

    explicit Ramp(const std::vector<float>& values)
    {
        double smallest = std::numeric_limits<double>::infinity(), largest = -smallest, smallestPositive = smallest;
        for (const float value : values) {
            if (std::isfinite(value)) {
                smallest = std::min<double>(smallest, value);
                largest = std::max<double>(largest, value);
                smallestPositive = value > 0 ? std::min<double>(smallestPositive, value) : smallestPositive;
            }
        }
        if (smallest <= largest) {
            low = smallest;
            high = largest;
        }
        if (low >= 0 && smallestPositive < high && high / smallestPositive > 100) {
            logarithmic = true;
            low = std::max(smallestPositive, high * 1e-6);
        }
    }
    double share(double value) const
    {
        if (!(high > low)) {
            return 0;
        }
        const double part =
            logarithmic ? std::log(std::max(value, low) / low) / std::log(high / low) : (value - low) / (high - low);
        return std::clamp(part, 0.0, 1.0);
    }
    double value(double part) const
    {
        return logarithmic ? low * std::pow(high / low, part) : low + (high - low) * part;
    }
};

constexpr int kLevels = 32; ///< Colours of a map; one path each keeps a report small.

std::string cellsSvg(const HeatMap& map, const Ramp& ramp)
{
    std::array<std::string, kLevels> paths;
    const auto level = [&](std::int64_t row, std::int64_t col) {
        const float value = map.values[static_cast<std::size_t>(row * map.cols + col)];
        return std::isfinite(value) ? std::min(static_cast<int>(ramp.share(value) * kLevels), kLevels - 1) : -1;
    };
    for (std::int64_t row = 0; row < map.rows; ++row) {
        for (std::int64_t col = 0; col < map.cols;) {
            std::int64_t end = col + 1;
            const int now = level(row, col);
            while (end < map.cols && level(row, end) == now) {
                ++end;
            }
            if (now >= 0) {
                paths[static_cast<std::size_t>(now)] += fmt::format("M{} {}h{}v1h-{}z", col, row, end - col, end - col);
            }
            col = end;
        }
    }
    std::string svg;
    for (int i = 0; i < kLevels; ++i) {
        if (const std::string& path = paths[static_cast<std::size_t>(i)]; !path.empty()) {
            svg += fmt::format("<path fill=\"{}\" d=\"{}\"/>", magnitudeColour((i + 0.5) / kLevels), path);
        }
    }
    return svg;
}

std::string colourBarSvg(const std::string& label, const Ramp& ramp, double top)
{
    constexpr double kBarWidth = 240;
    std::string svg;
    for (int i = 0; i < kLevels; ++i) {
        svg += fmt::format("<rect fill=\"{}\" x=\"{:.1f}\" y=\"{}\" width=\"{:.1f}\" height=\"10\"/>",
                           magnitudeColour((i + 0.5) / kLevels), kLeft + kBarWidth * i / kLevels, top,
                           kBarWidth / kLevels + 0.3);
    }
    for (const double part : {0.0, 0.5, 1.0}) {
        svg += fmt::format("<text class=\"tick mid\" x=\"{:.1f}\" y=\"{}\">{}</text>", kLeft + kBarWidth * part,
                           top + 24, tickText(std::stod(numberText(ramp.value(part), 3))));
    }
    return svg + fmt::format("<text class=\"axis\" x=\"{}\" y=\"{}\">{}</text>", kLeft + kBarWidth + 16, top + 10,
                             escaped(label));
}

} // namespace

std::string escaped(std::string_view text)
{
    std::string out;
    for (const char c : printable(text)) {
        switch (c) {
        case '&': out += "&amp;"; break;
        case '<': out += "&lt;"; break;
        case '>': out += "&gt;"; break;
        case '"': out += "&quot;"; break;
        case '\'': out += "&#39;"; break;
        default: out += c;
        }
    }
    return out;
}

std::string magnitudeColour(double share)
{
    // Even steps of lightness from dark blue over grey to yellow.
    constexpr std::array<std::array<int, 3>, 5> kStops = {
        {{0, 32, 77}, {65, 77, 107}, {124, 123, 120}, {188, 175, 111}, {255, 234, 70}}};
    const double at = std::clamp(share, 0.0, 1.0) * (kStops.size() - 1);
    const auto below = std::min(static_cast<std::size_t>(at), kStops.size() - 2);
    const double part = at - static_cast<double>(below);
    std::array<int, 3> colour = {};
    for (std::size_t i = 0; i < 3; ++i) {
        colour[i] = static_cast<int>(std::lround(kStops[below][i] + (kStops[below + 1][i] - kStops[below][i]) * part));
    }
    return fmt::format("#{:02x}{:02x}{:02x}", colour[0], colour[1], colour[2]);
}

std::string histogramSvg(const Histogram& histogram, const Words& words)
{
    std::int64_t largest = 1;
    for (const auto* counts : {&histogram.before, &histogram.after}) {
        for (const std::int64_t count : *counts) {
            largest = std::max(largest, count);
        }
    }
    // Few weights far from zero are what a histogram is looked at for: counts go up by powers of ten.
    const Scale x(histogram.low, histogram.high, kLeft, kWidth - kRight, false);
    const Scale y(0.5, static_cast<double>(largest) * 1.5, kHeight - kBottom, kTop, true);
    std::string svg = openSvg(histogram.title(), kWidth, kHeight) + axesSvg(x, y, words(Text(BITLATHE_TEXT("weight"))),
                                                                words(Text(BITLATHE_TEXT("weights in a bin (log)"))));
    svg += fmt::format("<path class=\"s0 area\" d=\"{}\"/>", barsPath(histogram.before, y));
    std::vector<std::string> names = {words(Text(BITLATHE_TEXT("before")))};
    if (!histogram.after.empty()) {
        svg += fmt::format("<path class=\"s1 area\" d=\"{}\"/>", barsPath(histogram.after, y));
        names.push_back(words(Text(BITLATHE_TEXT("after"))));
    }
    return svg + legendSvg(names) + "</svg>";
}

std::string heatMapSvg(const HeatMap& map, const Words& words)
{
    if (map.rows <= 0 || map.cols <= 0 || static_cast<std::int64_t>(map.values.size()) != map.rows * map.cols) {
        return {};
    }
    const HeatMap small = pooled(map);
    const Ramp ramp(small.values);
    const double cellHeight = std::clamp(220.0 / static_cast<double>(small.rows), 2.0, 20.0);
    const double plotHeight = cellHeight * static_cast<double>(small.rows);
    const double height = kTop + plotHeight + 90;
    std::string svg = openSvg(words(map.title), kWidth, height);
    svg += fmt::format("<g shape-rendering=\"crispEdges\" transform=\"translate({} {}) scale({:.5f} {:.5f})\">{}</g>",
                       kLeft, kTop, kPlotWidth / static_cast<double>(small.cols), cellHeight, cellsSvg(small, ramp));
    const std::int64_t every = std::max<std::int64_t>(1, static_cast<std::int64_t>(std::ceil(13.0 / cellHeight)) *
                                                             ceilDivide(map.rows, small.rows));
    for (std::int64_t row = 0; row < map.rows; row += every) {
        const bool named = static_cast<std::size_t>(row) < map.rowNames.size();
        svg += fmt::format("<text class=\"tick end\" x=\"{}\" y=\"{:.1f}\">{}</text>", kLeft - 6,
                           kTop + plotHeight * (static_cast<double>(row) + 0.5) / static_cast<double>(map.rows) + 4,
                           named ? escaped(map.rowNames[static_cast<std::size_t>(row)]) : std::to_string(row));
    }
    const Scale x(0, static_cast<double>(map.cols), kLeft, kWidth - kRight, false);
    for (const double value : x.ticks(7)) {
        svg += fmt::format("<text class=\"tick mid\" x=\"{:.1f}\" y=\"{:.1f}\">{}</text>", x.at(value),
                           kTop + plotHeight + 16, tickText(value));
    }
    const bool isPooled = small.cols < map.cols || small.rows < map.rows;
    const std::string columns = words(map.colLabel);
    svg += fmt::format(
        "<text class=\"axis mid\" x=\"{}\" y=\"{:.1f}\">{}</text>", kLeft + kPlotWidth / 2, kTop + plotHeight + 34,
        escaped(isPooled ? words(Text(BITLATHE_TEXT("%1 (a cell shows the largest of several)"), columns)) : columns));
    svg += fmt::format("<text class=\"axis mid\" transform=\"translate(14 {:.1f}) rotate(-90)\">{}</text>",
                       kTop + plotHeight / 2, escaped(words(map.rowLabel)));
    const std::string values = words(map.valueLabel);
    return svg +
           colourBarSvg(ramp.logarithmic ? words(Text(BITLATHE_TEXT("%1, logarithmic"), values)) : values, ramp,
                        kTop + plotHeight + 52) +
           "</svg>";
}

std::string scatterSvg(const std::string& title, const Axis& x, const Axis& y, const std::vector<NamedPoint>& points)
{
    const std::vector<Series> all = {{{}, points, false}};
    const Scale across =
        paddedScale(rangeOf(all, &NamedPoint::x, x.logarithmic), kLeft, kWidth - kRight, x.logarithmic);
    const Scale up = paddedScale(rangeOf(all, &NamedPoint::y, y.logarithmic), kHeight - kBottom, kTop, y.logarithmic);
    std::string svg = openSvg(title, kWidth, kHeight) + axesSvg(across, up, x.title, y.title);
    for (std::size_t i = 0; i < points.size(); ++i) {
        const NamedPoint& point = points[i];
        const double atX = across.at(point.x);
        svg += fmt::format("<line class=\"error\" x1=\"{:.1f}\" x2=\"{:.1f}\" y1=\"{:.1f}\" y2=\"{:.1f}\"/>", atX, atX,
                           up.at(point.y - point.errorY), up.at(point.y + point.errorY));
        svg += pointSvg(point, atX, up.at(point.y), i);
        const bool onRight = atX > kLeft + kPlotWidth / 2;
        svg += fmt::format("<text class=\"tick{}\" x=\"{:.1f}\" y=\"{:.1f}\">{}</text>", onRight ? " end" : "",
                           atX + (onRight ? -8 : 8), up.at(point.y) - 6, escaped(point.name));
    }
    return svg + "</svg>";
}

std::string seriesSvg(const std::string& title, const Axis& x, const Axis& y, const std::vector<Series>& series)
{
    const Scale across =
        paddedScale(rangeOf(series, &NamedPoint::x, x.logarithmic), kLeft, kWidth - kRight, x.logarithmic);
    const double legendHeight = 16 * static_cast<double>(std::min<std::size_t>(series.size(), kSeriesColours)) + 4;
    const Scale up = paddedScale(rangeOf(series, &NamedPoint::y, y.logarithmic), kHeight - kBottom, kTop + legendHeight,
                                 y.logarithmic);
    std::string svg = openSvg(title, kWidth, kHeight) + axesSvg(across, up, x.title, y.title);
    std::vector<std::string> names;
    for (std::size_t i = 0; i < series.size(); ++i) {
        std::string line, marks;
        for (const NamedPoint& point : series[i].points) {
            const double atX = across.at(point.x), atY = up.at(point.y);
            line += fmt::format("{}{:.1f} {:.1f}", line.empty() ? 'M' : 'L', atX, atY);
            marks += pointSvg(point, atX, atY, i);
        }
        if (series[i].joined) {
            svg += fmt::format("<path class=\"line s{}\" d=\"{}\"/>", i % kSeriesColours, line);
        }
        svg += marks;
        names.push_back(series[i].name);
    }
    return svg + legendSvg(names) + "</svg>";
}

} // namespace bitlathe::report
