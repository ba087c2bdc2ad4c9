// SPDX-License-Identifier: Apache-2.0
// Tokenizers of tokenizer.json, vocab.json with merges.txt, tokenizer.tiktoken and qwen.tiktoken against vectors of the
// original libraries; what all of them hold; bad files.
#include "core/base/file.h"
#include "core/text/utf8.h"
#include "support/tokenizervectors.h"

#include <chrono>
#include <random>
#include <thread>

using namespace bitlathe;
using namespace bitlathe::text;
using namespace bitlathe::tests;
namespace fs = std::filesystem;

namespace
{

/// A byte-level tokenizer.json of the 256 bytes and these further pieces and merges.
Json byteLevel(const std::vector<std::pair<std::string, std::string>>& merges)
{
    const auto letters = [] {
        std::vector<std::string> all;
        char32_t next = 256;
        for (char32_t byte = 0; byte < 256; ++byte) {
            const bool isItself = (byte >= 33 && byte <= 126) || (byte >= 161 && byte <= 172) || byte >= 174;
            all.push_back(QString::fromUcs4(isItself ? &byte : &next, 1).toStdString());
            next += isItself ? 0 : 1;
        }
        return all;
    }();
    Json json = {{"model", {{"type", "BPE"}, {"vocab", Json::object()}, {"merges", Json::array()}}},
                 {"pre_tokenizer", {{"type", "ByteLevel"}, {"add_prefix_space", false}}},
                 {"decoder", {{"type", "ByteLevel"}}}};
    Json& vocabulary = json["model"]["vocab"];
    for (const std::string& letter : letters) {
        vocabulary[letter] = vocabulary.size();
    }
    for (const auto& [left, right] : merges) {
        json["model"]["merges"].push_back(Json::array({left, right}));
        vocabulary[left + right] = vocabulary.size();
    }
    return json;
}

Result<std::shared_ptr<const Tokenizer>> openJson(const tests::TempFolder& folder, const Json& json)
{
    write(folder / "tokenizer.json", json.dump());
    return openTokenizer(folder.path());
}

std::vector<std::string> bytesAlone()
{
    std::vector<std::string> bytes;
    for (int byte = 0; byte < 256; ++byte) {
        bytes.emplace_back(1, static_cast<char>(byte));
    }
    return bytes;
}

/// The lines of tokens as tiktoken writes them.
std::string ranksOf(const std::vector<std::string>& tokens)
{
    std::string lines;
    for (std::size_t rank = 0; rank < tokens.size(); ++rank) {
        const QByteArray token = QByteArray::fromStdString(tokens[rank]).toBase64();
        lines += token.toStdString() + ' ' + std::to_string(rank) + '\n';
    }
    return lines;
}

/// A tokenizer_config.json that names a class and the added tokens of a tokenizer.json.
Json configWithAdded(const fs::path& folder, const char* className)
{
    Json config = *readJson(folder / "tokenizer_config.json");
    const Json tokenizer = *readJson(folder / "tokenizer.json");
    config["tokenizer_class"] = className;
    for (const Json& token : tokenizer["added_tokens"]) {
        config["added_tokens_decoder"][std::to_string(token["id"].get<int>())] = token;
    }
    return config;
}

class TestTokenizerJson : public QObject
{
    Q_OBJECT

private slots:
    void vectors_data();
    void vectors();
    void otherFiles_data();
    void otherFiles();
    void jsonWinsOverModel();
    void fingerprintOfSameIds();
    void bytesComeBack_data();
    void bytesComeBack();
    void brokenTextIsRepaired();
    void threadsAgree();
    void longWordTakesNoSquare();
    void cacheKeepsIds();
    void badFiles_data();
    void badFiles();
    void largeVocabularyIsRefused();
    void qwenVectors();
    void qwenRoles();
    void badQwenFiles_data();
    void badQwenFiles();
};

void TestTokenizerJson::vectors_data()
{
    QTest::addColumn<QString>("folder");
    QTest::addColumn<QString>("kind");
    QTest::newRow("demo-llama") << "models/demo-llama"
                                << "sentencepiece bpe";
    for (const char* name : {"gemma", "llama-hf-metaspace", "llama-hf-prepend", "phi3"}) {
        QTest::newRow(name) << QString("golden/tokenizers/%1").arg(name) << "sentencepiece bpe";
    }
    for (const char* name : {"gpt-neox", "gpt2", "llama3", "opt", "qwen2", "tiktoken"}) {
        QTest::newRow(name) << QString("golden/tokenizers/%1").arg(name) << "byte-level bpe";
    }
}

void TestTokenizerJson::vectors()
{
    BITLATHE_NEED_SHARED();
    QFETCH(QString, folder);
    QFETCH(QString, kind);
    const auto tokenizer = openTokenizer(sharedFolder() / folder.toStdString());
    BITLATHE_VERIFY_OK(tokenizer);
    const auto expected = readJson(golden(QTest::currentDataTag()) / "vectors.json");
    BITLATHE_VERIFY_OK(expected);
    QVERIFY((*expected)["cases"].size() > 90);
    const std::string found = checkVectors(**tokenizer, *expected);
    QVERIFY2(found.empty(), found.c_str());
    QCOMPARE((*tokenizer)->kind(), kind.toStdString());
    if (expected->contains("vocab_size")) {
        QCOMPARE((*tokenizer)->vocabularySize(), (*expected)["vocab_size"].get<std::int64_t>());
    }
}

void TestTokenizerJson::otherFiles_data()
{
    QTest::addColumn<QString>("name");
    QTest::addColumn<QStringList>("files");
    QTest::addColumn<QString>("className");
    const QStringList merges{"vocab.json", "merges.txt"};
    QTest::newRow("gpt2") << "gpt2" << merges << "GPT2Tokenizer";
    QTest::newRow("opt") << "opt" << merges << "GPT2Tokenizer";
    QTest::newRow("qwen2") << "qwen2" << merges << "Qwen2Tokenizer";
    QTest::newRow("tiktoken") << "tiktoken" << QStringList{"tokenizer.tiktoken", "pattern.txt"} << "SomeTokenizer";
}

void TestTokenizerJson::otherFiles()
{
    BITLATHE_NEED_SHARED();
    QFETCH(QString, name);
    QFETCH(QStringList, files);
    QFETCH(QString, className);
    const fs::path source = golden(name.toStdString());
    const tests::TempFolder folder;
    for (const QString& file : files) {
        copyAlone(source / file.toStdString(), folder.path());
    }
    write(folder / "tokenizer_config.json", configWithAdded(source, className.toUtf8().constData()).dump());
    const auto tokenizer = openTokenizer(folder.path());
    BITLATHE_VERIFY_OK(tokenizer);
    const auto expected = readJson(source / "vectors.json");
    BITLATHE_VERIFY_OK(expected);
    const std::string found = checkVectors(**tokenizer, *expected);
    QVERIFY2(found.empty(), found.c_str());
    QCOMPARE((*tokenizer)->kind(), std::string("byte-level bpe"));
}

void TestTokenizerJson::jsonWinsOverModel()
{
    BITLATHE_NEED_SHARED();
    // The two differ where a text begins with white space.
    const tests::TempFolder folder;
    copyAlone(golden("llama-hf-metaspace") / "tokenizer.model", folder.path());
    const auto model = openTokenizer(folder.path());
    copyAlone(golden("llama-hf-metaspace") / "tokenizer.json", folder.path());
    const auto both = openTokenizer(folder.path());
    BITLATHE_VERIFY_OK(model);
    BITLATHE_VERIFY_OK(both);
    QVERIFY((*model)->encode(" a") != (*both)->encode(" a"));
    QCOMPARE((*model)->encode("a"), (*both)->encode("a"));
    write(folder / "tokenizer.json", "{");
    QVERIFY(!openTokenizer(folder.path()));
}

void TestTokenizerJson::fingerprintOfSameIds()
{
    BITLATHE_NEED_SHARED();
    const tests::TempFolder folder;
    copyAlone(demoModel() / "tokenizer.model", folder.path());
    copyAlone(demoModel() / "tokenizer_config.json", folder.path());
    const auto model = openTokenizer(folder.path());
    const auto json = openTokenizer(demoModel());
    const auto other = openTokenizer(golden("llama-hf-prepend"));
    BITLATHE_VERIFY_OK(model);
    BITLATHE_VERIFY_OK(json);
    BITLATHE_VERIFY_OK(other);
    QCOMPARE((*json)->fingerprint(), (*model)->fingerprint());
    QVERIFY((*json)->fingerprint() != (*other)->fingerprint());
    QCOMPARE((*json)->bos(), (*model)->bos());
    QCOMPARE((*json)->eos(), (*model)->eos());
}

void TestTokenizerJson::bytesComeBack_data()
{
    QTest::addColumn<QString>("name");
    for (const char* name : {"gpt2", "llama3", "opt", "tiktoken"}) {
        QTest::newRow(name) << name;
    }
}

/// Without a normalizer, what byte-level tokenizers decode is what was encoded, for any characters.
void TestTokenizerJson::bytesComeBack()
{
    BITLATHE_NEED_SHARED();
    QFETCH(QString, name);
    const auto tokenizer = openTokenizer(golden(name.toStdString()));
    BITLATHE_VERIFY_OK(tokenizer);
    std::mt19937 random(7);
    for (int round = 0; round < 2000; ++round) {
        std::string text;
        for (auto length = random() % 40; length > 0; --length) {
            constexpr char32_t kLimits[] = {0x80, 0x80, 0x800, 0x3000, 0x10000, 0x110000};
            char32_t code = static_cast<char32_t>(random() % kLimits[random() % 6]);
            code = code >= 0xD800 && code < 0xE000 ? U' ' : code;
            text += QString::fromUcs4(&code, 1).toStdString();
        }
        const std::vector<TokenId> ids = (*tokenizer)->encode(text);
        QCOMPARE((*tokenizer)->decode(ids, false), text);
    }
}

void TestTokenizerJson::brokenTextIsRepaired()
{
    const tests::TempFolder folder;
    const auto tokenizer = openJson(folder, byteLevel({}));
    BITLATHE_VERIFY_OK(tokenizer);
    QCOMPARE((*tokenizer)->decode((*tokenizer)->encode("a\xE2\x96z\xFF")), std::string("a\uFFFDz\uFFFD"));
}

void TestTokenizerJson::threadsAgree()
{
    BITLATHE_NEED_SHARED();
    const auto tokenizer = openTokenizer(golden("llama3"));
    BITLATHE_VERIFY_OK(tokenizer);
    const auto text = readFile(sharedFolder() / "data" / "demo-text" / "evaluation.txt");
    BITLATHE_VERIFY_OK(text);
    const std::vector<TokenId> expected = (*tokenizer)->encode(*text);
    std::vector<std::vector<TokenId>> found(4);
    std::vector<std::thread> threads;
    for (std::vector<TokenId>& one : found) {
        threads.emplace_back([&] { one = (*tokenizer)->encode(*text); });
    }
    for (std::thread& thread : threads) {
        thread.join();
    }
    for (const std::vector<TokenId>& one : found) {
        QVERIFY(one == expected);
    }
}

/// Four times the length takes four times as long and a little more; a square would take sixteen times.
void TestTokenizerJson::longWordTakesNoSquare()
{
    const tests::TempFolder folder;
    const auto tokenizer = openJson(folder, byteLevel({{"a", "b"}, {"ab", "ab"}, {"b", "a"}, {"abab", "abab"}}));
    BITLATHE_VERIFY_OK(tokenizer);
    const auto seconds = [&](std::size_t pairs) {
        std::string word;
        for (std::size_t i = 0; i < pairs; ++i) {
            word += "ab";
        }
        double best = 1e9;
        for (int repeat = 0; repeat < 3; ++repeat) {
            const auto start = std::chrono::steady_clock::now();
            const std::vector<TokenId> ids = (*tokenizer)->encode(word);
            best = std::min(best, std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count());
            if (ids.size() != pairs / 4) {
                return 1e9;
            }
        }
        return best;
    };
    const double small = seconds(100'000);
    const double large = seconds(400'000);
    QVERIFY2(large < 10 * small, qPrintable(QString("%1 s, %2 s").arg(small).arg(large)));
}

void TestTokenizerJson::cacheKeepsIds()
{
    const tests::TempFolder folder;
    const auto tokenizer = openJson(folder, byteLevel({{"a", "b"}, {"ab", "c"}}));
    BITLATHE_VERIFY_OK(tokenizer);
    // More words than the cache has places, each seen again after the others.
    std::vector<std::vector<TokenId>> first;
    for (int round = 0; round < 2; ++round) {
        for (int i = 0; i < 100'000; ++i) {
            std::vector<TokenId> ids = (*tokenizer)->encode("abc" + std::to_string(i) + "abab");
            if (round == 0) {
                first.push_back(std::move(ids));
            } else if (ids != first[static_cast<std::size_t>(i)]) {
                QFAIL(std::to_string(i).c_str());
            }
        }
    }
    QCOMPARE((*tokenizer)->encode("abcab").size(), std::size_t{2});
}

void TestTokenizerJson::badFiles_data()
{
    QTest::addColumn<QByteArray>("content");
    QTest::addColumn<int>("code");
    QTest::addColumn<QString>("named");
    const auto row = [](const char* title, const QByteArray& content, ErrorCode code, const char* named) {
        QTest::newRow(title) << content << static_cast<int>(code) << QString(named);
    };
    const auto changed = [](const char* path, Json value) {
        Json json = byteLevel({{"a", "b"}});
        json[Json::json_pointer(path)] = std::move(value);
        return QByteArray::fromStdString(json.dump());
    };
    const QByteArray good = QByteArray::fromStdString(byteLevel({{"a", "b"}}).dump());
    row("empty", "", ErrorCode::FileInvalid, "byte 1");
    row("cut off", good.left(good.size() / 2), ErrorCode::FileInvalid, "byte");
    row("array", "[]", ErrorCode::TokenizerInvalid, "object");
    row("nothing inside", "{}", ErrorCode::TokenizerInvalid, "model");
    row("too deep", QByteArray(70, '['), ErrorCode::FileInvalid, "tokenizer.json");
    row("unknown model", changed("/model/type", "Transducer"), ErrorCode::NotSupported, "Transducer");
    row("unknown pre-tokenizer", changed("/pre_tokenizer/type", "Magic"), ErrorCode::NotSupported, "Magic");
    row("unknown normalizer", changed("/normalizer", {{"type", "Magic"}}), ErrorCode::NotSupported, "normalizer");
    row("unknown decoder", changed("/decoder/type", "CTC"), ErrorCode::NotSupported, "CTC");
    row("unknown post-processor", changed("/post_processor", {{"type", "Magic"}}), ErrorCode::NotSupported, "Magic");
    row("merge of no piece", changed("/model/merges", Json::array({"a zz"})), ErrorCode::TokenizerInvalid, "zz");
    row("merge into no piece", changed("/model/merges", Json::array({"a c"})), ErrorCode::TokenizerInvalid, "ac");
    row("merge of three", changed("/model/merges", Json::array({"a b c"})), ErrorCode::TokenizerInvalid, "merges[0]");
    row("huge id", changed("/model/vocab/a", 10'000'000), ErrorCode::TokenizerInvalid, "10000000");
    row("negative id", changed("/model/vocab/a", -1), ErrorCode::TokenizerInvalid, "-1");
    row("id as text", changed("/model/vocab/a", "1"), ErrorCode::TokenizerInvalid, "vocab");
    row("no vocabulary", changed("/model/vocab", Json::object()), ErrorCode::TokenizerInvalid, "vocab");
    row("unknown token outside", changed("/model/unk_token", "<nowhere>"), ErrorCode::TokenizerInvalid, "<nowhere>");
    row("dropout", changed("/model/dropout", 0.1), ErrorCode::NotSupported, "dropout");
    row("bad expression",
        changed("/pre_tokenizer", {{"type", "Split"}, {"pattern", {{"Regex", "(a"}}}, {"behavior", "Isolated"}}),
        ErrorCode::TokenizerInvalid, "(a");
    row("intersection",
        changed("/pre_tokenizer",
                {{"type", "Split"}, {"pattern", {{"Regex", "[a-z&&[^b]]"}}}, {"behavior", "Isolated"}}),
        ErrorCode::NotSupported, "&&");
    row("bad flag", changed("/model/byte_fallback", 1), ErrorCode::ConfigInvalid, "byte_fallback");
    row("bad added token", changed("/added_tokens", {{{"id", -5}, {"content", "x"}}}), ErrorCode::ConfigInvalid, "id");
    row("bad rules", changed("/normalizer", {{"type", "Precompiled"}, {"precompiled_charsmap", "AAAA"}}),
        ErrorCode::TokenizerInvalid, "precompiled_charsmap");
}

void TestTokenizerJson::badFiles()
{
    QFETCH(QByteArray, content);
    QFETCH(int, code);
    QFETCH(QString, named);
    const tests::TempFolder folder;
    write(folder / "tokenizer.json", content.toStdString());
    const auto tokenizer = openTokenizer(folder.path());
    QVERIFY(!tokenizer);
    const std::string sentence = tokenizer.error().sentence();
    QVERIFY2(static_cast<int>(tokenizer.error().code) == code, sentence.c_str());
    QVERIFY2(sentence.find(named.toStdString()) != std::string::npos, sentence.c_str());
    QVERIFY2(sentence.find((folder / "tokenizer.json").string()) != std::string::npos, sentence.c_str());
}

void TestTokenizerJson::largeVocabularyIsRefused()
{
    std::string json = R"({"model": {"type": "Unigram", "vocab": [)";
    for (int i = 0; i < 4'000'001; ++i) {
        json += i == 0 ? R"(["",0])" : R"(,["",0])";
    }
    json += "]}}";
    const tests::TempFolder folder;
    write(folder / "tokenizer.json", json);
    const auto tokenizer = openTokenizer(folder.path());
    QVERIFY(!tokenizer);
    QCOMPARE(tokenizer.error().code, ErrorCode::TokenizerInvalid);
    QVERIFY(tokenizer.error().sentence().find("4000000") != std::string::npos);
}

void TestTokenizerJson::qwenVectors()
{
    BITLATHE_NEED_SHARED();
    const tests::TempFolder folder;
    fs::copy_file(golden("tiktoken") / "tokenizer.tiktoken", folder / "qwen.tiktoken");
    const auto tokenizer = openTokenizer(folder.path());
    BITLATHE_VERIFY_OK(tokenizer);
    const auto expected = readJson(fs::path(BITLATHE_SOURCE_DIR) / "tests/data/qwen-tokenizer/vectors.json");
    BITLATHE_VERIFY_OK(expected);
    QVERIFY((*expected)["cases"].size() > 90);
    const std::string found = checkVectors(**tokenizer, *expected);
    QVERIFY2(found.empty(), found.c_str());
    QCOMPARE((*tokenizer)->kind(), std::string("byte-level bpe"));
    QCOMPARE((*tokenizer)->vocabularySize(), (*expected)["vocab_size"].get<std::int64_t>());
}

/// Its class has no bos, and takes the end of a document for eos; a configuration may say otherwise.
void TestTokenizerJson::qwenRoles()
{
    const tests::TempFolder folder;
    write(folder / "qwen.tiktoken", ranksOf(bytesAlone()));
    for (const auto& [config, eos] : {std::pair{R"({"tokenizer_class": "QWenTokenizer"})", 256},
                                      {R"({"eos_token": "<|im_end|>", "pad_token": "<|extra_0|>"})", 258}}) {
        write(folder / "tokenizer_config.json", config);
        const auto tokenizer = openTokenizer(folder.path());
        BITLATHE_VERIFY_OK(tokenizer);
        QVERIFY(!(*tokenizer)->bos());
        QCOMPARE((*tokenizer)->eos(), std::optional<TokenId>(eos));
        QCOMPARE((*tokenizer)->encodeWithSpecial("<|endoftext|>a"), (std::vector<TokenId>{256, 'a'}));
        QCOMPARE((*tokenizer)->vocabularySize(), 256 + 208);
        QCOMPARE((*tokenizer)->piece(463), std::string("<|extra_204|>"));
    }
    write(folder / "tokenizer_config.json", R"({"tokenizer_class": "QWenTokenizer"})");
    fs::remove(folder / "qwen.tiktoken");
    const auto missing = openTokenizer(folder.path());
    QVERIFY(!missing);
    QCOMPARE(missing.error().code, ErrorCode::FileMissing);
    QVERIFY(missing.error().sentence().find("qwen.tiktoken") != std::string::npos);
}

void TestTokenizerJson::badQwenFiles_data()
{
    QTest::addColumn<QByteArray>("content");
    QTest::addColumn<QString>("named");
    const auto row = [](const char* title, std::vector<std::string> lines, const std::string& last, const char* named) {
        QTest::newRow(title) << QByteArray::fromStdString(ranksOf(lines) + last) << QString(named);
    };
    row("no Base64", bytesAlone(), "!! 256\n", ".tiktoken:257: ");
    row("Base64 cut off", bytesAlone(), "YWI 256\n", ".tiktoken:257: ");
    row("no rank", bytesAlone(), "YWI=\n", ".tiktoken:257: ");
    row("a rank of letters", bytesAlone(), "YWI= abc\n", "bytes in Base64 and a rank");
    row("three parts", bytesAlone(), "YWI= 256 1\n", ".tiktoken:257: ");
    row("negative", bytesAlone(), "YWI= -1\n", ".tiktoken:257: ");
    row("huge", bytesAlone(), "YWI= 99999999999\n", ".tiktoken:257: ");
    row("a gap", bytesAlone(), "\nYWI= 257\n", ".tiktoken:258: ");
    row("a rank twice", bytesAlone(), "YWI= 255\n", "the rank 256");
    row("a token twice", bytesAlone(), "YQ== 256\n", "the same bytes again");
    row("bytes missing", {"a", "b", "ab"}, "", "for 2 of them");
    row("empty", {}, "", "for 0 of them");
}

void TestTokenizerJson::badQwenFiles()
{
    QFETCH(QByteArray, content);
    QFETCH(QString, named);
    const tests::TempFolder folder;
    write(folder / "qwen.tiktoken", content.toStdString());
    const auto tokenizer = openTokenizer(folder.path());
    QVERIFY(!tokenizer);
    const std::string sentence = tokenizer.error().sentence();
    QVERIFY2(tokenizer.error().code == ErrorCode::TokenizerInvalid, sentence.c_str());
    QVERIFY2(sentence.find((folder / "qwen.tiktoken").string()) != std::string::npos, sentence.c_str());
    QVERIFY2(sentence.find(named.toStdString()) != std::string::npos, sentence.c_str());
}

} // namespace

QTEST_GUILESS_MAIN(TestTokenizerJson)
#include "tst_tokenizerjson.moc"
