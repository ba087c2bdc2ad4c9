// SPDX-License-Identifier: Apache-2.0
// kv-params, memory, and runs with quantized KV caches, end to end: files of lmdeploy, and input that is not right.
#include "cli/program.h"
#include "core/base/file.h"

#include <cmath>

using namespace bitlathe;
using namespace bitlathe::tests;
namespace fs = std::filesystem;

class TestKv : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void kvParamsAreThoseOfLmdeploy_data()
    {
        QTest::addColumn<QString>("folder");
        QTest::addColumn<QStringList>("options");
        QTest::newRow("asymmetric") << "asym-tp1" << QStringList{};
        QTest::newRow("asymmetric, two ranks") << "asym-tp2" << QStringList{"--tensor-parallel", "2"};
        QTest::newRow("symmetric") << "sym-tp1" << QStringList{"--symmetric"};
    }
    void kvParamsAreThoseOfLmdeploy()
    {
        BITLATHE_NEED_SHARED();
        QFETCH(const QString, folder);
        QFETCH(const QStringList, options);
        const TempFolder temp;
        const fs::path golden = sharedFolder() / "golden/lmdeploy";
        const QStringList call{"kv-params", text(golden / "calibrate"), "--for", "lmdeploy",
                               "--out",     text(temp.path() / "kv")};
        const Outcome outcome = m_program.run(call + options);
        BITLATHE_VERIFY_EXIT(outcome, 0);
        const fs::path expected = golden / "kv_qparams" / folder.toStdString();
        QVERIFY2(outcome.out.starts_with(*readFile(expected / "printed.txt")), outcome.out.c_str());
        int files = 0;
        for (const auto& entry : fs::directory_iterator(expected)) {
            if (entry.path().extension() == ".weight") {
                const auto written = readFile(temp.path() / "kv" / entry.path().filename());
                BITLATHE_VERIFY_OK(written);
                QVERIFY2(*written == *readFile(entry.path()), entry.path().c_str());
                ++files;
            }
        }
        QVERIFY(files >= 8);
        const Outcome document = m_program.json(call + options);
        BITLATHE_VERIFY_EXIT(document, 0);
        QCOMPARE(static_cast<int>(document.document()["layers"].size()), files);
    }

    /// Each rank has whole key heads.
    void ranksDivideTheHeads()
    {
        BITLATHE_NEED_SHARED();
        const TempFolder temp;
        const Outcome outcome = m_program.run({"kv-params", text(sharedFolder() / "golden/lmdeploy/calibrate"),
                                               "--tensor-parallel", "3", "--out", text(temp.path() / "kv")});
        BITLATHE_VERIFY_EXIT(outcome, 3);
        QVERIFY2(outcome.err.find("tensor-parallel") != std::string::npos, outcome.err.c_str());
        QVERIFY(!fs::exists(temp.path() / "kv"));
    }

    void memoryOfBatchAndContext()
    {
        const Outcome outcome =
            m_program.json({"memory", text(demoModel()), "--batch", "1,8", "--context", "2048", "--kv", "none,int8"});
        BITLATHE_VERIFY_EXIT(outcome, 0);
        const Json uses = outcome.document()["uses"];
        QCOMPARE(uses.size(), std::size_t(4));
        // 8 blocks of 2 key heads of 64, keys and values, in f16 and in 8 bits.
        const std::int64_t perToken = 8 * 2 * 64 * 2 * 2;
        QCOMPARE(uses[0]["kv_bytes"].get<std::int64_t>(), 2048 * perToken);
        QCOMPARE(uses[1]["kv_bytes"].get<std::int64_t>(), 2048 * perToken / 2);
        QCOMPARE(uses[2]["kv_bytes"].get<std::int64_t>(), 8 * 2048 * perToken);
        const Outcome people = m_program.run({"memory", text(demoModel()), "--batch", "8", "--context", "2048"});
        BITLATHE_VERIFY_EXIT(people, 0);
        QVERIFY2(people.out.find("2,048") != std::string::npos, people.out.c_str());
    }

    void memoryNeedsNoWeights()
    {
        const TempFolder temp;
        fs::copy_file(demoModel() / "config.json", temp.path() / "config.json");
        const Outcome whole = m_program.json({"memory", text(demoModel())});
        const Outcome alone = m_program.json({"memory", text(temp.path() / "config.json")});
        const Outcome folder = m_program.json({"memory", text(temp.path())});
        BITLATHE_VERIFY_EXIT(whole, 0);
        BITLATHE_VERIFY_EXIT(folder, 0);
        QVERIFY(folder.document()["uses"] == whole.document()["uses"]);
        BITLATHE_VERIFY_EXIT(alone, 0);
        QVERIFY(alone.document()["uses"] == whole.document()["uses"]);
    }

    void memoryOfWhatIsNoModel()
    {
        const TempFolder temp;
        BITLATHE_VERIFY_EXIT(m_program.run({"memory", text(temp.path() / "none")}), 3);
        fs::copy_file(demoModel() / "config.json", temp.path() / "config.json");
        editConfig(temp.path(), "num_hidden_layers", Json(-3));
        const Outcome lies = m_program.run({"memory", text(temp.path() / "config.json")});
        BITLATHE_VERIFY_EXIT(lies, 3);
        QVERIFY2(lies.err.find("num_hidden_layers") != std::string::npos, lies.err.c_str());
        BITLATHE_VERIFY_EXIT(m_program.run({"memory", text(demoModel()), "--batch", "0"}), 2);
    }

    void comparesWithQuantizedCaches()
    {
        const Outcome outcome =
            m_program.json({"compare", text(demoModel()), "--data", text(demoText()), "--length", "256", "--windows",
                            "2", "--kv", "int8-head,int4-token-fit", "--kv-data", text(demoText())});
        BITLATHE_VERIFY_EXIT(outcome, 0);
        const Json models = outcome.document()["models"];
        QCOMPARE(models.size(), std::size_t(3));
        const double plain = models[0]["perplexity"].get<double>();
        const double fine = models[1]["perplexity"].get<double>();
        const double coarse = models[2]["perplexity"].get<double>();
        QVERIFY2(std::abs(fine / plain - 1) < 0.01, outcome.out.c_str());
        QVERIFY2(coarse != plain && std::abs(coarse / plain - 1) < 0.1, outcome.out.c_str());
    }

    void cachesThatCannotBe_data()
    {
        QTest::addColumn<QStringList>("options");
        QTest::addColumn<QString>("names");
        QTest::newRow("unknown") << QStringList{"--kv", "int9"} << "int4-token";
        QTest::newRow("no ranges") << QStringList{"--kv", "int8"} << "int8-token";
        QTest::newRow("no kind") << QStringList{"--kv-params", "/none/there"} << "--kv";
        QTest::newRow("no such folder") << QStringList{"--kv", "int8", "--kv-params", "/none/there"} << "/none/there";
    }
    void cachesThatCannotBe()
    {
        QFETCH(const QStringList, options);
        QFETCH(const QString, names);
        for (const char* command : {"perplexity", "compare"}) {
            const QStringList call{command, text(demoModel()), "--data", text(demoText()), "--length",
                                   "256",   "--windows",       "1"};
            const Outcome outcome = m_program.run(call + options);
            QVERIFY2(outcome.code == 2 || outcome.code == 3, outcome.all().c_str());
            QVERIFY2(QString::fromStdString(outcome.err).contains(names), outcome.err.c_str());
        }
    }

    /// Parameters are those of as many layers as there are files.
    void parametersOfAnotherModel()
    {
        BITLATHE_NEED_SHARED();
        const TempFolder temp;
        const fs::path model = temp.path() / "four-blocks";
        linkDemoModel(model);
        editConfig(model, "num_hidden_layers", Json(4));
        const QStringList call{
            "perplexity", text(model), "--data",      text(demoText()),
            "--length",   "64",        "--windows",   "1",
            "--kv",       "int8",      "--kv-params", text(sharedFolder() / "golden/lmdeploy/kv_qparams/asym-tp1")};
        const Outcome outcome = m_program.run(call);
        BITLATHE_VERIFY_EXIT(outcome, 3);
        QVERIFY2(outcome.err.find("asym-tp1") != std::string::npos, outcome.err.c_str());
        QVERIFY2(outcome.err.find('4') != std::string::npos, outcome.err.c_str());
    }

    /// A workspace with scales of its cache runs with them, unless told otherwise.
    void workspacesBringTheirScales()
    {
        BITLATHE_NEED_SHARED();
        const TempFolder temp;
        const fs::path model = temp.path() / "workspace";
        BITLATHE_VERIFY_EXIT(
            m_program.run({"convert", text(demoModel()), "--to", "turbomind", "--model-name", "llama", "--kv-params",
                           text(sharedFolder() / "golden/lmdeploy/kv_qparams/asym-tp1"), "--out", text(model)}),
            0);
        const QStringList call{"perplexity", text(model), "--data",    text(demoText()),
                               "--length",   "256",       "--windows", "2"};
        const Outcome own = m_program.json(call);
        const Outcome plain = m_program.json(call + QStringList{"--kv", "none"});
        const Outcome named =
            m_program.json(call + QStringList{"--kv", "int8", "--kv-params", text(model / "triton_models/weights")});
        BITLATHE_VERIFY_EXIT(own, 0);
        BITLATHE_VERIFY_EXIT(plain, 0);
        BITLATHE_VERIFY_EXIT(named, 0);
        QCOMPARE(own.document()["kv"].get<std::string>(), std::string("int8"));
        QCOMPARE(plain.document()["kv"].get<std::string>(), std::string("none"));
        QCOMPARE(own.document()["nll_sum"].get<double>(), named.document()["nll_sum"].get<double>());
        QVERIFY(own.document()["nll_sum"].get<double>() != plain.document()["nll_sum"].get<double>());
        QVERIFY2(own.err.find("--kv none") != std::string::npos, own.err.c_str());
        const fs::path config = model / "triton_models/weights/config.ini";
        std::string words = *readFile(config);
        const std::size_t policy = words.find("quant_policy = 4");
        QVERIFY(policy != std::string::npos);
        words.replace(policy, 16, "quant_policy = 0");
        BITLATHE_VERIFY_OK(writeFileAtomically(config, words));
        const Outcome off = m_program.json(call);
        BITLATHE_VERIFY_EXIT(off, 0);
        QCOMPARE(off.document()["kv"].get<std::string>(), std::string("none"));
    }

    /// From the calibration text to a folder with scales for vLLM's fp8 cache, which comes along in a comparison.
    void fp8ScalesInOneRun()
    {
        const TempFolder temp;
        const fs::path out = temp.path() / "out";
        const QStringList call{"quantize", text(demoModel()), "--kv-params", "auto", "--out", text(out)};
        const Outcome noText = m_program.run(call);
        BITLATHE_VERIFY_EXIT(noText, 3);
        QVERIFY2(noText.err.find("export.kv_params") != std::string::npos, noText.err.c_str());
        BITLATHE_VERIFY_EXIT(
            m_program.run(call + QStringList{"--data", text(demoCalibration()), "--samples", "2", "--length", "128"}),
            0);
        const auto config = readJson(out / "config.json");
        BITLATHE_VERIFY_OK(config);
        QCOMPARE((*config)["quantization_config"]["kv_cache_scheme"]["strategy"].get<std::string>(),
                 std::string("tensor"));
        BITLATHE_VERIFY_EXIT(m_program.run({"verify", text(out)}), 0);
        const Outcome compared = m_program.json(
            {"compare", text(demoModel()), text(out), "--data", text(demoText()), "--length", "128", "--windows", "2"});
        BITLATHE_VERIFY_EXIT(compared, 0);
        const Json models = compared.document()["models"];
        QCOMPARE(models.size(), std::size_t(3));
        QCOMPARE(models[2]["kv"].get<std::string>(), std::string("fp8"));
        const Outcome again = m_program.run({"quantize", text(out), "--dry-run", "--out", text(temp.path() / "again")});
        BITLATHE_VERIFY_EXIT(again, 0);
        QVERIFY2(again.all().find("--kv-params") != std::string::npos, again.all().c_str());
        const Outcome refused = m_program.run({"convert", text(out), "--to", "gptq", "--out",
                                               text(temp.path() / "gptq"), "--kv-params", text(temp.path() / "none")});
        BITLATHE_VERIFY_EXIT(refused, 3);
        QVERIFY2(refused.err.find("none") != std::string::npos, refused.err.c_str());
    }

    /// The recipe's evaluation has rows for each cache, for the model and for the result.
    void quantizeMeasuresCaches()
    {
        const TempFolder temp;
        const Outcome outcome = m_program.json({"quantize", text(demoModel()), "--out", text(temp.path() / "out"),
                                                "--data", text(demoCalibration()), "--samples", "2", "--length", "128",
                                                "--eval-data", text(demoText()), "--eval-length", "128",
                                                "--eval-windows", "2", "--eval-kv", "int8-token"});
        BITLATHE_VERIFY_EXIT(outcome, 0);
        const auto result = readJson(temp.path() / "out/bitlathe-run.json");
        BITLATHE_VERIFY_OK(result);
        const Json models = (*result)["comparison"]["models"];
        QCOMPARE(models.size(), std::size_t(4));
        QCOMPARE(models[3]["kv"].get<std::string>(), std::string("int8-token"));
        const Outcome noText = m_program.run({"quantize", text(demoModel()), "--out", text(temp.path() / "none"),
                                              "--eval-data", text(demoText()), "--eval-kv", "int8"});
        BITLATHE_VERIFY_EXIT(noText, 3);
        QVERIFY2(noText.err.find("evaluation.kv") != std::string::npos, noText.err.c_str());
    }

private:
    Program m_program;
};

QTEST_GUILESS_MAIN(TestKv)
#include "tst_kv.moc"
