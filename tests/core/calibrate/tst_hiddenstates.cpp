// SPDX-License-Identifier: Apache-2.0
// HiddenStates: the same in memory and in a file, and no file left behind.
#include "core/calibrate/hiddenstates.h"

#include "core/base/file.h"
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
    void severalAtOnce_data();
    void severalAtOnce();
    void noPlaceForAFile();
    void savedAndRestored();
    void damagedFilesAreRefused();
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

void TestHiddenStates::severalAtOnce_data()
{
    QTest::addColumn<quint64>("limit");
    QTest::newRow("in memory") << (quint64{1} << 30);
    QTest::newRow("in a file") << quint64{0};
}

/// Neighbours of one length pass together, up to 1024 tokens; each keeps its place.
void TestHiddenStates::severalAtOnce()
{
    QFETCH(quint64, limit);
    const tests::TempFolder folder;
    const std::vector<std::int64_t> tokens{400, 400, 400, 5, 5, 9, 5000, 5000};
    auto states = HiddenStates::create(tokens, 16, limit, folder.path());
    BITLATHE_VERIFY_OK(states);
    for (std::size_t sample = 0; sample < tokens.size(); ++sample) {
        BITLATHE_VERIFY_OK(states->store(sample, randomStates(tokens[sample], 16, static_cast<unsigned>(sample))));
    }
    std::vector<std::size_t> counts;
    for (std::size_t sample = 0; sample < tokens.size(); sample += counts.back()) {
        counts.push_back(states->together(sample));
        auto loaded = states->load(sample, counts.back());
        BITLATHE_VERIFY_OK(loaded);
        QCOMPARE(loaded->sequences, static_cast<std::int64_t>(counts.back()));
        QCOMPARE(loaded->rows, tokens[sample] * loaded->sequences);
        std::vector<float> expected;
        for (std::size_t i = 0; i < counts.back(); ++i) {
            const auto one = randomStates(tokens[sample], 16, static_cast<unsigned>(sample + i));
            expected.insert(expected.end(), one.values.begin(), one.values.end());
        }
        QCOMPARE(loaded->values, expected);
        std::ranges::transform(loaded->values, loaded->values.begin(), std::negate<>());
        BITLATHE_VERIFY_OK(states->store(sample, *loaded));
    }
    QCOMPARE(counts, (std::vector<std::size_t>{2, 1, 2, 1, 1, 1}));
    for (std::size_t sample = 0; sample < tokens.size(); ++sample) {
        auto expected = randomStates(tokens[sample], 16, static_cast<unsigned>(sample));
        std::ranges::transform(expected.values, expected.values.begin(), std::negate<>());
        QCOMPARE(states->load(sample)->values, expected.values);
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

void TestHiddenStates::savedAndRestored()
{
    const tests::TempFolder folder;
    const std::vector<std::int64_t> tokens{5, 1, 30};
    const auto file = folder / "states";
    for (const std::uint64_t limit : {std::uint64_t{0}, std::uint64_t{1} << 20}) { // In a file, and in memory.
        auto states = HiddenStates::create(tokens, 16, limit, folder.path());
        BITLATHE_VERIFY_OK(states);
        for (std::size_t sample = 0; sample < tokens.size(); ++sample) {
            BITLATHE_VERIFY_OK(states->store(sample, randomStates(tokens[sample], 16, static_cast<unsigned>(sample))));
        }
        BITLATHE_VERIFY_OK(states->save(file));
        auto others = HiddenStates::create(tokens, 16, (1 << 20) - limit, folder.path());
        BITLATHE_VERIFY_OK(others);
        BITLATHE_VERIFY_OK(others->restore(file));
        for (std::size_t sample = 0; sample < tokens.size(); ++sample) {
            QCOMPARE(others->load(sample)->values,
                     randomStates(tokens[sample], 16, static_cast<unsigned>(sample)).values);
        }
    }
    QCOMPARE(std::distance(std::filesystem::directory_iterator(folder.path()), {}), 1); // No draft is left.
}

void TestHiddenStates::damagedFilesAreRefused()
{
    const tests::TempFolder folder;
    const auto file = folder / "states";
    auto states = HiddenStates::create({3, 4}, 8, 1 << 20, folder.path());
    BITLATHE_VERIFY_OK(states);
    BITLATHE_VERIFY_OK(states->store(0, randomStates(3, 8, 1)));
    BITLATHE_VERIFY_OK(states->store(1, randomStates(4, 8, 2)));
    QCOMPARE(states->restore(folder / "missing").error().code, ErrorCode::FileMissing);
    QCOMPARE(states->save(folder / "no" / "folder").error().code, ErrorCode::WriteFailed);
    BITLATHE_VERIFY_OK(states->save(file));
    const std::string whole = *readFile(file);
    std::string flipped = whole;
    flipped[40] = static_cast<char>(flipped[40] ^ 1);
    const auto refused = [&](const std::string& content) {
        (void)writeFileAtomically(file, content);
        const auto result = states->restore(file);
        return !result && result.error().code == ErrorCode::FileInvalid &&
               result.error().sentence().ends_with("found others, or damaged ones. Start the run anew.");
    };
    QVERIFY(refused(""));
    QVERIFY(refused(whole.substr(0, whole.size() - 1)));
    QVERIFY(refused(whole.substr(0, 50)));
    QVERIFY(refused(whole + "x"));
    QVERIFY(refused(flipped));
    BITLATHE_VERIFY_OK(writeFileAtomically(file, whole));
    BITLATHE_VERIFY_OK(states->restore(file));
    auto others = HiddenStates::create({3, 5}, 8, 1 << 20, folder.path());
    BITLATHE_VERIFY_OK(others);
    QCOMPARE(others->restore(file).error().code, ErrorCode::FileInvalid);
}

QTEST_GUILESS_MAIN(TestHiddenStates)
#include "tst_hiddenstates.moc"
