// SPDX-License-Identifier: Apache-2.0
// Small models with unusual settings against the logits of other programs.
#include "core/model/fitspec.h"
#include "core/model/goldenmodel.h"

#include <QTest>

#include <algorithm>
#include <cmath>

using namespace bitlathe;
using namespace bitlathe::tests;

namespace fs = std::filesystem;

namespace
{

/// Of the largest logit: both sides compute in f32, in another order.
constexpr float kTolerance = 1e-4F;

fs::path modelFolder(const std::string& name)
{
    return fs::path(BITLATHE_SOURCE_DIR) / "tests/data/models" / name;
}

std::shared_ptr<const model::Model> open(const fs::path& folder)
{
    const auto checkpoint = valueOf(checkpoint::Checkpoint::open(folder));
    auto spec = specOf(folder);
    model::fitToFile(*checkpoint, spec);
    return valueOf(model::Model::create(spec, model::makeDenseSource(checkpoint), {}));
}

/// The largest difference as a part of the largest value that is expected.
float relativeDifference(const std::vector<float>& expected, const std::vector<float>& found)
{
    float largest = 0.0F;
    for (const float value : expected) {
        largest = std::max(largest, std::abs(value));
    }
    return static_cast<float>(largestDifference(expected, found)) / largest;
}

/// That of a model's logits to the golden ones.
float differenceTo(const checkpoint::Checkpoint& golden, const model::Model& model, int count)
{
    const auto ids = checkpoint::toF32(*golden.tensor(fmt::format("ids.{}", count)));
    const auto expected = checkpoint::toF32(*golden.tensor(fmt::format("logits.{}", count)));
    const std::vector<model::TokenId> tokens(ids.begin(), ids.end());
    const auto hidden = *model.forward(tokens);
    std::vector<float> logits(expected.size());
    model.logits(hidden, 0, hidden.rows, logits);
    return relativeDifference(expected, logits);
}

} // namespace

class TestSmallModels : public QObject
{
    Q_OBJECT

private slots:
    void logits_data()
    {
        QTest::addColumn<QString>("name");
        QTest::addColumn<int>("count");
        for (const char* name : {"phi3-longrope", "llama-dynamic", "gemma3", "qwen-ntk"}) {
            for (const int count : {12, 40}) {
                QTest::addRow("%s, %d tokens", name, count) << name << count;
            }
        }
    }
    void logits()
    {
        QFETCH(QString, name);
        QFETCH(int, count);
        const fs::path folder = modelFolder(name.toStdString());
        const auto golden = *checkpoint::Checkpoint::open(folder / "golden_logits.safetensors");
        const float difference = differenceTo(*golden, *open(folder), count);
        QVERIFY2(difference < kTolerance, qPrintable(QString::number(difference)));
    }

    void longAndShortSequencesByTurns()
    {
        for (const char* name : {"phi3-longrope", "llama-dynamic", "qwen-ntk"}) {
            const auto golden = *checkpoint::Checkpoint::open(modelFolder(name) / "golden_logits.safetensors");
            const auto model = open(modelFolder(name));
            for (const int count : {40, 12, 40}) {
                QVERIFY2(differenceTo(*golden, *model, count) < kTolerance, name);
            }
        }
    }

    /// Twelve tokens at once, then one by one past the length it was trained for: rope stays that of the twelve.
    void qwenGoesOnAsItBegan()
    {
        const auto golden = *checkpoint::Checkpoint::open(modelFolder("qwen-ntk") / "golden_logits.safetensors");
        const auto expected = checkpoint::toF32(*golden->tensor("stepped"));
        const auto ids = checkpoint::toF32(*golden->tensor("ids.40"));
        const std::vector<model::TokenId> tokens(ids.begin(), ids.end());
        const auto model = open(modelFolder("qwen-ntk"));
        const auto kv = model::makeKvStore(model->spec(), 40);
        for (int round = 0; round < 2; ++round) { // A store that is used again begins again.
            kv->truncate(0);
            std::vector<float> logits;
            for (std::size_t at = 0; at < tokens.size(); at += at == 0 ? 12 : 1) {
                const auto hidden = valueOf(model->forward(std::span(tokens).subspan(at, at == 0 ? 12 : 1), kv.get()));
                logits.resize(logits.size() + static_cast<std::size_t>(hidden.rows * model->spec().vocabulary));
                const auto part =
                    std::span(logits).last(static_cast<std::size_t>(hidden.rows * model->spec().vocabulary));
                model->logits(hidden, 0, hidden.rows, part);
            }
            const float difference = relativeDifference(expected, logits);
            QVERIFY2(difference < kTolerance, qPrintable(QString::number(difference)));
        }
    }
};

QTEST_GUILESS_MAIN(TestSmallModels)
#include "tst_smallmodels.moc"
