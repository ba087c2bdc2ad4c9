// SPDX-License-Identifier: Apache-2.0
// Tests how numbers are written for people.
#include "ui/bridge/numbers.h"

#include <QLocale>
#include <QTest>

#include <cmath>
#include <limits>

using namespace bitlathe::ui;

class TestNumbers : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void initTestCase() { QLocale::setDefault(QLocale(QLocale::English, QLocale::UnitedStates)); }
    void cleanup() { setByteUnits(ByteUnits::Binary); }
    void bytes_data();
    void bytes();
    void numbers_data();
    void numbers();
    void differences();
    void durations_data();
    void durations();
    void shares();
    void counts();
};

void TestNumbers::bytes_data()
{
    QTest::addColumn<quint64>("bytes");
    QTest::addColumn<QString>("binary");
    QTest::addColumn<QString>("si");
    QTest::newRow("none") << quint64(0) << "0 B"
                          << "0 B";
    QTest::newRow("few") << quint64(999) << "999 B"
                         << "999 B";
    QTest::newRow("kilo") << quint64(1536) << "1.50 KiB"
                          << "1.54 kB";
    QTest::newRow("no 1000 MiB") << quint64(1000) * 1024 * 1024 << "0.977 GiB"
                                 << "1.05 GB";
    QTest::newRow("giga") << quint64(4981204112) << "4.64 GiB"
                          << "4.98 GB";
    QTest::newRow("largest") << std::numeric_limits<quint64>::max() << "16777216 TiB"
                             << "18446744 TB";
}

void TestNumbers::bytes()
{
    QFETCH(quint64, bytes);
    const auto plain = [](QString text) { return text.replace(QChar(QChar::Nbsp), u' ').remove(u','); };
    QTEST(plain(formatBytes(bytes)), "binary");
    setByteUnits(ByteUnits::Si);
    QTEST(plain(formatBytes(bytes)), "si");
}

void TestNumbers::numbers_data()
{
    QTest::addColumn<double>("value");
    QTest::addColumn<int>("digits");
    QTest::addColumn<QString>("text");
    QTest::newRow("zero") << 0.0 << 4 << "0";
    QTest::newRow("perplexity") << 12.3456 << 4 << "12.35";
    QTest::newRow("small") << 0.0123456 << 3 << "0.0123";
    QTest::newRow("tiny") << 1.234e-7 << 3 << "1.23e-07";
    QTest::newRow("large") << 123456.7 << 4 << "123,457";
    QTest::newRow("negative") << -4.25 << 3 << "-4.25";
    QTest::newRow("not a number") << std::nan("") << 4 << "not a number";
    QTest::newRow("infinite") << std::numeric_limits<double>::infinity() << 4 << "infinite";
}

void TestNumbers::numbers()
{
    QFETCH(double, value);
    QFETCH(int, digits);
    QTEST(formatNumber(value, digits).toLower(), "text");
}

void TestNumbers::differences()
{
    QCOMPARE(formatDifference(0.4123, 0.0312), QStringLiteral("+0.412 ± 0.031"));
    QCOMPARE(formatDifference(-1.5, 0.25), QStringLiteral("−1.50 ± 0.25"));
    QCOMPARE(formatDifference(0.5, 0.0), QStringLiteral("+0.500"));
}

void TestNumbers::durations_data()
{
    QTest::addColumn<double>("low");
    QTest::addColumn<double>("high");
    QTest::addColumn<QString>("text");
    QTest::newRow("not known") << -1.0 << -1.0 << "";
    QTest::newRow("parts of seconds") << 0.52 << 1.31 << "0.5–1.3 s";
    QTest::newRow("seconds") << 12.0 << 34.0 << "12–34 s";
    QTest::newRow("the same") << 12.1 << 12.2 << "12 s";
    QTest::newRow("minutes") << 700.0 << 1300.0 << "12–22 min";
    QTest::newRow("hours") << 7200.0 << 10800.0 << "2.0–3.0 h";
}

void TestNumbers::durations()
{
    QFETCH(double, low);
    QFETCH(double, high);
    QTEST(formatDurationRange(low, high), "text");
    QCOMPARE(formatDuration(0.0423), QStringLiteral("42 ms"));
    QCOMPARE(formatDuration(3.14), QStringLiteral("3.1 s"));
    QCOMPARE(formatDuration(200), QStringLiteral("3 min 20 s"));
    QCOMPARE(formatDuration(7500), QStringLiteral("2 h 05 min"));
    QCOMPARE(formatDuration(-1), QString());
}

void TestNumbers::shares()
{
    QCOMPARE(formatPercent(0.01234).replace(QChar(QChar::Nbsp), u' '), QStringLiteral("1.23 %"));
    QCOMPARE(formatPercent(1.0).replace(QChar(QChar::Nbsp), u' '), QStringLiteral("100 %"));
    QCOMPARE(formatPercent(0.0).replace(QChar(QChar::Nbsp), u' '), QStringLiteral("0 %"));
}

void TestNumbers::counts()
{
    QCOMPARE(formatCount(8388608), QStringLiteral("8,388,608"));
    QCOMPARE(formatCountShort(8388608).replace(QChar(QChar::Nbsp), u' '), QStringLiteral("8.39 M"));
    QCOMPARE(formatCountShort(6'738'415'616).replace(QChar(QChar::Nbsp), u' '), QStringLiteral("6.74 B"));
    QCOMPARE(formatCountShort(512), QStringLiteral("512"));
}

QTEST_MAIN(TestNumbers)
#include "tst_numbers.moc"
