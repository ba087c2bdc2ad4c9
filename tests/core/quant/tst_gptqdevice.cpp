// SPDX-License-Identifier: Apache-2.0
// GPTQ and qualities on a device: the codes of the processor, its qualities, and what happens where memory is short or
// the device fails.
#include "core/quant/awq.h"
#include "core/quant/energy.h"
#include "core/quant/gptqdevice.h"
#include "gptqfixtures.h"
#include "kernels/cudabackend.h"
#include "tests/bench/madestats.h"
#include "tests/support/trappeddevice.h"

#include <QTest>

#include <cmath>

using namespace bitlathe;
using namespace bitlathe::quant;
using namespace bitlathe::tests;

namespace
{

/// The GPU, opened once; null: there is none.
const kernels::Backend* gpu()
{
    static const kernels::OpenedCuda opened =
        kernels::openCuda(kernels::gpuPluginFile(), {.bytesBudget = std::uint64_t{1} << 30});
    return opened.backend.get();
}

const kernels::Backend* deviceOf(const QString& name)
{
    static const TrappedDevice trapped;
    return name == "trapped" ? &trapped : gpu();
}

struct Case
{
    const char* name;
    Scheme scheme;
    GptqOptions options;
};

std::vector<Case> cases()
{
    std::vector<Case> all;
    const auto add = [&all](const char* name, const Scheme& scheme, const GptqOptions& options) -> Case& {
        all.push_back({name, scheme, options});
        return all.back();
    };
    for (const Effort effort : kEfforts) {
        add(effortName(effort).data(), schemeWith(4, 64, true), optionsWith(effort));
    }
    add("asymmetric", schemeWith(3, 50, false), optionsWith(Effort::Normal));
    add("per channel", schemeWith(4, kPerChannel, true), optionsWith(Effort::Normal));
    add("per channel, best", schemeWith(8, kPerChannel, false), optionsWith(Effort::Best));
    add("act order", schemeWith(4, 64, true), optionsWith(Effort::Normal)).scheme.actOrder = true;
    Case& fixed = add("static groups, best", schemeWith(4, 64, true), optionsWith(Effort::Best));
    fixed.options.staticGroups = fixed.scheme.actOrder = true;
    add("other blocks", schemeWith(4, 32, true), optionsWith(Effort::Normal)).options.blockSize = 48;
    return all;
}

void verifyNear(double found, double expected)
{
    QVERIFY2(std::abs(found - expected) <= 1e-4 * std::abs(expected),
             qPrintable(QString("%1, not %2").arg(found).arg(expected)));
}

void verifySame(const LayerResult& found, const LayerResult& expected)
{
    QVERIFY(sameTensor(*found.tensor, *expected.tensor));
    verifyNear(found.quality.loss, expected.quality.loss);
    verifyNear(found.quality.relativeError, expected.quality.relativeError);
    QCOMPARE(found.quality.weightError, expected.quality.weightError);
    QCOMPARE(found.quality.saturated, expected.quality.saturated);
    QCOMPARE(found.findings.size(), expected.findings.size());
}

} // namespace

class TestGptqDevice : public QObject
{
    Q_OBJECT

private:
    static void addDevices()
    {
        QTest::addColumn<QString>("device");
        QTest::newRow("trapped") << "trapped";
        QTest::newRow("cuda") << "cuda";
    }
    static const kernels::Backend* fetchDevice()
    {
        QFETCH_GLOBAL(const QString, device);
        return deviceOf(device);
    }

private slots:
    void initTestCase_data() { addDevices(); }
    void init()
    {
        if (fetchDevice() == nullptr) {
            QSKIP("no GPU to test on");
        }
    }

    void sameAsTheProcessor_data()
    {
        QTest::addColumn<int>("index");
        int index = 0;
        for (const Case& each : cases()) {
            QTest::newRow(each.name) << index++;
        }
    }
    void sameAsTheProcessor()
    {
        QFETCH(const int, index);
        const Case tried = cases()[static_cast<std::size_t>(index)];
        const std::int64_t rows = 75;
        const std::int64_t cols = 300;
        const auto weights = normalWeights(rows * cols, 1);
        const auto stats = makeStats(500, cols, 2);
        const auto spec = linearSpec(rows, cols);
        LayerInput input = gptqInput(spec, weights, tried.scheme, stats, tried.options);
        std::vector<float> outputScales(static_cast<std::size_t>(rows), 1.5F);
        input.outputScales = outputScales;
        const auto expected = gptq().quantize(input, {});
        QVERIFY(expected.has_value());
        SharedWork shared;
        input.shared = &shared;
        input.device = fetchDevice();
        for (int turn = 0; turn < 2; ++turn) { // The second from what the first kept.
            const auto found = gptq().quantize(input, {});
            QVERIFY2(found.has_value(), found ? "" : found.error().sentence().c_str());
            verifySame(*found, *expected);
        }
        shared = {};
        const kernels::MemoryUse use = input.device->memory().use();
        input.shared = nullptr;
        QVERIFY(gptq().quantize(input, {}).has_value());
        QCOMPARE(input.device->memory().use().bytesUsed, use.bytesUsed); // Nothing stays behind.
    }

    /// Many tiles of every product, and more columns than are spread at once.
    void largeLayer()
    {
        if (fetchDevice() != gpu()) {
            return; // The processor against itself would show nothing more.
        }
        const std::int64_t rows = 700;
        const std::int64_t cols = 2200;
        const auto weights = normalWeights(rows * cols, 21);
        const auto stats = bench::madeStats(cols);
        const auto spec = linearSpec(rows, cols);
        for (const Effort effort : kEfforts) {
            LayerInput input = gptqInput(spec, weights, schemeWith(4, 128, true), stats, optionsWith(effort));
            const auto expected = gptq().quantize(input, {});
            input.device = gpu();
            const auto found = gptq().quantize(input, {});
            QVERIFY2(found.has_value(), found ? "" : found.error().sentence().c_str());
            verifySame(*found, *expected);
        }
    }

    /// Where f32 finds no factor, the processor's double does, and damping rises alike.
    void troubledHessians()
    {
        const auto weights = normalWeights(40 * 64, 17);
        const auto spec = linearSpec(40, 64);
        for (const float common : {1.1F, 1e9F, std::nanf("")}) {
            auto stats = makeStats(500, 64, 18);
            stats.hessian[1] = stats.hessian[64] = common * std::max(stats.hessian[0], stats.hessian[65]);
            LayerInput input = gptqInput(spec, weights, {}, stats, {});
            const auto expected = gptq().quantize(input, {});
            input.device = fetchDevice();
            const auto found = gptq().quantize(input, {});
            QVERIFY(found.has_value() && expected.has_value());
            QVERIFY(sameTensor(*found->tensor, *expected->tensor));
            QCOMPARE(hasFinding(*found, "damping-raised"), hasFinding(*expected, "damping-raised"));
            QCOMPARE(hasFinding(*found, "rounded-to-nearest"), hasFinding(*expected, "rounded-to-nearest"));
        }
        const auto few = makeStats(9, 64, 16); // A Hessian of rank nine.
        LayerInput input = gptqInput(spec, weights, {}, few, {});
        const auto expected = gptq().quantize(input, {});
        input.device = fetchDevice();
        verifySame(*gptq().quantize(input, {}), *expected);
    }

    void qualityOfOtherMethods()
    {
        const auto weights = normalWeights(600 * 96, 3);
        const auto stats = makeStats(300, 96, 4);
        const auto spec = linearSpec(600, 96);
        for (const Quantizer* method : {&roundToNearest(), &activationAware()}) {
            LayerInput input = layerInput(spec, weights, {}, &stats);
            const auto expected = method->quantize(input, {});
            input.device = fetchDevice();
            const auto found = method->quantize(input, {});
            QVERIFY(found.has_value());
            verifySame(*found, *expected);
        }
    }

    /// The processor's scales of AWQ, and what they lose.
    void scalesOfAwq()
    {
        const std::int64_t cols = 200;
        const auto weights = normalWeights(90 * cols, 11);
        auto stats = makeStats(500, cols, 12);
        for (std::int64_t col = 0; col < cols; ++col) {
            stats.absMean.push_back(std::sqrt(stats.hessian[static_cast<std::size_t>(col * (cols + 1))] / 500));
        }
        std::vector<Scheme> schemes = {schemeWith(4, 64, true), schemeWith(3, 50, false),
                                       schemeWith(4, kPerChannel, false), schemeWith(8, kPerTensor, true),
                                       schemeWith(4, 64, true)};
        schemes.back().clipping = Clipping::Mse;
        for (const Scheme& scheme : schemes) {
            const auto scalesBy = [&](const kernels::Backend* device) {
                ScaleProblem problem;
                problem.cols = cols;
                problem.stats = {std::shared_ptr<const void>(), &stats};
                ProblemPart& part = problem.parts.emplace_back();
                part.weights.assign(weights.begin(), weights.end());
                part.stats = &stats;
                part.form = std::make_shared<const EnergyForm>(stats.hessian, cols, device);
                part.rows = 90;
                part.scheme = scheme;
                part.moveToDevice();
                return awqScales(problem, {}, {});
            };
            const GroupScales expected = scalesBy(nullptr);
            const GroupScales found = scalesBy(fetchDevice());
            verifyNear(found.lossPlain, expected.lossPlain);
            verifyNear(found.loss, expected.loss);
            QVERIFY(expected.loss < expected.lossPlain);
            QCOMPARE(found.scales, expected.scales);
        }
    }

    void energies()
    {
        const auto stats = makeStats(300, 130, 5);
        const auto x = normalWeights(700 * 130, 6);
        const auto expected = EnergyForm(stats.hessian, 130).energies(x, 700);
        const auto found = EnergyForm(stats.hessian, 130, fetchDevice()).energies(x, 700);
        QCOMPARE(found.size(), expected.size());
        for (std::size_t row = 0; row < found.size(); ++row) {
            // Both round to bf16; products of the rounded are summed in f32.
            QVERIFY(std::abs(found[row] - expected[row]) <= 1e-4 * expected[row]);
        }
    }

    /// Less memory than one layer takes is an error that says so, and a little more is enough for a few rows at a time.
    void shortMemory()
    {
        if (fetchDevice() == gpu()) {
            return; // The budget of a GPU is at least that of its operations.
        }
        const std::int64_t rows = 1000;
        const std::int64_t cols = 256;
        const auto weights = normalWeights(rows * cols, 7);
        const auto stats = makeStats(500, cols, 8);
        const auto spec = linearSpec(rows, cols);
        LayerInput input = gptqInput(spec, weights, {}, stats, {});
        const auto expected = gptq().quantize(input, {});
        const TrappedDevice tiny(std::uint64_t{1} << 20);
        input.device = &tiny;
        const auto failed = gptq().quantize(input, {});
        QVERIFY(!failed.has_value());
        QCOMPARE(failed.error().code, ErrorCode::DeviceMemoryShort);
        const TrappedDevice small(std::uint64_t{5} << 20);
        QVERIFY(deviceBytesForGptq(rows, cols, 2) > (std::uint64_t{5} << 20));
        input.device = &small;
        const auto found = gptq().quantize(input, {});
        QVERIFY2(found.has_value(), found ? "" : found.error().sentence().c_str());
        verifySame(*found, *expected);
        const TrappedDevice ample(deviceBytesForGptq(rows, cols, 2) * 5 / 4);
        input.device = &ample;
        QVERIFY(gptq().quantize(input, {}).has_value());
    }

    void deviceThatFails()
    {
        if (fetchDevice() == gpu()) {
            return;
        }
        const auto weights = normalWeights(40 * 64, 9);
        const auto stats = makeStats(200, 64, 10);
        const auto spec = linearSpec(40, 64);
        TrappedDevice device;
        LayerInput input = gptqInput(spec, weights, {}, stats, {});
        input.device = &device;
        device.trapped().fail("the device fell off the bus");
        for (const Quantizer* method : {&gptq(), &roundToNearest(), &activationAware()}) {
            const auto result = method->quantize(input, {});
            QVERIFY(!result.has_value());
            QCOMPARE(result.error().code, ErrorCode::DeviceFailed);
        }
    }

    void cancelled()
    {
        const auto weights = normalWeights(40 * 64, 9);
        const auto stats = makeStats(200, 64, 10);
        const auto spec = linearSpec(40, 64);
        LayerInput input = gptqInput(spec, weights, {}, stats, {});
        input.device = fetchDevice();
        std::stop_source stop;
        stop.request_stop();
        const auto result = gptq().quantize(input, {{}, stop.get_token()});
        QVERIFY(!result.has_value());
        QCOMPARE(result.error().code, ErrorCode::Cancelled);
    }
};

QTEST_GUILESS_MAIN(TestGptqDevice)
#include "tst_gptqdevice.moc"
