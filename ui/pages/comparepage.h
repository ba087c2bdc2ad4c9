// SPDX-License-Identifier: GPL-3.0-or-later
// ComparePage: any number of models over the same text, figures side by side.
#pragma once

#include "ui/pages/page.h"

class QLabel;
class QListWidget;
class QSpinBox;
class QSplitter;
class QTableView;
class QTabWidget;

namespace bitlathe::ui
{

class BarPlot;
class ComparisonForm;
class ComparisonModel;
class DifferenceView;
class ScatterPlot;
class SpeedView;
class TokenLossView;
class WrittenTextsView;

/// Left: the folders to compare (the first is the base) and the text; right: the table, a verdict, plots of quality against
/// size and of memory. A dropped folder becomes one more column.
class ComparePage : public Page
{
    Q_OBJECT

public:
    explicit ComparePage(Session& session, QWidget* parent = nullptr);

    QString id() const override { return QStringLiteral("compare"); }
    QString title() const override { return tr("Compare"); }
    QString subtitle() const override;
    QAction* primaryAction() override { return m_compare; }
    QList<QAction*> actions() const override { return {m_add, m_remove, m_makeBase, m_anew}; }
    QString commandLine() const override;
    bool dropFolder(const QString& folder) override;
    void saveState(QSettings& settings) const override;
    void restoreState(const QSettings& settings) override;
    QStringList screenshotStates() const override { return {QStringLiteral("tokens"), QStringLiteral("speed"), QStringLiteral("tensors")}; }
    void prepareState(const QString& state) override;

private:
    QWidget* makeControls();
    QWidget* makeResults();
    QWidget* makeMemoryTab();
    void makeActions();
    void addFolder(const QString& folder);
    void addFolderThroughDialog();
    QStringList folders() const;
    void start(bool keepsScores); ///< See Session::startComparison().
    void suggestFolders();
    void updateActions();
    void measureSpeed();
    void showComparison();
    void showMemory();

    QAction* m_compare;
    QAction* m_anew;
    QAction* m_add;
    QAction* m_remove;
    QAction* m_makeBase;
    QListWidget* m_folders = nullptr;
    ComparisonForm* m_form = nullptr;
    QSpinBox* m_batch = nullptr;
    QSpinBox* m_context = nullptr;
    QSplitter* m_splitter = nullptr;
    QTableView* m_table = nullptr;
    QTabWidget* m_plots = nullptr;
    QLabel* m_protocol = nullptr;
    QLabel* m_verdict = nullptr;
    ComparisonModel* m_model;
    ScatterPlot* m_quality = nullptr;
    BarPlot* m_memory = nullptr;
    TokenLossView* m_tokens = nullptr;
    WrittenTextsView* m_texts = nullptr;
    SpeedView* m_speed = nullptr;
    DifferenceView* m_differences = nullptr;
};

} // namespace bitlathe::ui
