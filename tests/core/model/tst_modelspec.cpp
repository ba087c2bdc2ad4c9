// SPDX-License-Identifier: Apache-2.0
// config.json to ModelSpec: both spellings, every family, rope scalings, and what is wrong with bad files.
#include <QTest>

#include "core/model/modelspec.h"
#include "core/model/rope.h"

#include <cmath>
#include <map>

using namespace bitlathe;
using namespace bitlathe::model;

namespace
{

Json llamaConfig()
{
    return Json{{"architectures", {"LlamaForCausalLM"}},
                {"model_type", "llama"},
                {"vocab_size", 100},
                {"hidden_size", 32},
                {"intermediate_size", 48},
                {"num_hidden_layers", 2},
                {"num_attention_heads", 4},
                {"num_key_value_heads", 2},
                {"max_position_embeddings", 64},
                {"rms_norm_eps", 1e-5},
                {"eos_token_id", 2},
                {"bos_token_id", 1}};
}

Json qwenConfig()
{
    return Json{{"model_type", "qwen"},     {"vocab_size", 100},
                {"hidden_size", 32},        {"intermediate_size", 96},
                {"num_hidden_layers", 2},   {"num_attention_heads", 4},
                {"kv_channels", 8},         {"max_position_embeddings", 256},
                {"seq_length", 64},         {"layer_norm_epsilon", 1e-5},
                {"rotary_emb_base", 500000}};
}

ModelSpec read(const Json& config, const Json& generation = Json::object())
{
    auto spec = readModelSpec(config, generation, "config.json");
    if (!spec) {
        qFatal("%s", spec.error().sentence().c_str());
    }
    return *std::move(spec);
}

} // namespace

class TestModelSpec : public QObject
{
    Q_OBJECT

private slots:
    void readsLlama()
    {
        const auto spec = read(llamaConfig());
        QVERIFY(spec.canRun);
        QCOMPARE(spec.architecture, std::string("LlamaForCausalLM"));
        QCOMPARE(spec.headDim, std::int64_t{8});
        QCOMPARE(spec.kvHeads, std::int64_t{2});
        QCOMPARE(spec.blockCount(), std::int64_t{2});
        QCOMPARE(spec.linears.size(), std::size_t{14});
        QCOMPARE(spec.headName, std::string("lm_head.weight"));
        QCOMPARE(spec.eosIds, std::vector<std::int64_t>{2});
        QCOMPARE(spec.bosId.value_or(-1), std::int64_t{1});
        const LinearSpec* key = spec.findLinear("model.layers.1.self_attn.k_proj");
        QVERIFY(key != nullptr);
        QCOMPARE(key->outFeatures, std::int64_t{16});
        QCOMPARE(key->inFeatures, std::int64_t{32});
        QCOMPARE(key->block, std::int64_t{1});
        QCOMPARE(spec.linear(key->id).name, key->name);
        QVERIFY(!key->hasBias);
        QVERIFY(spec.findLinear("model.layers.2.self_attn.k_proj") == nullptr);
        QCOMPARE(spec.kvBytesPerToken(2), std::int64_t{2 * 2 * 8 * 2 * 2});
    }

    void scaleGroupsSkipGroupedValues()
    {
        auto config = llamaConfig();
        QCOMPARE(read(config).scaleGroups.size(), std::size_t{6});
        config["num_key_value_heads"] = 4;
        const auto spec = read(config);
        QCOMPARE(spec.scaleGroups.size(), std::size_t{8});
        QCOMPARE(spec.scaleGroups[0].precedingName, std::string("model.layers.0.input_layernorm"));
        QCOMPARE(spec.scaleGroups[0].linears.size(), std::size_t{3});
        QCOMPARE(spec.scaleGroups[1].precedingName, std::string("model.layers.0.self_attn.v_proj"));
        QVERIFY(!spec.scaleGroups[1].precedingIsNorm);
        QCOMPARE(spec.linear(spec.scaleGroups[3].linears.at(0)).role, LinearRole::Down);
    }

    /// Values of InternLM2 lie behind query and key of each head: of head 1 with 8 dimensions at rows 40 ... 47.
    void interleavedValuesAreScaled()
    {
        auto config = llamaConfig();
        config["model_type"] = "internlm2";
        config["architectures"] = {"InternLM2ForCausalLM"};
        QCOMPARE(read(config).scaleGroups.size(), std::size_t{6}); // Grouped keys: none.
        config["num_key_value_heads"] = 4;
        const auto spec = read(config);
        QCOMPARE(spec.scaleGroups.size(), std::size_t{8});
        const auto group =
            std::ranges::find(spec.scaleGroups, "model.layers.0.attention.wqkv", &ScaleGroup::precedingName);
        QVERIFY(group != spec.scaleGroups.end() && !group->precedingIsNorm);
        QCOMPARE(spec.linear(group->linears.front()).role, LinearRole::Output);
        QCOMPARE(group->rowOf(0), std::int64_t{16});
        QCOMPARE(group->rowOf(7), std::int64_t{23});
        QCOMPARE(group->rowOf(8), std::int64_t{40});
        QCOMPARE(group->rowOf(31), std::int64_t{95});
    }

    /// Settings that a file leaves away are those of its own class: no biases but of c_attn, both stretches beyond
    /// seq_length.
    void readsQwen()
    {
        auto config = qwenConfig();
        auto spec = read(config);
        QVERIFY(spec.canRun);
        QCOMPARE(spec.intermediate, std::int64_t{48});
        QCOMPARE(spec.normEpsilon, 1e-5);
        QCOMPARE(spec.maxPositions, std::int64_t{64});
        QCOMPARE(spec.rope.theta, 500000.0);
        QCOMPARE(spec.rope.scaling, RopeScaling::Doubling);
        QCOMPARE(spec.rope.originalPositions, std::int64_t{64});
        QCOMPARE(spec.longQueriesFrom, std::int64_t{64});
        std::vector<std::string> biased;
        for (const LinearSpec& linear : spec.linears) {
            biased.push_back(linear.hasBias ? linear.name : std::string());
        }
        const std::string fused = "transformer.h.1.attn.c_attn";
        QCOMPARE(std::vector(biased.begin() + 5, biased.end()), (std::vector<std::string>{fused, "", "", "", ""}));
        QCOMPARE(spec.scaleGroups.size(), std::size_t{8});
        QCOMPARE(spec.scaleGroups[5].precedingName, fused);
        QCOMPARE(spec.scaleGroups[5].rowOf(0), std::int64_t{64});
        config["no_bias"] = false;
        config["use_dynamic_ntk"] = false;
        config["use_logn_attn"] = false;
        config["rotary_pct"] = 0.5;
        config.erase("seq_length");
        spec = read(config);
        QVERIFY(std::ranges::all_of(spec.linears, &LinearSpec::hasBias));
        QCOMPARE(spec.rope.scaling, RopeScaling::None);
        QCOMPARE(spec.rope.dims, std::int64_t{4});
        QCOMPARE(spec.longQueriesFrom, std::int64_t{0});
        QCOMPARE(spec.maxPositions, std::int64_t{256});
    }

    /// Theta of Qwen's own formula: alpha = 2^ceil(log2(length / trained) + 1) - 1, of which the power d / (d - 2).
    void doublingsStretchRope()
    {
        const auto rope = read(qwenConfig()).rope;
        for (const auto& [length, alpha] : {std::pair{64, 1.0}, {65, 3.0}, {128, 3.0}, {129, 7.0}, {1000, 31.0}}) {
            const double theta = 500000.0 * std::pow(alpha, 8.0 / 6.0);
            const auto frequencies = ropeFrequencies(rope, 8, length);
            for (std::size_t pair = 0; pair < 4; ++pair) {
                const double expected = std::pow(theta, -static_cast<double>(pair) / 4.0);
                QVERIFY(std::abs(static_cast<double>(frequencies[pair]) - expected) < 1e-6 * expected);
            }
        }
    }

    void badQwenConfigsNameTheKey_data()
    {
        QTest::addColumn<QString>("key");
        QTest::addColumn<QString>("value");
        QTest::newRow("other heads") << "kv_channels"
                                     << "16";
        QTest::newRow("no width") << "intermediate_size"
                                  << "1";
        QTest::newRow("no length") << "seq_length"
                                   << "1";
        QTest::newRow("negative length") << "seq_length"
                                         << "-5";
        QTest::newRow("theta") << "rotary_emb_base"
                               << "1";
        QTest::newRow("text for a flag") << "use_dynamic_ntk"
                                         << "\"yes\"";
        QTest::newRow("number for a flag") << "no_bias"
                                           << "1";
    }

    void badQwenConfigsNameTheKey()
    {
        QFETCH(const QString, key);
        QFETCH(const QString, value);
        auto config = qwenConfig();
        config[key.toStdString()] = Json::parse(value.toStdString());
        const auto spec = readModelSpec(config, Json::object(), "config.json");
        QVERIFY(!spec);
        QVERIFY2(spec.error().sentence().find(key.toStdString()) != std::string::npos, spec.error().sentence().c_str());
    }

    void readsClassicAndTodaysRope()
    {
        auto classic = llamaConfig();
        classic["rope_theta"] = 500000.0;
        classic["rope_scaling"] = {{"type", "linear"}, {"factor", 4.0}};
        auto today = llamaConfig();
        today["rope_parameters"] = {{"rope_type", "linear"}, {"factor", 4.0}, {"rope_theta", 500000.0}};
        for (const auto& config : {classic, today}) {
            const auto rope = read(config).rope;
            QCOMPARE(rope.scaling, RopeScaling::Linear);
            QCOMPARE(rope.theta, 500000.0);
            QCOMPARE(rope.factor, 4.0);
        }
        auto none = llamaConfig();
        none["rope_scaling"] = nullptr;
        QCOMPARE(read(none).rope.scaling, RopeScaling::None);
    }

    void linearScalingDividesFrequencies()
    {
        RopeSpec rope;
        const auto plain = ropeFrequencies(rope, 8, 0);
        QCOMPARE(plain.size(), std::size_t{4});
        QCOMPARE(plain[0], 1.0F);
        QVERIFY(std::abs(plain[1] - 0.1F) < 1e-7F);
        rope.scaling = RopeScaling::Linear;
        rope.factor = 4.0;
        QCOMPARE(ropeFrequencies(rope, 8, 0)[0], 0.25F);
    }

    void yarnFactorFollowsTheConfig()
    {
        auto config = llamaConfig();
        config["rope_scaling"] = {{"rope_type", "yarn"}, {"factor", 4.0}, {"original_max_position_embeddings", 16}};
        QVERIFY(std::abs(read(config).rope.attentionFactor - (0.1 * std::log(4.0) + 1.0)) < 1e-12);
        config["rope_scaling"]["attention_factor"] = 1.5;
        QCOMPARE(read(config).rope.attentionFactor, 1.5);
        config["rope_scaling"].erase("attention_factor");
        config["rope_scaling"]["mscale"] = 1.0;
        config["rope_scaling"]["mscale_all_dim"] = 1.0;
        QCOMPARE(read(config).rope.attentionFactor, 1.0);
    }

    void familiesDiffer()
    {
        auto config = llamaConfig();
        config["model_type"] = "qwen2";
        auto spec = read(config);
        QVERIFY(spec.linears[0].hasBias && spec.linears[2].hasBias && !spec.linears[3].hasBias);
        config["model_type"] = "mistral";
        config["sliding_window"] = 16;
        spec = read(config);
        QCOMPARE(spec.slidingWindow.value_or(0), std::int64_t{16});
        QVERIFY(!spec.linears[0].hasBias);
        config["model_type"] = "minicpm";
        config["scale_emb"] = 12;
        config["scale_depth"] = 1.4;
        config["dim_model_base"] = 16;
        spec = read(config);
        QCOMPARE(spec.embeddingScale, 12.0);
        QCOMPARE(spec.residualScale, 1.4 / std::sqrt(2.0));
        QCOMPARE(spec.logitScale, 0.5);
        config = llamaConfig();
        config["attention_bias"] = true;
        spec = read(config);
        QVERIFY(spec.linears[0].hasBias && spec.linears[3].hasBias && !spec.linears[4].hasBias);
    }

    void whatIsNotKnownIsSaid_data()
    {
        QTest::addColumn<QString>("key");
        QTest::addColumn<QString>("value");
        QTest::addColumn<QString>("reason");
        QTest::newRow("family") << "model_type"
                                << "\"mamba\""
                                << "mamba";
        QTest::newRow("activation") << "hidden_act"
                                    << "\"quick_gelu\""
                                    << "quick_gelu";
        QTest::newRow("rope") << "rope_scaling"
                              << R"({"type": "spiral", "factor": 2.0})"
                              << "spiral";
        QTest::newRow("partial") << "partial_rotary_factor"
                                 << "0.5"
                                 << "part";
    }

    void whatIsNotKnownIsSaid()
    {
        QFETCH(const QString, key);
        QFETCH(const QString, value);
        QFETCH(const QString, reason);
        auto config = llamaConfig();
        config[key.toStdString()] = Json::parse(value.toStdString());
        const auto spec = read(config);
        QVERIFY(!spec.canRun);
        QVERIFY(QString::fromStdString(spec.whyNot.english()).contains(reason));
        QCOMPARE(spec.hidden, std::int64_t{32});
    }

    void gathersStopIds()
    {
        auto config = llamaConfig();
        config["eos_token_id"] = {2, 7};
        const auto spec = read(config, Json{{"eos_token_id", {7, 9}}});
        QCOMPARE(spec.eosIds, (std::vector<std::int64_t>{2, 7, 9}));
        config["eos_token_id"] = nullptr;
        QVERIFY(read(config).eosIds.empty());
    }

    void badConfigsNameTheKey_data()
    {
        QTest::addColumn<QString>("key");
        QTest::addColumn<QString>("value");
        QTest::newRow("no size") << "hidden_size"
                                 << "null";
        QTest::newRow("text for a size") << "hidden_size"
                                         << "\"32\"";
        QTest::newRow("negative") << "num_hidden_layers"
                                  << "-1";
        QTest::newRow("huge") << "num_hidden_layers"
                              << "100000000";
        QTest::newRow("zero heads") << "num_attention_heads"
                                    << "0";
        QTest::newRow("heads that do not divide") << "num_attention_heads"
                                                  << "5";
        QTest::newRow("key heads that do not divide") << "num_key_value_heads"
                                                      << "3";
        QTest::newRow("odd head") << "head_dim"
                                  << "7";
        QTest::newRow("rope not an object") << "rope_scaling"
                                            << "3";
        QTest::newRow("rope factor") << "rope_scaling"
                                     << R"({"type": "linear", "factor": 0.0})";
        QTest::newRow("rope no factor") << "rope_scaling"
                                        << R"({"type": "linear"})";
        QTest::newRow("theta") << "rope_theta"
                               << "0.0";
        QTest::newRow("eos") << "eos_token_id"
                             << "\"two\"";
        QTest::newRow("tied") << "tie_word_embeddings"
                              << "1";
        QTest::newRow("window") << "sliding_window"
                                << "0";
    }

    void badConfigsNameTheKey()
    {
        QFETCH(const QString, key);
        QFETCH(const QString, value);
        auto config = llamaConfig();
        config["model_type"] = "mistral";
        config[key.toStdString()] = Json::parse(value.toStdString());
        const auto spec = readModelSpec(config, Json::object(), "config.json");
        QVERIFY(!spec);
        QCOMPARE(spec.error().code, ErrorCode::ConfigInvalid);
        QVERIFY(!spec.error().sentence().empty());
    }

    void badConfigsOfOtherFamilies_data()
    {
        QTest::addColumn<QString>("family");
        QTest::addColumn<QString>("key");
        QTest::addColumn<QString>("value");
        QTest::newRow("no experts") << "mixtral"
                                    << "num_local_experts"
                                    << "null";
        QTest::newRow("more chosen than there are") << "mixtral"
                                                    << "num_experts_per_tok"
                                                    << "9";
        QTest::newRow("too many experts") << "mixtral"
                                          << "num_hidden_layers"
                                          << "100000";
        QTest::newRow("dense layers") << "qwen3_moe"
                                      << "mlp_only_layers"
                                      << "[\"first\"]";
        QTest::newRow("sparse step") << "qwen3_moe"
                                     << "decoder_sparse_step"
                                     << "0";
        QTest::newRow("layer types") << "gemma2"
                                     << "layer_types"
                                     << "[\"full_attention\"]";
        QTest::newRow("query scale") << "gemma2"
                                     << "query_pre_attn_scalar"
                                     << "0";
        QTest::newRow("pattern") << "gemma3_text"
                                 << "sliding_window_pattern"
                                 << "0";
        QTest::newRow("one rope of two") << "gemma3_text"
                                         << "rope_parameters"
                                         << R"({"rope_theta": 10000.0})";
        QTest::newRow("ropes") << "gemma3_text"
                               << "rope_parameters"
                               << R"({"full_attention": 3, "sliding_attention": 4})";
        QTest::newRow("odd part") << "gpt_neox"
                                  << "rotary_pct"
                                  << "0.4";
        QTest::newRow("no part") << "phi3"
                                 << "partial_rotary_factor"
                                 << "0.0";
        QTest::newRow("positions") << "opt"
                                   << "max_position_embeddings"
                                   << "9223372036854775807";
        QTest::newRow("projection") << "opt"
                                    << "word_embed_proj_dim"
                                    << "-4";
        QTest::newRow("width") << "gpt2"
                               << "n_embd"
                               << "30";
        QTest::newRow("experts' width") << "qwen3_moe"
                                        << "moe_intermediate_size"
                                        << "null";
    }

    void badConfigsOfOtherFamilies()
    {
        QFETCH(const QString, family);
        QFETCH(const QString, key);
        QFETCH(const QString, value);
        auto config = llamaConfig();
        config["model_type"] = family.toStdString();
        for (const auto& [name, number] : std::map<std::string, int>{{"n_embd", 32},
                                                                     {"n_head", 4},
                                                                     {"n_layer", 2},
                                                                     {"ffn_dim", 48},
                                                                     {"num_local_experts", 8},
                                                                     {"num_experts_per_tok", 2},
                                                                     {"moe_intermediate_size", 16}}) {
            config[name] = number;
        }
        const auto good = readModelSpec(config, Json::object(), "config.json");
        QVERIFY2(good && good->canRun, good ? "" : good.error().sentence().c_str());
        config[key.toStdString()] = Json::parse(value.toStdString());
        const auto spec = readModelSpec(config, Json::object(), "config.json");
        QVERIFY(!spec);
        QCOMPARE(spec.error().code, ErrorCode::ConfigInvalid);
        QVERIFY(!spec.error().sentence().empty());
    }

    void headsOfFamiliesThatHaveOneKindOnly()
    {
        // Keys that these families do not know must not change the sizes of their tensors.
        for (const char* family : {"gpt2", "gpt_neox", "opt"}) {
            auto config = llamaConfig();
            config["model_type"] = family;
            config["n_embd"] = 32;
            config["n_head"] = 4;
            config["n_layer"] = 2;
            config["ffn_dim"] = 48;
            config["head_dim"] = 6;
            const auto spec = read(config);
            QCOMPARE(spec.headDim, std::int64_t{8});
            QCOMPARE(spec.kvHeads, std::int64_t{4});
        }
    }

    void emptyConfigIsRefused()
    {
        for (const Json& config : {Json::object(), Json::array(), Json()}) {
            const auto spec = readModelSpec(config, Json::object(), "config.json");
            QVERIFY(!spec);
            QCOMPARE(spec.error().code, ErrorCode::ConfigInvalid);
        }
    }
};

QTEST_GUILESS_MAIN(TestModelSpec)
#include "tst_modelspec.moc"
