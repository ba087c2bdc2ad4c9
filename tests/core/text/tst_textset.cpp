// SPDX-License-Identifier: Apache-2.0
// Text sets: every format and packing, fields, shapes, folders, and files that are damaged.
#include "core/text/textset.h"

#include "core/base/json.h"
#include "core/text/compressed.h"
#include "support/arrowwriter.h"
#include "support/tempfolder.h"

#include <zlib.h>
#include <zstd.h>

#include <fstream>

using namespace bitlathe;
using namespace bitlathe::text;
using bitlathe::tests::ArrowField;
using bitlathe::tests::ArrowType;
using bitlathe::tests::ArrowWriter;
using Rows = std::vector<std::string>;

namespace
{

std::string gzip(const std::string& plain)
{
    z_stream stream{};
    deflateInit2(&stream, 6, Z_DEFLATED, 16 + MAX_WBITS, 8, Z_DEFAULT_STRATEGY);
    std::string packed(deflateBound(&stream, plain.size()) + 64, '\0');
    stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(plain.data()));
    stream.avail_in = static_cast<uInt>(plain.size());
    stream.next_out = reinterpret_cast<Bytef*>(packed.data());
    stream.avail_out = static_cast<uInt>(packed.size());
    deflate(&stream, Z_FINISH);
    packed.resize(stream.total_out);
    deflateEnd(&stream);
    return packed;
}

std::string zstd(const std::string& plain)
{
    std::string packed(ZSTD_compressBound(plain.size()), '\0');
    packed.resize(ZSTD_compress(packed.data(), packed.size(), plain.data(), plain.size(), 3));
    return packed;
}

const std::string kAccents = "caf\xC3\xA9 \xE8\xB0\xA2\xE8\xB0\xA2";

struct Sample
{
    const char* extension;
    std::string content;
    Rows rows;
};

/// The same kind of rows in every format.
std::vector<Sample> samples()
{
    const Rows rows{"one, \"quoted\"\nline", "", kAccents};
    return {
        {".txt", "one\r\n\ntwo " + kAccents, {"one\r\n\ntwo " + kAccents}},
        {".jsonl",
         "{\"text\": \"one, \\\"quoted\\\"\\nline\", \"n\": 1}\r\n\n{\"text\": \"\"}\n{\"text\": \"" + kAccents + "\"}",
         rows},
        {".json", R"([{"text": "one, \"quoted\"\nline"}, {"text": null}, ")" + kAccents + "\"]", rows},
        {".csv", "id,text\r\n1,\"one, \"\"quoted\"\"\nline\"\r\n2,\r\n3," + kAccents + "\r\n", rows},
        {".arrow", ArrowWriter({{"text"}}).batch({{rows[0]}}).batch({{std::nullopt, rows[2]}}).stream(), rows},
    };
}

class TestTextSet : public QObject
{
    Q_OBJECT

private slots:
    void formats_data();
    void formats();
    void byteOrderMark();
    void packedInSeveralMembers();
    void unpackedSizeIsLimited();
    void arrowColumns();
    void arrowVariants();
    void wikitext();
    void alpaca();
    void fieldChoice_data();
    void fieldChoice();
    void givenField();
    void jsonShapes_data();
    void jsonShapes();
    void folders();
    void tokenIds();
    void hashes();
    void bad_data();
    void bad();
    void badArrow_data();
    void badArrow();

private:
    void write(const std::string& name, const std::string& content) const
    {
        std::filesystem::create_directories((m_folder / name).parent_path());
        std::ofstream(m_folder / name, std::ios::binary) << content;
    }
    std::string spec(const std::string& name) const { return (m_folder / name).string(); }

    tests::TempFolder m_folder;
};

void TestTextSet::formats_data()
{
    QTest::addColumn<int>("sample");
    QTest::addColumn<QString>("packing");
    for (int i = 0; i < static_cast<int>(samples().size()); ++i) {
        for (const char* packing : {"", ".gz", ".zst"}) {
            QTest::addRow("%s%s", samples()[static_cast<std::size_t>(i)].extension, packing) << i << QString(packing);
        }
    }
}

void TestTextSet::formats()
{
    QFETCH(int, sample);
    QFETCH(QString, packing);
    const Sample one = samples()[static_cast<std::size_t>(sample)];
    const std::string name = std::string("rows") + one.extension + packing.toStdString();
    write(name, packing == ".gz" ? gzip(one.content) : packing == ".zst" ? zstd(one.content) : one.content);
    const auto set = openTextSet(spec(name));
    BITLATHE_VERIFY_OK(set);
    QVERIFY(set->rows == one.rows);
    QCOMPARE(set->spec, spec(name));
    const std::string extension = one.extension;
    QCOMPARE(set->rowsAreLines, extension == ".arrow");
    QCOMPARE(set->rowsAreDocuments, extension != ".arrow" && extension != ".txt");
    QVERIFY(!set->isIds());
}

void TestTextSet::byteOrderMark()
{
    write("bom.txt", "\xEF\xBB\xBFtext");
    QCOMPARE(openTextSet(spec("bom.txt")).value().rows, Rows{"text"});
    write("bom.csv", "\xEF\xBB\xBFtext\nx\n");
    QCOMPARE(openTextSet(spec("bom.csv")).value().rows, Rows{"x"});
}

void TestTextSet::packedInSeveralMembers()
{
    write("two.txt.gz", gzip("one ") + gzip("two"));
    QCOMPARE(openTextSet(spec("two.txt.gz")).value().rows, Rows{"one two"});
    write("two.txt.zst", zstd("one ") + zstd("two"));
    QCOMPARE(openTextSet(spec("two.txt.zst")).value().rows, Rows{"one two"});
    const std::string large(3'000'000, 'x');
    write("large.txt.gz", gzip(large));
    QCOMPARE(openTextSet(spec("large.txt.gz")).value().rows, Rows{large});
    write("large.txt.zst", zstd(large));
    QCOMPARE(openTextSet(spec("large.txt.zst")).value().rows, Rows{large});
}

void TestTextSet::unpackedSizeIsLimited()
{
    QCOMPARE(unpackGzip(gzip("text"), "x", 4).value(), std::string("text"));
    QCOMPARE(unpackZstd(zstd("text"), "x", 4).value(), std::string("text"));
    const auto tooLong = unpackGzip(gzip("texts"), "x.gz", 4);
    QVERIFY(!tooLong);
    QVERIFY(tooLong.error().sentence().find("at most 4 bytes") != std::string::npos);
    QVERIFY(!unpackZstd(zstd("texts"), "x.zst", 4));
}

void TestTextSet::arrowColumns()
{
    const std::vector<ArrowField> fields{{"id", ArrowType::Int},
                                         {"tags", ArrowType::List},
                                         {"title", ArrowType::LargeUtf8},
                                         {"text", ArrowType::Utf8},
                                         {"score", ArrowType::Int}};
    ArrowWriter writer(fields);
    const tests::ArrowCells other{"", "", ""};
    writer.batch({other, other, {"A", std::nullopt, "C"}, {"a", "bb", ""}, other});
    write("columns.arrow", writer.stream());
    QCOMPARE(openTextSet(spec("columns.arrow")).value().rows, (Rows{"a", "bb", ""}));
    QCOMPARE(openTextSet(spec("columns.arrow#title")).value().rows, (Rows{"A", "", "C"}));
    const auto missing = openTextSet(spec("columns.arrow#body"));
    QVERIFY(!missing);
    const std::string sentence = missing.error().sentence();
    QVERIFY2(sentence.find("title, text") != std::string::npos, sentence.c_str());
}

void TestTextSet::arrowVariants()
{
    const Rows rows{"a", "b"};
    write("old.arrow", ArrowWriter({{"text"}}, true).batch({{"a", "b"}}).withoutEnd());
    QCOMPARE(openTextSet(spec("old.arrow")).value().rows, rows);
    write("open.arrow", ArrowWriter({{"text"}}).batch({{"a", "b"}}).withoutEnd());
    QCOMPARE(openTextSet(spec("open.arrow")).value().rows, rows);
    const std::string file =
        std::string("ARROW1\0\0", 8) + ArrowWriter({{"text"}}).batch({{"a", "b"}}).stream() + "footer ARROW1";
    write("file.arrow", file);
    QCOMPARE(openTextSet(spec("file.arrow")).value().rows, rows);
}

void TestTextSet::wikitext()
{
    BITLATHE_NEED_SHARED();
    const auto folder = tests::sharedFolder() / "data" / "wikitext-2-raw-v1";
    const auto info = readJson(folder / "dataset_info.json");
    BITLATHE_VERIFY_OK(info);
    for (const char* split : {"test", "validation"}) {
        const auto set = openTextSet((folder / (std::string("wikitext-") + split + ".arrow")).string());
        BITLATHE_VERIFY_OK(set);
        QCOMPARE(set->rows.size(), (*info)["splits"][split]["num_examples"].get<std::size_t>());
        QCOMPARE(set->rows[1], std::string(split) == "test" ? " = Robert Boulter = \n" : " = Homarus gammarus = \n");
    }
    const auto whole = openTextSet(folder.string());
    BITLATHE_VERIFY_OK(whole);
    QVERIFY(whole->rowsAreLines);
    QVERIFY(whole->rows.size() > 4358 + 3760);
    QCOMPARE(whole->rows[1], std::string(" = Robert Boulter = \n")); // By name: test, train, validation.
}

void TestTextSet::alpaca()
{
    BITLATHE_NEED_SHARED();
    const auto set = openTextSet((tests::sharedFolder() / "data" / "alpaca_data_cleaned.json").string());
    BITLATHE_VERIFY_OK(set);
    QVERIFY(set->rowsAreDocuments);
    QVERIFY(set->rows.size() > 100);
    QVERIFY(set->rows[0].starts_with("Below is an instruction that describes a task. Write"));
}

void TestTextSet::fieldChoice_data()
{
    QTest::addColumn<QString>("row");
    QTest::addColumn<QString>("text");
    QTest::newRow("text first") << R"({"content": "c", "text": "t", "id": "7"})"
                                << "t";
    QTest::newRow("content") << R"({"id": "7", "content": "c"})"
                             << "c";
    QTest::newRow("the only one") << R"({"n": 1, "body": "b", "none": null})"
                                  << "b";
    QTest::newRow("alpaca")
        << R"({"instruction": "i", "input": "in", "output": "o"})"
        << "Below is an instruction that describes a task, paired with an input that provides further "
           "context. Write a response that appropriately completes the request.\n\n### Instruction:\ni\n\n### "
           "Input:\nin\n\n### Response:\no";
    QTest::newRow("alpaca, empty input")
        << R"({"instruction": "i", "input": "", "output": "o"})"
        << "Below is an instruction that describes a task. Write a response that appropriately completes "
           "the request.\n\n### Instruction:\ni\n\n### Response:\no";
    QTest::newRow("alpaca, no input")
        << R"({"output": "o", "instruction": "i"})"
        << "Below is an instruction that describes a task. Write a response that appropriately completes "
           "the request.\n\n### Instruction:\ni\n\n### Response:\no";
    QTest::newRow("question") << R"({"question": "q", "answer": "a"})"
                              << "q\na";
    QTest::newRow("choices") << R"({"id": 3, "question": "q", "A": "a", "B": "b", "C": "c", "D": "d", "answer": "B"})"
                             << "q\nA. a\nB. b\nC. c\nD. d\nAnswer: B";
    QTest::newRow("prompt") << R"({"prompt": "q", "completion": "a"})"
                            << "q\na";
    QTest::newRow("messages")
        << R"({"id": "1", "messages": [{"role": "user", "content": "hi"}, {"role": "assistant", "content": "yo"}]})"
        << "hi\nyo";
    QTest::newRow("ShareGPT")
        << R"({"id": "1", "conversations": [{"from": "human", "value": "hi"}, {"from": "gpt", "value": "yo"}]})"
        << "hi\nyo";
    QTest::newRow("string") << R"("just text")"
                            << "just text";
}

void TestTextSet::fieldChoice()
{
    QFETCH(QString, row);
    QFETCH(QString, text);
    write("choice.jsonl", row.toStdString());
    const auto set = openTextSet(spec("choice.jsonl"));
    BITLATHE_VERIFY_OK(set);
    QCOMPARE(set->rows, Rows{text.toStdString()});
}

void TestTextSet::givenField()
{
    write("two.jsonl", "{\"a\": \"1\", \"b\": \"2\"}\n{\"a\": \"3\", \"b\": \"4\"}");
    QCOMPARE(openTextSet(spec("two.jsonl#b")).value().rows, (Rows{"2", "4"}));
    write("sharp#name.jsonl", "{\"a\": \"1\", \"b\": \"2\"}");
    QCOMPARE(openTextSet(spec("sharp#name.jsonl#a")).value().rows, Rows{"1"});
    write("sharp#name.txt", "text");
    QCOMPARE(openTextSet(spec("sharp#name.txt")).value().rows, Rows{"text"});
}

void TestTextSet::jsonShapes_data()
{
    QTest::addColumn<QString>("document");
    QTest::addColumn<int>("rows");
    QTest::newRow("array") << R"([{"text": "a"}, {"text": "b"}])" << 2;
    QTest::newRow("wrapped") << R"({"version": 1, "data": [{"text": "a"}, {"text": "b"}, {"text": "c"}]})" << 3;
    QTest::newRow("one object") << "{\"text\":\n\"a\"}" << 1;
    QTest::newRow("one object in a line") << R"({"text": "a"})" << 1;
    QTest::newRow("one chat") << R"({"messages": [{"content": "a"}]})" << 1;
    QTest::newRow("lines") << "\n{\"text\": \"a\"}\n{\"text\": \"b\"}\n" << 2;
}

void TestTextSet::jsonShapes()
{
    QFETCH(QString, document);
    QFETCH(int, rows);
    write("shape.json", document.toStdString());
    const auto set = openTextSet(spec("shape.json"));
    BITLATHE_VERIFY_OK(set);
    QCOMPARE(set->rows.size(), static_cast<std::size_t>(rows));
    QCOMPARE(set->rows.front(), std::string("a"));
}

void TestTextSet::folders()
{
    write("folder/b.txt", "second");
    write("folder/a.txt.gz", gzip("first"));
    write("folder/c.jsonl", "{\"text\": \"third\"}");
    write("folder/README.md", "not text");
    write("folder/.hidden.txt", "not text");
    write("folder/below/d.txt", "not in the folder itself");
    const auto set = openTextSet(spec("folder"));
    BITLATHE_VERIFY_OK(set);
    QCOMPARE(set->rows, (Rows{"first", "second", "third"}));
    QVERIFY(set->rowsAreDocuments);
    write("dataset/data-00000.arrow", ArrowWriter({{"text"}}).batch({{"a"}}).stream());
    write("dataset/state.json", "{}");
    const auto dataset = openTextSet(spec("dataset"));
    BITLATHE_VERIFY_OK(dataset);
    QVERIFY(dataset->rowsAreLines);
    write("dataset/more.jsonl", "{\"text\": \"b\"}");
    QCOMPARE(openTextSet(spec("dataset")).error().code, ErrorCode::TextInvalid);
    write("empty/README.md", "");
    QCOMPARE(openTextSet(spec("empty")).error().code, ErrorCode::FileMissing);
}

void TestTextSet::tokenIds()
{
    write("ids.json", "[1, 2, 2147483647]");
    const auto set = openTextSet("ids:" + spec("ids.json"));
    BITLATHE_VERIFY_OK(set);
    QVERIFY(set->isIds());
    QCOMPARE(set->ids, (std::vector<TokenId>{1, 2, 2147483647}));
    write("object.json", R"({"nll_sum": "1", "input_ids": [5, 6]})");
    QCOMPARE(openTextSet("ids:" + spec("object.json")).value().ids, (std::vector<TokenId>{5, 6}));
    for (const char* bad :
         {"[1, -2]", "[2147483648]", "[1.5]", "[\"1\"]", "7", "{}", "{\"input_ids\": 3}", "[[1]]", "[1"}) {
        write("bad.json", bad);
        const auto refused = openTextSet("ids:" + spec("bad.json"));
        QVERIFY2(!refused, bad);
        QCOMPARE(refused.error().code, ErrorCode::FileInvalid);
        QVERIFY2(refused.error().sentence().find("bad.json") != std::string::npos, refused.error().sentence().c_str());
    }
    write("bad.json", "[]");
    QCOMPARE(openTextSet("ids:" + spec("bad.json")).error().code, ErrorCode::TextInvalid);
    QCOMPARE(openTextSet("ids:" + spec("nowhere.json")).error().code, ErrorCode::FileMissing);
}

void TestTextSet::hashes()
{
    write("a.jsonl", "{\"text\": \"ab\"}\n{\"text\": \"c\"}");
    write("b.jsonl", "{\"text\": \"a\"}\n{\"text\": \"bc\"}");
    write("c.csv", "text\nab\nc\n");
    const std::string a = openTextSet(spec("a.jsonl")).value().hash;
    QVERIFY(a != openTextSet(spec("b.jsonl")).value().hash);
    QCOMPARE(a, openTextSet(spec("c.csv")).value().hash); // The same documents.
    QCOMPARE(a.size(), 32U);
}

void TestTextSet::bad_data()
{
    QTest::addColumn<QString>("name");
    QTest::addColumn<QByteArray>("content");
    QTest::addColumn<int>("code");
    QTest::addColumn<QString>("says");
    const auto row = [](const char* title, const char* name, const std::string& content, ErrorCode code,
                        const char* says) {
        QTest::newRow(title) << name << QByteArray::fromStdString(content) << static_cast<int>(code) << says;
    };
    const ErrorCode invalid = ErrorCode::FileInvalid;
    const ErrorCode noText = ErrorCode::TextInvalid;
    row("empty text", "x.txt", "", noText, "only white space");
    row("white space", "x.txt", " \n\t\r\n", noText, "only white space");
    row("no row", "x.jsonl", "\n\n", noText, "no row");
    row("empty rows", "x.jsonl", "{\"text\": \"\"}\n{\"text\": \" \"}", noText, "only white space");
    row("header only", "x.csv", "text\n", noText, "no row");
    row("empty array", "x.json", "[]", noText, "no row");
    row("other extension", "x.parquet", "PAR1", invalid, ".jsonl");
    row("bad line", "x.jsonl", "{\"text\": \"a\"}\n\n{\"text\": \"b\"", invalid, "x.jsonl:3");
    row("bad document", "x.json", "[{\"text\": \"a\"},\n{\"text\": \"b\"},\n{\"text\"; \"c\"}]", invalid, "x.json:3");
    row("number as row", "x.jsonl", "17", invalid, "number");
    row("array as row", "x.json", "[[1]]", invalid, "x.json[0]");
    row("deep", "x.json", std::string(100, '[') + std::string(100, ']'), invalid, "deep");
    row("no such field", "x.jsonl#body", "{\"text\": \"a\", \"id\": 3}", noText, "text, id");
    row("no default field", "x.jsonl", "{\"title\": \"a\", \"body\": \"b\"}", noText, "title, body");
    row("later row without it", "x.jsonl", "{\"text\": \"a\"}\n{\"body\": \"b\"}", noText, "x.jsonl:2");
    row("field of another type", "x.jsonl", "{\"text\": \"a\"}\n{\"text\": 7}", noText, "x.jsonl:2");
    row("messages of numbers", "x.jsonl#messages", "{\"messages\": [7]}", noText, "messages");
    row("text, not UTF-8", "x.txt", "one\ntwo \xE9 three", invalid, "x.txt:2");
    row("overlong", "x.txt", "\xC0\x80", invalid, "0xC0");
    row("surrogate", "x.txt", "\xED\xA0\x80", invalid, "0xED");
    row("above U+10FFFF", "x.txt", "\xF4\x90\x80\x80", invalid, "0xF4");
    row("cut character", "x.txt", "abcdefgh\xE2\x82", invalid, "0xE2");
    row("UTF-16", "x.txt", std::string("\xFF\xFEt\0", 4), invalid, "UTF-8");
    row("csv, open quote", "x.csv", "text\nok\n\"never\nends\n", invalid, "x.csv:3");
    row("csv, text after quote", "x.csv", "text\n\"a\"b\n", invalid, "x.csv:2");
    row("csv, too many", "x.csv", "text,id\na,1\n\"b\nb\",2\nc,3,4\n", invalid, "x.csv:5");
    row("csv, too few", "x.csv", "text,id\na\n", invalid, "x.csv:2");
    row("csv, name twice", "x.csv", "text,text\na,b\n", invalid, "twice");
    row("gzip, not one", "x.txt.gz", "plain text", invalid, "gzip");
    row("gzip, cut", "x.txt.gz", gzip("some text of some length").substr(0, 20), ErrorCode::FileTruncated, "cut off");
    row("gzip, empty", "x.txt.gz", "", ErrorCode::FileTruncated, "cut off");
    row("gzip, garbage behind", "x.txt.gz", gzip("some text") + "garbage", invalid, "gzip");
    row("zstd, not one", "x.txt.zst", "plain text", invalid, "Zstandard");
    row("zstd, cut", "x.txt.zst", zstd("some text of some length").substr(0, 20), ErrorCode::FileTruncated, "cut off");
    row("zstd, empty", "x.txt.zst", "", ErrorCode::FileTruncated, "cut off");
}

void TestTextSet::bad()
{
    QFETCH(QString, name);
    QFETCH(QByteArray, content);
    QFETCH(int, code);
    QFETCH(QString, says);
    const tests::TempFolder folder;
    const std::string file = (folder / name.toStdString()).string();
    std::ofstream(file.substr(0, file.find('#')), std::ios::binary) << content.toStdString();
    const auto set = openTextSet(file);
    QVERIFY(!set);
    const std::string sentence = set.error().sentence();
    QVERIFY2(static_cast<int>(set.error().code) == code, sentence.c_str());
    QVERIFY2(sentence.find(says.toStdString()) != std::string::npos, sentence.c_str());
    QVERIFY2(sentence.find((folder / "x.").string()) != std::string::npos, sentence.c_str());
    QCOMPARE(openTextSet((folder / "nowhere.txt").string()).error().code, ErrorCode::FileMissing);
}

void TestTextSet::badArrow_data()
{
    QTest::addColumn<QByteArray>("content");
    QTest::addColumn<int>("code");
    QTest::addColumn<QString>("says");
    const auto row = [](const char* title, const std::string& content, ErrorCode code, const char* says) {
        QTest::newRow(title) << QByteArray::fromStdString(content) << static_cast<int>(code) << says;
    };
    const ArrowWriter good = ArrowWriter({{"text"}}).batch({{"some", "text"}});
    const std::string whole = good.withoutEnd();
    const std::string schemaOnly = ArrowWriter({{"text"}}).withoutEnd();
    row("empty file", "", ErrorCode::FileInvalid, "no schema");
    row("end mark only", std::string("\xFF\xFF\xFF\xFF\0\0\0\0", 8), ErrorCode::FileInvalid, "no schema");
    row("text", "this is no arrow stream", ErrorCode::FileTruncated, "more bytes");
    row("cut in the body", whole.substr(0, whole.size() - 5), ErrorCode::FileTruncated, "more bytes");
    row("cut in the metadata", whole.substr(0, 40), ErrorCode::FileTruncated, "more bytes");
    row("cut in a length", whole.substr(0, 6), ErrorCode::FileTruncated, "more bytes");
    row("batch first", whole.substr(schemaOnly.size()), ErrorCode::FileInvalid, "before the schema");
    row("negative length", std::string("\xFF\xFF\xFF\xFF\xF0\xFF\xFF\xFF", 8), ErrorCode::FileInvalid, "negative");
    row("no string column", ArrowWriter({{"id", ArrowType::Int}}).stream(), ErrorCode::TextInvalid, "id (int)");
    row("view column", ArrowWriter({{"text", ArrowType::Utf8View}}).stream(), ErrorCode::NotSupported, "utf8 view");
    row("compressed", ArrowWriter({{"text"}}).batch({{"a"}}, true).stream(), ErrorCode::NotSupported, "compressed");
    row("not UTF-8", ArrowWriter({{"text"}}).batch({{"fine", "caf\xE9"}}).stream(), ErrorCode::FileInvalid,
        ".arrow[1]");
    row("no rows", good.stream().substr(0, schemaOnly.size()), ErrorCode::TextInvalid, "no row");
}

void TestTextSet::badArrow()
{
    QFETCH(QByteArray, content);
    QFETCH(int, code);
    QFETCH(QString, says);
    write("bad.arrow", content.toStdString());
    const auto set = openTextSet(spec("bad.arrow"));
    QVERIFY(!set);
    const std::string sentence = set.error().sentence();
    QVERIFY2(static_cast<int>(set.error().code) == code, sentence.c_str());
    QVERIFY2(sentence.find(says.toStdString()) != std::string::npos, sentence.c_str());
    QVERIFY2(sentence.find("bad.arrow") != std::string::npos, sentence.c_str());
}

} // namespace

QTEST_GUILESS_MAIN(TestTextSet)
#include "tst_textset.moc"
