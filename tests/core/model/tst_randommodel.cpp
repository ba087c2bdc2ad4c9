// SPDX-License-Identifier: Apache-2.0
// Random models: they open, run, have the spread they should, and follow the seed alone.
#include "core/model/goldenmodel.h"
#include "core/model/randommodel.h"
#include "kernels/threads.h"
#include "support/tempfolder.h"

#include <QTest>

#include <cmath>
#include <fstream>

using namespace bitlathe;
using namespace bitlathe::model;

namespace
{

const RandomShape kSmall{300, 64, 2, 96, 4, 2, 128, false, 10000.0};

std::string fileBytes(const std::filesystem::path& file)
{
    std::ifstream stream(file, std::ios::binary);
    return {std::istreambuf_iterator<char>(stream), {}};
}

} // namespace

class TestRandomModel : public QObject
{
    Q_OBJECT

private slots:
    void cleanup() { kernels::setThreadCount(0); }

    void opensAndRuns()
    {
        const tests::TempFolder folder;
        const auto out = folder.path() / "model";
        QVERIFY(writeRandomModel(kSmall, 1, out));
        const auto model = tests::openGolden(out);
        const std::vector<TokenId> ids{1, 2, 3, 299};
        const auto hidden = tests::valueOf(model->forward(ids));
        std::vector<float> logits(4 * 300);
        model->logits(hidden, 0, 4, logits);
        QVERIFY(std::ranges::all_of(logits, [](float v) { return std::isfinite(v); }));
        std::int64_t parameters = 0;
        const auto checkpoint = tests::valueOf(checkpoint::Checkpoint::open(out));
        for (const auto& entry : checkpoint->entries()) {
            parameters += checkpoint->view(entry).elements();
        }
        QCOMPARE(parameters, kSmall.parameters());
    }

    void hasTheSpreadOfAFreshModel()
    {
        const tests::TempFolder folder;
        const auto out = folder.path() / "model";
        QVERIFY(writeRandomModel(kSmall, 5, out));
        const auto checkpoint = tests::valueOf(checkpoint::Checkpoint::open(out));
        const auto values =
            checkpoint::toF32(tests::valueOf(checkpoint->tensor("model.layers.0.mlp.gate_proj.weight")));
        double sum = 0;
        double squares = 0;
        for (const float value : values) {
            sum += static_cast<double>(value);
            squares += static_cast<double>(value) * static_cast<double>(value);
        }
        const auto count = static_cast<double>(values.size());
        QVERIFY(std::abs(sum / count) < 0.01);
        QVERIFY(std::abs(std::sqrt(squares / count) - 0.125) < 0.005); // 1 / sqrt(64)
    }

    void followsTheSeedAlone()
    {
        const tests::TempFolder folder;
        kernels::setThreadCount(1);
        QVERIFY(writeRandomModel(kSmall, 1, folder.path() / "a"));
        kernels::setThreadCount(2);
        QVERIFY(writeRandomModel(kSmall, 1, folder.path() / "b"));
        QVERIFY(writeRandomModel(kSmall, 2, folder.path() / "c"));
        const auto weights = [&](const char* name) {
            const auto checkpoint = tests::valueOf(checkpoint::Checkpoint::open(folder.path() / name));
            return fileBytes(checkpoint->files().at(0));
        };
        QVERIFY(weights("a") == weights("b"));
        QVERIFY(weights("a") != weights("c"));
    }

    void knowsShapesByName()
    {
        const auto shape = tests::valueOf(randomShape("82m"));
        QVERIFY(std::abs(static_cast<double>(shape.parameters()) - 82e6) < 1e6);
        QVERIFY(std::abs(static_cast<double>(tests::valueOf(randomShape("1.1b")).parameters()) - 1.1e9) < 2e7);
        QVERIFY(randomShapeNames().size() >= 5);
        const auto unknown = randomShape("9t");
        QVERIFY(!unknown);
        QCOMPARE(unknown.error().code, ErrorCode::UnknownName);
    }

    void refusesWhatCannotBe()
    {
        const tests::TempFolder folder;
        RandomShape shape = kSmall;
        shape.kvHeads = 3;
        auto result = writeRandomModel(shape, 1, folder.path() / "model");
        QVERIFY(!result);
        QCOMPARE(result.error().code, ErrorCode::SettingInvalid);

        std::stop_source source;
        source.request_stop();
        result = writeRandomModel(kSmall, 1, folder.path() / "model", {{}, source.get_token()});
        QVERIFY(!result);
        QCOMPARE(result.error().code, ErrorCode::Cancelled);
        QVERIFY(!std::filesystem::exists(folder.path() / "model"));

        QVERIFY(writeRandomModel(kSmall, 1, folder.path() / "model"));
        result = writeRandomModel(kSmall, 1, folder.path() / "model");
        QVERIFY(!result);
        QCOMPARE(result.error().code, ErrorCode::OutputExists);
    }
};

QTEST_GUILESS_MAIN(TestRandomModel)
#include "tst_randommodel.moc"
