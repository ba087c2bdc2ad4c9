// SPDX-License-Identifier: GPL-3.0-or-later
// MachineView: processor, memory and GPUs of the last minutes, of this program and of all.
#include "ui/pages/machineview.h"

#include "ui/bridge/numbers.h"
#include "ui/plots/lineplot.h"
#include "ui/plots/plotpanel.h"
#include "ui/theme/theme.h"

#include <QHBoxLayout>
#include <QTimer>

#include <algorithm>

namespace bitlathe::ui
{

namespace
{

constexpr int kLookMs = 1000;

/// Two lines of one plot, this program's drawn above all programs'.
struct Lines
{
    LinePlot::Series all;
    LinePlot::Series own;

    Lines()
    {
        all.name = MachineView::tr("All programs");
        own.name = MachineView::tr("Bitlathe");
        own.category = 1;
        all.points = own.points = false;
    }
    void add(double x, double ofAll, double ofOwn)
    {
        all.x << x;
        all.y << ofAll;
        own.x << x;
        own.y << ofOwn;
    }
};

LinePlot* makePlot(const QString& title)
{
    auto* plot = new LinePlot;
    plot->setTitle(title);
    plot->setMinimumSize(20 * kGrid, 10 * kGrid); // of a dock
    plot->setEmptyText(MachineView::tr("Measured while jobs work."));
    return plot;
}

} // namespace

MachineView::MachineView(Session& session, QWidget* parent)
    : QWidget(parent),
      m_session(session),
      m_processor(makePlot(tr("Processor"))),
      m_memory(makePlot(tr("Memory"))),
      m_gpus(makePlot(tr("GPU"))),
      m_gpuPanel(new PlotPanel(m_gpus)),
      m_timer(new QTimer(this))
{
    auto* line = new QHBoxLayout(this);
    line->setContentsMargins(0, kGrid / 2, 0, 0);
    line->setSpacing(kGrid);
    line->addWidget(new PlotPanel(m_processor));
    line->addWidget(new PlotPanel(m_memory));
    line->addWidget(m_gpuPanel);
    m_gpuPanel->hide();
    m_clock.start();
    connect(m_timer, &QTimer::timeout, this, [this] {
        if (isVisible() || m_session.jobs().busy()) {
            look();
        }
    });
    m_timer->start(kLookMs);
}

void MachineView::look()
{
    if (!m_looking.busy()) {
        m_looking.start([](const std::stop_token&) { return Load{machineLoad(), gpuLoads()}; },
                        [this](const Load& load) { add(load); });
    }
}

void MachineView::add(Load load)
{
    m_gpuPanel->setVisible(!load.gpus.empty());
    m_samples.push_back({static_cast<double>(m_clock.elapsed()) / 1000.0, std::move(load)});
    if (m_samples.size() > kKept) {
        m_samples.pop_front();
    }
    if (isVisible()) {
        redraw();
    }
}

void MachineView::showEvent(QShowEvent* event)
{
    QWidget::showEvent(event);
    redraw();
}

void MachineView::redraw()
{
    if (m_samples.size() < 2) {
        return;
    }
    std::uint64_t most = 0;
    for (const Sample& sample : m_samples) {
        most = std::max(most, sample.load.machine.bytesUsed);
    }
    const ByteUnit unit = byteUnit(most);
    const double now = m_samples.back().seconds;
    Lines processor;
    Lines memory;
    for (std::size_t i = 1; i < m_samples.size(); ++i) {
        const MachineLoad& load = m_samples[i].load.machine;
        const MachineLoad& before = m_samples[i - 1].load.machine;
        const double x = m_samples[i].seconds - now;
        const double busy = load.secondsBusy - before.secondsBusy;
        const double all = busy + load.secondsIdle - before.secondsIdle;
        if (all > 0) { // Of all cores together in this second or so.
            const double own = std::max(0.0, load.secondsOwn - before.secondsOwn);
            processor.add(x, 100 * busy / all, 100 * std::min(1.0, own / all));
        }
        memory.add(x, unit.of(load.bytesUsed), unit.of(load.bytesOwn));
    }
    m_processor->setAxisTitles(tr("Seconds from now"), tr("Share of all cores (%)"));
    m_processor->setSeries({processor.all, processor.own});
    m_memory->setAxisTitles(tr("Seconds from now"), tr("In use (%1)").arg(unit.name));
    m_memory->setSeries({memory.all, memory.own});
    redrawGpus(now);
}

/// Of each GPU how busy it was, and behind it how full its memory.
void MachineView::redrawGpus(double now)
{
    const std::size_t gpus = m_samples.back().load.gpus.size();
    std::vector<LinePlot::Series> lines(2 * gpus);
    for (std::size_t gpu = 0; gpu < gpus; ++gpu) {
        LinePlot::Series& busy = lines[2 * gpu];
        LinePlot::Series& memory = lines[2 * gpu + 1];
        busy.name = gpus == 1 ? tr("Busy") : tr("Busy, GPU %1").arg(gpu);
        memory.name = gpus == 1 ? tr("Memory in use") : tr("Memory in use, GPU %1").arg(gpu);
        busy.category = memory.category = static_cast<int>(gpu) + 1;
        busy.points = memory.points = false;
        memory.dashed = true;
        for (const Sample& sample : m_samples) {
            if (gpu >= sample.load.gpus.size()) {
                continue;
            }
            const GpuLoad& load = sample.load.gpus[gpu];
            const double x = sample.seconds - now;
            busy.x << x;
            busy.y << 100 * load.busy;
            memory.x << x;
            memory.y << 100 * static_cast<double>(load.bytesUsed) / std::max(1.0, static_cast<double>(load.bytesTotal));
        }
    }
    m_gpus->setAxisTitles(tr("Seconds from now"), tr("Share (%)"));
    m_gpus->setSeries({lines.begin(), lines.end()});
}

} // namespace bitlathe::ui
