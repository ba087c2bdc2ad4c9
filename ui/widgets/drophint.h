// SPDX-License-Identifier: GPL-3.0-or-later
// DropHint: shown over the window while something is dragged over it.
#pragma once

#include <QWidget>

namespace bitlathe::ui
{

/// Covers its parent; takes no events. Hidden until shown.
class DropHint : public QWidget
{
    Q_OBJECT

public:
    explicit DropHint(QWidget* parent);

protected:
    void paintEvent(QPaintEvent* event) override;
    bool eventFilter(QObject* watched, QEvent* event) override;
};

} // namespace bitlathe::ui
