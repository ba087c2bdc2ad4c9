// SPDX-License-Identifier: Apache-2.0
// The Tune page driven as a person would: cells of the map by mouse and keyboard, overrides by pattern, the recipe as
// text, undo.
#include "tests/support/pagetest.h"
#include "ui/pages/sweepview.h"
#include "ui/pages/tunepage.h"
#include "ui/plots/mapplot.h"
#include "ui/plots/plotpanel.h"
#include "ui/plots/scatterplot.h"
#include "ui/theme/theme.h"

#include <QApplication>
#include <QComboBox>
#include <QLabel>
#include <QLineEdit>
#include <QPlainTextEdit>
#include <QSlider>
#include <QTableWidget>
#include <QTabWidget>
#include <QTest>
#include <QUndoStack>

using namespace bitlathe;
using namespace bitlathe::tests;
using namespace bitlathe::ui;

namespace
{

/// All texts that a label has, one after the other: it is looked at before every event of the program, and so before
/// the one that changes it again.
class TextWatch : public QObject
{
public:
    explicit TextWatch(const QLabel* label) : m_label(label) { qApp->installEventFilter(this); }

    QStringList texts;

protected:
    bool eventFilter(QObject* /*watched*/, QEvent* /*event*/) override
    {
        if (texts.isEmpty() || texts.back() != m_label->text()) {
            texts << m_label->text();
        }
        return false;
    }

private:
    const QLabel* m_label;
};

} // namespace

class TestTunePage : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void init();
    void cleanup()
    {
        m_page.reset();
        m_session.reset();
    }
    void theMapIsOfAllSettings();
    void aCellIsChosenByMouse();
    void aCellIsChosenByKeyboard();
    void aPointIsChosenByKeyboard();
    void theNewestRequestCounts();
    void manyRowsAreAnsweredTwice();
    void overridesByPatternAreUndone();
    void textAndSlidersFollowEachOther();

private:
    void waitForMap()
    {
        m_views->setCurrentWidget(m_sweep);
        QTRY_VERIFY_WITH_TIMEOUT(!m_sweep->isBusy() && !m_map->table().rows.isEmpty(), kJobMs);
    }
    /// Below the label that begins so.
    QSlider* slider(const QString& label) const
    {
        for (const QLabel* one : m_page->findChildren<QLabel*>()) {
            if (one->text().remove(u'&').startsWith(label) && qobject_cast<QSlider*>(one->buddy()) != nullptr) {
                return qobject_cast<QSlider*>(one->buddy());
            }
        }
        return nullptr;
    }
    /// The place of a setting in the map's table.
    int rowOf(const QString& bits, const QString& group) const
    {
        const PlotTable numbers = m_map->table();
        for (int row = 0; row < numbers.rows.size(); ++row) {
            if (numbers.rows[row][0].toString() == bits && numbers.rows[row][1].toString() == group) {
                return row;
            }
        }
        return -1;
    }
    QAction* action(const QString& text) const
    {
        for (QAction* one : m_page->findChildren<QAction*>()) {
            if (one->text() == text) {
                return one;
            }
        }
        return nullptr;
    }

    Theme m_theme;
    std::unique_ptr<TempFolder> m_folder;
    std::unique_ptr<Session> m_session;
    std::unique_ptr<TunePage> m_page;
    SweepView* m_sweep = nullptr;
    MapPlot* m_map = nullptr;
    QTabWidget* m_views = nullptr;
};

void TestTunePage::init()
{
    m_folder = std::make_unique<TempFolder>();
    m_session = sessionWithDemo(*m_folder);
    QVERIFY(m_session != nullptr);
    m_page = std::make_unique<TunePage>(*m_session);
    m_page->resize(1280, 800);
    m_page->show();
    m_sweep = m_page->findChild<SweepView*>();
    m_map = m_sweep->findChild<MapPlot*>();
    m_views = m_page->findChild<QTabWidget*>();
    QTRY_VERIFY_WITH_TIMEOUT(m_page->primaryAction()->isEnabled(), kJobMs);
}

void TestTunePage::theMapIsOfAllSettings()
{
    QVERIFY(m_map->table().rows.isEmpty()); // Nobody looked yet.
    waitForMap();
    const PlotTable numbers = m_map->table();
    QCOMPARE(numbers.rows.size(), 6 * 6);
    const auto error = [&](const QString& bits, const QString& group) {
        return numbers.rows[rowOf(bits, group)][2].toDouble();
    };
    for (const QString& group : {QStringLiteral("32"), QStringLiteral("128")}) { // Fewer bits, more error.
        QVERIFY(error(QStringLiteral("2"), group) > error(QStringLiteral("3"), group));
        QVERIFY(error(QStringLiteral("4"), group) > error(QStringLiteral("8"), group));
    }
    QVERIFY(error(QStringLiteral("4"), QStringLiteral("128")) > error(QStringLiteral("4"), QStringLiteral("16")));
    // The layer has 256 columns: longer groups are rows.
    QCOMPARE(rowOf(QStringLiteral("4"), QStringLiteral("256")), -1);
    QVERIFY(rowOf(QStringLiteral("4"), QStringLiteral("row")) >= 0);
    // The cell of the setting says what the page says of it.
    const QString shown = labelText(*m_page, QStringLiteral("Output error"));
    QVERIFY2(shown.startsWith(QString::number(error(QStringLiteral("4"), QStringLiteral("128")), 'g', 3)),
             qPrintable(shown));
    QCOMPARE(m_sweep->findChild<ScatterPlot*>()->table().rows.size(), 6 * 6);
}

void TestTunePage::aCellIsChosenByMouse()
{
    waitForMap();
    auto* area = m_map->findChild<QWidget*>(QStringLiteral("plotArea"));
    QTest::qWait(50); // Until it has its layout.
    const int steps = m_session->undoStack()->count();
    // Somewhere in the lower left of the map: many bits, small groups.
    const int before = slider(QStringLiteral("Bits"))->value();
    QTest::mouseClick(area, Qt::LeftButton, {}, QPoint(area->width() / 4, area->height() * 2 / 3));
    QTRY_VERIFY(slider(QStringLiteral("Bits"))->value() > before);
    QVERIFY(slider(QStringLiteral("Group size"))->value() < 3);
    QCOMPARE(m_session->undoStack()->count(), steps); // Looked at, not applied.
    const quant::Scheme all = m_session->recipe().scheme;
    action(QStringLiteral("Use for this layer"))->trigger();
    QCOMPARE(m_session->recipe().overrides.size(), std::size_t{1});
    QCOMPARE(m_session->recipe().scheme, all);
    QVERIFY(m_session->recipe().overrides.front().scheme->bits > 4);
    m_session->undoStack()->undo();
    QVERIFY(m_session->recipe().overrides.empty());
    m_session->undoStack()->redo();
    QCOMPARE(m_session->recipe().overrides.size(), std::size_t{1});
}

void TestTunePage::aCellIsChosenByKeyboard()
{
    waitForMap();
    auto* panel = qobject_cast<PlotPanel*>(m_map->parentWidget());
    QVERIFY(panel != nullptr);
    m_page->activateWindow();
    m_map->setFocus();
    QTest::keyClick(m_map, Qt::Key_T, Qt::ControlModifier);
    QTRY_VERIFY(panel->showsTable());
    auto* table = panel->findChild<QTableWidget*>();
    table->setFocus();
    table->setCurrentCell(rowOf(QStringLiteral("3"), QStringLiteral("64")), 0);
    QTest::keyClick(table, Qt::Key_Return);
    QTRY_COMPARE(slider(QStringLiteral("Bits"))->value(), 1);   // 2, 3
    QCOMPARE(slider(QStringLiteral("Group size"))->value(), 2); // 16, 32, 64
    action(QStringLiteral("Use for all like this"))->trigger();
    QCOMPARE(m_session->recipe().overrides.front().pattern, std::string("model.layers.*.self_attn.q_proj"));
    QCOMPARE(m_session->recipe().overrides.front().scheme->groupSize, std::int64_t{64});
}

void TestTunePage::aPointIsChosenByKeyboard()
{
    waitForMap();
    auto* scatter = m_sweep->findChild<ScatterPlot*>();
    const PlotTable numbers = scatter->table();
    for (int row = 0; row < numbers.rows.size(); ++row) {
        if (numbers.rows[row][0].toString() == QStringLiteral("8 bit, groups: 16")) {
            scatter->activateRow(row);
        }
    }
    QCOMPARE(slider(QStringLiteral("Bits"))->value(), 5);
    QCOMPARE(slider(QStringLiteral("Group size"))->value(), 0);
}

void TestTunePage::theNewestRequestCounts()
{
    waitForMap();
    const double symmetric = m_map->table().rows[rowOf(QStringLiteral("2"), QStringLiteral("16"))][2].toDouble();
    auto* clipping = m_page->findChildren<QComboBox*>().last();
    clipping->setCurrentIndex(1); // A map that takes longer, given up at once.
    QVERIFY(m_sweep->isBusy());
    clipping->setCurrentIndex(0);
    QTRY_VERIFY_WITH_TIMEOUT(!m_sweep->isBusy(), kJobMs);
    QCOMPARE(m_map->table().rows[rowOf(QStringLiteral("2"), QStringLiteral("16"))][2].toDouble(), symmetric);
    const LayerId other = m_session->model()->spec.linears.back().id;
    m_session->selectLayer(other);
    QTRY_VERIFY_WITH_TIMEOUT(m_page->isBusy(), kJobMs);
    QTRY_VERIFY_WITH_TIMEOUT(!m_page->isBusy(), kJobMs);
    QVERIFY(m_map->table().rows[rowOf(QStringLiteral("2"), QStringLiteral("16"))][2].toDouble() != symmetric);
}

/// The largest layers of the demo have 768 rows: some of them answer first, then all.
void TestTunePage::manyRowsAreAnsweredTwice()
{
    const auto& linears = m_session->model()->spec.linears;
    const auto large = std::ranges::find_if(linears, [](const auto& linear) { return linear.outFeatures > 256; });
    QVERIFY(large != linears.end());
    const auto labels = m_page->findChildren<QLabel*>();
    const auto time = std::ranges::find(labels, QStringLiteral("Answered in"), &QLabel::accessibleName);
    QVERIFY(time != labels.end());
    TextWatch watch(*time);
    m_session->selectLayer(large->id);
    QTRY_VERIFY_WITH_TIMEOUT(!m_page->isBusy() && watch.texts.size() >= 2, kJobMs);
    const QStringList& times = watch.texts;
    const QString part = QStringLiteral("from 256 of %1 rows").arg(large->outFeatures);
    QVERIFY2(times[times.size() - 2].contains(part), qPrintable(times.join(u'\n')));
    QVERIFY2(!times.back().contains(QStringLiteral("from")), qPrintable(times.join(u'\n')));
}

void TestTunePage::overridesByPatternAreUndone()
{
    auto* pattern = m_page->findChild<QLineEdit*>(QString(), Qt::FindChildrenRecursively);
    for (auto* one : m_page->findChildren<QLineEdit*>()) {
        pattern = one->accessibleName() == QStringLiteral("Layers by pattern") ? one : pattern;
    }
    QVERIFY(!action(QStringLiteral("Use for pattern"))->isEnabled());
    QTest::keyClicks(pattern, QStringLiteral("re:["));
    QVERIFY(!action(QStringLiteral("Use for pattern"))->isEnabled()); // Broken.
    pattern->clear();
    QTest::keyClicks(pattern, QStringLiteral("*.mlp.*"));
    QVERIFY(says(*m_page, QStringLiteral("Matching layers: 24"))); // Three of eight blocks.
    slider(QStringLiteral("Bits"))->setValue(5);
    QTest::keyClick(pattern, Qt::Key_Return);
    QCOMPARE(m_session->recipe().overrides.size(), std::size_t{1});
    QCOMPARE(m_session->recipe().overrides.front().pattern, std::string("*.mlp.*"));
    QCOMPARE(m_session->recipe().overrides.front().scheme->bits, 8);
    m_session->undoStack()->undo();
    QVERIFY(m_session->recipe().overrides.empty());
}

void TestTunePage::textAndSlidersFollowEachOther()
{
    m_views->setCurrentIndex(2);
    auto* text = m_page->findChild<QPlainTextEdit*>();
    QVERIFY(text->toPlainText().contains(QStringLiteral("bits: 4")));
    slider(QStringLiteral("Bits"))->setValue(0);
    m_page->primaryAction()->trigger();
    QVERIFY(text->toPlainText().contains(QStringLiteral("bits: 2")));
    QString typed = text->toPlainText();
    text->setPlainText(typed.replace(QStringLiteral("bits: 2"), QStringLiteral("bits: 3")));
    QTRY_COMPARE(m_session->recipe().scheme.bits, 3);
    QTRY_COMPARE(slider(QStringLiteral("Bits"))->value(), 1);
    text->setPlainText(typed.replace(QStringLiteral("bits: 3"), QStringLiteral("bits: many")));
    QTRY_VERIFY(says(*m_page, QStringLiteral("bits")) && says(*m_page, QStringLiteral("many")));
    QCOMPARE(m_session->recipe().scheme.bits, 3); // The last that could be read.
    m_session->undoStack()->undo();
    QCOMPARE(m_session->recipe().scheme.bits, 2);
    QVERIFY(text->toPlainText().contains(QStringLiteral("bits: 2")));
}

QTEST_MAIN(TestTunePage)
#include "tst_tunepage.moc"
