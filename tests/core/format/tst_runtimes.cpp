// SPDX-License-Identifier: Apache-2.0
// RuntimeTable: the built-in table against the formats, both ways, and damaged tables.
#include "core/format/runtimes.h"

#include "layerfolder.h"
#include "support/tempfolder.h"

#include <QTest>

#include <array>
#include <fstream>

using namespace bitlathe;
using namespace bitlathe::format;
using namespace bitlathe::tests;

class TestRuntimes : public QObject
{
    Q_OBJECT

private slots:
    void everyRowSaysWhereItIsFrom();
    void everyRuleTakesSomethingThatIsWritten();
    void everyWrittenFormatIsLoaded();
    void cachesNeedWhatTheProgramNeeds();
    void filesAreRead();
    void damaged_data();
    void damaged();
};

namespace
{

/// Schemes of every kind that the formats write.
std::vector<quant::Scheme> schemesToTry()
{
    std::vector<quant::Scheme> schemes;
    for (const int bits : {2, 3, 4, 8}) {
        for (const int group : {static_cast<int>(quant::kPerChannel), 32, 64, 128}) {
            for (const bool symmetric : {true, false}) {
                schemes.push_back(makeScheme(bits, group, symmetric));
                schemes.back().leastZero = 0;
            }
        }
    }
    quant::Scheme book;
    book.kind = quant::SchemeKind::CodeBook;
    book.groupSize = 64;
    book.scaleDType = checkpoint::DType::F32;
    schemes.push_back(book);
    return schemes;
}

model::LinearSpec square()
{
    model::LinearSpec linear;
    linear.name = "model.layers.0.self_attn.q_proj";
    linear.outFeatures = linear.inFeatures = 1024;
    return linear;
}

} // namespace

void TestRuntimes::everyRowSaysWhereItIsFrom()
{
    QVERIFY(runtimeTable().runtimes.size() > 5);
    for (const Runtime& runtime : runtimeTable().runtimes) {
        QVERIFY2(!runtime.version.empty() && !runtime.source.empty() && runtime.date.size() == 10,
                 runtime.name.c_str());
        QCOMPARE(runtime.loads.empty(), runtime.loadsAll || !runtime.foreignFormat.empty());
        QCOMPARE(runtimeTable().find(runtime.name), &runtime);
        for (const ConsumerRule& rule : runtime.loads) {
            QCOMPARE(rule.consumer, runtime.name);
            QVERIFY2(rule.gpu > 0 || rule.cpu, rule.format.c_str());
            QVERIFY2((rule.cpuBits.bits & ~rule.bits.bits) == 0, rule.format.c_str());
            QVERIFY2(rule.cpu || rule.cpuBits.empty(), rule.format.c_str());
            QCOMPARE(findConsumerRule(runtime.name, rule.format), &rule);
        }
    }
    QCOMPARE(runtimeTable().find("none of that name"), nullptr);
}

void TestRuntimes::everyRuleTakesSomethingThatIsWritten()
{
    for (const ConsumerRule& rule : consumerRules()) {
        const auto format = findFormat(rule.format);
        if (!format) {
            continue; // Only read here.
        }
        const auto isWrittenAndLoaded = [&](const quant::Scheme& scheme) {
            return (*format)->check(scheme, square()) && whyRefused(rule, square(), scheme).empty();
        };
        QVERIFY2(std::ranges::any_of(schemesToTry(), isWrittenAndLoaded), (rule.consumer + " " + rule.format).c_str());
    }
}

void TestRuntimes::everyWrittenFormatIsLoaded()
{
    for (const Format* format : formats()) {
        QVERIFY2(!consumersOf(format->name()).empty() || format->name() == "dense",
                 std::string(format->name()).c_str());
    }
}

void TestRuntimes::cachesNeedWhatTheProgramNeeds()
{
    for (const Runtime& runtime : runtimeTable().runtimes) {
        QCOMPARE(runtime.caches.empty(), !runtime.foreignFormat.empty());
        for (const RuntimeCache& cache : runtime.caches) {
            QVERIFY2(cache.gpu == 0 || cache.gpu >= runtime.gpu, runtime.name.c_str());
        }
    }
}

void TestRuntimes::filesAreRead()
{
    const TempFolder folder;
    std::ofstream(folder / "own.json") << runtimeData();
    const auto table = readRuntimeTable(folder / "own.json");
    BITLATHE_VERIFY_OK(table);
    QCOMPARE(table->runtimes.size(), runtimeTable().runtimes.size());
    QCOMPARE(readRuntimeTable(folder / "none.json").error().code, ErrorCode::FileMissing);
}

void TestRuntimes::damaged_data()
{
    QTest::addColumn<QString>("text");
    QTest::addColumn<QString>("place");
    const QString one = R"({"version": 1, "runtimes": [{"name": "A", "version": "1", "date": "d", "source": "s"%1}]})";
    const QString loads = one.arg(R"(, "cpu": true, "loads": [%1])");
    QTest::newRow("cut") << R"({"version": 1, "runti)"
                         << "t.json";
    QTest::newRow("a number") << "7"
                              << "t.json";
    QTest::newRow("no version") << R"({"runtimes": []})"
                                << "t.json.version";
    QTest::newRow("runs nowhere") << one.arg("") << "t.json.runtimes[0]";
    QTest::newRow("misspelt key") << one.arg(R"(, "cpus": true)") << "t.json.runtimes[0]";
    QTest::newRow("share above all") << one.arg(R"(, "cpu": true, "usable": 1.5)") << "t.json.runtimes[0].usable";
    QTest::newRow("unknown cache") << one.arg(R"(, "cpu": true, "kv": [{"scheme": "int7"}])")
                                   << "t.json.runtimes[0].kv[0].scheme";
    QTest::newRow("unknown format") << loads.arg(R"({"format": "exl9", "bits": [4]})")
                                    << "t.json.runtimes[0].loads[0].format";
    QTest::newRow("no bits") << loads.arg(R"({"format": "gptq"})") << "t.json.runtimes[0].loads[0].bits";
    QTest::newRow("bits of another world")
        << loads.arg(R"({"format": "gptq", "bits": [40]})") << "t.json.runtimes[0].loads[0].bits";
    QTest::newRow("bits of another world on processors")
        << loads.arg(R"({"format": "gptq", "bits": [4], "cpu_bits": [0]})") << "t.json.runtimes[0].loads[0].cpu_bits";
    QTest::newRow("a group of words") << loads.arg(R"({"format": "gptq", "bits": [4], "groups": ["some"]})")
                                      << "t.json.runtimes[0].loads[0].groups";
    QTest::newRow("twice") << loads.arg(R"({"format": "gptq", "bits": [4]}, {"format": "gptq", "bits": [8]})")
                           << "t.json.runtimes[0].loads[1]";
    QTest::newRow("text for truth") << loads.arg(R"({"format": "gptq", "bits": [4], "cpu": "yes"})")
                                    << "t.json.runtimes[0].loads[0].cpu";
}

void TestRuntimes::damaged()
{
    QFETCH(const QString, text);
    QFETCH(const QString, place);
    const auto table = parseRuntimeTable(text.toStdString(), "t.json");
    QVERIFY(!table);
    QCOMPARE(table.error().code, ErrorCode::FileInvalid);
    QCOMPARE(QString::fromStdString(table.error().subject), place);
    QVERIFY(!table.error().sentence().empty());
}

QTEST_GUILESS_MAIN(TestRuntimes)
#include "tst_runtimes.moc"
