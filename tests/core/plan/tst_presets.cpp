// SPDX-License-Identifier: Apache-2.0
// Presets: each can be run on a model, and is known again.
#include "core/base/resources.h"
#include "core/format/consumers.h"
#include "core/plan/plan.h"
#include "core/plan/presets.h"
#include "support/tempfolder.h"

#include <QTest>

#include <set>

namespace bitlathe::plan
{

class TestPresets : public QObject
{
    Q_OBJECT

    tests::TempFolder m_folder;

    Recipe recipe() const
    {
        Recipe recipe;
        recipe.model = *resource("demo/model");
        recipe.calibration.data = resource("demo/text/calibration.jsonl")->string();
        recipe.exportTo.out = m_folder / "out";
        return recipe;
    }

private slots:
    void eachCanBeRun_data()
    {
        QTest::addColumn<int>("index");
        for (std::size_t i = 0; i < presets().size(); ++i) {
            QTest::addRow("%s", presets()[i].id.c_str()) << static_cast<int>(i);
        }
    }
    void eachCanBeRun()
    {
        QFETCH(const int, index);
        const Preset& preset = presets()[static_cast<std::size_t>(index)];
        const auto plan = makePlan(withPreset(recipe(), preset), nullptr, Timing::Usual);
        BITLATHE_VERIFY_OK(plan);
        QVERIFY(!format::consumersOf(preset.format).empty());
        QCOMPARE(presetOf(withPreset(recipe(), preset)), &preset);
        for (const auto& scheme : plan->schemes) { // As it will be written.
            QVERIFY(!scheme || scheme->doubleQuant == preset.doubleQuant);
        }
    }

    void whatItDoesNotSayStays()
    {
        Recipe before = recipe();
        before.overrides.push_back({"*.down_proj", std::nullopt});
        before.seed = 7;
        const Recipe after = withPreset(before, presets().front());
        QVERIFY(after.overrides.empty());
        QCOMPARE(after.seed, before.seed);
        QCOMPARE(after.exportTo.out, before.exportTo.out);
        Recipe other = after;
        other.scheme.bits = 3;
        QVERIFY(presetOf(other) == nullptr);
    }

    void idsAreUnique()
    {
        std::set<std::string> ids;
        for (const Preset& preset : presets()) {
            QVERIFY(ids.insert(preset.id).second);
        }
    }
};

} // namespace bitlathe::plan

QTEST_APPLESS_MAIN(bitlathe::plan::TestPresets)
#include "tst_presets.moc"
