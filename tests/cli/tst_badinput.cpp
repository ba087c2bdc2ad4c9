// SPDX-License-Identifier: Apache-2.0
// Bad input: one sentence that names the file or layer, what was expected, what was found; nothing lost or overwritten.
#include "cli/program.h"
#include "core/base/file.h"

#include <fstream>

using namespace bitlathe;
using namespace bitlathe::tests;
namespace fs = std::filesystem;

namespace
{

void write(const fs::path& file, std::string_view content)
{
    fs::create_directories(file.parent_path());
    std::ofstream(file, std::ios::binary) << content;
}

/// A safetensors file with this header; its length field tells length, or the truth.
std::string safetensors(const std::string& header, std::optional<std::uint64_t> length = {}, std::size_t bytesData = 0)
{
    const std::uint64_t told = length.value_or(header.size());
    std::string file(8, '\0');
    for (int i = 0; i < 8; ++i) {
        file[static_cast<std::size_t>(i)] = static_cast<char>(told >> (8 * i));
    }
    return file + header + std::string(bytesData, '\0');
}

} // namespace

class TestBadInput : public QObject
{
    Q_OBJECT

private:
    Program m_program;

    /// A copy of the demo model whose weights are a file of their own.
    fs::path ownModel(const TempFolder& folder) const
    {
        linkDemoModel(folder / "model");
        fs::remove(folder / "model/model.safetensors");
        fs::copy_file(demoModel() / "model.safetensors", folder / "model/model.safetensors");
        return folder / "model";
    }

    /// Overwrites the first elements of a tensor.
    static void overwriteTensor(const fs::path& file, const std::string& name, std::string_view bytes)
    {
        std::fstream stream(file, std::ios::in | std::ios::out | std::ios::binary);
        std::uint64_t length = 0;
        stream.read(reinterpret_cast<char*>(&length), sizeof length);
        std::string header(length, '\0');
        stream.read(header.data(), static_cast<std::streamsize>(length));
        const Json parsed = *parseJson(header, "header");
        stream.seekp(static_cast<std::streamoff>(8 + length + parsed[name]["data_offsets"][0].get<std::uint64_t>()));
        stream.write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
    }

    /// The call is refused with code 3, in a sentence and as a document that say all of says.
    void refused(const QStringList& arguments, const std::vector<std::string>& says, int code = 3) const
    {
        const Outcome outcome = m_program.run(QStringList(arguments) << "--quiet");
        BITLATHE_VERIFY_EXIT(outcome, code);
        QVERIFY2(outcome.err.starts_with("error: "), outcome.err.c_str());
        QCOMPARE(std::ranges::count(outcome.err, '\n'), 1);
        for (const std::string& part : says) {
            QVERIFY2(outcome.err.find(part) != std::string::npos, (part + " is not in: " + outcome.err).c_str());
        }
        const Outcome json = m_program.json(QStringList(arguments) << "--quiet");
        BITLATHE_VERIFY_EXIT(json, code);
        const Json error = json.document().value("error", Json::object());
        QVERIFY2(!error.value("code", "").empty() && !error.value("subject", "").empty(), json.out.c_str());
        QVERIFY2(!error.value("found", "").empty(), json.out.c_str());
    }

private Q_SLOTS:
    void missingFolder() { refused({"inspect", "/nowhere/at/all"}, {"/nowhere/at/all"}); }

    void emptyFolder()
    {
        const TempFolder folder;
        refused({"inspect", text(folder.path())}, {folder.path().string(), "expected", "found"});
    }

    void truncatedWeights()
    {
        const TempFolder folder;
        const fs::path model = ownModel(folder);
        fs::resize_file(model / "model.safetensors", 5'000'000);
        refused({"inspect", text(model)}, {"model.safetensors", "expected", "found"});
        refused({"quantize", text(model), "--out", text(folder / "out")}, {"model.safetensors"});
        QVERIFY(!fs::exists(folder / "out"));
    }

    void lyingHeaders_data()
    {
        QTest::addColumn<QByteArray>("content");
        const auto row = [](const char* name, const std::string& content) {
            QTest::newRow(name) << QByteArray::fromStdString(content);
        };
        row("no header at all", "abc");
        row("length beyond the file", safetensors("{}", 1ULL << 40));
        row("length overflows", safetensors("{}", ~0ULL));
        row("no JSON", safetensors("not json"));
        row("offsets beyond the file",
            safetensors(R"({"a":{"dtype":"F32","shape":[4],"data_offsets":[0,16]}})", {}, 8));
        row("offsets not the shape", safetensors(R"({"a":{"dtype":"F32","shape":[5],"data_offsets":[0,16]}})", {}, 16));
        row("tensors overlap", safetensors(R"({"a":{"dtype":"F32","shape":[4],"data_offsets":[0,16]},)"
                                           R"("b":{"dtype":"F32","shape":[4],"data_offsets":[8,24]}})",
                                           {}, 24));
        row("a hole", safetensors(R"({"a":{"dtype":"F32","shape":[4],"data_offsets":[8,24]}})", {}, 24));
        row("shape overflows",
            safetensors(R"({"a":{"dtype":"F32","shape":[4294967296,4294967296],"data_offsets":[0,0]}})"));
        row("negative shape", safetensors(R"({"a":{"dtype":"F32","shape":[-4],"data_offsets":[0,16]}})", {}, 16));
    }
    void lyingHeaders()
    {
        QFETCH(QByteArray, content);
        const TempFolder folder;
        linkDemoModel(folder / "model");
        fs::remove(folder / "model/model.safetensors");
        write(folder / "model/model.safetensors", content.toStdString());
        refused({"inspect", text(folder / "model")}, {"model.safetensors", "expected", "found"});
    }

    void configs_data()
    {
        QTest::addColumn<QString>("key");
        QTest::addColumn<QString>("value");
        QTest::newRow("lacks hidden_size") << "hidden_size" << QString();
        QTest::newRow("lacks num_hidden_layers") << "num_hidden_layers" << QString();
        QTest::newRow("a string for a number") << "hidden_size"
                                               << R"("256")";
        QTest::newRow("a list for a number") << "num_attention_heads"
                                             << "[4]";
        QTest::newRow("negative") << "num_hidden_layers"
                                  << "-8";
        QTest::newRow("enormous") << "vocab_size"
                                  << "9223372036854775807";
        QTest::newRow("not what the weights are") << "intermediate_size"
                                                  << "769";
    }
    void configs()
    {
        QFETCH(QString, key);
        QFETCH(QString, value);
        const TempFolder folder;
        linkDemoModel(folder / "model");
        editConfig(folder / "model", key.toStdString(),
                   value.isNull() ? std::optional<Json>() : std::optional(*parseJson(value.toStdString(), "value")));
        const QStringList arguments = {"perplexity", text(folder / "model"), "--data", text(demoText()), "--windows",
                                       "1"};
        if (key == "intermediate_size") {
            refused(arguments, {"model.layers.0.mlp", "769", "768"});
        } else {
            refused(arguments, {"config.json", key.toStdString()});
        }
    }

    void configIsNoJson()
    {
        const TempFolder folder;
        linkDemoModel(folder / "model");
        write(folder / "model/config.json", "{\"hidden_size\": ");
        refused({"inspect", text(folder / "model")}, {"config.json"});
    }

    void notFiniteWeights_data()
    {
        QTest::addColumn<QByteArray>("bytes");
        QTest::newRow("NaN") << QByteArray("\xC0\x7F", 2);
        QTest::newRow("infinity") << QByteArray("\x80\x7F", 2);
    }
    void notFiniteWeights()
    {
        QFETCH(QByteArray, bytes);
        const TempFolder folder;
        const fs::path model = ownModel(folder);
        const std::string layer = "model.layers.5.mlp.up_proj";
        overwriteTensor(model / "model.safetensors", layer + ".weight", bytes.toStdString());
        refused({"quantize", text(model), "--out", text(folder / "out")}, {layer, "expected", "found"});
        QVERIFY(!fs::exists(folder / "out"));
    }

    void brokenTokenizer()
    {
        const TempFolder folder;
        linkDemoModel(folder / "model");
        write(folder / "model/tokenizer.model", "this is no SentencePiece model");
        fs::remove(folder / "model/tokenizer.json");
        refused({"perplexity", text(folder / "model"), "--data", text(demoText())}, {"tokenizer.model"});
    }

    void tokenizerThatDoesNotFit()
    {
        BITLATHE_NEED_SHARED();
        const TempFolder folder;
        const fs::path source = sharedFolder() / "models/arch/llama-mha-tied"; // A vocabulary of 256.
        fs::create_directories(folder / "model");
        for (const char* name : {"config.json", "model.safetensors"}) {
            fs::copy_file(source / name, folder / "model" / name);
        }
        for (const char* name : {"tokenizer.model", "tokenizer_config.json"}) {
            fs::copy_file(demoModel() / name, folder / "model" / name);
        }
        refused({"perplexity", text(folder / "model"), "--data", text(demoText())}, {"tokenizer", "8192", "256"});
    }

    void texts_data()
    {
        QTest::addColumn<QString>("name");
        QTest::addColumn<QString>("content");
        QTest::newRow("empty text") << "a.txt"
                                    << "";
        QTest::newRow("rows without text") << "a.jsonl"
                                           << "{\"text\": \"\"}\n";
        QTest::newRow("broken row") << "a.jsonl"
                                    << "{\"text\": \"good\"}\n{\"text\": ";
        QTest::newRow("no rows") << "a.json"
                                 << "[]";
        QTest::newRow("unknown ending") << "a.docx"
                                        << "text";
    }
    void texts()
    {
        QFETCH(QString, name);
        QFETCH(QString, content);
        const TempFolder folder;
        write(folder / name.toStdString(), content.toStdString());
        refused(
            {"quantize", text(demoModel()), "--out", text(folder / "out"), "--data", text(folder / name.toStdString())},
            {name.toStdString()});
        QVERIFY(!fs::exists(folder / "out"));
        refused({"perplexity", text(demoModel()), "--data", text(folder / name.toStdString())}, {name.toStdString()});
    }

    void missingText() { refused({"perplexity", text(demoModel()), "--data", "/nowhere.txt"}, {"/nowhere.txt"}); }

    void existingOutput()
    {
        const TempFolder folder;
        write(folder / "out/precious.txt", "keep me");
        refused({"quantize", text(demoModel()), "--out", text(folder / "out")},
                {(folder / "out").string(), "expected", "found"});
        QCOMPARE(*readFile(folder / "out/precious.txt"), std::string("keep me"));
    }

    void settingsOutOfRange_data()
    {
        QTest::addColumn<QStringList>("options");
        QTest::addColumn<QString>("says");
        QTest::newRow("bits 7") << QStringList{"--bits", "7"} << "7";
        QTest::newRow("bits 0") << QStringList{"--bits", "0"} << "0";
        QTest::newRow("bits 99") << QStringList{"--bits", "99"} << "99";
        QTest::newRow("group 5") << QStringList{"--group-size", "5"} << "5";
        QTest::newRow("group is a word") << QStringList{"--group-size", "many"} << "many";
        QTest::newRow("scale type") << QStringList{"--scale-dtype", "i8"} << "i8";
        QTest::newRow("override without settings") << QStringList{"--override", "*.q_proj"} << "--override";
        QTest::newRow("override with an unknown key") << QStringList{"--override", "*.q_proj=bit:8"} << "bit:8";
        QTest::newRow("override out of range") << QStringList{"--override", "*.q_proj=bits:9"} << "9";
        QTest::newRow("broken pattern") << QStringList{"--override", "re:(=bits:8"} << "re:(";
        QTest::newRow("samples") << QStringList{"--samples", "0", "--data", text(demoCalibration())} << "samples";
        QTest::newRow("device") << QStringList{"--device", "cuda"} << "cuda";
    }
    void settingsOutOfRange()
    {
        QFETCH(QStringList, options);
        QFETCH(QString, says);
        const TempFolder folder;
        refused(QStringList{"quantize", text(demoModel()), "--out", text(folder / "out")} + options,
                {says.toStdString()});
        QVERIFY(!fs::exists(folder / "out"));
    }

    void placeThatCannotBeWritten()
    {
        refused({"quantize", text(demoModel()), "--out", "/proc/bitlathe/out"}, {"/proc/bitlathe"});
        refused(
            {"logits", text(demoModel()), "--data", text(demoText()), "--length", "8", "--out", "/proc/no.safetensors"},
            {"/proc/no.safetensors"});
        refused({"report", text(demoModel()), "--out", "x.html"}, {"bitlathe-run.json"});
    }

    void fullAndReadOnlyDisk()
    {
        const TempFolder folder;
        fs::create_directories(folder / "disk");
        const QString disk = text(folder / "disk");
        const QString tool = BITLATHE_CLI;
        const auto inNamespace = [&](const QString& options, const QString& command) {
            QProcess process;
            process.setProcessEnvironment(m_program.environment());
            process.start("unshare", {"--map-root-user", "--mount", "sh", "-c",
                                      "mount -t tmpfs -o " + options + " tmpfs '" + disk + "' || exit 77; " + command});
            return Program::finish(process);
        };
        const QString quantize =
            '\'' + tool + "' quantize '" + text(demoModel()) + "' --quiet --out '" + disk + "/out'";
        const Outcome full = inNamespace("size=3m", quantize + "; code=$?; ls -A '" + disk + "'; exit $code");
        if (full.code == 77 || full.code == 1 || full.code == -1) {
            QSKIP("this machine does not let a test mount a file system");
        }
        BITLATHE_VERIFY_EXIT(full, 3);
        QVERIFY2(full.err.find("disk") != std::string::npos, full.err.c_str());
        QVERIFY2(full.out.find("out\n") == std::string::npos, "nothing lies under the final name");
        const Outcome readOnly = inNamespace("ro", quantize);
        BITLATHE_VERIFY_EXIT(readOnly, 3);
        QVERIFY2(readOnly.err.find("out") != std::string::npos, readOnly.err.c_str());
    }

    void recipes_data()
    {
        QTest::addColumn<QString>("yaml");
        QTest::addColumn<QString>("says");
        QTest::newRow("no YAML") << "version: [1"
                                 << "recipe.yaml";
        QTest::newRow("unknown key") << "version: 1\nmodel: m\nscheem: {}\n"
                                     << "scheem";
        QTest::newRow("other version") << "version: 99\nmodel: m\n"
                                       << "99";
        QTest::newRow("wrong type") << "version: 1\nmodel: m\nthreads: many\n"
                                    << "threads";
    }
    void recipes()
    {
        QFETCH(QString, yaml);
        QFETCH(QString, says);
        const TempFolder folder;
        write(folder / "recipe.yaml", yaml.toStdString());
        refused({"run", text(folder / "recipe.yaml")}, {says.toStdString()});
    }

    void nothingToResume()
    {
        const TempFolder folder;
        refused({"resume", text(folder / "out")}, {(folder / "out").string()});
        refused({"resume", "123456"}, {"123456"});
    }

    void tokenIds()
    {
        const TempFolder folder;
        write(folder / "ids.json", "[1, 2, 99999]");
        refused({"perplexity", text(demoModel()), "--data", "ids:" + text(folder / "ids.json")}, {"99999"});
        write(folder / "words.json", "[\"one\"]");
        refused({"perplexity", text(demoModel()), "--data", "ids:" + text(folder / "words.json")}, {"words.json"});
        refused({"tokenize", text(demoModel()), "--text", "1,x", "--decode"}, {"--text"});
    }
};

QTEST_GUILESS_MAIN(TestBadInput)
#include "tst_badinput.moc"
