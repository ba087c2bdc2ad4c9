// SPDX-License-Identifier: Apache-2.0
// Every rule of a safetensors header, with a file that breaks it.
#include "core/checkpoint/safetensors.h"

#include "support/safetensorsfile.h"

#include <QTest>

using namespace bitlathe;
using namespace bitlathe::checkpoint;

namespace
{

Result<SafetensorsHeader> parse(std::string_view bytes)
{
    return parseSafetensors(std::as_bytes(std::span(bytes.data(), bytes.size())), "file.safetensors");
}

QByteArray file(std::string_view header, std::size_t bytesData)
{
    return QByteArray::fromStdString(tests::safetensorsBytes(header, bytesData));
}

QByteArray withLength(std::uint64_t length, std::string_view rest)
{
    std::string bytes(sizeof length, '\0');
    std::memcpy(bytes.data(), &length, sizeof length);
    return QByteArray::fromStdString(bytes.append(rest));
}

/// A header with one tensor of two U8 and something in place of its parts.
QByteArray oneTensor(std::string_view body)
{
    return file("{\"a\":{" + std::string(body) + "}}", 2);
}

} // namespace

class TestSafetensors : public QObject
{
    Q_OBJECT

private slots:
    void good()
    {
        const auto header = parse(tests::safetensorsBytes(
            R"({"__metadata__":{"format":"pt"},"b":{"dtype":"F32","shape":[1,2],"data_offsets":[4,12]},)"
            R"("a":{"dtype":"BF16","shape":[2],"data_offsets":[0,4]}}   )",
            12));
        QVERIFY(header);
        QCOMPARE(header->entries.size(), std::size_t{2});
        const TensorEntry& first = header->entries[0];
        const TensorEntry& second = header->entries[1];
        QCOMPARE(first.name, std::string("a"));
        QCOMPARE(first.dtype, DType::BF16);
        QCOMPARE(second.shape, (Shape{1, 2}));
        QCOMPARE(second.offset, first.offset + 4);
        QCOMPARE(second.bytes, std::uint64_t{8});
        QCOMPARE(header->metadata.at("format"), std::string("pt"));
        QVERIFY(header->findings.empty());
    }

    void emptyAndScalarTensors()
    {
        const auto header = parse(tests::safetensorsBytes(R"({"z":{"dtype":"F32","shape":[],"data_offsets":[0,4]},)"
                                                          R"("e":{"dtype":"F32","shape":[0,7],"data_offsets":[4,4]},)"
                                                          R"("a":{"dtype":"U8","shape":[3],"data_offsets":[4,7]}})",
                                                          7));
        QVERIFY(header);
        QCOMPARE(header->entries.size(), std::size_t{3});
        QCOMPARE(header->entries[1].name, std::string("e"));
        QCOMPARE(header->entries[1].bytes, std::uint64_t{0});
        QVERIFY(header->entries[0].shape.empty());
    }

    void noTensorsAtAll()
    {
        QVERIFY(parse(tests::safetensorsBytes("{}", 0)));
        QVERIFY(parse(tests::safetensorsBytes(R"({"__metadata__":{}})", 0)));
        QVERIFY(parse(tests::safetensorsBytes(R"({"__metadata__":null})", 0)));
    }

    void unknownDtypeIsAFinding()
    {
        const auto header = parse(tests::safetensorsBytes(R"({"a":{"dtype":"F4","shape":[4],"data_offsets":[0,2]},)"
                                                          R"("b":{"dtype":"U8","shape":[1],"data_offsets":[2,3]}})",
                                                          3));
        QVERIFY(header);
        QCOMPARE(header->entries.size(), std::size_t{1});
        QCOMPARE(header->unknown, std::vector<std::string>{"a"});
        QCOMPARE(header->findings.size(), std::size_t{1});
        QCOMPARE(header->findings[0].subject, std::string("a"));
        QCOMPARE(header->findings[0].code, std::string("unknown-dtype"));
        QCOMPARE(header->findings[0].severity, Severity::Warning);
    }

    void unknownKeysOfATensorAreSkipped()
    {
        QVERIFY(parse(oneTensor(R"("x":{"y":[1,{"z":null}],"y2":"s"},"dtype":"U8","v":1.5,"w":[],)"
                                R"("shape":[2],"u":false,"data_offsets":[0,2],"t":null)")
                          .toStdString()));
    }

    void bad_data()
    {
        QTest::addColumn<QByteArray>("bytes");
        QTest::addColumn<QString>("code");
        QTest::addColumn<QString>("says");
        badLengths();
        badJson();
        badTensors();
        badLayouts();
    }
    void bad()
    {
        QFETCH(QByteArray, bytes);
        QFETCH(QString, code);
        QFETCH(QString, says);
        const auto header = parse(bytes.toStdString());
        QVERIFY(!header);
        const QString sentence = QString::fromStdString(header.error().sentence());
        QCOMPARE(QString::fromUtf8(errorCodeName(header.error().code).data()), code);
        QCOMPARE(header.error().subject, std::string("file.safetensors"));
        QVERIFY2(sentence.contains(says), qPrintable(sentence));
        QVERIFY(!header.error().advice.empty());
    }

    void everyCutIsNoticed()
    {
        const std::string whole =
            tests::safetensorsBytes(R"({"a":{"dtype":"I16","shape":[3,2],"data_offsets":[0,12]}})", 12);
        QVERIFY(parse(whole));
        for (std::size_t size = 0; size < whole.size(); ++size) {
            const auto header = parse(std::string_view(whole).substr(0, size));
            QVERIFY2(!header, qPrintable(QString::number(size)));
            QCOMPARE(header.error().code, ErrorCode::FileTruncated);
        }
        QCOMPARE(parse(whole + 'x').error().code, ErrorCode::FileInvalid);
    }

    void writtenHeadersReadBack()
    {
        const std::vector<TensorEntry> entries{{"a \"quoted\" \\ name\n", DType::F64, {2, 1}, 0, 0, 16},
                                               {"ä", DType::F8E4M3, {}, 0, 0, 1},
                                               {"empty", DType::I32, {0}, 0, 0, 0}};
        std::string bytes = safetensorsHeader(entries);
        QCOMPARE(bytes.size() % 8, std::size_t{0});
        const std::size_t bytesHeader = bytes.size();
        bytes.append(17, 'x');
        const auto header = parse(bytes);
        QVERIFY(header);
        QCOMPARE(header->entries.size(), std::size_t{3});
        QCOMPARE(header->entries[0].name, entries[0].name);
        QCOMPARE(header->entries[0].offset, std::uint64_t{bytesHeader});
        QCOMPARE(header->metadata.at("format"), std::string("pt"));
        QCOMPARE(safetensorsHeader({}).size() % 8, std::size_t{0});
        QVERIFY(parse(safetensorsHeader({})));
    }

private:
    static void row(const char* name, const QByteArray& bytes, const char* code, const char* says)
    {
        QTest::newRow(name) << bytes << code << says;
    }

    static void badLengths()
    {
        row("empty file", {}, "file-truncated", "at least 8 bytes");
        row("seven bytes", QByteArray(7, '\0'), "file-truncated", "at least 8 bytes");
        row("length zero", withLength(0, ""), "file-invalid", "begins with {");
        row("header cut", withLength(100, "{}"), "file-truncated", "at least 108 bytes");
        row("length too large", withLength(100'000'001, "{}"), "file-invalid", "at most 100000000 bytes");
        row("length all ones", withLength(UINT64_MAX, "{}"), "file-invalid", "at most 100000000 bytes");
        row("length wraps", withLength(UINT64_MAX - 7, "{}"), "file-invalid", "at most 100000000 bytes");
        row("length lies short", withLength(1, "{}"), "file-invalid", "syntax error");
        row("length lies long", withLength(3, "{}x"), "file-invalid", "syntax error");
    }

    static void badJson()
    {
        row("leading space", file(" {}", 0), "file-invalid", "begins with {");
        row("an array", file("[]", 0), "file-invalid", "begins with {");
        row("syntax", file("{\"a\":}", 0), "file-invalid", "syntax error at byte");
        row("two values", file("{}{}", 0), "file-invalid", "syntax error");
        row("padded with zeros", file(std::string("{}\0\0", 4), 0), "file-invalid", "syntax error");
        row("not UTF-8", file("{\"\xff\xfe\":1}", 0), "file-invalid", "syntax error");
        row("half a surrogate", file(R"({"\ud800":1})", 0), "file-invalid", "syntax error");
        row("number out of range", oneTensor(R"("dtype":"U8","shape":[1e999],"data_offsets":[0,2])"), "file-invalid",
            "number out of range");
        row("tensor twice",
            file(R"({"a":{"dtype":"U8","shape":[1],"data_offsets":[0,1]},)"
                 R"("a":{"dtype":"U8","shape":[1],"data_offsets":[1,2]}})",
                 2),
            "file-invalid", "\"a\" twice");
        row("key twice", oneTensor(R"("dtype":"U8","dtype":"U8","shape":[2],"data_offsets":[0,2])"), "file-invalid",
            "\"dtype\" twice");
        row("metadata key twice", file(R"({"__metadata__":{"x":"1","x":"2"}})", 0), "file-invalid", "\"x\" twice");
        row("metadata twice", file(R"({"__metadata__":{},"__metadata__":{}})", 0), "file-invalid", "twice");
        row("metadata of numbers", file(R"({"__metadata__":{"x":1}})", 0), "file-invalid", "strings in __metadata__");
        row("metadata nested", file(R"({"__metadata__":{"x":{}}})", 0), "file-invalid", "strings in __metadata__");
        row("tensor is null", file(R"({"a":null})", 0), "file-invalid", "an object for a");
        row("metadata is a list", file(R"({"__metadata__":[]})", 0), "file-invalid", "an object for __metadata__");
        row("deep nesting", oneTensor("\"x\":" + std::string(100'000, '[')), "file-invalid", "deeply nested");
        row("endless name", file("{\"" + std::string(5000, 'n') + "\":{}}", 0), "file-invalid", "at most 1000 bytes");
    }

    static void badTensors()
    {
        row("tensor is a number", file(R"({"a":1})", 0), "file-invalid", "an object for a");
        row("tensor is a list", file(R"({"a":[]})", 0), "file-invalid", "an object for a");
        row("no dtype", oneTensor(R"("shape":[2],"data_offsets":[0,2])"), "file-invalid", "a dtype for the tensor a");
        row("no shape", oneTensor(R"("dtype":"U8","data_offsets":[0,2])"), "file-invalid", "a shape for the tensor a");
        row("no offsets", oneTensor(R"("dtype":"U8","shape":[2])"), "file-invalid", "a data_offsets for the tensor a");
        row("dtype is a number", oneTensor(R"("dtype":8,"shape":[2],"data_offsets":[0,2])"), "file-invalid",
            "a name for the dtype");
        row("shape is a number", oneTensor(R"("dtype":"U8","shape":2,"data_offsets":[0,2])"), "file-invalid",
            "shape of whole numbers");
        row("negative shape", oneTensor(R"("dtype":"U8","shape":[-2],"data_offsets":[0,2])"), "file-invalid",
            "shape of whole numbers");
        row("broken shape", oneTensor(R"("dtype":"U8","shape":[2.0],"data_offsets":[0,2])"), "file-invalid",
            "shape of whole numbers");
        row("shape in shape", oneTensor(R"("dtype":"U8","shape":[[2]],"data_offsets":[0,2])"), "file-invalid",
            "shape of whole numbers");
        std::string ones = "1";
        for (int i = 0; i < 64; ++i) {
            ones += ",1";
        }
        row("rank 65", oneTensor(R"("dtype":"U8","shape":[)" + ones + R"(],"data_offsets":[0,1])"), "file-invalid",
            "shape of whole numbers");
        row("one offset", oneTensor(R"("dtype":"U8","shape":[2],"data_offsets":[0])"), "file-invalid", "[begin, end]");
        row("three offsets", oneTensor(R"("dtype":"U8","shape":[2],"data_offsets":[0,1,2])"), "file-invalid",
            "[begin, end]");
        row("offset of text", oneTensor(R"("dtype":"U8","shape":[2],"data_offsets":["0",2])"), "file-invalid",
            "[begin, end]");
        row("negative offset", oneTensor(R"("dtype":"U8","shape":[2],"data_offsets":[-1,1])"), "file-invalid",
            "[begin, end]");
        row("offset beyond 63 bits", oneTensor(R"("dtype":"U8","shape":[2],"data_offsets":[0,18446744073709551615])"),
            "file-invalid", "[begin, end]");
        row("ends before it begins", oneTensor(R"("dtype":"U8","shape":[2],"data_offsets":[2,0])"), "file-invalid",
            "to end behind its begin");
        row("too few bytes", oneTensor(R"("dtype":"U8","shape":[3],"data_offsets":[0,2])"), "file-invalid",
            "to fill its bytes");
        row("too many bytes", oneTensor(R"("dtype":"U8","shape":[1],"data_offsets":[0,2])"), "file-invalid",
            "to fill its bytes");
        row("product wraps to zero", oneTensor(R"("dtype":"U8","shape":[4294967296,4294967296],"data_offsets":[0,0])"),
            "file-invalid", "to fill its bytes");
        row("bytes wrap to two", oneTensor(R"("dtype":"F64","shape":[2305843009213693952],"data_offsets":[0,0])"),
            "file-invalid", "to fill its bytes");
    }

    static void badLayouts()
    {
        const auto two = [](const char* a, const char* b, std::size_t bytesData) {
            return file(std::string(R"({"a":{"dtype":"U8","shape":[2],"data_offsets":)") + a +
                            R"(},"b":{"dtype":"U8","shape":[2],"data_offsets":)" + b + "}}",
                        bytesData);
        };
        row("data cut", two("[0,2]", "[2,4]", 3), "file-truncated", "bytes");
        row("no data", two("[0,2]", "[2,4]", 0), "file-truncated", "bytes");
        row("data left over", two("[0,2]", "[2,4]", 5), "file-invalid", "bytes");
        row("hole between", two("[0,2]", "[3,5]", 5), "file-invalid", "hole or an overlap");
        row("hole in front", two("[1,3]", "[3,5]", 5), "file-invalid", "hole or an overlap");
        row("overlap", two("[0,2]", "[1,3]", 3), "file-invalid", "hole or an overlap");
        row("same place", two("[0,2]", "[0,2]", 2), "file-invalid", "hole or an overlap");
        row("far behind the end", two("[0,2]", "[9223372036854775805,9223372036854775807]", 4), "file-invalid",
            "hole or an overlap");
        row("unknown dtype with a hole", file(R"({"a":{"dtype":"F4","shape":[4],"data_offsets":[1,3]}})", 3),
            "file-invalid", "hole or an overlap");
    }
};

QTEST_GUILESS_MAIN(TestSafetensors)
#include "tst_safetensors.moc"
