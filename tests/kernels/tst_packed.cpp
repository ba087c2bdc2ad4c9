// SPDX-License-Identifier: Apache-2.0
// Products of packed weights against the reference and the dense product of the same values, on every level.
#include <QTest>

#include "kernels/backend.h"
#include "kernels/cpulevel.h"
#include "kernels/quantize.h"
#include "kernels/reference/packed.h"
#include "kernels/scalars.h"
#include "kernels/subjects.h"
#include "kernels/threads.h"
#include "kernels/tolerances.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <list>
#include <random>
#include <tuple>

using namespace bitlathe::kernels;
using bitlathe::tests::addSubjects;
using bitlathe::tests::Subject;

namespace
{

/// What is tried of the ways to pack.
struct Packing
{
    int bits = 4;
    std::int64_t groupSize = 128;
    bool hasZeros = false;
    bool hasOffsets = false;
    bool hasBook = false;
    bool scattered = false; ///< Groups of columns in no order, of any size.
    ScaleType scaleType = ScaleType::F16;
};

std::vector<float> normalValues(std::int64_t count, unsigned seed)
{
    std::mt19937 random(seed);
    std::normal_distribution<float> normal;
    std::vector<float> values(static_cast<std::size_t>(count));
    std::ranges::generate(values, [&] { return normal(random); });
    return values;
}

/// Random weights that own what their view shows.
struct RandomWeights
{
    RandomWeights(const Packing& packing, std::int64_t outputs, std::int64_t inputs, unsigned seed)
    {
        std::mt19937 random(seed);
        const std::int64_t groups = (inputs + packing.groupSize - 1) / packing.groupSize;
        const auto count = static_cast<std::size_t>(outputs * groups);
        const auto bytesRow = static_cast<std::size_t>((inputs * packing.bits + 7) / 8);
        std::vector<std::uint8_t> row(static_cast<std::size_t>(inputs));
        codes.resize(static_cast<std::size_t>(outputs) * bytesRow);
        for (std::int64_t output = 0; output < outputs; ++output) {
            std::ranges::generate(row, [&] { return static_cast<std::uint8_t>(random() % (1U << packing.bits)); });
            packCodes(row, packing.bits,
                      std::span(codes).subspan(static_cast<std::size_t>(output) * bytesRow, bytesRow));
        }
        for (std::size_t i = 0; i < count; ++i) {
            scales.push_back(
                roundToScaleType(0.001F + 0.01F * static_cast<float>(random() % 1000) / 1000.0F, packing.scaleType));
            zeros.push_back(static_cast<std::uint8_t>(random() % (1U << packing.bits)));
            offsets.push_back(roundToScaleType(0.01F * static_cast<float>(random() % 10), ScaleType::F16));
        }
        book = normalValues(1 << packing.bits, seed + 1);
        for (std::int64_t input = 0; packing.scattered && input < inputs; ++input) {
            groupIndex.push_back(static_cast<std::int32_t>(random() % static_cast<unsigned>(groups)));
        }
        view.outputs = outputs;
        view.inputs = inputs;
        view.bits = packing.bits;
        view.codes = codes;
        view.groupSize = packing.groupSize;
        view.groupIndex = groupIndex;
        view.groups = groups;
        view.scales = scales;
        view.zero = packing.hasBook ? 0 : 1 << (packing.bits - 1);
        view.book = packing.hasBook ? std::span<const float>(book) : std::span<const float>();
        view.zeros = packing.hasZeros ? std::span<const std::uint8_t>(zeros) : std::span<const std::uint8_t>();
        view.offsets = packing.hasOffsets ? std::span<const float>(offsets) : std::span<const float>();
    }
    RandomWeights(const RandomWeights&) = delete;
    RandomWeights& operator=(const RandomWeights&) = delete;

    std::vector<std::uint8_t> codes;
    std::vector<float> scales;
    std::vector<std::uint8_t> zeros;
    std::vector<float> offsets;
    std::vector<float> book;
    std::vector<std::int32_t> groupIndex;
    PackedWeightsView view;
};

/// What every output may be off: of its sum of |x| |w| the one share, of the row's largest |x| times its sum of |w| the
/// other.
std::vector<double> bounds(std::span<const float> x, std::int64_t rows, std::span<const float> w, std::int64_t outputs,
                           double ofProducts, double ofLargest)
{
    const std::size_t inputs = x.size() / static_cast<std::size_t>(rows);
    std::vector<double> all;
    for (std::size_t row = 0; row < static_cast<std::size_t>(rows); ++row) {
        const auto own = x.subspan(row * inputs, inputs);
        double largest = 0;
        for (const float value : own) {
            largest = std::max(largest, std::abs(static_cast<double>(value)));
        }
        for (std::size_t output = 0; output < static_cast<std::size_t>(outputs); ++output) {
            double bound = 1e-14;
            for (std::size_t k = 0; k < inputs; ++k) {
                const double weight = std::abs(static_cast<double>(w[output * inputs + k]));
                bound += weight * (ofProducts * std::abs(static_cast<double>(own[k])) + ofLargest * largest);
            }
            all.push_back(bound);
        }
    }
    return all;
}

std::vector<float> rounded(const std::vector<float>& values)
{
    std::vector<Bf16> half(values.size());
    std::vector<float> back(values.size());
    convert(values, half);
    convert(half, back);
    return back;
}

/// The largest error as a part of its bound.
double largestError(std::span<const float> a, std::span<const float> b, std::span<const double> bounds)
{
    double largest = 0;
    for (std::size_t i = 0; i < a.size(); ++i) {
        const double error = std::abs(static_cast<double>(a[i]) - static_cast<double>(b[i]));
        largest = std::max(largest, std::isfinite(a[i]) ? error / bounds[i] : HUGE_VAL);
    }
    return largest;
}

/// Every kind of weights that a format has.
std::vector<Packing> packings()
{
    std::vector<Packing> all;
    for (const int bits : {1, 2, 3, 4, 5, 6, 7, 8}) {
        all.push_back({.bits = bits});
        all.push_back({.bits = bits, .groupSize = 32, .hasZeros = true, .scaleType = ScaleType::F32});
        all.push_back({.bits = bits, .groupSize = 64, .hasZeros = true, .scattered = true});
    }
    for (const std::int64_t groupSize : {16, 48, 100, 1024}) {
        all.push_back({.groupSize = groupSize, .hasZeros = true, .scaleType = ScaleType::Bf16});
    }
    all.push_back({.groupSize = 64, .hasBook = true, .scaleType = ScaleType::F32});
    all.push_back({.bits = 8, .groupSize = 64, .hasBook = true, .scaleType = ScaleType::F32});
    all.push_back({.hasOffsets = true});
    all.push_back({.bits = 3, .hasZeros = true, .hasOffsets = true});
    return all;
}

} // namespace

class TestPacked : public QObject
{
    Q_OBJECT

private:
    const Backend* m_tested = nullptr;

    bool onGpu() const { return m_tested != &cpuBackend(); }

    /// Against the reference within the tolerance of sums; many rows in order of inputs give the bytes of the dense
    /// product.
    void check(const Packing& packing, Precision precision, std::int64_t rows, std::int64_t outputs,
               std::int64_t inputs)
    {
        const RandomWeights weights(packing, outputs, inputs, static_cast<unsigned>(rows + inputs));
        const std::vector<float> values = unpackWeights(weights.view);
        const WeightsView dense{ScalarType::F32, outputs, inputs, std::as_bytes(std::span(values))};
        const auto x = normalValues(rows * inputs, 4);
        const auto bias = normalValues(outputs, 5);
        const bool isBf16 = precision == Precision::Bf16;
        const bool isFixed = isBf16 && !onGpu() && rows <= 4 && !packing.hasBook && cpuLevel() != CpuLevel::Reference;
        const bool mayRoundWeights = isBf16 && onGpu() && (rows > 16 || packing.hasBook);
        const double tolerance = (isBf16 && !isFixed ? kToleranceSumBf16 : kToleranceSum) +
                                 (mayRoundWeights ? kToleranceRoundedWeight : 0.0);
        const auto limits = bounds(x, rows, values, outputs, tolerance, isFixed ? kToleranceWord : 0.0);
        const auto prepared = m_tested->preparePacked(weights.view, precision);
        QCOMPARE(prepared->outputs(), outputs);
        QCOMPARE(prepared->inputs(), inputs);
        const bool exactWeights = isFixed || (isBf16 && onGpu());
        const auto plain = referenceBackend().prepare(dense, exactWeights ? Precision::F32 : precision);
        const auto inputsExpected = isBf16 && onGpu() ? rounded(x) : x;
        const auto panels = m_tested->prepare(dense, precision);
        std::vector<float> expected(limits.size());
        std::vector<float> found(limits.size(), std::nanf(""));
        std::vector<float> wide(limits.size());
        for (const bool biased : {false, true}) {
            const auto chosen = biased ? std::span<const float>(bias) : std::span<const float>();
            referenceBackend().gemm(inputsExpected, rows, *plain, chosen, expected);
            m_tested->gemm(x, rows, *prepared, chosen, found);
            const double error = largestError(found, expected, limits);
            QVERIFY2(error <= 1, qPrintable(QString("%1 of what it may be: %2 bits, groups of %3, %4 x %5 x %6")
                                                .arg(error)
                                                .arg(packing.bits)
                                                .arg(packing.groupSize)
                                                .arg(rows)
                                                .arg(outputs)
                                                .arg(inputs)));
            m_tested->gemm(x, rows, *panels, chosen, wide);
            if (!onGpu() && rows > 4 && !packing.scattered && packing.groupSize % 32 == 0) {
                QVERIFY(found == wide);
            }
        }
    }

    /// gemmEach() against norm and products one after the other, by the same backend.
    void checkProducts(Precision precision, std::int64_t rows, std::int64_t inputs, bool isNormed, bool adds)
    {
        const auto x = normalValues(rows * inputs, 21);
        const auto weight = normalValues(inputs, 23);
        std::vector<float> read = x;
        if (isNormed) {
            m_tested->rmsNorm(x, weight, 1e-5, read);
        }
        const auto bias = normalValues(3000, 22);
        std::vector<std::unique_ptr<PreparedWeights>> prepared;
        std::list<std::vector<float>> alone;
        std::list<std::vector<float>> together;
        std::list<std::vector<float>> products;
        std::list<std::vector<double>> limits;
        std::vector<GemmPart> parts;
        const auto add = [&](const Packing& packing, std::int64_t outputs) {
            const RandomWeights weights(packing, outputs, inputs, 30 + static_cast<unsigned>(parts.size()));
            prepared.push_back(m_tested->preparePacked(weights.view, precision));
            const auto own =
                outputs % 2 == 0 ? std::span(bias).first(static_cast<std::size_t>(outputs)) : std::span<const float>();
            auto& expected = alone.emplace_back(static_cast<std::size_t>(rows * outputs));
            m_tested->gemm(read, rows, *prepared.back(), own, expected);
            // Of a norm a few inputs at the edge between two bf16 may go the other way.
            const double tolerance =
                isNormed ? kToleranceSumBf16 + 4 * 0x1p-8 / static_cast<double>(inputs) : kToleranceSum;
            limits.push_back(
                bounds(read, rows, unpackWeights(weights.view), outputs, tolerance, isNormed ? kToleranceWord : 0.0));
            GemmPart part{prepared.back().get(), own, products.emplace_back(expected.size(), std::nanf("")), {}};
            if (adds) {
                part.addTo = together.emplace_back(normalValues(static_cast<std::int64_t>(expected.size()), 24));
                std::vector<float> sum = together.back();
                m_tested->add(sum, expected);
                expected = sum;
                std::ranges::transform(
                    limits.back(), sum, limits.back().begin(),
                    [tolerance](double limit, float value) { return limit + tolerance * std::abs(double{value}); });
            }
            parts.push_back(part);
        };
        for (const std::int64_t outputs : {256, 1, 700, 16, 33, 170}) { // more than one launch takes
            add(Packing{}, outputs);
        }
        for (const Packing& packing : packings()) {
            if (isNormed && packing.scattered) {
                continue; // A norm is made on the way only where all weights take inputs as they stand.
            }
            add(packing, 50);
            add(packing, 21);
        }
        std::vector<float> made(x.size());
        m_tested->gemmEach({.x = x,
                            .rows = rows,
                            .normWeight = isNormed ? std::span(weight) : std::span<const float>(),
                            .epsilon = 1e-5,
                            .made = made},
                           parts);
        const auto& found = adds ? together : products;
        if (!isNormed && !adds) {
            QVERIFY(found == alone);
            return;
        }
        for (auto [a, b, limit] = std::tuple(found.begin(), alone.begin(), limits.begin()); a != found.end();
             ++a, ++b, ++limit) {
            QVERIFY2(largestError(*a, *b, *limit) <= 1, qPrintable(QString::number(largestError(*a, *b, *limit))));
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

    void everyPacking_data() { addSubjects(); }
    void everyPacking()
    {
        for (const Packing& packing : packings()) {
            for (const auto precision : {Precision::F32, Precision::Bf16}) {
                for (const std::int64_t rows : {1, 3, 17}) {
                    check(packing, precision, rows, 37, 301);
                }
            }
        }
    }

    void oddShapes_data() { addSubjects(); }
    void oddShapes()
    {
        for (const auto precision : {Precision::F32, Precision::Bf16}) {
            for (const Packing& packing : {Packing{}, Packing{.bits = 3, .groupSize = 32, .hasZeros = true},
                                           Packing{.bits = 8, .groupSize = 96, .hasZeros = true}}) {
                for (const std::int64_t rows : {1, 2, 3, 4, 5, 6, 13, 14, 15, 31, 32, 33, 70}) {
                    check(packing, precision, rows, 33, 160);
                }
                for (const std::int64_t outputs : {1, 7, 8, 15, 16, 17, 31, 32, 64, 65, 150}) {
                    check(packing, precision, 1, outputs, 96);
                    check(packing, precision, 6, outputs, 96);
                }
                for (const std::int64_t inputs : {1, 2, 15, 16, 31, 32, 33, 127, 128, 129, 255, 256, 641}) {
                    check(packing, precision, 1, 20, inputs);
                    check(packing, precision, 9, 20, inputs);
                }
                check(packing, precision, 1, 9, 4224);
                check(packing, precision, 1100, 9, 128); // more rows than are packed at once
            }
        }
    }

    void sameBytesForAnyThreadsAndOtherRows_data() { addSubjects(); }
    void sameBytesForAnyThreadsAndOtherRows()
    {
        const std::int64_t inputs = 2080;
        const std::int64_t outputs = 333;
        for (const Packing& packing : {Packing{}, Packing{.bits = 8, .groupSize = 100, .hasZeros = true}}) {
            for (const auto precision : {Precision::F32, Precision::Bf16}) {
                const RandomWeights weights(packing, outputs, inputs, 11);
                const auto prepared = m_tested->preparePacked(weights.view, precision);
                for (const std::int64_t rows : {1, 4, 40}) {
                    const auto x = normalValues(rows * inputs, 12);
                    std::vector<float> one(static_cast<std::size_t>(rows * outputs));
                    std::vector<float> other(one.size());
                    setThreadCount(1);
                    m_tested->gemm(x, rows, *prepared, {}, one);
                    for (const int threads : {2, 3}) {
                        setThreadCount(threads);
                        m_tested->gemm(x, rows, *prepared, {}, other);
                        QVERIFY(std::memcmp(one.data(), other.data(), one.size() * sizeof(float)) == 0);
                    }
                    // The last row among others.
                    auto changed = normalValues(rows * inputs, 13);
                    std::copy(x.end() - inputs, x.end(), changed.end() - inputs);
                    m_tested->gemm(changed, rows, *prepared, {}, other);
                    QVERIFY(std::equal(one.end() - outputs, one.end(), other.end() - outputs));
                }
            }
        }
    }

    /// Weights of several forms and sizes beside each other give what each gives alone; added to what is there, too.
    void productsOfOneInput_data() { addSubjects(); }
    void productsOfOneInput()
    {
        for (const std::int64_t rows : {1, 16, 40}) {
            for (const std::int64_t inputs : {160, 256}) {
                checkProducts(Precision::Bf16, rows, inputs, false, false);
                checkProducts(Precision::Bf16, rows, inputs, false, true);
                checkProducts(Precision::Bf16, rows, inputs, true, true);
            }
        }
        checkProducts(Precision::F32, 3, 160, false, false);
        checkProducts(Precision::F32, 3, 160, true, true);
    }

    /// Large inputs round those of their own segment only, and faults show.
    void outliersAndFaults_data() { addSubjects(); }
    void outliersAndFaults()
    {
        const RandomWeights weights({}, 40, 1024, 15);
        const std::vector<float> values = unpackWeights(weights.view);
        const auto prepared = m_tested->preparePacked(weights.view, Precision::Bf16);
        auto x = normalValues(1024, 16);
        x[700] = 3000.0F;
        std::vector<float> found(40);
        m_tested->gemm(x, 1, *prepared, {}, found);
        for (std::size_t output = 0; output < found.size(); ++output) {
            double exact = 0;
            double bound = 0;
            for (std::size_t k = 0; k < x.size(); ++k) {
                const double product = static_cast<double>(x[k]) * static_cast<double>(values[output * 1024 + k]);
                exact += product;
                // What rounding both factors to bf16 may cost; words may not cost more.
                bound += std::abs(product) * (0x1p-7 + 0x1p-16 + kToleranceSum);
            }
            QVERIFY(std::abs(static_cast<double>(found[output]) - exact) <= bound);
        }
        for (const float fault : {std::nanf(""), HUGE_VALF}) {
            x[5] = fault;
            m_tested->gemm(x, 1, *prepared, {}, found);
            QVERIFY(std::ranges::none_of(found, [](float value) { return std::isfinite(value); }));
        }
        std::ranges::fill(x, 0.0F);
        m_tested->gemm(x, 1, *prepared, {}, found);
        QVERIFY(std::ranges::all_of(found, [](float value) { return value == 0.0F; }));
    }

    void memoryIsThatOfCodes_data() { addSubjects(); }
    void memoryIsThatOfCodes()
    {
        if (!onGpu() && cpuLevel() == CpuLevel::Reference) {
            QSKIP("plain loops widen");
        }
        const Precision precision = onGpu() ? Precision::Bf16 : Precision::F32; // As the GPU keeps codes.
        for (const int bits : {2, 4, 8}) {
            const RandomWeights weights({.bits = bits}, 256, 2048, 14);
            const auto prepared = m_tested->preparePacked(weights.view, precision);
            const std::int64_t least = 256 * (2048 * bits / 8 + 2048 / 128 * 2);
            QVERIFY(static_cast<std::int64_t>(prepared->bytes()) >= least);
            QVERIFY(static_cast<std::int64_t>(prepared->bytes()) <= least + 512);
        }
    }
};

QTEST_GUILESS_MAIN(TestPacked)
#include "tst_packed.moc"
