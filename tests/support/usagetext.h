// SPDX-License-Identifier: Apache-2.0
// What --help shows, held against manual pages and completions.
#pragma once

#include "support/tempfolder.h"

#include <QFile>
#include <QProcess>
#include <QRegularExpression>
#include <QStandardPaths>
#include <QStringList>
#include <QTest>

namespace bitlathe::tests
{

inline QStringList shells()
{
    return {QStringLiteral("bash"), QStringLiteral("zsh"), QStringLiteral("fish")};
}

/// The names of options at the start of lines of a help text, up to the text in the second column.
inline QStringList optionsInHelp(const QString& help)
{
    QStringList options;
    const QRegularExpression name(QStringLiteral("(?<![\\w-])--?[A-Za-z][A-Za-z0-9-]*"));
    for (const QString& line : help.split(u'\n')) {
        if (!line.startsWith(QLatin1String("  -"))) {
            continue;
        }
        const QString names = line.mid(2).section(QRegularExpression(QStringLiteral("  ")), 0, 0);
        for (const auto& match : name.globalMatch(names)) {
            options << match.captured();
        }
    }
    options.removeDuplicates();
    return options;
}

inline QString asRoff(QString text)
{
    return text.replace(u'-', QLatin1String("\\-"));
}

/// Those options that a script does not name where a command's are told, or those of all. command: empty for a program
/// without commands.
inline QStringList notIn(const QString& script, const QString& shell, const QString& command,
                         const QStringList& options)
{
    QStringList missing;
    QString told = script;
    if (shell == QLatin1String("zsh") && !command.isEmpty()) {
        told =
            script.section(QStringLiteral("\n        %1)\n").arg(command), 1, 1).section(QStringLiteral(" ;;"), 0, 0) +
            script.section(QStringLiteral("common=("), 1, 1).section(QStringLiteral("\n    )"), 0, 0);
    }
    for (const QString& option : options) {
        QString pattern = QStringLiteral("[' ]%1[' ]").arg(option);
        if (shell == QLatin1String("zsh")) {
            pattern = QStringLiteral("'\\*%1\\[").arg(option);
        } else if (shell == QLatin1String("fish")) {
            const bool isLong = option.startsWith(QLatin1String("--"));
            // With the command's condition, or with none.
            pattern = QStringLiteral("^complete -c \\S+( -n '__fish_seen_subcommand_from %1')?( -[ls] \\S+)* -%2 %3 ")
                          .arg(command, isLong ? QStringLiteral("l") : QStringLiteral("s"), option.mid(isLong ? 2 : 1));
        }
        if (!told.contains(QRegularExpression(pattern, QRegularExpression::MultilineOption))) {
            missing << option;
        }
    }
    return missing;
}

/// What bash offers where the last of words is being typed.
inline QStringList bashOffers(const QString& script, const QString& program, const QStringList& words)
{
    QProcess bash;
    const QString typed =
        script +
        QStringLiteral("\nCOMP_WORDS=(\"$@\"); COMP_CWORD=$(($# - 1)); %1; printf '%s\\n' \"${COMPREPLY[@]}\"\n")
            .arg(u'_' + QString(program).replace(u'-', u'_'));
    bash.start(QStringLiteral("bash"),
               QStringList{QStringLiteral("--norc"), QStringLiteral("-c"), typed, QStringLiteral("bash"), program}
                   << words);
    bash.waitForFinished();
    return QString::fromUtf8(bash.readAllStandardOutput()).split(u'\n', Qt::SkipEmptyParts);
}

/// Fails where the shell finds a mistake in a script; skips where the shell is not there.
inline void checkSyntax(const QString& shell, const QString& script)
{
    if (QStandardPaths::findExecutable(shell).isEmpty()) {
        QSKIP(qPrintable(shell + QLatin1String(" is not installed")));
    }
    const TempFolder folder;
    QFile file(QString::fromStdString((folder / "script").string()));
    QVERIFY(file.open(QIODevice::WriteOnly));
    file.write(script.toUtf8());
    file.close();
    QProcess process;
    process.start(shell, {QStringLiteral("-n"), file.fileName()});
    QVERIFY(process.waitForFinished());
    const QByteArray said = process.readAllStandardError();
    QVERIFY2(process.exitStatus() == QProcess::NormalExit && process.exitCode() == 0 && said.isEmpty(),
             said.constData());
}

} // namespace bitlathe::tests
