// SPDX-License-Identifier: Apache-2.0
// Odd shapes of every family with random weights: a token at a time gives what the whole sequence gives, near its start
// and far beyond the lengths that models are trained for.
#include "core/model/model.h"
#include "kernels/cpulevel.h"

#include <QTest>

#include <algorithm>
#include <cmath>
#include <list>
#include <mutex>
#include <random>

using namespace bitlathe;
using namespace bitlathe::model;

namespace
{

/// Any tensor that is asked for, random by its name.
class RandomSource final : public WeightSource
{
public:
    Result<checkpoint::TensorView> tensor(const std::string& name, const checkpoint::Shape& shape) const override
    {
        const std::scoped_lock lock(m_mutex);
        std::vector<float>& values = m_kept.emplace_back(valuesOf(name, shape));
        return checkpoint::TensorView{name, checkpoint::DType::F32, shape, std::as_bytes(std::span(values))};
    }
    bool has(const std::string&) const override { return true; }
    Result<std::unique_ptr<Linear>> linear(const LinearSpec& spec, Compute compute) const override
    {
        BITLATHE_TRY(const auto view, tensor(spec.weightName(), {spec.outFeatures, spec.inFeatures}));
        std::vector<float> bias;
        if (spec.hasBias) {
            bias = valuesOf(spec.biasName(), {spec.outFeatures});
        }
        return makeDenseLinear(view, bias, compute);
    }
    Result<std::vector<float>> weights(const LinearSpec& spec) const override
    {
        return valuesOf(spec.weightName(), {spec.outFeatures, spec.inFeatures});
    }
    void release(const LinearSpec&) const override {}

private:
    static std::vector<float> valuesOf(const std::string& name, const checkpoint::Shape& shape)
    {
        std::mt19937 random(static_cast<unsigned>(std::hash<std::string>()(name)));
        const bool isVector = shape.size() == 1;
        const float deviation = isVector ? 0.1F : 1.0F / std::sqrt(static_cast<float>(shape.back()));
        std::normal_distribution<float> normal(isVector && name.ends_with(".weight") ? 1.0F : 0.0F, deviation);
        std::int64_t count = 1;
        for (const std::int64_t size : shape) {
            count *= size;
        }
        std::vector<float> values(static_cast<std::size_t>(count));
        std::ranges::generate(values, [&] { return normal(random); });
        return values;
    }

    mutable std::mutex m_mutex;
    mutable std::list<std::vector<float>> m_kept; ///< What views show.
};

struct Shape
{
    std::int64_t vocabulary = 0;
    std::int64_t hidden = 0;
    std::int64_t heads = 0;
    std::int64_t kvHeads = 0;
    std::int64_t headDim = 0;
    std::int64_t intermediate = 0;
    std::int64_t blocks = 0;
    std::int64_t window = 0;
    std::int64_t positions = 512;
};

/// The settings in the spelling of every family: each reads its own.
Json configOf(const std::string& family, const Shape& shape)
{
    Json config{{"model_type", family},
                {"vocab_size", shape.vocabulary},
                {"hidden_size", shape.hidden},
                {"n_embd", shape.hidden},
                {"intermediate_size", shape.intermediate},
                {"n_inner", shape.intermediate},
                {"ffn_dim", shape.intermediate},
                {"moe_intermediate_size", shape.intermediate - 2},
                {"num_attention_heads", shape.heads},
                {"n_head", shape.heads},
                {"num_key_value_heads", shape.kvHeads},
                {"head_dim", shape.headDim},
                {"num_hidden_layers", shape.blocks},
                {"n_layer", shape.blocks},
                {"max_position_embeddings", shape.positions},
                {"n_positions", shape.positions},
                {"num_local_experts", 5},
                {"num_experts_per_tok", 3},
                {"rotary_pct", 0.4},
                {"scale_emb", 3},
                {"scale_depth", 1.4},
                {"dim_model_base", 8}};
    if (shape.window > 0) {
        config["sliding_window"] = shape.window;
        config["use_sliding_window"] = true;
        config["max_window_layers"] = 1;
    }
    return family == "gemma3" ? Json{{"model_type", family}, {"text_config", config}} : config;
}

std::shared_ptr<const Model> makeModel(const std::string& family, const Shape& shape)
{
    auto spec = readModelSpec(configOf(family, shape), Json::object(), "config.json");
    if (!spec || !spec->canRun) {
        qFatal("%s: %s", family.c_str(), spec ? spec->whyNot.english().c_str() : spec.error().sentence().c_str());
    }
    auto model = Model::create(*std::move(spec), std::make_shared<RandomSource>(), {});
    if (!model) {
        qFatal("%s", model.error().sentence().c_str());
    }
    return *model;
}

std::vector<float> run(const Model& model, std::span<const TokenId> ids, KvStore* kv)
{
    const auto normed = model.forward(ids, kv);
    if (!normed) {
        qFatal("%s", normed.error().sentence().c_str());
    }
    std::vector<float> logits(static_cast<std::size_t>(normed->rows * model.spec().vocabulary));
    model.logits(*normed, 0, normed->rows, logits);
    return logits;
}

std::vector<float> stepped(const Model& model, std::span<const TokenId> ids, std::size_t step, KvStore& kv)
{
    std::vector<float> all;
    for (std::size_t at = 0; at < ids.size(); at += step) {
        const auto logits = run(model, ids.subspan(at, std::min(step, ids.size() - at)), &kv);
        all.insert(all.end(), logits.begin(), logits.end());
    }
    return all;
}

/// The largest difference relative to the largest value; infinite where anything is not a number.
double relativeDifference(const std::vector<float>& a, const std::vector<float>& b)
{
    double largest = 0;
    double difference = a.size() == b.size() ? 0 : HUGE_VAL;
    for (std::size_t i = 0; i < std::min(a.size(), b.size()); ++i) {
        const double off = std::abs(static_cast<double>(a[i]) - static_cast<double>(b[i]));
        difference = std::isfinite(off) ? std::max(difference, off) : HUGE_VAL;
        largest = std::max(largest, std::abs(static_cast<double>(a[i])));
    }
    return difference / largest;
}

std::vector<TokenId> idsFor(std::int64_t vocabulary, std::size_t count)
{
    std::vector<TokenId> ids(count);
    for (std::size_t i = 0; i < count; ++i) {
        ids[i] = static_cast<TokenId>((i * i * 31 + i * 7 + 3) % static_cast<std::size_t>(vocabulary));
    }
    return ids;
}

/// Puts random keys and values of so many tokens into an empty store.
void fill(const ModelSpec& spec, std::int64_t tokens, KvStore& kv)
{
    std::mt19937 random(9);
    std::normal_distribution<float> normal;
    std::vector<float> rows(static_cast<std::size_t>(tokens * spec.kvHeads * spec.headDim));
    for (std::int64_t block = 0; block < spec.blockCount(); ++block) {
        std::ranges::generate(rows, [&] { return normal(random); });
        kv.append(block, rows, rows);
    }
    kv.advance(tokens);
}

} // namespace

class TestShapes : public QObject
{
    Q_OBJECT

    static void addFamilies()
    {
        QTest::addColumn<QString>("family");
        for (const std::string& family : knownModelTypes()) {
            QTest::newRow(family.c_str()) << QString::fromStdString(family);
        }
    }

private slots:
    void cleanup() { kernels::setCpuLevel(kernels::detectedCpuLevel()); }

    void stepsEqualTheWhole_data() { addFamilies(); }
    void stepsEqualTheWhole()
    {
        QFETCH(const QString, family);
        // Not too few hidden units in the mlp: where all gates are closed, Gemma's norm behind it blows up rounding.
        const Shape shapes[] = {
            {.vocabulary = 101, .hidden = 36, .heads = 3, .kvHeads = 1, .headDim = 10, .intermediate = 52, .blocks = 1},
            {.vocabulary = 7, .hidden = 22, .heads = 1, .kvHeads = 1, .headDim = 22, .intermediate = 5, .blocks = 1},
            {.vocabulary = 33,
             .hidden = 24,
             .heads = 4,
             .kvHeads = 2,
             .headDim = 6,
             .intermediate = 40,
             .blocks = 3,
             .window = 5},
            {.vocabulary = 3, .hidden = 20, .heads = 2, .kvHeads = 2, .headDim = 34, .intermediate = 17, .blocks = 2},
        };
        for (const Shape& shape : shapes) {
            // GPT-NeoX's and Qwen's heads are hidden / heads wide, and 0.4 of that must be even.
            Shape used = shape;
            if (family == "gpt_neox" || family == "qwen") {
                used.hidden = used.heads * 12;
            }
            const auto ids = idsFor(shape.vocabulary, 40);
            for (const auto level : {kernels::CpuLevel::Reference, kernels::detectedCpuLevel()}) {
                kernels::setCpuLevel(level);
                const auto model = makeModel(family.toStdString(), used);
                const auto whole = run(*model, ids, nullptr);
                // Plain loops sum in the same order either way; fast ones attend to one token otherwise than to many.
                const double allowed = level == kernels::CpuLevel::Reference ? 0.0 : 1e-5;
                for (const std::size_t step : {1, 13}) {
                    const auto kv = makeKvStore(model->spec(), 40);
                    const double difference = relativeDifference(whole, stepped(*model, ids, step, *kv));
                    QVERIFY2(difference <= allowed, qPrintable(QString("%1 at %2").arg(difference).arg(used.hidden)));
                }
            }
        }
    }

    void stepsEqualTheWholeFarOut_data() { addFamilies(); }
    void stepsEqualTheWholeFarOut()
    {
        QFETCH(const QString, family);
        const Shape shape{.vocabulary = 19,
                          .hidden = 24,
                          .heads = 2,
                          .kvHeads = 1,
                          .headDim = 12,
                          .intermediate = 20,
                          .blocks = 2,
                          .window = 100000,
                          .positions = 131'100};
        const auto model = makeModel(family.toStdString(), shape);
        const auto ids = idsFor(shape.vocabulary, 12);
        const auto kv = makeKvStore(model->spec(), 131'090);
        fill(model->spec(), 131'075, *kv);
        const auto whole = run(*model, ids, kv.get());
        kv->truncate(131'075);
        const double difference = relativeDifference(whole, stepped(*model, ids, 1, *kv));
        QVERIFY2(difference < 1e-5, qPrintable(QString::number(difference)));
        // Not the same as near the start: positions count.
        QVERIFY(relativeDifference(whole, run(*model, ids, nullptr)) > 1e-4);
    }

    void windowsForgetWhatIsOutside()
    {
        // The last token of one block sees its window only: what stands before it changes nothing.
        const Shape shape{.vocabulary = 50,
                          .hidden = 16,
                          .heads = 2,
                          .kvHeads = 2,
                          .headDim = 8,
                          .intermediate = 20,
                          .blocks = 1,
                          .window = 6};
        for (const char* family : {"mistral", "mixtral", "phi3", "gemma2", "gemma3_text"}) {
            const auto model = makeModel(family, shape);
            QCOMPARE(model->spec().windowOf(0), std::int64_t{6});
            const auto ids = idsFor(50, 30);
            auto changed = ids;
            changed[10] = (changed[10] + 1) % 50;
            const auto a = run(*model, ids, nullptr);
            const auto b = run(*model, changed, nullptr);
            const auto row = [&](const std::vector<float>& logits, std::size_t index) {
                return std::vector<float>(logits.begin() + static_cast<std::ptrdiff_t>(index * 50),
                                          logits.begin() + static_cast<std::ptrdiff_t>(index * 50 + 50));
            };
            QVERIFY(row(a, 15) != row(b, 15));
            QCOMPARE(row(a, 16), row(b, 16));
        }
    }

    void blocksSlideAsConfigured()
    {
        const Shape shape{.vocabulary = 50,
                          .hidden = 16,
                          .heads = 2,
                          .kvHeads = 2,
                          .headDim = 8,
                          .intermediate = 20,
                          .blocks = 7,
                          .window = 6};
        const auto windows = [](const ModelSpec& spec) {
            std::string text;
            for (std::int64_t block = 0; block < spec.blockCount(); ++block) {
                text += spec.windowOf(block) > 0 ? 's' : 'f';
            }
            return text;
        };
        const auto read = [&](const Json& config) { return *readModelSpec(config, Json::object(), "config.json"); };
        QCOMPARE(windows(read(configOf("gemma2", shape))), std::string("sfsfsfs"));
        QCOMPARE(windows(read(configOf("gemma3_text", shape))), std::string("sssssfs"));
        QCOMPARE(windows(read(configOf("qwen2", shape))), std::string("fssssss"));
        QCOMPARE(windows(read(configOf("mistral", shape))), std::string("sssssss"));
        auto config = configOf("qwen3", shape);
        config["use_sliding_window"] = false;
        QCOMPARE(windows(read(config)), std::string("fffffff"));
        config = configOf("gemma2", shape);
        config["layer_types"] = std::vector<std::string>(7, "full_attention");
        QCOMPARE(windows(read(config)), std::string("fffffff"));
        config["layer_types"].push_back("full_attention");
        QVERIFY(!readModelSpec(config, Json::object(), "config.json"));
        config["layer_types"] = std::vector<std::string>(7, "chunked_attention");
        QVERIFY(!read(config).canRun);
    }

    void dynamicRopeIsPlainUpToItsLength()
    {
        Shape shape{.vocabulary = 50,
                    .hidden = 16,
                    .heads = 2,
                    .kvHeads = 2,
                    .headDim = 8,
                    .intermediate = 20,
                    .blocks = 1,
                    .positions = 32};
        auto config = configOf("internlm2", shape);
        config["rope_scaling"] = {{"type", "dynamic"}, {"factor", 2.0}};
        auto spec = readModelSpec(config, Json::object(), "config.json");
        QVERIFY(spec && spec->canRun);
        QVERIFY(!spec->positionLimit());
        const auto model = *Model::create(*spec, std::make_shared<RandomSource>(), {});
        const auto plain = makeModel("internlm2", shape);
        const auto ids = idsFor(50, 33);
        const auto within = std::span(ids).first(32);
        const auto first = run(*model, within, nullptr);
        QCOMPARE(first, run(*plain, within, nullptr));
        QVERIFY(run(*model, ids, nullptr) != run(*plain, ids, nullptr));
        // A long sequence leaves no trace.
        QCOMPARE(run(*model, within, nullptr), first);
    }
};

QTEST_GUILESS_MAIN(TestShapes)
#include "tst_shapes.moc"
