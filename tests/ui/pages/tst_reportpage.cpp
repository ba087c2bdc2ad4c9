// SPDX-License-Identifier: Apache-2.0
// The report page driven as a person would: sections left out, the browser, what is remembered, and that a report of
// many layers never keeps the window from answering.
#include "core/base/file.h"
#include "tests/support/pagetest.h"
#include "tests/support/watchedapplication.h"
#include "ui/pages/reportdocument.h"
#include "ui/pages/reportpage.h"
#include "ui/theme/theme.h"
#include "ui/widgets/steppedbrowser.h"
#include "ui/widgets/tickchoice.h"

#include <QAbstractTextDocumentLayout>
#include <QAction>
#include <QClipboard>
#include <QDesktopServices>
#include <QMenu>
#include <QMimeData>
#include <QRegularExpression>
#include <QScrollBar>
#include <QSettings>
#include <QTest>
#include <QTextBlock>
#include <QTextTable>
#include <QTimer>

using namespace bitlathe;
using namespace bitlathe::tests;
using namespace bitlathe::ui;

namespace
{

constexpr int kLayers = 500;
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
constexpr double kLongestSeconds = 10 * kStallSeconds;
#else
constexpr double kLongestSeconds = kStallSeconds;
#endif

WatchedApplication* app()
{
    return static_cast<WatchedApplication*>(QCoreApplication::instance());
}

QString layerName(int index)
{
    static const char* const kLinears[] = {"self_attn.q_proj", "self_attn.k_proj", "self_attn.v_proj",
                                           "self_attn.o_proj", "mlp.gate_proj",    "mlp.up_proj",
                                           "mlp.down_proj"};
    return QStringLiteral("model.layers.%1.%2").arg(index / 7).arg(QLatin1String(kLinears[index % 7]));
}

/// A run of many layers, each of which has an override of its own.
RunResultPtr longRun()
{
    auto run = std::make_shared<run::RunResult>();
    run->recipe.model = "/nowhere/model";
    run->out = "/nowhere/out";
    run->format = "compressed-tensors";
    for (int i = 0; i < kLayers; ++i) {
        run::LayerRecord layer;
        layer.layer = LayerId(i);
        layer.name = layerName(i).toStdString();
        layer.block = i / 7;
        layer.scheme = quant::Scheme{};
        layer.quality.relativeError = 0.001 * (i + 1);
        layer.quality.loss = 0.1 * (i + 1);
        run->layers.push_back(layer);
        run->recipe.overrides.push_back({layer.name, quant::Scheme{}});
    }
    return run;
}

QList<QTextTable*> tablesOf(const QTextDocument& document)
{
    QList<QTextTable*> tables;
    for (QTextFrame* frame : document.rootFrame()->childFrames()) {
        if (auto* table = qobject_cast<QTextTable*>(frame)) {
            tables << table;
        }
    }
    return tables;
}

} // namespace

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
    void aLongReportNeverStalls();
    void aLongTableIsOneToReaders();
    void anotherWidthKeepsThePlace();
    void piecesMakeTheWhole();
    void cleanupTestCase() { QDesktopServices::unsetUrlHandler(QStringLiteral("file")); }

private:
    SteppedBrowser* preview() const { return m_page->findChild<SteppedBrowser*>(); }
    void showLongRun();
    void columnsAreAligned();
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
    QTRY_VERIFY_WITH_TIMEOUT(text().contains(QStringLiteral("self_attn.q_proj")) && !m_page->isBusy(), 60'000);
}

void TestReportPage::sectionsAreLeftOut()
{
    QVERIFY(text().contains(QStringLiteral("method: rtn")));
    tick("layers", false);
    QTRY_VERIFY(!m_page->isBusy());
    QVERIFY(!text().contains(QStringLiteral("Saturated")));
    QVERIFY(text().contains(QStringLiteral("method: rtn")));
    tick("recipe", false);
    QTRY_VERIFY(!m_page->isBusy());
    QVERIFY(!text().contains(QStringLiteral("method: rtn")));
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

void TestReportPage::showLongRun()
{
    m_page->resize(1280, 832);
    app()->act(QStringLiteral("show a long run"), [this] { m_session->showRun(longRun()); });
    QTRY_VERIFY_WITH_TIMEOUT(!m_page->isBusy() && text().contains(layerName(kLayers - 1)), 60'000);
}

void TestReportPage::aLongReportNeverStalls()
{
    QTest::qWait(100);
    app()->forget();
    showLongRun();
    QScrollBar* bar = preview()->verticalScrollBar();
    for (const int width : {1000, 1400, 900}) {
        app()->act(QStringLiteral("scroll"), [bar] { bar->setValue(bar->maximum() / 2); });
        app()->act(QStringLiteral("make it %1 wide").arg(width), [this, width] { m_page->resize(width, 832); });
        app()->act(QStringLiteral("hide"), [this] { m_page->hide(); });
        app()->act(QStringLiteral("show"), [this] { m_page->show(); });
        QTRY_VERIFY_WITH_TIMEOUT(!m_page->isBusy(), 60'000);
    }
    app()->act(QStringLiteral("copy"), [this] {
        preview()->selectAll();
        preview()->copy();
    });
    for (const int zoom : {2, -2}) {
        app()->act(QStringLiteral("zoom"), [this, zoom] { preview()->zoomIn(zoom); });
        QTRY_VERIFY_WITH_TIMEOUT(!m_page->isBusy(), 60'000);
    }
    app()->act(QStringLiteral("draw"), [this] { tick("drawings", true); });
    QTRY_VERIFY_WITH_TIMEOUT(!m_page->isBusy(), 60'000);
    qInfo("longest: %.1f ms", 1e3 * app()->longest());
    QVERIFY2(app()->longest() < kLongestSeconds, qPrintable(WatchedApplication::wordsOf(app()->stalls())));
}

/// The tables that show the layers follow each other as one would.
void TestReportPage::columnsAreAligned()
{
    const QAbstractTextDocumentLayout& layout = *preview()->document()->documentLayout();
    QList<qreal> edges;
    int rows = 0;
    qreal bottom = 0;
    for (QTextTable* table : tablesOf(*preview()->document())) {
        if (table->columns() != 5) { // Not one of layers.
            continue;
        }
        QList<qreal> columns;
        for (int column = 0; column < table->columns(); ++column) {
            const QTextTableCell cell = table->cellAt(0, column);
            columns << layout.blockBoundingRect(cell.firstCursorPosition().block()).right();
        }
        QVERIFY(edges.isEmpty() || columns == edges);
        edges = columns;
        const QRectF place = layout.frameBoundingRect(table);
        QVERIFY(bottom == 0 || std::abs(place.top() - bottom) < 1); // No gap.
        bottom = place.bottom();
        rows += table->rows();
    }
    QCOMPARE(rows, kLayers + 1);
}

void TestReportPage::aLongTableIsOneToReaders()
{
    showLongRun();
    for (const int zoom : {0, 3, -3}) {
        preview()->zoomIn(zoom);
        QTRY_VERIFY_WITH_TIMEOUT(!m_page->isBusy(), 60'000);
        columnsAreAligned();
        QVERIFY(!QTest::currentTestFailed());
    }
    preview()->selectAll();
    preview()->copy();
    const QMimeData* copied = QGuiApplication::clipboard()->mimeData();
    const QStringList lines = copied->text().split(u'\n');
    const qsizetype first = lines.indexOf(QRegularExpression(QStringLiteral("^Layer\tBits\t.*")));
    QVERIFY(first > 0);
    for (int i = 0; i < kLayers; ++i) {
        QVERIFY2(lines[first + 1 + i].startsWith(layerName(i) + u'\t'), qPrintable(lines[first + 1 + i]));
    }
    QCOMPARE(lines[first - 1], QStringLiteral("Layers"));
    QCOMPARE(lines[first + 1 + kLayers], QStringLiteral("Recipe"));
    QCOMPARE(copied->html().count(QStringLiteral("<table")), 2); // Facts and layers.
}

void TestReportPage::anotherWidthKeepsThePlace()
{
    showLongRun();
    const QString name = layerName(300);
    QVERIFY(!preview()->textCursor().hasSelection());
    QVERIFY(preview()->find(name));
    QCOMPARE(preview()->textCursor().selectedText(), name);
    preview()->verticalScrollBar()->setValue(preview()->verticalScrollBar()->value() + 100);
    const QString top = preview()->cursorForPosition({0, 0}).block().text();
    const int above = preview()->cursorRect().top();
    for (const int width : {1000, 900, 1100}) {
        m_page->resize(width, 832);
        QTest::qWait(1);
    }
    QTRY_VERIFY_WITH_TIMEOUT(!m_page->isBusy(), 60'000);
    QCOMPARE(preview()->textCursor().selectedText(), name);
    QCOMPARE(preview()->cursorForPosition({0, 0}).block().text(), top);
    QCOMPARE(preview()->cursorRect().top(), above);
    QVERIFY(preview()->viewport()->updatesEnabled());
}

/// Piece by piece it looks as it would at once.
void TestReportPage::piecesMakeTheWhole()
{
    showLongRun();
    const auto report = report::makeReport(*m_session->lastRun());
    BITLATHE_VERIFY_OK(report);
    const SteppedText text = makeReportText(*report, Theme::instance().font());
    QTextDocument whole;
    whole.setDefaultFont(text.font);
    whole.setDefaultStyleSheet(text.styleSheet);
    QString html;
    const QTextDocument& shown = *preview()->document();
    for (const TextPiece& piece : text.pieces) {
        html += piece.toHtml(0.98 * (preview()->viewport()->width() - 2 * shown.documentMargin()));
    }
    whole.setHtml(html);
    whole.setTextWidth(preview()->viewport()->width());
    const auto paragraphs = [](const QTextDocument& document) {
        QStringList lines;
        for (QTextBlock block = document.begin(); block.isValid(); block = block.next()) {
            const QTextBlockFormat format = block.blockFormat();
            if (block.length() > 1 && !block.text().contains(QStringLiteral("CPU level"))) { // And the time.
                lines << QStringLiteral("%1 %2 %3 %4")
                             .arg(format.headingLevel())
                             .arg(format.topMargin())
                             .arg(format.bottomMargin())
                             .arg(block.text());
            }
        }
        return lines;
    };
    QCOMPARE(paragraphs(shown), paragraphs(whole));
    const auto tops = [](const QTextDocument& document) {
        std::vector<double> all;
        for (QTextBlock block = document.begin(); block.isValid(); block = block.next()) {
            if (block.length() > 1) {
                all.push_back(document.documentLayout()->blockBoundingRect(block).top());
            }
        }
        return all;
    };
    QCOMPARE(tops(shown), tops(whole));
    QVERIFY2(std::abs(shown.size().height() - whole.size().height()) < 8, // After the last.
             qPrintable(QStringLiteral("%1 and %2").arg(shown.size().height()).arg(whole.size().height())));
}

int main(int argc, char** argv)
{
    WatchedApplication application(argc, argv);
    TestReportPage test;
    return QTest::qExec(&test, argc, argv);
}
#include "tst_reportpage.moc"
