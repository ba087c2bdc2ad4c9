// SPDX-License-Identifier: Apache-2.0
// Sentences with arguments.
#include "core/base/text.h"

#include <QTest>

using bitlathe::Text;

class TestText : public QObject
{
    Q_OBJECT

private slots:
    void putsArgumentsInPlace()
    {
        QCOMPARE(Text(BITLATHE_TEXT("at least %1 of %2"), 3, "tokens").english(), std::string("at least 3 of tokens"));
    }

    void placesMayChangeOrder()
    {
        QCOMPARE(Text::fill("%2 before %1, %2 again", {"a", "b"}), std::string("b before a, b again"));
    }

    void argumentsAreNotFilledAgain()
    {
        QCOMPARE(Text(BITLATHE_TEXT("%1 and %2"), "%2", "x").english(), std::string("%2 and x"));
    }

    void percentSignsStay()
    {
        QCOMPARE(Text::fill("100% of %1, 5 %, %0, %", {"all"}), std::string("100% of all, 5 %, %0, %"));
    }

    void missingArgumentsBecomeNothing() { QCOMPARE(Text::fill("[%1][%2]", {"x"}), std::string("[x][]")); }

    void keepsSentenceAsTranslationKey()
    {
        const Text text(BITLATHE_TEXT("%1 bytes"), 7);
        QCOMPARE(text.sentence(), std::string("%1 bytes"));
        QCOMPARE(text.arguments(), std::vector<std::string>{"7"});
        QVERIFY(!text.empty());
        QVERIFY(Text().empty());
    }
};

QTEST_GUILESS_MAIN(TestText)
#include "tst_text.moc"
