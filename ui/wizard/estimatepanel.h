// SPDX-License-Identifier: GPL-3.0-or-later
// EstimatePanel: what a run will cost, against what the machine has, before it starts.
#pragma once

#include "core/base/machine.h"
#include "ui/bridge/latesttask.h"
#include "ui/bridge/session.h"

#include <QWidget>

#include <array>
#include <optional>

class QLabel;
class QTimer;
class QVBoxLayout;

namespace bitlathe::ui
{

class CostBar;
class FieldNote;

/// Follows the session's recipe; plans off the UI thread.
class EstimatePanel : public QWidget
{
    Q_OBJECT

public:
    explicit EstimatePanel(Session& session, QWidget* parent = nullptr);

    bool isReady() const { return m_ready; } ///< The recipe as it is now can be run.
    QString problem() const;

Q_SIGNALS:
    void checked();

private:
    /// A plan, and what the machine had when it was made.
    struct Outlook
    {
        Result<plan::Plan> plan;
        MachineFacts machine;
        std::uint64_t bytesFree = 0;
        std::uint64_t bytesModel = 0;
        std::uint64_t bytesGpu = 0; ///< That the run may take of a GPU; 0: it takes none.
    };

    void ask();
    void show(const Outlook& outlook);
    void showFindings(const Findings& findings);

    Session& m_session;
    LatestTask m_planning;
    QTimer* m_delay;
    bool m_ready = false;
    CostBar* m_size;
    CostBar* m_memory;
    CostBar* m_gpuMemory; ///< Shown where a GPU computes.
    CostBar* m_disk;
    QLabel* m_time;
    QLabel* m_bits;
    FieldNote* m_note;
    QVBoxLayout* m_findings;
};

} // namespace bitlathe::ui
