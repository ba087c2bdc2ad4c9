// SPDX-License-Identifier: GPL-3.0-or-later
// NumberRow: a few large numbers side by side, each below its caption.
#pragma once

#include <QWidget>

class QGridLayout;
class QLabel;

namespace bitlathe::ui
{

class NumberRow : public QWidget
{
    Q_OBJECT

public:
    explicit NumberRow(QWidget* parent = nullptr);

    /// The label of the number, rich text, a dash so far. help: what the number means, shown over both; topic: where the
    /// guide says more.
    QLabel* add(const QString& caption, const QString& help, const QString& topic = {});

private:
    QGridLayout* m_grid;
    int m_count = 0;
};

} // namespace bitlathe::ui
