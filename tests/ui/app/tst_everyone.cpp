// SPDX-License-Identifier: Apache-2.0
// What holds of every page, for everyone: names for screen readers, focus that is seen, table twins of plots, words
// that are not cut off in any language and size, models that keep their promises.
#include "tests/support/pagetest.h"
#include "ui/bridge/language.h"
#include "ui/bridge/latesttask.h"
#include "ui/mainwindow.h"
#include "ui/pages/page.h"
#include "ui/plots/plotpanel.h"
#include "ui/plots/plotwidget.h"
#include "ui/theme/theme.h"
#include "ui/widgets/settingsdialog.h"
#include "ui/wizard/steplist.h"

#include <QAbstractButton>
#include <QAbstractItemModelTester>
#include <QAbstractItemView>
#include <QAbstractScrollArea>
#include <QAbstractSpinBox>
#include <QAccessible>
#include <QApplication>
#include <QComboBox>
#include <QDir>
#include <QDockWidget>
#include <QLineEdit>
#include <QPointer>
#include <QRegularExpression>
#include <QSet>
#include <QSettings>
#include <QStyle>
#include <QTabBar>
#include <QTableView>
#include <QTabWidget>
#include <QTest>
#include <QToolButton>

#include <functional>

using namespace bitlathe;
using namespace bitlathe::tests;
using namespace bitlathe::ui;

namespace
{

/// What a widget is called in a failure: its class, name, and the page.
QString nameOf(const QWidget* widget)
{
    const auto* label = qobject_cast<const QLabel*>(widget);
    const auto* button = qobject_cast<const QAbstractButton*>(widget);
    const QString text = label != nullptr ? label->text() : button != nullptr ? button->text() : QString();
    QStringList parents;
    for (const QWidget* parent = widget->parentWidget(); parent != nullptr && parents.size() < 3;
         parent = parent->parentWidget()) {
        parents << QLatin1String(parent->metaObject()->className());
    }
    return QStringLiteral("%1 '%2' %3x%4 in %5")
        .arg(QLatin1String(widget->metaObject()->className()), text.left(60))
        .arg(widget->width())
        .arg(widget->height())
        .arg(parents.join(QStringLiteral(" < ")));
}

/// Part of another widget, which speaks for it.
bool isInner(const QWidget* widget)
{
    const QWidget* parent = widget->parentWidget();
    const bool ofField =
        qobject_cast<const QAbstractSpinBox*>(parent) != nullptr || qobject_cast<const QComboBox*>(parent) != nullptr ||
        qobject_cast<const QLineEdit*>(parent) != nullptr || qobject_cast<const QTabBar*>(parent) != nullptr;
    const bool passesOn =
        widget->focusProxy() != nullptr || qobject_cast<const QTabBar*>(widget) != nullptr; // Its tabs speak.
    return ofField || passesOn || widget->objectName().startsWith(QStringLiteral("qt_")) ||
           widget->inherits("QComboBoxListView") || widget->inherits("QHeaderView") || widget->inherits("QCustomPlot");
}

QList<QWidget*> focusable(const QWidget& root)
{
    QList<QWidget*> found;
    for (QWidget* widget : root.findChildren<QWidget*>()) {
        if ((widget->focusPolicy() & Qt::TabFocus) != 0 && widget->isVisible() && widget->isEnabled() &&
            !isInner(widget)) {
            found << widget;
        }
    }
    return found;
}

bool isInScrolledPart(const QWidget* widget)
{
    for (const QWidget* parent = widget->parentWidget(); parent != nullptr; parent = parent->parentWidget()) {
        if (qobject_cast<const QAbstractItemView*>(parent) != nullptr) {
            return true; // Drawn by the view, which can be made wider and elides.
        }
    }
    return false;
}

/// Words that do not fit into the place that they have.
QStringList cutOff(const QWidget& root)
{
    QStringList cut;
    for (const QWidget* widget : root.findChildren<QWidget*>()) {
        if (!widget->isVisible() || isInner(widget) || isInScrolledPart(widget)) {
            continue;
        }
        if (const auto* label = qobject_cast<const QLabel*>(widget); label != nullptr && !label->text().isEmpty()) {
            const QSize wanted =
                label->wordWrap() ? QSize(0, label->heightForWidth(label->width())) : label->sizeHint();
            if (wanted.width() > label->width() || wanted.height() > label->height()) {
                cut << nameOf(label);
            }
        } else if (qobject_cast<const QAbstractButton*>(widget) != nullptr ||
                   qobject_cast<const QAbstractSpinBox*>(widget) != nullptr) {
            if (widget->minimumSizeHint().width() > widget->width() ||
                widget->minimumSizeHint().height() > widget->height()) {
                cut << nameOf(widget);
            }
        }
    }
    return cut;
}

} // namespace

class TestEveryone : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void initTestCase();
    void cleanupTestCase();
    void everyFieldHasAName_data() { pages(); }
    void everyFieldHasAName();
    void focusIsSeen_data() { pages(); }
    void focusIsSeen();
    void everyPlotHasATable_data() { pages(); }
    void everyPlotHasATable();
    void wordsAreNotCutOff_data();
    void wordsAreNotCutOff();
    void settingsAreForEveryone();
    void everyModelIsTested();

private:
    void pages();
    void show(const QString& page)
    {
        m_window->showPage(page);
        settle();
    }
    /// Calls look for the page as it is, for every tab of it, and for every step of the wizard.
    void forEveryView(const std::function<void()>& look)
    {
        look();
        for (QTabWidget* tabs : m_window->currentPage()->findChildren<QTabWidget*>()) {
            for (int i = 0; i < tabs->count(); ++i) {
                if (tabs->isTabVisible(i)) {
                    tabs->setCurrentIndex(i);
                    settle();
                    look();
                }
            }
        }
        if (const auto* steps = m_window->currentPage()->findChild<StepList*>()) {
            for (QAbstractButton* step : steps->findChildren<QAbstractButton*>()) {
                step->click();
                settle();
                look();
            }
        }
    }
    QStringList pageIds() const
    {
        QStringList ids;
        for (const Page* page : m_window->pages()) {
            ids << page->id();
        }
        return ids;
    }
    /// The window makes its pages anew.
    void switchTo(const QString& code)
    {
        if (language() != code) {
            const QPointer<Page> before = m_window->currentPage();
            setLanguage(code);
            QTRY_VERIFY(before.isNull());
        }
        settle();
    }
    static void settle()
    {
        QCoreApplication::processEvents();
        QTRY_VERIFY_WITH_TIMEOUT(!LatestTask::anyRunning(), kJobMs);
        QTest::qWait(20);
    }

    TempFolder m_folder;
    std::unique_ptr<Theme> m_theme;
    std::unique_ptr<Session> m_session;
    std::unique_ptr<MainWindow> m_window;
    std::vector<std::unique_ptr<QAbstractItemModelTester>> m_testers;
    QSet<QString> m_tested;
};

/// A window with everything in it: a model, statistics, a run, a comparison.
void TestEveryone::initTestCase()
{
    QSettings::setDefaultFormat(QSettings::IniFormat);
    QSettings::setPath(QSettings::IniFormat, QSettings::UserScope, fromPath(m_folder.path()));
    QCoreApplication::setOrganizationName(QStringLiteral("bitlathe-test"));
    QCoreApplication::setApplicationName(QStringLiteral("bitlathe-everyone"));
    setLanguage(QStringLiteral("en"));
    m_theme = std::make_unique<Theme>();
    m_session = sessionWithDemo(m_folder);
    QVERIFY(m_session != nullptr);
    m_window = std::make_unique<MainWindow>(*m_session);
    m_window->resize(1280, 832);
    m_window->show();
    QVERIFY(QTest::qWaitForWindowActive(m_window.get()));
    for (QAbstractItemModel* model : m_window->findChildren<QAbstractItemModel*>()) {
        const QString name = QString::fromLatin1(model->metaObject()->className()).section(QStringLiteral("::"), -1);
        if (QByteArrayView(model->metaObject()->className()).startsWith("bitlathe::ui::")) {
            m_testers.push_back(std::make_unique<QAbstractItemModelTester>(
                model, QAbstractItemModelTester::FailureReportingMode::QtTest));
            m_tested << name;
        }
    }
    plan::Recipe recipe = m_session->recipe();
    recipe.calibration.samples = {4, 128, 0};
    recipe.exportTo.out = m_folder / "int4";
    recipe.evaluation.data.clear();
    m_session->editRecipe(recipe, {});
    QSignalSpy done(m_session.get(), &Session::runChanged);
    m_session->startRun(recipe);
    QVERIFY(done.wait(kJobMs));
    evaluate::CompareOptions options;
    options.data = resource("demo/text/evaluation.txt")->string();
    options.windows.length = 128;
    options.windows.maxWindows = 2;
    options.compute = m_session->compute();
    m_session->startComparison({fromPath(*resource("demo/model")), fromPath(m_folder / "int4")}, options);
    QTRY_VERIFY_WITH_TIMEOUT(!m_session->jobs().busy() && m_session->comparison() != nullptr, kJobMs);
    for (QDockWidget* dock : m_window->findChildren<QDockWidget*>()) {
        dock->hide();
    }
    settle();
}

void TestEveryone::cleanupTestCase()
{
    m_testers.clear();
    m_window.reset();
    m_session.reset();
    setLanguage(QStringLiteral("en"));
}

void TestEveryone::pages()
{
    QTest::addColumn<QString>("page");
    for (const QString& page : pageIds()) {
        QTest::addRow("%s", qPrintable(page)) << page;
    }
}

void TestEveryone::everyFieldHasAName()
{
    QFETCH(QString, page);
    show(page);
    QStringList nameless;
    forEveryView([&] {
        for (QWidget* widget : focusable(*m_window)) {
            const QAccessibleInterface* seen = QAccessible::queryAccessibleInterface(widget);
            if (seen == nullptr || seen->text(QAccessible::Name).isEmpty()) {
                nameless << nameOf(widget);
            }
        }
    });
    nameless.removeDuplicates();
    QVERIFY2(nameless.isEmpty(), qPrintable(nameless.join(u'\n')));
}

void TestEveryone::focusIsSeen()
{
    QFETCH(QString, page);
    show(page);
    QStringList unseen;
    for (QWidget* widget : focusable(*m_window->currentPage())) {
        if (auto* view = qobject_cast<QAbstractItemView*>(widget)) {
            if (view->model() == nullptr || view->model()->rowCount() == 0) {
                continue; // Nothing in it to be at.
            }
        }
        m_window->setFocus();
        m_window->setAttribute(Qt::WA_KeyboardFocusChange); // As Tab does.
        const QImage without = widget->grab().toImage();
        widget->setFocus(Qt::TabFocusReason);
        QCoreApplication::processEvents();
        if (widget->hasFocus() && widget->grab().toImage() == without) {
            unseen << nameOf(widget);
        }
    }
    QVERIFY2(unseen.isEmpty(), qPrintable(unseen.join(u'\n')));
}

void TestEveryone::everyPlotHasATable()
{
    QFETCH(QString, page);
    show(page);
    for (PlotWidget* plot : m_window->currentPage()->findChildren<PlotWidget*>()) {
        QVERIFY2(!plot->title().isEmpty(), "a plot without a title");
        auto* panel = qobject_cast<PlotPanel*>(plot->parentWidget());
        if (panel == nullptr) { // Then its numbers stand beside it.
            const auto* beside = plot->parentWidget()->findChild<QTableView*>();
            QVERIFY2(beside != nullptr && !beside->accessibleName().isEmpty(), qPrintable(plot->title()));
            continue;
        }
        const auto* button = panel->findChild<QToolButton*>();
        QVERIFY2((button->focusPolicy() & Qt::TabFocus) != 0, qPrintable(plot->title()));
        panel->setShowsTable(true);
        const auto* table = panel->findChild<QAbstractItemView*>();
        QCOMPARE(table->accessibleName(), plot->title());
        QCOMPARE(table->model()->columnCount(), plot->table().header.size());
        panel->setShowsTable(false);
    }
}

void TestEveryone::wordsAreNotCutOff_data()
{
    QTest::addColumn<QString>("language");
    QTest::addColumn<double>("scale");
    for (const QString& code : languages()) {
        for (const double scale : {1.0, 1.5, 2.0}) {
            QTest::addRow("%s %.1f", qPrintable(code), scale) << code << scale;
        }
    }
}

void TestEveryone::wordsAreNotCutOff()
{
    QFETCH(QString, language);
    QFETCH(double, scale);
    m_theme->setFontScale(scale);
    switchTo(language);
    m_window->resize(scale > 1 ? QSize(1920, 1080) : QSize(1280, 832));
    QStringList cut;
    for (const QString& page : pageIds()) {
        show(page);
        forEveryView([&] {
            // Layouts follow a change of font a few events later, more of them on a busy machine.
            QStringList found = cutOff(*m_window);
            for (int tries = 0; tries < 50 && !found.isEmpty(); ++tries) {
                QTest::qWait(20);
                found = cutOff(*m_window);
            }
            for (const QString& one : found) {
                cut << page + QStringLiteral(": ") + one;
            }
        });
    }
    cut.removeDuplicates();
    QVERIFY2(cut.isEmpty(), qPrintable(u'\n' + cut.join(u'\n')));
}

void TestEveryone::settingsAreForEveryone()
{
    m_theme->setFontScale(1.0);
    switchTo(QStringLiteral("en"));
    SettingsDialog dialog(*m_session);
    dialog.show();
    settle();
    for (QWidget* widget : focusable(dialog)) {
        const QAccessibleInterface* seen = QAccessible::queryAccessibleInterface(widget);
        QVERIFY2(seen != nullptr && !seen->text(QAccessible::Name).isEmpty(), qPrintable(nameOf(widget)));
    }
    QCOMPARE(cutOff(dialog), QStringList());
}

void TestEveryone::everyModelIsTested()
{
    // Of each file of the room; those that no page has open at its start are tested by tests of their own.
    static const QStringList kElsewhere{QStringLiteral("RowsModel")};
    const QDir room(QStringLiteral(BITLATHE_SOURCE_DIR "/ui/models"));
    QStringList missing;
    for (const QString& file : room.entryList({QStringLiteral("*model.h")})) {
        QFile header(room.filePath(file));
        QVERIFY(header.open(QIODevice::ReadOnly));
        const auto match =
            QRegularExpression(QStringLiteral("class (\\w+Model) : public")).match(QString::fromUtf8(header.readAll()));
        QVERIFY2(match.hasMatch(), qPrintable(file));
        if (!m_tested.contains(match.captured(1)) && !kElsewhere.contains(match.captured(1))) {
            missing << match.captured(1);
        }
    }
    QVERIFY2(missing.isEmpty(), qPrintable(missing.join(u' ')));
}

QTEST_MAIN(TestEveryone)
#include "tst_everyone.moc"
