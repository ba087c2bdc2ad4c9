// SPDX-License-Identifier: Apache-2.0
// JSON of untrusted files.
#include "core/base/json.h"

#include "support/tempfolder.h"

#include <QElapsedTimer>
#include <QTest>

#include <fstream>

using namespace bitlathe;

namespace
{

std::string nested(int depth)
{
    return std::string(static_cast<std::size_t>(depth), '[') + std::string(static_cast<std::size_t>(depth), ']');
}

} // namespace

class TestJson : public QObject
{
    Q_OBJECT

private slots:
    void keepsOrderOfKeys()
    {
        const auto json = parseJson(R"({"z":1,"a":{"y":2,"b":3}})", "x");
        QCOMPARE(json.value().dump(), std::string(R"({"z":1,"a":{"y":2,"b":3}})"));
    }

    void badText_data()
    {
        QTest::addColumn<QByteArray>("text");
        QTest::newRow("empty") << QByteArray();
        QTest::newRow("cut") << QByteArray(R"({"a":1)");
        QTest::newRow("two values") << QByteArray("1 2");
        QTest::newRow("not UTF-8") << QByteArray("{\"a\":\"\xff\xfe\"}");
        QTest::newRow("control character") << QByteArray("{\"a\":\"\x01\"}");
        QTest::newRow("a zero inside") << QByteArray("{}\0{", 4);
        QTest::newRow("number too large") << QByteArray(R"({"a":1e999})");
        QTest::newRow("NaN") << QByteArray(R"({"a":NaN})");
        QTest::newRow("65 deep") << QByteArray::fromStdString(nested(65));
        QTest::newRow("a million deep") << QByteArray::fromStdString(nested(1'000'000));
        QTest::newRow("a million open") << QByteArray(1'000'000, '[');
    }
    void badText()
    {
        QFETCH(QByteArray, text);
        const auto json = parseJson({text.constData(), static_cast<std::size_t>(text.size())}, "model/config.json");
        QVERIFY(!json);
        QCOMPARE(json.error().code, ErrorCode::FileInvalid);
        QCOMPARE(json.error().subject, std::string("model/config.json"));
    }

    void nestingUpToTheLimitIsFine() { QVERIFY(parseJson(nested(64), "x").has_value()); }

    void readsFiles()
    {
        const tests::TempFolder folder;
        std::ofstream(folder / "a.json") << "[1,2]";
        QCOMPARE(readJson(folder / "a.json").value().size(), std::size_t{2});
        QCOMPARE(readJson(folder / "a.json", 3).error().code, ErrorCode::FileInvalid);
        QCOMPARE(readJson(folder / "b.json").error().code, ErrorCode::FileMissing);
    }

    void typedLookUps()
    {
        const Json json = *parseJson(R"({"i":7,"n":-2,"d":0.5,"b":true,"s":"text","null":null})", "x");
        const JsonObject object(json, "config.json");
        QCOMPARE(object.integer("i").value(), std::int64_t{7});
        QCOMPARE(object.integer("n").value(), std::int64_t{-2});
        QCOMPARE(object.integer("absent", 9).value(), std::int64_t{9});
        QCOMPARE(object.integer("null", 9).value(), std::int64_t{9});
        QCOMPARE(object.number("d").value(), 0.5);
        QCOMPARE(object.number("i").value(), 7.0);
        QCOMPARE(object.number("absent", 1.5).value(), 1.5);
        QCOMPARE(object.boolean("b", false).value(), true);
        QCOMPARE(object.boolean("absent", true).value(), true);
        QCOMPARE(object.string("s").value(), std::string("text"));
        QCOMPARE(object.string("absent", "other").value(), std::string("other"));
        QCOMPARE(object.integerIn("i", 7, 7).value(), std::int64_t{7});
        QVERIFY(object.has("i") && !object.has("null") && !object.has("absent"));
    }

    void wrongTypesAreNeverCoerced()
    {
        const Json json = *parseJson(R"({"d":1.0,"s":"1","b":1,"big":18446744073709551615,"o":{}})", "x");
        const JsonObject object(json, "config.json");
        QVERIFY(!object.integer("d"));
        QVERIFY(!object.integer("d", 3));
        QVERIFY(!object.integer("s"));
        QVERIFY(!object.integer("big"));
        QVERIFY(!object.number("s"));
        QVERIFY(!object.boolean("b", false));
        QVERIFY(!object.string("o"));
        QVERIFY(!object.string("b", "x"));
        QCOMPARE(object.integer("s").error().sentence(),
                 std::string("config.json: expected s to be an integer, found \"1\". Take the file from the model's "
                             "original folder."));
    }

    void missingKeysAndRanges()
    {
        const Json json = *parseJson(R"({"bits":9})", "x");
        const JsonObject object(json, "config.json");
        QCOMPARE(object.integer("absent").error().code, ErrorCode::ConfigInvalid);
        QVERIFY(QByteArray(object.number("absent").error().sentence().c_str()).contains("the key absent"));
        QCOMPARE(object.string("absent").error().subject, std::string("config.json"));
        QVERIFY(object.integerIn("bits", 2, 9).has_value());
        QCOMPARE(object.integerIn("bits", 2, 8).error().expected.english(), std::string("bits from 2 to 8"));
        QVERIFY(!object.integerIn("bits", 10, 12));
    }

    void lookUpsInSomethingElse()
    {
        const Json json = Json::array({1, 2});
        QVERIFY(!JsonObject(json, "x").integer("a"));
        QCOMPARE(JsonObject(json, "x").integer("a", 4).value(), std::int64_t{4});
    }

    /// Objects of every size around the one where a hash table takes over.
    void mapFindsAndErases()
    {
        for (int count = 0; count < 70; ++count) {
            Json json = Json::object();
            for (int i = 0; i < count; ++i) {
                json[std::to_string(i * 7919)] = i;
            }
            QCOMPARE(json.size(), static_cast<std::size_t>(count));
            const Json copy = json;
            for (int i = 0; i < count; i += 3) {
                QCOMPARE(json.erase(std::to_string(i * 7919)), std::size_t{1});
            }
            for (int i = 0; i < count; ++i) {
                const std::string key = std::to_string(i * 7919);
                QCOMPARE(json.contains(key), i % 3 != 0);
                QCOMPARE(copy.at(key).get<int>(), i);
            }
            QVERIFY(!copy.contains("absent"));
            QCOMPARE(json.erase("absent"), std::size_t{0});
            QVERIFY_THROWS_EXCEPTION(Json::out_of_range, (void)copy.at("absent"));
        }
    }

    void mapKeepsTheLastOfTwoEqualKeys()
    {
        QCOMPARE(parseJson(R"({"a":1,"b":2,"a":3})", "x").value().dump(), std::string(R"({"a":3,"b":2})"));
    }

    void mapMovesAndClears()
    {
        Json json = Json::object();
        for (int i = 0; i < 40; ++i) {
            json[std::to_string(i)] = i;
        }
        Json moved = std::move(json);
        QCOMPARE(moved.at("39").get<int>(), 39);
        moved.clear();
        QVERIFY(!moved.contains("39"));
        moved["39"] = 1;
        QCOMPARE(moved.size(), std::size_t{1});
        Json other = Json::object();
        other.update(Json{{"k", 1}});
        QCOMPARE(other.at("k").get<int>(), 1);
    }

    /// A plain ordered map needs more than ten seconds for this.
    void vocabularyParsesFast()
    {
        std::string text = "{";
        for (int i = 0; i < 128'000; ++i) {
            text += (i == 0 ? "\"" : ",\"") + std::to_string(i * 7919 % 1'000'003) + "\":" + std::to_string(i);
        }
        text += '}';
        QElapsedTimer timer;
        timer.start();
        const auto json = parseJson(text, "tokenizer.json");
        QCOMPARE(json.value().size(), std::size_t{128'000});
        QCOMPARE(json->at(std::to_string(127'999 * 7919 % 1'000'003)).get<int>(), 127'999);
        QVERIFY2(timer.elapsed() < 3000, qPrintable(QString::number(timer.elapsed())));
    }
};

QTEST_GUILESS_MAIN(TestJson)
#include "tst_json.moc"
