// SPDX-License-Identifier: GPL-3.0-or-later
// RunViews: plots of a run: errors through depth, and scales, zero points and saturation of its selected layer.
#pragma once

#include "ui/bridge/latesttask.h"
#include "ui/bridge/session.h"

#include <QTabWidget>

namespace bitlathe::ui
{

class GroupModel;
class LinePlot;
class MapPlot;

class RunViews : public QTabWidget
{
    Q_OBJECT

public:
    explicit RunViews(Session& session, QWidget* parent = nullptr);

    void showRun(); ///< The session's newest run.
    void showLayer(LayerId layer);

private:
    void showDepth();
    void showInputScales(LayerId layer);
    void showMaps(LayerId layer);
    QWidget* makeGroupTable();
    void openResult();
    void askDrift();

    Session& m_session;
    LinePlot* m_depth;
    LinePlot* m_drift;
    LinePlot* m_inputScales;
    MapPlot* m_scales;
    MapPlot* m_zeros;
    MapPlot* m_saturation;
    GroupModel* m_groups;
    RunResultPtr m_run;
    OpenedModelPtr m_result; ///< The run's exported folder.
    bool m_driftAsked = false;
    LatestTask m_open{this};
    LatestTask m_maps{this};
    LatestTask m_measure{this};
};

} // namespace bitlathe::ui
