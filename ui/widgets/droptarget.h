// SPDX-License-Identifier: GPL-3.0-or-later
// DropTarget: a place that says that files may be dropped; a click opens a file dialog instead.
#pragma once

#include <QAbstractButton>

namespace bitlathe::ui
{

class DropTarget : public QAbstractButton
{
    Q_OBJECT

public:
    DropTarget(const QString& title, const QString& hint, QWidget* parent = nullptr);
    QSize sizeHint() const override;

protected:
    void paintEvent(QPaintEvent* event) override;

private:
    QString m_hint;
};

} // namespace bitlathe::ui
