// SPDX-License-Identifier: Apache-2.0
// Protocols of perplexity: which tokens a window holds and which are scored, worked examples, and every protocol with
// KV caches and in bf16.
#include "core/evaluate/comparison.h"
#include "core/evaluate/statistics.h"
#include "core/evaluate/windowscores.h"
#include "support/tempfolder.h"

#include <QTest>

#include <cmath>
#include <numeric>

using namespace bitlathe;
using namespace bitlathe::evaluate;
namespace fs = std::filesystem;

namespace
{

const fs::path kDemo = fs::path(BITLATHE_SOURCE_DIR) / "resources/demo/model";
const fs::path kText = fs::path(BITLATHE_SOURCE_DIR) / "resources/demo/text/evaluation.txt";
constexpr double kGoldenTolerance = 0.0005; ///< Of PyTorch's and llama.cpp's numbers.

std::vector<model::TokenId> countingStream(int tokens)
{
    std::vector<model::TokenId> stream(static_cast<std::size_t>(tokens));
    std::iota(stream.begin(), stream.end(), 0);
    return stream;
}

PerplexityOptions optionsOf(ProtocolKind kind, std::int64_t length, std::int64_t windows = 0, std::int64_t stride = 512)
{
    PerplexityOptions options;
    options.protocol = kind;
    options.length = length;
    options.maxWindows = windows;
    options.stride = stride;
    return options;
}

/// "begin-end:firstScored*weight" of every window of a counting stream.
std::string shapeOf(int tokens, const PerplexityOptions& options)
{
    const auto windows = protocolWindows(countingStream(tokens), options);
    if (!windows) {
        return windows.error().sentence();
    }
    std::string shape;
    for (const ScoredWindow& window : *windows) {
        shape += fmt::format("{}{}-{}:{}*{}", shape.empty() ? "" : " ", window.ids.front(), window.ids.back(),
                             window.firstScored, window.weight);
    }
    return shape;
}

} // namespace

class TestProtocols : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void initTestCase()
    {
        const auto opened = format::openModel(kDemo);
        BITLATHE_VERIFY_OK(opened);
        m_opened = *opened;
        const auto loaded = format::runnable(*m_opened, {});
        BITLATHE_VERIFY_OK(loaded);
        m_model = *loaded;
        m_set = *text::openTextSet(kText);
    }

    void names()
    {
        for (const ProtocolKind kind : protocolKinds()) {
            QCOMPARE(*protocolFrom(protocolName(kind)), kind);
        }
        QCOMPARE(protocolFrom("llama").error().code, ErrorCode::UnknownName);
        QCOMPARE(usualLength(ProtocolKind::LlamaCpp), std::int64_t{512});
        QCOMPARE(usualLength(ProtocolKind::Gptq), std::int64_t{2048});
    }

    void windowsOfEveryProtocol()
    {
        QCOMPARE(shapeOf(25, optionsOf(ProtocolKind::Windows, 10)), std::string("0-9:1*1 10-19:1*1"));
        QCOMPARE(shapeOf(7, optionsOf(ProtocolKind::Windows, 10)), std::string("0-6:1*1"));
        QCOMPARE(shapeOf(25, optionsOf(ProtocolKind::Gptq, 10)), std::string("0-9:1*1 10-19:1*1"));
        QCOMPARE(shapeOf(25, optionsOf(ProtocolKind::MiniCpm, 10, 1)), std::string("0-9:1*1"));
        // 512 tokens: positions 256 ... 510 predict tokens 257 ... 511.
        QCOMPARE(shapeOf(1024, optionsOf(ProtocolKind::LlamaCpp, 512)), std::string("0-511:257*1 512-1023:257*1"));
        // 10 tokens every 4; the first window scores 1 ... 9, the next ones what is new, the last up to the end.
        QCOMPARE(shapeOf(20, optionsOf(ProtocolKind::Strided, 10, 0, 4)),
                 std::string("0-9:1*9 4-13:6*3 8-17:6*3 12-19:6*1"));
        QCOMPARE(shapeOf(20, optionsOf(ProtocolKind::Strided, 10, 2, 4)), std::string("0-9:1*9 4-13:6*3"));
        QCOMPARE(shapeOf(20, optionsOf(ProtocolKind::Strided, 10, 0, 10)), std::string("0-9:1*9 10-19:1*9"));
        QCOMPARE(shapeOf(7, optionsOf(ProtocolKind::Strided, 10, 0, 4)), std::string("0-6:1*6"));
        // One new token counts as none.
        QCOMPARE(shapeOf(11, optionsOf(ProtocolKind::Strided, 10, 0, 4)), std::string("0-9:1*9"));
    }

    void llamaCppBeginsWindowsWithBos()
    {
        PerplexityOptions options = optionsOf(ProtocolKind::LlamaCpp, 4);
        options.bos = 77;
        const auto windows = protocolWindows(countingStream(9), options);
        BITLATHE_VERIFY_OK(windows);
        QVERIFY(((*windows)[1].ids == std::vector<model::TokenId>{77, 5, 6, 7}));
        QCOMPARE(*leadingToken(m_opened->tokenizer.get()), 1);
        QVERIFY(!leadingToken(nullptr));
    }

    void whatCannotBeScored()
    {
        const auto codeOf = [](int tokens, const PerplexityOptions& options) {
            return protocolWindows(countingStream(tokens), options).error().code;
        };
        QCOMPARE(codeOf(1, optionsOf(ProtocolKind::Windows, 10)), ErrorCode::TextInvalid);
        QCOMPARE(codeOf(9, optionsOf(ProtocolKind::Windows, 1)), ErrorCode::SettingInvalid);
        QCOMPARE(codeOf(9, optionsOf(ProtocolKind::Gptq, 10)), ErrorCode::TextInvalid);
        QCOMPARE(codeOf(19, optionsOf(ProtocolKind::LlamaCpp, 10)), ErrorCode::TextInvalid);
        QCOMPARE(codeOf(19, optionsOf(ProtocolKind::LlamaCpp, 3)), ErrorCode::SettingInvalid);
        QCOMPARE(codeOf(20, optionsOf(ProtocolKind::Strided, 10, 0, 11)), ErrorCode::SettingInvalid);
        QCOMPARE(codeOf(20, optionsOf(ProtocolKind::Strided, 10, 0, 0)), ErrorCode::SettingInvalid);
    }

    /// The fact sheet's example: log p -1, -2, -0.5, -1.5, -3, -0.25.
    void llamaCppErrorIsThatOfTokens()
    {
        PerplexityResult result;
        result.protocol.kind = ProtocolKind::LlamaCpp;
        addWindow(result, {{0, 1, 2, 3}}, {{1, 2, 0.5}, {}, {}, 0});
        addWindow(result, {{0, 1, 2, 3}}, {{1.5, 3, 0.25}, {}, {}, 0});
        summarize(result);
        QVERIFY(std::abs(result.perplexity - 3.955077) < 5e-7);
        QVERIFY(std::abs(result.standardError - 1.649596) < 5e-7);
    }

    /// PyTorch in f32 by llama.cpp's rules, and what llama-perplexity prints.
    void llamaCppGoldens_data()
    {
        QTest::addColumn<int>("length");
        QTest::addColumn<int>("windows");
        QTest::addColumn<double>("perplexity");
        QTest::addColumn<double>("error");
        QTest::newRow("16 of 512") << 512 << 16 << 13.07319 << 0.54669;
        QTest::newRow("4 of 2048") << 2048 << 4 << 14.63459 << 0.62392;
    }
    void llamaCppGoldens()
    {
        BITLATHE_NEED_SHARED();
        QFETCH(int, length);
        QFETCH(int, windows);
        QFETCH(double, perplexity);
        QFETCH(double, error);
        const auto result = measured(tests::sharedFolder() / "data/demo-text/evaluation.txt",
                                     optionsOf(ProtocolKind::LlamaCpp, length, windows));
        BITLATHE_VERIFY_OK(result);
        QVERIFY(std::abs(result->perplexity / perplexity - 1) < kGoldenTolerance);
        QVERIFY(std::abs(result->standardError / error - 1) < kGoldenTolerance);
        QCOMPARE(result->tokensScored, std::int64_t{windows} * (length / 2 - 1));
    }

    /// Where windows don't overlap, the guide's rule is that of windows; scored one by one the tokens are those of a
    /// whole pass.
    void stridedAgreesWithWindows()
    {
        const auto apart = measured(kText, optionsOf(ProtocolKind::Strided, 256, 3, 256));
        const auto windows = measured(kText, optionsOf(ProtocolKind::Gptq, 256, 3));
        BITLATHE_VERIFY_OK(apart);
        BITLATHE_VERIFY_OK(windows);
        QCOMPARE(apart->nllSum, windows->nllSum);
        QVERIFY(std::abs(apart->perplexity / windows->perplexity - 1) < 1e-12);
        const auto closer = measured(kText, optionsOf(ProtocolKind::Strided, 256, 5, 64));
        BITLATHE_VERIFY_OK(closer);
        QCOMPARE(closer->tokensScored, std::int64_t{255 + 4 * 64});
        QCOMPARE(closer->tokensRead, std::int64_t{5 * 256});
        QCOMPARE(closer->protocol.stride, std::int64_t{64});
        const std::vector<model::TokenId> stream = *text::joinedStream(m_set, m_opened->tokenizer.get());
        const std::vector<model::TokenId> second(stream.begin() + 64, stream.begin() + 320);
        const model::Model* const models[] = {m_model.get()};
        const auto whole = scoreWindow(models, {second}, {});
        BITLATHE_VERIFY_OK(whole);
        const auto last = std::span(whole->front().nll).last(64);
        QVERIFY(std::abs(closer->windowMeans[1] - sumInOrder(last) / 64) < 1e-9);
    }

    /// GPTQ's stream is the demo tokenizer's bos and all rows as one text, whatever rows are elsewhere.
    void streams()
    {
        text::TextSet set;
        set.rows = {"One.", "Two."};
        set.rowsAreDocuments = true;
        const text::Tokenizer& tokenizer = *m_opened->tokenizer;
        const auto documents = protocolStream(set, &tokenizer, ProtocolKind::Windows);
        const auto joined = protocolStream(set, &tokenizer, ProtocolKind::Gptq);
        QVERIFY(*joined == tokenizer.encodeWithSpecial("One.\n\nTwo."));
        QVERIFY(*documents != *joined);
        QCOMPARE(protocolStream(set, nullptr, ProtocolKind::Gptq).error().code, ErrorCode::TokenizerInvalid);
        set.ids = {5, 6, 7};
        QVERIFY(*protocolStream(set, nullptr, ProtocolKind::LlamaCpp) == set.ids);
    }

    void cachesAndBf16_data()
    {
        QTest::addColumn<int>("kind");
        for (const ProtocolKind kind : protocolKinds()) {
            QTest::newRow(std::string(protocolName(kind)).c_str()) << static_cast<int>(kind);
        }
    }
    void cachesAndBf16()
    {
        QFETCH(int, kind);
        CompareOptions options;
        options.data = kText.string();
        options.windows = optionsOf(static_cast<ProtocolKind>(kind), 128, 3, 64);
        options.kv = {*quant::findKvScheme("int8-token")};
        options.compute = model::Compute::Bf16;
        const auto comparison = compare({kDemo}, options);
        BITLATHE_VERIFY_OK(comparison);
        QCOMPARE(comparison->protocol.kind, options.windows.protocol);
        const PerplexityResult& plain = comparison->models[0].perplexity;
        const PerplexityResult& kept = comparison->models[1].perplexity;
        QVERIFY(kept.perplexity != plain.perplexity && std::abs(kept.perplexity / plain.perplexity - 1) < 0.05);
        QVERIFY(comparison->models[1].deltaError > 0 && comparison->models[1].kl->mean > 0);
        const auto alone = measured(kText, options.windows);
        BITLATHE_VERIFY_OK(alone);
        QCOMPARE(alone->tokensScored, plain.tokensScored);
        QVERIFY(std::abs(alone->perplexity / plain.perplexity - 1) < 0.02); // f32 against bf16.
    }

private:
    Result<PerplexityResult> measured(const fs::path& data, PerplexityOptions options) const
    {
        BITLATHE_TRY(const text::TextSet set, text::openTextSet(data));
        BITLATHE_TRY(const auto stream, protocolStream(set, m_opened->tokenizer.get(), options.protocol));
        options.bos = leadingToken(m_opened->tokenizer.get());
        return perplexity(*m_model, stream, options);
    }

    std::shared_ptr<const format::OpenedModel> m_opened;
    std::shared_ptr<const model::Model> m_model;
    text::TextSet m_set;
};

QTEST_GUILESS_MAIN(TestProtocols)
#include "tst_protocols.moc"
