// SPDX-License-Identifier: GPL-3.0-or-later
// MachineView: processor, memory and GPUs of the last minutes, of this program and of all.
#pragma once

#include "core/base/gpuload.h"
#include "core/base/machine.h"
#include "ui/bridge/latesttask.h"
#include "ui/bridge/session.h"

#include <QElapsedTimer>
#include <QWidget>

#include <deque>
#include <vector>

class QTimer;

namespace bitlathe::ui
{

class LinePlot;
class PlotPanel;

/// Looks once a second while jobs work or somebody sees it.
class MachineView : public QWidget
{
    Q_OBJECT

public:
    static constexpr std::size_t kKept = 600; ///< Looks: ten minutes.

    struct Load
    {
        MachineLoad machine;
        std::vector<GpuLoad> gpus;
    };

    explicit MachineView(Session& session, QWidget* parent = nullptr);

    void look(); ///< Asynchronous: takes one sample.
    void add(Load load);
    std::size_t samples() const { return m_samples.size(); }

protected:
    void showEvent(QShowEvent* event) override;

private:
    struct Sample
    {
        double seconds = 0; ///< Since this view was made.
        Load load;
    };

    void redraw();
    void redrawGpus(double now);

    Session& m_session;
    LinePlot* m_processor;
    LinePlot* m_memory;
    LinePlot* m_gpus;
    PlotPanel* m_gpuPanel; ///< Shown where there is a GPU.
    QTimer* m_timer;
    QElapsedTimer m_clock;
    std::deque<Sample> m_samples;
    LatestTask m_looking{this};
};

} // namespace bitlathe::ui
