// SPDX-License-Identifier: GPL-3.0-or-later
// Sentences of the engine in the window's language; paths as text.
#include "ui/bridge/session.h"

#include <QCoreApplication>
#include <QLocale>
#include <QRegularExpression>

namespace bitlathe::ui
{

QString translated(const Text& text)
{
    if (text.empty()) {
        return {};
    }
    const QString sentence = QCoreApplication::translate("core", text.sentence().c_str());
    // A number stays on the line of its sign.
    return QString::fromStdString(Text::fill(sentence.toStdString(), text.arguments())).replace(QStringLiteral(" %"), QStringLiteral("\u00a0%"));
}

QString translated(const std::vector<Text>& sentences)
{
    QStringList all;
    for (const Text& sentence : sentences) {
        all << translated(sentence);
    }
    return all.join(QLatin1Char(' '));
}

QString translated(const Error& error)
{
    const QString subject = QString::fromStdString(error.subject);
    const QString expected = translated(error.expected);
    const QString found = translated(error.found);
    QString sentence;
    if (!expected.isEmpty() && !found.isEmpty()) {
        //: %1 is a file, layer or setting
        sentence = QCoreApplication::translate("Error", "%1: expected %2, found %3.").arg(subject, expected, found);
    } else if (!expected.isEmpty()) {
        sentence = QCoreApplication::translate("Error", "%1: expected %2.").arg(subject, expected);
    } else if (!found.isEmpty()) {
        sentence = QCoreApplication::translate("Error", "%1: %2.").arg(subject, found);
    } else {
        sentence = subject;
    }
    if (!error.advice.empty()) {
        //: A sentence, and the advice that follows it
        sentence = QCoreApplication::translate("Error", "%1 %2.").arg(sentence, translated(error.advice));
    }
    return sentence;
}

namespace
{

/// One kind of part that a scheme's label has: how to know it, and its words with %1 for the number in it.
struct LabelPart
{
    QRegularExpression pattern;
    const char* words; ///< To be translated.
};

const std::vector<LabelPart>& labelParts()
{
    const auto part = [](const char* pattern, const char* words) {
        return LabelPart{QRegularExpression(QRegularExpression::anchoredPattern(QString::fromLatin1(pattern))), words};
    };
    static const std::vector<LabelPart> kParts{
        part("(\\d+)-bit", QT_TRANSLATE_NOOP("Scheme", "%1-bit")),
        part("groups of (\\d+)", QT_TRANSLATE_NOOP("Scheme", "groups of %1")),
        part("blocks of (\\d+)", QT_TRANSLATE_NOOP("Scheme", "blocks of %1")),
        part("(\\d+)-bit inputs", QT_TRANSLATE_NOOP("Scheme", "%1-bit inputs")),
        part("scales of (\\d+) bits", QT_TRANSLATE_NOOP("Scheme", "scales of %1 bits")),
        part("threshold (.*)", QT_TRANSLATE_NOOP("Scheme", "threshold %1")),
        part("per channel", QT_TRANSLATE_NOOP("Scheme", "per channel")),
        part("per tensor", QT_TRANSLATE_NOOP("Scheme", "per tensor")),
        part("symmetric", QT_TRANSLATE_NOOP("Scheme", "symmetric")),
        part("asymmetric", QT_TRANSLATE_NOOP("Scheme", "asymmetric")),
        part("full precision", QT_TRANSLATE_NOOP("Scheme", "full precision")),
        part("some layers otherwise", QT_TRANSLATE_NOOP("Scheme", "some layers otherwise")),
    };
    return kParts;
}

} // namespace

QString schemeText(const std::string& label)
{
    QStringList parts = QString::fromStdString(label).split(QStringLiteral(", "));
    for (QString& part : parts) {
        for (const LabelPart& kind : labelParts()) {
            if (const auto match = kind.pattern.match(part); match.hasMatch()) {
                const QString words = QCoreApplication::translate("Scheme", kind.words);
                part = match.lastCapturedIndex() > 0 ? words.arg(match.captured(1)) : words;
                break;
            }
        }
    }
    //: Between the parts of a list such as "4-bit, symmetric"
    return parts.join(QCoreApplication::translate("Scheme", ", "));
}

QString groupSizeText(std::int64_t groupSize)
{
    if (groupSize == quant::kPerChannel) {
        return QCoreApplication::translate("Scheme", "one row");
    }
    return groupSize == quant::kPerTensor ? QCoreApplication::translate("Scheme", "whole layer") : QLocale().toString(static_cast<qlonglong>(groupSize));
}

QString verdictWord(quant::Verdict verdict)
{
    switch (verdict) {
    case quant::Verdict::Fine: return QCoreApplication::translate("Verdict", "fine");
    case quant::Verdict::Watch: return QCoreApplication::translate("Verdict", "watch");
    case quant::Verdict::Bad: return QCoreApplication::translate("Verdict", "bad");
    }
    return {};
}

QString kvText(const quant::KvScheme& scheme)
{
    if (!scheme.isQuantized()) {
        return QCoreApplication::translate("KvScheme", "KV of 16 bits");
    }
    const QString number = (scheme.kind == quant::KvKind::Fp8 ? QStringLiteral("fp%1") : QStringLiteral("int%1")).arg(scheme.bits);
    QString text;
    switch (scheme.granularity) {
    //: %1 is a type of numbers, such as int8
    case quant::KvGranularity::Layer: text = QCoreApplication::translate("KvScheme", "KV %1 by layer"); break;
    case quant::KvGranularity::Head: text = QCoreApplication::translate("KvScheme", "KV %1 by head"); break;
    case quant::KvGranularity::Token: text = QCoreApplication::translate("KvScheme", "KV %1 by token"); break;
    }
    text = text.arg(number);
    if (scheme.fitted) {
        return QCoreApplication::translate("KvScheme", "%1, fitted").arg(text);
    }
    return scheme.symmetric ? QCoreApplication::translate("KvScheme", "%1, symmetric").arg(text) : text;
}

QString toText(std::string_view text)
{
    return QString::fromUtf8(text.data(), static_cast<qsizetype>(text.size()));
}

QString fromPath(const std::filesystem::path& path)
{
    return QString::fromStdString(path.string());
}

std::filesystem::path toPath(const QString& text)
{
    return std::filesystem::path(text.toStdString());
}

} // namespace bitlathe::ui
