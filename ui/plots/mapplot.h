// SPDX-License-Identifier: GPL-3.0-or-later
// MapPlot: a matrix of numbers as colours, max-pooled to what a screen can show, with a colour bar.
#pragma once

#include "ui/bridge/latesttask.h"
#include "ui/plots/mappooling.h"
#include "ui/plots/plotwidget.h"

#include <QMetaMethod>

#include <memory>
#include <optional>
#include <vector>

class QCPColorMap;
class QCPColorScale;
class QCPItemRect;
class QCPItemStraightLine;

namespace bitlathe::ui
{

class MapPlot : public PlotWidget
{
    Q_OBJECT

public:
    enum class Ramp
    {
        Magnitude,
        Diverging
    };

    struct Data
    {
        std::int64_t rows = 0;
        std::int64_t cols = 0;
        std::vector<float> values;  ///< [rows, cols] row-major; row 0 is drawn at the top. NaN: nothing there.
        QStringList rowNames;       ///< May be empty: rows are numbered.
        QStringList colNames;       ///< As rowNames. With both the axes have the names, and every cell its number.
        QStringList cellTexts;      ///< [rows, cols]: the numbers of cells with names, where they have room.
        QString rowTitle, colTitle; ///< "Layer", "Channel".
        QString valueTitle;         ///< With its unit, for the colour bar.
        double rowScale = 1;         ///< A row stands for this many (data pooled before).
        double colScale = 1;        ///< As rowScale.
    };

    explicit MapPlot(QWidget* parent = nullptr);

    void setData(Data data);
    void setRamp(Ramp ramp);
    void setLogColours(bool logarithmic);
    /// Draws a frame around a row (for the selected layer); -1: none.
    void markRow(std::int64_t row);
    /// Draws a frame around a cell, instead of a row; row -1: none.
    void markCell(std::int64_t row, std::int64_t col);
    /// Draws a line below every so many rows, such as the heads of a block; 0: none.
    void setRowBands(std::int64_t rows);
    /// Cells of this value and above get the marker's colour; the border can be dragged on the colour bar.
    void setThreshold(std::optional<double> threshold);
    PlotTable table() const override;
    void activateRow(int row) override;

Q_SIGNALS:
    void cellActivated(qlonglong row, qlonglong col);
    void thresholdDragged(double threshold);

protected:
    bool isEmpty() const override { return m_data->values.empty(); }
    void applyColours() override;
    void fitView() override;
    QString readOut(double x, double y) const override;
    void activate(double x, double y) override;
    bool leadsSomewhere() const override { return isSignalConnected(QMetaMethod::fromSignal(&MapPlot::cellActivated)); }
    bool eventFilter(QObject* watched, QEvent* event) override;

private:
    void redraw();
    void showWhole(const PooledMap& pooled);
    bool isLarge() const;
    void refine();
    void drawBands();
    std::optional<double> thresholdPlace() const; ///< On the colour bar, 0 ... 1.
    QString rowName(std::int64_t row) const;
    QString colName(std::int64_t col) const;
    bool hasNames() const { return !m_data->rowNames.isEmpty() && !m_data->colNames.isEmpty(); }
    void drawNames();
    void placeMark();
    void fitTexts();

    // First, because eventFilter() is called while the parts below are made.
    std::optional<double> m_threshold;
    bool m_dragging = false; ///< The threshold.
    QCPColorMap* m_map;    ///< All of it.
    QCPColorMap* m_detail; ///< What is visible of a large one, in more cells.
    MapWindow m_detailOf;
    QCPColorScale* m_scale;
    QCPItemRect* m_mark;
    QList<QCPItemStraightLine*> m_bands;
    QList<QCPItemText*> m_texts;
    std::shared_ptr<const Data> m_data = std::make_shared<const Data>();
    LatestTask m_pooling{this};
    LatestTask m_refining{this};
    Ramp m_ramp = Ramp::Magnitude;
    bool m_logColours = false;
    std::int64_t m_marked = -1;    ///< Row.
    std::int64_t m_markedCol = -1; ///< -1: the whole row.
    std::int64_t m_rowsPerBand = 0;
};

} // namespace bitlathe::ui
