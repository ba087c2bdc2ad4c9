// SPDX-License-Identifier: Apache-2.0
// The table printer and the names near a mistyped one.
#include "app/cli/suggest.h"
#include "app/cli/table.h"

#include <QTest>

using namespace bitlathe::cli;

class TestTable : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void columnsLineUp()
    {
        Table table({{"Name"}, {"Value", true}});
        table.add({"a", "1"});
        table.add({"longer name", "12345"});
        table.add({"short row"});
        QCOMPARE(QString::fromStdString(table.text()),
                 QStringLiteral(
                     "Name         Value\n──────────────────\na                1\nlonger name  12345\nshort row\n"));
    }

    void widthsCountCharacters()
    {
        QCOMPARE(displayWidth("plain"), std::size_t(5));
        QCOMPARE(displayWidth("± ✓"), std::size_t(3));
        QCOMPARE(displayWidth("量化"), std::size_t(4));
        QCOMPARE(displayWidth("\xE9\x87"), std::size_t(1)); // Cut short.
    }

    void rowsCanComeBeforeTheyAreAllKnown()
    {
        const Table table({{"Model", false, 8}, {"n", true, 3}});
        QCOMPARE(table.row({"a", "1"}), std::string("a           1\n"));
        QCOMPARE(table.header(), std::string("Model       n\n") + "─────────────\n");
    }

    void nearNames_data()
    {
        QTest::addColumn<QString>("word");
        QTest::addColumn<QString>("nearest");
        QTest::newRow("replaced") << "quantise"
                                  << "quantize";
        QTest::newRow("swapped") << "inspcet"
                                 << "inspect";
        QTest::newRow("start") << "perp"
                               << "perplexity";
        QTest::newRow("missing") << "resme"
                                 << "resume";
        QTest::newRow("nothing near") << "banana"
                                      << "";
    }
    void nearNames()
    {
        QFETCH(QString, word);
        QFETCH(QString, nearest);
        const auto found = bitlathe::cli::nearNames(word.toStdString(),
                                                    {"inspect", "quantize", "perplexity", "run", "runs", "resume"});
        QCOMPARE(found.empty() ? QString() : QString::fromStdString(found.front()), nearest);
    }
};

QTEST_GUILESS_MAIN(TestTable)
#include "tst_table.moc"
