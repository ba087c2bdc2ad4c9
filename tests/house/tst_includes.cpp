// SPDX-License-Identifier: Apache-2.0
// The tree keeps the rules of the house, and the checker of the rules sees each of them broken; tests that a page names
// are there.
#include "house/treerules.h"

#include <QFile>
#include <QRegularExpression>
#include <QTest>

using namespace bitlathe::house;
namespace fs = std::filesystem;

namespace
{

/// A source file with a good top and these lines.
QString source(const QString& lines, const QString& licence = QStringLiteral("Apache-2.0"))
{
    return "// SPDX-License-Identifier: " + licence + "\n// For a test.\n#pragma once\n" + lines;
}

} // namespace

class TestIncludes : public QObject
{
    Q_OBJECT

private slots:
    void treeKeepsTheRules()
    {
        const fs::path root = BITLATHE_SOURCE_DIR;
        const auto files = filesOf(root);
        QVERIFY(files.size() > 100);
        QStringList wrong;
        for (const fs::path& path : files) {
            QFile file(QString::fromStdString((root / path).string()));
            QVERIFY2(file.open(QIODevice::ReadOnly), path.c_str());
            for (const std::string& violation : violations(path.string(), file.readAll().toStdString())) {
                wrong << QString::fromStdString(path.string() + " " + violation);
            }
        }
        QVERIFY2(wrong.isEmpty(), qPrintable("\n" + wrong.join('\n')));
    }

    /// docs/comparison.md: whatever is called ours names a test, and every test that it names is there.
    void comparisonNamesTests()
    {
        QFile table(QStringLiteral(BITLATHE_SOURCE_DIR "/docs/comparison.md"));
        QVERIFY(table.open(QIODevice::ReadOnly));
        int named = 0;
        for (const QString& line : QString::fromUtf8(table.readAll()).split(QLatin1Char('\n'))) {
            const QStringList cells = line.split(QStringLiteral(" | "));
            if (cells.size() < 4 || !cells[2].startsWith(QStringLiteral("yes"))) {
                continue;
            }
            static const QRegularExpression campaign(QStringLiteral("`campaign/(\\w+)`"));
            if (const auto script = campaign.match(cells[3]); script.hasMatch()) {
                const QString file = QStringLiteral(BITLATHE_SOURCE_DIR "/tests/campaign/%1.py").arg(script.captured(1));
                QVERIFY2(QFile::exists(file), qPrintable(line));
                continue;
            }
            static const QRegularExpression name(QStringLiteral("`(.*)/(.*): (.*)`"));
            const QRegularExpressionMatch test = name.match(cells[3]);
            QVERIFY2(test.hasMatch(), qPrintable(line));
            QFile source(
                QStringLiteral(BITLATHE_SOURCE_DIR "/tests/%1/tst_%2.cpp").arg(test.captured(1), test.captured(2)));
            QVERIFY2(source.open(QIODevice::ReadOnly), qPrintable(line));
            QVERIFY2(source.readAll().contains((test.captured(3) + QStringLiteral("()")).toUtf8()), qPrintable(line));
            ++named;
        }
        QVERIFY(named > 30);
    }

    void good_data()
    {
        QTest::addColumn<QString>("path");
        QTest::addColumn<QString>("content");
        const auto row = [](const char* name, const char* path, const QString& content) {
            QTest::newRow(name) << path << content;
        };
        row("core uses kernels", "core/quant/rtn.cpp", source("#include \"kernels/scalars.h\""));
        row("room uses an earlier one", "core/format/awq.cpp", source("#include \"core/quant/scheme.h\""));
        row("room uses itself", "core/text/a.cpp", source("#include \"core/text/b.h\""));
        row("text uses base", "core/text/a.cpp", source("#include \"core/base/result.h\""));
        row("command line uses core", "app/cli/main.cpp", source("#include \"core/run/runner.h\""));
        row("window uses the ui", "app/gui/main.cpp",
            source("#include \"ui/pages/a.h\"\n#include <QApplication>", "GPL-3.0-or-later"));
        row("plot uses QCustomPlot", "ui/plots/bar.cpp", source("#include <qcustomplot.h>", "GPL-3.0-or-later"));
        row("ui uses Qt", "ui/models/a.h", source("#include <QAbstractItemModel>", "GPL-3.0-or-later"));
        row("tests may do all that", "tests/ui/tst_a.cpp", source("#include <QTest>\n#include \"ui/a.h\""));
        row("generated code", "ui/pages/a.cpp", source("#include \"moc_a.cpp\"", "GPL-3.0-or-later"));
        row("links", "core/format/CMakeLists.txt", "# SPDX-License-Identifier: Apache-2.0\nbitlathe_core_quant");
        row("script", "tests/x.sh", "#!/bin/sh\n# SPDX-License-Identifier: Apache-2.0\n");
        row("no comment possible", "tests/a.json", "{}");
        row("a standard header with q", "core/base/a.cpp", source("#include <queue>\n#include <quadmath.hpp>"));
    }
    void good()
    {
        QFETCH(QString, path);
        QFETCH(QString, content);
        const auto found = violations(path.toStdString(), content.toStdString());
        QVERIFY2(found.empty(), found.empty() ? "" : found.front().c_str());
    }

    void bad_data()
    {
        QTest::addColumn<QString>("path");
        QTest::addColumn<QString>("content");
        QTest::addColumn<QString>("says");
        badArrows();
        badQt();
        badTops();
    }
    void bad()
    {
        QFETCH(QString, path);
        QFETCH(QString, content);
        QFETCH(QString, says);
        const auto found = violations(path.toStdString(), content.toStdString());
        QCOMPARE(found.size(), std::size_t{1});
        QVERIFY2(found.front().find(says.toStdString()) != std::string::npos, found.front().c_str());
    }

private:
    static void row(const char* name, const char* path, const QString& content, const char* says)
    {
        QTest::newRow(name) << path << content << says;
    }

    static void badArrows()
    {
        row("kernels use core", "kernels/a.h", source("#include \"core/base/result.h\""), "may not include core/base");
        row("core uses ui", "core/run/a.h", source("#include \"ui/bridge/a.h\""), "may not include ui/bridge");
        row("core uses app", "core/run/a.h", source("#include \"app/cli/a.h\""), "may not include app/cli");
        row("room uses a later one", "core/quant/a.h", source("#include \"core/format/a.h\""), "core/format/a.h");
        row("base uses checkpoint", "core/base/a.h", source("#  include \"core/checkpoint/a.h\""), "core/checkpoint");
        row("text uses checkpoint", "core/text/a.h", source("#include \"core/checkpoint/a.h\""), "core/checkpoint");
        row("unknown room", "core/misc/a.h", source("#include \"core/base/a.h\""), "may not include");
        row("ui uses app", "ui/a.h", source("#include \"app/gui/a.h\"", "GPL-3.0-or-later"), "app/gui/a.h");
        row("command line uses ui", "app/cli/a.h", source("#include \"ui/a.h\""), "ui/a.h");
        row("beside instead of from the root", "core/base/a.cpp", source("#include \"text.h\""), "not from the root");
        row("links a later room", "core/quant/CMakeLists.txt",
            "# SPDX-License-Identifier: Apache-2.0\nbitlathe_core_format", "may not link bitlathe_core_format");
        row("kernels link core", "kernels/CMakeLists.txt", "# SPDX-License-Identifier: Apache-2.0\nbitlathe_core_base",
            "may not link bitlathe_core_base");
    }

    static void badQt()
    {
        row("Qt in core", "core/base/a.h", source("#include <QString>"), "may not use Qt: QString");
        row("Qt by module", "core/base/a.h", source("#include <QtCore/QString>"), "may not use Qt");
        row("Qt module header", "kernels/a.h", source("#include <QtCore>"), "may not use Qt");
        row("old Qt header", "app/cli/a.h", source("#include <qglobal.h>"), "may not use Qt");
        row("QCustomPlot in a header", "ui/plots/a.h", source("#include <qcustomplot.h>", "GPL-3.0-or-later"),
            "only ui/plots/*.cpp");
        row("QCustomPlot in a page", "ui/pages/a.cpp",
            source("#include <QCustomPlot/qcustomplot.h>", "GPL-3.0-or-later"), "only ui/plots/*.cpp");
    }

    static void badTops()
    {
        row("empty", "core/base/a.cpp", "", "SPDX-License-Identifier");
        row("late", "core/base/a.cpp", "\n// SPDX-License-Identifier: Apache-2.0\n// For.\n", "on top");
        row("CMake list", "core/base/CMakeLists.txt", "bitlathe_room(core_base)", "on top");
        row("script", "run", "#!/bin/sh\nexit 0\n", "on top");
        row("core under GPL", "core/base/a.h", source("", "GPL-3.0-or-later"), "expected Apache-2.0");
        row("ui under Apache", "ui/a.h", source("", "Apache-2.0"), "expected GPL-3.0-or-later");
        row("window under Apache", "app/gui/a.h", source("", "Apache-2.0"), "expected GPL-3.0-or-later");
        row("other licence", "tests/a.h", source("", "MIT"), "expected Apache-2.0");
        row("no purpose", "core/base/a.cpp", "// SPDX-License-Identifier: Apache-2.0\n#include <string>\n",
            "what it is for");
        row("header twice", "core/base/a.h", "// SPDX-License-Identifier: Apache-2.0\n// For a test.\n",
            "#pragma once");
    }
};

QTEST_GUILESS_MAIN(TestIncludes)
#include "tst_includes.moc"
