// SPDX-License-Identifier: Apache-2.0
// Tests the window: keys, drops, messages, language, closing while jobs run.
#include "core/base/resources.h"
#include "tests/support/tempfolder.h"
#include "ui/bridge/language.h"
#include "ui/bridge/latesttask.h"
#include "ui/bridge/preferences.h"
#include "ui/mainwindow.h"
#include "ui/pages/page.h"
#include "ui/theme/theme.h"
#include "ui/widgets/helpwindow.h"
#include "ui/widgets/messagebar.h"
#include "ui/widgets/offerbar.h"
#include "ui/widgets/titleline.h"

#include <QApplication>
#include <QClipboard>
#include <QDragEnterEvent>
#include <QDropEvent>
#include <QElapsedTimer>
#include <QFileDialog>
#include <QLabel>
#include <QLineEdit>
#include <QMimeData>
#include <QPointer>
#include <QPushButton>
#include <QSettings>
#include <QSignalSpy>
#include <QTest>
#include <QTextBrowser>
#include <QToolButton>

#include <algorithm>

using namespace bitlathe;
using namespace bitlathe::ui;

namespace
{

constexpr int kWaitMs = 120'000;
constexpr qint64 kVisibleMs = 500; ///< The window is there in half a second, whatever is being opened.

QString demoFolder()
{
    return fromPath(resource("demo/model").value());
}

/// As a file manager does it: enter, then drop, on this widget.
bool dropOn(QWidget* widget, const QString& path)
{
    QMimeData data;
    data.setUrls({QUrl::fromLocalFile(path)});
    const QPoint place = widget->rect().center();
    QDragEnterEvent enter(place, Qt::CopyAction | Qt::LinkAction, &data, Qt::LeftButton, Qt::NoModifier);
    QApplication::sendEvent(widget, &enter);
    QDropEvent drop(place, Qt::CopyAction | Qt::LinkAction, &data, Qt::LeftButton, Qt::NoModifier);
    QApplication::sendEvent(widget, &drop);
    return enter.isAccepted() && drop.isAccepted() && drop.dropAction() == Qt::LinkAction;
}

} // namespace

class TestMainWindow : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void init();
    void cleanup();
    void showsEveryPage();
    void isVisibleAtOnce();
    void shortcutsAreUnique();
    void shortcutsOfTheConventionsAreThere();
    void aQuestionMarkShowsTheKeys();
    void dropOpensAModel();
    void dropOnAFieldOpensToo();
    void dropOfNonsenseIsTold();
    void errorsAreShownUntilDismissed();
    void shiftCopiesTheCommand();
    void languageSwitchesLive();
    void languageSwitchesWhileAFileIsAskedFor();
    void stateIsKept();
    void stateOfAnotherVersionDoesNoHarm();
    void closingAsksWhileJobsRun();
    void closingPausesJobs();
    void interruptedRunsAreOfferedAtTheNextStart();

private:
    void openDemo();
    std::unique_ptr<tests::TempFolder> m_folder;
    std::unique_ptr<Theme> m_theme;
    std::unique_ptr<Session> m_session;
    std::unique_ptr<MainWindow> m_window;
};

void TestMainWindow::init()
{
    m_folder = std::make_unique<tests::TempFolder>();
    qputenv("XDG_CACHE_HOME", QByteArray::fromStdString((*m_folder / "cache").string()));
    qputenv("XDG_DATA_HOME", QByteArray::fromStdString((*m_folder / "data").string()));
    QSettings::setDefaultFormat(QSettings::IniFormat);
    QSettings::setPath(QSettings::IniFormat, QSettings::UserScope, fromPath(m_folder->path()));
    QCoreApplication::setOrganizationName(QStringLiteral("bitlathe-test"));
    QCoreApplication::setApplicationName(QStringLiteral("bitlathe-test"));
    setLanguage(QStringLiteral("en"));
    m_theme = std::make_unique<Theme>();
    m_session = std::make_unique<Session>();
    m_window = std::make_unique<MainWindow>(*m_session);
    m_window->show();
    QVERIFY(QTest::qWaitForWindowActive(m_window.get()));
}

void TestMainWindow::cleanup()
{
    m_window.reset();
    m_session.reset();
    setLanguage(QStringLiteral("en"));
    QTRY_VERIFY_WITH_TIMEOUT(!LatestTask::anyRunning(), kWaitMs);
    m_theme.reset();
}

void TestMainWindow::openDemo()
{
    QSignalSpy opened(m_session.get(), &Session::modelOpened);
    m_session->openModel(demoFolder());
    QVERIFY(opened.wait(kWaitMs));
}

void TestMainWindow::showsEveryPage()
{
    openDemo();
    QStringList ids;
    for (const Page* page : m_window->pages()) {
        ids << page->id();
    }
    QCOMPARE(ids, (QStringList{QStringLiteral("start"), QStringLiteral("model"), QStringLiteral("advice"),
                               QStringLiteral("wizard"), QStringLiteral("tune"), QStringLiteral("budget"),
                               QStringLiteral("layers"), QStringLiteral("compare"), QStringLiteral("try"),
                               QStringLiteral("report"), QStringLiteral("history")}));
    for (const QString& id : ids) {
        m_window->showPage(id);
        QCOMPARE(m_window->currentPage()->id(), id);
        QVERIFY(!m_window->findChild<TitleLine*>()->title().isEmpty());
        QVERIFY(m_window->currentPage()->isVisible());
    }
    m_window->showPage(QStringLiteral("no such page"));
    QCOMPARE(m_window->currentPage()->id(), QStringLiteral("start"));
}

void TestMainWindow::isVisibleAtOnce()
{
    m_window.reset();
    QElapsedTimer timer;
    timer.start();
    m_window = std::make_unique<MainWindow>(*m_session);
    m_window->show();
    m_window->openPaths({demoFolder()});
    QVERIFY(QTest::qWaitForWindowExposed(m_window.get()));
    const qint64 elapsed = timer.elapsed();
    QVERIFY2(elapsed <= kVisibleMs * 4, qPrintable(QString::number(elapsed))); // room for a busy test machine
    qInfo("the window was visible after %lld ms", static_cast<long long>(elapsed));
}

void TestMainWindow::shortcutsAreUnique()
{
    openDemo();
    QTRY_VERIFY(!LatestTask::anyRunning());
    QMap<QString, QString> owners;
    const QList<QAction*> actions = m_window->findChildren<QAction*>();
    for (const QAction* action : actions) {
        if (action->shortcutContext() != Qt::WindowShortcut) {
            continue; // acts only inside its own part of a page
        }
        for (const QKeySequence& key : action->shortcuts()) {
            const QString name = key.toString();
            QVERIFY2(!owners.contains(name), qPrintable(name + QStringLiteral(": ") + owners.value(name) +
                                                        QStringLiteral(", ") + action->text()));
            owners.insert(name, action->text());
        }
    }
    QVERIFY(owners.size() > 15);
}

void TestMainWindow::shortcutsOfTheConventionsAreThere()
{
    const std::pair<const char*, const char*> expected[] = {{"openModel", "Ctrl+O"},
                                                            {"newRun", "Ctrl+N"},
                                                            {"run", "Ctrl+R"},
                                                            {"cancelJob", "Ctrl+."},
                                                            {"findLayer", "Ctrl+F"},
                                                            {"refresh", "F5"},
                                                            {"exportReport", "Ctrl+E"},
                                                            {"saveRecipe", "Ctrl+S"},
                                                            {"undo", "Ctrl+Z"},
                                                            {"redo", "Ctrl+Shift+Z"},
                                                            {"compareSelected", "Ctrl+D"},
                                                            {"showLog", "Ctrl+L"},
                                                            {"help", "F1"},
                                                            {"quit", "Ctrl+Q"},
                                                            {"settings", "Ctrl+,"}};
    for (const auto& [id, key] : expected) {
        const auto* action = m_window->findChild<QAction*>(QLatin1String(id));
        QVERIFY2(action != nullptr, id);
        QCOMPARE(action->shortcut().toString(), QLatin1String(key));
        QVERIFY2(!action->text().isEmpty(), id);
    }
    openDemo(); // is then the first of the recent ones
    QTRY_VERIFY_WITH_TIMEOUT(m_window->findChild<QAction*>(QStringLiteral("recent-1")) != nullptr, kWaitMs);
    QCOMPARE(m_window->findChild<QAction*>(QStringLiteral("recent-1"))->shortcut().toString(),
             QStringLiteral("Ctrl+1"));
}

void TestMainWindow::aQuestionMarkShowsTheKeys()
{
    QTest::keyClick(m_window.get(), Qt::Key_Question); // With Shift, on most keyboards: the key event has it in the character.
    QTRY_VERIFY(m_window->findChild<HelpWindow*>() != nullptr);
    const QString text = m_window->findChild<HelpWindow*>()->findChild<QTextBrowser*>()->toPlainText();
    for (const char* key : {"Ctrl+O", "Ctrl+.", "F1", "?", "Ctrl+T"}) {
        QVERIFY2(text.contains(QLatin1String(key)), key);
    }
    m_window->findChild<HelpWindow*>()->close();
    // In a field it is a character.
    m_window->showPage(QStringLiteral("history"));
    auto* field = m_window->currentPage()->findChild<QLineEdit*>();
    field->setFocus();
    QTest::keyClicks(field, QStringLiteral("?"));
    QCOMPARE(field->text(), QStringLiteral("?"));
    field->clear();
}

void TestMainWindow::dropOpensAModel()
{
    QSignalSpy opened(m_session.get(), &Session::modelOpened);
    QVERIFY(dropOn(m_window.get(), demoFolder()));
    QVERIFY(opened.wait(kWaitMs));
    QCOMPARE(m_session->model()->folder(), toPath(demoFolder()));
    QVERIFY(dropOn(m_window.get(), demoFolder() + QStringLiteral("/model.safetensors")));
    QVERIFY(opened.wait(kWaitMs));
}

void TestMainWindow::dropOnAFieldOpensToo()
{
    m_window->showPage(QStringLiteral("history"));
    auto* field = m_window->currentPage()->findChild<QLineEdit*>();
    QVERIFY(field != nullptr);
    QSignalSpy opened(m_session.get(), &Session::modelOpened);
    QVERIFY(dropOn(field, demoFolder()));
    QVERIFY(opened.wait(kWaitMs));
    QVERIFY(field->text().isEmpty());
}

void TestMainWindow::dropOfNonsenseIsTold()
{
    QFile file(fromPath(*m_folder / "picture.xyz"));
    QVERIFY(file.open(QIODevice::WriteOnly));
    file.close();
    QVERIFY(dropOn(m_window.get(), file.fileName()));
    QTRY_COMPARE(m_window->messages()->messages().size(), 1);
    QVERIFY(m_window->messages()->messages().first().contains(QStringLiteral("picture.xyz")));
    QVERIFY(m_window->messages()->isVisible());
}

void TestMainWindow::errorsAreShownUntilDismissed()
{
    MessageBar* bar = m_window->messages();
    QVERIFY(!bar->isVisible());
    m_session->openModel(QStringLiteral("/no/such/model"));
    QTRY_VERIFY_WITH_TIMEOUT(bar->isVisible(), kWaitMs);
    QVERIFY(bar->messages().last().contains(QStringLiteral("/no/such/model")));
    bar->clear();
    QVERIFY(!bar->isVisible());
    // Cleared while the button is held down.
    bar->add(QStringLiteral("once more"));
    auto* close = bar->findChild<QToolButton*>(QStringLiteral("dismiss"));
    QVERIFY(close != nullptr);
    QTest::mousePress(close, Qt::LeftButton);
    bar->clear();
    close->click();
    QVERIFY(bar->messages().isEmpty());
}

void TestMainWindow::shiftCopiesTheCommand()
{
    openDemo();
    m_window->showPage(QStringLiteral("wizard"));
    auto* title = m_window->findChild<TitleLine*>();
    QTRY_VERIFY_WITH_TIMEOUT(title->primaryButton()->isEnabled(), kWaitMs);
    QTest::keyPress(title->primaryButton(), Qt::Key_Shift);
    QTest::mouseClick(title->primaryButton(), Qt::LeftButton, Qt::ShiftModifier);
    QTRY_VERIFY(QApplication::clipboard()->text().startsWith(QStringLiteral("bitlathe-cli quantize")));
    QVERIFY(m_session->jobs().jobs().empty()); // copied, not started
}

void TestMainWindow::languageSwitchesLive()
{
    openDemo();
    m_window->showPage(QStringLiteral("history"));
    const QString english = m_window->findChild<TitleLine*>()->title();
    QCOMPARE(english, QStringLiteral("History"));
    setLanguage(QStringLiteral("zh_CN"));
    QCOMPARE(QLocale().language(), QLocale::Chinese);
    QTRY_VERIFY(m_window->findChild<TitleLine*>()->title() != english);
    QCOMPARE(m_window->currentPage()->id(), QStringLiteral("history")); // the page in front stays
    QVERIFY(m_session->model());
    setLanguage(QStringLiteral("en"));
    QTRY_COMPARE(m_window->findChild<TitleLine*>()->title(), english);
}

void TestMainWindow::languageSwitchesWhileAFileIsAskedFor()
{
    openDemo();
    m_window->showPage(QStringLiteral("wizard"));
    const QString title = m_window->findChild<TitleLine*>()->title();
    const QList<QPushButton*> buttons = m_window->currentPage()->findChildren<QPushButton*>();
    const auto prompts = std::ranges::find(buttons, QStringLiteral("Choose prompts"), &QPushButton::accessibleName);
    QVERIFY(prompts != buttons.end());
    (*prompts)->click();
    const QPointer<QFileDialog> dialog = m_window->findChild<QFileDialog*>();
    QVERIFY(dialog && dialog->isVisible());
    setLanguage(QStringLiteral("zh_CN"));
    QTRY_VERIFY(m_window->findChild<TitleLine*>()->title() != title);
    QTRY_VERIFY(dialog.isNull()); // It went with the page that had asked.
    QCOMPARE(m_window->currentPage()->id(), QStringLiteral("wizard"));
}

void TestMainWindow::stateIsKept()
{
    m_window->showPage(QStringLiteral("history"));
    m_window->resize(1100, 700);
    m_window->close();
    m_window = std::make_unique<MainWindow>(*m_session);
    m_window->show();
    QCOMPARE(m_window->currentPage()->id(), QStringLiteral("history"));
    QCOMPARE(m_window->size(), QSize(1100, 700));
}

void TestMainWindow::stateOfAnotherVersionDoesNoHarm()
{
    QSettings settings;
    Preferences().save(settings);
    for (const auto& page : m_window->pages()) {
        m_window->showPage(page->id());
    }
    m_window->close();
    const QStringList keys = settings.allKeys();
    QVERIFY(keys.size() > 30);
    for (const QVariant& other : QVariantList{QStringLiteral("of another version"), -7, 1e30, QByteArray("\xff\x01"), {}}) {
        for (const QString& key : keys) {
            settings.setValue(key, other);
        }
        settings.setValue(QStringLiteral("pages/later/thing"), 7);
        settings.sync();
        Preferences::load(settings).apply(m_session.get());
        setLanguage(QStringLiteral("en"));
        m_window = std::make_unique<MainWindow>(*m_session);
        m_window->show();
        QVERIFY(QTest::qWaitForWindowActive(m_window.get()));
        openDemo();
        for (const auto& page : m_window->pages()) {
            m_window->showPage(page->id());
            QCoreApplication::processEvents();
            QCOMPARE(m_window->currentPage()->id(), page->id());
        }
        QVERIFY(m_window->width() > 0 && m_theme->fontScale() > 0.4 && m_theme->fontScale() < 4);
        m_window->close();
        settings.sync();
        QCOMPARE(settings.value(QStringLiteral("pages/later/thing")).toInt(), 7); // A newer version finds its own again.
        QVERIFY(settings.value(QStringLiteral("window/state")).toByteArray().size() > 100);
    }
    Preferences().apply(m_session.get());
}

void TestMainWindow::closingAsksWhileJobsRun()
{
    std::atomic<bool> go = false;
    const JobId job = m_session->jobs().add(Text("slow"), true, [&go](const WorkContext& work, bool) -> Result<void> {
        while (!go && !work.stopRequested()) {
            std::this_thread::sleep_for(std::chrono::milliseconds(5));
        }
        return work.stopRequested() ? Result<void>(cancelled()) : Result<void>();
    });
    QTRY_COMPARE(m_session->jobs().jobs().front().state, run::JobState::Running);
    int asked = 0;
    m_window->setCloseQuestion([&asked](int running) {
        ++asked;
        return running == 1 ? MainWindow::CloseChoice::KeepWorking : MainWindow::CloseChoice::PauseAndQuit;
    });
    QVERIFY(!m_window->close());
    QCOMPARE(asked, 1);
    QVERIFY(m_window->isVisible());
    QCOMPARE(m_session->jobs().jobs().front().state, run::JobState::Running);
    go = true;
    QTRY_COMPARE(m_session->jobs().jobs().front().state, run::JobState::Done);
    QVERIFY(job.isValid());
    QVERIFY(m_window->close()); // nothing to ask any more
    QCOMPARE(asked, 1);
}

void TestMainWindow::closingPausesJobs()
{
    m_session->jobs().add(Text("slow"), true, [](const WorkContext& work, bool) -> Result<void> {
        while (!work.stopRequested()) {
            std::this_thread::sleep_for(std::chrono::milliseconds(5));
        }
        return cancelled();
    });
    QTRY_COMPARE(m_session->jobs().jobs().front().state, run::JobState::Running);
    m_window->setCloseQuestion([](int) { return MainWindow::CloseChoice::PauseAndQuit; });
    QVERIFY(m_window->close());
    QTRY_COMPARE(m_session->jobs().jobs().front().state, run::JobState::Paused);
}

void TestMainWindow::interruptedRunsAreOfferedAtTheNextStart()
{
    openDemo();
    plan::Recipe recipe = m_session->recipe();
    recipe.method = "gptq";
    recipe.options.gptq.effort = quant::Effort::Best;
    recipe.calibration.samples = {16, 256, 0};
    recipe.evaluation.data.clear();
    recipe.exportTo.out = *m_folder / "half";
    QSignalSpy layers(m_session.get(), &Session::runLayer);
    m_session->startRun(recipe);
    QVERIFY(layers.wait(kWaitMs)); // Some is done.
    m_window->setCloseQuestion([](int) { return MainWindow::CloseChoice::PauseAndQuit; });
    QVERIFY(m_window->close());
    m_window.reset();
    m_session.reset(); // Waits for the run to stop.

    m_session = std::make_unique<Session>();
    m_window = std::make_unique<MainWindow>(*m_session);
    m_window->show();
    OfferBar* offers = m_window->offers();
    QTRY_VERIFY_WITH_TIMEOUT(offers->isVisible(), kWaitMs);
    QVERIFY(offers->findChildren<QLabel*>().last()->text().contains(QStringLiteral("half")));
    setLanguage(QStringLiteral("zh_CN")); // What is not answered survives a change of language.
    QTRY_VERIFY(m_window->offers() != offers);
    QTRY_VERIFY(m_window->offers()->isVisible());
    QSignalSpy done(m_session.get(), &Session::runChanged);
    QTest::mouseClick(m_window->offers()->findChildren<QPushButton*>().first(), Qt::LeftButton);
    QVERIFY(!m_window->offers()->isVisible());
    QVERIFY(done.wait(kWaitMs));
    QCOMPARE(m_session->lastRun()->out, *m_folder / "half");
}

QTEST_MAIN(TestMainWindow)
#include "tst_mainwindow.moc"
