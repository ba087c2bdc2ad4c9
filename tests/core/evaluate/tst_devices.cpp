// SPDX-License-Identifier: Apache-2.0
// Evaluations on a device: the same numbers as on the processor, and what happens where its memory is short.
#include "core/evaluate/comparison.h"
#include "core/evaluate/perplexity.h"
#include "core/evaluate/placement.h"
#include "core/evaluate/speed.h"
#include "support/cudadevice.h"
#include "support/tempfolder.h"
#include "support/trappeddevice.h"

#include <QTest>

#include <algorithm>

namespace bitlathe::evaluate
{

namespace fs = std::filesystem;
using tests::TrappedDevice;

namespace
{

const fs::path kModel = fs::path(BITLATHE_SOURCE_DIR) / "resources/demo/model";
const std::string kText = BITLATHE_SOURCE_DIR "/resources/demo/text/evaluation.txt";
constexpr std::uint64_t kMiB = std::uint64_t{1} << 20;

PerplexityOptions shortWindows()
{
    PerplexityOptions options;
    options.length = 96;
    options.maxWindows = 6;
    options.bytesStates = kMiB;
    return options;
}

model::Device trapped(std::uint64_t bytesBudget)
{
    return {std::make_shared<TrappedDevice>(bytesBudget), "Trapped", {}};
}

bool has(const Findings& findings, const std::string& code)
{
    return std::ranges::any_of(findings, [&](const Finding& finding) { return finding.code == code; });
}

} // namespace

class TestDevices : public QObject
{
    Q_OBJECT

private slots:
    void initTestCase()
    {
        const auto opened = format::openModel(kModel);
        BITLATHE_VERIFY_OK(opened);
        m_opened = *opened;
        const auto set = text::openTextSet(kText, kModel);
        BITLATHE_VERIFY_OK(set);
        const auto stream = protocolStream(*set, m_opened->tokenizer.get(), ProtocolKind::Windows);
        BITLATHE_VERIFY_OK(stream);
        m_stream = *stream;
        m_expected = perplexityOn({}, shortWindows());
    }

    void samePerplexity_data()
    {
        QTest::addColumn<std::string>("kv");
        QTest::newRow("plain") << std::string();
        QTest::newRow("keys and values of the processor") << std::string("int8-token");
    }
    void samePerplexity()
    {
        QFETCH(const std::string, kv);
        PerplexityOptions options = shortWindows();
        if (!kv.empty()) {
            options.kv.scheme = *quant::findKvScheme(kv);
        }
        const model::Device device = trapped(512 * kMiB);
        const PerplexityResult expected = perplexityOn({}, options);
        const PerplexityResult found = perplexityOn(device, options);
        QCOMPARE(found.nllSum, expected.nllSum);
        QCOMPARE(found.windowMeans, expected.windowMeans);
        QVERIFY(found.bytesPeakVram > kMiB && expected.bytesPeakVram == 0);
        QVERIFY(m_findings.empty());
    }

    /// From a budget that holds all down to one that holds nothing: always the same number, and it says how.
    void lessAndLessMemory()
    {
        const model::Device whole = trapped(512 * kMiB);
        const std::uint64_t most = perplexityOn(whole, shortWindows()).bytesPeakVram;
        bool wasStreamed = false;
        bool wasOnProcessor = false;
        for (std::uint64_t budget = most; budget > most / 64; budget = budget * 3 / 4) {
            const model::Device device = trapped(budget);
            const PerplexityResult found = perplexityOn(device, shortWindows());
            QCOMPARE(found.nllSum, m_expected.nllSum);
            QVERIFY(device.bytesPeak() <= budget);
            QVERIFY(budget < most || m_findings.empty());
            QVERIFY(budget > most / 2 || !m_findings.empty());
            wasStreamed =
                wasStreamed || (has(m_findings, "device-streamed") && !has(m_findings, "device-memory-short"));
            wasOnProcessor = wasOnProcessor || has(m_findings, "device-memory-short");
            QCOMPARE(device.backend->memory().use().bytesUsed, std::uint64_t{0});
        }
        QVERIFY(wasStreamed);
        QVERIFY(wasOnProcessor);
    }

    void sameComparison()
    {
        CompareOptions options;
        options.data = kText;
        options.windows = shortWindows();
        options.kv = {*quant::findKvScheme("int8-token")};
        const auto expected = compare({kModel, kModel}, options);
        BITLATHE_VERIFY_OK(expected);
        const tests::TempFolder cache;
        for (const std::uint64_t mib : {512, 24, 1}) {
            options.device = trapped(mib * kMiB);
            options.cacheRoot = mib == 512 ? cache.path() : fs::path();
            for (int round = 0; round < 2; ++round) { // The second time from what is kept.
                const auto found = compare({kModel, kModel}, options);
                BITLATHE_VERIFY_OK(found);
                for (std::size_t i = 0; i < expected->models.size(); ++i) {
                    QCOMPARE(found->models[i].perplexity.nllSum, expected->models[i].perplexity.nllSum);
                    QCOMPARE(found->models[i].kl.has_value(), expected->models[i].kl.has_value());
                    QVERIFY(!found->models[i].kl || found->models[i].kl->mean == expected->models[i].kl->mean);
                }
                const bool onProcessor = has(found->findings, "device-memory-short");
                QCOMPARE(onProcessor, mib == 1);
                QCOMPARE(found->protocol.device, onProcessor ? std::string() : std::string("Trapped"));
            }
        }
    }

    void speedOfADevice()
    {
        SpeedOptions options;
        options.throughput.prompts = {8};
        options.throughput.contexts = {16};
        options.throughput.batches = {1, 2};
        options.throughput.newTokens = 2;
        options.throughput.repeats = 1;
        options.device = trapped(512 * kMiB);
        auto speeds = measureSpeed({kModel}, options);
        BITLATHE_VERIFY_OK(speeds);
        QCOMPARE(speeds->front().throughput.device, std::string("Trapped"));
        QVERIFY(speeds->front().bytesPeakVram > kMiB);
        options.device = trapped(kMiB);
        speeds = measureSpeed({kModel}, options);
        BITLATHE_VERIFY_OK(speeds);
        QCOMPARE(speeds->front().throughput.device, std::string("cpu"));
        QVERIFY(has(speeds->front().findings, "device-memory-short"));
    }

    void perplexityOfAGpu()
    {
        const model::Device& gpu = tests::cudaDevice();
        if (gpu.isProcessor()) {
            QSKIP(tests::cudaDeviceAbsence().c_str());
        }
        constexpr double kShare = 1e-3; // Of the perplexity of the processor, in f32 and in bf16.
        for (const model::Compute compute : {model::Compute::F32, model::Compute::Bf16}) {
            const PerplexityResult found = perplexityOn(gpu, shortWindows(), compute);
            QVERIFY(m_findings.empty());
            QVERIFY2(std::abs(found.perplexity / m_expected.perplexity - 1) <= kShare,
                     qPrintable(QString::number(found.perplexity / m_expected.perplexity - 1)));
            QCOMPARE(perplexityOn(gpu, shortWindows(), compute).nllSum, found.nllSum);
        }
    }

    void names_data()
    {
        QTest::addColumn<std::string>("name");
        QTest::addColumn<int>("number");
        QTest::newRow("processor") << std::string("cpu") << -1;
        QTest::newRow("first") << std::string("cuda") << 0;
        QTest::newRow("third") << std::string("cuda:2") << 2;
        QTest::newRow("any") << std::string("auto") << 0;
        for (const char* wrong : {"", "gpu", "cuda:", "cuda:-1", "cuda:1x", "CPU"}) {
            QTest::addRow("\"%s\"", wrong) << std::string(wrong) << -2;
        }
    }
    void names()
    {
        QFETCH(const std::string, name);
        QFETCH(const int, number);
        const auto found = model::gpuNumberOf(name);
        QCOMPARE(found.has_value(), number > -2);
        if (found) {
            QCOMPARE(found->value_or(-1), number);
        } else {
            QCOMPARE(found.error().code, ErrorCode::SettingInvalid);
        }
    }

private:
    PerplexityResult perplexityOn(const model::Device& device, const PerplexityOptions& options,
                                  model::Compute compute = model::Compute::F32)
    {
        m_findings.clear();
        const auto run = [&](const model::Model& model) { return perplexity(model, m_stream, options); };
        auto result = withPlacedModel(*m_opened, compute, device, model::Residency::Resident, m_findings, {}, run);
        if (!result) {
            throw std::runtime_error(result.error().sentence());
        }
        std::ranges::copy(result->findings, std::back_inserter(m_findings));
        return *std::move(result);
    }

    std::shared_ptr<const format::OpenedModel> m_opened;
    std::vector<model::TokenId> m_stream;
    PerplexityResult m_expected;
    Findings m_findings; ///< Of the last perplexityOn().
};

} // namespace bitlathe::evaluate

QTEST_GUILESS_MAIN(bitlathe::evaluate::TestDevices)
#include "tst_devices.moc"
