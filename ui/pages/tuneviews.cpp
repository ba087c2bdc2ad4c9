// SPDX-License-Identifier: GPL-3.0-or-later
// TuneNumbers and TunePlots.
#include "ui/pages/tuneviews.h"

#include "ui/bridge/numbers.h"
#include "ui/bridge/session.h"
#include "ui/plots/histogramplot.h"
#include "ui/plots/mapplot.h"
#include "ui/plots/plotpanel.h"
#include "ui/theme/theme.h"

#include <QFontInfo>
#include <QLabel>

#include <algorithm>

namespace bitlathe::ui
{

namespace
{

constexpr std::size_t kTraces = 3;

QString verdictText(double relativeError)
{
    const Theme& theme = Theme::instance();
    const quant::Verdict verdict = quant::verdict(relativeError);
    const auto coloured = [&](const QString& symbol, ColorId colour) {
        return QStringLiteral("<span style=\"color:%1\">%2 %3</span>")
            .arg(theme.color(colour).name(), symbol, verdictWord(verdict));
    };
    switch (verdict) {
    case quant::Verdict::Fine: return coloured(QStringLiteral("\u2713"), ColorId::VerdictFine);
    case quant::Verdict::Watch: return coloured(QStringLiteral("\u25b2"), ColorId::VerdictWatch);
    case quant::Verdict::Bad: return coloured(QStringLiteral("\u2715"), ColorId::VerdictBad);
    }
    return {};
}

/// A number, and beside it in small letters what it is of.
QString withNote(const QString& number, const QString& note)
{
    const int size = QFontInfo(Theme::instance().font(TextSize::Small)).pixelSize();
    return QStringLiteral("%1 <span style=\"font-size:%2px; font-weight:normal\">%3</span>")
        .arg(number, QString::number(size), note);
}

} // namespace

TuneNumbers::TuneNumbers(QWidget* parent) : NumberRow(parent)
{
    const quant::Threshold& limits = quant::threshold(quant::Measure::RelativeError);
    m_bitsPerWeight =
        add(tr("Bits per weight"), tr("Codes, scales and zero points of this layer, divided by its weights."));
    m_error = add(tr("Output error"), tr("Squared error of the layer's output on the calibration text, relative to the "
                                         "output's energy. Below %1 fine, below %2 watch.")
                                          .arg(formatPercent(limits.fine, 1), formatPercent(limits.watch, 1)));
    m_size = add(tr("Size of the layer"), tr("Stored bytes of this layer, and how much that is of 16 bits."));
    m_time = add(tr("Answered in"), tr("Time from the setting to these numbers. A large layer is judged by evenly "
                                       "spaced rows first, then by all of them."));
}

void TuneNumbers::showAnswer(const quant::WhatIf& answer, double waited)
{
    const quant::LayerQuality& quality = answer.result.quality;
    m_bitsPerWeight->setText(formatNumber(answer.bitsPerWeight, 3));
    m_error->setText(
        QStringLiteral("%1 %2").arg(formatPercent(quality.relativeError), verdictText(quality.relativeError)));
    m_size->setText(
        withNote(formatBytes(answer.bytes), tr("%1 of 16 bits").arg(formatPercent(answer.bitsPerWeight / 16.0))));
    const QString time = formatDuration(waited);
    if (answer.rows < answer.rowsOfAll) {
        m_time->setText(
            withNote(time, tr("from %1 of %2 rows").arg(formatCount(answer.rows), formatCount(answer.rowsOfAll))));
    } else if (answer.seconds > waited) {
        m_time->setText(withNote(time, tr("all rows: %1").arg(formatDuration(answer.seconds))));
    } else {
        m_time->setText(time);
    }
}

TunePlots::TunePlots(QWidget* parent)
    : QSplitter(Qt::Vertical, parent), m_histogram(new HistogramPlot), m_errorMap(new MapPlot)
{
    setChildrenCollapsible(false);
    m_histogram->setTitle(tr("Weights before and after, with the grid of one group"));
    m_histogram->setEmptyText(
        tr("Select a layer on the left, then move the sliders: histogram, error and size follow at once."));
    m_errorMap->setTitle(tr("Where the error is: largest change of a weight"));
    addWidget(new PlotPanel(m_histogram));
    addWidget(new PlotPanel(m_errorMap));
}

void TunePlots::showAnswer(const quant::WhatIf& answer)
{
    showHistogram(answer);
    showErrorMap(answer);
}

void TunePlots::forget()
{
    m_traces.clear();
    m_settled.clear();
}

void TunePlots::clear()
{
    forget();
    m_histogram->setData({});
    m_errorMap->setData({});
}

void TunePlots::showHistogram(const quant::WhatIf& answer)
{
    HistogramPlot::Data bins;
    bins.low = static_cast<double>(answer.before.low);
    bins.high = static_cast<double>(answer.before.high);
    bins.before = answer.before.counts;
    bins.after = answer.after.counts;
    bins.grid = answer.gridLines;
    // Only answers of all rows leave a trace: one of some rows comes before each of them, of the same setting.
    if (answer.rows == answer.rowsOfAll && m_settled != answer.after.counts) {
        if (!m_settled.empty()) {
            m_traces.insert(m_traces.begin(), m_settled);
            m_traces.resize(std::min(m_traces.size(), kTraces));
        }
        m_settled = answer.after.counts;
    }
    m_histogram->setData(std::move(bins));
    m_histogram->setTraces(m_traces);
}

void TunePlots::showErrorMap(const quant::WhatIf& answer)
{
    MapPlot::Data map;
    map.rows = answer.errorMap.rows;
    map.cols = answer.errorMap.cols;
    map.values = answer.errorMap.values;
    map.rowTitle = tr("Output row");
    map.colTitle = tr("Input column");
    map.valueTitle = tr("Largest |w − w′|");
    map.rowScale = static_cast<double>(answer.errorMap.rowsPerCell);
    map.colScale = static_cast<double>(answer.errorMap.colsPerCell);
    m_errorMap->setData(std::move(map));
}

} // namespace bitlathe::ui
