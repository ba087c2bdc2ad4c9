// SPDX-License-Identifier: GPL-3.0-or-later
// BudgetPage: bits and group size of every layer for a budget.
#pragma once

#include "ui/bridge/latesttask.h"
#include "ui/pages/page.h"

class QComboBox;
class QDoubleSpinBox;
class QFormLayout;
class QLabel;
class QSortFilterProxyModel;
class QSpinBox;
class QSplitter;
class QTableView;

namespace bitlathe::ui
{

class BudgetModel;
class LinePlot;
class TickChoice;

/// Left what a search may choose from and the budget, right what the best mix of schemes gives, the mixes of all sizes and
/// the layers. Layers are measured once, by a job; after that every budget is answered at once.
class BudgetPage : public Page
{
    Q_OBJECT

public:
    explicit BudgetPage(Session& session, QWidget* parent = nullptr);

    QString id() const override { return QStringLiteral("budget"); }
    QString title() const override { return tr("Budget"); }
    QAction* primaryAction() override { return m_search; }
    QList<QAction*> actions() const override { return {m_use}; }
    QString commandLine() const override;
    void saveState(QSettings& settings) const override;
    void restoreState(const QSettings& settings) override;
    void prepareScreenshot() override;
    bool isBusy() const override;

private:
    QWidget* makeControls();
    void addGoalRows(QFormLayout* form);
    QWidget* makeResults();
    plan::SearchSpace space() const;
    plan::BudgetGoal goal() const;
    void showGoalRows();
    void showRecipe();
    void showSearch();
    void ask();
    void showChoice(const Result<plan::BudgetChoice>& choice);
    void showFront();
    QString comparedWithOneScheme(const plan::BudgetPoint& point) const;
    void use();
    void updateActions();

    QAction* m_search;
    QAction* m_use;
    QSplitter* m_splitter;
    QFormLayout* m_form = nullptr;
    QLabel* m_method = nullptr;
    TickChoice* m_bits = nullptr;
    TickChoice* m_groups = nullptr;
    QComboBox* m_consumer = nullptr;
    QComboBox* m_goal = nullptr;
    QDoubleSpinBox* m_targetBits = nullptr;
    QDoubleSpinBox* m_targetSize = nullptr;
    QDoubleSpinBox* m_targetMemory = nullptr;
    QSpinBox* m_context = nullptr;
    QSpinBox* m_batch = nullptr;
    QComboBox* m_kv = nullptr;
    QDoubleSpinBox* m_targetRise = nullptr;
    QLabel* m_sentence = nullptr;
    QLabel* m_bitsPerWeight = nullptr;
    QLabel* m_size = nullptr;
    QLabel* m_divergence = nullptr;
    QLabel* m_rise = nullptr;
    LinePlot* m_plot = nullptr;
    QTableView* m_table = nullptr;
    BudgetModel* m_model;
    QSortFilterProxyModel* m_proxy;
    std::optional<plan::BudgetChoice> m_choice; ///< Of the newest goal; nothing: none or out of reach.
    std::vector<plan::BudgetPoint> m_front;
    std::vector<plan::UniformPoint> m_uniform;
    JobId m_job; ///< The newest search.
    LatestTask m_fronts{this};
    LatestTask m_answer{this};
};

} // namespace bitlathe::ui
