// SPDX-License-Identifier: Apache-2.0
// Starts of a program in surroundings that are poorer than usual.
#pragma once

#include "support/tempfolder.h"

#include <QProcess>
#include <QStandardPaths>
#include <QStringList>

#include <unistd.h>

#include <filesystem>

namespace bitlathe::tests
{

/// One such surrounding.
struct Surroundings
{
    QStringList before;              ///< What runs the program, such as setpriv with its arguments.
    QProcessEnvironment environment; ///< Of the program, with nothing of the test's own folders.
    bool keeps = true;               ///< Whether history and settings can be kept.
};

inline QString homeOf(const TempFolder& folder)
{
    const QString home = QString::fromStdString((folder / "home").string());
    // Also for another user.
    std::filesystem::permissions(folder.path(), std::filesystem::perms::all);
    std::filesystem::create_directories(folder / "home");
    std::filesystem::permissions(folder / "home", std::filesystem::perms::all);
    return home;
}

/// By the name of a test's row. home: a folder that anyone may write to.
inline Surroundings surroundingsOf(const QString& name, const QString& home)
{
    Surroundings made;
    made.environment = QProcessEnvironment::systemEnvironment();
    for (const char* variable :
         {"XDG_DATA_HOME", "XDG_CACHE_HOME", "XDG_CONFIG_HOME", "XDG_RUNTIME_DIR", "LC_ALL", "LANGUAGE"}) {
        made.environment.remove(QLatin1String(variable));
    }
    made.environment.insert(QStringLiteral("HOME"), home);
    made.environment.insert(QStringLiteral("LANG"), QStringLiteral("C.UTF-8"));
    if (name == QLatin1String("without HOME")) {
        made.environment.remove(QStringLiteral("HOME"));
        made.environment.insert(QStringLiteral("TMPDIR"), home);
        made.keeps = false;
    } else if (name == QLatin1String("HOME is no folder")) { // which stops root, too
        made.environment.insert(QStringLiteral("HOME"), QStringLiteral("/dev/null"));
        made.keeps = false;
    } else if (name == QLatin1String("HOME is read-only")) {
        std::filesystem::permissions(home.toStdString(),
                                     std::filesystem::perms::owner_read | std::filesystem::perms::owner_exec |
                                         std::filesystem::perms::others_read | std::filesystem::perms::others_exec);
        made.keeps = false;
    } else if (name == QLatin1String("LANG=C")) {
        made.environment.insert(QStringLiteral("LANG"), QStringLiteral("C"));
    } else if (name == QLatin1String("without network")) {
        made.before = QStringList{QStringLiteral("unshare"), QStringLiteral("--net")};
    }
    const bool asOther = name == QLatin1String("another user") || name == QLatin1String("HOME is read-only");
    if (asOther && ::getuid() == 0) {
        made.before = QStringList{QStringLiteral("setpriv"), QStringLiteral("--reuid=65534"),
                                  QStringLiteral("--regid=65534"), QStringLiteral("--clear-groups")};
    }
    return made;
}

inline void addSurroundings()
{
    QTest::addColumn<bool>("needsRoot");
    QTest::newRow("usual") << false;
    QTest::newRow("without HOME") << false;
    QTest::newRow("HOME is no folder") << false;
    QTest::newRow("HOME is read-only") << false;
    QTest::newRow("LANG=C") << false;
    QTest::newRow("another user") << true;
    QTest::newRow("without network") << true;
}

/// Starts a program in them.
inline void startIn(const Surroundings& surroundings, QProcess& process, const QString& program,
                    const QStringList& arguments)
{
    const QStringList all = QStringList(surroundings.before) << program << arguments;
    process.setProcessEnvironment(surroundings.environment);
    process.start(all.first(), all.mid(1));
    process.waitForStarted();
}

/// Why a program can't be run in them here; empty: it can. A checkout may lie where another user may not look.
inline QString whyNotIn(const Surroundings& surroundings, const QString& program)
{
    if (surroundings.before.isEmpty()) {
        return {};
    }
    QProcess process;
    startIn(surroundings, process, QStringLiteral("test"), {QStringLiteral("-x"), program});
    process.waitForFinished();
    return process.exitStatus() == QProcess::NormalExit && process.exitCode() == 0
               ? QString()
               : surroundings.before.first() +
                     QStringLiteral(" does not work here, or the user can't reach the program");
}

} // namespace bitlathe::tests

/// Skips a row that needs root, or that this machine can't make.
#define BITLATHE_NEED_SURROUNDINGS(surroundings, program)                                                              \
    {                                                                                                                  \
        QFETCH(bool, needsRoot);                                                                                       \
        if (needsRoot && ::getuid() != 0) {                                                                            \
            QSKIP("only root can make these surroundings");                                                            \
        }                                                                                                              \
        const QString reason = ::bitlathe::tests::whyNotIn(surroundings, program);                                     \
        if (!reason.isEmpty()) {                                                                                       \
            QSKIP(qPrintable(reason));                                                                                 \
        }                                                                                                              \
    }
