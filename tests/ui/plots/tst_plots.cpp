// SPDX-License-Identifier: Apache-2.0
// Tests of the plots: their table twins, exports, empty states and what pooling keeps.
#include "ui/plots/barplot.h"
#include "ui/plots/histogramplot.h"
#include "ui/plots/lineplot.h"
#include "ui/plots/mapplot.h"
#include "ui/plots/plotpanel.h"
#include "ui/plots/scatterplot.h"
#include "ui/theme/theme.h"

#include <QAction>
#include <QApplication>
#include <QClipboard>
#include <QElapsedTimer>
#include <QGuiApplication>
#include <QImage>
#include <QLabel>
#include <QMenu>
#include <QSignalSpy>
#include <QTableWidget>
#include <QTemporaryDir>
#include <QTest>
#include <QWheelEvent>

#include <cmath>

using namespace bitlathe::ui;

namespace
{

constexpr int kReplotMs = 100; // Plots redraw in the next turns of the event loop.

HistogramPlot::Data threeBins()
{
    HistogramPlot::Data data;
    data.low = -1.5;
    data.high = 1.5;
    data.before = {1, 8, 2};
    data.after = {0, 11, 0};
    data.grid = {-1, 0, 1};
    return data;
}

MapPlot::Data map(std::int64_t rows, std::int64_t cols)
{
    MapPlot::Data data;
    data.rows = rows;
    data.cols = cols;
    data.values.assign(static_cast<std::size_t>(rows * cols), 0.5F);
    data.rowTitle = QStringLiteral("Row");
    data.colTitle = QStringLiteral("Column");
    data.valueTitle = QStringLiteral("Value");
    return data;
}

} // namespace

class TestPlots : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void initTestCase() { m_theme = new Theme(qApp); }

    void histogramTableHasEveryBin()
    {
        HistogramPlot plot;
        plot.setData(threeBins());
        const PlotTable table = plot.table();
        QCOMPARE(table.header.size(), 4);
        QCOMPARE(table.rows.size(), 3);
        QCOMPARE(table.rows[1][0].toDouble(), -0.5);
        QCOMPARE(table.rows[1][1].toDouble(), 0.5);
        QCOMPARE(table.rows[1][2].toLongLong(), 8);
        QCOMPARE(table.rows[1][3].toLongLong(), 11);
    }

    void histogramWithoutAfterHasThreeColumns()
    {
        HistogramPlot plot;
        HistogramPlot::Data data = threeBins();
        data.after.clear();
        plot.setData(data);
        QCOMPARE(plot.table().header.size(), 3);
    }

    void csvHasOneFieldForEachColumn()
    {
        ScatterPlot plot;
        plot.setPoints({{QStringLiteral("a, \"quoted\" name"), 1, 2, 0.5, 0}}, false);
        const QStringList lines = plot.csv().trimmed().split(QLatin1Char('\n'));
        QCOMPARE(lines.size(), 2);
        QVERIFY2(lines[1].startsWith(QStringLiteral("\"a, \"\"quoted\"\" name\",1,2,0.5")), qPrintable(lines[1]));
    }

    void csvIsInTheCLocale()
    {
        QLocale::setDefault(QLocale(QLocale::German));
        HistogramPlot plot;
        plot.setData(threeBins());
        QVERIFY(plot.csv().contains(QStringLiteral("-0.5,0.5,8,11")));
        QLocale::setDefault(QLocale::c());
    }

    void mapTableNamesTheLargestOfEachRow()
    {
        MapPlot plot;
        MapPlot::Data data = map(2, 50);
        data.values[7] = -9;                                           // Row 0: magnitude counts.
        data.values[50 + 3] = std::numeric_limits<float>::quiet_NaN(); // Row 1: nothing there.
        data.values[50 + 4] = 4;
        plot.setData(data);
        const PlotTable table = plot.table();
        QCOMPARE(table.rows[0][2].toLongLong(), 7);
        QCOMPARE(table.rows[0][3].toDouble(), -9.0);
        QCOMPARE(table.rows[5][2].toLongLong(), 4);
    }

    void rightClickCopiesAndSelectsWhatIsThere()
    {
        MapPlot plot;
        plot.resize(600, 400);
        MapPlot::Data data = map(1, 1);
        data.values[0] = 7.5F;
        data.rowTitle = QStringLiteral("Block");
        plot.setData(data);
        plot.show();
        QVERIFY(QTest::qWaitForWindowExposed(&plot));
        const auto canvases = plot.findChildren<QWidget*>();
        const auto canvas = std::ranges::find_if(canvases, [](QWidget* one) { return one->inherits("QCustomPlot"); });
        QVERIFY(canvas != canvases.end());
        const auto entriesAt = [&](const QPoint& place) {
            QMetaObject::invokeMethod(*canvas, "customContextMenuRequested", Q_ARG(QPoint, place));
            QMap<QString, QAction*> entries;
            for (QAction* action : plot.findChildren<QMenu*>().back()->actions()) {
                entries[action->text()] = action;
            }
            return entries;
        };
        const QPoint cell((*canvas)->width() / 2, (*canvas)->height() / 2);
        QVERIFY(!entriesAt(cell).contains(QStringLiteral("Select what is here"))); // Nobody listens.
        QSignalSpy selected(&plot, &MapPlot::cellActivated);
        const auto entries = entriesAt(cell);
        entries[QStringLiteral("Select what is here")]->trigger();
        QCOMPARE(selected.size(), 1);
        entries[QStringLiteral("Copy value")]->trigger();
        QVERIFY2(QGuiApplication::clipboard()->text().contains(QStringLiteral("7.5")),
                 qPrintable(QGuiApplication::clipboard()->text()));
        QVERIFY(!entriesAt(QPoint(1, 1)).contains(QStringLiteral("Copy value"))); // Beside the axes.
    }

    void poolingKeepsOutliers_data()
    {
        QTest::addColumn<int>("rows");
        QTest::addColumn<int>("cols");
        QTest::newRow("as many cells") << 8 << 8;
        QTest::newRow("fewer") << 3 << 5;
        QTest::newRow("many rows") << 1001 << 7;
        QTest::newRow("both") << 333 << 1025;
    }
    void poolingKeepsOutliers()
    {
        QFETCH(const int, rows);
        QFETCH(const int, cols);
        std::vector<float> values(static_cast<std::size_t>(rows) * static_cast<std::size_t>(cols));
        for (std::size_t i = 0; i < values.size(); ++i) {
            values[i] = static_cast<float>((i * 7919) % 1000) / 1000.0F - 0.5F;
        }
        values[values.size() / 2] = -9;
        values.front() = std::numeric_limits<float>::quiet_NaN();
        const MapWindow window{rows / 4, rows, cols / 4, cols};
        const PooledMap map = pooledMap(values, cols, window, 8);
        QCOMPARE(map.rows, std::min<std::int64_t>(window.rows(), 8));
        QCOMPARE(map.cols, std::min<std::int64_t>(window.cols(), 8));
        for (std::int64_t row = 0; row < map.rows; ++row) {
            for (std::int64_t col = 0; col < map.cols; ++col) {
                float best = 0; // Of the cells that this one stands for.
                for (auto r = row * window.rows() / map.rows; r < (row + 1) * window.rows() / map.rows; ++r) {
                    for (auto c = col * window.cols() / map.cols; c < (col + 1) * window.cols() / map.cols; ++c) {
                        const float value =
                            values[static_cast<std::size_t>((window.row0 + r) * cols + window.col0 + c)];
                        best = std::abs(value) > std::abs(best) ? value : best;
                    }
                }
                QCOMPARE(std::abs(map.values[static_cast<std::size_t>(row * map.cols + col)]), std::abs(best));
            }
        }
    }

    void aLargeMapIsDraggedWithoutWaiting()
    {
        MapPlot plot;
        plot.resize(900, 700);
        MapPlot::Data data = map(4096, 4096);
        for (std::size_t i = 0; i < data.values.size(); ++i) {
            data.values[i] = static_cast<float>((i * 2654435761U) % 4096) / 4096.0F;
        }
        plot.show();
        QVERIFY(QTest::qWaitForWindowExposed(&plot));
        QElapsedTimer clock;
        clock.start();
        plot.setData(std::move(data));
#if !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
        QVERIFY2(clock.elapsed() < 50, "16 million cells are pooled beside the window's thread");
#endif
        QTRY_VERIFY(!LatestTask::anyRunning());
        const auto canvases = plot.findChildren<QWidget*>();
        QWidget* canvas = *std::ranges::find_if(canvases, [](QWidget* one) { return one->inherits("QCustomPlot"); });
        const QPoint centre(canvas->width() / 3, canvas->height() / 2);
        for (int i = 0; i < 4; ++i) { // Closer.
            QWheelEvent wheel(centre, canvas->mapToGlobal(centre), {}, {0, 120}, Qt::NoButton, {}, Qt::NoScrollPhase,
                              false);
            QApplication::sendEvent(canvas, &wheel);
        }
        QTRY_VERIFY(!LatestTask::anyRunning());
        QTest::qWait(kReplotMs);
        std::vector<double> milliseconds;
        QTest::mousePress(canvas, Qt::LeftButton, {}, centre);
        for (int i = 1; i <= 60; ++i) {
            clock.restart();
            QTest::mouseMove(canvas, centre + QPoint(2 * i, i));
            QCoreApplication::processEvents();
            milliseconds.push_back(1e-6 * static_cast<double>(clock.nsecsElapsed()));
        }
        QTest::mouseRelease(canvas, Qt::LeftButton, {}, centre);
        std::ranges::sort(milliseconds);
        qInfo("a step of dragging: %.1f ms, at most %.1f", milliseconds[30], milliseconds.back());
#if !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__) // Time is not the program's own there.
        QVERIFY(milliseconds[30] < 16);
#endif
    }

    void mapThresholdIsDraggedOnTheColourBar()
    {
        MapPlot plot;
        plot.resize(600, 400);
        MapPlot::Data data = map(4, 4);
        data.values[5] = 10;
        plot.setData(data);
        plot.show();
        QVERIFY(QTest::qWaitForWindowExposed(&plot));
        QSignalSpy dragged(&plot, &MapPlot::thresholdDragged);
        QWidget* canvas = nullptr;
        for (auto* child : plot.findChildren<QWidget*>()) {
            canvas = child->inherits("QCustomPlot") ? child : canvas;
        }
        QVERIFY(canvas != nullptr);
        const QPoint bar(canvas->width() - 40, canvas->height() / 2);
        QTest::mouseClick(canvas, Qt::LeftButton, {}, bar);
        QVERIFY(dragged.isEmpty()); // nothing to drag yet
        plot.setThreshold(2.0);
        QTest::mousePress(canvas, Qt::LeftButton, {}, bar);
        QTest::mouseMove(canvas, bar - QPoint(0, 40));
        QTest::mouseRelease(canvas, Qt::LeftButton, {}, bar - QPoint(0, 40));
        QVERIFY(dragged.size() >= 2);
        const double first = dragged.first().first().toDouble();
        const double last = dragged.last().first().toDouble();
        QVERIFY2(first > 0 && last > first && last <= 10, qPrintable(QStringLiteral("%1 %2").arg(first).arg(last)));
        QTest::qWait(kReplotMs);
        const QImage marked = plot.grab().toImage();
        plot.setThreshold(11.0);
        QTest::qWait(kReplotMs);
        QVERIFY(plot.grab().toImage() != marked); // the bright cell is no longer marked
    }

    void mapBandsPartRows()
    {
        MapPlot plot;
        plot.resize(600, 400);
        plot.setData(map(8, 4));
        plot.show();
        const auto picture = [&plot] {
            QTest::qWait(kReplotMs);
            return plot.grab().toImage();
        };
        const QImage plain = picture();
        plot.setRowBands(4);
        QVERIFY(picture() != plain);
        plot.setRowBands(0);
        QVERIFY(picture() == plain);
    }

    void mapPoolingKeepsASingleOutlier()
    {
        // One cell of four million is bright: the picture must show it.
        MapPlot plot;
        MapPlot::Data data = map(2048, 2048);
        for (float& value : data.values) {
            value = 0;
        }
        data.values[1000 * 2048 + 1001] = 100;
        plot.setData(data);
        plot.resize(1400, 1200);
        plot.show();
        QVERIFY(QTest::qWaitForWindowExposed(&plot));
        QTRY_VERIFY(!LatestTask::anyRunning());
        QTemporaryDir folder;
        const QString file = folder.filePath(QStringLiteral("map.png"));
        QCOMPARE(plot.saveAs(file), QString());
        const QImage image(file);
        const QColor bright = Theme::magnitude(1.0);
        // The colour bar ends in the same colour, so only the left part is searched.
        int found = 0;
        for (int y = 0; y < image.height(); ++y) {
            for (int x = 0; x < image.width() * 4 / 5; ++x) {
                const QColor pixel = image.pixelColor(x, y);
                found += std::abs(pixel.red() - bright.red()) + std::abs(pixel.green() - bright.green()) +
                             std::abs(pixel.blue() - bright.blue()) <
                         12;
            }
        }
        QVERIFY2(found > 0, "the outlier is not in the picture");
    }

    void savesEveryEnding_data()
    {
        QTest::addColumn<QString>("ending");
        QTest::addColumn<QByteArray>("start");
        QTest::newRow("png") << "png" << QByteArray("\x89PNG");
        QTest::newRow("svg") << "svg" << QByteArray("<?xml");
        QTest::newRow("pdf") << "pdf" << QByteArray("%PDF");
        QTest::newRow("csv") << "csv" << QByteArray();
    }
    void savesEveryEnding()
    {
        QFETCH(QString, ending);
        QFETCH(QByteArray, start);
        LinePlot plot;
        plot.setAxisTitles(QStringLiteral("Block"), QStringLiteral("Error (%)"));
        plot.setSeries({{QStringLiteral("q"), {0, 1, 2}, {3, 1, 2}, 0, true, true}});
        plot.resize(400, 300);
        QTemporaryDir folder;
        const QString file = folder.filePath(QStringLiteral("plot.") + ending);
        QCOMPARE(plot.saveAs(file), QString());
        QFile saved(file);
        QVERIFY(saved.open(QIODevice::ReadOnly));
        const QByteArray content = saved.readAll();
        QVERIFY(!content.isEmpty());
        QVERIFY(content.startsWith(start));
    }

    void sayWhyAFileCantBeWritten()
    {
        LinePlot plot;
        plot.setSeries({{QStringLiteral("q"), {0}, {3}, 0, true, true}});
        const QString error = plot.saveAs(QStringLiteral("/proc/none/plot.csv"));
        QVERIFY(error.contains(QStringLiteral("/proc/none/plot.csv")));
    }

    void emptyPlotShowsItsText()
    {
        BarPlot plot;
        plot.setEmptyText(QStringLiteral("Nothing yet"));
        plot.show();
        bool shown = false;
        for (const QLabel* label : plot.findChildren<QLabel*>()) {
            shown = shown || (label->isVisible() && label->text() == QStringLiteral("Nothing yet"));
        }
        QVERIFY(shown);
        plot.setData({QStringLiteral("a")}, {{QStringLiteral("s"), {1}, 0}}, true);
        for (const QLabel* label : plot.findChildren<QLabel*>()) {
            QVERIFY(!label->isVisible() || label->text() != QStringLiteral("Nothing yet"));
        }
    }

    void lineTableJoinsSeriesByPlace()
    {
        LinePlot plot;
        plot.setSeries({{QStringLiteral("a"), {0, 2}, {10, 12}, 0, true, true},
                        {QStringLiteral("b"), {1, 2}, {21, 22}, 1, true, true}});
        const PlotTable table = plot.table();
        QCOMPARE(table.rows.size(), 3);
        QCOMPARE(table.rows[2][1].toDouble(), 12.0);
        QCOMPARE(table.rows[2][2].toDouble(), 22.0);
        QVERIFY(!table.rows[0][2].isValid());
    }

    void panelSwitchesToTheTable()
    {
        auto* plot = new HistogramPlot;
        PlotPanel panel(plot);
        plot->setData(threeBins());
        panel.show();
        QVERIFY(plot->isVisible());
        panel.setShowsTable(true);
        QVERIFY(!plot->isVisible());
        const auto* table = panel.findChild<QTableWidget*>();
        QCOMPARE(table->rowCount(), 3);
        QCOMPARE(table->item(1, 2)->text(), QStringLiteral("8"));
        // New data reach a table that is shown.
        HistogramPlot::Data data = threeBins();
        data.before[1] = 9;
        plot->setData(data);
        QCOMPARE(table->item(1, 2)->text(), QStringLiteral("9"));
    }

    void logarithmicAxisShowsEmptyBins()
    {
        HistogramPlot plot;
        plot.setData(threeBins());
        plot.setLogY(true);
        QVERIFY(plot.logY());
        plot.resize(300, 200);
        QVERIFY(!plot.grab().isNull());
    }

    void clickOnAMapNamesTheCell()
    {
        MapPlot plot;
        plot.setData(map(4, 4));
        plot.resize(500, 500);
        plot.show();
        QVERIFY(QTest::qWaitForWindowExposed(&plot));
        QSignalSpy spy(&plot, &MapPlot::cellActivated);
        auto* inner = plot.findChild<QWidget*>(QStringLiteral("plotArea"));
        QVERIFY(inner);
        QTest::mouseClick(inner, Qt::LeftButton, {}, inner->rect().center());
        QCOMPARE(spy.size(), 1);
        QVERIFY(spy[0][0].toLongLong() >= 0 && spy[0][0].toLongLong() < 4);
    }

    void coloursFollowTheTheme()
    {
        LinePlot plot;
        plot.setSeries({{QStringLiteral("q"), {0, 1}, {3, 1}, 0, true, true}});
        plot.resize(300, 200);
        m_theme->setMode(Theme::Mode::Light);
        QCoreApplication::processEvents();
        const QColor light = plot.grab().toImage().pixelColor(150, 190);
        m_theme->setMode(Theme::Mode::Dark);
        QCoreApplication::processEvents();
        const QColor dark = plot.grab().toImage().pixelColor(150, 190);
        QVERIFY(light.lightness() > dark.lightness() + 60);
    }

private:
    Theme* m_theme = nullptr;
};

QTEST_MAIN(TestPlots)
#include "tst_plots.moc"
