// SPDX-License-Identifier: Apache-2.0
// Inspecting, tokenizing, measuring and generating end to end, against golden values of other programs.
#include "cli/program.h"
#include "core/base/file.h"

#include <cmath>
#include <cstring>
#include <fstream>

using namespace bitlathe;
using namespace bitlathe::tests;
namespace fs = std::filesystem;

namespace
{

/// The f32 values of the first tensor of a safetensors file.
std::vector<float> floatsOf(const fs::path& file)
{
    const std::string content = *readFile(file);
    std::uint64_t length = 0;
    std::memcpy(&length, content.data(), sizeof length);
    std::vector<float> values((content.size() - 8 - length) / sizeof(float));
    std::memcpy(values.data(), content.data() + 8 + length, values.size() * sizeof(float));
    return values;
}

} // namespace

class TestEvaluate : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void inspectDocument()
    {
        const Outcome outcome = m_program.json({"inspect", text(demoModel())});
        BITLATHE_VERIFY_EXIT(outcome, 0);
        const Json document = outcome.document();
        QCOMPARE(document["architecture"].get<std::string>(), std::string("LlamaForCausalLM"));
        QCOMPARE(document["parameters"].get<std::int64_t>(), std::int64_t(8'392'960));
        QCOMPARE(document["dtype"].get<std::string>(), std::string("BF16"));
        QCOMPARE(document["layers"].size(), std::size_t(56));
        QCOMPARE(document["layers"][0]["name"].get<std::string>(), std::string("model.layers.0.self_attn.q_proj"));
        QVERIFY(document["layers"][0]["shape"] == Json({256, 256}));
        QVERIFY(document["layers"][0]["bits"].is_null() && document["layers"][0]["group_size"].is_null());
        QVERIFY(document["quantization"].is_null());
        QCOMPARE(document["bytes"].get<std::int64_t>(), 2 * document["parameters"].get<std::int64_t>());
        QCOMPARE(document["tokenizer"]["vocabulary"].get<int>(), 8192);
        const Outcome people = m_program.run({"inspect", text(demoModel())});
        BITLATHE_VERIFY_EXIT(people, 0);
        QVERIFY(people.out.find("8,392,960") != std::string::npos);
    }

    void inspectReadsAnotherToolsCheckpoint()
    {
        BITLATHE_NEED_SHARED();
        const Outcome outcome = m_program.json({"inspect", text(sharedFolder() / "golden/ct-w4a16-g128")});
        BITLATHE_VERIFY_EXIT(outcome, 0);
        const Json document = outcome.document();
        QCOMPARE(document["quantization"]["format"].get<std::string>(), std::string("compressed-tensors"));
        QCOMPARE(document["layers"][3]["bits"].get<int>(), 4);
        QCOMPARE(document["layers"][3]["group_size"].get<int>(), 128);
    }

    void tokenizeOneText()
    {
        const Outcome outcome = m_program.json({"tokenize", text(demoModel()), "--text", "The", "--special"});
        BITLATHE_VERIFY_EXIT(outcome, 0);
        QVERIFY(outcome.document()["ids"] == Json({1, 343}));
        QCOMPARE(outcome.document()["tokens"].size(), std::size_t(2));
        const Outcome back = m_program.json({"tokenize", text(demoModel()), "--text", "1,343", "--decode"});
        BITLATHE_VERIFY_EXIT(back, 0);
        QCOMPARE(back.document()["text"].get<std::string>(), std::string("The"));
    }

    void tokenizeGoldenTexts_data()
    {
        QTest::addColumn<bool>("decode");
        QTest::addColumn<bool>("special");
        QTest::newRow("ids") << false << false;
        QTest::newRow("ids with special tokens") << false << true;
        QTest::newRow("text") << true << false;
        QTest::newRow("text with special tokens") << true << true;
    }
    void tokenizeGoldenTexts()
    {
        BITLATHE_NEED_SHARED();
        QFETCH(bool, decode);
        QFETCH(bool, special);
        const Json cases = (*readJson(sharedFolder() / "golden/tokenizers/demo-llama/vectors.json"))["cases"];
        QVERIFY(cases.size() > 50);
        Json texts = Json::array();
        for (const Json& one : cases) {
            texts.push_back(decode ? one["ids_special"] : one["text"]);
        }
        const TempFolder folder;
        std::ofstream(folder / "texts.json") << texts.dump();
        QStringList arguments = {"tokenize", text(demoModel()), "--texts", text(folder / "texts.json")};
        arguments += decode ? QStringList{"--decode"} : QStringList{};
        arguments += special ? QStringList{"--special"} : QStringList{};
        const Outcome outcome = m_program.json(arguments);
        BITLATHE_VERIFY_EXIT(outcome, 0);
        const Json results = outcome.document();
        QCOMPARE(results.size(), cases.size());
        for (std::size_t i = 0; i < cases.size(); ++i) {
            const Json& found = decode ? results[i]["text"] : results[i]["ids"];
            const Json& expected =
                decode ? cases[i][special ? "decoded" : "decoded_skip"] : cases[i][special ? "ids_special" : "ids"];
            QVERIFY2(found == expected,
                     (cases[i]["text"].dump() + ": " + found.dump() + " is not " + expected.dump()).c_str());
        }
    }

    void logitsOfGoldenIds()
    {
        BITLATHE_NEED_SHARED();
        const fs::path model = sharedFolder() / "models/demo-llama";
        const TempFolder folder;
        const Outcome outcome = m_program.json({"logits", text(model), "--data", "ids:" + text(model / "golden.json"),
                                                "--out", text(folder / "l.safetensors")});
        BITLATHE_VERIFY_EXIT(outcome, 0);
        const std::vector<float> expected = floatsOf(model / "golden_logits.safetensors"),
                                 found = floatsOf(folder / "l.safetensors");
        QCOMPARE(found.size(), expected.size());
        QCOMPARE(outcome.document()["vocabulary"].get<int>(), 8192);
        for (std::size_t i = 0; i < found.size(); ++i) {
            // The golden logits were made with rope frequencies rounded to bf16: transformers in plain f32 is 4.6e-3
            // off.
            QVERIFY2(std::abs(found[i] - expected[i]) < 5e-3F, std::to_string(i).c_str());
        }
    }

    void perplexityDocument()
    {
        const Outcome outcome = m_program.json(
            {"perplexity", text(demoModel()), "--data", text(demoText()), "--length", "256", "--windows", "3"});
        BITLATHE_VERIFY_EXIT(outcome, 0);
        const Json document = outcome.document();
        for (const char* key : {"model", "perplexity", "standard_error", "nll_sum", "tokens_scored", "windows",
                                "seconds", "tokens_per_second", "peak_rss_bytes", "protocol"}) {
            QVERIFY2(document.contains(key), key);
        }
        QCOMPARE(document["tokens_scored"].get<int>(), 3 * 255);
        QCOMPARE(document["windows"].get<int>(), 3);
        // exp of the mean of window means is that of all tokens where windows are equally long.
        const double fromSum = std::exp(document["nll_sum"].get<double>() / (3 * 255));
        QVERIFY(std::abs(document["perplexity"].get<double>() / fromSum - 1) < 1e-9);
        const Outcome two = m_program.json({"perplexity", text(demoModel()), text(demoModel()), "--data",
                                            text(demoText()), "--length", "64", "--windows", "1"});
        BITLATHE_VERIFY_EXIT(two, 0);
        QCOMPARE(two.document().size(), std::size_t(2));
        QVERIFY(two.document()[0]["nll_sum"] == two.document()[1]["nll_sum"]);
        const Outcome streamed = m_program.json({"perplexity", text(demoModel()), "--data", text(demoText()),
                                                 "--length", "256", "--windows", "3", "--memory", "4MB"});
        BITLATHE_VERIFY_EXIT(streamed, 0);
        QVERIFY(streamed.document()["nll_sum"] == document["nll_sum"]);
        QVERIFY(streamed.err.find("read from disk block by block") != std::string::npos);
        QVERIFY(outcome.err.find("block by block") == std::string::npos);
    }

    void perplexityOfOtherToolsNumbers()
    {
        BITLATHE_NEED_SHARED();
        const Outcome outcome = m_program.json({"perplexity", text(demoModel()), "--data",
                                                text(sharedFolder() / "data/heldout-docs.jsonl"), "--windows", "10"});
        BITLATHE_VERIFY_EXIT(outcome, 0);
        const Json reference = *readJson(sharedFolder() / "models/demo-llama/reference.json");
        QVERIFY2(outcome.document()["perplexity"].get<double>() > 5, reference.dump().c_str());
    }

    void protocols_data()
    {
        QTest::addColumn<QString>("protocol");
        QTest::addColumn<QStringList>("options");
        QTest::addColumn<int>("scored");
        QTest::newRow("windows") << "windows" << QStringList{} << 3 * 127;
        QTest::newRow("gptq") << "gptq" << QStringList{} << 3 * 127;
        QTest::newRow("minicpm") << "minicpm" << QStringList{} << 3 * 127;
        QTest::newRow("llama.cpp") << "llama.cpp" << QStringList{} << 3 * 63;
        QTest::newRow("strided") << "strided" << QStringList{"--stride", "32"} << 127 + 2 * 32;
    }
    void protocols()
    {
        QFETCH(QString, protocol);
        QFETCH(QStringList, options);
        QFETCH(int, scored);
        options << "--data" << text(demoText()) << "--length"
                << "128"
                << "--windows"
                << "3"
                << "--protocol" << protocol;
        const Outcome alone = m_program.json(QStringList{"perplexity", text(demoModel())} + options);
        BITLATHE_VERIFY_EXIT(alone, 0);
        const Json document = alone.document();
        QCOMPARE(document["protocol"]["name"].get<std::string>(), protocol.toStdString());
        QCOMPARE(document["protocol"]["stride"].is_null(), protocol != "strided");
        QCOMPARE(document["tokens_scored"].get<int>(), scored);
        QVERIFY(document["standard_error"].get<double>() > 0);
        // The number follows from what is told of its windows.
        double sum = 0;
        double weights = 0;
        for (std::size_t i = 0; i < document["window_means"].size(); ++i) {
            const double weight = document["window_weights"][i].get<double>();
            sum += weight * document["window_means"][i].get<double>();
            weights += weight;
        }
        QVERIFY(std::abs(document["perplexity"].get<double>() / std::exp(sum / weights) - 1) < 1e-12);
        const Outcome both = m_program.json(QStringList{"compare", text(demoModel()), text(demoModel())} + options);
        BITLATHE_VERIFY_EXIT(both, 0);
        QCOMPARE(both.document()["protocol"]["name"].get<std::string>(), protocol.toStdString());
        for (const Json& model : both.document()["models"]) {
            QCOMPARE(model["perplexity"].get<double>(), document["perplexity"].get<double>());
        }
    }

    void protocolsThatAreRefused()
    {
        const QStringList ask = {"perplexity", text(demoModel()), "--data", text(demoText())};
        const Outcome unknown = m_program.run(ask + QStringList{"--protocol", "luck"});
        QVERIFY2(unknown.code != 0 && unknown.err.find("llama.cpp") != std::string::npos, unknown.all().c_str());
        const Outcome stride = m_program.run(ask + QStringList{"--stride", "8"});
        QVERIFY2(stride.code != 0 && stride.err.find("don't overlap") != std::string::npos, stride.all().c_str());
        const Outcome wide =
            m_program.run(ask + QStringList{"--protocol", "strided", "--length", "64", "--stride", "65"});
        QVERIFY2(wide.code != 0 && wide.err.find("1 to 64") != std::string::npos, wide.all().c_str());
    }

    void compareLetsModelsWrite()
    {
        const TempFolder folder;
        BITLATHE_VERIFY_OK(writeFileAtomically(folder / "p.txt", "The\n\nReturn the\nA <function>\n"));
        const QStringList compare = {"compare", text(demoModel()), text(demoModel()),
                                     "--data",  text(demoText()),  "--length",
                                     "64",      "--windows",       "1",
                                     "--kv",    "int4-token"};
        const QStringList write = {"--prompts", text(folder / "p.txt"), "--new-tokens", "16"};
        const Outcome outcome = m_program.json(compare + write + QStringList{"--out", text(folder / "c.html")});
        BITLATHE_VERIFY_EXIT(outcome, 0);
        const Json document = outcome.document();
        QCOMPARE(document["generation_protocol"]["prompts"].get<int>(), 3);
        QCOMPARE(document["generation_protocol"]["new_tokens"].get<int>(), 16);
        QVERIFY(document["models"][0]["generation"]["against_base"].is_null());
        // Plainly kept, the same model again says the same; with keys and values of four bits it says something else.
        QCOMPARE(document["models"][2]["generation"]["against_base"]["equal"].get<int>(), 3);
        QVERIFY(document["models"][3]["generation"]["against_base"]["equal"].get<int>() < 3);
        const std::string html = *readFile(folder / "c.html");
        QVERIFY(html.find("Written texts") != std::string::npos && html.find("<mark>") != std::string::npos);
        QVERIFY(html.find("<function>") == std::string::npos);
        const Outcome people = m_program.run(compare + write);
        QVERIFY2(people.out.find("Agreed tokens, median") != std::string::npos, people.all().c_str());
        const Outcome alone = m_program.run(compare + QStringList{"--new-tokens", "16"});
        QVERIFY2(alone.code == 2 && alone.err.find("--prompts") != std::string::npos, alone.all().c_str());
        BITLATHE_VERIFY_OK(writeFileAtomically(folder / "p.txt", "\n\n"));
        const Outcome empty = m_program.run(compare + write);
        QVERIFY2(empty.code == 3 && empty.err.find("p.txt") != std::string::npos, empty.all().c_str());
    }

    /// A recipe lets model and result write, and a run's record keeps what came out.
    void quantizeLetsModelsWrite()
    {
        const TempFolder folder;
        BITLATHE_VERIFY_OK(writeFileAtomically(folder / "p.txt", "The\nReturn the\n"));
        const fs::path out = folder / "q";
        const QStringList quantize = {
            "quantize",   text(demoModel()), "--out",         text(out), "--group-size",   "64",
            "--evaluate", text(demoText()),  "--eval-length", "64",      "--eval-windows", "1"};
        const Outcome missing = m_program.run(quantize + QStringList{"--eval-prompts", "/nowhere.txt"});
        QVERIFY2(missing.code != 0 && missing.err.find("/nowhere.txt") != std::string::npos, missing.all().c_str());
        QVERIFY(!fs::exists(out));
        const Outcome outcome =
            m_program.json(quantize + QStringList{"--eval-prompts", text(folder / "p.txt"), "--eval-new-tokens", "8"});
        BITLATHE_VERIFY_EXIT(outcome, 0);
        const Json& comparison = outcome.document()["comparison"];
        QCOMPARE(comparison["generation_protocol"]["new_tokens"].get<int>(), 8);
        QCOMPARE(comparison["models"][1]["generation"]["against_base"]["n"].get<int>(), 2);
        const Outcome report = m_program.run({"report", text(out), "--out", text(folder / "r.html")});
        BITLATHE_VERIFY_EXIT(report, 0);
        QVERIFY(readFile(folder / "r.html")->find("Written texts") != std::string::npos);
    }

    void diffShowsTensors()
    {
        const TempFolder folder;
        BITLATHE_VERIFY_EXIT(
            m_program.run({"quantize", text(demoModel()), "--bits", "4", "--out", text(folder / "int4")}), 0);
        const Outcome outcome = m_program.json({"diff", text(demoModel()), text(folder / "int4")});
        BITLATHE_VERIFY_EXIT(outcome, 0);
        const Json& document = outcome.document();
        QCOMPARE(document["tensors"].size(), std::size_t(74));
        QCOMPARE(document["equal"].get<int>(), 74 - 56);
        QVERIFY(document["tensors"][0]["relative"].get<double>() > 0.01);
        const Outcome people = m_program.run({"diff", text(demoModel()), text(folder / "int4")});
        QVERIFY2(people.out.find("18 of 74 tensors are equal") != std::string::npos, people.all().c_str());
        QVERIFY(people.out.find("model.norm.weight") == std::string::npos); // It is equal.
        const Outcome wrong = m_program.run({"diff", text(demoModel()), "/nowhere"});
        QVERIFY2(wrong.code == 3 && wrong.err.find("/nowhere") != std::string::npos, wrong.all().c_str());
    }

    void cacheIsShownLimitedAndEmptied()
    {
        const TempFolder folder;
        const Outcome compared = m_program.run({"compare", text(demoModel()), text(demoModel()), "--data",
                                                text(demoText()), "--length", "64", "--windows", "1"});
        BITLATHE_VERIFY_EXIT(compared, 0);
        const Outcome shown = m_program.json({"cache"});
        BITLATHE_VERIFY_EXIT(shown, 0);
        const Json& kinds = shown.document()["kinds"];
        QCOMPARE(kinds[1]["name"].get<std::string>(), std::string("evaluations"));
        QVERIFY(kinds[1]["entries"].get<int>() > 0 && kinds[1]["bytes"].get<int>() > 1000);
        QCOMPARE(shown.document()["bytes_max"].get<std::uint64_t>(), std::uint64_t{50'000'000'000});
        const Outcome cleared = m_program.json({"cache", "--limit", "2GB", "--clear"});
        BITLATHE_VERIFY_EXIT(cleared, 0);
        QCOMPARE(cleared.document()["kinds"][1]["entries"].get<int>(), 0);
        QCOMPARE(cleared.document()["bytes_max"].get<std::uint64_t>(), std::uint64_t{2'000'000'000});
        const Outcome moved = m_program.json({"cache", "--limit", "none", "--folder", text(folder / "kept")});
        BITLATHE_VERIFY_EXIT(moved, 0);
        QVERIFY(moved.document()["bytes_max"].is_null());
        QCOMPARE(moved.document()["folder"].get<std::string>(), (folder / "kept").string());
        const Outcome wrong = m_program.run({"cache", "--limit", "much"});
        QVERIFY2(wrong.code != 0 && wrong.err.find("much") != std::string::npos, wrong.all().c_str());
        BITLATHE_VERIFY_EXIT(m_program.run({"cache", "--folder", "usual", "--limit", "50GB"}), 0);
    }

    void benchOfOperations()
    {
        const Outcome outcome = m_program.json({"bench", "--ops", "--repeats", "1"});
        BITLATHE_VERIFY_EXIT(outcome, 0);
        const Json& document = outcome.document();
        QVERIFY(document["limits"]["copy_bytes_per_second"].get<double>() > 1e8);
        QVERIFY(document["limits"]["bf16_flops_per_second"].get<double>() > 1e8);
        QVERIFY(document["operations"].size() > 20);
        for (const Json& operation : document["operations"]) {
            QVERIFY2(operation["seconds"].get<double>() > 0, operation.dump().c_str());
            QVERIFY2(operation["bytes"].get<double>() > 0, operation.dump().c_str());
            const double share = operation["share_of_limit"].get<double>();
            QVERIFY2(share > 1e-4 && share < 50, operation.dump().c_str()); // Caches are faster than memory.
        }
        for (const char* device : {"cuda:", "cuda:-1", "gpu"}) {
            const Outcome wrong = m_program.run({"bench", "--ops", "--device", device});
            BITLATHE_VERIFY_EXIT(wrong, 3);
            QVERIFY(wrong.err.find("cuda:1") != std::string::npos);
        }
        BITLATHE_VERIFY_EXIT(m_program.run({"bench"}), 2);
        BITLATHE_VERIFY_EXIT(m_program.run({"bench", text(demoModel()), "--ops"}), 2);
    }

    void whichDevice()
    {
        const QStringList command = {"perplexity", text(demoModel()), "--data", text(demoText()), "--windows",
                                     "1",          "--length",        "64"};
        const Outcome plain = m_program.json(command);
        BITLATHE_VERIFY_EXIT(plain, 0);
        QCOMPARE(plain.document()["device"].get<std::string>(), std::string("cpu"));
        QVERIFY(!plain.document().contains("why_not_gpu"));
        // The suite runs without a GPU, or beside programs that have no plug-in.
        const QByteArray plugin = qgetenv("BITLATHE_CUDA_PLUGIN");
        qputenv("BITLATHE_CUDA_PLUGIN", "/nowhere/libbitlathe_cuda.so");
        const auto asBefore = qScopeGuard([&] { qputenv("BITLATHE_CUDA_PLUGIN", plugin); });
        const Outcome any = m_program.json(command + QStringList{"--device", "auto", "--vram", "2GB"});
        BITLATHE_VERIFY_EXIT(any, 0);
        QCOMPARE(any.document()["device"].get<std::string>(), std::string("cpu"));
        QVERIFY(any.document()["why_not_gpu"].get<std::string>().find("CUDA plug-in") != std::string::npos);
        QCOMPARE(any.document()["nll_sum"].get<double>(), plain.document()["nll_sum"].get<double>());
        const Outcome named = m_program.run(command + QStringList{"--device", "cuda:1"});
        BITLATHE_VERIFY_EXIT(named, 3);
        QVERIFY(named.err.find("CUDA plug-in") != std::string::npos);
        BITLATHE_VERIFY_EXIT(m_program.run(command + QStringList{"--vram", "much"}), 3);
    }

    void benchDocument()
    {
        const QStringList quick = {"--prompt", "8,16", "--context", "16", "--batch", "1,2", "--new-tokens", "2"};
        const Outcome one = m_program.json(QStringList{"bench", text(demoModel()), "--repeats", "3"} + quick);
        BITLATHE_VERIFY_EXIT(one, 0);
        const Json document = one.document();
        QCOMPARE(document["prefill"].size(), std::size_t{2});
        QCOMPARE(document["decode"][1]["batch"].get<int>(), 2);
        QCOMPARE(document["decode"][1]["repeats"].size(), std::size_t{3});
        for (const char* key : {"tokens_per_second", "bytes_per_second"}) {
            QVERIFY(document["decode"][0][key].get<double>() > 0);
        }
        QVERIFY(document["first_token_seconds"].get<double>() > 0);
        QVERIFY(document["peak_rss_bytes"].get<std::uint64_t>() > (1U << 20U));
        QCOMPARE(document["peak_vram_bytes"].get<int>(), 0);
        const QStringList both = {"bench", text(demoModel()), text(demoModel()), "--kv", "int8-token", "--repeats",
                                  "1"};
        const Outcome several = m_program.json(both + quick);
        BITLATHE_VERIFY_EXIT(several, 0);
        QCOMPARE(several.document().size(), std::size_t{4});
        QCOMPARE(several.document()[3]["kv"].get<std::string>(), std::string("int8-token"));
        const Outcome people = m_program.run(both + quick);
        QVERIFY2(people.out.find("prompt of 16") != std::string::npos, people.all().c_str());
        QVERIFY2(people.out.find("2 x after 16") != std::string::npos, people.all().c_str());
        const Outcome zero = m_program.run({"bench", text(demoModel()), "--batch", "0"});
        QVERIFY2(zero.code == 2 && zero.err.find("--batch") != std::string::npos, zero.all().c_str());
    }

    void compareDocument()
    {
        const TempFolder folder;
        BITLATHE_VERIFY_EXIT(
            m_program.run({"quantize", text(demoModel()), "--bits", "4", "--out", text(folder / "int4")}), 0);
        const QStringList arguments = {"compare", text(demoModel()), text(folder / "int4"),
                                       "--data",  text(demoText()),  "--length",
                                       "256",     "--windows",       "3"};
        const Outcome outcome = m_program.json(QStringList(arguments) << "--out" << text(folder / "c.html"));
        BITLATHE_VERIFY_EXIT(outcome, 0);
        const Json document = outcome.document();
        QCOMPARE(document["models"].size(), std::size_t(2));
        for (const Json& model : document["models"]) {
            for (const char* key : {"path", "bits_per_weight", "bytes_weights", "perplexity", "standard_error", "delta",
                                    "delta_error", "kl_mean", "kl_p99", "same_top", "peak_rss_bytes"}) {
                QVERIFY2(model.contains(key), key);
            }
        }
        const Json& base = document["models"][0];
        const Json& int4 = document["models"][1];
        QVERIFY(base["kl_mean"].is_null());
        QCOMPARE(base["delta"].get<double>(), 0.0);
        QVERIFY(int4["kl_mean"].get<double>() > 0.001 && int4["kl_mean"].get<double>() < 1);
        QVERIFY(int4["same_top"].get<double>() > 0.5 && int4["same_top"].get<double>() < 1);
        QVERIFY(std::abs(int4["delta"].get<double>() -
                         (int4["perplexity"].get<double>() - base["perplexity"].get<double>())) < 1e-9);
        QVERIFY(int4["bytes_weights"].get<double>() < base["bytes_weights"].get<double>());
        QVERIFY(document["protocol"].contains("sentence"));
        const std::string html = *readFile(folder / "c.html");
        QVERIFY(html.find("Comparison of") != std::string::npos && html.find("Run: int4") != std::string::npos);
        const Outcome people = m_program.run(arguments);
        BITLATHE_VERIFY_EXIT(people, 0);
        QVERIFY(people.out.find("Perplexity") != std::string::npos && people.out.find("±") != std::string::npos);
    }

    /// Killed in the middle, a comparison goes on where it was and ends with the same numbers.
    void compareGoesOnAfterAKill()
    {
        const TempFolder folder;
        BITLATHE_VERIFY_EXIT(
            m_program.run({"quantize", text(demoModel()), "--bits", "4", "--out", text(folder / "int4")}), 0);
        const QStringList arguments = {"compare", text(demoModel()), text(folder / "int4"),
                                       "--data",  text(demoText()),  "--length",
                                       "256",     "--windows",       "24"};
        const Outcome anew = m_program.json(QStringList(arguments) << "--no-cache");
        BITLATHE_VERIFY_EXIT(anew, 0);
        const fs::path kept = m_program.environment().value("XDG_CACHE_HOME").toStdString() + "/bitlathe/evaluations";
        const auto windowsKept = [&kept](const fs::path& folderOfOne) {
            std::ptrdiff_t count = 0;
            for (const auto& entry : fs::recursive_directory_iterator(folderOfOne)) {
                count += entry.path().extension() == ".states" ? 1 : 0;
            }
            return count;
        };
        std::error_code ignored;
        fs::remove_all(kept, ignored); // Of other tests.
        const auto process = m_program.start(arguments);
        QTRY_VERIFY_WITH_TIMEOUT(fs::exists(kept) && windowsKept(kept) >= 3, 60'000);
        process->kill();
        process->waitForFinished();
        const auto before = windowsKept(kept);
        QVERIFY2(before < 24, "it was killed too late to show anything");
        const Outcome resumed = m_program.json(arguments);
        BITLATHE_VERIFY_EXIT(resumed, 0);
        const Outcome again = m_program.json(arguments);
        BITLATHE_VERIFY_EXIT(again, 0);
        QCOMPARE(again.out, resumed.out); // All of it, the measured times as well.
        const auto numbers = [](Json document) {
            for (Json& model : document["models"]) {
                for (const char* measured : {"seconds", "tokens_per_second", "peak_rss_bytes"}) {
                    model.erase(measured);
                }
            }
            return document.dump();
        };
        QCOMPARE(numbers(resumed.document()), numbers(anew.document()));
        const Json& model = anew.document()["models"][1];
        QCOMPARE(model["worst_tokens"].size(), std::size_t(10));
        QCOMPARE(model["worst_tokens"][0]["kl"], model["kl"]["max"]);
        const Outcome people = m_program.run(QStringList(arguments) << "--worst"
                                                                    << "2");
        BITLATHE_VERIFY_EXIT(people, 0);
        QVERIFY2(people.out.find("Tokens that int4 loses most") != std::string::npos, people.out.c_str());
        const Outcome none = m_program.run(QStringList(arguments) << "--worst"
                                                                  << "0"
                                                                  << "--memory"
                                                                  << "12 bananas");
        BITLATHE_VERIFY_EXIT(none, 3);
        QVERIFY2(none.err.find("--memory") != std::string::npos, none.err.c_str());
    }

    void generateGoldenIds()
    {
        BITLATHE_NEED_SHARED();
        const Json golden = *readJson(sharedFolder() / "golden/generate.json");
        for (const Json& one : golden["cases"]) {
            const Outcome outcome =
                m_program.json({"generate", text(demoModel()), "--prompt",
                                QString::fromStdString(one["prompt"].get<std::string>()), "--max-new-tokens", "64",
                                "--repetition-penalty", QString::number(one["repetition_penalty"].get<double>())});
            BITLATHE_VERIFY_EXIT(outcome, 0);
            const Json document = outcome.document();
            QVERIFY2(document["ids"] == one["new_ids"],
                     (document["ids"].dump() + "\nis not\n" + one["new_ids"].dump()).c_str());
            QCOMPARE(document["text"].get<std::string>(), one["text"].get<std::string>());
            for (const char* key : {"seconds_prefill", "seconds_decode", "tokens_per_second"}) {
                QVERIFY2(document.contains(key), key);
            }
        }
    }

    void generateStreamsTheSameText()
    {
        const QStringList arguments = {"generate", text(demoModel()), "--prompt", "Copyright ©", "-n", "24"};
        const Outcome json = m_program.json(arguments);
        BITLATHE_VERIFY_EXIT(json, 0);
        const Outcome people = m_program.run(arguments);
        BITLATHE_VERIFY_EXIT(people, 0);
        QCOMPARE(people.out, json.document()["text"].get<std::string>() + '\n');
    }

    void generateThroughTheChatTemplate()
    {
        const TempFolder folder;
        const fs::path model = folder / "chat";
        fs::copy(demoModel(), model);
        const QStringList ask = {"generate", text(model), "--prompt", "Hi", "--chat", "-n", "2"};
        const Outcome without = m_program.json(ask);
        QVERIFY(without.code != 0);
        QVERIFY(without.all().find("chat_template") != std::string::npos);
        std::ofstream(model / "chat_template.jinja")
            << "{% for m in messages %}[{{ m.role }}] {{ m.content }}\n{% endfor %}"
               "{% if add_generation_prompt %}[assistant]{% endif %}";
        const Outcome outcome = m_program.json(ask + QStringList{"--system", "Be kind."});
        BITLATHE_VERIFY_EXIT(outcome, 0);
        const Outcome plain =
            m_program.json({"tokenize", text(model), "--text", "[system] Be kind.\n[user] Hi\n[assistant]"});
        BITLATHE_VERIFY_EXIT(plain, 0);
        QVERIFY(outcome.document()["prompt_ids"] == plain.document()["ids"]);
    }

    void factsOfATextSet()
    {
        const TempFolder folder;
        std::ofstream(folder / "custom.jsonl") << R"({"question": "Who?", "answer": "Nobody."})" << '\n'
                                               << R"({"question": "Why?", "answer": "Because."})" << '\n';
        const Outcome outcome = m_program.json(
            {"tokenize", text(demoModel()), "--data", "custom", "--facts", "--data-dir", text(folder.path())});
        BITLATHE_VERIFY_EXIT(outcome, 0);
        const Json document = outcome.document();
        QCOMPARE(document["rows"].get<int>(), 2);
        const Outcome one = m_program.json({"tokenize", text(demoModel()), "--text", "Who?\nNobody."});
        const Outcome two = m_program.json({"tokenize", text(demoModel()), "--text", "Why?\nBecause."});
        QCOMPARE(document["tokens"].get<std::size_t>(), one.document()["ids"].size() + two.document()["ids"].size());
    }

    void verifyDocument()
    {
        const Outcome outcome = m_program.json({"verify", text(demoModel())});
        BITLATHE_VERIFY_EXIT(outcome, 0);
        QCOMPARE(outcome.document()["format"].get<std::string>(), std::string("dense"));
        QCOMPARE(outcome.document()["quantized_linears"].get<int>(), 0);
        QVERIFY(outcome.document()["findings"].empty());
    }

    void noRunsYet()
    {
        const Program fresh;
        const Outcome outcome = fresh.json({"runs"});
        BITLATHE_VERIFY_EXIT(outcome, 0);
        QVERIFY(outcome.document()["runs"] == Json::array());
        QVERIFY(fresh.run({"runs"}).out.find("No runs yet") != std::string::npos);
    }

private:
    Program m_program;
};

QTEST_GUILESS_MAIN(TestEvaluate)
#include "tst_evaluate.moc"
