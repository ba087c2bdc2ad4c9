// SPDX-License-Identifier: GPL-3.0-or-later
// HistoryPage: all runs, to look at again, to go on with, to compare.
#pragma once

#include "ui/bridge/latesttask.h"
#include "ui/pages/page.h"

class QLabel;
class QLineEdit;
class QSortFilterProxyModel;
class QSplitter;
class QTableView;

namespace bitlathe::ui
{

class HistoryModel;
class RunSettingsModel;

/// Above the runs, below the settings of the selected one, or those in which the selected ones differ. Removing, notes and
/// tags can be undone.
class HistoryPage : public Page
{
    Q_OBJECT

public:
    explicit HistoryPage(Session& session, QWidget* parent = nullptr);

    QString id() const override;
    QString title() const override;
    QString subtitle() const override;
    QAction* primaryAction() override { return m_open; }
    QList<QAction*> actions() const override { return {m_goOn, m_compare, m_recipe, m_folder, m_remove}; }
    QString commandLine() const override;
    QStringList selectedFolders() const override;
    void focusFilter() override;
    void refresh() override { read(); }
    void prepareScreenshot() override;
    void saveState(QSettings& settings) const override;
    void restoreState(const QSettings& settings) override;

private:
    QAction* makeAction(const QString& id, const QString& icon, const QString& text, const QString& tip,
                        void (HistoryPage::*slot)());
    QWidget* makeList();
    QWidget* makeSettings();
    void read();
    void showEntries(std::vector<run::HistoryEntry> entries);
    void showSettings();
    void updateActions();
    std::vector<const run::HistoryEntry*> selected() const;

    void openSelected();
    void goOn();
    void compareSelected();
    void useRecipe();
    void openFolder();
    void removeSelected();

    HistoryModel* m_model;
    QSortFilterProxyModel* m_proxy;
    QLineEdit* m_filter;
    QTableView* m_table;
    QAction* m_open;
    QAction* m_goOn;
    QAction* m_compare;
    QAction* m_recipe;
    QAction* m_folder;
    QAction* m_remove;
    QSplitter* m_splitter;
    QLabel* m_settingsTitle = nullptr;
    QTableView* m_settingsTable = nullptr;
    RunSettingsModel* m_settings;
    LatestTask m_reading;
    LatestTask m_fetching;
    LatestTask m_settingsReading;
};

} // namespace bitlathe::ui
