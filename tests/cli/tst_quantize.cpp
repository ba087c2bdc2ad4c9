// SPDX-License-Identifier: Apache-2.0
// Quantizing end to end: documents, same bytes for any threads, interruption, recipes, reports, history.
#include "cli/program.h"
#include "core/base/file.h"

#include <QElapsedTimer>

#include <csignal>
#include <fstream>

using namespace bitlathe;
using namespace bitlathe::tests;
namespace fs = std::filesystem;

namespace
{

/// Waits until a running call has written part of its output; false where it ended before.
bool waitForJournal(QProcess& process, const fs::path& partial)
{
    QElapsedTimer clock;
    clock.start();
    while (clock.elapsed() < 120'000 && process.state() == QProcess::Running) {
        process.waitForFinished(5);
        std::error_code ignored;
        for (const auto& entry : fs::directory_iterator(partial, ignored)) {
            if (entry.path().filename().string().starts_with(".bitlathe") &&
                fs::file_size(entry.path(), ignored) > 3000) {
                return true; // The header and the first blocks.
            }
        }
    }
    return false;
}

bool hasKeys(const Json& object, std::initializer_list<const char*> keys)
{
    for (const char* key : keys) {
        if (!object.contains(key)) {
            qWarning("lacks the key %s", key);
            return false;
        }
    }
    return true;
}

} // namespace

class TestQuantize : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void initTestCase()
    {
        const Outcome made =
            m_program.run({"generate-model", "--shape", "82m", "--out", text(m_folder / "random"), "--seed", "7"});
        BITLATHE_VERIFY_EXIT(made, 0);
    }

    /// That of initTestCase is whole, and stays as it is.
    void randomModelsReplaceNothing()
    {
        const Outcome inspected = m_program.json({"inspect", text(m_folder / "random")});
        BITLATHE_VERIFY_EXIT(inspected, 0);
        const auto parameters = inspected.document()["parameters"].get<std::int64_t>();
        QVERIFY(parameters > 80'000'000 && parameters < 84'000'000);
        const auto before = fs::last_write_time(m_folder / "random/config.json");
        const Outcome again = m_program.run({"generate-model", "--shape", "8m", "--out", text(m_folder / "random")});
        QVERIFY2(again.code != 0 && again.err.find("random") != std::string::npos, again.all().c_str());
        QVERIFY(fs::last_write_time(m_folder / "random/config.json") == before);
    }

    void documentHasTheKeysOfTheContract()
    {
        const fs::path out = m_folder / "keys";
        const Outcome outcome =
            m_program.json({"quantize", text(demoModel()), "--bits", "4", "--group-size", "128", "--out", text(out),
                            "--data", text(demoCalibration()), "--samples", "4", "--length", "64"});
        BITLATHE_VERIFY_EXIT(outcome, 0);
        const Json document = outcome.document();
        QVERIFY(hasKeys(document, {"out", "format", "method", "bits_per_weight", "bytes", "seconds", "peak_rss_bytes",
                                   "layers", "findings"}));
        QCOMPARE(document["layers"].size(), std::size_t(56));
        for (const Json& layer : document["layers"]) {
            QVERIFY(hasKeys(layer, {"name", "bits", "group_size", "loss", "relative_error", "saturated", "seconds"}));
            QCOMPARE(layer["bits"].get<int>(), 4);
            QCOMPARE(layer["group_size"].get<int>(), 128);
            QVERIFY(layer["relative_error"].get<double>() > 0 && layer["relative_error"].get<double>() < 0.2);
            QVERIFY(layer["from_statistics"].get<bool>());
        }
        QCOMPARE(document["format"].get<std::string>(), std::string("compressed-tensors"));
        QCOMPARE(document["bytes"].get<std::uint64_t>() > 5'000'000, true);
        // Scales of 16 bits for 128 weights.
        QVERIFY(std::abs(document["bits_per_weight"].get<double>() - 4.125) < 0.01);
        const Outcome verified = m_program.json({"verify", text(out)});
        BITLATHE_VERIFY_EXIT(verified, 0);
        QCOMPARE(verified.document()["quantized_linears"].get<int>(), 56);
        const Outcome inspected = m_program.json({"inspect", text(out)});
        BITLATHE_VERIFY_EXIT(inspected, 0);
        QCOMPARE(inspected.document()["layers"][0]["bits"].get<int>(), 4);
        QCOMPARE(inspected.document()["quantization"]["format"].get<std::string>(), std::string("compressed-tensors"));
    }

    /// Every method of bitsandbytes to the format that holds it, read again, and back in full precision.
    void methodsOfBitsAndBytes_data()
    {
        QTest::addColumn<QString>("method");
        QTest::addColumn<QStringList>("options");
        QTest::addColumn<QString>("format");
        QTest::addColumn<double>("bits");
        QTest::newRow("nf4") << "nf4" << QStringList{} << "bitsandbytes" << 4.5;
        QTest::newRow("nf4 with scales of 8 bits")
            << "nf4" << QStringList{"--double-quant", "--quant-storage", "bfloat16"} << "bitsandbytes" << 4.127;
        QTest::newRow("fp4") << "fp4" << QStringList{"--group-size", "128"} << "bitsandbytes" << 4.25;
        QTest::newRow("8-bit books") << "int8-blockwise" << QStringList{"--code-book", "linear"} << "dense" << 8.008;
        QTest::newRow("LLM.int8()") << "llm-int8" << QStringList{"--threshold", "5"} << "bitsandbytes" << 8.1;
    }
    void methodsOfBitsAndBytes()
    {
        QFETCH(const QString, method);
        QFETCH(const QStringList, options);
        QFETCH(const QString, format);
        QFETCH(const double, bits);
        const QString name = QString::fromUtf8(QTest::currentDataTag()).remove(' ');
        const fs::path out = m_folder / ("bnb-" + name.toStdString());
        const Outcome outcome = m_program.json(QStringList{"quantize", text(demoModel()), "--method", method, "--out",
                                                           text(out), "--skip-modules", "lm_head,o_proj"} +
                                               options);
        BITLATHE_VERIFY_EXIT(outcome, 0);
        const Json document = outcome.document();
        QCOMPARE(QString::fromStdString(document["format"].get<std::string>()), format);
        for (const Json& layer : document["layers"]) {
            const bool isKept = layer["name"].get<std::string>().ends_with("o_proj");
            QCOMPARE(layer["bits"].is_null(), isKept);
        }
        const Outcome verified = m_program.json({"verify", text(out)});
        BITLATHE_VERIFY_EXIT(verified, 0);
        QCOMPARE(verified.document()["quantized_linears"].get<int>(), format == "dense" ? 0 : 48);
        const Outcome tuned = m_program.json(
            QStringList{"tune", text(demoModel()), "--layer", "model.layers.0.mlp.up_proj", "--method", method} +
            options);
        BITLATHE_VERIFY_EXIT(tuned, 0);
        const double tunedBits = tuned.document()["results"][0]["bits_per_weight"].get<double>();
        QVERIFY2(std::abs(tunedBits - bits) < 0.1, qPrintable(QString::number(tunedBits)));
        if (format != "dense") {
            const Outcome dense = m_program.run(
                {"convert", text(out), "--to", "dense", "--out", text(m_folder / ("dense-" + name.toStdString()))});
            BITLATHE_VERIFY_EXIT(dense, 0);
        }
    }

    void sameBytesForAnyThreads()
    {
        std::vector<std::map<std::string, std::string>> results;
        for (const char* threads : {"1", "2", "2"}) {
            const fs::path out = m_folder / ("threads" + std::to_string(results.size()));
            const Outcome outcome =
                m_program.run({"quantize", text(demoModel()), "--bits", "4", "--group-size", "64", "--asymmetric",
                               "--clipping", "mse", "--data", text(demoCalibration()), "--samples", "4", "--length",
                               "64", "--threads", threads, "--out", text(out)});
            BITLATHE_VERIFY_EXIT(outcome, 0);
            results.push_back(filesBelow(out));
        }
        QVERIFY(results[0].contains("model.safetensors"));
        QVERIFY(results[0].contains("tokenizer.model"));
        QVERIFY2(results[0] == results[1], "one thread and two give the same files");
        QVERIFY2(results[1] == results[2], "the same run twice gives the same files");
    }

    void overridesChangeLayers()
    {
        const Outcome outcome =
            m_program.json({"quantize", text(demoModel()), "--bits", "4", "--override", "*.down_proj=bits:8,group:64",
                            "--override", "model.layers.0.*=keep", "--out", text(m_folder / "overrides")});
        BITLATHE_VERIFY_EXIT(outcome, 0);
        for (const Json& layer : outcome.document()["layers"]) {
            const std::string name = layer["name"];
            if (name.starts_with("model.layers.0.")) {
                QVERIFY2(layer["bits"].is_null(), name.c_str());
            } else {
                QCOMPARE(layer["bits"].get<int>(), name.ends_with("down_proj") ? 8 : 4);
                QCOMPARE(layer["group_size"].get<int>(), name.ends_with("down_proj") ? 64 : 128);
            }
        }
    }

    void estimateIsTheSizeThatComesOut()
    {
        const QStringList options = {"--bits",   "3",     "--group-size", "32",
                                     "--format", "dense", "--out",        text(m_folder / "estimated")};
        const Outcome dry = m_program.json(QStringList{"quantize", text(demoModel()), "--dry-run"} + options);
        BITLATHE_VERIFY_EXIT(dry, 0);
        QVERIFY(!fs::exists(m_folder / "estimated"));
        const Json estimate = dry.document();
        QVERIFY(hasKeys(estimate, {"bytes_out", "peak_ram_bytes", "peak_vram_bytes", "disk_bytes", "seconds",
                                   "kv_bytes_per_token"}));
        QCOMPARE(estimate["seconds"].size(), std::size_t(2));
        QCOMPARE(estimate["kv_bytes_per_token"].get<int>(), 8 * 2 * 2 * 64 * 2);
        const Outcome same = m_program.json(QStringList{"estimate", text(demoModel())} + options);
        BITLATHE_VERIFY_EXIT(same, 0);
        QVERIFY(same.document()["bytes_out"] == estimate["bytes_out"]);
        const Outcome done = m_program.json(QStringList{"quantize", text(demoModel())} + options);
        BITLATHE_VERIFY_EXIT(done, 0);
        QVERIFY(done.document()["bytes"] == estimate["bytes_out"]);
    }

    void recipeDoesTheSameAsOptions()
    {
        const fs::path recipe = m_folder / "recipe.yaml";
        const Outcome first = m_program.run({"quantize", text(demoModel()), "--bits", "8", "--group-size", "channel",
                                             "--out", text(m_folder / "byoptions"), "--recipe-out", text(recipe)});
        BITLATHE_VERIFY_EXIT(first, 0);
        std::string yaml = *readFile(recipe);
        const std::string from = "byoptions";
        QVERIFY(yaml.find(from) != std::string::npos);
        yaml.replace(yaml.find(from), from.size(), "byrecipe");
        std::ofstream(recipe) << yaml;
        const Outcome second = m_program.json({"run", text(recipe)});
        BITLATHE_VERIFY_EXIT(second, 0);
        QVERIFY(filesBelow(m_folder / "byoptions") == filesBelow(m_folder / "byrecipe"));
    }

    void evaluationAndReport()
    {
        const fs::path out = m_folder / "evaluated";
        const Outcome run = m_program.json({"quantize", text(demoModel()), "--out", text(out), "--evaluate",
                                            text(demoText()), "--windows", "1", "--eval-length", "256", "--data",
                                            text(demoCalibration()), "--samples", "2", "--length", "64"});
        BITLATHE_VERIFY_EXIT(run, 0);
        QCOMPARE(run.document()["comparison"]["models"].size(), std::size_t(2));
        for (const char* ending : {".html", ".csv", ".json"}) {
            const fs::path file = m_folder / (std::string("report") + ending);
            const Outcome report = m_program.run({"report", text(out), "--out", text(file)});
            BITLATHE_VERIFY_EXIT(report, 0);
            QVERIFY(fs::file_size(file) > 2000);
        }
        const std::string html = *readFile(m_folder / "report.html");
        for (const char* part : {"<svg", "Activation outliers</h2>", "Weights before and after</h2>",
                                 "model.layers.7.mlp.down_proj", "Perplexity"}) {
            QVERIFY2(html.find(part) != std::string::npos, part);
        }
        QVERIFY2(html.find("left out") == std::string::npos, "every drawing could be made");
        const Outcome shorter = m_program.run(
            {"report", text(out), "--out", text(m_folder / "short.html"), "--leave-out", "drawings,recipe"});
        BITLATHE_VERIFY_EXIT(shorter, 0);
        const std::string without = *readFile(m_folder / "short.html");
        for (const char* part : {"Activation outliers</h2>", "<h3>Recipe</h3>"}) {
            QVERIFY2(without.find(part) == std::string::npos, part);
        }
        QVERIFY(without.find("<h3>Layers</h3>") != std::string::npos);
        const Outcome runs = m_program.json({"runs"});
        BITLATHE_VERIFY_EXIT(runs, 0);
        const Json newest = runs.document()["runs"][0];
        QCOMPARE(newest["out"].get<std::string>(), out.string());
        QVERIFY(newest["perplexity"].get<double>() > 1);
        const Outcome byNumber =
            m_program.run({"report", QString::number(newest["id"].get<int>()), "--out", text(m_folder / "n.json")});
        BITLATHE_VERIFY_EXIT(byNumber, 0);
    }

    void overwriteOnlyWhenAsked()
    {
        const fs::path out = m_folder / "twice";
        const QStringList arguments = {"quantize", text(demoModel()), "--bits", "8", "--out", text(out)};
        BITLATHE_VERIFY_EXIT(m_program.run(arguments), 0);
        const auto before = filesBelow(out);
        const Outcome refused = m_program.json(arguments);
        BITLATHE_VERIFY_EXIT(refused, 3);
        QCOMPARE(refused.document()["error"]["code"].get<std::string>(), std::string("output-exists"));
        QVERIFY(filesBelow(out) == before);
        BITLATHE_VERIFY_EXIT(m_program.run(QStringList(arguments) << "--overwrite"
                                                                  << "--group-size"
                                                                  << "64"),
                             0);
        QVERIFY(filesBelow(out) != before);
    }

    void strictMakesFindingsFatal()
    {
        const QStringList arguments = {"quantize", text(demoModel()),        "--override", "no.such.layer=bits:8",
                                       "--out",    text(m_folder / "strict")};
        const Outcome strict = m_program.json(QStringList(arguments) << "--strict");
        BITLATHE_VERIFY_EXIT(strict, 4);
        QVERIFY(!fs::exists(m_folder / "strict"));
        const Outcome lenient = m_program.json(arguments);
        BITLATHE_VERIFY_EXIT(lenient, 0);
        QVERIFY(!lenient.document()["findings"].empty());
    }

    void killedRunIsResumedToTheSameBytes()
    {
        const QStringList options = {
            "quantize", text(m_folder / "random"), "--bits", "4", "--group-size", "32", "--clipping", "mse"};
        BITLATHE_VERIFY_EXIT(m_program.run(QStringList(options) << "--out" << text(m_folder / "whole")), 0);
        const fs::path out = m_folder / "killed";
        const auto process = m_program.start(QStringList(options) << "--out" << text(out));
        QVERIFY2(waitForJournal(*process, out.string() + ".partial"), "the run ended before it could be killed");
        process->kill();
        process->waitForFinished();
        QVERIFY(!fs::exists(out));
        QVERIFY(fs::exists(out.string() + ".partial"));
        const Outcome resumed = m_program.json({"resume", text(out)});
        BITLATHE_VERIFY_EXIT(resumed, 0);
        QCOMPARE(resumed.document()["layers"].size(), std::size_t(12 * 7));
        QVERIFY(filesBelow(m_folder / "whole") == filesBelow(out));
        QVERIFY(!fs::exists(out.string() + ".partial"));
    }

    void interruptKeepsTheState()
    {
        const fs::path out = m_folder / "interrupted";
        const auto process = m_program.start(
            {"quantize", text(m_folder / "random"), "--group-size", "32", "--clipping", "mse", "--out", text(out)});
        QVERIFY2(waitForJournal(*process, out.string() + ".partial"), "the run ended before it could be stopped");
        QElapsedTimer clock;
        clock.start();
        ::kill(static_cast<pid_t>(process->processId()), SIGINT);
        const Outcome stopped = Program::finish(*process);
        const qint64 milliseconds = clock.elapsed();
        BITLATHE_VERIFY_EXIT(stopped, 130);
        QVERIFY2(milliseconds < 5000, qPrintable(QString::number(milliseconds))); // One second on an idle machine.
        QVERIFY2(stopped.err.find("resume with: bitlathe-cli resume " + out.string()) != std::string::npos,
                 stopped.err.c_str());
        QVERIFY(!fs::exists(out));
        BITLATHE_VERIFY_EXIT(m_program.run({"resume", text(out)}), 0);
        QVERIFY(fs::exists(out / "config.json"));
    }

    void tuneAnswersForSeveralSettings()
    {
        const Outcome outcome = m_program.json({"tune", text(demoModel()), "--layer", "model.layers.3.mlp.up_proj",
                                                "--bits", "3,4,8", "--group-size", "64,channel", "--data",
                                                text(demoCalibration()), "--samples", "2", "--length", "64"});
        BITLATHE_VERIFY_EXIT(outcome, 0);
        const Json results = outcome.document()["results"];
        QCOMPARE(results.size(), std::size_t(6));
        QVERIFY(results[0]["relative_error"].get<double>() > results[2]["relative_error"].get<double>());
        QVERIFY(results[2]["relative_error"].get<double>() > results[4]["relative_error"].get<double>());
        QCOMPARE(results[1]["group_size"].get<int>(), -1);
        std::int64_t counted = 0;
        for (const Json& count : results[0]["histogram"]["before"]) {
            counted += count.get<std::int64_t>();
        }
        QCOMPARE(counted, std::int64_t(768) * 256);
        QCOMPARE(results[0]["grid_lines"].size(), std::size_t(8));
    }

    void awqIsReadBackAsItWas()
    {
        const fs::path out = m_folder / "awq";
        const fs::path recipe = m_folder / "awq.yaml";
        const Outcome run = m_program.json({"quantize",
                                            text(demoModel()),
                                            "--method",
                                            "awq",
                                            "--zero-point",
                                            "--group-size",
                                            "64",
                                            "--grid",
                                            "5",
                                            "--no-duo-scaling",
                                            "--out",
                                            text(out),
                                            "--data",
                                            text(demoCalibration()),
                                            "--samples",
                                            "4",
                                            "--length",
                                            "64",
                                            "--compute",
                                            "f32",
                                            "--evaluate",
                                            text(demoText()),
                                            "--windows",
                                            "1",
                                            "--eval-length",
                                            "256",
                                            "--recipe-out",
                                            text(recipe)});
        BITLATHE_VERIFY_EXIT(run, 0);
        QCOMPARE(run.document()["method"].get<std::string>(), std::string("awq"));
        const std::string yaml = *readFile(recipe);
        QVERIFY(yaml.find("duo_scaling: false") != std::string::npos);
        BITLATHE_VERIFY_EXIT(m_program.run({"verify", text(out)}), 0);
        const Outcome again = m_program.json({"perplexity", text(out), "--data", text(demoText()), "--windows", "1",
                                              "--length", "256", "--compute", "f32"});
        BITLATHE_VERIFY_EXIT(again, 0);
        QCOMPARE(again.document()["perplexity"].get<double>(),
                 run.document()["comparison"]["models"][1]["perplexity"].get<double>());
    }

    void smoothQuantRoundsInputs()
    {
        const fs::path out = m_folder / "smoothquant";
        const QStringList options = {
            "quantize", text(demoModel()), "--method", "smoothquant", "--data", text(demoCalibration()), "--samples",
            "2",        "--length",        "64",       "--out",       text(out)};
        const Outcome run = m_program.json(options + QStringList{"--format", "dense", "--alpha", "0.5"});
        BITLATHE_VERIFY_EXIT(run, 0);
        const Json document = run.document();
        QCOMPARE(document["layers"][0]["bits"].get<int>(), 8);
        QCOMPARE(document["layers"][0]["group_size"].get<int>(), -1);
        QCOMPARE(document["findings"][0]["code"].get<std::string>(), std::string("inputs-not-rounded"));
        for (const char* bad : {"1.5", "-1", "much"}) {
            const Outcome refused = m_program.json(options + QStringList{"--format", "dense", "--alpha", bad});
            QVERIFY(refused.code != 0);
            QVERIFY2(refused.all().find("alpha") != std::string::npos, refused.all().c_str());
        }
    }

    void tuneFindsScales()
    {
        const QStringList options = {"tune", text(demoModel()), "--layer", "model.layers.3.mlp.up_proj", "--bits", "3"};
        const QStringList data = {"--data", text(demoCalibration()), "--samples", "4", "--length", "64"};
        std::map<std::string, double> losses;
        for (const char* method : {"rtn", "awq"}) {
            const Outcome outcome = m_program.json(options + QStringList{"--method", method} + data);
            BITLATHE_VERIFY_EXIT(outcome, 0);
            losses[method] = outcome.document()["results"][0]["loss"].get<double>();
        }
        QVERIFY(losses["awq"] < 0.9 * losses["rtn"]);
        const Outcome without = m_program.json(options + QStringList{"--method", "awq"});
        QVERIFY(without.code != 0);
        QVERIFY2(without.all().find("Calibrate first") != std::string::npos, without.all().c_str());
    }

    void calibrateKeepsStatistics()
    {
        const Outcome outcome =
            m_program.json({"calibrate", text(demoModel()), "--data", text(demoCalibration()), "--samples", "2",
                            "--length", "32", "--out", text(m_folder / "statistics")});
        BITLATHE_VERIFY_EXIT(outcome, 0);
        const Json document = outcome.document();
        QCOMPARE(document["blocks"].get<int>(), 8);
        QCOMPARE(document["tokens"].get<int>(), 64);
        QVERIFY(fs::exists(document["out"].get<std::string>()));
    }

private:
    TempFolder m_folder;
    Program m_program;
};

QTEST_GUILESS_MAIN(TestQuantize)
#include "tst_quantize.moc"
