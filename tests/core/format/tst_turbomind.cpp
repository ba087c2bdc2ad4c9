// SPDX-License-Identifier: Apache-2.0
// TurboMind workspaces: lmdeploy's files byte for byte, there and back, and workspaces that lie.
#include "core/format/turbomind.h"

#include "core/base/file.h"
#include "core/base/json.h"
#include "core/checkpoint/checkpointwriter.h"
#include "core/format/convert.h"
#include "core/format/kvgrids.h"
#include "core/format/workspacereader.h"
#include "support/tempfolder.h"

#include <fmt/format.h>
#include <QCryptographicHash>

#include <algorithm>
#include <cstring>

using namespace bitlathe;
using namespace bitlathe::format;
using namespace bitlathe::tests;
namespace fs = std::filesystem;
using checkpoint::DType;

namespace
{

constexpr const char* kWeights = "triton_models/weights";

fs::path golden(const char* name)
{
    return sharedFolder() / "golden/lmdeploy" / name;
}

Result<ConvertReport> convertTo(const fs::path& from, const fs::path& out, const WorkspaceOptions& options,
                                const fs::path& kv = {})
{
    BITLATHE_TRY(const auto opened, openModel(from));
    BITLATHE_TRY(auto params, kvForExport(opened->spec, turbomindFormat(), kv, options));
    return convert(opened, turbomindFormat(), {.out = out, .workspace = options, .kv = std::move(params)});
}

/// The weight files of a golden workspace: name, SHA-256.
std::vector<std::pair<std::string, std::string>> goldenFiles(const std::string& name)
{
    std::vector<std::pair<std::string, std::string>> files;
    const auto json = readJson(golden("workspaces.json"));
    const std::string prefix = std::string(kWeights) + '/';
    for (const Json& file : json ? (*json)[name]["files"] : Json::array()) {
        const std::string path = file["path"].get<std::string>();
        if (path.starts_with(prefix) && !path.ends_with("placeholder")) {
            files.emplace_back(path.substr(prefix.size()), file["sha256"].get<std::string>());
        }
    }
    return files;
}

std::string sha256Of(const fs::path& file)
{
    const std::string content = readFile(file).value_or(std::string());
    return QCryptographicHash::hash(QByteArray::fromStdString(content), QCryptographicHash::Sha256)
        .toHex()
        .toStdString();
}

/// Names in a folder, sorted.
std::vector<std::string> namesIn(const fs::path& folder)
{
    std::vector<std::string> names;
    for (const fs::directory_entry& entry : fs::directory_iterator(folder)) {
        names.push_back(entry.path().filename().string());
    }
    std::ranges::sort(names);
    return names;
}

/// golden/h128/hf as an InternLM2: wqkv in groups, other names, no biases.
void writeInternLm2(const fs::path& out)
{
    const auto source = checkpoint::Checkpoint::open(golden("h128/hf"));
    BITLATHE_VERIFY_OK(source);
    const auto bytes = [&](const std::string& name) { return (*source)->tensor("model." + name)->bytes; };
    constexpr std::size_t kHead = 128 * 512 * 2;
    std::vector<std::byte> fused;
    for (std::size_t group = 0; group < 2; ++group) {
        const auto q = bytes("layers.0.self_attn.q_proj.weight").subspan(2 * group * kHead, 2 * kHead);
        const auto k = bytes("layers.0.self_attn.k_proj.weight").subspan(group * kHead, kHead);
        const auto v = bytes("layers.0.self_attn.v_proj.weight").subspan(group * kHead, kHead);
        for (const auto& part : {q, k, v}) {
            fused.insert(fused.end(), part.begin(), part.end());
        }
    }
    const std::string block = "layers.0.";
    const auto head = (*source)->tensor("lm_head.weight");
    const std::vector<std::tuple<std::string, checkpoint::Shape, std::span<const std::byte>>> tensors{
        {"model.tok_embeddings.weight", {101, 512}, bytes("embed_tokens.weight")},
        {"model.norm.weight", {512}, bytes("norm.weight")},
        {"output.weight", {101, 512}, head->bytes},
        {"model.layers.0.attention.wqkv.weight", {1024, 512}, fused},
        {"model.layers.0.attention.wo.weight", {512, 512}, bytes(block + "self_attn.o_proj.weight")},
        {"model.layers.0.feed_forward.w1.weight", {768, 512}, bytes(block + "mlp.gate_proj.weight")},
        {"model.layers.0.feed_forward.w3.weight", {768, 512}, bytes(block + "mlp.up_proj.weight")},
        {"model.layers.0.feed_forward.w2.weight", {512, 768}, bytes(block + "mlp.down_proj.weight")},
        {"model.layers.0.attention_norm.weight", {512}, bytes(block + "input_layernorm.weight")},
        {"model.layers.0.ffn_norm.weight", {512}, bytes(block + "post_attention_layernorm.weight")},
    };
    std::vector<checkpoint::TensorPlan> plan;
    for (const auto& [name, shape, content] : tensors) {
        plan.push_back({name, DType::F16, shape});
    }
    auto writer = checkpoint::CheckpointWriter::create(out, plan, {});
    BITLATHE_VERIFY_OK(writer);
    for (const auto& [name, shape, content] : tensors) {
        BITLATHE_VERIFY_OK((*writer)->write(name, content));
    }
    Json config = *readJson(golden("h128/hf/config.json"));
    config["architectures"] = Json::array({"InternLM2ForCausalLM"});
    config["model_type"] = "internlm2";
    config["bias"] = false;
    config.erase("attention_bias");
    BITLATHE_VERIFY_OK((*writer)->writeFile("config.json", config.dump()));
    BITLATHE_VERIFY_OK((*writer)->seal());
    BITLATHE_VERIFY_OK((*writer)->finish());
}

} // namespace

class TestTurbomind : public QObject
{
    Q_OBJECT

private slots:
    void configAsLmdeployWritesIt();
    void filesOfLmdeploy_data();
    void filesOfLmdeploy();
    void filesOfInternLm2();
    void filesOfOtherHeads();
    void keysAndValuesInInt8();
    void readsLmdeploysFiles_data();
    void readsLmdeploysFiles();
    void thereAndBack_data();
    void thereAndBack();
    void tellsWhyNot_data();
    void tellsWhyNot();
    void workspacesThatLie_data();
    void workspacesThatLie();
    void zeroPointsThatAreNone();
};

void TestTurbomind::configAsLmdeployWritesIt()
{
    BITLATHE_NEED_SHARED();
    const auto json = readJson(golden("workspaces.json"));
    BITLATHE_VERIFY_OK(json);
    for (const auto& [name, workspace] : json->items()) {
        const std::string text = workspace["config_ini"].get<std::string>();
        const auto config = readTurbomindConfig(text, name);
        BITLATHE_VERIFY_OK(config);
        QCOMPARE(writeTurbomindConfig(*config), text);
    }
}

void TestTurbomind::filesOfLmdeploy_data()
{
    QTest::addColumn<QString>("from");
    QTest::addColumn<int>("ranks");
    QTest::newRow("h128-fp16-tp1") << "h128/hf" << 1;
    QTest::newRow("h128-fp16-tp2") << "h128/hf" << 2;
    QTest::newRow("h128-w4-tp1") << "h128/awq" << 1;
    QTest::newRow("h128-w4-tp2") << "h128/awq" << 2;
}

void TestTurbomind::filesOfLmdeploy()
{
    BITLATHE_NEED_SHARED();
    QFETCH(QString, from);
    QFETCH(int, ranks);
    const TempFolder temp;
    const fs::path out = temp / "workspace";
    const auto report =
        convertTo(golden(from.toUtf8()), out, {.tensorParallel = ranks, .modelName = "internlm-chat-7b"});
    BITLATHE_VERIFY_OK(report);
    const auto files = goldenFiles(QTest::currentDataTag());
    QVERIFY(files.size() > 10);
    for (const auto& [name, hash] : files) {
        QVERIFY2(sha256Of(out / kWeights / name) == hash, name.c_str());
    }
    QCOMPARE(namesIn(out / kWeights).size(), files.size());
    const auto source = openModel(golden(from.toUtf8()));
    const auto bytes = exportedBytes(**source, turbomindFormat(), (*openModel(out))->schemes);
    BITLATHE_VERIFY_OK(bytes);
    if (ranks == 1) { // Ranks pad the vocabulary and repeat a bias.
        QCOMPARE(*bytes, report->bytes);
    }
    QVERIFY(fs::exists(out / "triton_models/tokenizer/tokenizer.model"));
    QVERIFY(fs::exists(out / "triton_models/tokenizer/config.json"));
    QVERIFY(!fs::exists(out.string() + ".partial"));
}

void TestTurbomind::filesOfInternLm2()
{
    BITLATHE_NEED_SHARED();
    for (const int ranks : {1, 2}) {
        const TempFolder temp;
        writeInternLm2(temp / "model");
        const fs::path out = temp / "workspace";
        BITLATHE_VERIFY_OK(convertTo(temp / "model", out, {.tensorParallel = ranks, .modelName = "internlm2-7b"}));
        const auto files = goldenFiles(fmt::format("h128-internlm2-fp16-tp{}", ranks));
        QVERIFY(files.size() > 8);
        for (const auto& [name, hash] : files) {
            QVERIFY2(sha256Of(out / kWeights / name) == hash, name.c_str());
        }
    }
}

/// lmdeploy lays the demo model's heads of 64 as if they were of 128; what has no heads is right. Its files are of one
/// run in half precision and one in bfloat16.
void TestTurbomind::filesOfOtherHeads()
{
    BITLATHE_NEED_SHARED();
    const TempFolder temp;
    const fs::path out = temp / "workspace";
    BITLATHE_VERIFY_OK(convertTo(sharedFolder() / "models/demo-llama", out, {}));
    int compared = 0;
    for (const auto& [name, hash] : goldenFiles("demo-bf16-tp1")) {
        if (name.find("w_qkv") == std::string::npos && name != "config.ini") {
            QVERIFY2(sha256Of(out / kWeights / name) == hash, name.c_str());
            ++compared;
        }
    }
    QCOMPARE(compared, 8 * 6 + 2);
    const auto config = workspaceConfig(out / kWeights);
    BITLATHE_VERIFY_OK(config);
    QCOMPARE(config->heads, 4);
    QCOMPARE(config->headDim, 64);
    QCOMPARE(config->weightType, std::string("bf16"));
    QVERIFY(fs::exists(out / kWeights / "output.weight"));
}

/// lmdeploy's own grids of the demo model, which go along byte for byte.
void TestTurbomind::keysAndValuesInInt8()
{
    BITLATHE_NEED_SHARED();
    const TempFolder temp;
    const fs::path params = golden("kv_qparams/asym-tp2");
    const fs::path out = temp / "workspace";
    const WorkspaceOptions options{.tensorParallel = 2, .modelName = "llama2"};
    BITLATHE_VERIFY_OK(convertTo(sharedFolder() / "models/demo-llama", out, options, params));
    int compared = 0;
    for (const std::string& name : namesIn(params)) {
        if (name.ends_with(".weight")) {
            QCOMPARE(*readFile(out / kWeights / name), *readFile(params / name));
            ++compared;
        }
    }
    QCOMPARE(compared, 16);
    QCOMPARE(workspaceConfig(out / kWeights)->quantPolicy, 4);
    QVERIFY(workspaceConfig(out / kWeights)->contextFmha);
    const WorkspaceOptions first{.tensorParallel = 2, .modelName = "llama2", .contextFmha = false};
    BITLATHE_VERIFY_OK(convertTo(sharedFolder() / "models/demo-llama", temp / "first", first, params));
    QVERIFY(readFile(temp / "first" / kWeights / "config.ini")->find("use_context_fmha = 0\n") != std::string::npos);
    const WorkspaceOptions other{.tensorParallel = 1, .modelName = "llama2"};
    const auto refused = convertTo(sharedFolder() / "models/demo-llama", temp / "other", other, params);
    QVERIFY(!refused);
    QVERIFY(refused.error().sentence().find("for 1 ranks") != std::string::npos);
}

void TestTurbomind::readsLmdeploysFiles_data()
{
    QTest::addColumn<QString>("folder");
    QTest::newRow("one rank") << "workspace-weights/h128-w4-tp1";
    QTest::newRow("two ranks") << "workspace-weights/h128-w4-tp2";
}

void TestTurbomind::readsLmdeploysFiles()
{
    BITLATHE_NEED_SHARED();
    QFETCH(QString, folder);
    const auto workspace = openModel(golden(folder.toUtf8()));
    BITLATHE_VERIFY_OK(workspace);
    QCOMPARE(std::string((*workspace)->format->name()), std::string("turbomind"));
    const auto source = openModel(golden("h128/awq"));
    BITLATHE_VERIFY_OK(source);
    QCOMPARE(std::string((*source)->format->name()), std::string("awq"));
    for (const model::LinearSpec& linear : (*source)->spec.linears) {
        const auto* same = (*workspace)->spec.findLinear(linear.name);
        QVERIFY2(same != nullptr, linear.name.c_str());
        const auto expected =
            (*source)->format->decode(*(*source)->checkpoint, linear, *(*source)->schemes[linear.id.index()]);
        const auto found =
            (*workspace)->format->decode(*(*workspace)->checkpoint, *same, *(*workspace)->schemes[same->id.index()]);
        BITLATHE_VERIFY_OK(expected);
        BITLATHE_VERIFY_OK(found);
        QCOMPARE(found->codes, expected->codes);
        QCOMPARE(found->zeros, expected->zeros);
        for (std::size_t i = 0; i < found->scales.size(); ++i) { // F32 there, rounded once here.
            QVERIFY(std::abs(found->scales[i] - expected->scales[i]) <= expected->scales[i] / 2048);
        }
        if (linear.hasBias) {
            const auto bias = (*source)->checkpoint->tensor(linear.biasName());
            const auto back = (*workspace)->checkpoint->tensor(linear.biasName());
            BITLATHE_VERIFY_OK(back);
            QVERIFY(std::ranges::equal(bias->bytes, back->bytes));
        }
    }
    for (const char* name : {"model.embed_tokens.weight", "lm_head.weight", "model.norm.weight"}) {
        QVERIFY(std::ranges::equal((*source)->checkpoint->tensor(name)->bytes,
                                   (*workspace)->checkpoint->tensor(name)->bytes));
    }
}

void TestTurbomind::thereAndBack_data()
{
    QTest::addColumn<QString>("from");
    QTest::addColumn<int>("ranks");
    QTest::newRow("16 bits, one rank") << "golden/lmdeploy/h128/hf" << 1;
    QTest::newRow("16 bits, two ranks") << "golden/lmdeploy/h128/hf" << 2;
    QTest::newRow("heads of 64, tied") << "models/demo-llama" << 2;
}

void TestTurbomind::thereAndBack()
{
    BITLATHE_NEED_SHARED();
    QFETCH(QString, from);
    QFETCH(int, ranks);
    const TempFolder temp;
    const fs::path source = sharedFolder() / from.toStdString();
    BITLATHE_VERIFY_OK(convertTo(source, temp / "workspace", {.tensorParallel = ranks}));
    const auto before = openModel(source);
    const auto after = openModel(temp / "workspace");
    BITLATHE_VERIFY_OK(before);
    BITLATHE_VERIFY_OK(after);
    QVERIFY((*after)->tokenizer != nullptr || (*before)->tokenizer == nullptr);
    QCOMPARE((*after)->spec.linears.size(), (*before)->spec.linears.size());
    for (const model::LinearSpec& linear : (*before)->spec.linears) {
        const auto expected = (*before)->checkpoint->tensor(linear.weightName());
        const auto found = (*after)->checkpoint->tensor(linear.weightName());
        BITLATHE_VERIFY_OK(found);
        QVERIFY2(std::ranges::equal(expected->bytes, found->bytes), linear.name.c_str());
    }
    const auto report = verify(temp / "workspace");
    BITLATHE_VERIFY_OK(report);
}

void TestTurbomind::tellsWhyNot_data()
{
    QTest::addColumn<QString>("from");
    QTest::addColumn<int>("ranks");
    QTest::addColumn<QString>("says");
    QTest::newRow("ranks not a power of two") << "golden/lmdeploy/h128/hf" << 3 << "a power of two";
    QTest::newRow("more ranks than key heads") << "golden/lmdeploy/h128/hf" << 4 << "2 key heads";
    QTest::newRow("heads of 64 in 4 bits") << "golden/lmdeploy/auto_awq-w4a16-g128" << 1 << "heads of 128";
}

void TestTurbomind::tellsWhyNot()
{
    BITLATHE_NEED_SHARED();
    QFETCH(QString, from);
    QFETCH(int, ranks);
    QFETCH(QString, says);
    const TempFolder temp;
    const auto done = convertTo(sharedFolder() / from.toStdString(), temp / "out", {.tensorParallel = ranks});
    QVERIFY(!done);
    QVERIFY2(done.error().sentence().find(says.toStdString()) != std::string::npos, done.error().sentence().c_str());
    QVERIFY(!fs::exists(temp / "out"));
    QVERIFY(!fs::exists(temp / "out.partial"));
}

void TestTurbomind::workspacesThatLie_data()
{
    QTest::addColumn<QString>("file");
    QTest::addColumn<QString>("from");
    QTest::addColumn<QString>("to");
    QTest::addColumn<QString>("says");
    const auto change = [](const char* name, const char* from, const char* to, const char* says) {
        QTest::newRow(name) << "config.ini" << from << to << says;
    };
    change("no section", "[llama]", "[other]", "the section [llama]");
    change("no line", "head_num = 4", "head_num", "something else in line 4");
    change("no key", "vocab_size = 101\n", "", "vocab_size");
    change("no number", "num_layer = 1", "num_layer = one", "one");
    change("too large", "inter_size = 768", "inter_size = 99999999", "from 1 to 1048576");
    change("other sides", "inter_size = 768", "inter_size = 512", "bytes");
    change("more layers", "num_layer = 1", "num_layer = 2", "layers.1.");
    change("fewer ranks", "tensor_para_size = 2", "tensor_para_size = 1", "a file of one more");
    change("more ranks", "tensor_para_size = 2", "tensor_para_size = 4", "tensor_para_size");
    change("odd key heads", "kv_head_num = 2", "kv_head_num = 3", "key heads");
    change("other type", "weight_type = int4", "weight_type = fp32", "fp16, bf16 or int4");
    change("other groups", "group_size = 128", "group_size = 100", "groups");
    change("not finite", "norm_eps = 1e-06", "norm_eps = nan", "a number");
    QTest::newRow("a file less") << "layers.0.attention.wo.1.qweight"
                                 << ""
                                 << ""
                                 << "layers.0.attention.wo.1.qweight";
    QTest::newRow("a file cut") << "layers.0.feed_forward.w2.0.qweight"
                                << "cut"
                                << ""
                                << "98304 bytes";
}

void TestTurbomind::workspacesThatLie()
{
    BITLATHE_NEED_SHARED();
    QFETCH(QString, file);
    QFETCH(QString, from);
    QFETCH(QString, to);
    QFETCH(QString, says);
    const TempFolder temp;
    const fs::path folder = temp / "weights";
    fs::copy(golden("workspace-weights/h128-w4-tp2"), folder);
    const fs::path changed = folder / file.toStdString();
    fs::permissions(changed, fs::perms::owner_write, fs::perm_options::add);
    if (file != "config.ini") {
        from.isEmpty() ? fs::remove(changed) : (fs::resize_file(changed, 1000), true);
    } else {
        QString text = QString::fromStdString(readFile(changed).value_or(""));
        QVERIFY(text.contains(from));
        text.replace(from, to);
        BITLATHE_VERIFY_OK(writeFileAtomically(changed, text.toStdString()));
    }
    const auto opened = openModel(folder);
    QVERIFY(!opened);
    QVERIFY2(opened.error().sentence().find(says.toStdString()) != std::string::npos,
             opened.error().sentence().c_str());
}

void TestTurbomind::zeroPointsThatAreNone()
{
    BITLATHE_NEED_SHARED();
    const TempFolder temp;
    const fs::path folder = temp / "weights";
    fs::copy(golden("workspace-weights/h128-w4-tp1"), folder);
    const fs::path changed = folder / "layers.0.feed_forward.w2.0.scales_zeros";
    fs::permissions(changed, fs::perms::owner_write, fs::perm_options::add);
    std::string content = readFile(changed).value_or("");
    content[4] = '\x08'; // Half a code.
    BITLATHE_VERIFY_OK(writeFileAtomically(changed, content));
    const auto report = verify(folder);
    QVERIFY(!report);
    QVERIFY2(report.error().sentence().find("mlp.down_proj.scales") != std::string::npos,
             report.error().sentence().c_str());
}

QTEST_GUILESS_MAIN(TestTurbomind)
#include "tst_turbomind.moc"
