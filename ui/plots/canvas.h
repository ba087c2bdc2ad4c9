// SPDX-License-Identifier: GPL-3.0-or-later
// Where plots are drawn: QCustomPlot, drawn anew once for all changes of size, when it is painted.
#pragma once

class QCustomPlot;
class QWidget;

namespace bitlathe::ui
{

/// A page that is shown or laid out gives its plots several sizes in one event. QCustomPlot itself draws everything for
/// each, and paints the window at once whenever it has drawn; this one waits until it is painted.
QCustomPlot* newCanvas(QWidget* parent);

} // namespace bitlathe::ui
