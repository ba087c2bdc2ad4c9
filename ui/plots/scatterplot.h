// SPDX-License-Identifier: GPL-3.0-or-later
// ScatterPlot: named points with error bars and their Pareto front, such as quality against size.
#pragma once

#include "ui/plots/plotwidget.h"

#include <QMetaMethod>

class QCPErrorBars;

namespace bitlathe::ui {

class ScatterPlot : public PlotWidget
{
    Q_OBJECT

public:
    struct Point
    {
        QString name;
        double x = 0;
        double y = 0;
        double yError = 0; ///< Standard error; 0: no bar.
        int category = 0;  ///< Theme::category.
        QString series = {}; ///< Points of one series have one entry in the legend; empty: a point has its own.
        bool marked = false; ///< Drawn with a ring, such as what is chosen.
    };

    explicit ScatterPlot(QWidget* parent = nullptr) : PlotWidget(parent) {}

    /// paretoFront: joins the points that no other beats in both (smaller x and smaller y).
    void setPoints(const QList<Point>& points, bool paretoFront);
    PlotTable table() const override;
    void activateRow(int row) override { Q_EMIT pointActivated(row); }

Q_SIGNALS:
    void pointActivated(int index);

protected:
    bool isEmpty() const override { return m_points.isEmpty(); }
    void applyColours() override;
    void fitView() override;
    QString readOut(double x, double y) const override;
    void activate(double x, double y) override;
    bool leadsSomewhere() const override { return isSignalConnected(QMetaMethod::fromSignal(&ScatterPlot::pointActivated)); }
    bool offersLogY() const override { return true; }

private:
    int nearest(double x, double y) const; ///< Within reach of the mouse, else -1.

    QList<Point> m_points;
    bool m_front = false;
};

} // namespace bitlathe::ui
