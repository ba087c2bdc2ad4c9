// SPDX-License-Identifier: Apache-2.0
// Perplexities of whole texts by GPTQ's and llama.cpp's protocols, against PyTorch's
// (models/demo-llama/reference.json), llama-perplexity's (golden/gguf/golden.json) and those of overlapping windows by
// transformers (tests/data/strided).
#include "core/base/json.h"
#include "core/base/resources.h"
#include "core/evaluate/perplexity.h"
#include "core/format/openmodel.h"
#include "support/tempfolder.h"

#include <QTest>

#include <cmath>

using namespace bitlathe;
using namespace bitlathe::evaluate;
namespace fs = std::filesystem;

namespace
{

constexpr double kTolerance = 0.0005;

} // namespace

class TestProtocolGoldens : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void gptqOfWikitext()
    {
        BITLATHE_NEED_SHARED();
        const auto result = measured("data/wikitext-2-raw-v1/wikitext-test.arrow", ProtocolKind::Gptq, 2048);
        BITLATHE_VERIFY_OK(result);
        const Json reference = (*readJson(model() / "reference.json"))["wikitext2_test"];
        QCOMPARE(result->protocol.windows, reference["windows"].get<std::int64_t>());
        verifyClose(result->perplexity, reference["perplexity_fp32"].get<double>());
    }

    void llamaCppOfTheDemoText_data()
    {
        QTest::addColumn<QString>("name");
        QTest::addColumn<int>("length");
        QTest::newRow("512") << "ctx512" << 512;
        QTest::newRow("2048") << "ctx2048" << 2048;
    }
    void llamaCppOfTheDemoText()
    {
        BITLATHE_NEED_SHARED();
        QFETCH(QString, name);
        QFETCH(int, length);
        const auto result = measured("data/demo-text/evaluation.txt", ProtocolKind::LlamaCpp, length);
        BITLATHE_VERIFY_OK(result);
        const auto golden = readJson(tests::sharedFolder() / "golden/gguf/golden.json");
        BITLATHE_VERIFY_OK(golden);
        const Json& printed = (*golden)["perplexity"]["F16"][name.toStdString()];
        QCOMPARE(result->protocol.windows, printed["chunks"].get<std::int64_t>());
        verifyClose(result->perplexity, printed["ppl"].get<double>());
        verifyClose(result->standardError, printed["err"].get<double>());
    }

    void stridedOfTheDemoText()
    {
        const auto golden = readJson(BITLATHE_SOURCE_DIR "/tests/data/strided/strided.json");
        BITLATHE_VERIFY_OK(golden);
        const auto ids = (*golden)["ids"].get<std::vector<model::TokenId>>();
        const auto opened = format::openModel(*resource("demo/model"));
        BITLATHE_VERIFY_OK(opened);
        const auto loaded = format::runnable(**opened, {});
        BITLATHE_VERIFY_OK(loaded);
        QCOMPARE((*golden)["results"].size(), std::size_t{4});
        for (const Json& expected : (*golden)["results"]) {
            PerplexityOptions options;
            options.protocol = ProtocolKind::Strided;
            options.length = expected["length"].get<std::int64_t>();
            options.stride = expected["stride"].get<std::int64_t>();
            const auto result =
                perplexity(**loaded, {ids.begin(), ids.begin() + expected["tokens"].get<int>()}, options);
            BITLATHE_VERIFY_OK(result);
            QCOMPARE(result->tokensScored, expected["scored"].get<std::int64_t>());
            QVERIFY2(std::abs(result->perplexity / expected["perplexity"].get<double>() - 1) < 1e-5,
                     expected.dump().c_str());
            QVERIFY(std::abs(result->nllSum / expected["nll_sum"].get<double>() - 1) < 1e-5);
        }
    }

private:
    static fs::path model() { return tests::sharedFolder() / "models/demo-llama"; }

    static void verifyClose(double value, double expected)
    {
        QVERIFY2(std::abs(value / expected - 1) < kTolerance, fmt::format("{} is not {}", value, expected).c_str());
    }

    static Result<PerplexityResult> measured(const std::string& data, ProtocolKind kind, std::int64_t length)
    {
        BITLATHE_TRY(const auto opened, format::openModel(model()));
        BITLATHE_TRY(const auto loaded, format::runnable(*opened, {}));
        BITLATHE_TRY(const text::TextSet set, text::openTextSet((tests::sharedFolder() / data).string()));
        BITLATHE_TRY(const auto stream, protocolStream(set, opened->tokenizer.get(), kind));
        PerplexityOptions options;
        options.protocol = kind;
        options.length = length;
        options.bos = leadingToken(opened->tokenizer.get());
        return perplexity(*loaded, stream, options);
    }
};

QTEST_GUILESS_MAIN(TestProtocolGoldens)
#include "tst_protocolgoldens.moc"
