// SPDX-License-Identifier: Apache-2.0
// TokenFacts of scores that are written down here.
#include "core/evaluate/tokenloss.h"

#include <QTest>

#include <cmath>

namespace bitlathe::evaluate
{

namespace
{

/// Two bytes of one character are two tokens; decoded alone each is no text.
class BytesTokenizer : public text::Tokenizer
{
public:
    std::vector<text::TokenId> encode(std::string_view) const override { return {}; }
    std::vector<text::TokenId> encodeWithSpecial(std::string_view) const override { return {}; }
    std::string decode(std::span<const text::TokenId> ids, bool) const override
    {
        std::string text;
        for (std::size_t i = 0; i < ids.size(); ++i) {
            if (ids[i] == 1 && i + 1 < ids.size() && ids[i + 1] == 2) {
                text += "\xC3\xA9";
                ++i;
            } else if (ids[i] > 2) {
                text += static_cast<char>('a' + ids[i]);
            } else if (ids[i] > 0) {
                text += "\xEF\xBF\xBD";
            }
        }
        return text;
    }
    std::string piece(text::TokenId id) const override { return '<' + std::to_string(id) + '>'; }
    std::int64_t vocabularySize() const override { return 16; }
    std::optional<text::TokenId> bos() const override { return std::nullopt; }
    std::optional<text::TokenId> eos() const override { return std::nullopt; }
    std::string kind() const override { return "bytes"; }
    std::string fingerprint() const override { return "bytes"; }
};

} // namespace

class TestTokenLoss : public QObject
{
    Q_OBJECT

private slots:
    void worstComeFirstAndTieByPlace()
    {
        const std::vector<ScoredWindow> windows{{{3, 4, 5, 6}}, {{7, 8, 9, 10}, 2}};
        const std::vector<WindowScores> base{{{1, 1, 1}, {}, {3, 3, 3}}, {{2, 2}, {}, {4, 4}}};
        const std::vector<WindowScores> model{{{1.5, 1, 0.25}, {0.5, 0, 0.125}, {5, 3, 3}},
                                              {{2, 30}, {0.5, 7}, {4, 6}}};
        const TokenFacts facts = tokenFacts(windows, base, model, nullptr);
        QCOMPARE(facts.worst.size(), std::size_t{5});
        const TokenLoss& first = facts.worst[0];
        QCOMPARE(first, (TokenLoss{1, 3, "#7 #8 #9", "#10", "#4", "#6", std::exp(-2.0), std::exp(-30.0), 7}));
        QCOMPARE(facts.worst[1].window, std::int64_t{0});
        QCOMPARE(facts.worst[2].window, std::int64_t{1});
        QCOMPARE(facts.byPosition,
                 (LossCurve{1, 1, {1, 1.5, 1.5}, {1.5, 1.5, 15.125}, {0.5, 0.25, 3.5625}, {1, 2, 2}}));
        const auto& edges = facts.differences.edges;
        std::vector<std::int64_t> counts(edges.size() + 1);
        counts[4] = 1;                // -0.75: from -1 to -0.5.
        counts[edges.size() / 2] = 2; // None: in the middle.
        counts[16] = 1;               // 0.5: from 0.5 on.
        counts.back() = 1;            // 28.
        QCOMPARE(facts.differences.counts, counts);
    }

    void tokensAreShownAsTheyStandInTheText()
    {
        const BytesTokenizer tokenizer;
        const std::vector<ScoredWindow> windows{{{7, 1, 2, 0}}};
        const std::vector<WindowScores> base{{{1, 1, 1}, {}, {3, 2, 3}}};
        const std::vector<WindowScores> model{{{1, 1, 1}, {1, 3, 2}, {0, 4, 5}}};
        const TokenFacts facts = tokenFacts(windows, base, model, &tokenizer);
        // The second byte turns what was no text into a character: alone it is none.
        QCOMPARE(facts.worst[0].before, std::string("h\xEF\xBF\xBD"));
        QCOMPARE(facts.worst[0].token, std::string("\xEF\xBF\xBD"));
        QCOMPARE(facts.worst[0].modelTop, std::string("e"));
        // What has no text has its piece.
        QCOMPARE(facts.worst[1].before, std::string("h\xC3\xA9"));
        QCOMPARE(facts.worst[1].token, std::string("<0>"));
    }
};

} // namespace bitlathe::evaluate

QTEST_GUILESS_MAIN(bitlathe::evaluate::TestTokenLoss)
#include "tst_tokenloss.moc"
