// SPDX-License-Identifier: Apache-2.0
// Small models with unusual settings against the logits that transformers gave.
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

/// The largest difference to the golden logits, as a part of the largest of them.
float differenceTo(const checkpoint::Checkpoint& golden, const model::Model& model, int count)
{
    const auto ids = checkpoint::toF32(*golden.tensor(fmt::format("ids.{}", count)));
    const auto expected = checkpoint::toF32(*golden.tensor(fmt::format("logits.{}", count)));
    const std::vector<model::TokenId> tokens(ids.begin(), ids.end());
    const auto hidden = *model.forward(tokens);
    std::vector<float> logits(expected.size());
    model.logits(hidden, 0, hidden.rows, logits);
    float largest = 0.0F;
    float difference = 0.0F;
    for (std::size_t i = 0; i < logits.size(); ++i) {
        largest = std::max(largest, std::abs(expected[i]));
        difference = std::max(difference, std::abs(expected[i] - logits[i]));
    }
    return difference / largest;
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
        for (const char* name : {"phi3-longrope", "llama-dynamic", "gemma3"}) {
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
        for (const char* name : {"phi3-longrope", "llama-dynamic"}) {
            const auto golden = *checkpoint::Checkpoint::open(modelFolder(name) / "golden_logits.safetensors");
            const auto model = open(modelFolder(name));
            for (const int count : {40, 12, 40}) {
                QVERIFY2(differenceTo(*golden, *model, count) < kTolerance, name);
            }
        }
    }
};

QTEST_GUILESS_MAIN(TestSmallModels)
#include "tst_smallmodels.moc"
