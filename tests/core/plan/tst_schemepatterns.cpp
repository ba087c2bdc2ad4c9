// SPDX-License-Identifier: Apache-2.0
// Schemes told in patterns, and read back by the rule of overrides: every layer must get its own again.
#include "core/plan/schemepatterns.h"

#include <QTest>

#include <random>

namespace bitlathe::plan
{

namespace
{

using Schemes = std::vector<std::optional<quant::Scheme>>;

model::ModelSpec specOf(const std::vector<std::string>& names)
{
    model::ModelSpec spec;
    for (const std::string& name : names) {
        model::LinearSpec linear;
        linear.id = LayerId(std::ssize(spec.linears));
        linear.name = name;
        spec.linears.push_back(std::move(linear));
    }
    return spec;
}

std::optional<quant::Scheme> bits(int count)
{
    quant::Scheme scheme;
    scheme.bits = count;
    return count == 0 ? std::nullopt : std::optional(scheme);
}

Schemes schemesOf(const std::vector<int>& counts)
{
    Schemes schemes;
    for (const int count : counts) {
        schemes.push_back(bits(count));
    }
    return schemes;
}

std::vector<std::string> patternsOf(const SchemePatterns& told)
{
    std::vector<std::string> patterns;
    for (const quant::Override& each : told.overrides) {
        patterns.push_back(each.pattern);
    }
    return patterns;
}

bool tellsAll(const SchemePatterns& told, const model::ModelSpec& spec, const Schemes& schemes)
{
    return std::ranges::all_of(spec.linears, [&](const model::LinearSpec& linear) {
        return *quant::schemeFor(linear.name, told.base, told.overrides) == schemes[linear.id.index()];
    });
}

} // namespace

class TestSchemePatterns : public QObject
{
    Q_OBJECT

private slots:
    void blocksAreListed()
    {
        const auto spec =
            specOf({"m.0.up", "m.0.down", "m.1.up", "m.1.down", "m.10.up", "m.10.down", "m.11.up", "m.11.down"});
        const Schemes schemes = schemesOf({4, 8, 4, 3, 4, 3, 2, 8});
        const SchemePatterns told = schemePatterns(spec, schemes);
        QCOMPARE(told.base.bits, 4);
        QVERIFY(tellsAll(told, spec, schemes));
        const std::vector<std::string> expected = {"m.11.up", "m.*.down", "re:m\\.(1|10)\\.down$"};
        QCOMPARE(patternsOf(told), expected);
    }

    void expertsAreOne()
    {
        const auto spec = specOf({"m.0.experts.0.up", "m.0.experts.1.up", "m.1.experts.0.up", "m.1.experts.1.up",
                                  "m.2.experts.0.up", "m.2.experts.1.up", "m.0.gate", "m.1.gate", "m.2.gate"});
        const Schemes schemes = schemesOf({4, 4, 4, 4, 3, 3, 0, 0, 0});
        const SchemePatterns told = schemePatterns(spec, schemes);
        QVERIFY(tellsAll(told, spec, schemes));
        const std::vector<std::string> expected = {"m.2.experts.*.up", "m.*.gate"};
        QCOMPARE(patternsOf(told), expected);
        // Experts that differ within a block have no pattern in common.
        const Schemes odd = schemesOf({4, 4, 4, 4, 4, 3, 4, 4, 4});
        const SchemePatterns toldOdd = schemePatterns(spec, odd);
        QVERIFY(tellsAll(toldOdd, spec, odd));
        QCOMPARE(patternsOf(toldOdd), std::vector<std::string>{"m.2.experts.1.up"});
    }

    void allAlikeNeedNone()
    {
        const auto spec = specOf({"a", "b.0.c"});
        const SchemePatterns told = schemePatterns(spec, schemesOf({3, 3}));
        QCOMPARE(told.base.bits, 3);
        QVERIFY(told.overrides.empty());
    }

    void anySchemesComeBack()
    {
        std::vector<std::string> names;
        for (int block = 0; block < 24; ++block) {
            for (const char* end : {"q", "k", "up", "mlp.up", "experts.0.up", "experts.1.up"}) {
                names.push_back("layers." + std::to_string(block) + '.' + end);
            }
        }
        names.emplace_back("head");
        const auto spec = specOf(names);
        std::mt19937 random(5);
        for (int round = 0; round < 20; ++round) {
            std::vector<int> counts;
            for (std::size_t i = 0; i < names.size(); ++i) {
                counts.push_back(std::array{0, 2, 3, 4, 8}[random() % 5]);
            }
            const Schemes schemes = schemesOf(counts);
            QVERIFY(tellsAll(schemePatterns(spec, schemes), spec, schemes));
        }
    }
};

} // namespace bitlathe::plan

QTEST_GUILESS_MAIN(bitlathe::plan::TestSchemePatterns)
#include "tst_schemepatterns.moc"
