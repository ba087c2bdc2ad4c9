// SPDX-License-Identifier: Apache-2.0
// Tests the guide in the window: F1 by context, contents, search, links, back and forward, pictures, language, theme.
#include "tests/support/tempfolder.h"
#include "ui/bridge/language.h"
#include "ui/bridge/latesttask.h"
#include "ui/mainwindow.h"
#include "ui/models/comparisonmodel.h"
#include "ui/models/helptopicrole.h"
#include "ui/pages/page.h"
#include "ui/theme/theme.h"
#include "ui/widgets/guideview.h"
#include "ui/widgets/guidewindow.h"
#include "ui/widgets/helpwindow.h"
#include "ui/widgets/settingsdialog.h"
#include "ui/wizard/wizardpage.h"

#include <QApplication>
#include <QLabel>
#include <QLineEdit>
#include <QListWidget>
#include <QScrollBar>
#include <QSettings>
#include <QTableView>
#include <QTest>
#include <QTextBlock>
#include <QTextTable>
#include <QToolButton>
#include <QToolTip>
#include <QTreeWidget>

using namespace bitlathe;
using namespace bitlathe::ui;
using namespace Qt::StringLiterals;

namespace
{

constexpr int kWaitMs = 60'000;

/// The first line of the page that is shown.
QString title(const GuideWindow& guide)
{
    return guide.view()->document()->begin().text();
}

/// The heading at the cursor, where links with an anchor put it.
QString heading(const GuideWindow& guide)
{
    return guide.view()->textCursor().block().text();
}

} // namespace

class TestGuideWindow : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void init();
    void cleanup();
    void everyPageAndStepHasItsTopic();
    void f1OpensWhatIsInFront();
    void f1InADialogOpensItsPage();
    void explainedFiguresLeadToTheGlossary();
    void f1OnATooltipTellsMore();
    void contentsOpenPagesByKeyAndMouse();
    void searchFindsInAllPages();
    void linksBackAndForward();
    void keysAreInAListOfTheirOwn();
    void picturesComeAndFollowTheTheme();
    void tablesAndCodeAreDressed();
    void languageSwitchesLive();
    void everythingHasAName();
    void sizeIsKept();

private:
    GuideWindow* open(const QString& topic = u"index"_s);

    std::unique_ptr<Theme> m_theme;
    std::unique_ptr<tests::TempFolder> m_folder;
    std::unique_ptr<Session> m_session;
    std::unique_ptr<MainWindow> m_window;
};

void TestGuideWindow::init()
{
    m_folder = std::make_unique<tests::TempFolder>();
    qputenv("XDG_DATA_HOME", m_folder->path().c_str());
    QSettings::setDefaultFormat(QSettings::IniFormat);
    QSettings::setPath(QSettings::IniFormat, QSettings::UserScope, fromPath(m_folder->path()));
    m_theme = std::make_unique<Theme>();
    m_theme->setMode(Theme::Mode::Light);
    setLanguage(u"en"_s);
    m_session = std::make_unique<Session>();
    m_window = std::make_unique<MainWindow>(*m_session);
    m_window->show();
    QVERIFY(QTest::qWaitForWindowActive(m_window.get()));
}

void TestGuideWindow::cleanup()
{
    m_window.reset();
    m_session.reset();
    QTRY_VERIFY_WITH_TIMEOUT(!LatestTask::anyRunning(), kWaitMs);
    setLanguage(u"en"_s);
    m_theme.reset();
}

GuideWindow* TestGuideWindow::open(const QString& topic)
{
    GuideWindow* guide = m_window->showGuide(topic);
    [guide] { QTRY_VERIFY_WITH_TIMEOUT(!guide->isBusy(), kWaitMs); }();
    return guide;
}

void TestGuideWindow::everyPageAndStepHasItsTopic()
{
    const auto guide = readGuide(u"en"_s);
    QVERIFY(guide.has_value());
    const auto has = [&](const QString& topic) {
        const GuidePage* page = (*guide)->page(topic.section(u'#', 0, 0));
        const QString anchor = topic.section(u'#', 1);
        return page != nullptr &&
               (anchor.isEmpty() || std::ranges::count(page->passages, anchor, &GuidePassage::anchor) == 1);
    };
    for (const Page* page : m_window->pages()) {
        QVERIFY2(has(page->id()), qPrintable(page->id()));
    }
    m_window->showPage(u"wizard"_s);
    auto* wizard = dynamic_cast<WizardPage*>(m_window->currentPage());
    QVERIFY(wizard != nullptr);
    QStringList topics;
    for (int step = 0; step < wizard->stepCount(); ++step) {
        wizard->setCurrentStep(step);
        QVERIFY2(wizard->helpTopic().contains(u'#') && has(wizard->helpTopic()), qPrintable(wizard->helpTopic()));
        topics << wizard->helpTopic();
    }
    QCOMPARE(topics.removeDuplicates(), 0);
    for (const char* topic : {"settings", "jobs", "jobs#the-log", "quick-start", "glossary"}) {
        QVERIFY2(has(QLatin1String(topic)), topic);
    }
}

void TestGuideWindow::f1OpensWhatIsInFront()
{
    m_window->showPage(u"tune"_s);
    QTest::keyClick(m_window.get(), Qt::Key_F1);
    auto* guide = m_window->findChild<GuideWindow*>();
    QVERIFY(guide != nullptr && guide->isVisible());
    QTRY_COMPARE_WITH_TIMEOUT(title(*guide), u"Tune"_s, kWaitMs);

    m_window->activateWindow();
    m_window->showPage(u"wizard"_s);
    dynamic_cast<WizardPage*>(m_window->currentPage())->setCurrentStep(3);
    QTest::keyClick(m_window.get(), Qt::Key_F1);
    QTRY_COMPARE(title(*guide), u"New run"_s);
    QCOMPARE(heading(*guide), u"Scheme"_s);
    QCOMPARE(m_window->findChildren<GuideWindow*>().size(), 1);
}

void TestGuideWindow::f1InADialogOpensItsPage()
{
    m_window->findChild<QAction*>(u"settings"_s)->trigger();
    auto* settings = m_window->findChild<SettingsDialog*>();
    QVERIFY(settings != nullptr);
    settings->activateWindow();
    QVERIFY(QTest::qWaitForWindowActive(settings));
    QTRY_VERIFY(QApplication::focusWidget() != nullptr && QApplication::focusWidget()->window() == settings);
    QTest::keyClick(QApplication::focusWidget(), Qt::Key_F1);
    QTRY_VERIFY(m_window->findChild<GuideWindow*>() != nullptr);
    QTRY_COMPARE_WITH_TIMEOUT(title(*m_window->findChild<GuideWindow*>()), u"Settings"_s, kWaitMs);
}

void TestGuideWindow::explainedFiguresLeadToTheGlossary()
{
    const auto guide = readGuide(u"en"_s);
    QVERIFY(guide.has_value());
    auto comparison = std::make_shared<evaluate::Comparison>();
    comparison->models.resize(1);
    ComparisonModel model;
    model.setComparison(comparison);
    for (int row = 0; row < model.rowCount(); ++row) {
        const QString topic = model.headerData(row, Qt::Vertical, kHelpTopicRole).toString();
        QCOMPARE(model.index(row, 0).data(kHelpTopicRole).toString(), topic);
        QVERIFY2(topic.startsWith("glossary#"_L1), qPrintable(topic));
        const auto& passages = (*guide)->page(u"glossary"_s)->passages;
        QVERIFY2(std::ranges::count(passages, topic.section(u'#', 1), &GuidePassage::anchor) == 1, qPrintable(topic));
    }
    // In the window: F1 on the current cell of a table.
    QTableView table(m_window.get());
    table.setModel(&model);
    table.show();
    table.setCurrentIndex(model.index(ComparisonModel::Perplexity, 0));
    table.setFocus();
    QTRY_VERIFY(table.hasFocus());
    QTest::keyClick(&table, Qt::Key_F1);
    QTRY_VERIFY(m_window->findChild<GuideWindow*>() != nullptr);
    QTRY_COMPARE_WITH_TIMEOUT(heading(*m_window->findChild<GuideWindow*>()), u"Perplexity"_s, kWaitMs);
}

void TestGuideWindow::f1OnATooltipTellsMore()
{
    m_window->showPage(u"budget"_s);
    QLabel* caption = nullptr;
    for (QLabel* label : m_window->currentPage()->findChildren<QLabel*>()) {
        caption = label->text() == "KL divergence"_L1 ? label : caption;
    }
    QVERIFY(caption != nullptr);
    QVERIFY2(caption->toolTip().endsWith(u"F1: more in the guide"_s), qPrintable(caption->toolTip()));
    QTRY_VERIFY(caption->isVisible());
    const QPoint place = caption->mapToGlobal(caption->rect().center());
    QCursor::setPos(place);
    QToolTip::showText(place, caption->toolTip(), caption);
    QTRY_VERIFY(QToolTip::isVisible());
    QTest::keyClick(m_window.get(), Qt::Key_F1);
    QToolTip::hideText();
    QTRY_VERIFY(m_window->findChild<GuideWindow*>() != nullptr);
    QTRY_COMPARE_WITH_TIMEOUT(heading(*m_window->findChild<GuideWindow*>()), u"KL divergence"_s, kWaitMs);
}

void TestGuideWindow::contentsOpenPagesByKeyAndMouse()
{
    GuideWindow* guide = open(u"quick-start"_s);
    QTreeWidget* contents = guide->contents();
    QCOMPARE(contents->currentItem()->data(0, Qt::UserRole).toString(), u"quick-start"_s);
    contents->setFocus();
    QTest::keyClick(contents, Qt::Key_Down); // over the section's name
    QCOMPARE(title(*guide), u"Start"_s);
    const QList<QTreeWidgetItem*> found = contents->findItems(u"GPTQ"_s, Qt::MatchExactly | Qt::MatchRecursive);
    QCOMPARE(found.size(), 1);
    contents->scrollToItem(found.first());
    QTest::mouseClick(contents->viewport(), Qt::LeftButton, {}, contents->visualItemRect(found.first()).center());
    QCOMPARE(title(*guide), u"GPTQ"_s);
    QVERIFY(guide->windowTitle().contains(u"GPTQ"_s));
}

void TestGuideWindow::searchFindsInAllPages()
{
    GuideWindow* guide = open(u"tune"_s);
    guide->contents()->setFocus();
    QTest::keyClick(guide, Qt::Key_F, Qt::ControlModifier);
    QTRY_VERIFY(guide->searchField()->hasFocus());
    QTest::keyClicks(guide->searchField(), u"damping hessian"_s);
    QVERIFY(guide->finds()->isVisible());
    QVERIFY(guide->finds()->count() >= 1);
    QTest::keyClick(guide->searchField(), Qt::Key_Return);
    QVERIFY(guide->finds()->hasFocus());
    QCOMPARE(title(*guide), u"Troubleshooting"_s);
    QVERIFY(!guide->view()->extraSelections().isEmpty());
    guide->searchField()->setText(u"perplexity"_s);
    QVERIFY(guide->finds()->count() > 5);
    QCOMPARE(guide->finds()->item(0)->data(Qt::UserRole).toString().section(u'#', 1),
             u"perplexity"_s); // a heading first
    guide->searchField()->setText(u"nothing of this kind"_s);
    QCOMPARE(guide->finds()->count(), 0);
    QTest::keyClick(guide->searchField(), Qt::Key_Escape);
    QVERIFY(guide->searchField()->text().isEmpty());
    QVERIFY(guide->view()->extraSelections().isEmpty());
    QVERIFY(guide->contents()->isVisible());
    QTest::keyClick(guide->searchField(), Qt::Key_Escape);
    QVERIFY(!guide->isVisible());
}

void TestGuideWindow::linksBackAndForward()
{
    GuideWindow* guide = open(u"tune"_s);
    // The first link of the page: where the text is, not where the test guesses.
    QPoint place;
    for (QTextBlock block = guide->view()->document()->begin(); block.isValid() && place.isNull();
         block = block.next()) {
        for (auto i = block.begin(); !i.atEnd() && place.isNull(); ++i) {
            if (i.fragment().charFormat().isAnchor()) {
                QTextCursor cursor(guide->view()->document());
                cursor.setPosition(i.fragment().position() + 1);
                place = guide->view()->cursorRect(cursor).center();
            }
        }
    }
    QTest::mouseClick(guide->view()->viewport(), Qt::LeftButton, {}, place);
    QCOMPARE(title(*guide), u"Recipes"_s);
    auto* back = guide->findChild<QAction*>(u"guideBack"_s);
    auto* forward = guide->findChild<QAction*>(u"guideForward"_s);
    QVERIFY(back->isEnabled() && !forward->isEnabled());
    QTest::keyClick(guide, Qt::Key_Left, Qt::AltModifier);
    QCOMPARE(title(*guide), u"Tune"_s);
    QVERIFY(forward->isEnabled());
    QTest::keyClick(guide, Qt::Key_Right, Qt::AltModifier);
    QCOMPARE(title(*guide), u"Recipes"_s);
    guide->showTopic(u"glossary#zero-point"_s);
    QCOMPARE(heading(*guide), u"Zero point"_s);
    QVERIFY(!forward->isEnabled());
    guide->showTopic(u"no-such-page"_s);
    QCOMPARE(title(*guide), u"Guide"_s);
}

void TestGuideWindow::keysAreInAListOfTheirOwn()
{
    GuideWindow* guide = open();
    auto* keys = guide->findChild<QAction*>(u"guideKeys"_s);
    keys->trigger();
    QVERIFY(m_window->findChild<HelpWindow*>() != nullptr);
    QVERIFY(m_window->findChild<HelpWindow*>()->isVisible());
}

void TestGuideWindow::picturesComeAndFollowTheTheme()
{
    GuideWindow* guide = open(u"tune"_s);
    QTRY_VERIFY_WITH_TIMEOUT(guide->view()->missingPictures().isEmpty(), kWaitMs);
    const auto brightness = [guide] {
        const QVariant picture = guide->view()->document()->resource(QTextDocument::ImageResource,
                                                                     QUrl(u"../../screenshots/tune-light-en.png"_s));
        return qGray(picture.value<QImage>().pixel(100, 12));
    };
    QTRY_VERIFY(brightness() > 200);
    const auto picture = guide->view()->document()->resource(QTextDocument::ImageResource,
                                                             QUrl(u"../../screenshots/tune-light-en.png"_s));
    QVERIFY(picture.value<QImage>().width() <= guide->view()->viewport()->width());
    QVERIFY(picture.value<QImage>().width() > 400);
    m_theme->setMode(Theme::Mode::Dark);
    QTRY_VERIFY_WITH_TIMEOUT(guide->view()->missingPictures().isEmpty() && brightness() < 80, kWaitMs);
    QCOMPARE(title(*guide), u"Tune"_s);
    // Pages that share a picture, one of them in a list; nothing reaches beyond the right edge.
    for (const char* topic : {"quick-start", "start", "quick-start", "wizard"}) {
        guide->showTopic(QLatin1String(topic));
        QTRY_VERIFY2_WITH_TIMEOUT(guide->view()->missingPictures().isEmpty(), topic, kWaitMs);
        QTest::qWait(0);
        QVERIFY2(guide->view()->document()->size().width() <= guide->view()->viewport()->width(), topic);
    }
}

void TestGuideWindow::tablesAndCodeAreDressed()
{
    GuideWindow* guide = open(u"gptq"_s);
    const auto tables = guide->view()->document()->rootFrame()->childFrames();
    QCOMPARE(tables.size(), 2);
    const auto* table = qobject_cast<QTextTable*>(tables.first());
    QVERIFY(table != nullptr);
    QCOMPARE(table->columns(), 3);
    QVERIFY(table->format().cellPadding() > 0);
    const auto titleSize = [guide] {
        return guide->view()->document()->begin().begin().fragment().charFormat().fontPointSize();
    };
    const double usual = titleSize();
    m_theme->setFontScale(1.5);
    QVERIFY(titleSize() > 1.4 * usual);
    m_theme->setFontScale(1.0);
    int code = 0;
    for (QTextBlock block = guide->view()->document()->begin(); block.isValid(); block = block.next()) {
        code += block.text().contains(u"bitlathe-cli quantize"_s) &&
                block.blockFormat().background().style() != Qt::NoBrush;
    }
    QCOMPARE(code, 1);
}

void TestGuideWindow::languageSwitchesLive()
{
    GuideWindow* guide = open(u"glossary#perplexity"_s);
    QCOMPARE(heading(*guide), u"Perplexity"_s);
    setLanguage(u"zh_CN"_s);
    QTRY_COMPARE_WITH_TIMEOUT(heading(*guide), u"困惑度"_s, kWaitMs);
    QCOMPARE(guide->contents()->findItems(u"快速上手"_s, Qt::MatchExactly | Qt::MatchRecursive).size(), 1);
    guide->searchField()->setText(u"离群值"_s);
    QVERIFY(guide->finds()->count() >= 3);
    guide->searchField()->clear();
    guide->showTopic(u"tune"_s);
    QTRY_VERIFY_WITH_TIMEOUT(guide->view()->missingPictures().isEmpty(), kWaitMs);
    QCOMPARE(m_window->findChildren<GuideWindow*>().size(), 1);
}

void TestGuideWindow::everythingHasAName()
{
    GuideWindow* guide = open();
    for (const QWidget* widget : guide->findChildren<QWidget*>()) {
        const bool isNamed = !widget->accessibleName().isEmpty();
        if (widget->focusPolicy() != Qt::NoFocus && widget->isVisible() &&
            widget->parentWidget() != guide->searchField()) {
            QVERIFY2(isNamed || qobject_cast<const QScrollBar*>(widget) != nullptr ||
                         widget->objectName().startsWith("qt_"_L1),
                     widget->metaObject()->className());
        }
    }
    // Tab reaches the field, the contents and the page.
    guide->searchField()->setFocus();
    QSet<QWidget*> reached;
    for (int i = 0; i < 12; ++i) {
        reached.insert(QApplication::focusWidget());
        QTest::keyClick(QApplication::focusWidget(), Qt::Key_Tab);
    }
    QVERIFY(reached.contains(guide->contents()));
    QVERIFY(reached.contains(guide->view()));
}

void TestGuideWindow::sizeIsKept()
{
    open()->resize(820, 540);
    m_window.reset();
    m_window = std::make_unique<MainWindow>(*m_session);
    m_window->show();
    QCOMPARE(open()->size(), QSize(820, 540));
}

QTEST_MAIN(TestGuideWindow)
#include "tst_guidewindow.moc"
