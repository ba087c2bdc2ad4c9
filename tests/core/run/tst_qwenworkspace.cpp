// SPDX-License-Identifier: Apache-2.0
// lmdeploy's workflow for the first Qwen: its workspaces against those of the LLaMA that computes the same, whose files
// are lmdeploy's own, and folders that lack something.
#include "core/base/file.h"
#include "core/checkpoint/checkpointwriter.h"
#include "core/format/convert.h"
#include "core/format/floatbytes.h"
#include "core/format/openmodel.h"
#include "core/model/goldenmodel.h"
#include "core/run/runfixtures.h"
#include "core/run/runner.h"
#include "support/tempfolder.h"

#include <QTest>

#include <algorithm>
#include <random>

namespace bitlathe::run
{

namespace
{

namespace fs = std::filesystem;
using checkpoint::DType;
using checkpoint::Shape;

constexpr std::int64_t kVocabulary = 512;
constexpr std::int64_t kHidden = 512; // Four heads of 128.
constexpr std::int64_t kInner = 768;
constexpr std::int64_t kBlocks = 2;
constexpr std::int64_t kTrained = 16;

struct Stored
{
    std::string name;
    Shape shape;
    std::vector<float> values;
};

/// Values of a name, the same in every folder.
Stored random(const std::string& name, Shape shape, float middle, float deviation)
{
    std::mt19937 generator(static_cast<unsigned>(std::hash<std::string>()(name)));
    std::normal_distribution<float> normal(middle, deviation);
    std::int64_t count = 1;
    for (const std::int64_t size : shape) {
        count *= size;
    }
    std::vector<float> values(static_cast<std::size_t>(count));
    std::ranges::generate(values, [&] { return normal(generator); });
    return {name, std::move(shape), std::move(values)};
}

std::vector<Stored> qwenTensors()
{
    std::vector<Stored> tensors{random("transformer.wte.weight", {kVocabulary, kHidden}, 0.0F, 1.0F),
                                random("transformer.ln_f.weight", {kHidden}, 1.0F, 0.1F),
                                random("lm_head.weight", {kVocabulary, kHidden}, 0.0F, 0.05F)};
    for (std::int64_t block = 0; block < kBlocks; ++block) {
        const std::string prefix = fmt::format("transformer.h.{}.", block);
        tensors.push_back(random(prefix + "ln_1.weight", {kHidden}, 1.0F, 0.1F));
        tensors.push_back(random(prefix + "ln_2.weight", {kHidden}, 1.0F, 0.1F));
        tensors.push_back(random(prefix + "attn.c_attn.weight", {3 * kHidden, kHidden}, 0.0F, 0.05F));
        tensors.push_back(random(prefix + "attn.c_attn.bias", {3 * kHidden}, 0.0F, 0.3F));
        tensors.push_back(random(prefix + "attn.c_proj.weight", {kHidden, kHidden}, 0.0F, 0.05F));
        tensors.push_back(random(prefix + "mlp.w1.weight", {kInner, kHidden}, 0.0F, 0.05F));
        tensors.push_back(random(prefix + "mlp.w2.weight", {kInner, kHidden}, 0.0F, 0.05F));
        tensors.push_back(random(prefix + "mlp.c_proj.weight", {kHidden, kInner}, 0.0F, 0.05F));
    }
    return tensors;
}

/// The third of a fused tensor's rows.
Stored third(const Stored& fused, std::string name, std::size_t which)
{
    Shape shape = fused.shape;
    shape.front() /= 3;
    const auto count = static_cast<std::ptrdiff_t>(fused.values.size() / 3);
    const auto begin = fused.values.begin() + static_cast<std::ptrdiff_t>(which) * count;
    return {std::move(name), std::move(shape), {begin, begin + count}};
}

/// The same weights under LLaMA's names; its output has a bias where queries, keys and values have one.
std::vector<Stored> llamaTensors()
{
    const std::map<std::string, std::string> names{
        {"ln_1.weight", "input_layernorm.weight"},         {"ln_2.weight", "post_attention_layernorm.weight"},
        {"attn.c_proj.weight", "self_attn.o_proj.weight"}, {"mlp.w1.weight", "mlp.up_proj.weight"},
        {"mlp.w2.weight", "mlp.gate_proj.weight"},         {"mlp.c_proj.weight", "mlp.down_proj.weight"}};
    std::vector<Stored> tensors;
    for (Stored& tensor : qwenTensors()) {
        if (!tensor.name.starts_with("transformer.h.")) {
            const bool isTable = tensor.name == "transformer.wte.weight";
            const bool isNorm = tensor.name == "transformer.ln_f.weight";
            tensor.name = isTable ? "model.embed_tokens.weight" : isNorm ? "model.norm.weight" : tensor.name;
            tensors.push_back(std::move(tensor));
            continue;
        }
        const std::string rest = tensor.name.substr(std::string("transformer.h.0.").size());
        const std::string prefix =
            fmt::format("model.layers.{}.", tensor.name.at(std::string("transformer.h.").size()));
        if (!rest.starts_with("attn.c_attn.")) {
            tensors.push_back({prefix + names.at(rest), tensor.shape, tensor.values});
            continue;
        }
        const std::string kind = rest.substr(rest.rfind('.'));
        for (std::size_t i = 0; i < 3; ++i) {
            constexpr const char* kNames[] = {"q_proj", "k_proj", "v_proj"};
            tensors.push_back(third(tensor, prefix + "self_attn." + kNames[i] + kind, i));
        }
        if (kind == ".bias") {
            tensors.push_back({prefix + "self_attn.o_proj.bias", {kHidden}, std::vector<float>(kHidden)});
        }
    }
    return tensors;
}

Json qwenConfig()
{
    return Json{{"architectures", Json::array({"QWenLMHeadModel"})},
                {"model_type", "qwen"},
                {"vocab_size", kVocabulary},
                {"hidden_size", kHidden},
                {"intermediate_size", 2 * kInner},
                {"num_hidden_layers", kBlocks},
                {"num_attention_heads", 4},
                {"kv_channels", 128},
                {"layer_norm_epsilon", 1e-06},
                {"max_position_embeddings", 8192},
                {"seq_length", kTrained},
                {"rotary_emb_base", 10000},
                {"no_bias", true},
                {"tie_word_embeddings", false},
                {"use_dynamic_ntk", false},
                {"use_logn_attn", true},
                {"bf16", true}};
}

Json llamaConfig()
{
    return Json{{"architectures", Json::array({"LlamaForCausalLM"})},
                {"model_type", "llama"},
                {"vocab_size", kVocabulary},
                {"hidden_size", kHidden},
                {"intermediate_size", kInner},
                {"num_hidden_layers", kBlocks},
                {"num_attention_heads", 4},
                {"attention_bias", true},
                {"max_position_embeddings", kTrained},
                {"rms_norm_eps", 1e-06}};
}

void writeModel(const fs::path& folder, const std::vector<Stored>& tensors, const Json& config)
{
    std::vector<checkpoint::TensorPlan> plan;
    for (const Stored& tensor : tensors) {
        plan.push_back({tensor.name, DType::F16, tensor.shape});
    }
    auto writer = checkpoint::CheckpointWriter::create(folder, plan, {});
    BITLATHE_VERIFY_OK(writer);
    for (const Stored& tensor : tensors) {
        std::vector<std::byte> bytes(2 * tensor.values.size());
        format::storeFloats(DType::F16, tensor.values, bytes);
        BITLATHE_VERIFY_OK((*writer)->write(tensor.name, bytes));
    }
    BITLATHE_VERIFY_OK((*writer)->writeFile("config.json", config.dump()));
    BITLATHE_VERIFY_OK((*writer)->seal());
    BITLATHE_VERIFY_OK((*writer)->finish());
}

/// The bytes alone, and what Qwen's chat models say.
void writeTokenizer(const fs::path& folder)
{
    std::string ranks;
    for (int byte = 0; byte < 256; ++byte) {
        ranks += QByteArray(1, static_cast<char>(byte)).toBase64().toStdString() + ' ' + std::to_string(byte) + '\n';
    }
    const std::pair<const char*, std::string> files[] = {
        {"qwen.tiktoken", ranks},
        {"tokenization_qwen.py", "# Not run.\n"},
        {"tokenizer_config.json", R"({"tokenizer_class": "QWenTokenizer"})"},
        {"generation_config.json", R"({"chat_format": "chatml", "eos_token_id": 256})"}};
    for (const auto& [name, content] : files) {
        BITLATHE_VERIFY_OK(writeFileAtomically(folder / name, content));
    }
}

/// Every weight file of a workspace, by its name.
std::map<std::string, std::string> weightsOf(const fs::path& workspace)
{
    std::map<std::string, std::string> files = tests::filesOf(workspace / "triton_models/weights");
    files.erase("config.ini");
    return files;
}

Result<format::ConvertReport> convertTo(const fs::path& from, const fs::path& out, int ranks)
{
    BITLATHE_TRY(const auto opened, format::openModel(from));
    BITLATHE_TRY(const format::Format* to, format::findFormat("turbomind"));
    return format::convert(opened, *to, {.out = out, .workspace = {.tensorParallel = ranks}});
}

/// Of twice as many tokens as it was trained for; a failed test where it does not run.
std::vector<float> logitsOf(const fs::path& folder)
{
    const auto opened = tests::valueOf(format::openModel(folder));
    const auto model = tests::valueOf(format::runnable(*opened, {model::Compute::F32, model::Residency::Resident}));
    std::vector<model::TokenId> ids(2 * kTrained);
    std::ranges::generate(ids, [next = 0]() mutable { return next += 7; });
    const auto normed = tests::valueOf(model->forward(ids));
    std::vector<float> logits(static_cast<std::size_t>(normed.rows * kVocabulary));
    model->logits(normed, 0, normed.rows, logits);
    return logits;
}

} // namespace

class TestQwenWorkspace : public QObject
{
    Q_OBJECT

    tests::TempFolder m_folder;

    plan::Recipe recipe(const char* model, const std::string& out) const
    {
        return tests::workspaceRecipe(m_folder / model, m_folder / out);
    }

private slots:
    void initTestCase()
    {
        tests::useOwnFolders(m_folder.path());
        writeModel(m_folder / "qwen", qwenTensors(), qwenConfig());
        writeModel(m_folder / "llama", llamaTensors(), llamaConfig());
        writeTokenizer(m_folder / "qwen");
        for (const int ranks : {1, 2, 4}) {
            BITLATHE_VERIFY_OK(convertTo(m_folder / "qwen", m_folder / fmt::format("qwen-tp{}", ranks), ranks));
        }
    }

    void filesAreThoseOfTheSameLlama()
    {
        for (const int ranks : {1, 2, 4}) {
            const std::string llama = fmt::format("llama-tp{}", ranks);
            BITLATHE_VERIFY_OK(convertTo(m_folder / "llama", m_folder / llama, ranks));
            const auto files = weightsOf(m_folder / fmt::format("qwen-tp{}", ranks));
            QCOMPARE(files.size(), static_cast<std::size_t>(3 + kBlocks * (2 + 7 * ranks)));
            QVERIFY(files == weightsOf(m_folder / llama));
        }
        for (const char* name : {"qwen.tiktoken", "tokenization_qwen.py", "tokenizer_config.json",
                                 "generation_config.json", "config.json"}) {
            QVERIFY2(fs::exists(m_folder / "qwen-tp1/triton_models/tokenizer" / name), name);
        }
    }

    /// As lmdeploy 0.2.0 writes it for qwen-7b: its start_id is always 0, its end_id that of the end of a document.
    void configAsLmdeployWritesIt()
    {
        const std::string expected =
            "[llama]\nmodel_name = qwen-7b\ntensor_para_size = 2\nhead_num = 4\nkv_head_num = 4\n"
            "vocab_size = 512\nnum_layer = 2\ninter_size = 768\nnorm_eps = 1e-06\nattn_bias = 1\n"
            "start_id = 0\nend_id = 256\nsession_len = 8200\nweight_type = fp16\n"
            "rotary_embedding = 128\nrope_theta = 10000.0\nsize_per_head = 128\ngroup_size = 0\n"
            "max_batch_size = 64\nmax_context_token_num = 1\nstep_length = 1\n"
            "cache_max_entry_count = 0.5\ncache_block_seq_len = 128\ncache_chunk_size = -1\n"
            "num_tokens_per_iter = 0\nmax_prefill_iters = 1\nextra_tokens_per_iter = 0\n"
            "use_context_fmha = 1\nquant_policy = 0\nmax_position_embeddings = 16\n"
            "rope_scaling_factor = 0.0\nuse_logn_attn = 1\n\n";
        QCOMPARE(readFile(m_folder / "qwen-tp2/triton_models/weights/config.ini").value_or(""), expected);
    }

    /// Also beyond the length from which on queries are scaled.
    void readsBackToTheSameLogits()
    {
        const auto expected = logitsOf(m_folder / "qwen");
        QVERIFY(!expected.empty());
        for (const char* name : {"qwen-tp1", "qwen-tp2", "qwen-tp4"}) {
            QCOMPARE(logitsOf(m_folder / name), expected);
        }
        QVERIFY(logitsOf(m_folder / "llama") != expected); // It does not scale them.
    }

    void chatsAsItsSource()
    {
        for (const char* name : {"qwen", "qwen-tp2"}) {
            const auto opened = format::openModel(m_folder / name);
            BITLATHE_VERIFY_OK(opened);
            QVERIFY((*opened)->tokenizer != nullptr);
            QCOMPARE((*opened)->spec.eosIds, (std::vector<std::int64_t>{256, 257, 258}));
        }
    }

    void fourBitsAreThoseOfTheSameLlama()
    {
        BITLATHE_VERIFY_OK(tests::runRecipe(recipe("qwen", "qwen-w4")));
        BITLATHE_VERIFY_OK(tests::runRecipe(recipe("llama", "llama-w4")));
        const auto files = weightsOf(m_folder / "qwen-w4");
        QCOMPARE(files.size(), static_cast<std::size_t>(3 + kBlocks * (2 + 2 * (2 + 2 * 4))));
        QVERIFY(files == weightsOf(m_folder / "llama-w4"));
        plan::Recipe detour = recipe("qwen", "qwen-awq");
        detour.exportTo.format = "awq";
        detour.exportTo.workspace = {};
        BITLATHE_VERIFY_OK(tests::runRecipe(detour));
        const auto config = readJson(m_folder / "qwen-awq/config.json");
        BITLATHE_VERIFY_OK(config);
        QCOMPARE((*config)["bf16"], Json(false)); // Its scales are F16.
        BITLATHE_VERIFY_OK(convertTo(m_folder / "qwen-awq", m_folder / "qwen-converted", 2));
        QVERIFY(files == weightsOf(m_folder / "qwen-converted"));
        QCOMPARE(logitsOf(m_folder / "qwen-w4"), logitsOf(m_folder / "qwen-awq"));
    }

    /// lmdeploy's whole way: AWQ, whose scales pass the values of a fused tensor, keys and values in int8.
    void wholeWorkflowInOneRun()
    {
        const fs::path ids = m_folder / "ids.json";
        std::vector<int> all(64);
        std::ranges::generate(all, [next = 0]() mutable { return next += 5; });
        BITLATHE_VERIFY_OK(writeFileAtomically(ids, Json(all).dump()));
        for (const char* name : {"qwen", "llama"}) {
            plan::Recipe whole = recipe(name, std::string(name) + "-workflow");
            whole.method = "awq";
            whole.options.awq.rule = quant::AwqRule::Lmdeploy;
            whole.exportTo.kvParams = "auto";
            whole.calibration.data = "ids:" + ids.string();
            whole.calibration.samples = {4, 16, 0};
            whole.compute = model::Compute::F32;
            BITLATHE_VERIFY_OK(tests::runRecipe(whole));
        }
        const auto files = weightsOf(m_folder / "qwen-workflow");
        QCOMPARE(files.at("layers.1.past_kv_scale.1.weight").size(), 16U);
        QVERIFY(files.at("layers.0.attention.w_qkv.0.bias") !=
                weightsOf(m_folder / "qwen-tp2").at("layers.0.attention.w_qkv.0.bias")); // Its values are divided.
        for (const auto& [name, content] : weightsOf(m_folder / "llama-workflow")) {
            QVERIFY2(files.at(name) == content, name.c_str());
        }
        const auto config = readFile(m_folder / "qwen-workflow/triton_models/weights/config.ini");
        QVERIFY(config->find("quant_policy = 4\n") != std::string::npos);
        BITLATHE_VERIFY_OK(format::verify(m_folder / "qwen-workflow"));
    }

    void tellsWhatIsLeftOut()
    {
        Json config = qwenConfig();
        config["use_dynamic_ntk"] = true;
        fs::copy(m_folder / "qwen", m_folder / "stretches");
        BITLATHE_VERIFY_OK(writeFileAtomically(m_folder / "stretches/config.json", config.dump()));
        const auto report = convertTo(m_folder / "stretches", m_folder / "stretched", 1);
        BITLATHE_VERIFY_OK(report);
        const auto isIt = [](const Finding& finding) { return finding.code == "rope-not-stretched"; };
        QCOMPARE(std::ranges::count_if(report->findings, isIt), 1);
        const auto plan = plan::makePlan(recipe("stretches", "planned"));
        BITLATHE_VERIFY_OK(plan);
        QCOMPARE(std::ranges::count_if(plan->findings, isIt), 1);
    }

    void otherHeadsAreRefusedInFourBits()
    {
        plan::Recipe small = recipe("qwen", "refused");
        small.model = fs::path(BITLATHE_SOURCE_DIR) / "tests/data/models/qwen";
        small.scheme.groupSize = 32;
        const auto refused = tests::runRecipe(small);
        QVERIFY(!refused);
        QVERIFY2(refused.error().sentence().find("heads of 128") != std::string::npos,
                 refused.error().sentence().c_str());
    }

    void foldersThatLackSomething_data()
    {
        QTest::addColumn<QString>("tensor");
        QTest::addColumn<QString>("says");
        QTest::newRow("no bias") << "-transformer.h.0.attn.c_attn.bias"
                                 << "transformer.h.0.attn.c_attn.bias";
        QTest::newRow("a third less") << "transformer.h.1.attn.c_attn.weight"
                                      << "transformer.h.1.attn.c_attn.weight";
        QTest::newRow("a narrow mlp") << "transformer.h.0.mlp.w1.weight"
                                      << "transformer.h.0.mlp.w1.weight";
    }

    void foldersThatLackSomething()
    {
        QFETCH(const QString, tensor);
        QFETCH(const QString, says);
        std::vector<Stored> tensors = qwenTensors();
        const std::string name = tensor.toStdString();
        std::erase_if(tensors, [&](const Stored& each) { return '-' + each.name == name; });
        for (Stored& each : tensors) {
            if (each.name == name) {
                each.shape.front() = each.shape.front() * 2 / 3;
                each.values.resize(each.values.size() * 2 / 3);
            }
        }
        const tests::TempFolder temp;
        writeModel(temp / "model", tensors, qwenConfig());
        const auto opened = format::openModel(temp / "model");
        QVERIFY(!opened);
        QVERIFY2(opened.error().sentence().find(says.toStdString()) != std::string::npos,
                 opened.error().sentence().c_str());
    }

    void noVocabulary()
    {
        fs::copy(m_folder / "qwen", m_folder / "mute");
        fs::remove(m_folder / "mute/qwen.tiktoken");
        const auto opened = format::openModel(m_folder / "mute");
        BITLATHE_VERIFY_OK(opened);
        QVERIFY((*opened)->tokenizerError && (*opened)->tokenizerError->code == ErrorCode::FileMissing);
        QVERIFY((*opened)->tokenizerError->sentence().find("qwen.tiktoken") != std::string::npos);
    }
};

} // namespace bitlathe::run

QTEST_GUILESS_MAIN(bitlathe::run::TestQwenWorkspace)
#include "tst_qwenworkspace.moc"
