// SPDX-License-Identifier: Apache-2.0
// The log's ring of lines.
#include "core/base/log.h"

#include <QTest>

#include <thread>

using namespace bitlathe;

class TestLog : public QObject
{
    Q_OBJECT

private slots:
    void keepsLinesInOrder()
    {
        const std::uint64_t before = lastNumber();
        log().info("opened {}", "x");
        log().warn("odd");
        const auto lines = logLinesAfter(before);
        QCOMPARE(lines.size(), std::size_t{2});
        QCOMPARE(lines[0].text, std::string("opened x"));
        QCOMPARE(lines[0].level, spdlog::level::info);
        QCOMPARE(lines[1].level, spdlog::level::warn);
        QCOMPARE(lines[1].number, lines[0].number + 1);
        QVERIFY(logLinesAfter(lines[1].number).empty());
    }

    void forgetsTheOldest()
    {
        const std::uint64_t before = lastNumber();
        for (int i = 0; i < 20'010; ++i) {
            log().info("{}", i);
        }
        const auto lines = logLinesAfter(before);
        QCOMPARE(lines.size(), std::size_t{20'000});
        QCOMPARE(lines.front().text, std::string("10"));
        QCOMPARE(lines.back().text, std::string("20009"));
    }

    void takesLinesOfManyThreads()
    {
        const std::uint64_t before = lastNumber();
        {
            std::vector<std::jthread> threads;
            for (int thread = 0; thread < 4; ++thread) {
                threads.emplace_back([] {
                    for (int i = 0; i < 500; ++i) {
                        log().info("{}", i);
                    }
                });
            }
        }
        const auto lines = logLinesAfter(before);
        QCOMPARE(lines.size(), std::size_t{2000});
        QCOMPARE(lines.back().number, before + 2000);
    }

private:
    static std::uint64_t lastNumber()
    {
        const auto lines = logLinesAfter(0);
        return lines.empty() ? 0 : lines.back().number;
    }
};

QTEST_GUILESS_MAIN(TestLog)
#include "tst_log.moc"
