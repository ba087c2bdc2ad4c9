// SPDX-License-Identifier: Apache-2.0
// Scheme: checks, spelling, sizes and patterns of overrides.
#include "core/quant/scheme.h"
#include "support/tempfolder.h"

#include <QTest>

using namespace bitlathe;
using namespace bitlathe::quant;

class TestScheme : public QObject
{
    Q_OBJECT

private slots:
    void accepts();
    void refuses_data();
    void refuses();
    void groupSizeText();
    void badGroupSizeText_data();
    void badGroupSizeText();
    void sizes();
    void labels();
    void patterns_data();
    void patterns();
    void brokenPattern();
    void overrides();
};

void TestScheme::accepts()
{
    for (const int bits : {2, 3, 4, 5, 6, 8}) {
        for (const std::int64_t group :
             {std::int64_t{16}, std::int64_t{100}, std::int64_t{1024}, kPerChannel, kPerTensor}) {
            Scheme scheme;
            scheme.bits = bits;
            scheme.groupSize = group;
            BITLATHE_VERIFY_OK(checkScheme(scheme));
        }
    }
}

void TestScheme::refuses_data()
{
    QTest::addColumn<int>("bits");
    QTest::addColumn<qint64>("group");
    QTest::addColumn<int>("dtype");
    QTest::addColumn<int>("kind");
    QTest::addColumn<QString>("sentence");
    const int f16 = static_cast<int>(checkpoint::DType::F16);
    const int f64 = static_cast<int>(checkpoint::DType::F64);
    QTest::newRow("0 bits") << 0 << qint64{128} << f16 << 0 << "bits: expected one of 2, 3, 4, 5, 6, 8, found 0.";
    QTest::newRow("7 bits") << 7 << qint64{128} << f16 << 0 << "bits: expected one of 2, 3, 4, 5, 6, 8, found 7.";
    QTest::newRow("16 bits") << 16 << qint64{128} << f16 << 0 << "found 16.";
    QTest::newRow("group 0") << 4 << qint64{0} << f16 << 0
                             << "group size: expected a number from 16 to 1024, \"channel\" or \"tensor\", found 0.";
    QTest::newRow("group 8") << 4 << qint64{8} << f16 << 0 << "found 8.";
    QTest::newRow("group 2048") << 4 << qint64{2048} << f16 << 0 << "found 2048.";
    QTest::newRow("group -3") << 4 << qint64{-3} << f16 << 0 << "found -3.";
    QTest::newRow("scales f64") << 4 << qint64{128} << f64 << 0 << "scale type: expected F16, BF16 or F32, found F64.";
    QTest::newRow("code book") << 4 << qint64{64} << f16 << 1 << "scale type: expected F32";
}

void TestScheme::refuses()
{
    QFETCH(int, bits);
    QFETCH(qint64, group);
    QFETCH(int, dtype);
    QFETCH(int, kind);
    QFETCH(QString, sentence);
    Scheme scheme;
    scheme.bits = bits;
    scheme.groupSize = group;
    scheme.scaleDType = static_cast<checkpoint::DType>(dtype);
    scheme.kind = static_cast<SchemeKind>(kind);
    const auto result = checkScheme(scheme);
    QVERIFY(!result);
    QCOMPARE(result.error().code, ErrorCode::SettingInvalid);
    QVERIFY2(result.error().sentence().find(sentence.toStdString()) != std::string::npos,
             result.error().sentence().c_str());
}

void TestScheme::groupSizeText()
{
    for (const std::int64_t size : {std::int64_t{16}, std::int64_t{128}, std::int64_t{1024}, kPerChannel, kPerTensor}) {
        const auto read = groupSizeFromText(quant::groupSizeText(size));
        BITLATHE_VERIFY_OK(read);
        QCOMPARE(*read, size);
    }
    QCOMPARE(*groupSizeFromText("-1"), kPerChannel);
    QCOMPARE(quant::groupSizeText(kPerChannel), std::string("channel"));
    QCOMPARE(quant::groupSizeText(kPerTensor), std::string("tensor"));
}

void TestScheme::badGroupSizeText_data()
{
    QTest::addColumn<QString>("text");
    for (const char* text : {"", "0", "15", "4097", "-2", "128 ", "12x", "channels", "99999999999999999999", "1e2"}) {
        QTest::newRow(*text != '\0' ? text : "empty") << text;
    }
}

void TestScheme::badGroupSizeText()
{
    QFETCH(QString, text);
    const auto read = groupSizeFromText(text.toStdString());
    QVERIFY(!read);
    QCOMPARE(read.error().code, ErrorCode::SettingInvalid);
    QCOMPARE(read.error().subject, std::string("group size"));
}

void TestScheme::sizes()
{
    Scheme scheme;
    QCOMPARE(scheme.groupsPerRow(256), 2);
    QCOMPARE(scheme.groupsPerRow(257), 3);
    QCOMPARE(scheme.bitsPerWeight(10, 256), 4.125); // 16 bits of scale for 128 weights
    scheme.symmetric = false;
    QCOMPARE(scheme.bitsPerWeight(10, 256), 4.15625); // and 4 of zero point
    scheme.groupSize = kPerChannel;
    QCOMPARE(scheme.groupsPerRow(4096), 1);
    QCOMPARE(scheme.bitsPerWeight(10, 1000), 4.02);
    scheme.groupSize = kPerTensor;
    QCOMPARE(scheme.bitsPerWeight(10, 100), 4.02);
    scheme.bits = 3; // 3 x 5 bits take 2 bytes
    scheme.symmetric = true;
    scheme.scaleDType = checkpoint::DType::F32;
    QCOMPARE(scheme.bitsPerWeight(1, 5), (16.0 + 32.0) / 5.0);
    QCOMPARE(scheme.bitsPerWeight(0, 5), 0.0);
}

void TestScheme::labels()
{
    Scheme scheme;
    QCOMPARE(scheme.label(), std::string("4-bit, groups of 128, symmetric"));
    scheme.bits = 8;
    scheme.groupSize = kPerChannel;
    scheme.symmetric = false;
    QCOMPARE(scheme.label(), std::string("8-bit, per channel, asymmetric"));
    scheme.groupSize = kPerTensor;
    QCOMPARE(scheme.label(), std::string("8-bit, per tensor, asymmetric"));
}

void TestScheme::patterns_data()
{
    QTest::addColumn<QString>("pattern");
    QTest::addColumn<QString>("layer");
    QTest::addColumn<bool>("expected");
    const QString down = "model.layers.12.mlp.down_proj";
    QTest::newRow("same") << down << down << true;
    QTest::newRow("part is not enough") << "down_proj" << down << false;
    QTest::newRow("star in front") << "*.down_proj" << down << true;
    QTest::newRow("star in the middle") << "model.layers.*.down_proj" << down << true;
    QTest::newRow("stars") << "*layers*mlp*" << down << true;
    QTest::newRow("only star") << "*" << down << true;
    QTest::newRow("question marks") << "model.layers.??.mlp.*" << down << true;
    QTest::newRow("one question mark") << "model.layers.?.mlp.*" << down << false;
    QTest::newRow("backtracks") << "*a*ab"
                                << "aaab" << true;
    QTest::newRow("no end") << "*.down_proj?" << down << false;
    QTest::newRow("dot is a dot") << "model?layers.12.mlp.down.proj" << down << false;
    QTest::newRow("brackets are plain") << "model.layers.[0-9]*.mlp.down_proj" << down << false;
    QTest::newRow("empty pattern") << "" << down << false;
    QTest::newRow("empty both") << ""
                                << "" << true;
    QTest::newRow("regex from the start") << "re:model\\.layers\\.(1[0-9])\\." << down << true;
    QTest::newRow("regex not inside") << "re:down_proj" << down << false;
    QTest::newRow("regex anywhere") << "re:.*down_proj$" << down << true;
    QTest::newRow("regex alternatives") << "re:.*(up|gate)_proj" << down << false;
}

void TestScheme::patterns()
{
    QFETCH(QString, pattern);
    QFETCH(QString, layer);
    QFETCH(bool, expected);
    const auto result = matches(pattern.toStdString(), layer.toStdString());
    BITLATHE_VERIFY_OK(result);
    QCOMPARE(*result, expected);
}

void TestScheme::brokenPattern()
{
    const auto result = matches("re:model.(layers", "model.layers");
    QVERIFY(!result);
    QCOMPARE(result.error().code, ErrorCode::SettingInvalid);
    QCOMPARE(result.error().subject, std::string("re:model.(layers"));
    QVERIFY(!schemeFor("x", {}, {{"re:[", std::nullopt}}));
}

void TestScheme::overrides()
{
    Scheme base;
    Scheme eight = base;
    eight.bits = 8;
    const std::vector<Override> list{{"*.mlp.*", eight}, {"*.down_proj", std::nullopt}, {"re:.*\\.3\\..*", base}};
    QCOMPARE(**schemeFor("model.layers.0.self_attn.q_proj", base, list), base);
    QCOMPARE(**schemeFor("model.layers.0.mlp.up_proj", base, list), eight);
    QVERIFY(!schemeFor("model.layers.0.mlp.down_proj", base, list)->has_value());
    QCOMPARE(**schemeFor("model.layers.3.mlp.down_proj", base, list), base);
    QCOMPARE(**schemeFor("anything", base, {}), base);
}

QTEST_GUILESS_MAIN(TestScheme)
#include "tst_scheme.moc"
