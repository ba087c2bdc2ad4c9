// SPDX-License-Identifier: GPL-3.0-or-later
// HistogramPlot: weights before and after quantization, with the grid they were rounded to and the tails that were
// clipped.
#include "ui/plots/histogramplot.h"

#include "ui/theme/theme.h"

#include <qcustomplot.h>

#include <algorithm>
#include <cmath>

namespace bitlathe::ui
{

namespace
{
constexpr int kBefore = 0;
constexpr int kAfter = 1;
constexpr int kGridLines = 2;
constexpr int kFirstTrace = 3;
constexpr std::size_t kGridLinesMax = 64;
// A logarithmic axis has no zero: empty bins are drawn below its lower end.
constexpr double kLogFloor = 0.5;
} // namespace

HistogramPlot::HistogramPlot(QWidget* parent)
    : PlotWidget(parent), m_clipBelow(new QCPItemRect(&plot())), m_clipAbove(new QCPItemRect(&plot()))
{
    for (QCPItemRect* tail : {m_clipBelow, m_clipAbove}) {
        for (QCPItemPosition* corner : {tail->topLeft, tail->bottomRight}) {
            corner->setTypeX(QCPItemPosition::ptPlotCoords);
            corner->setTypeY(QCPItemPosition::ptAxisRectRatio);
        }
        tail->setVisible(false);
        tail->setSelectable(false);
    }
    plot().addGraph()->setLineStyle(QCPGraph::lsStepCenter);
    plot().addGraph()->setLineStyle(QCPGraph::lsStepCenter);
    plot().addGraph()->setLineStyle(QCPGraph::lsLine);
    plot().legend->setVisible(true);
    setAxisTitles(tr("Weight"), tr("Weights per bin"));
}

double HistogramPlot::binWidth() const
{
    return (m_data.high - m_data.low) / static_cast<double>(std::max<std::size_t>(m_data.before.size(), 1));
}

double HistogramPlot::binCentre(std::size_t bin) const
{
    return m_data.low + (static_cast<double>(bin) + 0.5) * binWidth();
}

void HistogramPlot::setData(Data fresh)
{
    m_data = std::move(fresh);
    redraw();
}

void HistogramPlot::setTraces(std::vector<std::vector<std::int64_t>> traces)
{
    m_traces = std::move(traces);
    redraw();
}

void HistogramPlot::redraw()
{
    const auto fill = [this](QCPGraph* graph, const std::vector<std::int64_t>& counts) {
        QVector<double> x, y;
        for (std::size_t bin = 0; bin < counts.size(); ++bin) {
            x << binCentre(bin);
            y << std::max(static_cast<double>(counts[bin]), logY() ? kLogFloor : 0.0);
        }
        graph->setData(x, y, true);
    };
    fill(plot().graph(kBefore), m_data.before);
    fill(plot().graph(kAfter), m_data.after);
    while (plot().graphCount() > kFirstTrace) {
        plot().removeGraph(kFirstTrace);
    }
    for (const auto& trace : m_traces) {
        if (trace.size() == m_data.before.size()) {
            QCPGraph* graph = plot().addGraph();
            graph->setLineStyle(QCPGraph::lsStepCenter);
            graph->removeFromLegend();
            fill(graph, trace);
        }
    }

    // The grid is one graph of vertical strokes with gaps between, cheaper than an item for each line.
    QVector<double> gridX, gridY;
    const double top = m_data.before.empty()
                           ? 1.0
                           : static_cast<double>(*std::max_element(m_data.before.begin(), m_data.before.end()));
    const std::size_t stride = std::max<std::size_t>(1, (m_data.grid.size() + kGridLinesMax - 1) / kGridLinesMax);
    for (std::size_t i = 0; i < m_data.grid.size(); i += stride) {
        const double x = static_cast<double>(m_data.grid[i]);
        gridX << x << x << x;
        gridY << (logY() ? kLogFloor : 0.0) << top << std::nan("");
    }
    plot().graph(kGridLines)->setData(gridX, gridY, true);

    plot().graph(kBefore)->setName(tr("Before"));
    plot().graph(kAfter)->setName(tr("After quantization"));
    plot().graph(kGridLines)->setName(tr("Grid of one group"));
    plot().graph(kAfter)->setVisible(!m_data.after.empty());
    plot().graph(kGridLines)->setVisible(!m_data.grid.empty());
    for (const int index : {kAfter, kGridLines}) {
        if (plot().graph(index)->visible()) {
            plot().graph(index)->addToLegend();
        } else {
            plot().graph(index)->removeFromLegend();
        }
    }
    const bool clipped = m_data.clipHigh > m_data.clipLow;
    m_clipBelow->setVisible(clipped && m_data.clipLow > m_data.low);
    m_clipAbove->setVisible(clipped && m_data.clipHigh < m_data.high);
    // Hatched over the whole height, whatever the zoom: y is a share of the axis rectangle.
    m_clipBelow->topLeft->setCoords(m_data.low, 0);
    m_clipBelow->bottomRight->setCoords(m_data.clipLow, 1);
    m_clipAbove->topLeft->setCoords(m_data.clipHigh, 0);
    m_clipAbove->bottomRight->setCoords(m_data.high, 1);
    dataReplaced();
}

void HistogramPlot::applyColours()
{
    const Theme& theme = Theme::instance();
    QColor before = theme.color(ColorId::PlotBefore);
    plot().graph(kBefore)->setPen(QPen(before, 1));
    before.setAlpha(90);
    plot().graph(kBefore)->setBrush(before);
    plot().graph(kAfter)->setPen(QPen(theme.color(ColorId::PlotAfter), 1.5));
    QColor grid = theme.color(ColorId::PlotMarker);
    grid.setAlpha(120);
    plot().graph(kGridLines)->setPen(QPen(grid, 1, Qt::DashLine));
    for (QCPItemRect* tail : {m_clipBelow, m_clipAbove}) {
        tail->setPen(Qt::NoPen);
        tail->setBrush(QBrush(theme.color(ColorId::VerdictBad), Qt::BDiagPattern));
    }
    for (int i = kFirstTrace; i < plot().graphCount(); ++i) {
        QColor faint = theme.color(ColorId::PlotAfter);
        faint.setAlpha(std::max(20, 90 - 30 * (i - kFirstTrace)));
        plot().graph(i)->setPen(QPen(faint, 1));
    }
}

void HistogramPlot::fitView()
{
    const double top = static_cast<double>(*std::max_element(m_data.before.begin(), m_data.before.end()));
    plot().xAxis->setRange(m_data.low, m_data.high);
    // Quantized weights pile up on few bins: the scale follows the weights before, or the plot would show spikes alone.
    plot().yAxis->setRange(logY() ? kLogFloor : 0.0, std::max(top, 1.0) * (logY() ? 2.0 : 1.15));
}

QString HistogramPlot::readOut(double x, double) const
{
    if (x < m_data.low || x >= m_data.high) {
        return {};
    }
    const auto bin = std::min(static_cast<std::size_t>((x - m_data.low) / binWidth()), m_data.before.size() - 1);
    const QString from = number(m_data.low + static_cast<double>(bin) * binWidth());
    const QString to = number(m_data.low + static_cast<double>(bin + 1) * binWidth());
    const QString before = QLocale().toString(static_cast<qlonglong>(m_data.before[bin]));
    if (m_data.after.empty()) {
        return tr("%1 to %2: %3").arg(from, to, before);
    }
    return tr("%1 to %2: %3 before, %4 after")
        .arg(from, to, before, QLocale().toString(static_cast<qlonglong>(m_data.after[bin])));
}

PlotTable HistogramPlot::table() const
{
    PlotTable numbers;
    numbers.header = {tr("From"), tr("To"), tr("Before")};
    if (!m_data.after.empty()) {
        numbers.header << tr("After quantization");
    }
    for (std::size_t bin = 0; bin < m_data.before.size(); ++bin) {
        QList<QVariant> row{m_data.low + static_cast<double>(bin) * binWidth(),
                            m_data.low + static_cast<double>(bin + 1) * binWidth(),
                            static_cast<qlonglong>(m_data.before[bin])};
        if (!m_data.after.empty()) {
            row << static_cast<qlonglong>(m_data.after[bin]);
        }
        numbers.rows << row;
    }
    return numbers;
}

} // namespace bitlathe::ui
