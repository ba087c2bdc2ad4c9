// SPDX-License-Identifier: Apache-2.0
// Models on a device: the same logits as on the processor, on one that traps every access of the processor and on a
// GPU, and errors where its memory is short or it fails.
#include "core/model/fitspec.h"
#include "core/model/generate.h"
#include "core/model/goldenmodel.h"
#include "support/cudadevice.h"
#include "support/trappeddevice.h"

#include <QTest>

using namespace bitlathe;
using namespace bitlathe::tests;
using namespace bitlathe::model;

namespace fs = std::filesystem;

namespace
{

/// Of the largest logit.
constexpr double kToleranceF32 = 1e-4;  ///< Both sum in f32, in another order.
constexpr double kToleranceBf16 = 2e-2; ///< Roundings to bf16 fall otherwise where sums differ.

constexpr std::int64_t kPrompt = 21;
constexpr std::int64_t kTokens = 26; ///< Five of them one by one.

/// Every form of block: fused and grouped projections, learned positions, partial and scaled rope, experts, windows,
/// soft caps, norms before and behind, scaled residuals, tied and projected heads.
constexpr std::array kModels{"phi3-longrope",
                             "llama-dynamic",
                             "gemma3",
                             "qwen-ntk",
                             "gemma2",
                             "gpt-neox",
                             "gpt2",
                             "internlm2",
                             "llama-gqa-untied",
                             "minicpm",
                             "mixtral",
                             "opt-prenorm",
                             "opt-postnorm-proj",
                             "phi3",
                             "qwen3-moe",
                             "demo"};

fs::path folderOf(const std::string& name)
{
    const fs::path source(BITLATHE_SOURCE_DIR);
    if (name == "demo") {
        return source / "resources/demo/model";
    }
    const fs::path own = source / "tests/data/models" / name;
    return fs::exists(own) ? own : sharedModel("arch/" + name);
}

std::shared_ptr<const Model> open(const std::string& name, const Model::Options& options)
{
    const fs::path folder = folderOf(name);
    const auto checkpoint = valueOf(checkpoint::Checkpoint::open(folder));
    auto spec = specOf(folder);
    fitToFile(*checkpoint, spec);
    return valueOf(Model::create(spec, makeDenseSource(checkpoint), options));
}

std::vector<TokenId> idsOf(const Model& model, std::int64_t count)
{
    std::vector<TokenId> ids;
    for (std::int64_t i = 0; i < count; ++i) {
        ids.push_back(static_cast<TokenId>((i * 7919 + 13) % model.spec().vocabulary));
    }
    return ids;
}

void append(const Model& model, const Activations& normed, std::vector<float>& logits)
{
    const std::size_t before = logits.size();
    logits.resize(before + static_cast<std::size_t>(normed.rows * model.spec().vocabulary));
    model.logitsOnProcessor(normed, 0, normed.rows, std::span(logits).subspan(before));
}

/// Logits of a prompt, of tokens behind it one by one, of two sequences side by side, and of a pass without a store.
std::vector<float> logitsOf(const Model& model)
{
    std::vector<float> logits;
    const auto ids = idsOf(model, kTokens);
    const auto store = model.makeKvStore(kPrompt + 2); // Grows on the way.
    const auto other = model.makeKvStore(kTokens);
    for (std::int64_t at = 0; at < kTokens; at += at == 0 ? kPrompt : 1) {
        const auto part = std::span(ids).subspan(static_cast<std::size_t>(at), at == 0 ? kPrompt : 1);
        append(model, valueOf(model.forward(part, store.get())), logits);
    }
    append(model, valueOf(model.forward(std::span(ids).first(3), other.get())), logits);
    store->truncate(kTokens - 4);
    const std::array stores{store.get(), other.get()};
    for (int step = 0; step < 2; ++step) {
        append(model, valueOf(model.decode(std::array{ids[5], ids[8]}, stores)), logits);
    }
    append(model, valueOf(model.forward(ids)), logits);
    return logits;
}

double relativeDifference(const std::vector<float>& expected, const std::vector<float>& found)
{
    float largest = 0;
    for (const float value : expected) {
        largest = std::max(largest, std::abs(value));
    }
    return largestDifference(expected, found) / static_cast<double>(largest);
}

} // namespace

class TestDeviceModel : public QObject
{
    Q_OBJECT

private slots:
    void sameBytesOnATrappedDevice_data()
    {
        QTest::addColumn<std::string>("name");
        for (const char* name : kModels) {
            QTest::newRow(name) << std::string(name);
        }
    }
    void sameBytesOnATrappedDevice()
    {
        QFETCH(const std::string, name);
        if (!fs::exists(folderOf(name))) {
            QSKIP("the shared golden folder is not there");
        }
        const auto device = std::make_shared<TrappedDevice>();
        const auto expected = logitsOf(*open(name, {}));
        QCOMPARE(logitsOf(*open(name, {Compute::F32, Residency::Resident, device})), expected);
        QCOMPARE(device->memory().use().bytesUsed, std::uint64_t{0});
        QCOMPARE(logitsOf(*open(name, {Compute::F32, Residency::Streamed, device})), expected);
        QCOMPARE(device->memory().use().bytesUsed, std::uint64_t{0});
    }

    void nearTheProcessorOnAGpu_data() { sameBytesOnATrappedDevice_data(); }
    void nearTheProcessorOnAGpu()
    {
        QFETCH(const std::string, name);
        if (cudaDevice().isProcessor()) {
            QSKIP(cudaDeviceAbsence().c_str());
        }
        if (!fs::exists(folderOf(name))) {
            QSKIP("the shared golden folder is not there");
        }
        for (const Compute compute : {Compute::F32, Compute::Bf16}) {
            const Model::Options options{compute, Residency::Resident, cudaDevice().backend};
            const auto found = logitsOf(*open(name, options));
            const double difference = relativeDifference(logitsOf(*open(name, {compute})), found);
            QVERIFY2(difference <= (compute == Compute::F32 ? kToleranceF32 : kToleranceBf16),
                     qPrintable(QString("%1 of the largest logit").arg(difference)));
            QCOMPARE(logitsOf(*open(name, options)), found); // The same call gives the same bytes.
        }
    }

    void sameTextOnAGpu()
    {
        if (cudaDevice().isProcessor()) {
            QSKIP(cudaDeviceAbsence().c_str());
        }
        const auto model = open("demo", {Compute::F32, Residency::Resident, cudaDevice().backend});
        GenerationOptions options;
        options.maxNewTokens = 32;
        options.temperature = 0.8;
        options.seed = 7;
        const auto ids = idsOf(*model, 12);
        const auto first = valueOf(generate(*model, ids, options));
        QCOMPARE(first.ids.size(), std::size_t{32});
        QCOMPARE(valueOf(generate(*model, ids, options)).ids, first.ids);
    }

    void memoryThatIsShort()
    {
        const auto whole = std::make_shared<TrappedDevice>();
        const std::uint64_t before = whole->memory().use().bytesUsed;
        const auto model = open("demo", {Compute::F32, Residency::Resident, whole});
        const std::uint64_t bytes = whole->memory().use().bytesUsed - before;
        const auto half = std::make_shared<TrappedDevice>(bytes / 2);
        const fs::path folder = folderOf("demo");
        const auto source = makeDenseSource(valueOf(checkpoint::Checkpoint::open(folder)));
        const auto failed = Model::create(specOf(folder), source, {Compute::F32, Residency::Resident, half});
        QVERIFY(!failed);
        QCOMPARE(failed.error().code, ErrorCode::DeviceMemoryShort);
        QCOMPARE(half->memory().use().bytesUsed, std::uint64_t{0}); // What fitted was given back.

        // It loads, but has no room for keys and values.
        const auto tight = std::make_shared<TrappedDevice>(bytes + (std::uint64_t{1} << 20));
        const auto loaded = open("demo", {Compute::F32, Residency::Resident, tight});
        GenerationOptions options;
        options.maxNewTokens = 1 << 16;
        const auto written = generate(*loaded, idsOf(*loaded, 4), options);
        QVERIFY(!written);
        QCOMPARE(written.error().code, ErrorCode::DeviceMemoryShort);
        options.maxNewTokens = 2;
        QVERIFY(generate(*loaded, idsOf(*loaded, 4), options).has_value());
    }

    void deviceThatStops()
    {
        const auto device = std::make_shared<TrappedDevice>();
        const auto model = open("demo", {Compute::F32, Residency::Resident, device});
        device->trapped().fail("gemm: the card is gone");
        const auto written = generate(*model, idsOf(*model, 4), {});
        QVERIFY(!written);
        QCOMPARE(written.error().code, ErrorCode::DeviceFailed);
        QVERIFY(written.error().sentence().find("the card is gone") != std::string::npos);
    }
};

QTEST_GUILESS_MAIN(TestDeviceModel)
#include "tst_devicemodel.moc"
