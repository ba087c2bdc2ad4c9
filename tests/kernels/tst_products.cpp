// SPDX-License-Identifier: Apache-2.0
// Products with dense weights, alone and several of one input, against the reference and against their steps one by
// one.
#include <QTest>

#include "kernels/backend.h"
#include "kernels/cpulevel.h"
#include "kernels/subjects.h"
#include "kernels/threads.h"
#include "kernels/tolerances.h"
#include "kernels/values.h"

#include <algorithm>
#include <list>
#include <optional>
#include <tuple>

using namespace bitlathe::kernels;
using namespace bitlathe::tests;

class TestProducts : public QObject
{
    Q_OBJECT

private:
    const Backend& m_reference = referenceBackend();
    const Backend* m_tested = nullptr;

    void checkGemm(ScalarType type, Precision precision, std::int64_t rows, std::int64_t outputs, std::int64_t inputs)
    {
        const TypedWeights weights(type, outputs, inputs, 3);
        const auto x = randomValues(static_cast<std::size_t>(rows * inputs), 4);
        const auto bias = randomValues(static_cast<std::size_t>(outputs), 5);
        const auto scales = productScales(x, rows, weights.f32, outputs);
        std::vector<float> expected(scales.size());
        std::vector<float> found(scales.size(), std::nanf(""));
        const auto prepared = m_tested->prepare(weights.view, precision);
        QCOMPARE(prepared->outputs(), outputs);
        QCOMPARE(prepared->inputs(), inputs);
        const auto plain = m_reference.prepare(weights.view, precision);
        const double tolerance = precision == Precision::Bf16 ? kToleranceSumBf16 : kToleranceSum;
        for (const bool biased : {false, true}) {
            const auto chosen = biased ? std::span<const float>(bias) : std::span<const float>();
            m_reference.gemm(x, rows, *plain, chosen, expected);
            m_tested->gemm(x, rows, *prepared, chosen, found);
            VERIFY_WITHIN(largestError(found, expected, scales), tolerance);
        }
    }

    struct MadeInput
    {
        bool isNormed = false;
        std::optional<Activation> activation = {};
        bool hasFactor = false;
        bool isInPlace = false;
        bool adds = false;
    };

    /// gemmEach() against its steps one after the other, by the same backend.
    void checkProducts(std::int64_t rows, std::int64_t inputs, const MadeInput& as)
    {
        const auto count = static_cast<std::size_t>(rows * inputs);
        auto x = randomValues(count, 9);
        const auto weight = randomValues(static_cast<std::size_t>(inputs), 10);
        const auto factor = randomValues(count, 11);
        std::vector<float> read = x;
        if (as.isNormed) {
            m_tested->rmsNorm(x, weight, 1e-5, read);
        }
        if (as.activation) {
            m_tested->activate(*as.activation, read, as.hasFactor ? std::span(factor) : std::span<const float>());
        }
        const auto bias = randomValues(300, 4);
        std::vector<std::unique_ptr<PreparedWeights>> prepared;
        std::list<std::vector<float>> alone;
        std::list<std::vector<float>> together;
        std::list<std::vector<float>> products;
        std::list<std::vector<double>> scales;
        std::vector<GemmPart> parts;
        unsigned seed = 0;
        for (const std::int64_t outputs : {48, 16, 16, 1, 300, 64, 7, 33, 128, 20}) {
            // What is made on the way is made for products in bf16 alone.
            const bool isBf16 = seed < 5 || as.isNormed || as.activation;
            const TypedWeights weights(isBf16 ? ScalarType::Bf16 : ScalarType::F32, outputs, inputs, ++seed);
            prepared.push_back(m_tested->prepare(weights.view, isBf16 ? Precision::Bf16 : Precision::F32));
            const auto own =
                seed % 2 == 0 ? std::span(bias).first(static_cast<std::size_t>(outputs)) : std::span<const float>();
            auto& expected = alone.emplace_back(static_cast<std::size_t>(rows * outputs));
            m_tested->gemm(read, rows, *prepared.back(), own, expected);
            scales.push_back(productScales(read, rows, weights.f32, outputs));
            GemmPart part{prepared.back().get(), own, products.emplace_back(expected.size(), std::nanf("")), {}};
            if (as.adds) {
                part.addTo = together.emplace_back(randomValues(expected.size(), 50 + seed));
                std::vector<float> sum = together.back();
                m_tested->add(sum, expected);
                expected = sum;
                std::ranges::transform(scales.back(), sum, scales.back().begin(),
                                       [](double scale, float value) { return scale + std::abs(double{value}); });
            }
            parts.push_back(part);
        }
        std::vector<float> made(count);
        m_tested->gemmEach({.x = x,
                            .rows = rows,
                            .normWeight = as.isNormed ? std::span(weight) : std::span<const float>(),
                            .epsilon = 1e-5,
                            .activation = as.activation,
                            .factor = as.hasFactor ? std::span(factor) : std::span<const float>(),
                            .made = as.isInPlace ? std::span(x) : std::span(made)},
                           parts);
        const auto& found = as.adds ? together : products;
        if (!as.isNormed && !as.activation && !as.adds) {
            QVERIFY(found == alone);
            return;
        }
        // A few inputs at the edge between two bf16 may go the other way; a sum may begin with what is there.
        const bool mayRound = as.isNormed || as.activation;
        const double tolerance =
            mayRound ? kToleranceSumBf16 + 4 * 0x1p-8 / static_cast<double>(inputs) : kToleranceSum;
        for (auto [a, b, scale] = std::tuple(found.begin(), alone.begin(), scales.begin()); a != found.end();
             ++a, ++b, ++scale) {
            VERIFY_WITHIN(largestError(*a, *b, *scale), tolerance);
        }
    }

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

    void gemm_data() { addSubjects(); }
    void gemm()
    {
        for (const auto type : {ScalarType::F32, ScalarType::F16, ScalarType::Bf16}) {
            for (const auto precision : {Precision::F32, Precision::Bf16}) {
                for (const std::int64_t rows : {1, 2, 5, 6, 7, 13, 14, 15, 29, 300}) {
                    checkGemm(type, precision, rows, 37, 51);
                }
                for (const std::int64_t inputs : {1, 2, 3, 8, 17, 64, 129}) {
                    checkGemm(type, precision, 1, 150, inputs);
                    checkGemm(type, precision, 4, 33, inputs);
                }
                for (const std::int64_t outputs : {1, 15, 16, 32, 64, 65, 300}) {
                    checkGemm(type, precision, 1, outputs, 40);
                    checkGemm(type, precision, 17, outputs, 40);
                }
            }
        }
    }

    void gemmOfManyRowsAndLongSums_data() { addSubjects(); }
    void gemmOfManyRowsAndLongSums()
    {
        checkGemm(ScalarType::Bf16, Precision::F32, 1100, 20, 70);
        checkGemm(ScalarType::Bf16, Precision::Bf16, 1100, 20, 70);
        checkGemm(ScalarType::F32, Precision::F32, 3, 20, 4099);
        checkGemm(ScalarType::Bf16, Precision::Bf16, 3, 20, 4099);
        for (const std::int64_t rows : {2, 16, 17, 32, 33, 64, 100}) { // whole and broken AMX tiles
            checkGemm(ScalarType::Bf16, Precision::Bf16, rows, 70, 96);
        }
    }

    void gemmGivesSameBytesForAnyThreadsAndRows_data() { addSubjects(); }
    void gemmGivesSameBytesForAnyThreadsAndRows()
    {
        const std::int64_t inputs = 203;
        const std::int64_t outputs = 301;
        const std::int64_t rows = 200;
        const auto x = randomValues(static_cast<std::size_t>(rows * inputs), 8);
        for (const auto precision : {Precision::F32, Precision::Bf16}) {
            const TypedWeights weights(ScalarType::Bf16, outputs, inputs, 7);
            const auto prepared = m_tested->prepare(weights.view, precision);
            std::vector<float> one(static_cast<std::size_t>(rows * outputs));
            std::vector<float> two(one.size());
            setThreadCount(1);
            m_tested->gemm(x, rows, *prepared, {}, one);
            setThreadCount(2);
            m_tested->gemm(x, rows, *prepared, {}, two);
            QVERIFY(std::memcmp(one.data(), two.data(), one.size() * sizeof(float)) == 0);
            if (m_tested != &cpuBackend()) {
                continue; // cudabackend.h: few rows may be summed in another order than many
            }
            for (const std::size_t row : {std::size_t{0}, std::size_t{77}, std::size_t{199}}) {
                std::vector<float> single(static_cast<std::size_t>(outputs));
                m_tested->gemm(std::span(x).subspan(row * inputs, inputs), 1, *prepared, {}, single);
                QVERIFY(std::memcmp(single.data(), one.data() + row * outputs, single.size() * sizeof(float)) == 0);
            }
        }
    }

    /// Weights of several types and sizes beside each other give what each gives alone.
    void productsOfOneInput_data() { addSubjects(); }
    void productsOfOneInput()
    {
        for (const std::int64_t inputs : {77, 96}) {
            for (const std::int64_t rows : {1, 4, 15, 130}) {
                checkProducts(rows, inputs, {});
            }
        }
    }

    /// With a norm or an activation on the way, as one after the other; results added to what is there.
    void productsOfMadeInputs_data() { addSubjects(); }
    void productsOfMadeInputs()
    {
        for (const std::int64_t inputs : {77, 96}) {
            for (const std::int64_t rows : {1, 4, 130}) {
                checkProducts(rows, inputs, {.isNormed = true});
                checkProducts(rows, inputs, {.activation = Activation::Silu, .hasFactor = true});
                checkProducts(rows, inputs, {.activation = Activation::GeluTanh});
                checkProducts(rows, inputs, {.activation = Activation::Gelu, .isInPlace = true});
                checkProducts(rows, inputs, {.isNormed = true, .activation = Activation::Relu, .hasFactor = true});
                checkProducts(rows, inputs, {.isNormed = true, .adds = true});
                checkProducts(rows, inputs, {.adds = true});
            }
        }
    }
};

QTEST_GUILESS_MAIN(TestProducts)
#include "tst_products.moc"
