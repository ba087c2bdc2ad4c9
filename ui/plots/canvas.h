// SPDX-License-Identifier: GPL-3.0-or-later
// Where plots are drawn: QCustomPlot, drawn anew once for all changes of size, when it is painted.
#pragma once

#include <qcustomplot.h>

namespace bitlathe::ui
{

/// A page that is shown or laid out gives its plots several sizes in one event. QCustomPlot draws everything for each,
/// and paints the window at once whenever it has drawn.
class Canvas : public QCustomPlot
{
    Q_OBJECT

public:
    explicit Canvas(QWidget* parent = nullptr);

protected:
    void resizeEvent(QResizeEvent* event) override;
    void paintEvent(QPaintEvent* event) override;

private:
    bool m_hasNewSize = false;
};

} // namespace bitlathe::ui
