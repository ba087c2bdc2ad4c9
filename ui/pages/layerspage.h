// SPDX-License-Identifier: GPL-3.0-or-later
// LayersPage: what a run made of each layer: errors through depth, scales, zero points, saturation.
#pragma once

#include "ui/bridge/latesttask.h"
#include "ui/pages/page.h"

class QLabel;
class QSortFilterProxyModel;
class QSplitter;
class QTableView;
class QTabWidget;

namespace bitlathe::ui
{

class LinePlot;
class MapPlot;
class RunLayerModel;

class LayersPage : public Page
{
    Q_OBJECT

public:
    explicit LayersPage(Session& session, QWidget* parent = nullptr);

    QString id() const override { return QStringLiteral("layers"); }
    QString title() const override { return tr("Layers"); }
    QString subtitle() const override;
    QAction* primaryAction() override { return m_raise; }
    void saveState(QSettings& settings) const override;
    void restoreState(const QSettings& settings) override;

private:
    void showRun();
    void showDepth();
    void showLayer(LayerId layer);
    void openResult();
    void raiseWorst();

    QAction* m_raise;
    RunLayerModel* m_model;
    QSortFilterProxyModel* m_proxy;
    QTableView* m_table;
    QSplitter* m_splitter;
    QTabWidget* m_views;
    LinePlot* m_depth;
    MapPlot* m_scales;
    MapPlot* m_zeros;
    MapPlot* m_saturation;
    QLabel* m_empty;
    OpenedModelPtr m_result; ///< The run's exported folder.
    LatestTask m_open{this};
    LatestTask m_maps{this};
};

} // namespace bitlathe::ui
