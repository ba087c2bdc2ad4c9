// SPDX-License-Identifier: Apache-2.0
// A table of 500 layers by 50 columns scrolls at 60 pictures a second: what each step takes of the window's thread.
#include "tests/support/watchedapplication.h"
#include "ui/bridge/numbers.h"
#include "ui/models/rowsmodel.h"
#include "ui/theme/theme.h"
#include "ui/widgets/tables.h"

#include <QHeaderView>
#include <QScrollBar>
#include <QSortFilterProxyModel>
#include <QTableView>
#include <QTest>

using namespace bitlathe::tests;
using namespace bitlathe::ui;

namespace
{

constexpr int kRows = 500;
constexpr int kColumns = 50;
constexpr int kSteps = 120;
constexpr double kFrameSeconds = 1.0 / 60;
constexpr QSize kLargeScreen(2560, 1440);

/// Names, numbers of every kind and verdicts, as tables of layers have them.
class ManyLayers final : public RowsModel
{
protected:
    int rows() const override { return kRows; }
    int columns() const override { return kColumns; }
    bool isNumber(int column) const override { return column > 0; }
    QString title(int column) const override { return QStringLiteral("Column %1").arg(column); }
    QString help(int column) const override { return title(column); }
    QString text(int row, int column) const override
    {
        switch (column % 4) {
        case 0: return QStringLiteral("model.layers.%1.self_attn.q_proj").arg(row);
        case 1: return formatBytes(static_cast<std::uint64_t>(row) * 4096);
        case 2: return formatPercent(0.001 * row);
        default: return formatNumber(0.0123 * row * column);
        }
    }
    QVariant raw(int row, int column) const override { return row * column; }
    QVariant extra(int row, int column, int role) const override
    {
        const bool isVerdict = role == Qt::DecorationRole && column % 4 == 2;
        return isVerdict ? QVariant(Theme::instance().icon(
                               row % 2 == 0 ? QStringLiteral("fine") : QStringLiteral("watch"), ColorId::VerdictWatch))
                         : QVariant();
    }
};

class PaintCounter : public QObject
{
public:
    int count = 0;

protected:
    bool eventFilter(QObject* /*watched*/, QEvent* event) override
    {
        count += event->type() == QEvent::Paint ? 1 : 0;
        return false;
    }
};

} // namespace

class TestScrolling : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void initTestCase();
    void everyStepIsAPicture_data();
    void everyStepIsAPicture();

private:
    std::unique_ptr<Theme> m_theme;
};

void TestScrolling::initTestCase()
{
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
    QSKIP("times mean nothing under a sanitizer");
#endif
    m_theme = std::make_unique<Theme>();
}

void TestScrolling::everyStepIsAPicture_data()
{
    QTest::addColumn<Qt::Orientation>("orientation");
    QTest::newRow("down") << Qt::Vertical;
    QTest::newRow("right") << Qt::Horizontal;
}

void TestScrolling::everyStepIsAPicture()
{
    QFETCH(Qt::Orientation, orientation);
    ManyLayers layers;
    QSortFilterProxyModel sorted;
    sorted.setSourceModel(&layers);
    QTableView table;
    table.setModel(&sorted);
    table.setSortingEnabled(true);
    setUpTable(&table);
    table.resizeColumnsToContents();
    table.resize(kLargeScreen);
    table.show();
    QVERIFY(QTest::qWaitForWindowExposed(&table));
    QScrollBar* bar = orientation == Qt::Vertical ? table.verticalScrollBar() : table.horizontalScrollBar();
    QVERIFY(bar->maximum() > kLargeScreen.height());
    PaintCounter paints;
    table.viewport()->installEventFilter(&paints);
    std::vector<double> seconds;
    for (int step = 0; step < kSteps; ++step) {
        const ThreadUse before = ThreadUse::now(nullptr);
        bar->setValue(static_cast<int>(static_cast<qint64>(bar->maximum()) * (step + 1) / kSteps));
        QCoreApplication::processEvents(); // Paints.
        seconds.push_back((ThreadUse::now(nullptr) - before).computing);
    }
    QCOMPARE(bar->value(), bar->maximum());
    QCOMPARE(paints.count, kSteps);
    std::ranges::sort(seconds);
    qInfo("a step takes %.1f ms, the slowest %.1f ms", 1e3 * seconds[seconds.size() / 2], 1e3 * seconds.back());
    QVERIFY(seconds[seconds.size() * 9 / 10] < kFrameSeconds);
    QVERIFY(seconds.back() < kStallSeconds);
}

QTEST_MAIN(TestScrolling)
#include "tst_scrolling.moc"
