// SPDX-License-Identifier: GPL-3.0-or-later
// BarPlot: bars of several series over named places, side by side or stacked, such as memory of each model.
#include "ui/plots/barplot.h"

#include "ui/theme/theme.h"

#include <qcustomplot.h>

#include <algorithm>
#include <cmath>

namespace bitlathe::ui
{

namespace
{
constexpr double kWidth = 0.7; ///< Of all bars of a place, in places.
}

void BarPlot::setData(const QStringList& places, const QList<Series>& series, bool stacked)
{
    m_places = places;
    m_series = series;
    m_stacked = stacked;
    plot().clearPlottables();
    m_bars.clear();
    const double width = stacked ? kWidth : kWidth / static_cast<double>(std::max<qsizetype>(series.size(), 1));
    for (qsizetype i = 0; i < series.size(); ++i) {
        auto* bars = new QCPBars(plot().xAxis, plot().yAxis);
        bars->setName(series[i].name);
        bars->setWidth(width);
        const double shift = stacked ? 0 : (static_cast<double>(i) + 0.5) * width - kWidth / 2;
        QVector<double> x, y;
        for (qsizetype place = 0; place < series[i].values.size(); ++place) {
            x << static_cast<double>(place) + shift;
            y << series[i].values[place];
        }
        bars->setData(x, y, true);
        if (stacked && !m_bars.isEmpty()) {
            bars->moveAbove(m_bars.back());
        }
        m_bars << bars;
    }
    QSharedPointer<QCPAxisTickerText> ticker(new QCPAxisTickerText);
    for (qsizetype place = 0; place < places.size(); ++place) {
        ticker->addTick(static_cast<double>(place), places[place]);
    }
    plot().xAxis->setTicker(ticker);
    plot().xAxis->grid()->setVisible(false);
    plot().legend->setVisible(series.size() > 1);
    dataReplaced();
}

void BarPlot::applyColours()
{
    for (qsizetype i = 0; i < m_bars.size(); ++i) {
        m_bars[i]->setPen(Qt::NoPen);
        m_bars[i]->setBrush(Theme::instance().category(m_series[i].category));
    }
}

void BarPlot::fitView()
{
    double top = 0;
    for (qsizetype place = 0; place < m_places.size(); ++place) {
        double sum = 0;
        for (const Series& series : m_series) {
            const double value = place < series.values.size() ? series.values[place] : 0;
            sum = m_stacked ? sum + value : std::max(sum, value);
        }
        top = std::max(top, sum);
    }
    plot().xAxis->setRange(-0.6, static_cast<double>(m_places.size()) - 0.4);
    // Room above the bars for the legend.
    plot().yAxis->setRange(0, top > 0 ? top * (m_series.size() > 1 ? 1.35 : 1.1) : 1);
}

QString BarPlot::readOut(double x, double) const
{
    const auto place = static_cast<qsizetype>(std::lround(x));
    if (place < 0 || place >= m_places.size()) {
        return {};
    }
    QStringList lines{m_places[place]};
    for (const Series& series : m_series) {
        if (place < series.values.size()) {
            lines << tr("%1: %2").arg(series.name, number(series.values[place]));
        }
    }
    return lines.join(QLatin1Char('\n'));
}

void BarPlot::activate(double x, double)
{
    const auto place = static_cast<int>(std::lround(x));
    if (place >= 0 && place < m_places.size()) {
        Q_EMIT placeActivated(place);
    }
}

PlotTable BarPlot::table() const
{
    PlotTable numbers;
    numbers.header = {plot().xAxis->label()};
    for (const Series& series : m_series) {
        numbers.header << series.name;
    }
    for (qsizetype place = 0; place < m_places.size(); ++place) {
        QList<QVariant> row{m_places[place]};
        for (const Series& series : m_series) {
            row << (place < series.values.size() ? QVariant(series.values[place]) : QVariant());
        }
        numbers.rows << row;
    }
    return numbers;
}

} // namespace bitlathe::ui
