// SPDX-License-Identifier: Apache-2.0
// Tests what packages install: files of the desktop, copyright, and that the command line needs no window.
#include "core/base/version.h"
#include "support/tempfolder.h"

#include <QFile>
#include <QProcess>
#include <QRegularExpression>
#include <QStandardPaths>

using namespace bitlathe;
using namespace bitlathe::tests;

namespace
{

const QString kData = QStringLiteral(BITLATHE_SOURCE_DIR "/packaging/data/");

QString contentOf(const QString& file)
{
    QFile opened(file);
    return opened.open(QIODevice::ReadOnly) ? QString::fromUtf8(opened.readAll()) : QString();
}

/// Runs a tool that judges a file; skips where the tool is not there.
void judge(const QString& tool, const QStringList& arguments)
{
    if (QStandardPaths::findExecutable(tool).isEmpty()) {
        QSKIP(qPrintable(tool + QLatin1String(" is not installed")));
    }
    QProcess process;
    process.setProcessChannelMode(QProcess::MergedChannels);
    process.start(tool, arguments);
    QVERIFY(process.waitForFinished());
    const QByteArray said = process.readAll();
    QVERIFY2(process.exitStatus() == QProcess::NormalExit && process.exitCode() == 0, said.constData());
}

} // namespace

class TestFiles : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void desktopEntryIsValid()
    {
        judge(QStringLiteral("desktop-file-validate"), {kData + QStringLiteral("bitlathe.desktop")});
    }

    void metainfoIsValid()
    {
        const QString file = QStringLiteral(BITLATHE_METAINFO);
        if (!QFile::exists(file)) {
            QSKIP("this build has no window");
        }
        QVERIFY(
            contentOf(file).contains(QStringLiteral("version=\"%1\"").arg(QString::fromUtf8(programVersion().data()))));
        judge(QStringLiteral("appstreamcli"), {QStringLiteral("validate"), QStringLiteral("--no-net"), file});
    }

    void picturesOfMetainfoAreThere()
    {
        const QString rules = contentOf(QStringLiteral(BITLATHE_SOURCE_DIR "/cmake/BitlatheInstall.cmake"));
        const QRegularExpression picture(QStringLiteral("\"([a-z-]+-en);"));
        int count = 0;
        for (const auto& match : picture.globalMatch(rules)) {
            const QString file = QStringLiteral(BITLATHE_SOURCE_DIR "/docs/screenshots/%1.png").arg(match.captured(1));
            QVERIFY2(QFile::exists(file), qPrintable(file));
            ++count;
        }
        QVERIFY(count >= 3);
    }

    void recipesHaveTheirType()
    {
        // The one name that desktop entry, MIME type and metainfo have to agree on.
        const QString type = QStringLiteral("application/x-bitlathe-recipe");
        for (const char* name : {"bitlathe.desktop", "bitlathe-mime.xml", "bitlathe.metainfo.xml.in"}) {
            QVERIFY2(contentOf(kData + QLatin1String(name)).contains(type), name);
        }
        if (QStandardPaths::findExecutable(QStringLiteral("update-mime-database")).isEmpty()) {
            QSKIP("update-mime-database is not installed");
        }
        const TempFolder folder;
        const auto packages = folder / "mime" / "packages";
        std::filesystem::create_directories(packages);
        std::filesystem::copy_file((kData + QStringLiteral("bitlathe-mime.xml")).toStdString(),
                                   packages / "bitlathe.xml");
        judge(QStringLiteral("update-mime-database"), {QString::fromStdString((folder / "mime").string())});
        const QString globs = contentOf(QString::fromStdString((folder / "mime" / "globs2").string()));
        QVERIFY2(globs.contains(QStringLiteral("60:%1:*.bitlathe.yaml").arg(type)), qPrintable(globs));
    }

    void copyrightNamesTheLicences()
    {
        const QString text = contentOf(kData + QStringLiteral("copyright"));
        for (const char* licence : {"Apache-2.0", "GPL-3.0-or-later"}) {
            QVERIFY2(QFile::exists(QStringLiteral(BITLATHE_SOURCE_DIR "/LICENSES/%1.txt").arg(QLatin1String(licence))),
                     licence);
            QVERIFY2(text.contains(QStringLiteral("\nLicense: %1\n").arg(QLatin1String(licence))), licence);
        }
        for (const auto& folder : QRegularExpression(QStringLiteral("^(?:Files:)? ((?:ui|app)/\\S*)\\*$"),
                                                     QRegularExpression::MultilineOption)
                                      .globalMatch(text)) {
            QVERIFY2(QFile::exists(QStringLiteral(BITLATHE_SOURCE_DIR "/") + folder.captured(1)),
                     qPrintable(folder.captured(1)));
        }
    }

    void commandLineNeedsNoWindow()
    {
        QProcess ldd;
        ldd.start(QStringLiteral("ldd"), {QStringLiteral(BITLATHE_CLI)});
        QVERIFY(ldd.waitForFinished());
        const QByteArray libraries = ldd.readAllStandardOutput();
        QVERIFY(libraries.contains("libtbb"));
        for (const char* unwanted : {"libQt", "libX11", "libGL", "libEGL", "not found"}) {
            QVERIFY2(!libraries.contains(unwanted), libraries.constData());
        }
    }
};

QTEST_GUILESS_MAIN(TestFiles)
#include "tst_files.moc"
