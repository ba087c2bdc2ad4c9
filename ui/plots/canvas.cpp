// SPDX-License-Identifier: GPL-3.0-or-later
// Where plots are drawn.
#include "ui/plots/canvas.h"

#include <utility>

namespace bitlathe::ui
{

Canvas::Canvas(QWidget* parent) : QCustomPlot(parent)
{
    setPlottingHint(QCP::phImmediateRefresh, false);
}

void Canvas::resizeEvent(QResizeEvent* /*event*/)
{
    setViewport(rect());
    m_hasNewSize = true;
    update();
}

void Canvas::paintEvent(QPaintEvent* event)
{
    if (std::exchange(m_hasNewSize, false)) {
        replot(rpQueuedRefresh);
    }
    QCustomPlot::paintEvent(event);
}

} // namespace bitlathe::ui
