// SPDX-License-Identifier: GPL-3.0-or-later
// LinePlot: one or more lines over a numbered or named axis, such as error through depth.
#include "ui/plots/lineplot.h"

#include "ui/theme/theme.h"

#include <qcustomplot.h>

#include <algorithm>
#include <cmath>

namespace bitlathe::ui
{

LinePlot::LinePlot(QWidget* parent) : PlotWidget(parent), m_mark(new QCPItemStraightLine(&plot()))
{
    m_mark->setVisible(false);
    m_mark->setSelectable(false);
}

bool LinePlot::isEmpty() const
{
    return std::all_of(m_series.begin(), m_series.end(), [](const Series& series) { return series.x.isEmpty(); });
}

void LinePlot::setSeries(const QList<Series>& series)
{
    m_series = series;
    plot().clearGraphs();
    for (const Series& one : series) {
        QCPGraph* graph = plot().addGraph();
        graph->setName(one.name);
        graph->setLineStyle(one.line ? QCPGraph::lsLine : QCPGraph::lsNone);
        graph->setScatterStyle(one.points ? QCPScatterStyle(QCPScatterStyle::ssDisc, 6) : QCPScatterStyle());
        graph->setData(QVector<double>(one.x), QVector<double>(one.y), true);
    }
    plot().legend->setVisible(series.size() > 1);
    dataReplaced();
}

void LinePlot::setPlaceNames(const QStringList& names)
{
    m_names = names;
}

void LinePlot::markPlace(double x)
{
    m_mark->setVisible(!std::isnan(x));
    if (!std::isnan(x)) {
        m_mark->point1->setCoords(x, 1);
        m_mark->point2->setCoords(x, 2);
    }
    plot().replot(QCustomPlot::rpQueuedReplot);
}

QString LinePlot::placeName(double x) const
{
    const auto place = static_cast<qsizetype>(std::lround(x));
    return place >= 0 && place < m_names.size() ? m_names[place] : number(x);
}

void LinePlot::applyColours()
{
    const Theme& theme = Theme::instance();
    for (int i = 0; i < plot().graphCount(); ++i) {
        plot().graph(i)->setPen(QPen(theme.category(m_series[i].category), 1.5));
    }
    m_mark->setPen(QPen(theme.color(ColorId::PlotMarker), 1, Qt::DashLine));
}

void LinePlot::fitView()
{
    double left = INFINITY, right = -INFINITY, bottom = INFINITY, top = -INFINITY;
    for (const Series& series : m_series) {
        for (qsizetype i = 0; i < series.x.size(); ++i) {
            left = std::min(left, series.x[i]);
            right = std::max(right, series.x[i]);
            if (std::isfinite(series.y[i]) && (!logY() || series.y[i] > 0)) {
                bottom = std::min(bottom, series.y[i]);
                top = std::max(top, series.y[i]);
            }
        }
    }
    if (!std::isfinite(top)) {
        bottom = 0;
        top = 1;
    }
    const double margin = std::max((right - left) * 0.03, 0.5);
    plot().xAxis->setRange(left - margin, right + margin);
    if (logY()) {
        plot().yAxis->setRange(bottom / 1.5, top * 1.5);
    } else {
        plot().yAxis->setRange(std::min(bottom, 0.0), top > 0 ? top * 1.15 : 1);
    }
}

QString LinePlot::readOut(double x, double) const
{
    QStringList lines;
    for (const Series& series : m_series) {
        if (series.x.isEmpty()) {
            continue;
        }
        const auto nearest = std::min_element(series.x.begin(), series.x.end(),
                                              [x](double a, double b) { return std::abs(a - x) < std::abs(b - x); });
        const auto index = std::distance(series.x.begin(), nearest);
        if (lines.isEmpty()) {
            lines << placeName(*nearest);
        }
        lines << tr("%1: %2").arg(series.name, number(series.y[index]));
    }
    return lines.join(QLatin1Char('\n'));
}

void LinePlot::activate(double x, double)
{
    Q_EMIT placeActivated(static_cast<int>(std::lround(x)));
}

PlotTable LinePlot::table() const
{
    PlotTable numbers;
    numbers.header = {plot().xAxis->label()};
    QList<double> places;
    for (const Series& series : m_series) {
        numbers.header << series.name;
        places += series.x;
    }
    std::sort(places.begin(), places.end());
    places.erase(std::unique(places.begin(), places.end()), places.end());
    for (const double place : places) {
        QList<QVariant> row{placeName(place)};
        for (const Series& series : m_series) {
            const qsizetype index = series.x.indexOf(place);
            row << (index < 0 ? QVariant() : QVariant(series.y[index]));
        }
        numbers.rows << row;
    }
    return numbers;
}

} // namespace bitlathe::ui
