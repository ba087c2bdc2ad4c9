// SPDX-License-Identifier: GPL-3.0-or-later
// Sentences of the engine in the window's language; paths as text.
#include "ui/bridge/session.h"

#include <QCoreApplication>
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

QString schemeText(const std::string& label)
{
    static const QRegularExpression kBits(QStringLiteral("^(\\d+)-bit$"));
    static const QRegularExpression kGroups(QStringLiteral("^groups of (\\d+)$"));
    QStringList parts = QString::fromStdString(label).split(QStringLiteral(", "));
    for (QString& part : parts) {
        if (const auto bits = kBits.match(part); bits.hasMatch()) {
            part = QCoreApplication::translate("Scheme", "%1-bit").arg(bits.captured(1));
        } else if (const auto groups = kGroups.match(part); groups.hasMatch()) {
            part = QCoreApplication::translate("Scheme", "groups of %1").arg(groups.captured(1));
        } else if (part == QLatin1String("per channel")) {
            part = QCoreApplication::translate("Scheme", "per channel");
        } else if (part == QLatin1String("per tensor")) {
            part = QCoreApplication::translate("Scheme", "per tensor");
        } else if (part == QLatin1String("symmetric")) {
            part = QCoreApplication::translate("Scheme", "symmetric");
        } else if (part == QLatin1String("asymmetric")) {
            part = QCoreApplication::translate("Scheme", "asymmetric");
        }
    }
    //: Between the parts of a list such as "4-bit, symmetric"
    return parts.join(QCoreApplication::translate("Scheme", ", "));
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
