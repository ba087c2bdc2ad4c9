// SPDX-License-Identifier: Apache-2.0
// The report page driven as a person would: sections left out, the browser, what is remembered.
#include "core/base/file.h"
#include "tests/support/pagetest.h"
#include "ui/pages/reportpage.h"
#include "ui/theme/theme.h"
#include "ui/widgets/tickchoice.h"

#include <QAction>
#include <QDesktopServices>
#include <QMenu>
#include <QSettings>
#include <QTest>
#include <QTextBrowser>

using namespace bitlathe;
using namespace bitlathe::tests;
using namespace bitlathe::ui;

class TestReportPage : public QObject
{
    Q_OBJECT

public Q_SLOTS:
    void open(const QUrl& url) { m_opened = url; }

private Q_SLOTS:
    void initTestCase();
    void sectionsAreLeftOut();
    void whatIsLeftOutIsRemembered();
    void theBrowserShowsWhatThePageShows();
    void cleanupTestCase() { QDesktopServices::unsetUrlHandler(QStringLiteral("file")); }

private:
    QString text() const { return m_page->findChild<QTextBrowser*>()->toPlainText(); }
    void tick(const char* key, bool ticked)
    {
        m_page->findChild<TickChoice*>()->menu()->findChild<QAction*>(QLatin1String(key))->setChecked(ticked);
    }

    Theme m_theme;
    TempFolder m_folder;
    std::unique_ptr<Session> m_session;
    std::unique_ptr<ReportPage> m_page;
    QUrl m_opened;
};

void TestReportPage::initTestCase()
{
    QDesktopServices::setUrlHandler(QStringLiteral("file"), this, "open");
    m_session = sessionWithDemo(m_folder);
    QVERIFY(m_session != nullptr);
    plan::Recipe recipe = m_session->recipe();
    recipe.method = "rtn";
    recipe.calibration.data.clear();
    recipe.evaluation.data.clear();
    recipe.exportTo.out = m_folder / "out";
    m_page = std::make_unique<ReportPage>(*m_session);
    m_page->show();
    QVERIFY(!m_page->actions().front()->isEnabled()); // Nothing to open yet.
    m_session->startRun(recipe);
    QTRY_VERIFY_WITH_TIMEOUT(text().contains(QStringLiteral("self_attn.q_proj")), 60'000);
}

void TestReportPage::sectionsAreLeftOut()
{
    QVERIFY(text().contains(QStringLiteral("method: rtn")));
    tick("layers", false);
    QTRY_VERIFY(!text().contains(QStringLiteral("Saturated")));
    QVERIFY(text().contains(QStringLiteral("method: rtn")));
    tick("recipe", false);
    QTRY_VERIFY(!text().contains(QStringLiteral("method: rtn")));
    QVERIFY(text().contains(QStringLiteral("Bits per weight"))); // What the report is about stays.
}

void TestReportPage::whatIsLeftOutIsRemembered()
{
    QSettings settings(fromPath(m_folder / "settings.ini"), QSettings::IniFormat);
    m_page->saveState(settings);
    ReportPage other(*m_session);
    other.restoreState(settings);
    QCOMPARE(other.findChild<TickChoice*>()->ticked(), QStringList({"findings", "drawings"}));
}

void TestReportPage::theBrowserShowsWhatThePageShows()
{
    m_page->actions().front()->trigger();
    QTRY_VERIFY(!m_opened.isEmpty());
    const auto page = readFile(toPath(m_opened.toLocalFile()));
    BITLATHE_VERIFY_OK(page);
    QVERIFY(page->find("Bits per weight") != std::string::npos);
    QVERIFY(page->find("Weights before and after") != std::string::npos);
    QVERIFY(page->find("<h3>Layers</h3>") == std::string::npos);
    QVERIFY(page->find("<h3>Recipe</h3>") == std::string::npos);
    tick("layers", true);
    tick("recipe", true);
    QTRY_VERIFY(text().contains(QStringLiteral("method: rtn")));
    m_opened.clear();
    m_page->actions().front()->trigger();
    QTRY_VERIFY(!m_opened.isEmpty());
    QVERIFY(readFile(toPath(m_opened.toLocalFile()))->find("<h3>Layers</h3>") != std::string::npos);
}

QTEST_MAIN(TestReportPage)
#include "tst_reportpage.moc"
