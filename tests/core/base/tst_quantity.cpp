// SPDX-License-Identifier: Apache-2.0
// Quantities: what people write, and what is made of a number of bytes.
#include "core/base/quantity.h"

#include <QTest>

using namespace bitlathe;

class TestQuantity : public QObject
{
    Q_OBJECT

private slots:
    void bytes_data()
    {
        QTest::addColumn<std::string>("text");
        QTest::addColumn<quint64>("bytes"); // 0: not taken.
        QTest::newRow("plain") << std::string("1000") << quint64{1000};
        QTest::newRow("thousands") << std::string("3.9GB") << quint64{3'900'000'000};
        QTest::newRow("1024s, small") << std::string("4gib") << quint64{4} * 1024 * 1024 * 1024;
        QTest::newRow("apart") << std::string("512 MB") << quint64{512'000'000};
        for (const char* wrong : {"", "GB", "-1GB", "0", "4 lots", "1e30", "4GB!"}) {
            QTest::addRow("\"%s\"", wrong) << std::string(wrong) << quint64{0};
        }
    }
    void bytes()
    {
        QFETCH(const std::string, text);
        QFETCH(const quint64, bytes);
        QCOMPARE(quint64{bytesFromText(text).value_or(0)}, bytes);
    }

    void texts_data()
    {
        QTest::addColumn<quint64>("bytes");
        QTest::addColumn<std::string>("text");
        QTest::newRow("gigabytes") << quint64{12'000'000'000} << std::string("12GB");
        QTest::newRow("gibibytes") << (quint64{3} << 30) << std::string("3GiB");
        QTest::newRow("half a gibibyte") << (quint64{1} << 29) << std::string("512MiB");
        QTest::newRow("megabytes") << quint64{3'900'000'000} << std::string("3900MB");
        QTest::newRow("odd") << quint64{1'000'000'001} << std::string("1000000001");
    }
    void texts()
    {
        QFETCH(const quint64, bytes);
        QFETCH(const std::string, text);
        QCOMPARE(bytesAsText(bytes), text);
        QCOMPARE(quint64{bytesFromText(text).value_or(0)}, bytes);
    }
};

QTEST_GUILESS_MAIN(TestQuantity)
#include "tst_quantity.moc"
