// SPDX-License-Identifier: GPL-3.0-or-later
// LinePlot: one or more lines over a numbered or named axis, such as error through depth.
#pragma once

#include "ui/plots/plotwidget.h"

#include <QMetaMethod>

#include <cmath>

namespace bitlathe::ui
{

class LinePlot : public PlotWidget
{
    Q_OBJECT

public:
    struct Series
    {
        QString name;
        QList<double> x;
        QList<double> y;
        int category = 0;   ///< Theme::category.
        bool points = true; ///< Marks each value.
        bool line = true;
        bool dashed = false; ///< A variant of the line that has the same category.
    };

    explicit LinePlot(QWidget* parent = nullptr);

    void setSeries(const QList<Series>& series);
    /// Names of the places 0, 1, 2, ... on the x axis, for read-out and table; the axis itself stays numbered.
    void setPlaceNames(const QStringList& names);
    /// A vertical line, such as the selected layer's place; NaN: none.
    void markPlace(double x);
    /// A horizontal line with its name, such as a limit; NaN: none. It widens no view: seen only where the data come
    /// near.
    void markLevel(double y, const QString& name);
    /// A logarithmic x axis of whole numbers > 0, with ticks at these places.
    void setLogX(const QList<double>& ticks, const QStringList& names);
    PlotTable table() const override;

Q_SIGNALS:
    void placeActivated(int place); ///< Clicked nearest to this x.

protected:
    bool isEmpty() const override;
    void applyColours() override;
    void fitView() override;
    QString readOut(double x, double y) const override;
    void activate(double x, double y) override;
    bool leadsSomewhere() const override { return isSignalConnected(QMetaMethod::fromSignal(&LinePlot::placeActivated)); }
    bool offersLogY() const override { return true; }

private:
    QString placeName(double x) const;

    QList<Series> m_series;
    QStringList m_names;
    QCPItemStraightLine* m_mark;
    QCPItemStraightLine* m_level;
    QCPItemText* m_levelName;
    double m_levelAt = NAN;
    bool m_logX = false;
};

} // namespace bitlathe::ui
