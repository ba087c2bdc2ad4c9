// SPDX-License-Identifier: Apache-2.0
// Half precision conversions bit by bit, levels by name, and the split of loops.
#include <QTest>

#include "kernels/cpulevel.h"
#include "kernels/scalars.h"
#include "kernels/threads.h"

#include <atomic>
#include <bit>
#include <cmath>
#include <limits>
#include <mutex>
#include <set>

using namespace bitlathe::kernels;

namespace
{

std::uint16_t bits(Bf16 value)
{
    return std::bit_cast<std::uint16_t>(value);
}
std::uint16_t bits(F16 value)
{
    return std::bit_cast<std::uint16_t>(value);
}

template <typename Half>
std::vector<std::uint16_t> narrowed(const std::vector<float>& values)
{
    std::vector<Half> half(values.size());
    convert(std::span<const float>(values), std::span<Half>(half));
    std::vector<std::uint16_t> all;
    for (const Half value : half) {
        all.push_back(bits(value));
    }
    return all;
}

} // namespace

class TestFoundation : public QObject
{
    Q_OBJECT

private slots:
    void cleanup()
    {
        setThreadCount(0);
        setCpuLevel(detectedCpuLevel());
    }

    void everyHalfComesBack()
    {
        for (const auto level : {CpuLevel::Reference, detectedCpuLevel()}) {
            setCpuLevel(level);
            std::vector<Bf16> bf16;
            std::vector<F16> f16;
            for (unsigned i = 0; i < 65536; ++i) {
                bf16.push_back(std::bit_cast<Bf16>(static_cast<std::uint16_t>(i)));
                f16.push_back(std::bit_cast<F16>(static_cast<std::uint16_t>(i)));
            }
            std::vector<float> wide(65536);
            convert(bf16, wide);
            std::vector<Bf16> bf16Again(65536);
            convert(wide, bf16Again);
            std::vector<float> wideF16(65536);
            convert(f16, wideF16);
            std::vector<F16> f16Again(65536);
            convert(wideF16, f16Again);
            for (unsigned i = 0; i < 65536; ++i) {
                QCOMPARE(std::bit_cast<std::uint32_t>(wide[i]) >> 16U, i);
                if (std::isnan(wide[i])) {
                    QVERIFY(std::isnan(static_cast<float>(bf16Again[i])));
                } else {
                    QCOMPARE(bits(bf16Again[i]), static_cast<std::uint16_t>(i));
                }
                if (std::isnan(wideF16[i])) {
                    QVERIFY((i & 0x7FFFU) > 0x7C00U);
                    QVERIFY(std::isnan(static_cast<float>(f16Again[i])));
                } else {
                    QCOMPARE(bits(f16Again[i]), static_cast<std::uint16_t>(i));
                }
            }
        }
    }

    void roundsToNearestEven()
    {
        // Written out by hand from the formats: 8 bits of bf16, 11 bits of f16.
        std::vector<float> values{1.0F + 0x1.0p-8F, 1.0F + 0x1.8p-8F, 1.0F + 0x3.0p-8F, -0.0F,      3.4e38F,
                                  65519.0F,         65520.0F,         0x1.0p-25F,       0x1.8p-25F, 1.0F + 0x1.0p-11F};
        values.resize(16, 1.0F); // whole vectors, so that the fast path is taken
        for (const auto level : {CpuLevel::Reference, detectedCpuLevel()}) {
            setCpuLevel(level);
            const auto bf16 = narrowed<Bf16>(values);
            QCOMPARE(bf16[0], std::uint16_t{0x3F80}); // tie to even: down
            QCOMPARE(bf16[1], std::uint16_t{0x3F81}); // above the tie
            QCOMPARE(bf16[2], std::uint16_t{0x3F82}); // tie to even: up
            QCOMPARE(bf16[3], std::uint16_t{0x8000});
            QCOMPARE(bf16[4], std::uint16_t{0x7F80}); // overflow becomes infinity
            const auto f16 = narrowed<F16>(values);
            QCOMPARE(f16[5], std::uint16_t{0x7BFF});
            QCOMPARE(f16[6], std::uint16_t{0x7C00});
            QCOMPARE(f16[7], std::uint16_t{0x0000}); // half of the smallest denormal, tie to even
            QCOMPARE(f16[8], std::uint16_t{0x0001});
            QCOMPARE(f16[9], std::uint16_t{0x3C00});
        }
    }

    void nanStaysNan()
    {
        const std::vector<float> values(17, std::bit_cast<float>(0x7F800001U)); // a NaN whose upper half is infinity
        for (const auto level : {CpuLevel::Reference, detectedCpuLevel()}) {
            setCpuLevel(level);
            for (const auto half : narrowed<Bf16>(values)) {
                QVERIFY((half & 0x7FFFU) > 0x7F80U);
            }
            for (const auto half : narrowed<F16>(values)) {
                QVERIFY((half & 0x7FFFU) > 0x7C00U);
            }
        }
    }

    void levelsHaveNames()
    {
        for (const auto level :
             {CpuLevel::Reference, CpuLevel::Avx2, CpuLevel::Avx512, CpuLevel::Avx512Bf16, CpuLevel::Amx}) {
            QVERIFY(cpuLevelFromName(cpuLevelName(level)) == level);
        }
        QVERIFY(!cpuLevelFromName("sse"));
        setCpuLevel(CpuLevel::Amx);
        QVERIFY(cpuLevel() == detectedCpuLevel());
        setCpuLevel(CpuLevel::Reference);
        QVERIFY(cpuLevel() == CpuLevel::Reference);
    }

    void loopsAreSplitTheSameForAnyThreads()
    {
        using Pieces = std::set<std::pair<std::int64_t, std::int64_t>>;
        const auto pieces = [](std::int64_t count, std::int64_t grain) {
            Pieces all;
            std::mutex mutex;
            parallelFor(count, grain, [&](std::int64_t begin, std::int64_t end) {
                const std::scoped_lock lock(mutex);
                QVERIFY(all.emplace(begin, end).second);
            });
            return all;
        };
        for (const int threads : {1, 2}) {
            setThreadCount(threads);
            QVERIFY(pieces(0, 4).empty());
            QVERIFY(pieces(-3, 4).empty());
            QVERIFY(pieces(3, 4) == (Pieces{{0, 3}}));
            QVERIFY(pieces(10, 4) == (Pieces{{0, 4}, {4, 8}, {8, 10}}));
            QVERIFY(pieces(2, 0) == (Pieces{{0, 1}, {1, 2}}));
            QCOMPARE(pieces(1000, 7).size(), std::size_t{143});
        }
    }

    void nestedLoopsDoNotMixScratch()
    {
        setThreadCount(0);
        std::atomic<int> wrong = 0;
        parallelFor(64, 1, [&](std::int64_t outer, std::int64_t) {
            thread_local std::int64_t scratch = -1;
            scratch = outer;
            std::atomic<std::int64_t> sum = 0;
            parallelFor(100, 3, [&](std::int64_t begin, std::int64_t end) { sum += end - begin; });
            wrong += scratch != outer || sum != 100 ? 1 : 0;
        });
        QCOMPARE(wrong.load(), 0);
    }

    void threadCountIsBounded()
    {
        setThreadCount(1);
        QCOMPARE(threadCount(), 1);
        setThreadCount(100000);
        const int most = threadCount();
        setThreadCount(0);
        QCOMPARE(threadCount(), most);
        QVERIFY(most >= 1);
    }

    void newestScopeCounts()
    {
        setThreadCount(0);
        const int all = threadCount();
        auto first = std::make_unique<ThreadCountScope>(1);
        QCOMPARE(threadCount(), 1);
        const ThreadCountScope none(0);
        QCOMPARE(threadCount(), 1);
        auto second = std::make_unique<ThreadCountScope>(all);
        QCOMPARE(threadCount(), all);
        auto third = std::make_unique<ThreadCountScope>(1);
        QCOMPARE(threadCount(), 1);
        first.reset(); // Not the newest.
        QCOMPARE(threadCount(), 1);
        third.reset();
        QCOMPARE(threadCount(), all);
        setThreadCount(1); // For later.
        QCOMPARE(threadCount(), all);
        second.reset();
        QCOMPARE(threadCount(), 1);
        setThreadCount(0);
    }
};

QTEST_GUILESS_MAIN(TestFoundation)
#include "tst_foundation.moc"
