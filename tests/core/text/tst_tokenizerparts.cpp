// SPDX-License-Identifier: Apache-2.0
// The parts of tokenizer.json one by one: normalizers, pre-tokenizers, added tokens and models.
#include "core/text/tokenizerjson/mergequeue.h"
#include "support/tokenizervectors.h"

#include <random>
#include <set>

using namespace bitlathe;
using namespace bitlathe::text;
using namespace bitlathe::tests;

namespace
{

class TestTokenizerParts : public QObject
{
    Q_OBJECT

private slots:
    void parts_data();
    void parts();
    void otherModels_data();
    void otherModels();
    void mergesComeByRankAndPlace_data();
    void mergesComeByRankAndPlace();
};

void TestTokenizerParts::mergesComeByRankAndPlace_data()
{
    QTest::addColumn<int>("ranks");
    for (const int ranks : {1, 2, 64, 65, 4096, 4097, 300'000}) {
        QTest::addRow("%d ranks", ranks) << ranks;
    }
}

/// Against a sorted set, with candidates in and out of order, coming and going by turns, over two words.
void TestTokenizerParts::mergesComeByRankAndPlace()
{
    QFETCH(const int, ranks);
    std::mt19937 random(static_cast<unsigned>(ranks));
    MergeQueue queue;
    queue.growTo(static_cast<std::size_t>(ranks));
    std::multiset<std::pair<std::uint32_t, std::int32_t>> expected;
    const auto push = [&](std::int32_t at) {
        const auto rank = static_cast<std::uint32_t>(random() % static_cast<unsigned>(ranks));
        queue.push({rank, at});
        expected.emplace(rank, at);
    };
    const auto popAndCompare = [&] {
        const MergeCandidate candidate = queue.pop();
        QCOMPARE(std::pair(candidate.rank, candidate.at), *expected.begin());
        expected.erase(expected.begin());
    };
    for (int word = 0; word < 2; ++word) {
        for (std::int32_t at = 0; at < 500; ++at) {
            push(at);
        }
        for (int step = 0; step < 2000; ++step) {
            if (random() % 3 == 0) {
                push(static_cast<std::int32_t>(random() % 500));
            } else if (!expected.empty()) {
                popAndCompare();
            }
        }
        while (!expected.empty()) {
            QVERIFY(!queue.empty());
            popAndCompare();
        }
        QVERIFY(queue.empty());
    }
}

void TestTokenizerParts::parts_data()
{
    QTest::addColumn<QByteArray>("changes"); // Merged into a vocabulary of words.
    QTest::addColumn<QString>("text");
    QTest::addColumn<QString>("pieces"); // Separated by |.
    const auto row = [](const char* title, const char* changes, const char* text, const char* pieces) {
        QTest::newRow(title) << QByteArray(changes) << QString(text) << QString(pieces);
    };
    row("white space", R"({"pre_tokenizer": {"type": "WhitespaceSplit"}})", "ab  c,\td", "ab|c,|d");
    row("words", R"({"pre_tokenizer": {"type": "Whitespace"}})", "ab c,d--e", "ab|c|,|d|--|e");
    row("digits", R"({"pre_tokenizer": {"type": "Digits"}})", "a12b3", "a|12|b|3");
    row("single digits", R"({"pre_tokenizer": {"type": "Digits", "individual_digits": true}})", "a12b", "a|1|2|b");
    row("punctuation", R"({"pre_tokenizer": {"type": "Punctuation"}})", "a,b", "a|,|b");
    row("removed", R"({"pre_tokenizer": {"type": "Split", "pattern": {"String": ","}, "behavior": "Removed"}})",
        "a,,b,", "a|b");
    row("with previous",
        R"({"pre_tokenizer": {"type": "Split", "pattern": {"String": ","}, "behavior": "MergedWithPrevious"}})",
        ",a,,b", ",|a,|,|b");
    row("with next",
        R"({"pre_tokenizer": {"type": "Split", "pattern": {"String": ","}, "behavior": "MergedWithNext"}})", "a,,b,",
        "a|,|,b|,");
    row("contiguous", R"({"pre_tokenizer": {"type": "Split", "pattern": {"String": ","}, "behavior": "Contiguous"}})",
        "a,,b,", "a|,,|b|,");
    row("inverted",
        R"({"pre_tokenizer": {"type": "Split", "pattern": {"Regex": "[a-z]+"}, "behavior": "Removed", "invert": true}})",
        "ab12c", "ab|c");
    row("lowercase", R"({"normalizer": {"type": "Lowercase"}})", "AB", "ab");
    row("strip", R"({"normalizer": {"type": "Strip", "strip_left": true, "strip_right": true}})",
        " \u3000"
        "ab\n",
        "ab");
    row("accents",
        R"({"normalizer": {"type": "Sequence", "normalizers": [{"type": "NFD"}, {"type": "StripAccents"}]}})",
        "\u00E4b", "ab");
    row("compatibility", R"({"normalizer": {"type": "NFKC"}})", "\uFF41\uFF42", "ab");
    row("composition", R"({"normalizer": {"type": "NFC"}})", "a\u0308", "\u00E4");
    row("translation", R"({"normalizer": {"type": "Nmt"}, "pre_tokenizer": {"type": "WhitespaceSplit"}})",
        "a\u200B"
        "b\u007F",
        "a|b");
    row("pattern", R"({"normalizer": {"type": "Replace", "pattern": {"Regex": "x+"}, "content": "a"}})", "xxxbx",
        "aba");
    row("joined word", R"({"pre_tokenizer": {"type": "Whitespace"}})", "a\u200Db c", "a\u200Db|c");
    row("fraction in a word",
        R"({"pre_tokenizer": {"type": "Split", "pattern": {"Regex": "\\W+"}, "behavior": "Removed"}})", "a+\u00BD,b",
        "a|\u00BD|b");
    row("nested class",
        R"({"pre_tokenizer": {"type": "Split", "pattern": {"Regex": "[^(\\s|[,1])]+"}, "behavior": "Isolated"}})",
        "ab,c 1", "ab|,|c|<unk>");
    row("lone word",
        R"({"added_tokens": [{"id": 90, "content": "ab", "single_word": true}],
            "pre_tokenizer": {"type": "WhitespaceSplit"}})",
        "ab, abc", "ab|,|abc");
}

/// The parts of a pipeline, shown by words that are pieces themselves.
void TestTokenizerParts::parts()
{
    QFETCH(QByteArray, changes);
    QFETCH(QString, text);
    QFETCH(QString, pieces);
    Json json = {{"model", {{"type", "WordLevel"}, {"unk_token", "<unk>"}, {"vocab", {{"<unk>", 0}}}}}};
    for (const char* piece : {"ab", "aba", "abc", "a",  "b",  "c",  "c,", "d",   "e",      ",",        "--",    "1",
                              "2",  "12",  "3",   "a,", ",b", ",,", ",a", "a,,", "\u00E4", "a\u200Db", "\u00BD"}) {
        json["model"]["vocab"][piece] = json["model"]["vocab"].size();
    }
    json.merge_patch(Json::parse(changes.toStdString()));
    const tests::TempFolder folder;
    write(folder / "tokenizer.json", json.dump());
    const auto tokenizer = openTokenizer(folder.path());
    BITLATHE_VERIFY_OK(tokenizer);
    QStringList found;
    for (const TokenId id : (*tokenizer)->encode(text.toStdString())) {
        found << QString::fromStdString((*tokenizer)->piece(id));
    }
    QCOMPARE(found.join('|'), pieces);
}

void TestTokenizerParts::otherModels_data()
{
    QTest::addColumn<QByteArray>("json");
    QTest::addColumn<QString>("text");
    QTest::addColumn<QString>("pieces"); // Separated by |.
    QTest::addColumn<QString>("kind");
    const QByteArray unigram = R"({"model": {"type": "Unigram", "unk_id": 0, "vocab": [["<unk>", 0], ["\u2581", -2],
        ["a", -3], ["b", -3.5], ["ab", -4], ["\u2581ab", -5.5], ["c", -1]]},
        "pre_tokenizer": {"type": "Metaspace", "replacement": "\u2581", "prepend_scheme": "always"}})";
    QTest::newRow("best scores") << unigram << "ab ca"
                                 << "\u2581ab|\u2581|c|a"
                                 << "sentencepiece unigram";
    QTest::newRow("unknown run") << unigram << "xyab"
                                 << "\u2581|<unk>|ab"
                                 << "sentencepiece unigram";
    const QByteArray wordPiece = R"({"model": {"type": "WordPiece", "unk_token": "[UNK]",
        "continuing_subword_prefix": "##", "max_input_chars_per_word": 10,
        "vocab": {"[UNK]": 0, "hel": 1, "##lo": 2, "##l": 3, "world": 4}}, "pre_tokenizer": {"type": "WhitespaceSplit"}})";
    QTest::newRow("longest pieces") << wordPiece << "hello helx world"
                                    << "hel|##lo|[UNK]|world"
                                    << "wordpiece";
    QTest::newRow("too long a word") << wordPiece << "hellllllllll"
                                     << "[UNK]"
                                     << "wordpiece";
    QTest::newRow("suffix") << QByteArray(R"({"model": {"type": "BPE", "end_of_word_suffix": "</w>",
        "vocab": {"h": 0, "e": 1, "l": 2, "o</w>": 3, "he": 4, "lo</w>": 5}, "merges": ["h e", "l o</w>"]}})")
                            << "helo"
                            << "he|lo</w>"
                            << "bpe";
    QTest::newRow("unknown characters in a row")
        << QByteArray(R"({"model": {"type": "BPE", "unk_token": "?", "vocab": {"?": 0, "a": 1}, "merges": []}})")
        << "axya"
        << "a|?|?|a"
        << "bpe";
    QTest::newRow("fused")
        << QByteArray(
               R"({"model": {"type": "BPE", "unk_token": "?", "fuse_unk": true, "vocab": {"?": 0, "a": 1}, "merges": []}})")
        << "axya"
        << "a|?|a"
        << "bpe";
}

void TestTokenizerParts::otherModels()
{
    QFETCH(QByteArray, json);
    QFETCH(QString, text);
    QFETCH(QString, pieces);
    QFETCH(QString, kind);
    const tests::TempFolder folder;
    write(folder / "tokenizer.json", json.toStdString());
    const auto tokenizer = openTokenizer(folder.path());
    BITLATHE_VERIFY_OK(tokenizer);
    QStringList found;
    for (const TokenId id : (*tokenizer)->encode(text.toStdString())) {
        found << QString::fromStdString((*tokenizer)->piece(id));
    }
    QCOMPARE(found.join('|'), pieces);
    QCOMPARE((*tokenizer)->kind(), kind.toStdString());
}

} // namespace

QTEST_GUILESS_MAIN(TestTokenizerParts)
#include "tst_tokenizerparts.moc"
