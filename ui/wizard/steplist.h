// SPDX-License-Identifier: GPL-3.0-or-later
// StepList: the wizard's steps on its left, which one is in front and which want attention.
#pragma once

#include <QButtonGroup>
#include <QStringList>
#include <QVBoxLayout>
#include <QWidget>

#include <vector>

namespace bitlathe::ui
{

/// Any step can be gone to at any time.
class StepList : public QWidget
{
    Q_OBJECT

public:
    enum class State { Ahead, Done, Problem };

    explicit StepList(const QStringList& names, QWidget* parent = nullptr);

    void setCurrent(int step);
    void setState(int step, State state);

Q_SIGNALS:
    void chosen(int step);

private:
    class Entry;
    std::vector<Entry*> m_entries;
};

} // namespace bitlathe::ui
