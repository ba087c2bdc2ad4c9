// SPDX-License-Identifier: GPL-3.0-or-later
// bitlathe: the window.
#include "app/gui/capture.h"
#include "app/gui/waiting.h"
#include "core/base/log.h"
#include "core/base/resources.h"
#include "core/base/version.h"
#include "core/report/report.h"
#include "ui/bridge/language.h"
#include "ui/bridge/preferences.h"
#include "ui/mainwindow.h"
#include "ui/pages/reportdocument.h"
#include "ui/theme/theme.h"

#include <QApplication>
#include <QCommandLineParser>
#include <QElapsedTimer>
#include <QSettings>
#include <QTemporaryDir>
#include <QTimer>

#include <cstdio>

namespace
{

using namespace bitlathe;
using namespace Qt::StringLiterals;

struct Arguments
{
    QString model;
    bool demo = false;
    QString page;
    QString screenshots;
    QStringList exports;
    std::optional<ui::Theme::Mode> theme;
    std::optional<QString> language;
    std::optional<QSize> size;
};

std::optional<QSize> sizeFrom(const QString& text)
{
    const QStringList parts = text.split(u'x');
    bool widthValid = false;
    bool heightValid = false;
    const int width = parts.value(0).toInt(&widthValid);
    const int height = parts.value(1).toInt(&heightValid);
    if (parts.size() != 2 || !widthValid || !heightValid || width < 320 || height < 240 || width > 16384 ||
        height > 16384) {
        return std::nullopt;
    }
    return QSize(width, height);
}

/// The arguments, or the sentence that says what is wrong with them.
tl::expected<Arguments, QString> parse(const QCoreApplication& app)
{
    QCommandLineParser parser;
    parser.setApplicationDescription(u"A workbench for quantizing large language models."_s);
    const QCommandLineOption demo(u"demo"_s, u"Open the bundled model."_s);
    const QCommandLineOption page(
        u"page"_s, u"Show this page first: start, model, wizard, tune, layers, compare, try, report, history."_s,
        u"id"_s);
    const QCommandLineOption screenshots(
        u"screenshots"_s,
        u"Do the main job on the model (the bundled one unless named), write pictures of every page, and end."_s,
        u"folder"_s);
    const QCommandLineOption exports(
        u"export"_s,
        u"Write the report of MODEL's run (with --demo: of the main job) to this .pdf, .html, .csv or .json, and end. Repeatable."_s,
        u"file"_s);
    const QCommandLineOption theme(u"theme"_s, u"light or dark, for this time."_s, u"name"_s);
    const QCommandLineOption language(u"language"_s, u"en or zh_CN, for this time."_s, u"code"_s);
    const QCommandLineOption size(u"size"_s, u"Size of the window, such as 1280x832."_s, u"WxH"_s);
    parser.addOptions({demo, page, screenshots, exports, theme, language, size});
    parser.addHelpOption();
    parser.addVersionOption();
    parser.addPositionalArgument(u"model"_s, u"Model folder, file of one, or recipe to open."_s, u"[MODEL]"_s);
    parser.process(app);

    Arguments arguments;
    if (parser.positionalArguments().size() > 1) {
        return tl::unexpected(u"expected one MODEL, found %1"_s.arg(parser.positionalArguments().size()));
    }
    arguments.model = parser.positionalArguments().value(0);
    arguments.demo = parser.isSet(demo);
    arguments.page = parser.value(page);
    arguments.screenshots = parser.value(screenshots);
    arguments.exports = parser.values(exports);
    if (parser.isSet(theme)) {
        const QString name = parser.value(theme);
        if (name != "light"_L1 && name != "dark"_L1) {
            return tl::unexpected(u"--theme: expected light or dark, found %1"_s.arg(name));
        }
        arguments.theme = name == "dark"_L1 ? ui::Theme::Mode::Dark : ui::Theme::Mode::Light;
    }
    if (parser.isSet(language)) {
        if (!ui::languages().contains(parser.value(language))) {
            return tl::unexpected(
                u"--language: expected %1, found %2"_s.arg(ui::languages().join(u" or "_s), parser.value(language)));
        }
        arguments.language = parser.value(language);
    }
    if (parser.isSet(size)) {
        arguments.size = sizeFrom(parser.value(size));
        if (!arguments.size) {
            return tl::unexpected(u"--size: expected WIDTHxHEIGHT, found %1"_s.arg(parser.value(size)));
        }
    }
    return arguments;
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
    options.themes = {u"light"_s, u"dark"_s};
    if (arguments.theme) {
        options.themes = {*arguments.theme == ui::Theme::Mode::Dark ? u"dark"_s : u"light"_s};
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
        BITLATHE_CHECK(file.endsWith(".pdf"_L1, Qt::CaseInsensitive) ? ui::writeReportPdf(*made, file)
                                                                     : report::writeReport(*made, ui::toPath(file)));
    }
    return {};
}

} // namespace

int main(int argc, char** argv)
{
    QElapsedTimer sinceStart;
    sinceStart.start();
    const QApplication app(argc, argv);
    QCoreApplication::setOrganizationName(u"bitlathe"_s);
    QCoreApplication::setApplicationName(u"bitlathe"_s);
    QCoreApplication::setApplicationVersion(ui::toText(programVersion()));
    QApplication::setDesktopFileName(u"bitlathe"_s);
    const auto arguments = parse(app);
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

    ui::MainWindow window(session);
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
