// SPDX-License-Identifier: GPL-3.0-or-later
// BarPlot: bars of several series over named places, side by side or stacked, such as memory of each model.
#pragma once

#include "ui/plots/plotwidget.h"

#include <QMetaMethod>

class QCPBars;

namespace bitlathe::ui {

class BarPlot : public PlotWidget
{
    Q_OBJECT

public:
    struct Series
    {
        QString name;
        QList<double> values; ///< One per place.
        int category = 0;     ///< Theme::category.
    };

    explicit BarPlot(QWidget* parent = nullptr) : PlotWidget(parent) {}

    void setData(const QStringList& places, const QList<Series>& series, bool stacked);
    PlotTable table() const override;

Q_SIGNALS:
    void placeActivated(int place);

protected:
    bool isEmpty() const override { return m_places.isEmpty() || m_series.isEmpty(); }
    void applyColours() override;
    void fitView() override;
    QString readOut(double x, double y) const override;
    void activate(double x, double y) override;
    bool leadsSomewhere() const override { return isSignalConnected(QMetaMethod::fromSignal(&BarPlot::placeActivated)); }

private:
    QStringList m_places;
    QList<Series> m_series;
    QList<QCPBars*> m_bars;
    bool m_stacked = false;
};

} // namespace bitlathe::ui
