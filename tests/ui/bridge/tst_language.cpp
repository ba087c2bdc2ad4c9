// SPDX-License-Identifier: Apache-2.0
// Tests the catalogues: complete, with every place for an argument, switched while the program runs.
#include "ui/bridge/language.h"
#include "ui/bridge/session.h"

#include <QCoreApplication>
#include <QFile>
#include <QLibraryInfo>
#include <QLocale>
#include <QRegularExpression>
#include <QTest>
#include <QWidget>
#include <QXmlStreamReader>

using namespace bitlathe;
using namespace bitlathe::ui;

namespace
{

struct Message
{
    QString source;
    QStringList translations;
    bool finished = true;
};

/// The messages of a catalogue; an empty list where it can't be read.
std::vector<Message> readCatalogue(const QString& code)
{
    QFile file(QStringLiteral(BITLATHE_SOURCE_DIR "/translations/bitlathe_%1.ts").arg(code));
    if (!file.open(QIODevice::ReadOnly)) {
        return {};
    }
    std::vector<Message> messages;
    QXmlStreamReader xml(&file);
    while (!xml.atEnd()) {
        if (xml.readNext() != QXmlStreamReader::StartElement) {
            continue;
        }
        if (xml.name() == QLatin1String("message")) {
            messages.emplace_back();
        } else if (xml.name() == QLatin1String("source")) {
            messages.back().source = xml.readElementText();
        } else if (xml.name() == QLatin1String("translation")) {
            messages.back().finished = !xml.attributes().hasAttribute(QStringLiteral("type"));
            messages.back().translations << xml.readElementText(QXmlStreamReader::IncludeChildElements).trimmed();
        }
    }
    return xml.hasError() ? std::vector<Message>() : messages;
}

QStringList placesOf(const QString& sentence)
{
    QStringList places;
    auto matches = QRegularExpression(QStringLiteral("%(L?\\d|n)")).globalMatch(sentence);
    while (matches.hasNext()) {
        places << matches.next().captured();
    }
    places.removeDuplicates();
    places.sort();
    return places;
}

/// Counts how often it is told that the language is another.
class Listener : public QWidget
{
public:
    int told = 0;

protected:
    void changeEvent(QEvent* event) override { told += event->type() == QEvent::LanguageChange ? 1 : 0; }
};

} // namespace

class TestLanguage : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void cleanup() { setLanguage(QStringLiteral("en")); }
    void catalogueIsComplete();
    void placesSurviveTranslation();
    void switchesWhileRunning();
    void engineSentencesAreTranslated();
    void englishHasPlurals();
    void anUnknownLanguageIsAKnownOne();
};

void TestLanguage::catalogueIsComplete()
{
    const std::vector<Message> messages = readCatalogue(QStringLiteral("zh_CN"));
    QVERIFY(messages.size() > 500);
    for (const Message& message : messages) {
        QVERIFY2(message.finished && !message.translations.isEmpty() && !message.translations.first().isEmpty(),
                 qPrintable(message.source));
    }
}

void TestLanguage::placesSurviveTranslation()
{
    for (const Message& message : readCatalogue(QStringLiteral("zh_CN"))) {
        QCOMPARE(placesOf(message.translations.value(0)), placesOf(message.source));
        // A menu's or label's key must stay a key.
        const QRegularExpression key(QStringLiteral("&(?=[A-Za-z])"));
        if (message.source.size() < 60 && !message.source.contains(u'<')) {
            QVERIFY2(message.source.contains(key) == message.translations.value(0).contains(key),
                     qPrintable(message.source));
        }
    }
}

void TestLanguage::switchesWhileRunning()
{
    Listener listener;
    setLanguage(QStringLiteral("zh_CN"));
    QCoreApplication::processEvents();
    QCOMPARE(language(), QStringLiteral("zh_CN"));
    QVERIFY(listener.told > 0);
    QCOMPARE(QLocale().name(), QStringLiteral("zh_CN"));
    QVERIFY(QCoreApplication::translate("bitlathe::ui::HistoryPage", "History") != QLatin1String("History"));
    // Qt's own words too, in file dialogs and context menus, where its catalogues are installed.
    const bool installed =
        QFile::exists(QLibraryInfo::path(QLibraryInfo::TranslationsPath) + QStringLiteral("/qtbase_zh_CN.qm"));
    QVERIFY(!installed || QCoreApplication::translate("QPlatformTheme", "Cancel") != QLatin1String("Cancel"));
    setLanguage(QStringLiteral("en"));
    QCOMPARE(QCoreApplication::translate("bitlathe::ui::HistoryPage", "History"), QStringLiteral("History"));
}

void TestLanguage::engineSentencesAreTranslated()
{
    const Error error{ErrorCode::TextInvalid, "text.jsonl", Text("at least %1 tokens", 2), Text("%1", 1), Text()};
    QCOMPARE(translated(Text("no sentence of the catalogue, %1", 7)),
             QStringLiteral("no sentence of the catalogue, 7"));
    QCOMPARE(translated(error), QStringLiteral("text.jsonl: expected at least 2 tokens, found 1."));
    QCOMPARE(translated(error), QString::fromStdString(error.sentence())); // English is what the command line says
    setLanguage(QStringLiteral("zh_CN"));
    QVERIFY(translated(error).contains(QStringLiteral("text.jsonl")));
    QVERIFY(!translated(error).contains(QStringLiteral("expected")));
}

void TestLanguage::englishHasPlurals()
{
    setLanguage(QStringLiteral("en"));
    const auto runs = [](int count) {
        return QCoreApplication::translate("bitlathe::ui::HistoryPage", "%n runs, of this window and of bitlathe-cli", nullptr,
                                           count);
    };
    QCOMPARE(runs(1), QStringLiteral("1 run, of this window and of bitlathe-cli"));
    QCOMPARE(runs(2), QStringLiteral("2 runs, of this window and of bitlathe-cli"));
}

void TestLanguage::anUnknownLanguageIsAKnownOne()
{
    setLanguage(QStringLiteral("tlh"));
    QVERIFY(languages().contains(language()));
    for (const QString& code : languages()) {
        QVERIFY(!languageName(code).isEmpty());
    }
}

QTEST_MAIN(TestLanguage)
#include "tst_language.moc"
