// SPDX-License-Identifier: GPL-3.0-or-later
// Sentences of the engine in the window's language; paths as text.
#include "ui/bridge/session.h"

#include <QCoreApplication>

namespace bitlathe::ui
{

QString translated(const Text& text)
{
    if (text.empty()) {
        return {};
    }
    const QString sentence = QCoreApplication::translate("core", text.sentence().c_str());
    return QString::fromStdString(Text::fill(sentence.toStdString(), text.arguments()));
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
