// SPDX-License-Identifier: Apache-2.0
// Knapsack against all choices that there are, and its limits.
#include "core/plan/knapsack.h"

#include <QTest>

#include <algorithm>
#include <cmath>
#include <limits>
#include <random>

namespace bitlathe::plan
{

namespace
{

using Items = std::vector<std::vector<Tradeoff>>;

Items randomItems(std::mt19937& random, std::size_t count)
{
    Items items(count);
    for (auto& options : items) {
        options.resize(1 + random() % 5);
        for (Tradeoff& option : options) {
            // Few different numbers, so that there are ties.
            option = {random() % 20, static_cast<double>(random() % 16) / 4};
        }
    }
    return items;
}

Tradeoff sumOf(const Items& items, const std::vector<std::size_t>& chosen)
{
    Tradeoff sum;
    for (std::size_t i = 0; i < items.size(); ++i) {
        sum.cost += items[i][chosen[i]].cost;
        sum.loss += items[i][chosen[i]].loss;
    }
    return sum;
}

/// The least loss of all choices of each cost at most.
std::vector<double> leastLosses(const Items& items, std::uint64_t costMax)
{
    std::vector<double> least(costMax + 1, std::numeric_limits<double>::infinity());
    std::vector<std::size_t> chosen(items.size());
    for (bool more = true; more;) {
        const Tradeoff sum = sumOf(items, chosen);
        for (std::uint64_t cost = sum.cost; cost <= costMax; ++cost) {
            least[cost] = std::min(least[cost], sum.loss);
        }
        more = false;
        for (std::size_t i = 0; i < items.size() && !more; ++i) {
            more = ++chosen[i] < items[i].size();
            chosen[i] = more ? chosen[i] : 0;
        }
    }
    return least;
}

} // namespace

class TestKnapsack : public QObject
{
    Q_OBJECT

private slots:
    void findsWhatAllChoicesHold()
    {
        std::mt19937 random(7);
        for (int round = 0; round < 60; ++round) {
            const Items items = randomItems(random, 1 + random() % 6);
            const Knapsack knapsack(items);
            const auto& front = knapsack.front();
            constexpr std::uint64_t kCostMax = 6 * 20;
            const std::vector<double> least = leastLosses(items, kCostMax);
            std::size_t point = 0;
            for (std::uint64_t cost = 0; cost <= kCostMax; ++cost) {
                while (point + 1 < front.size() && front[point + 1].cost <= cost) {
                    ++point;
                }
                if (front[point].cost <= cost) {
                    QCOMPARE(front[point].loss, least[cost]);
                } else {
                    QVERIFY(std::isinf(least[cost]));
                }
            }
        }
    }

    void optionsAddUpToTheirPoint()
    {
        std::mt19937 random(11);
        const Items items = randomItems(random, 30);
        const Knapsack knapsack(items);
        const auto& front = knapsack.front();
        QVERIFY(front.size() > 3);
        for (std::size_t point = 0; point < front.size(); ++point) {
            const Tradeoff sum = sumOf(items, knapsack.optionsAt(point));
            QCOMPARE(sum.cost, front[point].cost);
            QVERIFY(std::abs(sum.loss - front[point].loss) < 1e-9);
            QVERIFY(point == 0 ||
                    (front[point].cost > front[point - 1].cost && front[point].loss < front[point - 1].loss));
        }
    }

    /// A front of some thousand points loses little against one that is whole.
    void longFrontsAreThinned()
    {
        std::mt19937 random(3);
        Items items(40);
        for (auto& options : items) {
            const auto size = static_cast<double>(1000 + random() % 4000);
            const double weight = size * (1 + static_cast<double>(random() % 1000) / 10);
            for (int bits = 2; bits <= 8; ++bits) {
                for (const double group : {32.0, 64.0, 128.0}) {
                    const double luck = 0.9 + 0.2 * static_cast<double>(random() % 1000) / 1000;
                    options.push_back({static_cast<std::uint64_t>(size * (8 * bits + 128 / group)),
                                       luck * weight * std::pow(group, 0.3) * std::pow(4.0, -bits)});
                }
            }
        }
        const Knapsack whole(items, 1U << 18U);
        const Knapsack thin(items, 4096);
        QVERIFY(whole.front().size() > 20'000);
        QVERIFY(thin.front().size() <= 4096);
        QCOMPARE(thin.front().front().cost, whole.front().front().cost);
        QCOMPARE(thin.front().back().loss, whole.front().back().loss);
        for (const Tradeoff& point : thin.front()) {
            const auto after = std::ranges::upper_bound(whole.front(), point.cost, {}, &Tradeoff::cost);
            QVERIFY2(point.loss <= std::prev(after)->loss * 1.01, qPrintable(QString::number(point.loss)));
        }
    }
};

} // namespace bitlathe::plan

QTEST_GUILESS_MAIN(bitlathe::plan::TestKnapsack)
#include "tst_knapsack.moc"
