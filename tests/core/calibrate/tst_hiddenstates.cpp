// SPDX-License-Identifier: Apache-2.0
// HiddenStates: the same in memory and in a file, and no file left behind.
#include "core/calibrate/hiddenstates.h"
#include "support/tempfolder.h"

#include <QTest>

#include <random>

using namespace bitlathe;
using namespace bitlathe::calibrate;

namespace
{

model::Activations randomStates(std::int64_t tokens, std::int64_t hidden, unsigned seed)
{
    std::mt19937 random(seed);
    std::normal_distribution<float> normal;
    model::Activations states(tokens, hidden);
    std::ranges::generate(states.values, [&] { return normal(random); });
    return states;
}

} // namespace

class TestHiddenStates : public QObject
{
    Q_OBJECT

private slots:
    void roundTrip_data();
    void roundTrip();
    void noPlaceForAFile();
};

void TestHiddenStates::roundTrip_data()
{
    QTest::addColumn<quint64>("limit");
    QTest::addColumn<bool>("inFile");
    constexpr quint64 kBytes = (5 + 1 + 300) * 16 * sizeof(float);
    QTest::newRow("in memory") << kBytes << false;
    QTest::newRow("in a file") << kBytes - 1 << true;
    QTest::newRow("no memory at all") << quint64{0} << true;
}

void TestHiddenStates::roundTrip()
{
    QFETCH(quint64, limit);
    QFETCH(bool, inFile);
    const tests::TempFolder folder;
    const std::vector<std::int64_t> tokens{5, 1, 300};
    auto states = HiddenStates::create(tokens, 16, limit, folder.path());
    BITLATHE_VERIFY_OK(states);
    QCOMPARE(states->inFile(), inFile);
    QVERIFY(std::filesystem::is_empty(folder.path()));
    for (const unsigned round : {0U, 10U}) {
        for (std::size_t sample : {std::size_t{2}, std::size_t{0}, std::size_t{1}}) {
            BITLATHE_VERIFY_OK(
                states->store(sample, randomStates(tokens[sample], 16, round + static_cast<unsigned>(sample))));
        }
        for (std::size_t sample = 0; sample < tokens.size(); ++sample) {
            const auto loaded = states->load(sample);
            BITLATHE_VERIFY_OK(loaded);
            QCOMPARE(loaded->rows, tokens[sample]);
            QCOMPARE(loaded->cols, 16);
            QCOMPARE(loaded->values, randomStates(tokens[sample], 16, round + static_cast<unsigned>(sample)).values);
        }
    }
}

void TestHiddenStates::noPlaceForAFile()
{
    const tests::TempFolder folder;
    const auto states = HiddenStates::create({10}, 16, 0, folder / "missing");
    QVERIFY(!states);
    QCOMPARE(states.error().code, ErrorCode::WriteFailed);
    QVERIFY(states.error().subject.find("missing") != std::string::npos);
}

QTEST_GUILESS_MAIN(TestHiddenStates)
#include "tst_hiddenstates.moc"
