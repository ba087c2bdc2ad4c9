// SPDX-License-Identifier: GPL-3.0-or-later
// HistogramPlot: weights before and after quantization, with the grid they were rounded to and the tails that were
// clipped.
#pragma once

#include "ui/plots/plotwidget.h"

#include <vector>

class QCPItemRect;

namespace bitlathe::ui {

class HistogramPlot : public PlotWidget
{
    Q_OBJECT

public:
    struct Data
    {
        double low = 0;  ///< Left edge of the first bin.
        double high = 0; ///< Right edge of the last bin.
        std::vector<std::int64_t> before;
        std::vector<std::int64_t> after;  ///< Same bins; empty: none.
        std::vector<float> grid;          ///< Values that codes stand for; many are thinned out.
        double clipLow = 0, clipHigh = 0; ///< Weights outside were clipped; equal: nothing marked.
    };

    explicit HistogramPlot(QWidget* parent = nullptr);

    void setData(Data data);
    /// Earlier settings as faint lines, newest first, to compare with; same bins as the data.
    void setTraces(std::vector<std::vector<std::int64_t>> traces);
    PlotTable table() const override;

protected:
    bool isEmpty() const override { return m_data.before.empty(); }
    void applyColours() override;
    void fitView() override;
    QString readOut(double x, double y) const override;
    bool offersLogY() const override { return true; }

private:
    void redraw();
    double binCentre(std::size_t bin) const;
    double binWidth() const;

    QCPItemRect* m_clipBelow;
    QCPItemRect* m_clipAbove;
    Data m_data;
    std::vector<std::vector<std::int64_t>> m_traces;
};

} // namespace bitlathe::ui
