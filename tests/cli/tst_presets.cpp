// SPDX-License-Identifier: Apache-2.0
// --preset: the recipe is that of the window's preset, and options that are given override it.
#include "cli/program.h"
#include "core/plan/presets.h"

#include <QTest>

using namespace bitlathe;
using namespace bitlathe::tests;

class TestPresetOption : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void eachMakesItsRecipe_data()
    {
        QTest::addColumn<QString>("id");
        for (const plan::Preset& preset : plan::presets()) {
            QTest::newRow(preset.id.c_str()) << QString::fromStdString(preset.id);
        }
    }
    void eachMakesItsRecipe()
    {
        QFETCH(const QString, id);
        const auto recipe = recipeOf({"--preset", id});
        BITLATHE_VERIFY_OK(recipe);
        const plan::Preset* preset = plan::presetOf(*recipe);
        QVERIFY(preset != nullptr);
        QCOMPARE(QString::fromStdString(preset->id), id);
    }

    void optionsOverrideIt()
    {
        const auto recipe = recipeOf({"--bits", "3", "--preset", "best-4-bit", "--symmetric", "--effort", "fast",
                                      "--format", "compressed-tensors"});
        BITLATHE_VERIFY_OK(recipe);
        QCOMPARE(recipe->method, std::string("awq"));
        QCOMPARE(recipe->scheme.bits, 3);
        QCOMPARE(recipe->scheme.groupSize, std::int64_t(64));
        QVERIFY(recipe->scheme.symmetric);
        QVERIFY(recipe->options.awq.effort == quant::Effort::Fast);
        QCOMPARE(recipe->exportTo.format, std::string("compressed-tensors"));
    }

    void anotherMethodKeepsTheRest()
    {
        const auto recipe = recipeOf({"--preset", "quick", "--method", "gptq"});
        BITLATHE_VERIFY_OK(recipe);
        QCOMPARE(recipe->method, std::string("gptq"));
        QCOMPARE(recipe->scheme.groupSize, std::int64_t(64));
        QCOMPARE(recipe->exportTo.format, std::string("compressed-tensors"));
    }

    void theEstimateTakesIt()
    {
        const auto bytes = [this](const QStringList& options) {
            const Outcome outcome = m_program.json(QStringList{"estimate", tests::text(demoModel())} + options);
            return outcome.code == 0 ? outcome.document()["bytes_out"].get<std::int64_t>() : -1;
        };
        const std::int64_t preset = bytes({"--preset", "8-bit"});
        QVERIFY(preset > 0);
        QCOMPARE(preset, bytes({"--method", "rtn", "--bits", "8", "--group-size", "128"}));
        QVERIFY(preset > bytes({"--preset", "8-bit", "--bits", "4"}));
    }

private:
    /// What quantize would run.
    Result<plan::Recipe> recipeOf(const QStringList& options)
    {
        const std::filesystem::path file = m_folder / "recipe.yaml";
        std::filesystem::remove(file);
        m_program.run(QStringList{"quantize", tests::text(demoModel()), "--out", tests::text(m_folder / "out"),
                                  "--data", tests::text(demoCalibration()), "--samples", "2", "--length", "32",
                                  "--dry-run", "--recipe-out", tests::text(file)} +
                      options);
        return plan::readRecipe(file);
    }

    Program m_program;
    TempFolder m_folder;
};

QTEST_GUILESS_MAIN(TestPresetOption)
#include "tst_presets.moc"
