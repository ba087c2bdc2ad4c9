// SPDX-License-Identifier: Apache-2.0
// What-if, histograms and maps.
#include "core/quant/awq.h"
#include "core/quant/gptq.h"
#include "core/quant/layersweep.h"
#include "core/quant/memorymodel.h"
#include "core/quant/whatif.h"
#include "kernels/cpulevel.h"
#include "samples.h"
#include "support/tempfolder.h"

#include <QTest>

#include <array>
#include <cmath>

using namespace bitlathe;
using namespace bitlathe::quant;
using namespace bitlathe::tests;

class TestWhatIf : public QObject
{
    Q_OBJECT

private slots:
    void histogram();
    void histogramOfOddValues();
    void maps();
    void answer();
    void clampsRowAndGroup();
    void errorsPassThrough();
    void scalesAreFoundFirst();
    void foldedLayersShareNothing();
    void someRowsStandForAll();
    void fastEnough();
    void sweepAgreesWithWhatIf();
    void sweepLooksAtRowsOfLargeLayers();
    void bestPointsBeatAllOthers();
};

void TestWhatIf::histogram()
{
    const std::vector<float> values{0.0F, 0.1F, 0.9F, 1.0F, 2.5F, 4.0F};
    const Histogram histogram = weightHistogram(values, 4);
    QCOMPARE(histogram.low, 0.0F);
    QCOMPARE(histogram.high, 4.0F);
    QCOMPARE(histogram.counts, (std::vector<std::int64_t>{3, 1, 1, 1}));
    QCOMPARE(histogram.edge(1), 1.0);
    QCOMPARE(histogram.edge(4), 4.0);
    const Histogram outside = weightHistogram(values, 2, 1.0F, 2.0F);
    QCOMPARE(outside.counts, (std::vector<std::int64_t>{4, 2}));
    const auto many = normalWeights(300'001, 41);
    QCOMPARE(weightHistogram(many, 100).total(), 300'001);
}

void TestWhatIf::histogramOfOddValues()
{
    QCOMPARE(weightHistogram({}, 3).counts, (std::vector<std::int64_t>{0, 0, 0}));
    const std::vector<float> same(5, 0.25F);
    QCOMPARE(weightHistogram(same, 3).total(), 5);
    const std::vector<float> broken{std::nanf(""), INFINITY, 1.0F, 2.0F, -INFINITY};
    const Histogram histogram = weightHistogram(broken, 2);
    QCOMPARE(histogram.counts, (std::vector<std::int64_t>{1, 1}));
    QCOMPARE(histogram.high, 2.0F);
}

void TestWhatIf::maps()
{
    std::vector<float> a(7 * 10);
    std::vector<float> b(7 * 10);
    b[3 * 10 + 9] = -5.0F;
    b[6 * 10] = 2.0F;
    b[6 * 10 + 1] = -1.0F;
    const ValueMap map = largestDifference(a, b, 7, 10, 4);
    QCOMPARE(map.rows, 4);
    QCOMPARE(map.cols, 4);
    QCOMPARE(map.rowsPerCell, 2);
    QCOMPARE(map.colsPerCell, 3);
    QCOMPARE(map.at(1, 3), 5.0F);
    QCOMPARE(map.at(3, 0), 2.0F);
    QCOMPARE(map.at(0, 0), 0.0F);

    const auto weights = normalWeights(600 * 300, 42);
    Scheme scheme;
    scheme.symmetric = false;
    const QuantizedTensor tensor = roundedTensor(weights, 600, 300, scheme);
    const ValueMap scales = scaleMap(tensor, 256);
    QCOMPARE(scales.rows, 200);
    QCOMPARE(scales.cols, 3);
    QCOMPARE(scales.at(1, 2),
             static_cast<float>((static_cast<double>(tensor.scale(3, 2)) + static_cast<double>(tensor.scale(4, 2)) +
                                 static_cast<double>(tensor.scale(5, 2))) /
                                3.0));
    QCOMPARE(zeroMap(tensor, 256).at(0, 0),
             static_cast<float>((tensor.zero(0, 0) + tensor.zero(1, 0) + tensor.zero(2, 0)) / 3.0));
    const ValueMap saturation = saturationMap(tensor, 256);
    double sum = 0;
    for (std::int64_t row = 0; row < saturation.rows; ++row) {
        for (std::int64_t col = 0; col < saturation.cols; ++col) {
            sum += static_cast<double>(saturation.at(row, col)) * 3.0 *
                   static_cast<double>(std::min<std::int64_t>(2, 300 - 2 * col));
        }
    }
    QVERIFY(std::abs(sum / (600.0 * 300.0) - tensor.saturatedShare()) < 1e-6);
}

void TestWhatIf::answer()
{
    const auto weights = normalWeights(64 * 200, 43);
    const auto spec = linearSpec(64, 200);
    LayerInput input = layerInput(spec, weights);
    input.scheme.bits = 3;
    const auto answer = whatIf(roundToNearest(), input, {.bins = 64, .row = 5, .group = 1});
    BITLATHE_VERIFY_OK(answer);
    QCOMPARE(answer->row, 5);
    QCOMPARE(answer->group, 1);
    QCOMPARE(answer->before.total(), 64 * 200);
    QCOMPARE(answer->after.total(), 64 * 200);
    QCOMPARE(answer->before.low, answer->after.low);
    QCOMPARE(answer->before.high, answer->after.high);
    QCOMPARE(answer->gridLines.size(), std::size_t{8});
    const QuantizedTensor& tensor = *answer->result.tensor;
    QCOMPARE(answer->gridLines.front(), -4.0F * tensor.scale(5, 1));
    QCOMPARE(answer->gridLines.back(), 3.0F * tensor.scale(5, 1));
    const auto row = tensor.dequantize();
    for (std::size_t col = 128; col < 200; ++col) {
        QVERIFY(std::ranges::find(answer->gridLines, row[5 * 200 + col]) != answer->gridLines.end());
    }
    QCOMPARE(answer->bytes, tensor.bytesStored());
    QCOMPARE(answer->bitsPerWeight, tensor.bitsPerWeight());
    QCOMPARE(answer->errorMap.rows, 64);
    QCOMPARE(answer->errorMap.cols, 200);
    QCOMPARE(answer->errorMap.at(5, 199), std::abs(weights[5 * 200 + 199] - row[5 * 200 + 199]));
    QVERIFY(answer->result.quality.weightError > 0);
}

void TestWhatIf::clampsRowAndGroup()
{
    const auto weights = normalWeights(4 * 40, 44);
    const auto spec = linearSpec(4, 40);
    const auto answer = whatIf(roundToNearest(), layerInput(spec, weights), {.row = 99, .group = -3});
    BITLATHE_VERIFY_OK(answer);
    QCOMPARE(answer->row, 3);
    QCOMPARE(answer->group, 0);
}

void TestWhatIf::errorsPassThrough()
{
    const auto weights = normalWeights(4 * 40, 45);
    const auto spec = linearSpec(4, 40);
    LayerInput input = layerInput(spec, weights);
    std::stop_source source;
    source.request_stop();
    QCOMPARE(whatIf(roundToNearest(), input, {}, {{}, source.get_token()}).error().code, ErrorCode::Cancelled);
    input.scheme.bits = 9;
    QCOMPARE(whatIf(roundToNearest(), input).error().code, ErrorCode::SettingInvalid);
}

void TestWhatIf::scalesAreFoundFirst()
{
    const MemoryModel model = memoryModel(4, {});
    const auto stats = memoryStats(model);
    const Scheme scheme{.bits = 3, .groupSize = 32, .symmetric = false};
    for (const model::LinearSpec& linear : model.spec.linears) {
        const std::vector<float> weights = *model.source->weights(linear);
        const calibrate::BlockStats& block = stats[static_cast<std::size_t>(linear.block)];
        const LayerInput input = layerInput(linear, weights, scheme, block.forLinear(linear.id));
        const LayerSurroundings surroundings{model.spec, *model.source, &block};
        const auto rtn = whatIf(roundToNearest(), input, surroundings);
        BITLATHE_VERIFY_OK(rtn);
        QCOMPARE(rtn->result.tensor->codes, whatIf(roundToNearest(), input)->result.tensor->codes);
        const auto awq = whatIf(activationAware(), input, surroundings);
        BITLATHE_VERIFY_OK(awq);
        QVERIFY(awq->result.quality.loss < rtn->result.quality.loss);
        const auto without = whatIf(activationAware(), input, {model.spec, *model.source, nullptr});
        QCOMPARE(without.error().code, ErrorCode::SettingInvalid);
        QCOMPARE(without.error().subject, linear.name);
    }
}

/// The Hessian of folded inputs is another one under each setting, though it may lie where the last one lay.
void TestWhatIf::foldedLayersShareNothing()
{
    const MemoryModel model = memoryModel(4, {});
    const auto stats = memoryStats(model);
    const model::LinearSpec& linear = model.spec.linears.front();
    const std::vector<float> weights = *model.source->weights(linear);
    const calibrate::BlockStats& block = stats[static_cast<std::size_t>(linear.block)];
    const LayerSurroundings surroundings{model.spec, *model.source, &block};
    SharedWork shared;
    for (const int bits : {2, 3, 4}) {
        LayerInput input = layerInput(linear, weights, {.bits = bits, .groupSize = 32}, block.forLinear(linear.id));
        input.options.smoothing = Smoothing::Awq;
        const auto alone = whatIf(gptq(), input, surroundings);
        input.shared = &shared;
        const auto together = whatIf(gptq(), input, surroundings);
        BITLATHE_VERIFY_OK(alone);
        BITLATHE_VERIFY_OK(together);
        QCOMPARE(together->result.tensor->codes, alone->result.tensor->codes);
    }
    QVERIFY(!shared.value.has_value());
    // Where nothing is folded, the next setting finds the factor that this one made.
    LayerInput plain = layerInput(linear, weights, {.bits = 4, .groupSize = 32}, block.forLinear(linear.id));
    const auto alone = whatIf(gptq(), plain, surroundings);
    plain.shared = &shared;
    for (int call = 0; call < 2; ++call) {
        const auto together = whatIf(gptq(), plain, surroundings);
        BITLATHE_VERIFY_OK(together);
        QCOMPARE(together->result.tensor->codes, alone->result.tensor->codes);
        QVERIFY(shared.value.has_value());
    }
}

void TestWhatIf::someRowsStandForAll()
{
    constexpr std::int64_t kRows = 300;
    constexpr std::int64_t kSome = 100;
    const auto weights = normalWeights(kRows * 64, 52);
    const auto spec = linearSpec(kRows, 64);
    for (const std::int64_t group : {std::int64_t{16}, kPerChannel, kPerTensor}) {
        const LayerInput input = layerInput(spec, weights, {.bits = 3, .groupSize = group});
        const auto all = whatIf(roundToNearest(), input, {.row = 31});
        const auto some = whatIf(roundToNearest(), input, {.row = 31, .rowsMost = kSome});
        BITLATHE_VERIFY_OK(all);
        BITLATHE_VERIFY_OK(some);
        QCOMPARE(all->rows, kRows);
        QCOMPARE(all->rowsOfAll, kRows);
        QCOMPARE(some->rows, group == kPerTensor ? kRows : kSome); // One scale is of all rows.
        QCOMPARE(some->rowsOfAll, kRows);
        QCOMPARE(some->bytes, all->bytes);
        QCOMPARE(some->bitsPerWeight, all->bitsPerWeight);
        QCOMPARE(some->errorMap.rows * some->errorMap.rowsPerCell, kRows);
        QVERIFY(std::abs(some->after.total() - all->after.total()) <= all->after.total() / 50);
        QCOMPARE(some->row, group == kPerTensor ? 31 : 30); // Rows 0, 3, ..., 30 were looked at.
        const double ratio = some->result.quality.relativeError / all->result.quality.relativeError;
        QVERIFY2(std::abs(ratio - 1) < 0.05, qPrintable(QString::number(ratio)));
    }
    const auto whole = whatIf(roundToNearest(), layerInput(spec, weights), {.rowsMost = kRows});
    BITLATHE_VERIFY_OK(whole);
    QCOMPARE(whole->rows, kRows);
}

/// The largest layer of the bundled model, with statistics and the range search: well below what a slider needs.
void TestWhatIf::fastEnough()
{
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
    QSKIP("times mean nothing under a sanitizer");
#endif
    if (kernels::cpuLevel() == kernels::CpuLevel::Reference) {
        QSKIP("the reference level is not made for speed");
    }
    const auto weights = normalWeights(256 * 768, 46);
    const auto spec = linearSpec(256, 768);
    calibrate::InputStats stats;
    stats.features = 768;
    stats.tokens = 100;
    stats.hessian.resize(768 * 768);
    for (std::size_t i = 0; i < 768; ++i) {
        stats.hessian[i * 769] = 100.0F;
    }
    const LayerInput input = layerInput(spec, weights, {}, &stats);
    double fastest = 1e9;
    for (int round = 0; round < 5; ++round) {
        const auto answer = whatIf(roundToNearest(), input);
        BITLATHE_VERIFY_OK(answer);
        fastest = std::min(fastest, answer->seconds);
    }
    qInfo("%.1f ms", 1e3 * fastest);
    QVERIFY(fastest < 0.2);
}

void TestWhatIf::sweepAgreesWithWhatIf()
{
    const MemoryModel model = memoryModel(4, {});
    const auto stats = memoryStats(model);
    const model::LinearSpec& linear = model.spec.linears.front();
    const std::vector<float> weights = *model.source->weights(linear);
    const calibrate::BlockStats& block = stats[static_cast<std::size_t>(linear.block)];
    const LayerSurroundings surroundings{model.spec, *model.source, &block};
    const Scheme scheme{.bits = 4, .groupSize = 32, .symmetric = false};
    for (const Quantizer* method : {&roundToNearest(), &activationAware()}) {
        const LayerInput input = layerInput(linear, weights, scheme, block.forLinear(linear.id));
        auto sweep = LayerSweep::create(*method, input, surroundings);
        BITLATHE_VERIFY_OK(sweep);
        QCOMPARE(sweep->rows(), linear.outFeatures); // All: the layer is small.
        const auto expected = whatIf(*method, input, surroundings);
        BITLATHE_VERIFY_OK(expected);
        const auto point = sweep->point(4, 32);
        BITLATHE_VERIFY_OK(point);
        QVERIFY(point->has_value());
        QCOMPARE((*point)->bytes, expected->bytes);
        QCOMPARE((*point)->bitsPerWeight, expected->bitsPerWeight);
        QCOMPARE((*point)->quality.relativeError, expected->result.quality.relativeError);
        const auto coarser = sweep->point(3, 32);
        QVERIFY((*coarser)->quality.relativeError > (*point)->quality.relativeError);
        QVERIFY((*coarser)->bytes < (*point)->bytes);
        QVERIFY(!sweep->point(7, 32)->has_value());                // No method knows 7 bits.
        QVERIFY(!sweep->point(4, linear.inFeatures)->has_value()); // That is one row.
        QVERIFY(sweep->point(4, kPerTensor)->has_value());
        std::stop_source stop;
        stop.request_stop();
        QCOMPARE(sweep->point(4, 32, {{}, stop.get_token()}).error().code, ErrorCode::Cancelled);
    }
    const LayerInput without = layerInput(linear, weights, scheme);
    QCOMPARE(LayerSweep::create(activationAware(), without, {model.spec, *model.source, nullptr}).error().code,
             ErrorCode::SettingInvalid);
}

void TestWhatIf::sweepLooksAtRowsOfLargeLayers()
{
    const MemoryModel model = memoryModel(4, {});
    constexpr std::int64_t kRows = 3 * LayerSweep::kRowsMost;
    const auto weights = normalWeights(kRows * 256, 51);
    const auto spec = linearSpec(kRows, 256);
    const LayerInput input = layerInput(spec, weights, {});
    auto sweep = LayerSweep::create(roundToNearest(), input, {model.spec, *model.source, nullptr});
    BITLATHE_VERIFY_OK(sweep);
    QCOMPARE(sweep->rows(), LayerSweep::kRowsMost);
    for (const std::int64_t group : {std::int64_t{64}, kPerChannel, kPerTensor}) {
        LayerInput whole = input;
        whole.scheme.bits = 3;
        whole.scheme.groupSize = group;
        const auto exact = whatIf(roundToNearest(), whole);
        BITLATHE_VERIFY_OK(exact);
        const auto point = sweep->point(3, group);
        QVERIFY(point && point->has_value());
        QCOMPARE((*point)->bytes, exact->bytes);
        // A third of rows of one distribution: about the same error. One scale for the layer: exactly.
        const double ratio = (*point)->quality.relativeError / exact->result.quality.relativeError;
        QVERIFY2(group == kPerTensor ? ratio == 1.0 : std::abs(ratio - 1) < 0.02, qPrintable(QString::number(ratio)));
    }
}

void TestWhatIf::bestPointsBeatAllOthers()
{
    std::vector<SweepPoint> points(5);
    const std::array<std::pair<std::uint64_t, double>, 5> values = {
        {{10, 0.5}, {20, 0.2}, {20, 0.3}, {30, 0.25}, {40, 0.1}}};
    for (std::size_t i = 0; i < points.size(); ++i) {
        points[i].bytes = values[i].first;
        points[i].quality.relativeError = values[i].second;
    }
    const auto best = bestForTheirSize(points);
    QCOMPARE(best.size(), std::size_t{3});
    QCOMPARE(best[0].bytes, std::uint64_t{10});
    QCOMPARE(best[1].quality.relativeError, 0.2);
    QCOMPARE(best[2].bytes, std::uint64_t{40});
}

QTEST_GUILESS_MAIN(TestWhatIf)
#include "tst_whatif.moc"
