// SPDX-License-Identifier: GPL-3.0-or-later
// LayersPage: what a run made of each layer: a table of errors, and plots of the selected one.
#pragma once

#include "ui/pages/page.h"

class QLabel;
class QSortFilterProxyModel;
class QSplitter;
class QTableView;

namespace bitlathe::ui
{

class RunLayerModel;
class RunViews;

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
    void showFirstBad();
    void showLayer(LayerId layer);
    void raiseWorst();

    QAction* m_raise;
    RunLayerModel* m_model;
    QSortFilterProxyModel* m_proxy;
    QTableView* m_table;
    QSplitter* m_splitter;
    RunViews* m_views;
    QLabel* m_firstBad;
    QLabel* m_empty;
};

} // namespace bitlathe::ui
