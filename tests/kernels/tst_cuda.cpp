// SPDX-License-Identifier: Apache-2.0
// What only a GPU can show: its budget, moves of large values, shapes of real models against the processor, and that
// the same call gives the same bytes. tst_backend and tst_products compare every operation with the reference.
#include "kernels/subjects.h"
#include "kernels/threads.h"
#include "kernels/tolerances.h"

#include <QTest>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <random>
#include <thread>
#include <vector>

using namespace bitlathe::kernels;
using bitlathe::tests::cudaAbsence;
using bitlathe::tests::testedCuda;

namespace
{

std::vector<float> normalFloats(std::int64_t count, unsigned seed)
{
    // A table of normal values read from random places: fast enough for millions.
    static const std::vector<float> table = [] {
        std::mt19937 random(1);
        std::normal_distribution<float> normal;
        std::vector<float> values(65536);
        std::ranges::generate(values, [&] { return normal(random); });
        return values;
    }();
    std::mt19937 random(seed);
    std::vector<float> values(static_cast<std::size_t>(count));
    std::ranges::generate(values, [&] { return table[random() % table.size()]; });
    return values;
}

/// The largest |a - b| over the largest |b|.
double farthest(const std::vector<float>& a, const std::vector<float>& b)
{
    double error = 0;
    double largest = 0;
    for (std::size_t i = 0; i < a.size(); ++i) {
        const double off = std::abs(static_cast<double>(a[i]) - static_cast<double>(b[i]));
        error = std::isfinite(a[i]) ? std::max(error, off) : HUGE_VAL;
        largest = std::max(largest, std::abs(static_cast<double>(b[i])));
    }
    return error / largest;
}

/// Runs on the GPU and gives back what out holds, which begins as NaN.
template <class Operation>
std::vector<float> computed(std::size_t count, const Operation& operation)
{
    const Memory& memory = testedCuda().backend->memory();
    std::vector<float> values(count, std::nanf(""));
    const auto out = Buffer<float>::of(memory, values);
    operation(out->span());
    return out->download(values) ? values : std::vector<float>();
}

} // namespace

class TestCuda : public QObject
{
    Q_OBJECT

private:
    /// A product of a model's shape, on both; and twice on the GPU.
    void compareGemm(std::int64_t rows, std::int64_t outputs, std::int64_t inputs, Precision precision,
                     double tolerance)
    {
        const Backend& cuda = *testedCuda().backend;
        const auto w = normalFloats(outputs * inputs, 1);
        const auto x = normalFloats(rows * inputs, 2);
        const WeightsView view{ScalarType::F32, outputs, inputs, std::as_bytes(std::span(w))};
        std::vector<float> expected(static_cast<std::size_t>(rows * outputs));
        cpuBackend().gemm(x, rows, *cpuBackend().prepare(view, precision), {}, expected);
        const auto weights = cuda.prepare(view, precision);
        const auto input = Buffer<float>::of(cuda.memory(), x);
        const auto product = [&](std::span<float> out) { cuda.gemm(input->span(), rows, *weights, {}, out); };
        const auto found = computed(expected.size(), product);
        const double error = farthest(found, expected);
        QVERIFY2(error <= tolerance, qPrintable(QString("%1 above %2").arg(error).arg(tolerance)));
        QVERIFY(computed(expected.size(), product) == found);
    }

private slots:
    void initTestCase()
    {
        if (!testedCuda().backend) {
            QSKIP(cudaAbsence().c_str());
        }
        qInfo("card: %s", testedCuda().facts.devices.front().name.c_str());
    }

    void budgetIsKept()
    {
        const Memory& memory = testedCuda().backend->memory();
        const MemoryUse before = memory.use();
        QCOMPARE(before.bytesBudget, std::uint64_t{1} << 30);
        std::vector<Buffer<float>> buffers;
        while (auto buffer = Buffer<float>::allocated(memory, std::size_t{16} << 20)) {
            buffers.push_back(std::move(*buffer));
            QVERIFY(memory.use().bytesUsed <= before.bytesBudget);
        }
        QCOMPARE(buffers.size(), std::size_t{14}); // Of 64 MiB; 96 MiB are the operations' own.
        const auto w = normalFloats(8192 * 4096, 1);
        const WeightsView view{ScalarType::F32, 8192, 4096, std::as_bytes(std::span(w))};
        QVERIFY(!testedCuda().backend->prepare(view, Precision::F32)); // A status, and nothing is lost.
        buffers.clear();
        QCOMPARE(memory.use().bytesUsed, before.bytesUsed);
        QVERIFY(testedCuda().backend->prepare(view, Precision::F32));
        QVERIFY(memory.wait());
    }

    void budgetsThatCannotBe_data()
    {
        QTest::addColumn<quint64>("bytes");
        QTest::newRow("too small") << (quint64{1} << 20);
        QTest::newRow("more than there is") << (quint64{1} << 50);
    }
    void budgetsThatCannotBe()
    {
        QFETCH(const quint64, bytes);
        const OpenedCuda opened = openCuda(gpuPluginFile(), {.bytesBudget = bytes});
        QVERIFY(!opened.backend);
        QCOMPARE(opened.facts.absence, GpuAbsence::BudgetTooSmall);
        QVERIFY2(opened.facts.detail.find("MiB") != std::string::npos, opened.facts.detail.c_str());
    }

    void deviceThatIsNotThere()
    {
        const OpenedCuda opened = openCuda(gpuPluginFile(), {.device = 63});
        QVERIFY(!opened.backend);
        QCOMPARE(opened.facts.absence, GpuAbsence::NoDevice);
    }

    void moves()
    {
        const Memory& memory = testedCuda().backend->memory();
        for (const std::int64_t count : {1, 63, 2 << 20, (4 << 20) + 1, (9 << 20) - 3}) { // Pieces are 2 << 20 floats.
            const auto values = normalFloats(count, static_cast<unsigned>(count));
            const auto there = Buffer<float>::of(memory, values);
            const auto beside = Buffer<float>::allocated(memory, values.size());
            QVERIFY(memory.copy(std::as_bytes(there->span()), std::as_writable_bytes(beside->span())));
            std::vector<float> back(values.size());
            QVERIFY(beside->download(back));
            QVERIFY(back == values);
        }
    }

    /// Products of a LLaMA of 7 B, for one token, a few and a prompt; and inputs of more rows than are rounded at once.
    void products()
    {
        for (const std::int64_t rows : {1, 3, 512}) {
            compareGemm(rows, 11008, 4096, Precision::Bf16, 1e-4);
            compareGemm(rows, 4096, 11008, Precision::Bf16, 1e-4);
        }
        compareGemm(70000, 64, 512, Precision::Bf16, 1e-4);
        compareGemm(64, 4096, 4096, Precision::F32, 2e-5);
    }

    void attention_data()
    {
        QTest::addColumn<int>("queries");
        QTest::addColumn<int>("keys");
        QTest::addColumn<int>("heads");
        QTest::addColumn<int>("kvHeads");
        QTest::addColumn<int>("headDim");
        QTest::addColumn<int>("window");
        QTest::newRow("prompt") << 700 << 700 << 8 << 8 << 128 << 0;
        QTest::newRow("shared heads") << 257 << 900 << 8 << 2 << 64 << 0;
        QTest::newRow("window") << 500 << 500 << 4 << 4 << 96 << 130;
        QTest::newRow("wide heads") << 200 << 300 << 2 << 1 << 256 << 0;
        QTest::newRow("one token") << 1 << 5000 << 32 << 32 << 128 << 0;
        QTest::newRow("one token, shared heads") << 1 << 5000 << 32 << 4 << 128 << 0;
        QTest::newRow("one token, window") << 1 << 5000 << 6 << 2 << 80 << 1000;
        QTest::newRow("some tokens") << 9 << 3000 << 32 << 8 << 128 << 0;
    }
    void attention()
    {
        QFETCH(const int, queries);
        QFETCH(const int, keys);
        QFETCH(const int, heads);
        QFETCH(const int, kvHeads);
        QFETCH(const int, headDim);
        QFETCH(const int, window);
        const Backend& cuda = *testedCuda().backend;
        const AttentionShape shape{queries, keys, heads, kvHeads, headDim, window, 1.0F / std::sqrt(float(headDim))};
        const auto query = normalFloats(std::int64_t{queries} * heads * headDim, 1);
        const auto k = normalFloats(std::int64_t{keys} * kvHeads * headDim, 2);
        const auto v = normalFloats(std::int64_t{keys} * kvHeads * headDim, 3);
        std::vector<float> expected(query.size());
        cpuBackend().attention(shape, Precision::F32, query, k, v, expected);
        const auto onQuery = Buffer<float>::of(cuda.memory(), query);
        const auto onKeys = Buffer<float>::of(cuda.memory(), k);
        const auto onValues = Buffer<float>::of(cuda.memory(), v);
        for (const auto precision : {Precision::F32, Precision::Bf16}) {
            const auto attend = [&](std::span<float> out) {
                cuda.attention(shape, precision, onQuery->span(), onKeys->span(), onValues->span(), out);
            };
            const auto found = computed(expected.size(), attend);
            const double error = farthest(found, expected);
            const double tolerance = precision == Precision::F32 ? kToleranceAttention : kToleranceAttentionBf16;
            QVERIFY2(error <= tolerance, qPrintable(QString("%1 above %2").arg(error).arg(tolerance)));
            QVERIFY(computed(expected.size(), attend) == found);
        }
    }

    void gramOfManyRows()
    {
        const Backend& cuda = *testedCuda().backend;
        const std::int64_t rows = 9000; // More than are rounded at once.
        const std::int64_t cols = 4101;
        const auto x = normalFloats(rows * cols, 1);
        std::vector<float> expected(static_cast<std::size_t>(cols * cols), 0.0F);
        cpuBackend().accumulateGram(Precision::Bf16, x, rows, cols, expected);
        cpuBackend().mirrorLower(expected, cols);
        const auto input = Buffer<float>::of(cuda.memory(), x);
        std::vector<float> found(expected.size(), 0.0F);
        const auto gram = Buffer<float>::of(cuda.memory(), found);
        cuda.accumulateGram(Precision::Bf16, input->span(), rows, cols, gram->span());
        cuda.mirrorLower(gram->span(), cols);
        QVERIFY(gram->download(found));
        QVERIFY(farthest(found, expected) <= kToleranceSumBf16);
    }

    void threadsShareIt()
    {
        const Backend& cuda = *testedCuda().backend;
        std::vector<std::vector<float>> results(4);
        {
            std::vector<std::jthread> threads;
            for (auto& result : results) {
                threads.emplace_back([&] {
                    const auto values = normalFloats(1 << 20, 7);
                    for (int turn = 0; turn < 20; ++turn) {
                        const auto x = Buffer<float>::of(cuda.memory(), values);
                        cuda.softmax(x->span(), 1024);
                        cuda.add(x->span(), x->span());
                        result.resize(values.size());
                        if (!x->download(result)) {
                            result.clear();
                        }
                    }
                });
            }
        }
        QVERIFY(!results[0].empty());
        for (const auto& result : results) {
            QVERIFY(result == results[0]);
        }
    }
};

QTEST_GUILESS_MAIN(TestCuda)
#include "tst_cuda.moc"
