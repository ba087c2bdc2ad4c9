// SPDX-License-Identifier: Apache-2.0
// Checked arithmetic.
#include "core/base/size.h"

#include <QTest>

#include <array>
#include <limits>

using namespace bitlathe;

class TestSize : public QObject
{
    Q_OBJECT

private slots:
    void multiplies()
    {
        QCOMPARE(checkedMultiply(6, 7).value(), std::uint64_t{42});
        QCOMPARE(checkedMultiply(kMax, 1).value(), kMax);
        QCOMPARE(checkedMultiply(kMax, 0).value(), std::uint64_t{0});
        QVERIFY(!checkedMultiply(kMax, 2));
        QVERIFY(!checkedMultiply(std::uint64_t{1} << 32U, std::uint64_t{1} << 32U));
    }

    void adds()
    {
        QCOMPARE(checkedAdd(kMax - 1, 1).value(), kMax);
        QVERIFY(!checkedAdd(kMax, 1));
    }

    void countsElements()
    {
        QCOMPARE(elementCount({}).value(), std::uint64_t{1});
        QCOMPARE(elementCount(std::array<std::int64_t, 3>{2, 3, 4}).value(), std::uint64_t{24});
        QCOMPARE(elementCount(std::array<std::int64_t, 2>{0, 5}).value(), std::uint64_t{0});
        QVERIFY(!elementCount(std::array<std::int64_t, 2>{2, -1}));
        QVERIFY(!elementCount(std::array<std::int64_t, 3>{INT64_MAX, INT64_MAX, 1}));
    }

    void dividesUp()
    {
        QCOMPARE(ceilDivide(0, 4), 0);
        QCOMPARE(ceilDivide(1, 4), 1);
        QCOMPARE(ceilDivide(4, 4), 1);
        QCOMPARE(ceilDivide(5, 4), 2);
        static_assert(ceilDivide(std::int64_t{9}, std::int64_t{8}) == 2);
    }

private:
    static constexpr std::uint64_t kMax = std::numeric_limits<std::uint64_t>::max();
};

QTEST_GUILESS_MAIN(TestSize)
#include "tst_size.moc"
