// SPDX-License-Identifier: Apache-2.0
// Runs on a device: the files of the processor, what the record says, and runs whose device is too small or fails.
#include "core/plan/memorycost.h"
#include "core/run/runfixtures.h"
#include "core/run/session.h"
#include "support/cudadevice.h"
#include "support/tempfolder.h"
#include "support/trappeddevice.h"

#include <QTest>

#include <algorithm>

namespace bitlathe::run
{

namespace fs = std::filesystem;
using tests::runRecipe;
using tests::TrappedDevice;

namespace
{

constexpr std::uint64_t kMiB = std::uint64_t{1} << 20;

bool has(const Findings& findings, const std::string& code)
{
    return std::ranges::any_of(findings, [&](const Finding& finding) { return finding.code == code; });
}

model::Device named(std::shared_ptr<const kernels::Backend> backend)
{
    return {std::move(backend), "Trapped", {}};
}

} // namespace

class TestDeviceRun : public QObject
{
    Q_OBJECT

    tests::TempFolder m_folder;
    int m_outs = 0;
    std::map<std::pair<std::string, plan::CalibrationInputs>, std::map<std::string, std::string>> m_expected;

    plan::Recipe recipeOf(const std::string& method, bool sequential = false)
    {
        plan::Recipe recipe = tests::demoRecipe(m_folder / ("out" + std::to_string(++m_outs)));
        recipe.method = method;
        recipe.scheme.groupSize = 64;
        recipe.options.gptq.effort = quant::Effort::Fast;
        recipe.options.awq.effort = quant::Effort::Fast;
        recipe.calibration.inputs = sequential ? plan::CalibrationInputs::Quantized : plan::CalibrationInputs::Original;
        return recipe;
    }

    /// Statistics of an earlier run would be taken instead of computed.
    void useFreshFolders() { tests::useOwnFolders(m_folder / ("home" + std::to_string(m_outs))); }

    /// What the recipe gives on the processor.
    const std::map<std::string, std::string>& expected(plan::Recipe recipe)
    {
        auto& files = m_expected[{recipe.method, recipe.calibration.inputs}];
        if (!files.empty()) {
            return files;
        }
        recipe.exportTo.out = m_folder / ("out" + std::to_string(++m_outs));
        useFreshFolders();
        const auto result = runRecipe(recipe);
        if (!result) {
            throw std::runtime_error(result.error().sentence());
        }
        return files = tests::filesOf(recipe.exportTo.out);
    }

    static void addKinds()
    {
        QTest::addColumn<std::string>("method");
        QTest::addColumn<bool>("sequential");
        QTest::newRow("rtn") << std::string("rtn") << false;
        QTest::newRow("gptq") << std::string("gptq") << false;
        QTest::newRow("awq") << std::string("awq") << false;
        QTest::newRow("gptq, quantized inputs") << std::string("gptq") << true;
    }

private slots:
    void sameFiles_data() { addKinds(); }
    void sameFiles()
    {
        QFETCH(const std::string, method);
        QFETCH(const bool, sequential);
        const plan::Recipe recipe = recipeOf(method, sequential);
        const auto& files = expected(recipe);
        tests::useOwnFolders(m_folder / ("device" + std::to_string(m_outs)));
        const auto device = std::make_shared<TrappedDevice>(512 * kMiB);
        std::string told;
        RunObserver observer;
        observer.onDevice = [&](const model::Device& opened) { told = opened.name; };
        const auto result = runRecipe(recipe, {false, false, named(device)}, observer);
        BITLATHE_VERIFY_OK(result);
        QVERIFY(tests::filesOf(recipe.exportTo.out) == files);
        QCOMPARE(told, std::string("Trapped"));
        QCOMPARE(result->device, std::string("Trapped"));
        QCOMPARE(result->bytesPeakVram, device->memory().use().bytesPeak);
        QVERIFY(result->bytesPeakVram > kMiB);
        QVERIFY(!has(result->findings, "device-memory-short") && !has(result->findings, "device-failed"));
        const auto kept = readRunResult(recipe.exportTo.out);
        BITLATHE_VERIFY_OK(kept);
        QCOMPARE(kept->device, std::string("Trapped"));
        QCOMPARE(kept->bytesPeakVram, result->bytesPeakVram);
    }

    void memoryIsAsEstimated_data()
    {
        QTest::addColumn<std::string>("method");
        QTest::addColumn<int>("samples");
        QTest::addColumn<bool>("evaluated");
        QTest::newRow("gptq, few samples") << std::string("gptq") << 4 << false;
        QTest::newRow("gptq, more samples") << std::string("gptq") << 48 << false;
        QTest::newRow("awq") << std::string("awq") << 16 << false;
        QTest::newRow("rtn, evaluated") << std::string("rtn") << 4 << true;
    }
    void memoryIsAsEstimated()
    {
        QFETCH(const std::string, method);
        QFETCH(const int, samples);
        QFETCH(const bool, evaluated);
        plan::Recipe recipe = recipeOf(method);
        recipe.calibration.samples = {samples, 128};
        if (evaluated) {
            recipe.evaluation = {tests::kDemoTexts / "evaluation.txt", 512, 2};
        }
        useFreshFolders();
        const auto plan = plan::makePlan(recipe, nullptr, plan::Timing::Usual);
        BITLATHE_VERIFY_OK(plan);
        QCOMPARE(plan->estimate.bytesPeakVram, std::uint64_t{0}); // The recipe asks for no GPU.
        const auto estimated = static_cast<double>(plan::bytesPeakVram(*plan, plan::sizesOf(*plan)));
        const auto device = std::make_shared<TrappedDevice>(4096 * kMiB);
        const auto result = runRecipe(recipe, {false, false, named(device)});
        BITLATHE_VERIFY_OK(result);
        const auto peak = static_cast<double>(result->bytesPeakVram);
        qInfo("%.1f MiB at most, %.1f estimated", peak / kMiB, estimated / kMiB);
        QVERIFY(estimated > 0.8 * peak);
        QVERIFY(estimated < 1.25 * peak);
    }

    void tooLittleMemory_data() { addKinds(); }
    void tooLittleMemory()
    {
        QFETCH(const std::string, method);
        QFETCH(const bool, sequential);
        const plan::Recipe recipe = recipeOf(method, sequential);
        const auto& files = expected(recipe);
        tests::useOwnFolders(m_folder / ("device" + std::to_string(m_outs)));
        const auto device = std::make_shared<TrappedDevice>(kMiB / 2);
        const auto result = runRecipe(recipe, {false, false, named(device)});
        BITLATHE_VERIFY_OK(result);
        QVERIFY(tests::filesOf(recipe.exportTo.out) == files);
        QCOMPARE(std::ranges::count(result->findings, std::string("device-memory-short"), &Finding::code), 1);
        QCOMPARE(device->memory().use().bytesUsed, std::uint64_t{0});
    }

    void failsAndGoesOn_data() { addKinds(); }
    void failsAndGoesOn()
    {
        QFETCH(const std::string, method);
        QFETCH(const bool, sequential);
        const plan::Recipe recipe = recipeOf(method, sequential);
        const auto& files = expected(recipe);
        tests::useOwnFolders(m_folder / ("device" + std::to_string(m_outs)));
        const auto device = std::make_shared<TrappedDevice>(512 * kMiB);
        const auto result =
            runRecipe(recipe, {false, false, named(device)}, failingAfter(*device, sequential ? 9 : -1));
        BITLATHE_VERIFY_OK(result);
        QVERIFY(tests::filesOf(recipe.exportTo.out) == files);
        QCOMPARE(std::ranges::count(result->findings, std::string("device-failed"), &Finding::code), 1);
        QCOMPARE(result->device, std::string("Trapped, cpu"));
        QVERIFY(result->bytesPeakVram > 0);
    }

    void failsAndStops_data() { addKinds(); }
    void failsAndStops()
    {
        QFETCH(const std::string, method);
        QFETCH(const bool, sequential);
        plan::Recipe recipe = recipeOf(method, sequential);
        const auto& files = expected(recipe);
        tests::useOwnFolders(m_folder / ("device" + std::to_string(m_outs)));
        recipe.onDeviceFailure = plan::OnDeviceFailure::Stop;
        const auto device = std::make_shared<TrappedDevice>(512 * kMiB);
        const auto stopped =
            runRecipe(recipe, {false, false, named(device)}, failingAfter(*device, sequential ? 9 : -1));
        QVERIFY(!stopped);
        QCOMPARE(stopped.error().code, ErrorCode::DeviceFailed);
        QVERIFY(!fs::exists(recipe.exportTo.out));
        const auto again = interruptedRecipe(recipe.exportTo.out);
        BITLATHE_VERIFY_OK(again);
        QCOMPARE(again->onDeviceFailure, plan::OnDeviceFailure::Stop);
        const auto resumed = runRecipe(recipe, {true, false});
        BITLATHE_VERIFY_OK(resumed);
        QVERIFY(tests::filesOf(recipe.exportTo.out) == files);
        QCOMPARE(resumed->device, sequential ? std::string("Trapped, cpu") : std::string("cpu"));
    }

    void strictEndsAtTheFinding()
    {
        plan::Recipe recipe = recipeOf("gptq");
        recipe.strict = true;
        useFreshFolders();
        const auto device = std::make_shared<TrappedDevice>(512 * kMiB);
        const auto result = runRecipe(recipe, {false, false, named(device)}, failingAfter(*device, -1));
        QVERIFY(!result);
        QCOMPARE(result.error().code, ErrorCode::FindingsFatal);
    }

    void devicesGiveTheSameFiles()
    {
        const plan::Recipe a = recipeOf("gptq");
        plan::Recipe b = a;
        b.device = {"cuda:1", 4'000'000'000};
        b.onDeviceFailure = plan::OnDeviceFailure::Stop;
        QVERIFY(givesSameFiles(a, b));
        b.seed = 1;
        QVERIFY(!givesSameFiles(a, b));
    }

    void noSuchDevice()
    {
        plan::Recipe recipe = recipeOf("rtn");
        recipe.device.name = "cuda:9";
        useFreshFolders();
        const auto result = runRecipe(recipe);
        QVERIFY(!result);
        QCOMPARE(result.error().code, ErrorCode::NotSupported);
        QVERIFY(!fs::exists(recipe.exportTo.out.string() + ".partial"));
    }

    void gptqOnAGpu()
    {
        const model::Device& gpu = tests::cudaDevice();
        if (gpu.isProcessor()) {
            QSKIP(tests::cudaDeviceAbsence().c_str());
        }
        for (const std::string method : {"rtn", "gptq", "awq"}) {
            const plan::Recipe recipe = recipeOf(method);
            useFreshFolders();
            const auto onProcessor = runRecipe(recipe);
            BITLATHE_VERIFY_OK(onProcessor);
            plan::Recipe other = recipe;
            other.exportTo.out += "-gpu";
            tests::useOwnFolders(m_folder / ("device" + std::to_string(m_outs)));
            const auto onGpu = runRecipe(other, {false, false, gpu});
            BITLATHE_VERIFY_OK(onGpu);
            QVERIFY(!has(onGpu->findings, "device-memory-short") && !has(onGpu->findings, "device-failed"));
            QCOMPARE(onGpu->layers.size(), onProcessor->layers.size());
            // Sums in another order turn single codes, which moves a layer's error by little.
            constexpr double kShare = 0.05;
            for (std::size_t i = 0; i < onGpu->layers.size(); ++i) {
                const double found = onGpu->layers[i].quality.relativeError;
                const double usual = onProcessor->layers[i].quality.relativeError;
                QVERIFY2(std::abs(found / usual - 1) <= kShare, onGpu->layers[i].name.c_str());
            }
        }
    }

private:
    /// Stops the device behind so many layers; -1: before the run does anything with it.
    static RunObserver failingAfter(TrappedDevice& device, int layers)
    {
        RunObserver observer;
        observer.onDevice = [&device, layers](const model::Device&) {
            if (layers < 0) {
                device.trapped().fail("the card fell off the bus");
            }
        };
        observer.onLayer = [&device, layers, done = 0](const LayerRecord&) mutable {
            if (++done == layers) {
                device.trapped().fail("the card fell off the bus");
            }
        };
        return observer;
    }
};

} // namespace bitlathe::run

QTEST_GUILESS_MAIN(bitlathe::run::TestDeviceRun)
#include "tst_devicerun.moc"
