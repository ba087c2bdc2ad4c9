// SPDX-License-Identifier: GPL-3.0-or-later
// LinePlot: one or more lines over a numbered or named axis, such as error through depth.
#include "ui/plots/lineplot.h"

#include "ui/theme/theme.h"

#include <qcustomplot.h>

#include <algorithm>
#include <cmath>

namespace bitlathe::ui
{

namespace
{

constexpr double kNear = 2; ///< A level this many times above the data is still shown.

}

LinePlot::LinePlot(QWidget* parent)
    : PlotWidget(parent),
      m_mark(new QCPItemStraightLine(&plot())),
      m_level(new QCPItemStraightLine(&plot())),
      m_levelName(new QCPItemText(&plot()))
{
    for (QCPAbstractItem* item : {static_cast<QCPAbstractItem*>(m_mark), static_cast<QCPAbstractItem*>(m_level),
                                  static_cast<QCPAbstractItem*>(m_levelName)}) {
        item->setVisible(false);
        item->setSelectable(false);
    }
    m_levelName->position->setTypeX(QCPItemPosition::ptAxisRectRatio);
    m_levelName->setPositionAlignment(Qt::AlignBottom | Qt::AlignLeft);
    m_levelName->setPadding(QMargins(6, 2, 6, 2));
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

void LinePlot::markLevel(double y, const QString& name)
{
    m_levelAt = y;
    m_level->setVisible(!std::isnan(y));
    m_levelName->setVisible(!std::isnan(y));
    if (!std::isnan(y)) {
        m_level->point1->setCoords(1, y);
        m_level->point2->setCoords(2, y);
        m_levelName->position->setCoords(0, y);
        m_levelName->setText(name);
    }
    resetView();
}

void LinePlot::setLogX(const QList<double>& ticks, const QStringList& names)
{
    m_logX = true;
    const auto ticker = QSharedPointer<QCPAxisTickerText>::create();
    for (qsizetype i = 0; i < ticks.size(); ++i) {
        ticker->addTick(ticks[i], names[i]);
    }
    plot().xAxis->setScaleType(QCPAxis::stLogarithmic);
    plot().xAxis->setTicker(ticker);
    resetView();
}

QString LinePlot::placeName(double x) const
{
    if (m_logX) {
        return QLocale().toString(std::llround(x));
    }
    const auto place = static_cast<qsizetype>(std::lround(x));
    return place >= 0 && place < m_names.size() ? m_names[place] : number(x);
}

void LinePlot::applyColours()
{
    const Theme& theme = Theme::instance();
    for (int i = 0; i < plot().graphCount(); ++i) {
        const Qt::PenStyle style = m_series[i].dashed ? Qt::DashLine : Qt::SolidLine;
        plot().graph(i)->setPen(QPen(theme.category(m_series[i].category), 1.5, style));
    }
    m_level->setPen(QPen(theme.color(ColorId::Text), 1, Qt::DashDotLine));
    m_levelName->setColor(theme.color(ColorId::Text));
    m_levelName->setFont(font());
    QColor behind = theme.color(ColorId::Surface);
    behind.setAlpha(200);
    m_levelName->setBrush(behind);
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
    if (m_levelAt > top && m_levelAt < kNear * top) {
        top = m_levelAt;
    }
    if (m_logX) {
        const double margin = std::pow(right / left, 0.03) * 1.02;
        plot().xAxis->setRange(left / margin, right * margin);
    } else {
        const double margin = std::max((right - left) * 0.03, 0.5);
        plot().xAxis->setRange(left - margin, right + margin);
    }
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
        const auto far = [this, x](double a) { return m_logX ? std::abs(std::log(a / x)) : std::abs(a - x); };
        const auto nearest =
            std::min_element(series.x.begin(), series.x.end(), [&far](double a, double b) { return far(a) < far(b); });
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
