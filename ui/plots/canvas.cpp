// SPDX-License-Identifier: GPL-3.0-or-later
// Where plots are drawn.
#include "ui/plots/canvas.h"

#include <qcustomplot.h>

#include <utility>

namespace bitlathe::ui
{
namespace
{

class Canvas : public QCustomPlot
{
public:
    explicit Canvas(QWidget* parent) : QCustomPlot(parent) { setPlottingHint(QCP::phImmediateRefresh, false); }

protected:
    void resizeEvent(QResizeEvent* /*event*/) override
    {
        setViewport(rect());
        m_hasNewSize = true;
        update();
    }

    void paintEvent(QPaintEvent* event) override
    {
        if (std::exchange(m_hasNewSize, false)) {
            replot(rpQueuedRefresh);
        }
        QCustomPlot::paintEvent(event);
    }

private:
    bool m_hasNewSize = false;
};

} // namespace

QCustomPlot* newCanvas(QWidget* parent)
{
    return new Canvas(parent);
}

} // namespace bitlathe::ui
