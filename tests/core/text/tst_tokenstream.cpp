// SPDX-License-Identifier: Apache-2.0
// The token sequences of text sets: streams against reference counts, samples by rows, windows and seeds.
#include "core/text/textset.h"

#include "core/base/file.h"
#include "core/base/json.h"
#include "kernels/threads.h"
#include "support/tempfolder.h"

#include <numeric>
#include <set>

using namespace bitlathe;
using namespace bitlathe::text;

namespace
{

/// One token a byte; bos 1000 and eos 1001 where asked for.
class ByteTokenizer : public Tokenizer
{
public:
    explicit ByteTokenizer(bool hasSpecial = true) : m_hasSpecial(hasSpecial) {}

    std::vector<TokenId> encode(std::string_view text) const override
    {
        std::vector<TokenId> ids;
        for (const char letter : text) {
            ids.push_back(static_cast<unsigned char>(letter));
        }
        return ids;
    }
    std::vector<TokenId> encodeWithSpecial(std::string_view text) const override { return encode(text); }
    std::string decode(std::span<const TokenId> ids, bool) const override
    {
        return std::string(ids.begin(), ids.end());
    }
    std::string piece(TokenId id) const override { return {static_cast<char>(id)}; }
    std::int64_t vocabularySize() const override { return 1002; }
    std::optional<TokenId> bos() const override { return m_hasSpecial ? std::optional(1000) : std::nullopt; }
    std::optional<TokenId> eos() const override { return m_hasSpecial ? std::optional(1001) : std::nullopt; }
    std::string kind() const override { return "bytes"; }
    std::string fingerprint() const override { return "bytes"; }

private:
    bool m_hasSpecial;
};

using Ids = std::vector<TokenId>;
using Samples = std::vector<Ids>;

TextSet documents(std::vector<std::string> rows)
{
    TextSet set;
    set.spec = "rows.jsonl";
    set.rows = std::move(rows);
    set.rowsAreDocuments = true;
    return set;
}

TextSet countedIds(int count)
{
    TextSet set;
    set.ids.resize(static_cast<std::size_t>(count));
    std::iota(set.ids.begin(), set.ids.end(), 0);
    return set;
}

class TestTokenStream : public QObject
{
    Q_OBJECT

private slots:
    void streamOfEachShape();
    void streamWithoutSpecialTokens();
    void wikitextReference();
    void heldoutReference();
    void threadsDoNotMatter();
    void samplesOfDocuments();
    void seedChoosesRows();
    void samplesOfWindows();
    void demoCalibration();
    void nothingToTokenize();
    void noTokenizer();
    void badOptions();
};

void TestTokenStream::streamOfEachShape()
{
    const ByteTokenizer tokenizer;
    TextSet set = documents({"ab", "", "c"});
    QCOMPARE(evaluationStream(set, &tokenizer).value(), (Ids{1000, 'a', 'b', 1001, 1000, 1001, 1000, 'c', 1001}));
    set.rowsAreDocuments = false;
    set.rowsAreLines = true;
    QCOMPARE(evaluationStream(set, &tokenizer).value(), (Ids{1000, 'a', 'b', '\n', '\n', '\n', '\n', 'c'}));
    set.rowsAreLines = false;
    set.rows = {"ab"};
    QCOMPARE(evaluationStream(set, &tokenizer).value(), (Ids{1000, 'a', 'b'}));
    QCOMPARE(evaluationStream(countedIds(3), nullptr).value(), (Ids{0, 1, 2}));
}

void TestTokenStream::streamWithoutSpecialTokens()
{
    const ByteTokenizer tokenizer(false);
    QCOMPARE(evaluationStream(documents({"ab", "c"}), &tokenizer).value(), (Ids{'a', 'b', 'c'}));
}

void TestTokenStream::wikitextReference()
{
    BITLATHE_NEED_SHARED();
    const auto reference = readJson(tests::sharedFolder() / "models" / "demo-llama" / "reference.json");
    BITLATHE_VERIFY_OK(reference);
    const auto tokenizer = openTokenizer(tests::sharedFolder() / "models" / "demo-llama");
    BITLATHE_VERIFY_OK(tokenizer);
    const auto set =
        openTextSet((tests::sharedFolder() / "data" / "wikitext-2-raw-v1" / "wikitext-test.arrow").string());
    BITLATHE_VERIFY_OK(set);
    QCOMPARE(set->rows.size(), 4358U);
    const auto stream = evaluationStream(*set, tokenizer->get());
    BITLATHE_VERIFY_OK(stream);
    QCOMPARE(stream->size(), (*reference)["wikitext2_test"]["n_tokens"].get<std::size_t>());
    QCOMPARE(stream->size() / 2048, (*reference)["wikitext2_test"]["windows"].get<std::size_t>());
    QCOMPARE(stream->front(), 1);
}

void TestTokenStream::heldoutReference()
{
    BITLATHE_NEED_SHARED();
    const auto tokenizer = openTokenizer(tests::sharedFolder() / "models" / "demo-llama");
    BITLATHE_VERIFY_OK(tokenizer);
    const auto set = openTextSet((tests::sharedFolder() / "data" / "heldout-docs.jsonl").string());
    BITLATHE_VERIFY_OK(set);
    const auto stream = evaluationStream(*set, tokenizer->get());
    BITLATHE_VERIFY_OK(stream);
    QVERIFY(stream->size() / 2048 >= 60);
    const auto rows = static_cast<std::ptrdiff_t>(set->rows.size());
    QCOMPARE(std::count(stream->begin(), stream->end(), 1), rows);
    QCOMPARE(std::count(stream->begin(), stream->end(), 2), rows);
    QCOMPARE(stream->back(), 2);
}

void TestTokenStream::threadsDoNotMatter()
{
    std::vector<std::string> rows;
    for (int i = 0; i < 1000; ++i) {
        rows.push_back("row " + std::to_string(i));
    }
    const ByteTokenizer tokenizer;
    kernels::setThreadCount(1);
    const auto one = evaluationStream(documents(rows), &tokenizer);
    kernels::setThreadCount(2);
    const auto two = evaluationStream(documents(rows), &tokenizer);
    kernels::setThreadCount(0);
    QVERIFY(one.value() == two.value());
}

void TestTokenStream::samplesOfDocuments()
{
    const ByteTokenizer tokenizer;
    const TextSet set = documents({"abcdef", " \n", "gh", "ijklmn"});
    QCOMPARE(calibrationSamples(set, &tokenizer, {10, 4, 0}).value(),
             (Samples{{1000, 'a', 'b', 'c'}, {1000, 'g', 'h'}, {1000, 'i', 'j', 'k'}}));
    QCOMPARE(calibrationSamples(set, &tokenizer, {2, 3, 0}).value(), (Samples{{1000, 'a', 'b'}, {1000, 'g', 'h'}}));
}

void TestTokenStream::seedChoosesRows()
{
    const ByteTokenizer tokenizer(false);
    std::vector<std::string> rows;
    for (int i = 0; i < 100; ++i) {
        rows.push_back("row " + std::to_string(i));
    }
    const auto drawn = [&](std::uint64_t seed) {
        return calibrationSamples(documents(rows), &tokenizer, {20, 8, seed}).value();
    };
    QVERIFY(drawn(1) == drawn(1));
    QVERIFY(drawn(1) != drawn(2));
    QVERIFY(drawn(1) != drawn(0));
    QCOMPARE(drawn(7).size(), 20U);
    const Samples all = calibrationSamples(documents(rows), &tokenizer, {200, 8, 7}).value();
    const std::set<Ids> different(all.begin(), all.end());
    QCOMPARE(different.size(), 100U); // Every row once.
}

void TestTokenStream::samplesOfWindows()
{
    QCOMPARE(calibrationSamples(countedIds(10), nullptr, {2, 3, 0}).value(), (Samples{{0, 1, 2}, {3, 4, 5}}));
    QCOMPARE(calibrationSamples(countedIds(10), nullptr, {9, 3, 0}).value(),
             (Samples{{0, 1, 2}, {3, 4, 5}, {6, 7, 8}}));
    QCOMPARE(calibrationSamples(countedIds(2), nullptr, {9, 3, 0}).value(), (Samples{{0, 1}}));
    const auto drawn = calibrationSamples(countedIds(300), nullptr, {5, 3, 11}).value();
    QCOMPARE(drawn.size(), 5U);
    for (const Ids& sample : drawn) {
        QCOMPARE(sample.size(), 3U);
        QCOMPARE(sample[0] % 3, 0);
        QCOMPARE(sample[2], sample[0] + 2);
    }
    const ByteTokenizer tokenizer;
    TextSet text;
    text.rows = {"abcde"};
    QCOMPARE(calibrationSamples(text, &tokenizer, {9, 3, 0}).value(), (Samples{{1000, 'a', 'b'}, {'c', 'd', 'e'}}));
}

void TestTokenStream::demoCalibration()
{
    BITLATHE_NEED_SHARED();
    const auto tokenizer = openTokenizer(tests::sharedFolder() / "models" / "demo-llama");
    BITLATHE_VERIFY_OK(tokenizer);
    const auto set = openTextSet((tests::sharedFolder() / "data" / "demo-text" / "calibration.jsonl").string());
    BITLATHE_VERIFY_OK(set);
    QCOMPARE(set->rows.size(), 512U);
    const auto samples = calibrationSamples(*set, tokenizer->get(), {});
    BITLATHE_VERIFY_OK(samples);
    QCOMPARE(samples->size(), 128U);
    for (const Ids& sample : *samples) {
        QVERIFY(sample.size() <= 512 && sample.front() == 1);
    }
}

void TestTokenStream::nothingToTokenize()
{
    const ByteTokenizer tokenizer;
    TextSet lines;
    lines.spec = "empty.arrow";
    for (const TextSet& set : {documents({"", ""}), documents({}), lines}) {
        const auto stream = evaluationStream(set, &tokenizer);
        QVERIFY(!stream);
        QCOMPARE(stream.error().code, ErrorCode::TextInvalid);
        QCOMPARE(stream.error().subject, set.spec);
        const auto samples = calibrationSamples(set, &tokenizer, {});
        QVERIFY(!samples);
        QCOMPARE(samples.error().code, ErrorCode::TextInvalid);
    }
}

void TestTokenStream::noTokenizer()
{
    const auto stream = evaluationStream(documents({"a"}), nullptr);
    QVERIFY(!stream);
    QCOMPARE(stream.error().code, ErrorCode::TokenizerInvalid);
    const auto samples = calibrationSamples(documents({"a"}), nullptr, {});
    QVERIFY(!samples);
    QCOMPARE(samples.error().code, ErrorCode::TokenizerInvalid);
}

void TestTokenStream::badOptions()
{
    const auto samples = calibrationSamples(countedIds(10), nullptr, {0, 3, 0});
    QVERIFY(!samples);
    QCOMPARE(samples.error().code, ErrorCode::SettingInvalid);
    QCOMPARE(samples.error().subject, std::string("samples"));
    const auto length = calibrationSamples(countedIds(10), nullptr, {1, -3, 0});
    QVERIFY(!length);
    QCOMPARE(length.error().subject, std::string("length"));
}

} // namespace

QTEST_GUILESS_MAIN(TestTokenStream)
#include "tst_tokenstream.moc"
