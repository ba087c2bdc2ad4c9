// SPDX-License-Identifier: Apache-2.0
// The user guide is whole: pages, links and pictures are there, both languages are the same guide, and what it quotes
// is what the program says.
#include "core/quant/quantizer.h"
#include "support/guidefiles.h"

#include <QDirIterator>
#include <QFileInfo>
#include <QMap>
#include <QSet>
#include <QTest>
#include <QXmlStreamReader>

using namespace bitlathe;
using namespace bitlathe::tests;

namespace
{

const QStringList kLanguages{QStringLiteral("en"), QStringLiteral("zh_CN")};

/// Levels of a page's headings in their order: "1 2 2 3".
QStringList headings(const QString& text)
{
    static const QRegularExpression fence(QStringLiteral("^```.*?^```"),
                                          QRegularExpression::MultilineOption |
                                              QRegularExpression::DotMatchesEverythingOption);
    static const QRegularExpression heading(QStringLiteral("^#+ .*$"), QRegularExpression::MultilineOption);
    QStringList found;
    auto matches = heading.globalMatch(QString(text).remove(fence));
    while (matches.hasNext()) {
        found << matches.next().captured();
    }
    return found;
}

QString levels(const QString& text)
{
    QStringList found;
    for (const QString& heading : headings(text)) {
        found << QString::number(heading.indexOf(QLatin1Char(' ')));
    }
    return found.join(QLatin1Char(' '));
}

/// As GitHub makes them: lower case, hyphens for blanks, other signs left away.
QString anchorOf(const QString& heading)
{
    QString anchor;
    for (const QChar letter : heading.section(QLatin1Char(' '), 1).toLower()) {
        if (letter.isLetterOrNumber()) {
            anchor += letter;
        } else if (letter == QLatin1Char(' ') || letter == QLatin1Char('-')) {
            anchor += QLatin1Char('-');
        }
    }
    return anchor;
}

/// Sentences with their arguments: every "%1" and every "…" is "…".
QString shape(QString sentence)
{
    static const QRegularExpression argument(QStringLiteral("%\\d"));
    return sentence.replace(argument, QStringLiteral("…"));
}

/// All sentences of the engine in BITLATHE_TEXT, joined where they are written in parts.
QSet<QString> engineSentences()
{
    static const QRegularExpression text(QStringLiteral("BITLATHE_TEXT\\(\\s*((?:\"(?:[^\"\\\\]|\\\\.)*\"\\s*)+)"));
    static const QRegularExpression part(QStringLiteral("\"((?:[^\"\\\\]|\\\\.)*)\""));
    QSet<QString> sentences;
    QDirIterator files(QStringLiteral(BITLATHE_SOURCE_DIR "/core"), {QStringLiteral("*.cpp"), QStringLiteral("*.h")},
                       QDir::Files, QDirIterator::Subdirectories);
    while (files.hasNext()) {
        QFile file(files.next());
        if (!file.open(QIODevice::ReadOnly)) {
            continue;
        }
        auto texts = text.globalMatch(QString::fromUtf8(file.readAll()));
        while (texts.hasNext()) {
            QString sentence;
            auto parts = part.globalMatch(texts.next().captured(1));
            while (parts.hasNext()) {
                sentence += parts.next().captured(1);
            }
            sentences << shape(sentence.replace(QStringLiteral("\\\""), QStringLiteral("\"")));
        }
    }
    return sentences;
}

/// Translations of the engine's sentences by their shapes.
QMap<QString, QString> translations()
{
    QMap<QString, QString> found;
    QFile file(QStringLiteral(BITLATHE_SOURCE_DIR "/translations/bitlathe_zh_CN.ts"));
    if (!file.open(QIODevice::ReadOnly)) {
        return found;
    }
    QXmlStreamReader xml(&file);
    QString source;
    while (!xml.atEnd()) {
        if (xml.readNext() != QXmlStreamReader::StartElement) {
            continue;
        }
        if (xml.name() == QLatin1String("source")) {
            source = xml.readElementText();
        } else if (xml.name() == QLatin1String("translation")) {
            found.insert(shape(source), shape(xml.readElementText(QXmlStreamReader::IncludeChildElements)));
        }
    }
    return found;
}

/// What a heading of the troubleshooting page quotes: the sentence, or what was expected and what was found.
QStringList quoted(const QString& heading, const QString& language)
{
    static const QMap<QString, QRegularExpression> forms{
        {QStringLiteral("en"), QRegularExpression(QStringLiteral("^(?:expected (.+?))?(?:(?:^|, )found (.+))?$"))},
        {QStringLiteral("zh_CN"), QRegularExpression(QStringLiteral("^(?:应为(.+?))?(?:(?:^|，)实际为(.+))?$"))}};
    const QString words = heading.section(QLatin1Char(' '), 1);
    const QRegularExpressionMatch match = forms[language].match(words);
    QStringList parts{match.captured(1), match.captured(2)};
    parts.removeAll(QString());
    return parts.isEmpty() ? QStringList{words} : parts;
}

} // namespace

class TestGuide : public QObject
{
    Q_OBJECT

private slots:
    void everyFileIsListedOnce()
    {
        for (const QString& language : kLanguages) {
            QStringList ids = guideIds(language);
            QCOMPARE(ids, guideIds(kLanguages.first()));
            QCOMPARE(ids.removeDuplicates(), 0);
            QStringList files;
            for (const QFileInfo& file : QDir(kGuideFolder + QLatin1Char('/') + language).entryInfoList(QDir::Files)) {
                files << file.completeBaseName();
            }
            ids.sort();
            files.sort();
            QCOMPARE(files, ids);
        }
        QVERIFY(guideIds(kLanguages.first()).size() > 25);
    }

    void everyMethodHasAPage()
    {
        const QStringList ids = guideIds(kLanguages.first());
        for (const quant::Quantizer* method : quant::quantizers()) {
            const QString name = QString::fromUtf8(method->name().data(), qsizetype(method->name().size()));
            QVERIFY2(ids.contains(name), qPrintable(name));
        }
    }

    void bothLanguagesAreTheSameGuide()
    {
        static const QRegularExpression picture(QStringLiteral("!\\[[^\\]]*\\]\\(([^)]*)\\)"));
        const auto pictures = [](const QString& text) {
            QStringList names;
            auto matches = picture.globalMatch(text);
            while (matches.hasNext()) {
                names << matches.next().captured(1).section(QLatin1Char('-'), 0, -2);
            }
            return names;
        };
        for (const QString& id : guideIds(kLanguages.first())) {
            const QString english = guideText(QStringLiteral("en"), id);
            const QString chinese = guideText(QStringLiteral("zh_CN"), id);
            QVERIFY2(levels(english) == levels(chinese),
                     qPrintable(id + ": " + levels(english) + " / " + levels(chinese)));
            for (const char* kind : {"sh", "yaml", "text"}) {
                QCOMPARE(guideBlocks(chinese, QLatin1String(kind)), guideBlocks(english, QLatin1String(kind)));
            }
            QVERIFY2(pictures(english) == pictures(chinese), qPrintable(id));
        }
    }

    void linksAndPicturesAreThere()
    {
        static const QRegularExpression link(QStringLiteral("\\]\\(([^)]+)\\)"));
        int seen = 0;
        for (const QString& language : kLanguages) {
            for (const QString& id : guideIds(language)) {
                auto matches = link.globalMatch(guideText(language, id));
                while (matches.hasNext()) {
                    const QString target = matches.next().captured(1);
                    const QString where = language + QLatin1Char('/') + id + QStringLiteral(".md: ") + target;
                    const QString file = target.section(QLatin1Char('#'), 0, 0);
                    QVERIFY2(QFileInfo::exists(kGuideFolder + QLatin1Char('/') + language + QLatin1Char('/') + file),
                             qPrintable(where));
                    if (target.contains(QStringLiteral("screenshots"))) {
                        QVERIFY2(target.endsWith(QLatin1Char('-') + language + QStringLiteral(".png")),
                                 qPrintable(where));
                        const QString dark = QString(file).replace(QStringLiteral("-light-"), QStringLiteral("-dark-"));
                        QVERIFY2(QFileInfo::exists(kGuideFolder + QStringLiteral("/en/") + dark), qPrintable(where));
                    }
                    if (const QString anchor = target.section(QLatin1Char('#'), 1); !anchor.isEmpty()) {
                        // Anchors are those of the English headings in every language.
                        QStringList anchors;
                        for (const QString& heading :
                             headings(guideText(QStringLiteral("en"), QFileInfo(file).completeBaseName()))) {
                            anchors << anchorOf(heading);
                        }
                        QVERIFY2(anchors.contains(anchor), qPrintable(where));
                        QVERIFY2(anchors.count(anchor) == 1, qPrintable(where));
                    }
                    ++seen;
                }
            }
        }
        QVERIFY(seen > 200);
    }

    /// Sub-headings of the troubleshooting page are sentences of the engine, in Chinese their translations.
    void quotedMessagesAreSaid()
    {
        const QString page = QStringLiteral("troubleshooting");
        const QSet<QString> said = engineSentences();
        const QMap<QString, QString> translated = translations();
        QVERIFY(said.size() > 500);
        const QStringList english = headings(guideText(QStringLiteral("en"), page));
        const QStringList chinese = headings(guideText(QStringLiteral("zh_CN"), page));
        QCOMPARE(english.size(), chinese.size());
        int quotes = 0;
        for (qsizetype i = 0; i < english.size(); ++i) {
            if (!english[i].startsWith(QStringLiteral("### "))) {
                continue;
            }
            const QStringList parts = quoted(english[i], QStringLiteral("en"));
            const QStringList others = quoted(chinese[i], QStringLiteral("zh_CN"));
            QVERIFY2(parts.size() == others.size(), qPrintable(english[i]));
            for (qsizetype part = 0; part < parts.size(); ++part) {
                QVERIFY2(said.contains(parts[part]), qPrintable(parts[part]));
                QVERIFY2(translated.value(parts[part]) == others[part],
                         qPrintable(others[part] + QStringLiteral(" / ") + translated.value(parts[part])));
            }
            ++quotes;
        }
        QVERIFY(quotes > 20);
    }
};

QTEST_GUILESS_MAIN(TestGuide)
#include "tst_guide.moc"
