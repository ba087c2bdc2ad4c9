// SPDX-License-Identifier: Apache-2.0
// Every family against logits of other programs, in both spellings of config.json, through the cache, and its lists of
// tensors and scale groups against the file and the forward pass.
#include "core/model/goldenmodel.h"
#include "core/model/requiredtensors.h"
#include "kernels/backend.h"
#include "kernels/cpulevel.h"

#include <QTest>

#include <algorithm>
#include <cmath>
#include <list>
#include <map>
#include <numeric>

using namespace bitlathe;
using namespace bitlathe::model;

namespace
{

constexpr const char* kModels[] = {
    "gemma2",
    "gemma3",
    "gpt-neox",
    "gpt2",
    "internlm",
    "internlm2",
    "llama-gqa-untied",
    "llama-mha-tied",
    "llama-rope-linear",
    "llama-rope-llama3",
    "llama-rope-yarn",
    "minicpm",
    "mistral-sliding",
    "mixtral",
    "opt-postnorm-proj",
    "opt-prenorm",
    "phi3",
    "qwen",
    "qwen2",
    "qwen3",
    "qwen3-moe",
};

std::filesystem::path folderOf(const QString& name)
{
    return tests::familyModel(name.toStdString());
}

std::vector<float> logitsOf(const Model& model, const Activations& normed)
{
    std::vector<float> logits(static_cast<std::size_t>(normed.rows * model.spec().vocabulary));
    model.logits(normed, 0, normed.rows, logits);
    return logits;
}

std::vector<float> logitsOf(const Model& model, const std::vector<TokenId>& ids)
{
    return logitsOf(model, tests::valueOf(model.forward(ids)));
}

double largestDifference(const std::vector<float>& a, const std::vector<float>& b)
{
    double largest = a.size() == b.size() ? 0.0 : HUGE_VAL;
    for (std::size_t i = 0; i < std::min(a.size(), b.size()); ++i) {
        const double difference = std::abs(static_cast<double>(a[i]) - static_cast<double>(b[i]));
        largest = difference <= largest ? largest : difference; // NaN becomes the largest
    }
    return largest;
}

double largestOf(const std::vector<float>& values)
{
    float largest = 0;
    for (const float value : values) {
        largest = std::max(largest, std::abs(value));
    }
    return static_cast<double>(largest);
}

double nllSum(const std::vector<TokenId>& ids, const std::vector<float>& logits, std::int64_t vocabulary)
{
    const std::vector<TokenId> targets(ids.begin() + 1, ids.end());
    std::vector<double> nll(targets.size());
    const auto scored = std::span(logits).first(targets.size() * static_cast<std::size_t>(vocabulary));
    kernels::negativeLogLikelihood(kernels::cpuBackend(), scored, vocabulary, targets, nll);
    return std::accumulate(nll.begin(), nll.end(), 0.0);
}

/// Logits of ids fed in steps through a cache.
std::vector<float> steppedLogits(const Model& model, const std::vector<TokenId>& ids, std::size_t step)
{
    const auto kv = makeKvStore(model.spec(), static_cast<std::int64_t>(ids.size()));
    std::vector<float> pieces;
    for (std::size_t at = 0; at < ids.size(); at += step) {
        const auto count = std::min(step, ids.size() - at);
        const auto part = tests::valueOf(model.forward(std::span(ids).subspan(at, count), kv.get()));
        const auto logits = logitsOf(model, part);
        pieces.insert(pieces.end(), logits.begin(), logits.end());
    }
    return pieces;
}

/// The same settings as files of older transformers spell them.
Json classicSpelling(Json config)
{
    const auto move = [&](Json& from, const char* key, const char* to) {
        if (from.contains(key)) {
            config[to] = from[key];
        }
    };
    if (config.contains("dtype")) {
        config["torch_dtype"] = config["dtype"];
        config.erase("dtype");
    }
    config.erase("layer_types");
    if (!config.contains("rope_parameters")) {
        return config;
    }
    Json rope = config["rope_parameters"];
    config.erase("rope_parameters");
    if (rope.contains("full_attention")) {
        move(rope["full_attention"], "rope_theta", "rope_theta");
        move(rope["sliding_attention"], "rope_theta", "rope_local_base_freq");
        return config;
    }
    const bool isNeoX = config.value("model_type", "") == "gpt_neox";
    move(rope, "rope_theta", isNeoX ? "rotary_emb_base" : "rope_theta");
    move(rope, "partial_rotary_factor", isNeoX ? "rotary_pct" : "partial_rotary_factor");
    if (rope.value("rope_type", "default") != "default") {
        rope["type"] = rope["rope_type"];
        for (const char* key : {"rope_type", "rope_theta", "partial_rotary_factor"}) {
            rope.erase(key);
        }
        config["rope_scaling"] = rope;
    }
    return config;
}

/// A checkpoint with one scale group applied: what precedes is divided, what reads is multiplied.
class ScaledSource final : public WeightSource
{
public:
    ScaledSource(std::shared_ptr<const WeightSource> base, const ModelSpec& spec, const ScaleGroup& group)
        : m_base(std::move(base)), m_spec(spec), m_group(group)
    {
        for (std::int64_t i = 0; i < spec.linear(group.linears.front()).inFeatures; ++i) {
            m_scales.push_back(0.5F + 0.25F * static_cast<float>(i % 7));
        }
    }

    Result<checkpoint::TensorView> tensor(const std::string& name, const checkpoint::Shape& shape) const override
    {
        BITLATHE_TRY(auto view, m_base->tensor(name, shape));
        std::vector<float>& values = m_kept.emplace_back(checkpoint::toF32(view));
        const bool isNorm = m_group.precedingIsNorm &&
                            (name == m_group.precedingName + ".weight" || name == m_group.precedingName + ".bias");
        const bool isReader = std::ranges::find(m_group.otherReaders, name) != m_group.otherReaders.end();
        const auto offset = name.ends_with(".weight") ? static_cast<float>(m_spec.normOffset) : 0.0F;
        for (std::size_t i = 0; i < values.size(); ++i) {
            const float scale = m_scales[i % m_scales.size()];
            if (isNorm) {
                values[i] = (values[i] + offset) / scale - offset;
            } else if (isReader) {
                values[i] *= scale;
            }
        }
        view.dtype = checkpoint::DType::F32;
        view.bytes = std::as_bytes(std::span(values));
        return view;
    }
    bool has(const std::string& name) const override { return m_base->has(name); }
    Result<std::vector<float>> weights(const LinearSpec& spec) const override
    {
        BITLATHE_TRY(auto values, m_base->weights(spec));
        const bool reads = std::ranges::find(m_group.linears, spec.id) != m_group.linears.end();
        for (std::size_t i = 0; i < values.size(); ++i) {
            const auto cols = static_cast<std::size_t>(spec.inFeatures);
            if (reads) {
                values[i] *= m_scales[i % cols];
            }
            values[i] /= scaleOfRow(spec, i / cols);
        }
        return values;
    }
    Result<std::unique_ptr<Linear>> linear(const LinearSpec& spec, Compute compute) const override
    {
        BITLATHE_TRY(const auto values, weights(spec));
        std::vector<float> bias;
        if (spec.hasBias) {
            BITLATHE_TRY(const auto view, m_base->tensor(spec.biasName(), {spec.outFeatures}));
            bias = checkpoint::toF32(view);
            for (std::size_t i = 0; i < bias.size(); ++i) {
                bias[i] /= scaleOfRow(spec, i);
            }
        }
        return makeDenseLinear(
            {"", checkpoint::DType::F32, {spec.outFeatures, spec.inFeatures}, std::as_bytes(std::span(values))}, bias,
            compute);
    }
    void release(const LinearSpec&) const override {}

private:
    float scaleOfRow(const LinearSpec& spec, std::size_t row) const
    {
        if (m_group.precedingIsNorm || spec.name != m_group.precedingName) {
            return 1.0F;
        }
        for (std::size_t i = 0; i < m_scales.size(); ++i) {
            if (m_group.rowOf(static_cast<std::int64_t>(i)) == static_cast<std::int64_t>(row)) {
                return m_scales[i];
            }
        }
        return 1.0F;
    }

    std::shared_ptr<const WeightSource> m_base;
    const ModelSpec& m_spec;
    const ScaleGroup& m_group;
    std::vector<float> m_scales;
    mutable std::list<std::vector<float>> m_kept; ///< What views show.
};

} // namespace

class TestFamilies : public QObject
{
    Q_OBJECT

    static void addModels()
    {
        QTest::addColumn<QString>("name");
        for (const char* name : kModels) {
            QTest::newRow(name) << QString(name);
        }
    }

private slots:
    void initTestCase()
    {
        if (!std::filesystem::exists(tests::sharedModel("arch"))) {
            QSKIP("the shared golden folder is not there");
        }
    }

    void cleanup() { kernels::setCpuLevel(kernels::detectedCpuLevel()); }

    void matchesItsLogits_data() { addModels(); }
    void matchesItsLogits()
    {
        QFETCH(const QString, name);
        const auto folder = folderOf(name);
        const auto golden = tests::goldenRun(folder);
        for (const auto level : {kernels::CpuLevel::Reference, kernels::CpuLevel::Avx2, kernels::CpuLevel::Avx512}) {
            if (level > kernels::detectedCpuLevel()) {
                continue;
            }
            kernels::setCpuLevel(level);
            const auto model = tests::openGolden(folder);
            const auto logits = logitsOf(*model, golden.ids);
            const double difference = largestDifference(logits, golden.logits);
            const double allowed = 1e-4 * largestOf(golden.logits);
            QVERIFY2(difference < allowed, qPrintable(QString("%1 of %2").arg(difference).arg(allowed)));
            const double nll = nllSum(golden.ids, logits, model->spec().vocabulary);
            QVERIFY2(std::abs(nll - golden.nllSum) < 1e-5 * golden.nllSum,
                     qPrintable(QString("%1 for %2").arg(nll, 0, 'g', 12).arg(golden.nllSum, 0, 'g', 12)));
        }
    }

    void classicSpellingMeansTheSame_data() { addModels(); }
    void classicSpellingMeansTheSame()
    {
        QFETCH(const QString, name);
        const auto folder = folderOf(name);
        const Json classic = classicSpelling(tests::valueOf(readJson(folder / "config.json")));
        auto spec = tests::valueOf(readModelSpec(classic, Json::object(), "config.json"));
        if (name == "gemma3") {
            QVERIFY(spec.blocks[0].slides && spec.blocks[1].slides);
        }
        const auto source = makeDenseSource(tests::valueOf(checkpoint::Checkpoint::open(folder)));
        const auto model = tests::valueOf(Model::create(std::move(spec), source, {}));
        const auto ids = tests::goldenRun(folder).ids;
        QCOMPARE(logitsOf(*model, ids), logitsOf(*tests::openGolden(folder), ids));
    }

    void tokenByTokenEqualsWhole_data() { addModels(); }
    void tokenByTokenEqualsWhole()
    {
        QFETCH(const QString, name);
        const auto folder = folderOf(name);
        const auto ids = tests::goldenRun(folder).ids;
        QVERIFY(ids.size() > 2 * 32); // twice the window of those that slide
        const auto model = tests::openGolden(folder);
        const auto whole = logitsOf(*model, ids);
        for (const std::size_t step : {1, 7, 40}) {
            const double difference = largestDifference(whole, steppedLogits(*model, ids, step));
            QVERIFY2(difference < 1e-5 * largestOf(whole),
                     qPrintable(QString("%1 by %2").arg(difference / largestOf(whole)).arg(step)));
        }
    }

    /// Sequences that pass a block side by side do not see each other.
    void sequencesTogetherEqualEachAlone_data() { addModels(); }
    void sequencesTogetherEqualEachAlone()
    {
        QFETCH(const QString, name);
        constexpr std::int64_t kSequences = 3;
        constexpr std::int64_t kTokens = 40;
        const auto opened = tests::openGolden(folderOf(name));
        for (std::int64_t index = 0; index < opened->spec().blockCount(); ++index) {
            const auto block = tests::valueOf(opened->block(index));
            Activations together(0, opened->spec().hidden);
            together.sequences = kSequences;
            std::vector<float> alone;
            for (std::int64_t sequence = 0; sequence < kSequences; ++sequence) {
                std::vector<TokenId> ids;
                for (std::int64_t i = 0; i < kTokens; ++i) {
                    ids.push_back(static_cast<TokenId>((7 * i + 31 * sequence + 3) % opened->spec().vocabulary));
                }
                Activations hidden = tests::valueOf(opened->embed(ids));
                together.rows += hidden.rows;
                together.values.insert(together.values.end(), hidden.values.begin(), hidden.values.end());
                block->forward(hidden, nullptr, nullptr);
                alone.insert(alone.end(), hidden.values.begin(), hidden.values.end());
            }
            block->forward(together, nullptr, nullptr);
            QVERIFY(together.values == alone);
        }
    }

    void namesEveryTensorOfTheFile_data() { addModels(); }
    void namesEveryTensorOfTheFile()
    {
        QFETCH(const QString, name);
        const auto folder = folderOf(name);
        const auto spec = tests::specOf(folder);
        const auto file = tests::valueOf(checkpoint::Checkpoint::open(folder));
        std::map<std::string, checkpoint::Shape> known;
        for (const auto& required : requiredTensors(spec)) {
            known[required.name] = required.shape;
        }
        for (const LinearSpec& linear : spec.linears) {
            known[linear.weightName()] = linear.fileShape();
            if (linear.hasBias) {
                known[linear.biasName()] = {linear.outFeatures};
            }
        }
        QCOMPARE(known.size(), file->entries().size());
        for (const auto& entry : file->entries()) {
            QVERIFY2(known.contains(entry.name), entry.name.c_str());
            QCOMPARE(known[entry.name], entry.shape);
        }
    }

    void scaleGroupsKeepTheOutput_data() { addModels(); }
    void scaleGroupsKeepTheOutput()
    {
        QFETCH(const QString, name);
        const auto folder = folderOf(name);
        const auto ids = tests::goldenRun(folder).ids;
        const auto spec = tests::specOf(folder);
        const auto base = makeDenseSource(tests::valueOf(checkpoint::Checkpoint::open(folder)));
        const auto expected = logitsOf(*tests::openGolden(folder), ids);
        QVERIFY(!spec.scaleGroups.empty());
        for (const ScaleGroup& group : spec.scaleGroups) {
            const auto scaled = std::make_shared<ScaledSource>(base, spec, group);
            const auto model = tests::valueOf(Model::create(spec, scaled, {}));
            const auto difference = largestDifference(logitsOf(*model, ids), expected);
            QVERIFY2(difference < 1e-4 * largestOf(expected),
                     qPrintable(QString("%1: %2").arg(group.precedingName.c_str()).arg(difference)));
        }
    }

    void observerSeesInputsByGroup_data() { addModels(); }
    void observerSeesInputsByGroup()
    {
        struct Watcher : BlockObserver
        {
            void onInput(std::span<const LayerId> linears, const Activations& input) override
            {
                const LinearSpec& first = spec->linear(linears.front());
                for (const LayerId id : linears) {
                    const LinearSpec& linear = spec->linear(id);
                    good = good && linear.inFeatures == input.cols && linear.inputGroup == first.inputGroup &&
                           input.rows > 0;
                    rows[id.index()] += input.rows;
                }
                // All readers of the group at once.
                good = good && static_cast<std::ptrdiff_t>(linears.size()) ==
                                   std::ranges::count_if(spec->linears, [&](const LinearSpec& linear) {
                                       return linear.block == first.block && linear.inputGroup == first.inputGroup;
                                   });
            }
            const ModelSpec* spec = nullptr;
            std::map<std::size_t, std::int64_t> rows;
            bool good = true;
        };
        QFETCH(const QString, name);
        const auto folder = folderOf(name);
        const auto ids = tests::goldenRun(folder).ids;
        const auto model = tests::openGolden(folder);
        const ModelSpec& spec = model->spec();
        Watcher watcher;
        watcher.spec = &spec;
        auto hidden = tests::valueOf(model->embed(ids));
        for (std::int64_t block = 0; block < spec.blockCount(); ++block) {
            tests::valueOf(model->block(block))->forward(hidden, nullptr, &watcher);
        }
        QVERIFY(watcher.good);
        const auto tokens = static_cast<std::int64_t>(ids.size());
        std::int64_t routed = 0;
        for (const LinearSpec& linear : spec.linears) {
            if (linear.expert < 0) {
                QCOMPARE(watcher.rows[linear.id.index()], tokens);
            } else if (linear.role == LinearRole::Down) {
                routed += watcher.rows[linear.id.index()];
            }
        }
        QCOMPARE(routed, spec.experts > 0 ? tokens * spec.expertsPerToken * spec.blockCount() : 0);
    }

    void bf16StaysNearF32_data() { addModels(); }
    void bf16StaysNearF32()
    {
        QFETCH(const QString, name);
        const auto folder = folderOf(name);
        const auto golden = tests::goldenRun(folder);
        const auto model = tests::openGolden(folder, {Compute::Bf16, Residency::Streamed});
        const double nll = nllSum(golden.ids, logitsOf(*model, golden.ids), model->spec().vocabulary);
        QVERIFY2(std::abs(nll - golden.nllSum) < 5e-3 * golden.nllSum,
                 qPrintable(QString("%1 for %2").arg(nll).arg(golden.nllSum)));
    }

    void fusedTensorsStayWhole()
    {
        const std::map<std::string, std::vector<LinearRole>> expected{
            {"phi3", {LinearRole::QueryKeyValue, LinearRole::Output, LinearRole::GateUp, LinearRole::Down}},
            {"internlm2",
             {LinearRole::QueryKeyValue, LinearRole::Output, LinearRole::Gate, LinearRole::Up, LinearRole::Down}},
            {"gpt2", {LinearRole::QueryKeyValue, LinearRole::Output, LinearRole::Up, LinearRole::Down}},
            {"qwen",
             {LinearRole::QueryKeyValue, LinearRole::Output, LinearRole::Up, LinearRole::Gate, LinearRole::Down}},
            {"gpt-neox", {LinearRole::QueryKeyValue, LinearRole::Output, LinearRole::Up, LinearRole::Down}},
        };
        for (const auto& [name, roles] : expected) {
            const auto spec = tests::specOf(folderOf(QString::fromStdString(name)));
            std::vector<LinearRole> found;
            std::ranges::transform(spec.blocks[1].linears, std::back_inserter(found),
                                   [&](LayerId id) { return spec.linear(id).role; });
            QCOMPARE(found, roles);
        }
    }

    /// Rows alone are those of all weights, in files of either layout.
    void rowsOfWeights()
    {
        for (const char* name : {"gpt2", "llama-mha-tied"}) {
            const auto file = tests::valueOf(checkpoint::Checkpoint::open(folderOf(name)));
            const auto spec = tests::specOf(folderOf(name));
            const auto source = makeDenseSource(file);
            const LinearSpec& linear = spec.linears.front();
            const std::vector<std::int64_t> rows{linear.outFeatures - 1, 0, 3, 3};
            const auto all = tests::valueOf(source->weights(linear));
            const auto some = tests::valueOf(source->weightRows(linear, rows));
            QCOMPARE(some.size(), rows.size() * static_cast<std::size_t>(linear.inFeatures));
            for (std::size_t i = 0; i < some.size(); ++i) {
                const auto width = static_cast<std::size_t>(linear.inFeatures);
                QCOMPARE(some[i], all[static_cast<std::size_t>(rows[i / width]) * width + i % width]);
            }
        }
    }

    void transposedWeightsAreSeenTheRightWayRound()
    {
        const auto folder = folderOf("gpt2");
        const auto spec = tests::specOf(folder);
        const auto file = tests::valueOf(checkpoint::Checkpoint::open(folder));
        const auto source = makeDenseSource(file);
        for (const LinearSpec& linear : spec.linears) {
            QVERIFY(linear.transposed);
            const auto stored = checkpoint::toF32(tests::valueOf(file->tensor(linear.weightName())));
            const auto seen = tests::valueOf(source->weights(linear));
            QCOMPARE(seen.size(), stored.size());
            for (std::int64_t out = 0; out < linear.outFeatures; ++out) {
                for (std::int64_t in = 0; in < linear.inFeatures; ++in) {
                    QCOMPARE(seen[static_cast<std::size_t>(out * linear.inFeatures + in)],
                             stored[static_cast<std::size_t>(in * linear.outFeatures + out)]);
                }
            }
        }
    }

    void learnedPositionsEnd()
    {
        for (const char* name : {"gpt2", "opt-prenorm"}) {
            const auto model = tests::openGolden(folderOf(name));
            QCOMPARE(model->spec().positionLimit().value_or(0), std::int64_t{512});
            std::vector<TokenId> ids(512, 3);
            const auto kv = makeKvStore(model->spec(), 520);
            QVERIFY(model->forward(ids, kv.get()));
            const auto beyond = model->forward(std::vector<TokenId>{3}, kv.get());
            QVERIFY(!beyond);
            QCOMPARE(beyond.error().code, ErrorCode::TextInvalid);
            ids.push_back(3);
            QVERIFY(!model->forward(ids));
        }
    }
};

QTEST_GUILESS_MAIN(TestFamilies)
#include "tst_families.moc"
