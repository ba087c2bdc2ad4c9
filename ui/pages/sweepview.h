// SPDX-License-Identifier: GPL-3.0-or-later
// SweepView: a layer under all bits and group sizes, as a map of errors and as error against size.
#pragma once

#include "core/quant/layersweep.h"
#include "ui/bridge/latesttask.h"
#include "ui/pages/layermaterial.h"

#include <QWidget>

#include <memory>
#include <optional>
#include <string>
#include <vector>

class QLabel;
class QSplitter;

namespace bitlathe::ui
{

class MapPlot;
class ScatterPlot;

/// Fills row by row off the UI thread, once somebody sees it; a newer request takes the place of an older one. A click
/// on a cell or point chooses its setting.
class SweepView : public QWidget
{
    Q_OBJECT

public:
    /// What the map is of. Bits and group size of the scheme do not matter, but where scales are found for it first.
    struct Request
    {
        LayerMaterialPtr material; ///< Null: nothing to show.
        std::string method;
        quant::Scheme scheme;
        quant::MethodOptions options;
    };

    SweepView(std::vector<int> bits, std::vector<std::int64_t> groupSizes, QWidget* parent = nullptr);

    void setRequest(Request request); ///< The same again changes nothing.
    void mark(int bits, std::int64_t groupSize);
    bool isBusy() const { return m_filling.busy(); }

Q_SIGNALS:
    void chosen(int bits, qint64 groupSize);

protected:
    void showEvent(QShowEvent* event) override;
    void resizeEvent(QResizeEvent* event) override;

private:
    struct Work;
    using Points = std::vector<std::optional<quant::SweepPoint>>;

    void start();
    void fillRow(std::size_t row);
    void showNote(const QString& note);
    void showMap();
    void showPoints();
    void choose(std::size_t place);

    std::vector<int> m_allBits;
    std::vector<std::int64_t> m_allGroups;
    std::vector<int> m_bits;            ///< Rows: of methods with codes of their own only theirs.
    std::vector<std::int64_t> m_groups; ///< Columns.
    Request m_request;
    bool m_stale = false;
    Points m_points;                   ///< [bits, group sizes].
    std::vector<std::size_t> m_placed; ///< Places of the points in the scatter plot.
    std::optional<std::size_t> m_marked;
    int m_markedBits = 0;
    std::int64_t m_markedGroup = 0;
    double m_seconds = 0;
    QLabel* m_note;
    QSplitter* m_splitter;
    MapPlot* m_map;
    ScatterPlot* m_scatter;
    LatestTask m_filling{this};
    std::shared_ptr<Work> m_work;
};

} // namespace bitlathe::ui
