// SPDX-License-Identifier: Apache-2.0
// Numbers as people read them.
#include "core/report/numbers.h"

#include <QTest>

#include <limits>

using namespace bitlathe::report;

class TestNumbers : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void numbers_data()
    {
        QTest::addColumn<double>("value");
        QTest::addColumn<QString>("text");
        QTest::newRow("zero") << 0.0 << "0";
        QTest::newRow("unit") << 9.32914 << "9.329";
        QTest::newRow("hundreds") << 123.456 << "123.5";
        QTest::newRow("no places") << 12345.6 << "12346";
        QTest::newRow("small") << 0.0041234 << "0.004123";
        QTest::newRow("tiny") << 1.2361e-9 << "1.236e-09";
        QTest::newRow("huge") << 3.0e15 << "3.000e+15";
        QTest::newRow("negative") << -2.5 << "-2.500";
        QTest::newRow("nan") << std::numeric_limits<double>::quiet_NaN() << "not a number";
        QTest::newRow("infinite") << std::numeric_limits<double>::infinity() << "infinite";
    }
    void numbers()
    {
        QFETCH(double, value);
        QTEST(QString::fromStdString(numberText(value)), "text");
    }

    void counts()
    {
        QCOMPARE(countText(0), std::string("0"));
        QCOMPARE(countText(999), std::string("999"));
        QCOMPARE(countText(1000), std::string("1,000"));
        QCOMPARE(countText(-1234567), std::string("-1,234,567"));
        QCOMPARE(countText(-123), std::string("-123"));
    }

    void bytes()
    {
        QCOMPARE(bytesText(0), std::string("0 B"));
        QCOMPARE(bytesText(1023), std::string("1023 B"));
        QCOMPARE(bytesText(1024), std::string("1.00 KiB"));
        QCOMPARE(bytesText(16'793'976), std::string("16.0 MiB"));
        QCOMPARE(bytesText(1ULL << 40), std::string("1.00 TiB"));
        QCOMPARE(bytesText((1ULL << 20) - 1), std::string("1.00 MiB"));
    }

    void durations()
    {
        QCOMPARE(durationText(0.842), std::string("0.84 s"));
        QCOMPARE(durationText(12.34), std::string("12.3 s"));
        QCOMPARE(durationText(125), std::string("2 min 5 s"));
        QCOMPARE(durationText(4325), std::string("1 h 12 min"));
        QCOMPARE(durationText(-1), std::string("unknown"));
    }

    void differences()
    {
        QCOMPARE(differenceText(0.41131, 0.0324), std::string("+0.411 ± 0.032"));
        QCOMPARE(differenceText(-0.0001, 0.02), std::string("-0.000 ± 0.020"));
        QCOMPARE(differenceText(12.3, 4.5), std::string("+12.3 ± 4.5"));
        QCOMPARE(differenceText(0.5, 0), std::string("+0.5000"));
        QCOMPARE(valueWithErrorText(9.3291, 0.31), std::string("9.33 ± 0.31"));
        QCOMPARE(percentText(0.08571), std::string("8.57 %"));
    }

    void times() { QCOMPARE(utcTimeText(1'000'000'000), std::string("2001-09-09T01:46:40Z")); }

    void printableReplacesWhatIsNoText()
    {
        const std::string replacement = "\xEF\xBF\xBD";
        QCOMPARE(printable("plain ü 量化"), std::string("plain ü 量化"));
        QCOMPARE(printable("a\x01"), "a" + replacement);
        QCOMPARE(printable("a\xFFz"), "a" + replacement + "z");
        QCOMPARE(printable("\xC0\x80"), replacement + replacement);                   // overlong
        QCOMPARE(printable("\xED\xA0\x80"), replacement + replacement + replacement); // surrogate
        QCOMPARE(printable("\xE9\x87"), replacement + replacement);                   // cut short
        QCOMPARE(printable("line\n\ttab"), std::string("line\n\ttab"));
    }
};

QTEST_GUILESS_MAIN(TestNumbers)
#include "tst_numbers.moc"
