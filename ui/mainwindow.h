// SPDX-License-Identifier: GPL-3.0-or-later
// MainWindow: rail of pages, title line, messages, docks for jobs and log, menus.
#pragma once

#include "ui/bridge/latesttask.h"
#include "ui/bridge/session.h"

#include <QMainWindow>

#include <functional>
#include <map>
#include <memory>
#include <vector>

class QActionGroup;
class QMenu;

namespace bitlathe::ui
{

class GuideWindow;
class JobsDock;
class LogDock;
class MessageBar;
class OfferBar;
class Page;
class RecentModels;
class StatusLine;
class WindowBody;

/// The one window. Session and theme outlive it. A change of language makes everything in it anew; what a person has
/// set up survives through the session and the pages' saved state.
class MainWindow : public QMainWindow
{
    Q_OBJECT

public:
    enum class CloseChoice { PauseAndQuit, KeepWorking };

    explicit MainWindow(Session& session, QWidget* parent = nullptr);
    ~MainWindow() override;

    void showPage(const QString& id);
    Page* currentPage() const;
    const std::vector<Page*>& pages() const;
    Page* page(const QString& id) const; ///< nullptr: no such page.
    OfferBar* offers() const;
    MessageBar* messages() const;

    /// Opens whatever was dropped or named on the command line: model folders or files of one, a recipe, a calibration
    /// text. Looks at what they are first, off this thread.
    void openPaths(const QStringList& paths);
    void openDemo();

    /// The guide beside the window, at a topic: "tune", "glossary#perplexity".
    GuideWindow* showGuide(const QString& topic);

    /// Asked once when the window closes while jobs run; replaced by tests.
    void setCloseQuestion(std::function<CloseChoice(int running)> question) { m_closeQuestion = std::move(question); }

protected:
    void changeEvent(QEvent* event) override;
    void closeEvent(QCloseEvent* event) override;
    bool eventFilter(QObject* watched, QEvent* event) override;

private:
    void openFile(const QString& file);
    bool makeNextPart();
    void rebuild();
    void exchangeDocks();
    void placeBody(const QString& first); ///< first: the page that is shown.
    void buildMenusAndStatus();
    void buildDocks();
    void buildMenus();
    void buildFileMenu(QMenu* menu);
    void buildModelMenu(QMenu* menu);
    void buildRunMenu(QMenu* menu);
    void buildViewMenu(QMenu* menu);
    void buildHelpMenu(QMenu* menu);
    void buildDeviceIndicator();
    void dropDocks();
    void dropMenusAndStatus();
    void connectSession();
    void offerToGoOn(const std::vector<run::HistoryEntry>& runs);
    void saveState() const;
    void updateTitleLine();
    void updateRecents();
    QString subtitle() const;
    QString currentCommandLine() const;
    QString currentTopic() const;
    QAction* addAction(QMenu* menu, const QString& id, const QString& text, const QKeySequence& key, const QString& tip,
                       const QString& icon, std::function<void()> trigger);

    void chooseModel();
    void chooseRecipe();
    void saveRecipe();
    void startRun();
    void compareSelected();
    void compareFolders(const QStringList& folders);
    void exportReport();
    void showSettings();
    void showKeys();
    void showAbout();
    void copyCommandLine();
    void say(const QString& sentence);

    Session& m_session;
    RecentModels* m_recents;
    std::function<CloseChoice(int)> m_closeQuestion;
    bool m_rebuilding = false;
    std::vector<run::HistoryEntry> m_interrupted; ///< Offered, and not answered yet.

    WindowBody* m_body = nullptr;
    StatusLine* m_status = nullptr;
    /// Parts that take time to make, until all are there and take their places.
    struct Coming
    {
        std::unique_ptr<WindowBody> body;
        std::unique_ptr<JobsDock> jobs;
        std::unique_ptr<LogDock> log;
    };
    Coming m_coming;
    QDockWidget* m_jobsDock = nullptr;
    QDockWidget* m_logDock = nullptr;
    GuideWindow* m_guide = nullptr; ///< Made when it is first asked for; outlives changes of language.
    QMenu* m_recentMenu = nullptr;
    std::vector<QAction*> m_recentActions;
    LatestTask m_gpuSearch{this};
    LatestTask m_findPlaces{this};
};

} // namespace bitlathe::ui
