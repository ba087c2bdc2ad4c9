// SPDX-License-Identifier: GPL-3.0-or-later
// ScatterPlot: named points with error bars and their Pareto front, such as quality against size.
#include "ui/plots/scatterplot.h"

#include "ui/theme/theme.h"

#include <qcustomplot.h>

#include <algorithm>
#include <cmath>

namespace bitlathe::ui
{

namespace
{

/// Points that no other beats in both directions, from left to right.
QList<ScatterPlot::Point> paretoFrontOf(QList<ScatterPlot::Point> points)
{
    std::sort(points.begin(), points.end(),
              [](const auto& a, const auto& b) { return a.x != b.x ? a.x < b.x : a.y < b.y; });
    QList<ScatterPlot::Point> front;
    for (const ScatterPlot::Point& point : points) {
        if (front.isEmpty() || point.y < front.back().y) {
            front << point;
        }
    }
    return front;
}

} // namespace

void ScatterPlot::setPoints(const QList<Point>& points, bool paretoFront)
{
    m_points = points;
    m_front = paretoFront;
    plot().clearPlottables();
    QStringList named;
    for (const Point& point : points) {
        QCPGraph* graph = plot().addGraph();
        graph->setLineStyle(QCPGraph::lsNone);
        graph->setName(point.series.isEmpty() ? point.name : point.series);
        if (!point.series.isEmpty() && named.contains(point.series)) {
            graph->removeFromLegend();
        }
        named << point.series;
        graph->addData(point.x, point.y);
        auto* bars = new QCPErrorBars(plot().xAxis, plot().yAxis);
        bars->setDataPlottable(graph);
        bars->removeFromLegend();
        bars->setData(QVector<double>{point.yError});
    }
    if (paretoFront) {
        QCPGraph* graph = plot().addGraph();
        graph->setName(tr("Best for its size"));
        for (const Point& point : paretoFrontOf(points)) {
            graph->addData(point.x, point.y);
        }
    }
    plot().legend->setVisible(true);
    dataReplaced();
}

void ScatterPlot::applyColours()
{
    const Theme& theme = Theme::instance();
    for (qsizetype i = 0; i < m_points.size(); ++i) {
        const QColor colour = theme.category(m_points[i].category);
        const QColor ring = m_points[i].marked ? theme.color(ColorId::PlotMarker) : colour;
        plot().graph(static_cast<int>(i))
            ->setScatterStyle(QCPScatterStyle(QCPScatterStyle::ssCircle, QPen(ring, m_points[i].marked ? 3 : 1),
                                              colour, m_points[i].marked ? 14 : 9));
        plot().graph(static_cast<int>(i))->setPen(QPen(colour, 1.5));
        if (auto* bars = qobject_cast<QCPErrorBars*>(plot().plottable(static_cast<int>(2 * i + 1)))) {
            bars->setPen(QPen(colour, 1));
        }
    }
    if (m_front && plot().graphCount() > 0) {
        plot().graph(plot().graphCount() - 1)->setPen(QPen(theme.color(ColorId::TextMuted), 1, Qt::DashLine));
    }
}

void ScatterPlot::fitView()
{
    double left = INFINITY, right = -INFINITY, bottom = INFINITY, top = -INFINITY;
    for (const Point& point : m_points) {
        left = std::min(left, point.x);
        right = std::max(right, point.x);
        bottom = std::min(bottom, point.y - point.yError);
        top = std::max(top, point.y + point.yError);
    }
    const double marginX = std::max((right - left) * 0.12, std::abs(right) * 0.02 + 1e-12);
    const double marginY = std::max((top - bottom) * 0.2, std::abs(top) * 0.01 + 1e-12);
    plot().xAxis->setRange(left - marginX, right + marginX);
    if (logY() && bottom > 0) {
        const double room = 1.1 * std::pow(top / bottom, 0.05);
        plot().yAxis->setRange(bottom / room, top * room);
    } else {
        plot().yAxis->setRange(bottom - marginY, top + marginY);
    }
}

int ScatterPlot::nearest(double x, double y) const
{
    constexpr double kReachPixels = 16;
    int best = -1;
    double distanceBest = kReachPixels;
    for (qsizetype i = 0; i < m_points.size(); ++i) {
        const double dx = plot().xAxis->coordToPixel(m_points[i].x) - plot().xAxis->coordToPixel(x);
        const double dy = plot().yAxis->coordToPixel(m_points[i].y) - plot().yAxis->coordToPixel(y);
        const double distance = std::hypot(dx, dy);
        if (distance < distanceBest) {
            distanceBest = distance;
            best = static_cast<int>(i);
        }
    }
    return best;
}

QString ScatterPlot::readOut(double x, double y) const
{
    const int index = nearest(x, y);
    if (index < 0) {
        return {};
    }
    const Point& point = m_points[index];
    const QString value = point.yError > 0 ? tr("%1 ± %2").arg(number(point.y), number(point.yError)) : number(point.y);
    return tr("%1\n%2: %3\n%4: %5")
        .arg(point.name, plot().xAxis->label(), number(point.x), plot().yAxis->label(), value);
}

void ScatterPlot::activate(double x, double y)
{
    if (const int index = nearest(x, y); index >= 0) {
        Q_EMIT pointActivated(index);
    }
}

PlotTable ScatterPlot::table() const
{
    PlotTable numbers;
    numbers.header = {tr("Name"), plot().xAxis->label(), plot().yAxis->label(), tr("Standard error")};
    for (const Point& point : m_points) {
        numbers.rows << QList<QVariant>{point.name, point.x, point.y, point.yError};
    }
    return numbers;
}

} // namespace bitlathe::ui
