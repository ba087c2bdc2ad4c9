// SPDX-License-Identifier: Apache-2.0
// Model folders: which files count, and what is said about a broken one.
#include "core/checkpoint/checkpoint.h"

#include "core/base/file.h"
#include "core/base/hash.h"
#include "support/safetensorsfile.h"
#include "support/tempfolder.h"

#include <QElapsedTimer>
#include <QTest>

#include <sys/stat.h>

using namespace bitlathe;
using namespace bitlathe::checkpoint;
namespace fs = std::filesystem;

namespace
{

/// A header with one tensor of two U8.
std::string oneTensor(const std::string& name)
{
    return fmt::format(R"({{"{}":{{"dtype":"U8","shape":[2],"data_offsets":[0,2]}}}})", name);
}

/// Two shards with one tensor each, and their index.
void writeSharded(const tests::TempFolder& folder, const std::string& weightMap)
{
    tests::writeSafetensors(folder / "model-00001-of-00002.safetensors", oneTensor("a"), 2);
    tests::writeSafetensors(folder / "model-00002-of-00002.safetensors", oneTensor("b"), 2);
    tests::writeBytes(folder / "model.safetensors.index.json",
                      R"({"metadata":{"total_size":4},"weight_map":)" + weightMap + "}");
}

constexpr const char* kGoodMap = R"({"a":"model-00001-of-00002.safetensors","b":"model-00002-of-00002.safetensors"})";

QString sentenceOf(const Result<std::shared_ptr<const Checkpoint>>& opened)
{
    return opened ? QString() : QString::fromStdString(opened.error().sentence());
}

/// 80 decoder blocks of LLaMA-2-70B in bf16 as sparse files of 15 shards: true sizes, no blocks on disk.
std::uint64_t writeSeventyBillion(const fs::path& folder)
{
    constexpr int kShards = 15;
    std::vector<std::vector<std::pair<std::string, std::vector<int>>>> shards(kShards);
    shards[0].push_back({"model.embed_tokens.weight", {32000, 8192}});
    for (int layer = 0; layer < 80; ++layer) {
        const std::string block = "model.layers." + std::to_string(layer) + ".";
        auto& shard = shards[static_cast<std::size_t>(layer * kShards / 80)];
        for (const char* name : {"q_proj", "o_proj"}) {
            shard.push_back({block + "self_attn." + name + ".weight", {8192, 8192}});
        }
        for (const char* name : {"k_proj", "v_proj"}) {
            shard.push_back({block + "self_attn." + name + ".weight", {1024, 8192}});
        }
        for (const char* name : {"gate_proj", "up_proj"}) {
            shard.push_back({block + "mlp." + name + ".weight", {28672, 8192}});
        }
        shard.push_back({block + "mlp.down_proj.weight", {8192, 28672}});
        shard.push_back({block + "input_layernorm.weight", {8192}});
        shard.push_back({block + "post_attention_layernorm.weight", {8192}});
    }
    shards.back().push_back({"model.norm.weight", {8192}});
    shards.back().push_back({"lm_head.weight", {32000, 8192}});

    std::uint64_t total = 0;
    Json index;
    for (std::size_t i = 0; i < shards.size(); ++i) {
        const std::string name = fmt::format("model-{:05}-of-{:05}.safetensors", i + 1, kShards);
        std::string header = R"({"__metadata__":{"format":"pt"})";
        std::uint64_t offset = 0;
        for (const auto& [tensor, shape] : shards[i]) {
            std::uint64_t bytes = 2;
            for (const int dimension : shape) {
                bytes *= static_cast<std::uint64_t>(dimension);
            }
            header += fmt::format(R"(,"{}":{{"dtype":"BF16","shape":[{}],"data_offsets":[{},{}]}})", tensor,
                                  fmt::join(shape, ","), offset, offset + bytes);
            offset += bytes;
            index["weight_map"][tensor] = name;
        }
        const std::string bytes = tests::safetensorsBytes(header + "}", 0);
        tests::writeBytes(folder / name, bytes);
        fs::resize_file(folder / name, bytes.size() + offset);
        total += offset;
    }
    tests::writeBytes(folder / "model.safetensors.index.json", index.dump());
    return total;
}

} // namespace

class TestCheckpoint : public QObject
{
    Q_OBJECT

private slots:
    void initTestCase() { qputenv("XDG_CACHE_HOME", m_cache.path().c_str()); }

    void opensASingleFile()
    {
        const tests::TempFolder folder;
        tests::writeSafetensors(folder / "model.safetensors", oneTensor("a"), 2);
        tests::writeSafetensors(folder / "other.safetensors", oneTensor("x"), 2);
        tests::writeBytes(folder / "config.json", R"({"model_type":"llama"})");
        const auto checkpoint = Checkpoint::open(folder.path());
        BITLATHE_VERIFY_OK(checkpoint);
        const Checkpoint& opened = **checkpoint;
        QCOMPARE(opened.entries().size(), std::size_t{1});
        QCOMPARE(opened.files().size(), std::size_t{1});
        QCOMPARE(opened.bytesTensors(), std::uint64_t{2});
        QCOMPARE(opened.config().at("model_type").get<std::string>(), std::string("llama"));
        QVERIFY(opened.find("x") == nullptr);
        const TensorView view = opened.tensor("a", {2}).value();
        QCOMPARE(view.bytes.size(), std::size_t{2});
        QCOMPARE(view.bytes[1], std::byte{1});
        opened.release(opened.entries()[0]);
        QCOMPARE(opened.view(opened.entries()[0]).bytes[1], std::byte{1});
    }

    void looksUpWithReasons()
    {
        const tests::TempFolder folder;
        tests::writeSafetensors(folder / "model.safetensors", oneTensor("a"), 2);
        const auto checkpoint = *Checkpoint::open(folder.path());
        QCOMPARE(checkpoint->tensor("b").error().code, ErrorCode::TensorMissing);
        QVERIFY(checkpoint->tensor("b").error().expected.english().find("b") != std::string::npos);
        QCOMPARE(checkpoint->tensor("a", {1, 2}).error().sentence(),
                 std::string("a: expected the shape [1, 2], found [2]. Check that config.json and the tensor files "
                             "belong together."));
        QCOMPARE(checkpoint->tensor("b", {2}).error().code, ErrorCode::TensorMissing);
        QVERIFY(checkpoint->config().is_object() && checkpoint->config().empty());
    }

    void opensShards()
    {
        const tests::TempFolder folder;
        writeSharded(folder, kGoodMap);
        for (const fs::path& path : {folder.path(), folder / "model.safetensors.index.json",
                                     folder / "model-00002-of-00002.safetensors", folder.path() / ""}) {
            const auto checkpoint = Checkpoint::open(path);
            BITLATHE_VERIFY_OK(checkpoint);
            QCOMPARE((*checkpoint)->entries().size(), std::size_t{2});
            QCOMPARE((*checkpoint)->find("b")->file, std::size_t{1});
            QVERIFY((*checkpoint)->findings().empty());
        }
    }

    void opensShardsWithoutIndex()
    {
        const tests::TempFolder folder;
        writeSharded(folder, kGoodMap);
        fs::remove(folder / "model.safetensors.index.json");
        QCOMPARE(Checkpoint::open(folder.path()).value()->entries().size(), std::size_t{2});
        QCOMPARE(Checkpoint::open(folder / "model-00002-of-00002.safetensors").value()->entries().size(),
                 std::size_t{1});
        fs::remove(folder / "model-00001-of-00002.safetensors");
        const auto half = Checkpoint::open(folder.path());
        QCOMPARE(half.error().code, ErrorCode::FileMissing);
        QVERIFY2(sentenceOf(half).contains("expected 2 files"), qPrintable(sentenceOf(half)));
    }

    void prefersTheIndexOfTheModel()
    {
        const tests::TempFolder folder;
        writeSharded(folder, kGoodMap);
        tests::writeSafetensors(folder / "model.safetensors", oneTensor("single"), 2);
        QVERIFY(Checkpoint::open(folder.path()).value()->find("single") == nullptr);
        QVERIFY(Checkpoint::open(folder / "model.safetensors").value()->find("single") != nullptr);
    }

    void anyNameWillDo()
    {
        const tests::TempFolder folder;
        tests::writeSafetensors(folder / "weights.safetensors", oneTensor("a"), 2);
        QVERIFY(Checkpoint::open(folder.path()).value()->find("a") != nullptr);
        tests::writeSafetensors(folder / "zz.safetensors", oneTensor("b"), 2);
        QCOMPARE(Checkpoint::open(folder.path()).value()->files().size(), std::size_t{2});
        tests::writeSafetensors(folder / "zzz.safetensors", oneTensor("a"), 2);
        const auto twice = Checkpoint::open(folder.path());
        QCOMPARE(twice.error().code, ErrorCode::FileInvalid);
        QVERIFY2(sentenceOf(twice).contains("weights.safetensors and in zzz.safetensors"),
                 qPrintable(sentenceOf(twice)));
    }

    void badIndex_data()
    {
        QTest::addColumn<QString>("weightMap");
        QTest::addColumn<QString>("code");
        QTest::addColumn<QString>("says");
        const auto row = [](const char* name, const char* map, const char* code, const char* says) {
            QTest::newRow(name) << map << code << says;
        };
        row("no map", "null", "file-invalid", "weight_map");
        row("a list", "[]", "file-invalid", "weight_map");
        row("empty", "{}", "file-invalid", "weight_map");
        row("syntax", "{", "file-invalid", "syntax error");
        row("number out of range", "1e999", "file-invalid", "number out of range");
        row("file is a number", R"({"a":1})", "file-invalid", "a file of this folder for the tensor a");
        row("missing shard", R"({"a":"model-00003-of-00003.safetensors"})", "file-missing",
            "model-00003-of-00003.safetensors: expected a file that model.safetensors.index.json lists");
        row("tensor absent", R"({"a":"model-00001-of-00002.safetensors","c":"model-00002-of-00002.safetensors"})",
            "file-invalid", "the tensor c, as the index says");
        row("tensor elsewhere", R"({"a":"model-00002-of-00002.safetensors","b":"model-00001-of-00002.safetensors"})",
            "file-invalid", "as the index says");
        row("escapes upward", R"({"a":"../model.safetensors"})", "file-invalid", "a file of this folder");
        row("escapes on a detour", R"({"a":"x/../../model.safetensors"})", "file-invalid", "a file of this folder");
        row("absolute", R"({"a":"/etc/passwd"})", "file-invalid", "a file of this folder");
        row("empty name", R"({"a":""})", "file-invalid", "a file of this folder");
        row("the folder itself", R"({"a":"."})", "file-invalid", "a file of this folder");
        row("zero in the name", R"({"a":"model-00001-of-00002.safetensors\u0000"})", "file-invalid",
            "a file of this folder");
    }
    void badIndex()
    {
        QFETCH(QString, weightMap);
        QFETCH(QString, code);
        QFETCH(QString, says);
        const tests::TempFolder folder;
        writeSharded(folder, weightMap.toStdString());
        const auto opened = Checkpoint::open(folder.path());
        QVERIFY(!opened);
        QCOMPARE(QString(errorCodeName(opened.error().code).data()), code);
        QVERIFY2(sentenceOf(opened).contains(says), qPrintable(sentenceOf(opened)));
    }

    void strayTensorsAreFindings()
    {
        const tests::TempFolder folder;
        writeSharded(folder, R"({"a":"model-00001-of-00002.safetensors","b":"model-00002-of-00002.safetensors"})");
        tests::writeSafetensors(folder / "model-00001-of-00002.safetensors",
                                R"({"a":{"dtype":"U8","shape":[2],"data_offsets":[0,2]},)"
                                R"("b":{"dtype":"U8","shape":[1],"data_offsets":[2,3]},)"
                                R"("inv_freq":{"dtype":"U8","shape":[1],"data_offsets":[3,4]}})",
                                4);
        const auto checkpoint = Checkpoint::open(folder.path());
        BITLATHE_VERIFY_OK(checkpoint);
        QCOMPARE((*checkpoint)->findings().size(), std::size_t{2});
        QCOMPARE((*checkpoint)->find("b")->file, std::size_t{1});
        QVERIFY((*checkpoint)->find("inv_freq") != nullptr);
    }

    void unknownDtypeInTheIndexIsFine()
    {
        const tests::TempFolder folder;
        tests::writeSafetensors(folder / "m.safetensors", R"({"a":{"dtype":"F4","shape":[4],"data_offsets":[0,2]}})",
                                2);
        tests::writeBytes(folder / "model.safetensors.index.json", R"({"weight_map":{"a":"m.safetensors"}})");
        const auto checkpoint = Checkpoint::open(folder.path());
        BITLATHE_VERIFY_OK(checkpoint);
        QVERIFY((*checkpoint)->entries().empty());
        QCOMPARE((*checkpoint)->findings().size(), std::size_t{1});
    }

    void nothingToOpen()
    {
        const tests::TempFolder folder;
        QCOMPARE(Checkpoint::open(folder / "absent").error().code, ErrorCode::FileMissing);
        QCOMPARE(Checkpoint::open(folder.path()).error().code, ErrorCode::FileMissing);
        tests::writeBytes(folder / "notes.txt", "x");
        QCOMPARE(Checkpoint::open(folder.path()).error().code, ErrorCode::FileMissing);
        QCOMPARE(Checkpoint::open(folder / "notes.txt").error().code, ErrorCode::NotSupported);
        tests::writeBytes(folder / "model.gguf", "x");
        fs::create_directories(folder / "model.safetensors");
        QCOMPARE(Checkpoint::open(folder.path()).error().code, ErrorCode::NotSupported);
        QCOMPARE(Checkpoint::open("").error().code, ErrorCode::FileMissing);
    }

    void badFiles()
    {
        const tests::TempFolder folder;
        tests::writeBytes(folder / "model.safetensors", "");
        QCOMPARE(Checkpoint::open(folder.path()).error().code, ErrorCode::FileTruncated);
        tests::writeBytes(folder / "model.safetensors", "<html>404: not found, and some more</html>");
        QCOMPARE(Checkpoint::open(folder.path()).error().code, ErrorCode::FileInvalid);
        tests::writeBytes(folder / "model.safetensors",
                          "version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 5\n");
        QCOMPARE(Checkpoint::open(folder.path()).error().code, ErrorCode::FileInvalid);
        fs::remove(folder / "model.safetensors");
        QCOMPARE(::mkfifo((folder / "pipe.safetensors").c_str(), 0600), 0);
        QCOMPARE(Checkpoint::open(folder / "pipe.safetensors").error().code, ErrorCode::FileUnreadable);
    }

    void badConfig()
    {
        const tests::TempFolder folder;
        tests::writeSafetensors(folder / "model.safetensors", oneTensor("a"), 2);
        tests::writeBytes(folder / "config.json", "[1]");
        QCOMPARE(Checkpoint::open(folder.path()).error().code, ErrorCode::ConfigInvalid);
        tests::writeBytes(folder / "config.json", "{");
        QCOMPARE(Checkpoint::open(folder.path()).error().code, ErrorCode::FileInvalid);
    }

    void fingerprintFollowsTheContent()
    {
        const tests::TempFolder folder;
        const auto fingerprintOf = [&] { return Checkpoint::open(folder.path()).value()->fingerprint(); };
        tests::writeSafetensors(folder / "model.safetensors", oneTensor("a"), 2);
        const std::string first = fingerprintOf();
        QCOMPARE(fingerprintOf(), first);
        std::string bytes = *readFile(folder / "model.safetensors");
        bytes.back() = 'x';
        tests::writeBytes(folder / "model.safetensors", bytes);
        fs::last_write_time(folder / "model.safetensors", fs::file_time_type::clock::now() + std::chrono::seconds(5));
        const std::string other = fingerprintOf();
        QVERIFY(other != first);
        tests::writeBytes(folder / "config.json", R"({"a":1})");
        QVERIFY(fingerprintOf() != other);
        tests::writeSafetensors(folder / "model.safetensors", oneTensor("b"), 2);
        fs::remove(folder / "config.json");
        QVERIFY(fingerprintOf() != first);
    }

    void fingerprintDoesNotDependOnShards()
    {
        const tests::TempFolder sharded;
        writeSharded(sharded, kGoodMap);
        const tests::TempFolder whole;
        tests::writeBytes(whole / "model.safetensors",
                          tests::safetensorsBytes(R"({"b":{"dtype":"U8","shape":[2],"data_offsets":[0,2]},)"
                                                  R"("a":{"dtype":"U8","shape":[2],"data_offsets":[2,4]}})",
                                                  0) +
                              std::string("\0\1\0\1", 4));
        QCOMPARE(Checkpoint::open(whole.path()).value()->fingerprint(),
                 Checkpoint::open(sharded.path()).value()->fingerprint());
    }

    void companionsAreWhatTravels()
    {
        const tests::TempFolder folder;
        for (const char* name :
             {"config.json", "tokenizer.json", "tokenizer.model", "tokenizer_config.json", "generation_config.json",
              "special_tokens_map.json", "LICENSE.txt", "chat_template.jinja", "merges.txt", "vocab.json",
              "modeling_x.py", "qwen.tiktoken", "model.safetensors", "model.safetensors.index.json",
              "quantize_config.json", "README.md", "pytorch_model.bin"}) {
            tests::writeBytes(folder / name, "x");
        }
        fs::create_directories(folder / "tokenizer_folder");
        QStringList names;
        const auto companions = companionFiles(folder.path());
        for (const fs::path& file : companions.value()) {
            names << QString::fromStdString(file.filename().string());
        }
        QCOMPARE(names, (QStringList{"LICENSE.txt", "chat_template.jinja", "generation_config.json", "merges.txt",
                                     "modeling_x.py", "qwen.tiktoken", "special_tokens_map.json", "tokenizer.json",
                                     "tokenizer.model", "tokenizer_config.json", "vocab.json"}));
        QVERIFY(companionFiles(folder / "absent")->empty());
    }

    void companionsAreOfTheModel()
    {
        const tests::TempFolder folder;
        tests::writeBytes(folder / "secret", "x");
        for (const char* name : {"other/config.json", "other/tokenizer.json", "hub/blobs/3f", "hub/snapshots/1/config.json"}) {
            fs::create_directories((folder / name).parent_path());
            tests::writeBytes(folder / name, "x");
        }
        const fs::path model = folder / "hub/snapshots/1";
        fs::create_symlink("../../blobs/3f", model / "LICENSE");
        fs::create_symlink(folder / "other/tokenizer.json", model / "tokenizer.json");
        fs::create_symlink("config.json", model / "vocab.json");
        QCOMPARE(companionFiles(model)->size(), std::size_t(3));
        fs::create_symlink("../../../secret", model / "NOTICE");
        const auto refused = companionFiles(model);
        QVERIFY(!refused);
        QCOMPARE(refused.error().code, ErrorCode::FileInvalid);
        QCOMPARE(refused.error().subject, (model / "NOTICE").string());
    }

    void opensWhatOtherToolsWrote()
    {
        BITLATHE_NEED_SHARED();
        for (const char* name : {"gptq-w4g128-sym", "awq-gemm-w4g128", "bnb-nf4-dq", "ct-w4a16-g128"}) {
            const auto checkpoint = Checkpoint::open(tests::sharedFolder() / "golden" / name);
            BITLATHE_VERIFY_OK(checkpoint);
            QVERIFY((*checkpoint)->findings().empty());
            for (const TensorEntry& entry : (*checkpoint)->entries()) {
                BITLATHE_VERIFY_OK(checkFinite((*checkpoint)->view(entry)));
            }
        }
    }

    /// Hash of a tensor computed by Python's safetensors and hashlib.
    void demoModelHasItsBytes()
    {
        BITLATHE_NEED_SHARED();
        const auto checkpoint = Checkpoint::open(tests::sharedFolder() / "models/demo-llama");
        BITLATHE_VERIFY_OK(checkpoint);
        const TensorView weight = (*checkpoint)->tensor("model.layers.3.mlp.down_proj.weight").value();
        QCOMPARE(sha256(weight.bytes), std::string(kDownProjSha));
    }

    /// The header work of a 140 GB model: the limit is twenty times what a warm machine needs.
    void opensSeventyBillionFast()
    {
        const tests::TempFolder folder;
        const std::uint64_t total = writeSeventyBillion(folder.path());
        QElapsedTimer timer;
        timer.start();
        const auto checkpoint = Checkpoint::open(folder.path());
        const qint64 elapsed = timer.elapsed();
        BITLATHE_VERIFY_OK(checkpoint);
        QCOMPARE((*checkpoint)->entries().size(), std::size_t{723});
        QCOMPARE((*checkpoint)->bytesTensors(), total);
        QVERIFY(static_cast<double>(total) > 137e9);
        qInfo("opened %zu tensors in %lld ms", (*checkpoint)->entries().size(), elapsed);
        QVERIFY2(elapsed <= 200, qPrintable(QString::number(elapsed)));
    }

private:
    static constexpr const char* kDownProjSha = "6537e98537ac73ffb66aa924ce7c032773f0dec0d11839ae6fefa95896f0e764";
    tests::TempFolder m_cache;
};

QTEST_GUILESS_MAIN(TestCheckpoint)
#include "tst_checkpoint.moc"
