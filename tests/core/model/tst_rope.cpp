// SPDX-License-Identifier: Apache-2.0
// Rotary frequencies against transformers: sets that depend on a sequence's length, and frequencies of lesser
// precision.
#include "core/model/goldenmodel.h"
#include "core/model/rope.h"
#include "kernels/scalars.h"

#include <algorithm>
#include <cmath>

using namespace bitlathe;
using namespace bitlathe::model;

namespace
{

std::vector<float> logitsOf(const Model& model, const std::vector<TokenId>& ids)
{
    const Activations normed = tests::valueOf(model.forward(ids));
    std::vector<float> logits(static_cast<std::size_t>(normed.rows * model.spec().vocabulary));
    model.logits(normed, 0, normed.rows, logits);
    return logits;
}

Json longRopeConfig()
{
    return {{"architectures", {"Phi3ForCausalLM"}},
            {"model_type", "phi3"},
            {"vocab_size", 48},
            {"hidden_size", 32},
            {"intermediate_size", 40},
            {"num_hidden_layers", 2},
            {"num_attention_heads", 2},
            {"max_position_embeddings", 128},
            {"original_max_position_embeddings", 32},
            {"rope_scaling",
             {{"type", "longrope"},
              {"short_factor", {1, 1, 1, 1, 1, 1, 1, 1}},
              {"long_factor", {2, 2, 2, 2, 2, 2, 2, 2}}}}};
}

} // namespace

class TestRope : public QObject
{
    Q_OBJECT

private slots:
    void goldenLogitsOfTheDemoModel()
    {
        const auto folder = tests::sharedModel("demo-llama");
        if (!std::filesystem::exists(folder)) {
            QSKIP("the shared models are not there");
        }
        // They were made with frequencies rounded to bf16; with the same ones they come out to five digits.
        ModelSpec spec = tests::specOf(folder);
        const auto exact = ropeFrequencies(spec.rope, spec.headDim, 0);
        std::vector<kernels::Bf16> rounded(exact.size());
        kernels::convert(exact, rounded);
        for (std::size_t i = 0; i < exact.size(); ++i) {
            spec.rope.divisors.push_back(static_cast<double>(exact[i]) /
                                         static_cast<double>(static_cast<float>(rounded[i])));
        }
        const auto golden = tests::goldenRun(folder);
        const auto checkpoint = tests::valueOf(checkpoint::Checkpoint::open(folder));
        const auto model = tests::valueOf(Model::create(spec, makeDenseSource(checkpoint), {}));
        const double difference = tests::largestDifference(logitsOf(*model, golden.ids), golden.logits);
        QVERIFY2(difference < 1e-4, qPrintable(QString::number(difference)));
    }

    void listsOfDivisorsAreChecked_data()
    {
        QTest::addColumn<QString>("key");
        QTest::addColumn<QString>("value");
        QTest::newRow("missing") << "long_factor"
                                 << "null";
        QTest::newRow("text") << "long_factor"
                              << "\"much\"";
        QTest::newRow("too few") << "long_factor"
                                 << "[1, 1, 1]";
        QTest::newRow("zero") << "short_factor"
                              << "[1, 1, 0, 1, 1, 1, 1, 1]";
        QTest::newRow("words") << "short_factor"
                               << "[1, 1, \"2\", 1, 1, 1, 1, 1]";
    }

    void listsOfDivisorsAreChecked()
    {
        QFETCH(const QString, key);
        QFETCH(const QString, value);
        Json config = longRopeConfig();
        const auto spec = readModelSpec(config, Json::object(), "config.json");
        QVERIFY2(spec && spec->canRun, spec ? "" : spec.error().sentence().c_str());
        config["rope_scaling"][key.toStdString()] = Json::parse(value.toStdString());
        const auto wrong = readModelSpec(config, Json::object(), "config.json");
        QVERIFY(!wrong);
        QVERIFY2(wrong.error().sentence().find("factor") != std::string::npos, wrong.error().sentence().c_str());
    }
};

QTEST_GUILESS_MAIN(TestRope)
#include "tst_rope.moc"
