// SPDX-License-Identifier: Apache-2.0
// Advice: what is said for devices of many kinds, and where nothing fits; its tables and damaged ones.
#include "core/plan/advice.h"

#include "core/quant/quantizer.h"
#include "support/tempfolder.h"

#include <QTest>

#include <fmt/format.h>

#include <algorithm>
#include <fstream>

using namespace bitlathe;
using namespace bitlathe::plan;
using bitlathe::tests::TempFolder;

namespace
{

constexpr std::uint64_t kGigabyte = 1'000'000'000;

/// Of Llama-2-7B.
constexpr const char* kConfig = R"({"architectures": ["LlamaForCausalLM"], "model_type": "llama", "hidden_size": 4096,
    "intermediate_size": 11008, "num_hidden_layers": 32, "num_attention_heads": 32, "vocab_size": 32000,
    "max_position_embeddings": 4096, "tie_word_embeddings": false, "torch_dtype": "float16"})";

const evaluate::MemoryModel& sevenB()
{
    static const evaluate::MemoryModel loaded = [] {
        const TempFolder folder;
        std::ofstream(folder / "config.json") << kConfig;
        return evaluate::memoryModel(folder.path()).value();
    }();
    return loaded;
}

/// A GPU with so many gigabytes, in a machine with none to spare.
AdviceRequest gpu(double gigabytes)
{
    return {.bytesVram = static_cast<std::uint64_t>(gigabytes * static_cast<double>(kGigabyte))};
}

AdviceRequest processor(double gigabytes)
{
    return {.bytesRam = static_cast<std::uint64_t>(gigabytes * static_cast<double>(kGigabyte))};
}

std::string sentences(const std::vector<Text>& texts)
{
    return english(texts);
}

} // namespace

class TestAdvice : public QObject
{
    Q_OBJECT

private slots:
    void smallGpuTakesFourBits();
    void serverTakesWhatLosesLeast();
    void noGpuTakesProgramsOfProcessors();
    void wishesOrder();
    void oldGpuLeavesProgramsOut();
    void oneProgram();
    void overflowGoesToTheProcessor();
    void nothingFits();
    void everyOptionIsLoaded();
    void roomIsExact();
    void badRequests_data();
    void badRequests();
    void figuresOfTheNearestSize();
    void damagedQuality_data();
    void damagedQuality();
};

void TestAdvice::smallGpuTakesFourBits()
{
    const auto advice = advise(gpu(8), sevenB());
    BITLATHE_VERIFY_OK(advice);
    QVERIFY(!advice->options.empty() && advice->options.size() <= 5 && !advice->shortfall);
    const AdviceOption& best = advice->options.front();
    QVERIFY(best.scheme && best.scheme->bits == 4);
    QVERIFY(best.onGpu && best.fits());
    QVERIFY(best.recipe);
    QCOMPARE(best.recipe->method, best.method);
    QCOMPARE(best.recipe->exportTo.format, best.format);
    const std::string said = sentences(best.reasons);
    QVERIFY2(said.find("Weights take 3.62 GiB") != std::string::npos, said.c_str());
    QVERIFY2(said.find("5.60 instead of 5.47 (arXiv 2306.00978, table 4") != std::string::npos, said.c_str());
}

void TestAdvice::serverTakesWhatLosesLeast()
{
    AdviceRequest request = gpu(80);
    request.usage = Usage::Server;
    request.batch = 16;
    const auto advice = advise(request, sevenB());
    BITLATHE_VERIFY_OK(advice);
    const AdviceOption& best = advice->options.front();
    QVERIFY(!best.scheme || best.scheme->bits == 8);
    QVERIFY(format::runtimeTable().find(best.runtime)->serves);
    const std::string said = sentences(best.reasons);
    QVERIFY2(said.find("On a server memory is there to be used") != std::string::npos, said.c_str());
}

void TestAdvice::noGpuTakesProgramsOfProcessors()
{
    const auto advice = advise(processor(16), sevenB());
    BITLATHE_VERIFY_OK(advice);
    QVERIFY(!advice->options.empty());
    for (const AdviceOption& option : advice->options) {
        QVERIFY2(!option.onGpu && format::runtimeTable().find(option.runtime)->cpu, option.runtime.c_str());
    }
    const std::string said = sentences(advice->options.front().reasons);
    QVERIFY2(said.find("Without a GPU") != std::string::npos, said.c_str());

    AdviceRequest request = processor(64);
    request.runtime = "vLLM"; // There of fewer widths.
    const auto one = advise(request, sevenB());
    BITLATHE_VERIFY_OK(one);
    int limited = 0;
    for (const AdviceOption& option : one->options) {
        const auto* rule = format::runtimeTable().find("vLLM")->ruleFor(option.format);
        if (rule != nullptr && !rule->cpuBits.empty()) {
            QVERIFY2(rule->cpuBits.has(option.scheme->bits), option.format.c_str());
            ++limited;
        }
    }
    QVERIFY(limited > 0);
}

void TestAdvice::wishesOrder()
{
    AdviceRequest request = gpu(24);
    request.wish = Wish::Best;
    const auto best = advise(request, sevenB());
    request.wish = Wish::Small;
    const auto small = advise(request, sevenB());
    BITLATHE_VERIFY_OK(best);
    BITLATHE_VERIFY_OK(small);
    QVERIFY(best->options.front().excess() < small->options.front().excess());
    QVERIFY(best->options.front().bytes() > small->options.front().bytes());
    // Also where there is room for everything.
    request.bytesVram = std::uint64_t{640} << 30;
    const auto roomy = advise(request, sevenB());
    BITLATHE_VERIFY_OK(roomy);
    QVERIFY(roomy->options.front().scheme && roomy->options.front().scheme->bits <= 4);
}

void TestAdvice::oldGpuLeavesProgramsOut()
{
    AdviceRequest request = gpu(24);
    request.gpuCapability = 6.1;
    const auto advice = advise(request, sevenB());
    BITLATHE_VERIFY_OK(advice);
    for (const AdviceOption& option : advice->options) {
        QVERIFY2(option.runtime == "transformers" || option.runtime == "GPTQModel" || option.runtime == "AutoGPTQ",
                 option.runtime.c_str());
    }
}

void TestAdvice::oneProgram()
{
    AdviceRequest request = gpu(24);
    request.runtime = "lmdeploy";
    const auto advice = advise(request, sevenB());
    BITLATHE_VERIFY_OK(advice);
    for (const AdviceOption& option : advice->options) {
        QCOMPARE(option.runtime, std::string("lmdeploy"));
    }
    request.runtime = "lmdeplyo";
    QCOMPARE(advise(request, sevenB()).error().code, ErrorCode::UnknownName);
    request.runtime = "llama.cpp"; // GGUF is not written here.
    const auto foreign = advise(request, sevenB());
    QCOMPARE(foreign.error().code, ErrorCode::NotSupported);
    QVERIFY(foreign.error().sentence().find("GGUF") != std::string::npos);
    AdviceRequest without = processor(64);
    without.runtime = "AutoAWQ";
    QCOMPARE(advise(without, sevenB()).error().code, ErrorCode::NotSupported);
}

void TestAdvice::overflowGoesToTheProcessor()
{
    AdviceRequest request = gpu(2);
    request.bytesRam = 64 * kGigabyte;
    const auto advice = advise(request, sevenB());
    BITLATHE_VERIFY_OK(advice);
    QVERIFY(!advice->options.empty() && !advice->options.front().onGpu);
    QVERIFY(sentences(advice->notes).find("Nothing fits the GPU") != std::string::npos);
}

void TestAdvice::nothingFits()
{
    AdviceRequest request = gpu(7);
    request.batch = 64;
    const auto many = advise(request, sevenB());
    BITLATHE_VERIFY_OK(many);
    QVERIFY(many->options.empty() && many->shortfall);
    QCOMPARE(many->shortfall->bytesMissing, many->shortfall->nearest.bytes() - many->shortfall->nearest.bytesUsable);
    const std::string ways = sentences(many->shortfall->ways);
    QVERIFY2(ways.find("A context of ") != std::string::npos, ways.c_str());
    QVERIFY2(ways.find(" sequences at once instead of 64") != std::string::npos, ways.c_str());

    const auto tiny = advise(processor(1), sevenB());
    BITLATHE_VERIFY_OK(tiny);
    QVERIFY(tiny->options.empty() && tiny->shortfall);
    const std::string said = sentences(tiny->shortfall->ways);
    QVERIFY2(said.find("take a smaller model") != std::string::npos, said.c_str());
}

void TestAdvice::everyOptionIsLoaded()
{
    for (const format::Runtime& runtime : format::runtimeTable().runtimes) {
        AdviceRequest request = runtime.gpu > 0 ? gpu(400) : processor(400);
        request.runtime = runtime.name;
        for (const Wish wish : {Wish::Best, Wish::Balanced, Wish::Small}) {
            request.wish = wish;
            const auto advice = advise(request, sevenB());
            QVERIFY2(advice || !runtime.foreignFormat.empty(), runtime.name.c_str());
            for (const AdviceOption& option : advice ? advice->options : std::vector<AdviceOption>()) {
                const format::ConsumerRule* rule = runtime.ruleFor(option.format);
                QCOMPARE(option.scheme.has_value(), option.recipe.has_value());
                if (!option.recipe) {
                    QVERIFY(runtime.fullPrecision);
                    continue;
                }
                QVERIFY2(rule != nullptr || runtime.loadsAll, option.format.c_str());
                const auto format = format::findFormat(option.format);
                for (const model::LinearSpec& linear : sevenB().spec.linears) {
                    QVERIFY2((*format)->check(*option.scheme, linear), option.title().c_str());
                    QVERIFY2(rule == nullptr || whyRefused(*rule, linear, *option.scheme).empty(),
                             option.title().c_str());
                }
            }
        }
    }
}

void TestAdvice::roomIsExact()
{
    AdviceRequest request = gpu(24);
    request.batch = 4;
    request.context = 1024;
    const auto advice = advise(request, sevenB());
    BITLATHE_VERIFY_OK(advice);
    for (AdviceOption option : advice->options) {
        request.runtime = option.runtime;
        const auto bytes = [&](std::int64_t batch, std::int64_t context) {
            return option.memory.bytesWeights + option.bytesRuntime + evaluate::activationBytes(sevenB().spec, batch) +
                   evaluate::kvCacheBytes(sevenB().spec, batch, context, option.memory.kv);
        };
        QVERIFY(bytes(4, option.contextMax) <= option.bytesUsable);
        QVERIFY(option.contextMax == 4096 || bytes(4, option.contextMax + 1) > option.bytesUsable);
        QVERIFY(bytes(option.batchMax, 1024) <= option.bytesUsable);
        QVERIFY(bytes(option.batchMax + 1, 1024) > option.bytesUsable);
    }
}

void TestAdvice::badRequests_data()
{
    QTest::addColumn<double>("vram");
    QTest::addColumn<double>("ram");
    QTest::addColumn<double>("capability");
    QTest::addColumn<int>("context");
    QTest::addColumn<int>("batch");
    QTest::newRow("no device") << 0.0 << 0.0 << 0.0 << 1024 << 1;
    QTest::newRow("capability of no GPU") << 0.0 << 16.0 << 8.6 << 1024 << 1;
    QTest::newRow("no context") << 8.0 << 16.0 << 0.0 << 0 << 1;
    QTest::newRow("no batch") << 8.0 << 16.0 << 0.0 << 1024 << 0;
}

void TestAdvice::badRequests()
{
    QFETCH(const double, vram);
    QFETCH(const double, ram);
    QFETCH(const double, capability);
    QFETCH(const int, context);
    QFETCH(const int, batch);
    AdviceRequest request = gpu(vram);
    request.bytesRam = processor(ram).bytesRam;
    request.gpuCapability = capability;
    request.context = context;
    request.batch = batch;
    QCOMPARE(advise(request, sevenB()).error().code, ErrorCode::SettingInvalid);
}

void TestAdvice::figuresOfTheNearestSize()
{
    std::vector<QualityFigure> figures(2);
    figures[0].parameters = 8'000'000;
    figures[1].parameters = 7'000'000'000;
    QCOMPARE(nearestFigure(figures, 1'000'000).parameters, 8'000'000);
    QCOMPARE(nearestFigure(figures, 200'000'000).parameters, 8'000'000);
    QCOMPARE(nearestFigure(figures, 300'000'000).parameters, 7'000'000'000);
    for (const WeightsQuality& weights : qualityTable().weights) {
        for (const QualityFigure& figure : weights.figures) {
            QVERIFY(!figure.source.empty() && figure.date.size() == 10 && figure.excess > 0);
        }
    }
}

void TestAdvice::damagedQuality_data()
{
    QTest::addColumn<QString>("text");
    QTest::addColumn<QString>("place");
    const QString weights = R"({"version": 1, "weights": [%1]})";
    const QString figures = R"("figures": [{"parameters": 1, "excess": 0.1, "text": "t", "source": "s", "date": "d"}])";
    QTest::newRow("cut") << R"({"version": 1, "wei)"
                         << "q.json";
    QTest::newRow("a list") << "[]"
                            << "q.json";
    QTest::newRow("another version") << R"({"version": 2})"
                                     << "q.json.version";
    QTest::newRow("unknown method") << weights.arg(R"({"method": "hqq", )" + figures + '}')
                                    << "q.json.weights[0].method";
    QTest::newRow("misspelt key") << weights.arg(R"({"methd": "rtn", )" + figures + '}') << "q.json.weights[0]";
    QTest::newRow("no figures") << weights.arg(R"({"method": "rtn"})") << "q.json.weights[0].figures";
    QTest::newRow("bits that it lacks") << weights.arg(R"({"method": "rtn", "bits": 7, )" + figures + '}')
                                        << "q.json.weights[0]";
    QTest::newRow("text for a number") << weights.arg(
                                              R"({"method": "rtn", "figures": [{"parameters": 1, "excess": "x"}]})")
                                       << "q.json.weights[0].figures[0].excess";
}

void TestAdvice::damagedQuality()
{
    QFETCH(const QString, text);
    QFETCH(const QString, place);
    const auto table = parseQualityTable(text.toStdString(), "q.json");
    QVERIFY(!table);
    QCOMPARE(table.error().code, ErrorCode::FileInvalid);
    QCOMPARE(QString::fromStdString(table.error().subject), place);
}

QTEST_GUILESS_MAIN(TestAdvice)
#include "tst_advice.moc"
