// SPDX-License-Identifier: GPL-3.0-or-later
// StartPage: recent models and runs, a drop target, the demo.
#pragma once

#include "ui/bridge/latesttask.h"
#include "ui/pages/page.h"

class QListView;

namespace bitlathe::ui
{

class EntryModel;
class RecentModels;

class StartPage : public Page
{
    Q_OBJECT

public:
    explicit StartPage(Session& session, QWidget* parent = nullptr);

    QString id() const override;
    QString title() const override;
    QString subtitle() const override;
    QAction* primaryAction() override { return m_open; }
    QString commandLine() const override;
    QStringList selectedFolders() const override;
    void refresh() override;

private:
    QWidget* buildRecents();
    QWidget* buildSide();
    QListView* makeList(EntryModel* model, const QString& name, const QString& emptySentence);
    void showModels();
    void readRuns();
    void showRuns(const std::vector<run::HistoryEntry>& entries);
    void chooseFolder();
    void openDemo();
    void openRun(const QModelIndex& index);

    RecentModels* m_recents;
    EntryModel* m_models;
    EntryModel* m_runs;
    QListView* m_modelList = nullptr;
    QListView* m_runList = nullptr;
    QAction* m_open;
    LatestTask m_reading;
};

} // namespace bitlathe::ui
