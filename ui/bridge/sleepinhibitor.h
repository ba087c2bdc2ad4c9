// SPDX-License-Identifier: GPL-3.0-or-later
// SleepInhibitor: keeps the machine from going to sleep by itself while there is work.
#pragma once

#include "ui/bridge/latesttask.h"

#include <QObject>

#include <memory>

namespace bitlathe::ui
{

/// Asks logind, else the desktop portal, off the UI thread; where there is neither, it does nothing.
class SleepInhibitor : public QObject
{
    Q_OBJECT

public:
    explicit SleepInhibitor(QObject* parent = nullptr) : QObject(parent) {}

    void setWanted(bool wanted);
    bool isHeld() const { return m_lock != nullptr; }

private:
    bool m_wanted = false;
    std::shared_ptr<void> m_lock; ///< Sleep is kept off while it lives.
    LatestTask m_asking{this};
};

} // namespace bitlathe::ui
