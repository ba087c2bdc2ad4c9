// SPDX-License-Identifier: Apache-2.0
// Texts that grow token by token: their pieces together are the whole text, whatever the tokens.
#include "core/base/resources.h"
#include "core/text/growingtext.h"
#include "support/tempfolder.h"

#include <QTest>

#include <random>

namespace bitlathe::text
{

class TestGrowingText : public QObject
{
    Q_OBJECT

    /// Pieces of ids, and what is left, joined.
    static std::string grown(const Tokenizer& tokenizer, const std::vector<TokenId>& ids)
    {
        GrowingText growing(tokenizer);
        std::string text;
        for (const TokenId id : ids) {
            text += growing.add(id);
        }
        return text + growing.rest();
    }

private Q_SLOTS:
    void texts_data()
    {
        QTest::addColumn<QString>("folder");
        QTest::newRow("SentencePiece") << QString::fromStdString(resource("demo/model")->string());
        for (const char* name : {"gpt2", "llama3", "llama-hf-metaspace", "gemma"}) {
            if (const auto folder = tests::sharedFolder() / "golden/tokenizers" / name;
                std::filesystem::exists(folder)) {
                QTest::newRow(name) << QString::fromStdString(folder.string());
            }
        }
    }
    void texts()
    {
        QFETCH(const QString, folder);
        const auto tokenizer = openTokenizer(folder.toStdString());
        BITLATHE_VERIFY_OK(tokenizer);
        const std::string text =
            "The cat\u2019s tail \u6c49\u5b57, \U0001F600\U0001F680 na\u00efve\n\n  two  blanks \u0915\u094d\u0937";
        const std::vector<TokenId> ids = (*tokenizer)->encode(text);
        GrowingText growing(**tokenizer);
        std::string whole;
        for (const TokenId id : ids) {
            const std::string piece = growing.add(id);
            // Nothing is cut within a character.
            QCOMPARE(QString::fromStdString(piece).toStdString(), piece);
            whole += piece;
        }
        QCOMPARE(whole, (*tokenizer)->decode(ids));
        QVERIFY(growing.rest().empty());
    }

    void anyTokens_data() { texts_data(); }
    void anyTokens()
    {
        QFETCH(const QString, folder);
        const auto tokenizer = openTokenizer(folder.toStdString());
        BITLATHE_VERIFY_OK(tokenizer);
        std::mt19937 random(7); // NOLINT: the same tokens each time.
        std::uniform_int_distribution<TokenId> any(3, static_cast<TokenId>((*tokenizer)->vocabularySize()) - 1);
        for (int run = 0; run < 200; ++run) {
            std::vector<TokenId> ids(40);
            std::ranges::generate(ids, [&] { return any(random); });
            const std::string whole = (*tokenizer)->decode(ids);
            if (whole.find("\xEF\xBF\xBD") == std::string::npos) { // Broken characters join differently.
                QCOMPARE(grown(**tokenizer, ids), whole);
            }
        }
    }

    void halfACharacterWaits()
    {
        const auto tokenizer = openTokenizer(*resource("demo/model"));
        BITLATHE_VERIFY_OK(tokenizer);
        const std::vector<TokenId> ids = (*tokenizer)->encode("\U0001F680");
        QVERIFY(ids.size() >= 4); // Byte tokens.
        GrowingText growing(**tokenizer);
        for (std::size_t i = 0; i + 1 < ids.size(); ++i) {
            QVERIFY(growing.add(ids[i]).empty());
        }
        QVERIFY(!growing.rest().empty()); // What there is of it.
        QCOMPARE(growing.add(ids.back()), std::string("\U0001F680"));
    }
};

} // namespace bitlathe::text

QTEST_GUILESS_MAIN(bitlathe::text::TestGrowingText)
#include "tst_growingtext.moc"
