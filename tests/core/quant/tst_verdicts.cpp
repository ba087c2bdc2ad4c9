// SPDX-License-Identifier: Apache-2.0
// Verdicts: the limits of the built-in table, and damaged tables.
#include "core/quant/verdicts.h"

#include <QTest>

using namespace bitlathe;
using namespace bitlathe::quant;

class TestVerdicts : public QObject
{
    Q_OBJECT

private slots:
    void limits();
    void reasons();
    void damaged_data();
    void damaged();
};

void TestVerdicts::limits()
{
    QCOMPARE(verdict(0.0099), Verdict::Fine);
    QCOMPARE(verdict(0.01), Verdict::Watch);
    QCOMPARE(verdict(0.0499), Verdict::Watch);
    QCOMPARE(verdict(0.05), Verdict::Bad);
    QCOMPARE(verdict(Measure::SameTop, 1.0), Verdict::Fine);
    QCOMPARE(verdict(Measure::SameTop, threshold(Measure::SameTop).fine), Verdict::Fine);
    QCOMPARE(verdict(Measure::SameTop, 0.5), Verdict::Bad);
    QCOMPARE(verdict(Measure::KlMean, 0.0), Verdict::Fine);
    QCOMPARE(verdict(Measure::KlMean, 1.0), Verdict::Bad);
    QCOMPARE(verdict(Measure::ExcessPerplexity, 0.05), Verdict::Watch);
}

void TestVerdicts::reasons()
{
    for (int measure = 0; measure < kMeasures; ++measure) {
        QVERIFY(!threshold(static_cast<Measure>(measure)).reason.empty());
        QVERIFY(!measureName(static_cast<Measure>(measure)).empty());
    }
}

void TestVerdicts::damaged_data()
{
    QTest::addColumn<QString>("text");
    QTest::addColumn<QString>("place");
    const QString table = R"({"version": 1, "verdicts": [%1]})";
    QTest::newRow("cut") << "{"
                         << "v.json";
    QTest::newRow("another version") << R"({"version": 3})"
                                     << "v.json.version";
    QTest::newRow("a measure is missing") << table.arg("") << "v.json.verdicts";
    QTest::newRow("unknown measure") << table.arg(R"({"measure": "taste", "fine": 1, "watch": 2, "reason": "r"})")
                                     << "v.json.verdicts[0].measure";
    QTest::newRow("no reason") << table.arg(R"({"measure": "kl_mean", "fine": 1, "watch": 2})")
                               << "v.json.verdicts[0].reason";
    QTest::newRow("wrong order") << table.arg(R"({"measure": "kl_mean", "fine": 2, "watch": 1, "reason": "r"})")
                                 << "v.json.verdicts[0]";
    QTest::newRow("wrong order of shares")
        << table.arg(R"({"measure": "same_top", "fine": 0.5, "watch": 0.9, "reason": "r"})") << "v.json.verdicts[0]";
    QTest::newRow("no limit") << table.arg(R"({"measure": "kl_mean", "watch": 1, "reason": "r"})")
                              << "v.json.verdicts[0]";
    QTest::newRow("a word") << table.arg(R"({"measure": "kl_mean", "fine": "small", "watch": 1, "reason": "r"})")
                            << "v.json.verdicts[0].fine";
}

void TestVerdicts::damaged()
{
    QFETCH(const QString, text);
    QFETCH(const QString, place);
    const auto thresholds = parseThresholds(text.toStdString(), "v.json");
    QVERIFY(!thresholds);
    QCOMPARE(thresholds.error().code, ErrorCode::FileInvalid);
    QCOMPARE(QString::fromStdString(thresholds.error().subject), place);
}

QTEST_GUILESS_MAIN(TestVerdicts)
#include "tst_verdicts.moc"
