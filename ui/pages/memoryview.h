// SPDX-License-Identifier: GPL-3.0-or-later
// MemoryView: what the open model, and the newest run of it, need in memory by batch and context.
#pragma once

#include "core/evaluate/memory.h"
#include "ui/bridge/latesttask.h"
#include "ui/bridge/numbers.h"
#include "ui/bridge/session.h"

#include <QWidget>

#include <vector>

class QComboBox;
class QLabel;
class QSettings;
class QSplitter;
class QTableWidget;

namespace bitlathe::ui
{

class LinePlot;
struct PlotTable;

/// A line for each KV cache over the context, with one batch; below it every batch with every context as numbers.
/// Computed from the configuration: no weight is read.
class MemoryView : public QWidget
{
    Q_OBJECT

public:
    explicit MemoryView(Session& session, QWidget* parent = nullptr);

    void saveState(QSettings& settings) const;
    void restoreState(const QSettings& settings);

private:
    /// Weights with one KV cache.
    struct Column
    {
        QString weights; ///< Whose; empty where there are no others.
        QString cache;
        int category = 0;
        bool isRun = false;
        std::vector<evaluate::MemoryUse> uses; ///< Every batch with every context.

        QString name() const;
    };

    void ask();
    void showAnswer();
    void showPlot();
    void showMachine(std::uint64_t most); ///< Bytes at the top of the plot.
    void alignTable();
    ByteUnit unit() const; ///< Of all numbers: the one that the least of them is written in.
    PlotTable numbers() const;
    std::int64_t batch() const;

    Session& m_session;
    QComboBox* m_batch;
    QLabel* m_machine;
    LinePlot* m_plot;
    QTableWidget* m_table;
    QSplitter* m_splitter;
    std::vector<Column> m_columns;
    std::uint64_t m_bytesRam = 0;
    LatestTask m_task{this};
};

} // namespace bitlathe::ui
