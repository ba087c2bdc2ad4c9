// SPDX-License-Identifier: GPL-3.0-or-later
// MainWindow: rail of pages, title line, messages, docks for jobs and log.
#include "ui/mainwindow.h"

#include "ui/bridge/numbers.h"
#include "ui/bridge/recentmodels.h"
#include "ui/pages/machineview.h"
#include "ui/pages/page.h"
#include "ui/pages/pages.h"
#include "ui/theme/theme.h"
#include "ui/widgets/helptopic.h"
#include "ui/widgets/jobsdock.h"
#include "ui/widgets/logview.h"
#include "ui/widgets/messagebar.h"
#include "ui/widgets/offerbar.h"
#include "ui/widgets/rail.h"
#include "ui/widgets/statusline.h"
#include "ui/widgets/titleline.h"
#include "ui/windowbody.h"

#include <QApplication>
#include <QCloseEvent>
#include <QMenuBar>
#include <QMessageBox>
#include <QPushButton>
#include <QStatusBar>
#include <QTimer>

#include <algorithm>
#include <utility>

namespace bitlathe::ui
{
namespace
{

using namespace Qt::StringLiterals;

constexpr QSize kFirstSize(1280, 832);
constexpr QSize kSmallestSize(960, 600);
const QString kPausedKey = u"window/paused"_s; ///< Folders of runs that were paused when the window closed.
constexpr int kMessageMs = 5000;
constexpr int kDockHeight = 224;

MainWindow::CloseChoice askOnClose(QWidget* window, int running)
{
    QMessageBox box(QMessageBox::Question, QCoreApplication::translate("MainWindow", "Quit Bitlathe"),
                    QCoreApplication::translate("MainWindow", "%n jobs are not finished.", nullptr, running),
                    QMessageBox::NoButton, window);
    box.setInformativeText(QCoreApplication::translate(
        "MainWindow", "Paused runs keep what is done and go on from the history page. Comparisons start again."));
    QPushButton* quit =
        box.addButton(QCoreApplication::translate("MainWindow", "Pause and quit"), QMessageBox::AcceptRole);
    box.addButton(QCoreApplication::translate("MainWindow", "Keep working"), QMessageBox::RejectRole);
    box.setDefaultButton(quit);
    box.exec();
    return box.clickedButton() == quit ? MainWindow::CloseChoice::PauseAndQuit : MainWindow::CloseChoice::KeepWorking;
}

bool isUnfinished(const run::JobStatus& job)
{
    using enum run::JobState;
    return job.state == Queued || job.state == Running || job.state == Pausing || job.state == Paused;
}

int unfinishedJobs(const run::JobQueue& queue)
{
    const std::vector<run::JobStatus> jobs = queue.jobs();
    return static_cast<int>(std::count_if(jobs.begin(), jobs.end(), isUnfinished));
}

} // namespace

MainWindow::MainWindow(Session& session, QWidget* parent)
    : QMainWindow(parent),
      m_session(session),
      m_recents(new RecentModels(session, this)),
      m_closeQuestion([this](int running) { return askOnClose(this, running); })
{
    setWindowTitle(u"Bitlathe"_s);
    setWindowIcon(QIcon(u":/icons/bitlathe.svg"_s));
    setMinimumSize(kSmallestSize);
    resize(kFirstSize);
    setDockNestingEnabled(true);
    setAcceptDrops(true);
    while (makeNextPart()) {}
    const QSettings settings;
    const QString page = settings.value(u"window/page"_s, u"start"_s).toString();
    placeBody(page);
    statusBar()->setSizeGripEnabled(false);
    buildDocks();
    buildMenusAndStatus();
    connectSession();
    restoreGeometry(settings.value(u"window/geometry"_s).toByteArray());
    restoreState(settings.value(u"window/state"_s).toByteArray());
    showPage(page);
    m_session.findInterrupted(settings.value(kPausedKey).toStringList());
    qApp->installEventFilter(this);
}

MainWindow::~MainWindow() = default;

void MainWindow::buildMenusAndStatus()
{
    buildMenus();
    m_status = new StatusLine(m_session, m_jobsDock->toggleViewAction(), m_logDock->toggleViewAction(), this);
    statusBar()->addPermanentWidget(m_status);
    updateRecents();
}

void MainWindow::placeBody(const QString& first)
{
    m_body = m_coming.body.release();
    for (Page* page : m_body->pages()) {
        connect(page, &Page::titleChanged, this, &MainWindow::updateTitleLine);
        connect(page, &Page::pageRequested, this, &MainWindow::showPage);
        connect(page, &Page::compareRequested, this, &MainWindow::compareFolders);
        connect(page, &Page::message, this, &MainWindow::say);
    }
    connect(m_body->rail(), &Rail::chosen, this, &MainWindow::showPage);
    connect(m_body->titleLine(), &TitleLine::commandLineRequested, this, &MainWindow::copyCommandLine);
    showPage(first);
    setCentralWidget(m_body);
}

/// Whether there is another one to make.
bool MainWindow::makeNextPart()
{
    const std::vector<PageMaker>& makers = pageMakers();
    if (m_coming.body == nullptr) {
        m_coming.body = std::make_unique<WindowBody>();
    }
    const std::size_t made = m_coming.body->pages().size();
    if (made < makers.size()) {
        std::unique_ptr<Page> page = makers[made](m_session);
        QSettings settings;
        settings.beginGroup(u"pages/"_s + page->id());
        page->restoreState(settings);
        m_coming.body->addPage(page.release());
        return true;
    }
    m_coming.jobs = std::make_unique<JobsDock>(m_session);
    m_coming.jobs->addView(new MachineView(m_session), u"cpu"_s, tr("Machine"));
    m_coming.log = std::make_unique<LogDock>();
    return false;
}

void MainWindow::buildDocks()
{
    JobsDock* jobs = m_coming.jobs.release();
    connect(jobs, &JobsDock::message, this, &MainWindow::say);
    connect(jobs, &JobsDock::pageRequested, this, &MainWindow::showPage);
    m_jobsDock = jobs;
    m_logDock = m_coming.log.release();
    setHelpTopic(m_jobsDock, u"jobs"_s);
    setHelpTopic(m_logDock, u"jobs#the-log"_s);
    addDockWidget(Qt::BottomDockWidgetArea, m_jobsDock);
    addDockWidget(Qt::BottomDockWidgetArea, m_logDock);
    tabifyDockWidget(m_jobsDock, m_logDock);
    resizeDocks({m_jobsDock}, {kDockHeight}, Qt::Vertical);
    m_jobsDock->hide();
    m_logDock->hide();
    setCorner(Qt::BottomLeftCorner, Qt::BottomDockWidgetArea);
}

void MainWindow::dropDocks()
{
    for (QDockWidget* dock : {m_jobsDock, m_logDock}) {
        removeDockWidget(dock);
        dock->setParent(nullptr);
        dock->disconnect();
        dock->deleteLater();
    }
}

void MainWindow::dropMenusAndStatus()
{
    setMenuBar(nullptr);
    delete std::exchange(m_status, nullptr);
    const QList<QAction*> actions = this->actions();
    for (QAction* action : actions) {
        removeAction(action);
        delete action;
    }
    m_recentActions.clear();
}

void MainWindow::connectSession()
{
    connect(&m_session, &Session::failed, this, [this](const Error& error) {
        messages()->add(translated(error));
        updateTitleLine();
    });
    connect(&m_session, &Session::modelOpening, this,
            [this](const QString& folder) { statusBar()->showMessage(tr("Opening %1 …").arg(folder)); });
    connect(&m_session, &Session::modelOpened, this, [this] {
        statusBar()->clearMessage();
        if (currentPage()->id() == "start"_L1) {
            showPage(u"model"_s);
        }
        updateTitleLine();
    });
    connect(&m_session, &Session::failed, statusBar(), &QStatusBar::clearMessage);
    connect(&m_session, &Session::layerSelected, this, &MainWindow::updateTitleLine);
    connect(&m_session, &Session::recipeChanged, this, &MainWindow::updateTitleLine);
    connect(&m_session, &Session::comparisonChanged, this, &MainWindow::updateTitleLine);
    connect(&m_session, &Session::jobChanged, this, [this](const run::JobStatus& status) {
        if (status.state == run::JobState::Queued || status.state == run::JobState::Running) {
            m_jobsDock->show();
        }
    });
    connect(&m_session, &Session::interruptedFound, this, &MainWindow::offerToGoOn);
    connect(m_recents, &RecentModels::changed, this, &MainWindow::updateRecents);
    connect(&Theme::instance(), &Theme::changed, this, [this] { update(); });
}

void MainWindow::offerToGoOn(const std::vector<run::HistoryEntry>& runs)
{
    m_interrupted = runs;
    if (runs.empty()) {
        return;
    }
    const QString last = folderName(runs.front().out);
    offers()->offer(
        runs.size() == 1 ? tr("The run %1 was not finished. What is done is kept.").arg(last)
                         : tr("%1 runs were not finished, %2 the last of them. What is done is kept.")
                               .arg(formatCount(std::ssize(runs)), last),
        tr("Go on"), [this] { m_session.goOnWith(std::exchange(m_interrupted, {})); }, tr("Leave it"),
        [this] { m_session.forgetInterrupted(std::exchange(m_interrupted, {})); });
}

void MainWindow::showPage(const QString& id)
{
    Page* wanted = page(id);
    m_body->setCurrentPage(wanted != nullptr ? wanted : m_body->pages().front());
    updateTitleLine();
}

Page* MainWindow::currentPage() const
{
    return m_body->currentPage();
}

const std::vector<Page*>& MainWindow::pages() const
{
    return m_body->pages();
}

Page* MainWindow::page(const QString& id) const
{
    return m_body->page(id);
}

OfferBar* MainWindow::offers() const
{
    return m_body->offers();
}

MessageBar* MainWindow::messages() const
{
    return m_body->messages();
}

void MainWindow::updateTitleLine()
{
    Page* page = currentPage();
    if (page == nullptr) {
        return;
    }
    const QString own = page->subtitle();
    m_body->titleLine()->setTitle(page->title(), own.isEmpty() ? subtitle() : own);
    m_body->titleLine()->setActions(page->primaryAction(), page->actions());
    const OpenedModelPtr model = m_session.model();
    setWindowTitle(model ? tr("%1 — Bitlathe").arg(modelName(*model)) : u"Bitlathe"_s);
    setWindowFilePath(model ? fromPath(model->folder()) : QString());
}

QString MainWindow::subtitle() const
{
    const OpenedModelPtr model = m_session.model();
    if (!model) {
        return tr("No model is open");
    }
    QStringList parts{modelName(*model)};
    if (const QString layer = m_session.selectedLayerName(); !layer.isEmpty()) {
        parts << layer;
    }
    if (const ComparisonPtr comparison = m_session.comparison()) {
        const evaluate::Protocol& protocol = comparison->protocol;
        parts << tr("%1 windows of %2 tokens").arg(formatCount(protocol.windows), formatCount(protocol.length));
    }
    return parts.join(u"  ·  "_s);
}

void MainWindow::say(const QString& sentence)
{
    statusBar()->showMessage(sentence, kMessageMs);
}

void MainWindow::saveState() const
{
    QSettings settings;
    settings.setValue(u"window/geometry"_s, saveGeometry());
    settings.setValue(u"window/state"_s, QMainWindow::saveState());
    settings.setValue(u"window/page"_s, currentPage()->id());
    for (const Page* page : pages()) {
        settings.beginGroup(u"pages/"_s + page->id());
        page->saveState(settings);
        settings.endGroup();
    }
}

void MainWindow::changeEvent(QEvent* event)
{
    QMainWindow::changeEvent(event);
    if (event->type() != QEvent::LanguageChange) {
        return;
    }
    // Each catalogue that comes or goes sends one event; all of them are answered once.
    m_coming = {};
    if (!std::exchange(m_rebuilding, true)) {
        QTimer::singleShot(0, this, [this] {
            saveState();
            rebuild();
        });
    }
}

/// Everything in it anew: its parts one by one, so that the window goes on answering, then they take the place of the
/// old ones: pages, docks, and menus, which name both.
void MainWindow::rebuild()
{
    if (makeNextPart()) {
        QTimer::singleShot(0, this, &MainWindow::rebuild);
        return;
    }
    const QString page = currentPage()->id();
    const QStringList kept = messages()->messages();
    takeCentralWidget();
    m_body->letGo();
    placeBody(page);
    for (const QString& message : kept) {
        messages()->add(message);
    }
    offerToGoOn(m_interrupted);
    QTimer::singleShot(0, this, &MainWindow::exchangeDocks);
}

void MainWindow::exchangeDocks()
{
    if (m_coming.jobs == nullptr) { // Another language came in between.
        rebuild();
        return;
    }
    const QByteArray state = QMainWindow::saveState();
    dropDocks();
    buildDocks();
    QMainWindow::restoreState(state);
    m_rebuilding = false;
    QTimer::singleShot(0, this, [this] {
        dropMenusAndStatus();
        buildMenusAndStatus();
    });
}

void MainWindow::closeEvent(QCloseEvent* event)
{
    const int unfinished = unfinishedJobs(m_session.jobs());
    QStringList paused;
    if (unfinished > 0) {
        if (m_closeQuestion(unfinished) == CloseChoice::KeepWorking) {
            event->ignore();
            return;
        }
        for (const run::JobStatus& job : m_session.jobs().jobs()) {
            const JobFacts* facts = m_session.jobFacts(job.id);
            if (isUnfinished(job) && facts != nullptr && facts->kind == JobFacts::Kind::Run) {
                paused << fromPath(facts->recipe.exportTo.out);
            }
            m_session.jobs().pause(job.id);
        }
    }
    QSettings().setValue(kPausedKey, paused);
    saveState();
    event->accept();
}

} // namespace bitlathe::ui
