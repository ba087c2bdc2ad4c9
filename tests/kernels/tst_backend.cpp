// SPDX-License-Identifier: Apache-2.0
// Every operation of every backend and level but products against the reference, over odd shapes, with the named
// tolerances.
#include <QTest>

#include "kernels/backend.h"
#include "kernels/cpulevel.h"
#include "kernels/subjects.h"
#include "kernels/threads.h"
#include "kernels/tolerances.h"
#include "kernels/values.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <limits>

using namespace bitlathe::kernels;
using namespace bitlathe::tests;

class TestBackend : public QObject
{
    Q_OBJECT

private:
    const Backend& m_reference = referenceBackend();
    const Backend* m_tested = nullptr;

private slots:
    void init()
    {
        QFETCH(const Subject, subject);
        m_tested = subject.start();
        if (m_tested == nullptr) {
            QSKIP(subject.absence().c_str());
        }
        setThreadCount(0);
    }

    void cleanup() { setCpuLevel(detectedCpuLevel()); }

    void norms_data() { addSubjects(); }
    void norms()
    {
        for (const std::size_t cols : {1, 7, 16, 33, 64, 100, 768, 1027}) {
            const auto x = randomValues(9 * cols, 1);
            const auto weight = randomValues(cols, 2);
            std::vector<float> expected(x.size());
            std::vector<float> found(x.size());
            m_reference.rmsNorm(x, weight, 1e-5, expected);
            m_tested->rmsNorm(x, weight, 1e-5, found);
            VERIFY_WITHIN(largestError(found, expected, largestOf(expected)), kToleranceElement);
            std::vector<float> inPlace = x;
            m_tested->rmsNorm(inPlace, weight, 1e-5, inPlace);
            QCOMPARE(inPlace, found);
            const auto bias = randomValues(cols, 3);
            for (const auto& shift : {std::vector<float>(), bias}) {
                m_reference.layerNorm(x, weight, shift, 1e-5, expected);
                m_tested->layerNorm(x, weight, shift, 1e-5, found);
                VERIFY_WITHIN(largestError(found, expected, largestOf(expected) + 1e-30), kToleranceElement);
            }
            inPlace = x;
            m_tested->layerNorm(inPlace, weight, bias, 1e-5, inPlace);
            QCOMPARE(inPlace, found);
        }
    }

    void rope_data() { addSubjects(); }
    void rope()
    {
        for (const std::int64_t headDim : {2, 6, 16, 34, 64, 80, 128}) {
            const std::int64_t rows = 5;
            const std::int64_t heads = 3;
            const auto table = static_cast<std::size_t>(rows * headDim / 2);
            const auto cosine = randomValues(table, 1);
            const auto sine = randomValues(table, 2);
            auto expected = randomValues(static_cast<std::size_t>(rows * heads * headDim), 3);
            auto found = expected;
            m_reference.rope(expected, rows, heads, headDim, cosine, sine);
            m_tested->rope(found, rows, heads, headDim, cosine, sine);
            VERIFY_WITHIN(largestError(found, expected, largestOf(expected)), kToleranceElement);
        }
    }

    void turn_data() { addSubjects(); }
    void turn()
    {
        for (const std::int64_t headDim : {2, 34, 80, 128}) {
            TurnedRows rows;
            rows.rows = 3;
            rows.heads = 6;
            rows.kvHeads = 2;
            rows.headDim = headDim;
            const auto table = static_cast<std::size_t>(rows.rows * headDim / 2);
            const auto cosine = randomValues(table, 1);
            const auto sine = randomValues(table, 2);
            const auto values = randomValues(static_cast<std::size_t>(rows.rows * rows.kvHeads * headDim), 3);
            auto queriesExpected = randomValues(static_cast<std::size_t>(rows.rows * rows.heads * headDim), 4);
            auto keysExpected = randomValues(values.size(), 5);
            auto queries = queriesExpected;
            auto keys = keysExpected;
            std::vector<float> keptKeys(keys.size(), std::nanf(""));
            std::vector<float> keptValues(keys.size(), std::nanf(""));
            rows.queries = queries;
            rows.keys = keys;
            rows.values = values;
            rows.cosine = cosine;
            rows.sine = sine;
            m_tested->turn(rows);
            m_reference.rope(queriesExpected, rows.rows, rows.heads, headDim, cosine, sine);
            m_reference.rope(keysExpected, rows.rows, rows.kvHeads, headDim, cosine, sine);
            VERIFY_WITHIN(largestError(queries, queriesExpected, largestOf(queriesExpected)), kToleranceElement);
            VERIFY_WITHIN(largestError(keys, keysExpected, largestOf(keysExpected)), kToleranceElement);
            // Once more, with a place to keep them.
            rows.keptKeys = keptKeys;
            rows.keptValues = keptValues;
            m_tested->turn(rows);
            m_reference.rope(keysExpected, rows.rows, rows.kvHeads, headDim, cosine, sine);
            VERIFY_WITHIN(largestError(keys, keysExpected, largestOf(keysExpected)), 2 * kToleranceElement);
            QCOMPARE(keptKeys, keys);
            QCOMPARE(keptValues, values);
        }
    }

    void elementwise_data() { addSubjects(); }
    void elementwise()
    {
        for (const std::size_t count : {1, 15, 16, 17, 100, 40001}) {
            auto gate = randomValues(count, 1, 30.0F);
            gate[0] = -200.0F;
            const auto up = randomValues(count, 2);
            auto found = gate;
            m_reference.activate(Activation::Silu, gate, up);
            m_tested->activate(Activation::Silu, found, up);
            VERIFY_WITHIN(largestError(found, gate, largestOf(gate) + 1e-30), kToleranceElement);
            auto sum = gate;
            m_reference.add(sum, up);
            m_tested->add(gate, up);
            QCOMPARE(gate, sum);
        }
    }

    void activations_data() { addSubjects(); }
    void activations()
    {
        for (const auto activation : {Activation::Silu, Activation::GeluTanh, Activation::Gelu, Activation::Relu}) {
            for (const float scale : {0.01F, 1.0F, 4.0F, 100.0F}) {
                const auto x = randomValues(1003, 1, scale);
                const auto up = randomValues(x.size(), 2);
                for (const auto& factor : {std::vector<float>(), up}) {
                    auto expected = x;
                    auto found = x;
                    m_reference.activate(activation, expected, factor);
                    m_tested->activate(activation, found, factor);
                    VERIFY_WITHIN(largestError(found, expected, largestOf(expected)), kToleranceElement);
                }
            }
        }
    }

    void softCaps_data() { addSubjects(); }
    void softCaps()
    {
        auto expected = randomValues(517, 1, 30.0F);
        auto found = expected;
        m_reference.softCap(expected, 30.0F);
        m_tested->softCap(found, 30.0F);
        VERIFY_WITHIN(largestError(found, expected, largestOf(expected)), kToleranceElement);
        QVERIFY(largestOf(found) <= 30.0);
        // Small values keep their digits: scores that are hardly capped must not lose any.
        expected = randomValues(517, 2, 1e-3F);
        found = expected;
        m_reference.softCap(expected, 50.0F);
        m_tested->softCap(found, 50.0F);
        VERIFY_WITHIN(largestError(found, expected, largestOf(expected)), kToleranceElement);
    }

    void softmaxAndLogs_data() { addSubjects(); }
    void softmaxAndLogs()
    {
        for (const std::int64_t cols : {1, 5, 16, 31, 100, 8192}) {
            const std::size_t rows = 7;
            auto expected = randomValues(rows * static_cast<std::size_t>(cols), 1, 6.0F);
            expected[0] = 300.0F;
            auto other = randomValues(expected.size(), 2, 0.3F);
            for (std::size_t i = 0; i < other.size(); ++i) {
                other[i] += expected[i];
            }
            std::vector<double> a(rows);
            std::vector<double> b(rows);
            m_reference.logSumExp(expected, cols, a);
            m_tested->logSumExp(expected, cols, b);
            for (std::size_t row = 0; row < rows; ++row) {
                VERIFY_WITHIN(std::abs(a[row] - b[row]), kToleranceLog);
            }
            m_reference.klDivergence(expected, other, cols, a);
            m_tested->klDivergence(expected, other, cols, b);
            for (std::size_t row = 0; row < rows; ++row) {
                VERIFY_WITHIN(std::abs(a[row] - b[row]), kToleranceLog);
                QVERIFY(a[row] > -1e-9);
            }
            m_tested->klDivergence(expected, expected, cols, b);
            VERIFY_WITHIN(std::abs(*std::ranges::max_element(b)), kToleranceLog);
            auto found = expected;
            m_reference.softmax(expected, cols);
            m_tested->softmax(found, cols);
            VERIFY_WITHIN(largestError(found, expected, 1.0), kToleranceElement);
        }
    }

    void takenFromRows_data() { addSubjects(); }
    void takenFromRows()
    {
        constexpr float kNone = std::numeric_limits<float>::quiet_NaN();
        constexpr float kLeast = -std::numeric_limits<float>::infinity();
        for (const std::int64_t cols : {1, 5, 31, 32, 33, 1000, 8192}) {
            const std::size_t rows = 37;
            const auto width = static_cast<std::size_t>(cols);
            auto x = randomValues(rows * width, 5, 1.0F);
            x[0] = kNone;                                                              // Alone, or before numbers.
            std::fill_n(x.begin() + static_cast<std::ptrdiff_t>(width), width, kNone); // No number at all.
            std::fill_n(x.begin() + static_cast<std::ptrdiff_t>(2 * width), width, kLeast);
            std::fill_n(x.begin() + static_cast<std::ptrdiff_t>(3 * width), width, 2.0F); // All are largest.
            x[5 * width - 1] = 9.0F;
            x[4 * width + width / 2] = 9.0F;
            std::vector<std::int32_t> expected(rows, -1);
            std::vector<std::int32_t> found(rows, -1);
            m_reference.largest(x, cols, expected);
            m_tested->largest(x, cols, found);
            QCOMPARE(found, expected);
            QCOMPARE(found[1], 0);
            QCOMPARE(found[3], 0);
            QCOMPARE(found[4], static_cast<std::int32_t>(width / 2));
            std::vector<float> picked(rows);
            std::ranges::replace_if(
                x, [](float value) { return std::isnan(value); }, 4.0F);
            m_tested->pick(x, cols, expected, picked);
            for (std::size_t row = 0; row < rows; ++row) {
                QCOMPARE(picked[row], x[row * width + static_cast<std::size_t>(expected[row])]);
            }
        }
        const auto from = randomValues(7 * 12, 6, 1.0F);
        std::vector<float> to(7 * 9, 3.0F);
        m_tested->copyRows(std::span(from).subspan(2), 12, std::span(to).subspan(1), 9, 7, 5);
        for (std::size_t row = 0; row < 7; ++row) {
            for (std::size_t col = 0; col < 9; ++col) {
                QCOMPARE(to[row * 9 + col], col >= 1 && col < 6 ? from[row * 12 + 1 + col] : 3.0F);
            }
        }
    }

    void rowsOfTables_data() { addSubjects(); }
    void rowsOfTables()
    {
        const std::vector<std::int32_t> indices{6, 0, 3, 3};
        for (const std::int64_t cols : {1, 7, 300}) {
            const auto width = static_cast<std::size_t>(cols);
            const auto values = randomValues(7 * width, 21, 1.0F);
            std::vector<F16> halves(values.size());
            std::vector<Bf16> words(values.size());
            convert(values, halves);
            convert(values, words);
            const std::array tables{
                WeightsView{ScalarType::F32, 7, cols, std::as_bytes(std::span(values))},
                WeightsView{ScalarType::F16, 7, cols, std::as_bytes(std::span(halves))},
                WeightsView{ScalarType::Bf16, 7, cols, std::as_bytes(std::span(words))},
            };
            for (const WeightsView& table : tables) {
                std::vector<float> found(indices.size() * width, std::nanf(""));
                m_tested->widenRows(table, indices, found);
                for (std::size_t i = 0; i < found.size(); ++i) {
                    const std::size_t at = static_cast<std::size_t>(indices[i / width]) * width + i % width;
                    QCOMPARE(found[i], table.type == ScalarType::F32   ? values[at]
                                       : table.type == ScalarType::F16 ? static_cast<float>(halves[at])
                                                                       : static_cast<float>(words[at]));
                }
            }
        }
    }

    void likelihoodOfTargets_data() { addSubjects(); }
    void likelihoodOfTargets()
    {
        const std::vector<float> logits{0.0F, std::log(3.0F), 5.0F, 5.0F};
        const std::vector<std::int32_t> targets{1, 0};
        std::vector<double> nll(2);
        negativeLogLikelihood(*m_tested, logits, 2, targets, nll);
        VERIFY_WITHIN(std::abs(nll[0] + std::log(0.75)), kToleranceLog);
        VERIFY_WITHIN(std::abs(nll[1] + std::log(0.5)), kToleranceLog);
    }

    void attention_data() { addSubjects(); }
    void attention()
    {
        std::vector<AttentionShape> shapes;
        for (const std::int64_t queries : {1, 3, 7, 8, 13, 57, 130}) {
            for (const std::int64_t before : {0, 1, 63, 64, 300}) {
                shapes.push_back({queries, queries + before, 4, 2, 16, 0, 0.25F});
                shapes.push_back({queries, queries + before, 3, 1, 24, 0, 0.3F});
                shapes.push_back({queries, queries + before, 2, 2, 66, 20, 0.1F});
                shapes.push_back({queries, queries + before, 2, 1, 128, 100, 0.1F});
            }
        }
        shapes.push_back({5, 900, 4, 2, 64, 0, 0.125F});
        shapes.push_back({20, 700, 1, 1, 7, 1, 0.4F});
        for (const std::int64_t queries : {1, 5, 70}) {
            shapes.push_back({queries, 200, 4, 2, 24, 0, 0.5F, 5.0F});
            shapes.push_back({queries, 200, 2, 2, 66, 33, 0.2F, 50.0F});
        }
        for (const AttentionShape& shape : shapes) {
            const auto width = static_cast<std::size_t>(shape.headDim);
            const auto query = randomValues(static_cast<std::size_t>(shape.queries * shape.heads) * width, 1, 2.0F);
            const auto keys = randomValues(static_cast<std::size_t>(shape.keys * shape.kvHeads) * width, 2, 2.0F);
            const auto values = randomValues(keys.size(), 3);
            std::vector<float> expected(query.size());
            std::vector<float> found(query.size(), std::nanf(""));
            m_reference.attention(shape, Precision::F32, query, keys, values, expected);
            m_tested->attention(shape, Precision::F32, query, keys, values, found);
            VERIFY_WITHIN(largestError(found, expected, largestOf(values)), kToleranceAttention);
            m_tested->attention(shape, Precision::Bf16, query, keys, values, found);
            VERIFY_WITHIN(largestError(found, expected, largestOf(values)), kToleranceAttentionBf16);
        }
    }

    void attentionGivesSameBytesForAnyThreads_data() { addSubjects(); }
    void attentionGivesSameBytesForAnyThreads()
    {
        for (const std::int64_t queries : {1, 150}) {
            const AttentionShape shape{queries, 700, 4, 2, 32, 0, 0.2F};
            const auto query = randomValues(static_cast<std::size_t>(queries * 4 * 32), 1);
            const auto keys = randomValues(700 * 2 * 32, 2);
            const auto values = randomValues(700 * 2 * 32, 3);
            std::vector<float> one(query.size());
            std::vector<float> two(query.size());
            setThreadCount(1);
            m_tested->attention(shape, Precision::Bf16, query, keys, values, one);
            setThreadCount(2);
            m_tested->attention(shape, Precision::Bf16, query, keys, values, two);
            QVERIFY(std::memcmp(one.data(), two.data(), one.size() * sizeof(float)) == 0);
        }
    }

    void gram_data() { addSubjects(); }
    void gram()
    {
        for (const Precision precision : {Precision::F32, Precision::Bf16}) {
            for (const std::int64_t cols : {1, 15, 33, 100, 257}) {
                for (const std::int64_t rows : {1, 30, 257, 1057}) {
                    const auto x = randomValues(static_cast<std::size_t>(rows * cols), 1);
                    std::vector<float> expected(static_cast<std::size_t>(cols * cols), 0.5F);
                    std::vector<float> found = expected;
                    m_reference.accumulateGram(precision, x, rows, cols, expected);
                    m_tested->accumulateGram(precision, x, rows, cols, found);
                    m_reference.mirrorLower(expected, cols);
                    m_tested->mirrorLower(found, cols);
                    VERIFY_WITHIN(largestError(found, expected, static_cast<double>(rows)),
                                  precision == Precision::F32 ? kToleranceSum : kToleranceSumBf16);
                    const auto corner = static_cast<std::size_t>(cols - 1);
                    QCOMPARE(found[corner], found[corner * static_cast<std::size_t>(cols)]);
                }
            }
        }
    }

    void gramGivesSameBytesForAnyThreads_data() { addSubjects(); }
    void gramGivesSameBytesForAnyThreads()
    {
        const auto x = randomValues(300 * 130, 1);
        for (const Precision precision : {Precision::F32, Precision::Bf16}) {
            std::vector<float> one(130 * 130, 0.0F);
            std::vector<float> two = one;
            setThreadCount(1);
            m_tested->accumulateGram(precision, x, 300, 130, one);
            m_tested->mirrorLower(one, 130);
            setThreadCount(2);
            m_tested->accumulateGram(precision, x, 300, 130, two);
            m_tested->mirrorLower(two, 130);
            QVERIFY(std::memcmp(one.data(), two.data(), one.size() * sizeof(float)) == 0);
        }
    }

    void channels_data() { addSubjects(); }
    void channels()
    {
        for (const std::size_t cols : {1, 15, 64, 65, 200}) {
            struct Stats
            {
                explicit Stats(std::size_t count)
                    : low(count, HUGE_VALF),
                      high(count, -HUGE_VALF),
                      far(count, 0.0F),
                      sum(count, 0.0),
                      absSum(count, 0.0)
                {}
                ChannelStats view() { return {low, high, far, sum, absSum}; }
                std::vector<float> low;
                std::vector<float> high;
                std::vector<float> far;
                std::vector<double> sum;
                std::vector<double> absSum;
            };
            Stats expected(cols);
            Stats found(cols);
            for (const unsigned seed : {1U, 2U}) {
                const auto x = randomValues(50 * cols, seed);
                m_reference.accumulateChannels(x, 50, expected.view());
                m_tested->accumulateChannels(x, 50, found.view());
            }
            QCOMPARE(found.low, expected.low);
            QCOMPARE(found.high, expected.high);
            QCOMPARE(found.far, expected.far);
            for (std::size_t i = 0; i < cols; ++i) {
                VERIFY_WITHIN(std::abs(found.sum[i] - expected.sum[i]), 1e-9);
                VERIFY_WITHIN(std::abs(found.absSum[i] - expected.absSum[i]), 1e-9);
            }
        }
    }
};

QTEST_GUILESS_MAIN(TestBackend)
#include "tst_backend.moc"
