// SPDX-License-Identifier: GPL-3.0-or-later
// bitlathe: the window.
#include "app/gui/arguments.h"
#include "app/gui/capture.h"
#include "app/gui/endsignals.h"
#include "app/gui/waiting.h"
#include "core/base/log.h"
#include "core/base/machine.h"
#include "core/base/resources.h"
#include "core/base/unkept.h"
#include "core/base/version.h"
#include "core/report/report.h"
#include "ui/bridge/language.h"
#include "ui/bridge/preferences.h"
#include "ui/mainwindow.h"
#include "ui/pages/reportdocument.h"
#include "ui/theme/theme.h"
#include "ui/widgets/messagebar.h"

#include <QApplication>
#include <QElapsedTimer>
#include <QSettings>
#include <QTemporaryDir>
#include <QTimer>

#include <cstdio>
#include <cstdlib>

namespace
{

using namespace bitlathe;
using gui::Arguments;
using namespace Qt::StringLiterals;

/// The toolkit's word for a start without a window, and what to do; it would end the program by a crash otherwise.
void sayWhyNoWindow(QtMsgType type, const QMessageLogContext& /*where*/, const QString& message)
{
    std::fprintf(stderr, "bitlathe: %s\n", qPrintable(message));
    if (type == QtFatalMsg) {
        std::fputs(
            "bitlathe: no window can be opened. Unset QT_QPA_PLATFORM or set it to xcb, wayland or offscreen, check "
            "DISPLAY, or use bitlathe-cli, which needs no display.\n",
            stderr);
        std::_Exit(1);
    }
}

int endWith(const Result<void>& result)
{
    if (result) {
        return 0;
    }
    std::fprintf(stderr, "bitlathe: %s\n", qPrintable(ui::translated(result.error())));
    return exitCode(result.error());
}

Result<void> takePictures(ui::Session& session, const Arguments& arguments)
{
    QTemporaryDir outputs;
    const auto model = arguments.model.isEmpty() ? resource("demo/model") : ui::toPath(arguments.model);
    if (!model) {
        return Failure(model.error());
    }
    ui::MainWindow window(session);
    window.resize(arguments.size.value_or(QSize(1280, 832)));
    window.show();
    BITLATHE_CHECK(ui::openAndWait(session, *model));
    if (session.model()->tokenizer) { // else no text can go through it, and the pages show it as it was opened
        BITLATHE_CHECK(ui::doMainJob(session, ui::toPath(outputs.path())));
        BITLATHE_CHECK(ui::measureCompared(session));
    }
    ui::CaptureOptions options;
    options.folder = arguments.screenshots;
    options.size = window.size();
    if (!arguments.page.isEmpty()) {
        options.pages = {arguments.page};
    }
    if (arguments.theme) {
        options.themes = {*arguments.theme};
    }
    options.languages = arguments.language ? QStringList{*arguments.language} : ui::languages();
    return ui::capture(window, options);
}

Result<void> writeReports(ui::Session& session, const Arguments& arguments)
{
    QTemporaryDir outputs;
    Result<report::Report> made = tl::unexpected(Error());
    if (arguments.demo || arguments.model.isEmpty()) {
        BITLATHE_TRY(const std::filesystem::path model, resource("demo/model"));
        BITLATHE_CHECK(ui::openAndWait(session, model));
        BITLATHE_CHECK(ui::doMainJob(session, ui::toPath(outputs.path())));
        made = report::makeReport(*session.comparison());
    } else {
        BITLATHE_TRY(const run::RunResult result, run::readRunResult(ui::toPath(arguments.model)));
        made = report::makeReport(result);
    }
    if (!made) {
        return Failure(made.error());
    }
    for (const QString& file : arguments.exports) {
        BITLATHE_CHECK(file.endsWith(".pdf"_L1, Qt::CaseInsensitive) ? ui::writeReportPdf(*made, ui::Theme::instance().font(), file)
                                                                     : report::writeReport(*made, ui::toPath(file)));
    }
    return {};
}

} // namespace

int main(int argc, char** argv)
{
    QElapsedTimer sinceStart;
    sinceStart.start();
    keepHeapCompact();
    QCoreApplication::setOrganizationName(u"bitlathe"_s);
    QCoreApplication::setApplicationName(u"bitlathe"_s);
    QCoreApplication::setApplicationVersion(ui::toText(programVersion()));
    if (gui::wantsText(argc, argv)) {
        const QCoreApplication withoutDisplay(argc, argv);
        return gui::printText(withoutDisplay);
    }
    qInstallMessageHandler(sayWhyNoWindow);
    const QApplication app(argc, argv);
    qInstallMessageHandler(nullptr);
    QApplication::setDesktopFileName(u"bitlathe"_s);
    const auto arguments = gui::argumentsOf(app);
    if (!arguments) {
        std::fprintf(stderr, "bitlathe: %s. See bitlathe --help.\n", qPrintable(arguments.error()));
        return 2;
    }

    // Pictures and exports leave nothing behind: neither settings nor history of their own.
    const bool unattended = !arguments->screenshots.isEmpty() || !arguments->exports.isEmpty();
    QTemporaryDir scratch;
    if (unattended) {
        qputenv("XDG_DATA_HOME", scratch.path().toLocal8Bit());
        QSettings::setDefaultFormat(QSettings::IniFormat);
        QSettings::setPath(QSettings::IniFormat, QSettings::UserScope, scratch.path());
    }
    ui::Theme theme;
    ui::Session session;
    ui::Preferences preferences = ui::Preferences::load(QSettings());
    preferences.theme = arguments->theme.value_or(unattended ? ui::Theme::Mode::Light : preferences.theme);
    preferences.language = arguments->language.value_or(unattended ? u"en"_s : preferences.language);
    preferences.apply(&session);
    if (!arguments->screenshots.isEmpty()) {
        return endWith(takePictures(session, *arguments));
    }
    if (!arguments->exports.isEmpty()) {
        return endWith(writeReports(session, *arguments));
    }

    const Findings missing = unkept();
    ui::MainWindow window(session);
    for (const Finding& finding : missing) {
        const QString sentence = u"%1: %2. %3."_s.arg(ui::toText(finding.subject), ui::translated(finding.message),
                                                      ui::translated(finding.advice));
        window.messages()->add(sentence);
        std::fprintf(stderr, "bitlathe: %s\n", qPrintable(sentence));
    }
    // Told to end by the system, it keeps what is done without a question.
    const gui::EndSignals endSignals([&window] {
        window.setCloseQuestion([](int) { return ui::MainWindow::CloseChoice::PauseAndQuit; });
        QApplication::closeAllWindows();
    });
    if (arguments->size) {
        window.resize(*arguments->size);
    }
    if (!arguments->page.isEmpty()) {
        window.showPage(arguments->page);
    }
    window.show();
    QTimer::singleShot(0, &window, [&] {
        log().info("the window is visible {} ms after the start", sinceStart.elapsed());
        if (!arguments->model.isEmpty()) {
            window.openPaths({arguments->model});
        } else if (arguments->demo) {
            window.openDemo();
        }
    });
    return QApplication::exec();
}
