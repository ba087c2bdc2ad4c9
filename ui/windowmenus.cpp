// SPDX-License-Identifier: GPL-3.0-or-later
// MainWindow: its actions, menus and device indicator.
#include "core/base/machine.h"
#include "core/model/device.h"
#include "kernels/cpulevel.h"
#include "kernels/threads.h"
#include "ui/bridge/language.h"
#include "ui/bridge/numbers.h"
#include "ui/bridge/preferences.h"
#include "ui/bridge/recentmodels.h"
#include "ui/mainwindow.h"
#include "ui/pages/page.h"
#include "ui/theme/theme.h"
#include "ui/widgets/jobsdock.h"

#include <QActionGroup>
#include <QApplication>
#include <QDockWidget>
#include <QMenu>
#include <QMenuBar>
#include <QPointer>
#include <QSettings>
#include <QToolButton>

namespace bitlathe::ui
{

using namespace Qt::StringLiterals;

namespace
{

QString gpuSentence(const kernels::GpuFacts& facts)
{
    if (facts.absence != kernels::GpuAbsence::None) {
        return MainWindow::tr("The GPU is not used: found %1").arg(translated(model::whyNoGpu(facts)));
    }
    const kernels::GpuDevice& first = facts.devices.front();
    return MainWindow::tr("GPU, for runs and calibrations whose recipe asks for it: %1, %2")
        .arg(QString::fromStdString(first.name), formatBytes(first.bytesTotal));
}

} // namespace

QAction* MainWindow::addAction(QMenu* menu, const QString& id, const QString& text, const QKeySequence& key,
                               const QString& tip, const QString& icon, std::function<void()> trigger)
{
    auto* action = new QAction(text, this);
    action->setObjectName(id);
    action->setShortcut(key);
    action->setToolTip(tip);
    action->setStatusTip(tip);
    if (!icon.isEmpty()) {
        action->setIcon(Theme::instance().icon(icon));
    }
    connect(action, &QAction::triggered, this, std::move(trigger));
    QWidget::addAction(action);
    menu->addAction(action);
    return action;
}

void MainWindow::buildMenus()
{
    buildFileMenu(menuBar()->addMenu(tr("&File")));
    buildModelMenu(menuBar()->addMenu(tr("&Model")));
    buildRunMenu(menuBar()->addMenu(tr("&Run")));
    buildViewMenu(menuBar()->addMenu(tr("&View")));
    buildHelpMenu(menuBar()->addMenu(tr("&Help")));
    buildDeviceIndicator();
}

void MainWindow::buildFileMenu(QMenu* menu)
{
    addAction(menu, u"openModel"_s, tr("&Open model folder…"), QKeySequence(u"Ctrl+O"_s),
              tr("Open a folder with a model; nothing is copied"), u"folder-open"_s, [this] { chooseModel(); });
    m_recentMenu = menu->addMenu(Theme::instance().icon(u"history"_s), tr("Recent models"));
    addAction(menu, u"openDemo"_s, tr("Open the &demo model"), {},
              tr("A small trained model that comes with the program"), u"demo"_s, [this] { openDemo(); });
    menu->addSeparator();
    addAction(menu, u"openRecipe"_s, tr("Open &recipe…"), QKeySequence(u"Ctrl+Shift+O"_s),
              tr("Take all settings of a run from a file"), u"recipe"_s, [this] { chooseRecipe(); });
    addAction(menu, u"saveRecipe"_s, tr("&Save recipe…"), QKeySequence(u"Ctrl+S"_s),
              tr("Keep all settings of the run in a file"), u"save"_s, [this] { saveRecipe(); });
    addAction(menu, u"exportReport"_s, tr("&Export report…"), QKeySequence(u"Ctrl+E"_s),
              tr("Write what was found as HTML, PDF, CSV or JSON"), u"export"_s, [this] { exportReport(); });
    menu->addSeparator();
    QAction* settings = addAction(menu, u"settings"_s, tr("Se&ttings…"), QKeySequence(u"Ctrl+,"_s),
                                  tr("Theme, language, type size, threads"), u"settings"_s, [this] { showSettings(); });
    settings->setMenuRole(QAction::PreferencesRole);
    QAction* quit = addAction(menu, u"quit"_s, tr("&Quit"), QKeySequence(u"Ctrl+Q"_s), tr("Quit Bitlathe"), {},
                              [this] { close(); });
    quit->setMenuRole(QAction::QuitRole);
}

void MainWindow::buildModelMenu(QMenu* menu)
{
    QUndoStack* stack = m_session.undoStack();
    const auto addUndo = [&](QAction* action, const QString& id, const QString& key, const QString& icon) {
        action->setObjectName(id);
        action->setShortcut(QKeySequence(key));
        action->setIcon(Theme::instance().icon(icon));
        QWidget::addAction(action);
        menu->addAction(action);
    };
    addUndo(stack->createUndoAction(this, tr("Undo")), u"undo"_s, u"Ctrl+Z"_s, u"undo"_s);
    addUndo(stack->createRedoAction(this, tr("Redo")), u"redo"_s, u"Ctrl+Shift+Z"_s, u"redo"_s);
    menu->addSeparator();
    addAction(menu, u"findLayer"_s, tr("&Find layer"), QKeySequence(u"Ctrl+F"_s), tr("Look for a layer or row by name"),
              u"search"_s, [this] { currentPage()->focusFilter(); });
    addAction(menu, u"refresh"_s, tr("&Refresh"), QKeySequence(u"F5"_s), tr("Read again what may have changed on disk"),
              u"refresh"_s, [this] {
                  m_recents->reload();
                  currentPage()->refresh();
              });
    menu->addSeparator();
    addAction(menu, u"compareSelected"_s, tr("&Compare"), QKeySequence(u"Ctrl+D"_s),
              tr("Compare the selected models, or open the compare page"), u"compare"_s, [this] { compareSelected(); });
}

void MainWindow::buildRunMenu(QMenu* menu)
{
    addAction(menu, u"newRun"_s, tr("&New run…"), QKeySequence(u"Ctrl+N"_s), tr("Set up a run step by step"),
              u"wizard"_s, [this] { showPage(u"wizard"_s); });
    addAction(menu, u"run"_s, tr("&Run"), QKeySequence(u"Ctrl+R"_s), tr("Quantize with the settings as they are"),
              u"run"_s, [this] { startRun(); });
    addAction(menu, u"calibrate"_s, tr("&Calibrate"), {},
              tr("Run the calibration text through the model, for error estimates"), u"layers"_s, [this] {
                  if (m_session.model()) {
                      m_session.startCalibration();
                  }
              });
    menu->addSeparator();
    addAction(menu, u"cancelJob"_s, tr("Cancel &job"), QKeySequence(u"Ctrl+."_s),
              tr("Cancel the selected job; what is done is kept on disk"), u"cancel"_s,
              [this] { static_cast<JobsDock*>(m_jobsDock)->cancelSelected(); });
    addAction(menu, u"copyCommand"_s, tr("Copy as command &line"), QKeySequence(u"Ctrl+Shift+C"_s),
              tr("The same with bitlathe-cli"), u"command"_s, [this] { copyCommandLine(); });
}

void MainWindow::buildViewMenu(QMenu* menu)
{
    for (std::size_t i = 0; i < pages().size(); ++i) {
        Page* page = pages()[i];
        const QKeySequence key = i < 10 ? QKeySequence(u"Alt+%1"_s.arg((i + 1) % 10)) : QKeySequence();
        addAction(menu, u"page-"_s + page->id(), page->title(), key, tr("Show the page %1").arg(page->title()),
                  page->id(), [this, id = page->id()] { showPage(id); });
    }
    menu->addSeparator();
    QAction* jobs = m_jobsDock->toggleViewAction();
    jobs->setObjectName(u"showJobs"_s);
    jobs->setText(tr("&Jobs"));
    jobs->setShortcut(QKeySequence(u"Ctrl+J"_s));
    jobs->setIcon(Theme::instance().icon(u"queued"_s));
    QAction* log = m_logDock->toggleViewAction();
    log->setObjectName(u"showLog"_s);
    log->setText(tr("&Log"));
    log->setShortcut(QKeySequence(u"Ctrl+L"_s));
    log->setIcon(Theme::instance().icon(u"log"_s));
    menu->addActions({jobs, log});
    menu->addSeparator();

    QMenu* themes = menu->addMenu(Theme::instance().icon(u"theme"_s), tr("&Theme"));
    auto* themeGroup = new QActionGroup(themes);
    const auto addTheme = [&](Theme::Mode mode, const QString& name) {
        QAction* action = themes->addAction(name);
        action->setCheckable(true);
        action->setChecked(Theme::instance().mode() == mode);
        themeGroup->addAction(action);
        connect(action, &QAction::triggered, this, [this, mode] {
            QSettings settings;
            Preferences preferences = Preferences::load(settings);
            preferences.theme = mode;
            preferences.save(settings);
            Theme::instance().setMode(mode);
        });
    };
    addTheme(Theme::Mode::System, tr("As the system"));
    addTheme(Theme::Mode::Light, tr("Light"));
    addTheme(Theme::Mode::Dark, tr("Dark"));
    addTheme(Theme::Mode::HighContrast, tr("High contrast"));

    QMenu* tongues = menu->addMenu(Theme::instance().icon(u"language"_s), tr("L&anguage"));
    auto* tongueGroup = new QActionGroup(tongues);
    for (const QString& code : languages()) {
        QAction* action = tongues->addAction(languageName(code));
        action->setCheckable(true);
        action->setChecked(language() == code);
        tongueGroup->addAction(action);
        connect(action, &QAction::triggered, this, [code] {
            QSettings settings;
            Preferences preferences = Preferences::load(settings);
            preferences.language = code;
            preferences.save(settings);
            setLanguage(code);
        });
    }
}

void MainWindow::buildHelpMenu(QMenu* menu)
{
    QAction* help = addAction(menu, u"help"_s, tr("&Guide to what is in front"), QKeySequence(u"F1"_s),
                              tr("What the guide says of this page, step or number"), u"help"_s,
                              [this] { showGuide(currentTopic()); });
    help->setShortcutContext(Qt::ApplicationShortcut); // also from dialogs
    addAction(menu, u"quickStart"_s, tr("&Quick start"), {}, tr("The first quantized model, with pictures"), {},
              [this] { showGuide(u"quick-start"_s); });
    addAction(menu, u"guide"_s, tr("&Contents of the guide"), {}, tr("All pages of the guide"), {},
              [this] { showGuide(u"index"_s); });
    addAction(menu, u"glossary"_s, tr("G&lossary"), {}, tr("What the words mean"), {},
              [this] { showGuide(u"glossary"_s); });
    menu->addSeparator();
    addAction(menu, u"keys"_s, tr("First steps and &keys"), QKeySequence(u"?"_s), // fields take it as text
              tr("All keys of the window"), u"command"_s, [this] { showKeys(); });
    menu->addSeparator();
    QAction* about = addAction(menu, u"about"_s, tr("&About Bitlathe"), {}, tr("Version and licences"), u"info"_s,
                               [this] { showAbout(); });
    about->setMenuRole(QAction::AboutRole);
}

void MainWindow::buildDeviceIndicator()
{
    const MachineFacts machine = machineFacts();
    const QString level = toText(kernels::cpuLevelName(kernels::cpuLevel())).toUpper();
    auto* button = new QToolButton(menuBar());
    button->setAutoRaise(true);
    button->setIcon(Theme::instance().icon(u"cpu"_s));
    button->setToolButtonStyle(Qt::ToolButtonTextBesideIcon);
    button->setPopupMode(QToolButton::InstantPopup);
    button->setText(tr("CPU %1 · %n cores", nullptr, kernels::threadCount()).arg(level));
    button->setToolTip(
        tr("%1\n%2 of memory").arg(QString::fromStdString(machine.processor), formatBytes(machine.bytesRam)));
    // A driver takes its time to say what it has.
    m_gpuSearch.start([](std::stop_token) { return kernels::gpus(); },
        [this, button = QPointer(button)](const kernels::GpuFacts& facts) {
            if (button) {
                button->setToolTip(button->toolTip() + u'\n' + gpuSentence(facts));
            }
        });
    button->setAccessibleName(tr("Device: %1").arg(button->text()));
    auto* menu = new QMenu(button);
    menu->addSection(tr("Arithmetic"));
    auto* group = new QActionGroup(menu);
    const auto addChoice = [&](std::optional<model::Compute> compute, const QString& name) {
        QAction* action = menu->addAction(name);
        action->setCheckable(true);
        action->setChecked(m_session.computeSetting() == compute);
        group->addAction(action);
        connect(action, &QAction::triggered, this, [this, compute] {
            QSettings settings;
            Preferences preferences = Preferences::load(settings);
            preferences.compute = compute;
            preferences.save(settings);
            m_session.setCompute(compute);
        });
    };
    addChoice(std::nullopt, tr("Fastest here (%1)").arg(toText(model::computeName(model::fastestCompute()))));
    addChoice(model::Compute::F32, tr("f32: slower, exact"));
    addChoice(model::Compute::Bf16, tr("bf16: faster, rounds to 8 bits of mantissa"));
    button->setMenu(menu);
    menuBar()->setCornerWidget(button);
}

void MainWindow::updateRecents()
{
    for (QAction* action : m_recentActions) {
        removeAction(action);
        delete action;
    }
    m_recentActions.clear();
    int place = 0;
    for (const RecentModel& model : m_recents->models()) {
        ++place;
        QAction* action =
            addAction(m_recentMenu, u"recent-%1"_s.arg(place), model.name, QKeySequence(u"Ctrl+%1"_s.arg(place)),
                      model.folder, {}, [this, folder = model.folder] { m_session.openModel(folder); });
        action->setEnabled(!model.error);
        m_recentActions.push_back(action);
    }
    m_recentMenu->setEnabled(place > 0);
}

} // namespace bitlathe::ui
