// SPDX-License-Identifier: Apache-2.0
// Selection rules of other tools, names of text sets, facts of sets, and overlap of calibration and evaluation.
#include "core/base/file.h"
#include "core/text/datafolder.h"
#include "core/text/overlap.h"
#include "core/text/pythonrandom.h"
#include "core/text/textfacts.h"
#include "support/tempfolder.h"

#include <numeric>
#include <set>

using namespace bitlathe;
using namespace bitlathe::text;

namespace
{

using Ids = std::vector<TokenId>;

/// One token a byte, and 1000 in front where special tokens are wanted.
class ByteTokenizer : public Tokenizer
{
public:
    Ids encode(std::string_view text) const override { return {text.begin(), text.end()}; }
    Ids encodeWithSpecial(std::string_view text) const override
    {
        Ids ids = encode(text);
        ids.insert(ids.begin(), 1000);
        return ids;
    }
    std::string decode(std::span<const TokenId>, bool) const override { return {}; }
    std::string piece(TokenId) const override { return {}; }
    std::int64_t vocabularySize() const override { return 1001; }
    std::optional<TokenId> bos() const override { return 1000; }
    std::optional<TokenId> eos() const override { return std::nullopt; }
    std::string kind() const override { return "bytes"; }
    std::string fingerprint() const override { return "bytes"; }
};

TextSet countedIds(int count)
{
    TextSet set;
    set.ids.resize(static_cast<std::size_t>(count));
    std::iota(set.ids.begin(), set.ids.end(), 0);
    return set;
}

TextSet documents(std::vector<std::string> rows)
{
    TextSet set;
    set.spec = "rows.jsonl";
    set.rows = std::move(rows);
    set.rowsAreDocuments = true;
    return set;
}

void write(const std::filesystem::path& file, const std::string& content)
{
    std::filesystem::create_directories(file.parent_path());
    BITLATHE_VERIFY_OK(writeFileAtomically(file, content));
}

class TestSampleRules : public QObject
{
    Q_OBJECT

private slots:
    void pythonsNumbers();
    void gptqWindows();
    void gptqJoinsRows();
    void awqBlocks();
    void lmdeployDocuments();
    void tooLittleText();
    void names();
    void presets();
    void parquetIsExplained();
    void conversationsThroughTheTemplate();
    void facts();
    void overlap();
};

/// What Python 3.11 gives for random.seed(0); random.randint(0, N).
void TestSampleRules::pythonsNumbers()
{
    PythonRandom large(0);
    for (const std::uint64_t expected : {1770880U, 807917U, 1589545U, 1866976U, 882002U, 84901U}) {
        QCOMPARE(large.upTo(2'000'000 - 2048 - 1), expected);
    }
    PythonRandom wikitext(0);
    for (const std::uint64_t expected : {201979U, 220500U, 21225U, 135746U}) {
        QCOMPARE(wikitext.upTo(341'469 - 2048 - 1), expected);
    }
}

void TestSampleRules::gptqWindows()
{
    const auto samples = calibrationSamples(countedIds(341'469), nullptr, {4, 2048, 0, SampleRule::Gptq});
    BITLATHE_VERIFY_OK(samples);
    QCOMPARE(samples->size(), 4U);
    QCOMPARE(samples->at(0).front(), 201979);
    QCOMPARE(samples->at(3).front(), 135746);
    QCOMPARE(samples->at(3).back(), 135746 + 2047);
    const auto other = calibrationSamples(countedIds(341'469), nullptr, {4, 2048, 1, SampleRule::Gptq});
    QVERIFY(other->at(0).front() != 201979);
}

void TestSampleRules::gptqJoinsRows()
{
    const ByteTokenizer tokenizer;
    const auto samples = calibrationSamples(documents({"ab", "c"}), &tokenizer, {50, 5, 0, SampleRule::Gptq});
    BITLATHE_VERIFY_OK(samples);
    // Of [bos] a b \n \n c there is one window of five with one token left over, as the rule wants it.
    QCOMPARE(samples->size(), 50U);
    QCOMPARE(samples->front(), (Ids{1000, 'a', 'b', '\n', '\n'}));
}

void TestSampleRules::awqBlocks()
{
    const ByteTokenizer tokenizer;
    const TextSet set = documents({" ab ", "far too long", "", "cde\n", "fg", "never taken"});
    const auto blocks = calibrationSamples(set, &tokenizer, {4, 5, 0, SampleRule::Awq});
    BITLATHE_VERIFY_OK(blocks);
    // The rows "ab", "" (its special token), "cde" and "fg"; one token is left over.
    QCOMPARE(*blocks, (std::vector<Ids>{{1000, 'a', 'b', 1000, 1000}, {'c', 'd', 'e', 1000, 'f'}}));
}

void TestSampleRules::lmdeployDocuments()
{
    const ByteTokenizer tokenizer;
    const TextSet set = documents({"short", "0123456789", "abcdefghij"});
    const auto samples = calibrationSamples(set, &tokenizer, {40, 8, 3, SampleRule::Lmdeploy});
    BITLATHE_VERIFY_OK(samples);
    QCOMPARE(samples->size(), 40U);
    std::set<TokenId> seen;
    for (const Ids& sample : *samples) {
        QCOMPARE(sample.size(), 8U);
        seen.insert(sample.back());
        const bool isDigits = sample.back() >= '0' && sample.back() <= '9';
        const bool isLetters = sample.back() >= 'a' && sample.back() <= 'j';
        QVERIFY(isDigits || isLetters);
    }
    QVERIFY(seen.size() > 4); // Of both documents, from several places.
    QCOMPARE(*samples, *calibrationSamples(set, &tokenizer, {40, 8, 3, SampleRule::Lmdeploy}));
}

void TestSampleRules::tooLittleText()
{
    const ByteTokenizer tokenizer;
    for (const SampleRule rule : {SampleRule::Gptq, SampleRule::Awq, SampleRule::Lmdeploy}) {
        const auto samples = calibrationSamples(documents({"ab", "c"}), &tokenizer, {4, 100, 0, rule});
        QVERIFY(!samples);
        QCOMPARE(samples.error().code, ErrorCode::TextInvalid);
    }
    QCOMPARE(calibrationSamples(countedIds(9), nullptr, {4, 2, 0, SampleRule::Awq}).error().code,
             ErrorCode::TextInvalid);
    QCOMPARE(calibrationSamples(documents({"ab"}), nullptr, {4, 2, 0, SampleRule::Awq}).error().code,
             ErrorCode::TokenizerInvalid);
}

void TestSampleRules::names()
{
    for (const SampleRule rule : {SampleRule::Rows, SampleRule::Gptq, SampleRule::Awq, SampleRule::Lmdeploy}) {
        QCOMPARE(sampleRuleFrom(sampleRuleName(rule)).value(), rule);
    }
    QCOMPARE(sampleRuleFrom("other").error().code, ErrorCode::SettingInvalid);
}

void TestSampleRules::presets()
{
    const tests::TempFolder folder;
    const auto missing = resolvePreset("wikitext", folder / "model");
    QVERIFY(!missing);
    QVERIFY(missing.error().sentence().find((folder / "data").string()) != std::string::npos);
    write(folder / "data/c4-validation.jsonl", "{\"text\": \"v\"}");
    QCOMPARE(resolvePreset("c4", folder / "model").value(), (folder / "data/c4-validation.jsonl").string());
    write(folder / "data/c4-train.jsonl", "{\"text\": \"t\"}");
    QCOMPARE(resolvePreset("c4", folder / "model/").value(), (folder / "data/c4-train.jsonl").string());
    write(folder / "data/c4.json.gz", "");
    QCOMPARE(resolvePreset("c4", folder / "model").value(), (folder / "data/c4.json.gz").string());
    write(folder / "chosen/wikitext-2/wiki.train.txt", "training");
    write(folder / "chosen/wikitext-2/wiki.test.txt", "test");
    write(folder / "chosen/alpaca.py", "");
    setDataFolder(folder / "chosen");
    QCOMPARE(openTextSet("wikitext").value().rows, std::vector<std::string>{"training"});
    QVERIFY(!resolvePreset("alpaca"));
    qputenv("BITLATHE_DATA", (folder / "env").c_str());
    write(folder / "env/custom.jsonl", "{\"question\": \"q\", \"answer\": \"a\"}");
    QCOMPARE(openTextSet("custom").value().rows, std::vector<std::string>{"q\na"});
    QCOMPARE(openTextSet("custom#answer").value().rows, std::vector<std::string>{"a"});
    qunsetenv("BITLATHE_DATA");
    setDataFolder({});
    QCOMPARE(resolvePreset("some/file.txt").value(), "some/file.txt");
}

void TestSampleRules::parquetIsExplained()
{
    const tests::TempFolder folder;
    write(folder / "train.parquet", "PAR1");
    const auto refused = openTextSet((folder / "train.parquet").string());
    QVERIFY(!refused);
    QVERIFY(refused.error().sentence().find("a Parquet file") != std::string::npos);
    QVERIFY(refused.error().sentence().find("train.jsonl") != std::string::npos);
}

void TestSampleRules::conversationsThroughTheTemplate()
{
    const tests::TempFolder folder;
    const std::string data = (folder / "chats.jsonl").string();
    write(data, R"({"messages": [{"role": "user", "content": "hi"}, {"role": "assistant", "content": "yo"}]})");
    write(folder / "plain/config.json", "{}");
    const auto joined = openTextSet(data, folder / "plain");
    BITLATHE_VERIFY_OK(joined);
    QCOMPARE(joined->rows.front(), "hi\nyo");
    QCOMPARE(joined->chats, 1);
    QVERIFY(!joined->chatsAreRendered);
    write(folder / "model/chat_template.jinja", "{% for m in messages %}<{{ m.role }}>{{ m.content }}{% endfor %}");
    const auto rendered = openTextSet(data, folder / "model");
    BITLATHE_VERIFY_OK(rendered);
    QCOMPARE(previewRows(*rendered, 5), std::vector<std::string>{"<user>hi<assistant>yo"});
    QVERIFY(rendered->chatsAreRendered);
    QVERIFY(rendered->hash != joined->hash);
    write(folder / "model/chat_template.jinja", "{{ raise_exception('no') }}");
    QVERIFY(openTextSet(data, folder / "model").error().sentence().find("chats.jsonl:1") != std::string::npos);
}

void TestSampleRules::facts()
{
    const ByteTokenizer tokenizer;
    const auto facts = factsOf(documents({"abc", "", std::string(16, 'x'), std::string(40, 'y')}), &tokenizer);
    BITLATHE_VERIFY_OK(facts);
    QCOMPARE(facts->rows, 3);
    QCOMPARE(facts->blankRows, 1);
    QCOMPARE(facts->tokens, 59);
    QCOMPARE(facts->shortest, 3);
    QCOMPARE(facts->median, 16);
    QCOMPARE(facts->longest, 40);
    QCOMPARE(facts->lengths.size(), 3U);
    QCOMPARE(facts->lengths[0].below, 16);
    QCOMPARE(facts->lengths[0].rows, 1);
    QCOMPARE(facts->lengths[1].rows, 1);
    QCOMPARE(facts->lengths[2].rows, 1);
    QVERIFY(!factsOf(documents({"a"}), nullptr));
}

void TestSampleRules::overlap()
{
    Ids evaluation(1012);
    std::iota(evaluation.begin(), evaluation.end(), 0);
    const std::vector<Ids> apart{Ids(500, 7), Ids(12, 3)};
    QCOMPARE(overlapShare(apart, evaluation).value(), 0.0);
    // Twenty tokens in common are eight runs of thirteen, of a thousand.
    const std::vector<Ids> some{Ids(evaluation.begin() + 100, evaluation.begin() + 120), {1, 2, 3}};
    QCOMPARE(overlapShare(some, evaluation).value(), 0.008);
    const std::vector<Ids> all{evaluation};
    QCOMPARE(overlapShare(all, evaluation).value(), 1.0);
    QVERIFY(!overlapShare(all, std::span(evaluation).first(12)));
    QVERIFY(!overlapFinding(0.001, "t"));
    QCOMPARE(overlapFinding(0.008, "t")->code, std::string("calibration-overlap"));
}

} // namespace

QTEST_GUILESS_MAIN(TestSampleRules)
#include "tst_samplerules.moc"
