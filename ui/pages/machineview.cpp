// SPDX-License-Identifier: GPL-3.0-or-later
// MachineView: processor and memory of the last minutes, of this program and of all.
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
      m_timer(new QTimer(this))
{
    auto* line = new QHBoxLayout(this);
    line->setContentsMargins(0, kGrid / 2, 0, 0);
    line->setSpacing(kGrid);
    line->addWidget(new PlotPanel(m_processor));
    line->addWidget(new PlotPanel(m_memory));
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
        m_looking.start([](const std::stop_token&) { return machineLoad(); },
                        [this](const MachineLoad& load) { add(load); });
    }
}

void MachineView::add(const MachineLoad& load)
{
    m_samples.push_back({static_cast<double>(m_clock.elapsed()) / 1000.0, load});
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
        most = std::max(most, sample.load.bytesUsed);
    }
    const ByteUnit unit = byteUnit(most);
    const double now = m_samples.back().seconds;
    Lines processor;
    Lines memory;
    for (std::size_t i = 1; i < m_samples.size(); ++i) {
        const MachineLoad& load = m_samples[i].load;
        const MachineLoad& before = m_samples[i - 1].load;
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
}

} // namespace bitlathe::ui
