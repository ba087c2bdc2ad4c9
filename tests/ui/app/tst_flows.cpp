// SPDX-License-Identifier: Apache-2.0
// The main way as a person goes it, by mouse and keys alone: a folder is dropped, the wizard filled in, the run watched
// while theme and language change, its result looked at, its report exported, and the settings taken back.
#include "support/pagetest.h"
#include "ui/bridge/language.h"
#include "ui/bridge/latesttask.h"
#include "ui/mainwindow.h"
#include "ui/pages/page.h"
#include "ui/theme/theme.h"
#include "ui/wizard/wizardpage.h"
#include "ui/wizard/wizardstep.h"

#include <QApplication>
#include <QDialogButtonBox>
#include <QDragEnterEvent>
#include <QDropEvent>
#include <QFileDialog>
#include <QLineEdit>
#include <QMimeData>
#include <QPushButton>
#include <QRadioButton>
#include <QSettings>
#include <QSpinBox>
#include <QTest>
#include <QTextBrowser>
#include <QTreeView>
#include <QUndoStack>

using namespace bitlathe;
using namespace bitlathe::ui;
using namespace bitlathe::tests;

class TestFlows : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void initTestCase();
    void init();
    void cleanup();
    void aFolderIsDropped();
    void theWizardIsFilledIn();
    void theRunEndsWhateverChanges();
    void theResultIsShown();
    void theReportIsExported();
    void settingsAreTakenBack();
    void cleanupTestCase();

private:
    Page* page() const { return m_window->currentPage(); }
    WizardStep* step() const
    {
        auto* wizard = qobject_cast<WizardPage*>(page());
        return wizard->step(wizard->currentStep());
    }
    void key(Qt::Key key, Qt::KeyboardModifiers modifiers) const { QTest::keyClick(m_window.get(), key, modifiers); }
    static void click(QWidget* widget)
    {
        QVERIFY(widget != nullptr);
        QVERIFY2(widget->isVisible() && widget->isEnabled(),
                 qPrintable(widget->objectName() + widget->accessibleName()));
        QTest::mouseClick(widget, Qt::LeftButton, {}, QPoint(12, widget->height() / 2));
    }
    static void type(QWidget* field, const QString& text)
    {
        QVERIFY(field != nullptr && field->isVisible());
        field->setFocus();
        QTest::keyClick(field, Qt::Key_A, Qt::ControlModifier);
        QTest::keyClicks(field, text);
        QTest::keyClick(field, Qt::Key_Tab);
    }
    /// Where no window manager is, none gives the window back what a dialog or a part of it took along.
    void comeBack()
    {
        m_window->activateWindow();
        QVERIFY(QTest::qWaitForWindowActive(m_window.get()));
    }
    /// By its entry on the left.
    void goTo(const QString& id)
    {
        for (Page* each : m_window->pages()) {
            if (each->id() == id) {
                click(buttonOf(*m_window, each->title()));
            }
        }
        QCOMPARE(page()->id(), id);
    }
    void next()
    {
        click(buttonOf(*page(), QStringLiteral("Next")));
        QVERIFY(!QTest::currentTestFailed());
    }

    bool m_lost = false; ///< A step failed, and those behind it would wait in vain.
    TempFolder m_folder;
    std::unique_ptr<Theme> m_theme;
    std::unique_ptr<Session> m_session;
    std::unique_ptr<MainWindow> m_window;
};

void TestFlows::initTestCase()
{
    for (const char* variable : {"XDG_CACHE_HOME", "XDG_CONFIG_HOME", "XDG_DATA_HOME"}) {
        qputenv(variable, QByteArray::fromStdString((m_folder / variable).string()));
    }
    QSettings::setDefaultFormat(QSettings::IniFormat);
    QSettings::setPath(QSettings::IniFormat, QSettings::UserScope, fromPath(m_folder.path()));
    QCoreApplication::setOrganizationName(QStringLiteral("bitlathe-test"));
    QCoreApplication::setApplicationName(QStringLiteral("bitlathe-test"));
    QCoreApplication::setAttribute(Qt::AA_DontUseNativeDialogs);
    setLanguage(QStringLiteral("en"));
    m_theme = std::make_unique<Theme>();
    m_session = std::make_unique<Session>();
    m_window = std::make_unique<MainWindow>(*m_session);
    m_window->resize(1280, 832);
    m_window->show();
    QVERIFY(QTest::qWaitForWindowActive(m_window.get()));
}

void TestFlows::init()
{
    if (m_lost) {
        QSKIP("a step before it failed");
    }
}

void TestFlows::cleanup()
{
    m_lost = m_lost || QTest::currentTestFailed();
}

void TestFlows::aFolderIsDropped()
{
    QMimeData data;
    data.setUrls({QUrl::fromLocalFile(fromPath(*resource("demo/model")))});
    const QPoint place = m_window->rect().center();
    QDragEnterEvent enter(place, Qt::CopyAction | Qt::LinkAction, &data, Qt::LeftButton, Qt::NoModifier);
    QApplication::sendEvent(m_window.get(), &enter);
    QDropEvent drop(place, Qt::CopyAction | Qt::LinkAction, &data, Qt::LeftButton, Qt::NoModifier);
    QApplication::sendEvent(m_window.get(), &drop);
    QTRY_VERIFY_WITH_TIMEOUT(m_session->model() != nullptr, kJobMs);
    QCOMPARE(page()->id(), QStringLiteral("model"));
}

void TestFlows::theWizardIsFilledIn()
{
    key(Qt::Key_N, Qt::ControlModifier);
    QCOMPARE(page()->id(), QStringLiteral("wizard"));
    next(); // Model is open already.
    click(step()->findChild<QRadioButton*>(QStringLiteral("gptq")));
    QCOMPARE(m_session->recipe().method, std::string("gptq"));
    next();
    click(buttonOf(*step(), QStringLiteral("Use the bundled text")));
    type(fieldOf<QSpinBox>(*step(), QStringLiteral("Samples")), QStringLiteral("4"));
    type(fieldOf<QSpinBox>(*step(), QStringLiteral("Length, tokens")), QStringLiteral("128"));
    QCOMPARE(m_session->recipe().calibration.samples.samples, 4);
    next(); // Bits and groups stay.
    next();
    type(fieldOf<QLineEdit>(*step(), QStringLiteral("Output folder")), fromPath(m_folder / "out"));
    QVERIFY(m_session->recipe().exportTo.out == m_folder / "out");
    next();
    click(buttonOf(*step(), QStringLiteral("Use the bundled text")));
    type(fieldOf<QSpinBox>(*step(), QStringLiteral("Windows")), QStringLiteral("1"));
    QCOMPARE(m_session->recipe().evaluation.windows, 1);
    next(); // What it costs.
    next();
    QVERIFY(!buttonOf(*page(), QStringLiteral("Next"))->isEnabled());
    QTRY_VERIFY_WITH_TIMEOUT(page()->primaryAction()->isEnabled(), kJobMs);
}

void TestFlows::theRunEndsWhateverChanges()
{
    key(Qt::Key_R, Qt::ControlModifier);
    QTRY_VERIFY_WITH_TIMEOUT(!m_session->jobs().jobs().empty(), kJobMs);
    m_theme->setMode(Theme::Mode::Dark);
    setLanguage(QStringLiteral("zh_CN"));
    QTRY_VERIFY_WITH_TIMEOUT(buttonOf(*m_window, QStringLiteral("报告")) != nullptr, kJobMs);
    setLanguage(QStringLiteral("en"));
    m_theme->setMode(Theme::Mode::Light);
    QTRY_VERIFY_WITH_TIMEOUT(m_session->lastRun() && m_session->lastRun()->comparison, kJobMs);
    QCOMPARE(m_session->lastRun()->layers.size(), m_session->model()->spec.linears.size());
    QTRY_VERIFY_WITH_TIMEOUT(buttonOf(*m_window, QStringLiteral("Report")) != nullptr, kJobMs);
    comeBack();
}

void TestFlows::theResultIsShown()
{
    goTo(QStringLiteral("layers"));
    const auto rowsShown = [this] {
        int rows = 0;
        for (const QAbstractItemView* view : page()->findChildren<QAbstractItemView*>()) {
            rows = std::max(rows, view->model() != nullptr ? view->model()->rowCount() : 0);
        }
        return rows;
    };
    QTRY_VERIFY(rowsShown() >= static_cast<int>(m_session->model()->spec.linears.size()));
    goTo(QStringLiteral("compare"));
    QTRY_VERIFY(says(*page(), QStringLiteral("erplexity")));
}

void TestFlows::theReportIsExported()
{
    goTo(QStringLiteral("report"));
    const auto* preview = page()->findChild<QTextBrowser*>();
    QTRY_VERIFY_WITH_TIMEOUT(preview->toPlainText().contains(QStringLiteral("self_attn.q_proj")), kJobMs);
    QTRY_VERIFY(page()->primaryAction()->isEnabled());
    key(Qt::Key_E, Qt::ControlModifier);
    QTRY_VERIFY(page()->findChild<QFileDialog*>() != nullptr);
    auto* dialog = page()->findChild<QFileDialog*>();
    dialog->setDirectory(fromPath(m_folder.path()));
    auto* name = dialog->findChild<QLineEdit*>(QStringLiteral("fileNameEdit"));
    name->selectAll();
    QTest::keyClicks(name, QStringLiteral("report.html")); // Alone, so that no list of completions takes the click.
    click(dialog->findChild<QDialogButtonBox*>()->button(QDialogButtonBox::Save));
    QTRY_VERIFY_WITH_TIMEOUT(std::filesystem::exists(m_folder / "report.html"), 20'000);
}

/// The stack has every edit of the wizard.
void TestFlows::settingsAreTakenBack()
{
    comeBack();
    goTo(QStringLiteral("wizard"));
    while (m_session->undoStack()->canUndo()) {
        const int left = m_session->undoStack()->index();
        key(Qt::Key_Z, Qt::ControlModifier);
        QVERIFY(m_session->undoStack()->index() < left);
    }
    QVERIFY(m_session->recipe().exportTo.out != m_folder / "out");
    QVERIFY(m_session->recipe().method != "gptq" || m_session->recipe().calibration.samples.samples != 4);
    key(Qt::Key_Z, Qt::ControlModifier | Qt::ShiftModifier);
    QCOMPARE(m_session->undoStack()->index(), 1);
}

void TestFlows::cleanupTestCase()
{
    m_window.reset();
    m_session.reset();
    QTRY_VERIFY_WITH_TIMEOUT(!LatestTask::anyRunning(), kJobMs);
    m_theme.reset();
}

QTEST_MAIN(TestFlows)
#include "tst_flows.moc"
