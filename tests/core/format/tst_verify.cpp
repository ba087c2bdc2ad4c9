// SPDX-License-Identifier: Apache-2.0
// verify: good folders, bad ones, and what their consumers refuse.
#include "exporterfixtures.h"

using namespace bitlathe;
using namespace bitlathe::format;
using namespace bitlathe::tests;

class TestVerify : public QObject
{
    Q_OBJECT

private slots:
    void verifiesGoodFolders();
    void verifiesBadFolders();
    void verifyNamesTheFirstOfSeveral();
    void verifyTellsOfAMissingTokenizer();
    void verifyTellsWhatConsumersRefuse();
};

void TestVerify::verifiesGoodFolders()
{
    const auto plain = verify(*resource("demo/model"));
    BITLATHE_VERIFY_OK(plain);
    QCOMPARE(plain->format, std::string("dense"));
    QCOMPARE(plain->quantizedLinears, 0);
    QCOMPARE(plain->tensors, 74);
    QVERIFY(plain->findings.empty());
    BITLATHE_NEED_SHARED();
    const auto golden = verify(sharedFolder() / "golden/ct-w4a16-g128");
    BITLATHE_VERIFY_OK(golden);
    QCOMPARE(golden->format, std::string("compressed-tensors"));
    QCOMPARE(golden->quantizedLinears, 56);
    QCOMPARE(golden->tensors, 186);
}

void TestVerify::verifiesBadFolders()
{
    const TempFolder temp;
    const LinearSchemes schemes(demo()->spec.linears.size(), makeScheme(4, 128, true));
    BITLATHE_VERIFY_OK(exportTo(temp / "good", demo(), compressed(), schemes, quantizeAll(*demo(), schemes)));
    const auto copy = [&](const char* name) {
        fs::copy(temp / "good", temp / name);
        return temp / name;
    };
    const fs::path cut = copy("cut");
    fs::resize_file(cut / "model.safetensors", fs::file_size(cut / "model.safetensors") - 100);
    const auto truncated = verify(cut);
    QVERIFY(!truncated.has_value());
    QCOMPARE(truncated.error().code, ErrorCode::FileTruncated);

    const fs::path infinite = copy("infinite");
    const std::string scale = "model.layers.6.mlp.up_proj.weight_scale";
    {
        const auto checkpoint = *checkpoint::Checkpoint::open(infinite);
        std::fstream file(infinite / "model.safetensors", std::ios::binary | std::ios::in | std::ios::out);
        file.seekp(static_cast<std::streamoff>(checkpoint->find(scale)->offset));
        file.write("\x80\x7f", 2);
    }
    const auto notFinite = verify(infinite);
    QVERIFY(!notFinite.has_value());
    QCOMPARE(notFinite.error().code, ErrorCode::WeightsNotFinite);
    QCOMPARE(notFinite.error().subject, scale);

    const fs::path zero = copy("zero");
    {
        const auto checkpoint = *checkpoint::Checkpoint::open(zero);
        std::fstream file(zero / "model.safetensors", std::ios::binary | std::ios::in | std::ios::out);
        file.seekp(static_cast<std::streamoff>(checkpoint->find(scale)->offset));
        file.write("\0\0\x80\xbf", 4); // 0 and -1
    }
    const auto odd = verify(zero);
    BITLATHE_VERIFY_OK(odd);
    QCOMPARE(odd->findings.size(), std::size_t{2});
    QCOMPARE(odd->findings[0].code, std::string("scale-zero"));
    QCOMPARE(odd->findings[1].code, std::string("scale-negative"));
    QCOMPARE(odd->findings[1].subject, std::string("model.layers.6.mlp.up_proj"));
}

void TestVerify::verifyNamesTheFirstOfSeveral()
{
    const TempFolder temp;
    const LinearSchemes schemes(demo()->spec.linears.size(), makeScheme(4, 128, true));
    BITLATHE_VERIFY_OK(exportTo(temp / "out", demo(), compressed(), schemes, quantizeAll(*demo(), schemes)));
    std::string first;
    {
        const auto checkpoint = *checkpoint::Checkpoint::open(temp / "out");
        std::fstream file(temp / "out" / "model.safetensors", std::ios::binary | std::ios::in | std::ios::out);
        for (const auto& entry : checkpoint->entries()) {
            if (entry.name.ends_with("weight_scale")) {
                first = first.empty() ? entry.name : first;
                file.seekp(static_cast<std::streamoff>(entry.offset));
                file.write("\x80\x7f", 2);
            }
        }
    }
    for (int time = 0; time < 20; ++time) { // Several threads read, whoever comes first.
        const auto damaged = verify(temp / "out");
        QVERIFY(!damaged.has_value());
        QCOMPARE(damaged.error().subject, first);
    }
}

void TestVerify::verifyTellsOfAMissingTokenizer()
{
    const TempFolder temp;
    std::filesystem::copy(*resource("demo/model"), temp / "model");
    std::filesystem::remove(temp / "model/tokenizer.json");
    std::filesystem::remove(temp / "model/tokenizer.model");
    const auto report = verify(temp / "model");
    BITLATHE_VERIFY_OK(report);
    QCOMPARE(report->findings.size(), std::size_t{1});
    QCOMPARE(report->findings[0].code, std::string("no-tokenizer"));
    const std::string message = report->findings[0].message.english();
    QVERIFY2(message.find("tokenizer.json") != std::string::npos, message.c_str());
    QVERIFY2(!message.ends_with('.'), message.c_str()); // Whoever shows it ends the sentence.
}

void TestVerify::verifyTellsWhatConsumersRefuse()
{
    const TempFolder temp;
    LinearSchemes schemes(demo()->spec.linears.size(), makeScheme(4, 128, true));
    schemes[1] = makeScheme(8, 128, true);
    schemes[6] = makeScheme(2, 128, true);
    BITLATHE_VERIFY_OK(exportTo(temp / "out", demo(), compressed(), schemes, quantizeAll(*demo(), schemes)));
    const auto report = verify(temp / "out");
    BITLATHE_VERIFY_OK(report);
    QCOMPARE(report->findings.size(), std::size_t{4});
    for (const std::size_t first : {0U, 2U}) {
        QCOMPARE(report->findings[first].code, std::string("consumer-refuses"));
        QCOMPARE(report->findings[first].subject, demo()->spec.linears[6].name);
        QCOMPARE(report->findings[first + 1].subject, demo()->spec.linears[1].name);
    }
    QVERIFY(report->findings[0].message.english().starts_with("vLLM"));
    QVERIFY(report->findings[2].message.english().starts_with("SGLang"));
}

QTEST_GUILESS_MAIN(TestVerify)
#include "tst_verify.moc"
