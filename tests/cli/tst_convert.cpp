// SPDX-License-Identifier: Apache-2.0
// Formats end to end: written, verified, converted, quantized again, and the sentence where that can't be.
#include "cli/program.h"

using namespace bitlathe;
using namespace bitlathe::tests;
namespace fs = std::filesystem;

class TestConvert : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void everyFormatIsWrittenAndVerified_data()
    {
        QTest::addColumn<QStringList>("options");
        QTest::newRow("gptq") << QStringList{"--format", "gptq", "--bits", "3", "--group-size", "64"};
        QTest::newRow("gptq-v2") << QStringList{"--format", "gptq-v2", "--bits", "4", "--asymmetric"};
        QTest::newRow("awq") << QStringList{"--format", "awq", "--bits", "4", "--asymmetric"};
        QTest::newRow("awq-gemv") << QStringList{"--format", "awq-gemv", "--bits", "4", "--group-size", "64"};
        QTest::newRow("awq-gemv-fast") << QStringList{"--format", "awq-gemv-fast", "--bits", "4"};
        QTest::newRow("compressed-tensors-int8")
            << QStringList{"--format", "compressed-tensors-int8", "--bits", "8", "--group-size", "channel"};
    }

    void everyFormatIsWrittenAndVerified()
    {
        QFETCH(const QStringList, options);
        const fs::path out = m_folder / options[1].toStdString();
        BITLATHE_VERIFY_EXIT(
            m_program.run(QStringList{"quantize", text(demoModel()), "--out", text(out), "--strict"} + options), 0);
        const Outcome verified = m_program.json({"verify", text(out)});
        BITLATHE_VERIFY_EXIT(verified, 0);
        QCOMPARE(verified.document()["format"].get<std::string>(), options[1].toStdString());
        QCOMPARE(verified.document()["quantized_linears"].get<int>(), 56);
    }

    void convertDocument()
    {
        const Outcome outcome =
            m_program.json({"convert", text(m_folder / "gptq-v2"), "--to", "awq", "--out", text(m_folder / "as-awq")});
        BITLATHE_VERIFY_EXIT(outcome, 0);
        const Json document = outcome.document();
        QCOMPARE(document["from"].get<std::string>(), std::string("gptq-v2"));
        QCOMPARE(document["format"].get<std::string>(), std::string("awq"));
        QCOMPARE(document["quantized_linears"].get<int>(), 56);
        QVERIFY(document["bytes"].get<std::int64_t>() > 0);
        QVERIFY(document["findings"].is_array());
        BITLATHE_VERIFY_EXIT(m_program.run({"verify", text(m_folder / "as-awq")}), 0);
    }

    void convertTellsWhyNot()
    {
        const QStringList base = {"convert", text(m_folder / "gptq"), "--out", text(m_folder / "not"), "--to"};
        const Outcome narrow = m_program.json(QStringList(base) << "awq");
        BITLATHE_VERIFY_EXIT(narrow, 3);
        QCOMPARE(narrow.document()["error"]["code"].get<std::string>(), std::string("not-supported"));
        QVERIFY(narrow.document()["error"]["found"].get<std::string>().find("3 bits") != std::string::npos);
        const Outcome unknown = m_program.json(QStringList(base) << "gtpq");
        QVERIFY(unknown.document()["error"]["advice"].get<std::string>().find("gptq") != std::string::npos);
        QVERIFY(!fs::exists(m_folder / "not"));
    }

    void quantizesAQuantizedFolderAgain()
    {
        const QStringList arguments = {"quantize", text(m_folder / "gptq"), "--bits", "2", "--group-size", "64",
                                       "--out",    text(m_folder / "again")};
        const Outcome outcome = m_program.json(arguments);
        BITLATHE_VERIFY_EXIT(outcome, 0);
        const Json document = outcome.document();
        QVERIFY(std::ranges::any_of(document["findings"],
                                    [](const Json& finding) { return finding["code"] == Json("quantized-already"); }));
        const Outcome inspected = m_program.json({"inspect", text(m_folder / "again")});
        QCOMPARE(inspected.document()["layers"][0]["bits"].get<int>(), 2);
        BITLATHE_VERIFY_EXIT(m_program.json(QStringList(arguments) << "--overwrite"
                                                                   << "--strict"),
                             4);
    }

private:
    Program m_program;
    TempFolder m_folder;
};

QTEST_GUILESS_MAIN(TestConvert)
#include "tst_convert.moc"
