// SPDX-License-Identifier: GPL-3.0-or-later
// What the window's program can be told on its command line: the table of it, and what a call says.
#include "app/gui/arguments.h"

#include "app/usage/usage.h"
#include "ui/bridge/language.h"
#include "ui/bridge/session.h"

#include <QCommandLineParser>

#include <algorithm>
#include <cstdio>

namespace bitlathe::gui
{

using namespace Qt::StringLiterals;

namespace
{

constexpr std::string_view kModelHelp = "Model folder, file of one, or recipe to open.";

std::vector<usage::OptionFacts> windowOptions()
{
    std::vector<std::string> languages;
    for (const QString& code : ui::languages()) {
        languages.push_back(code.toStdString());
    }
    return {
        {{"--demo"}, "", {}, "", "Open the bundled model."},
        {{"--page"},
         "id",
         {"start", "model", "advice", "wizard", "tune", "budget", "layers", "compare", "try", "report", "history"},
         "",
         "Show this page first: start, model, advice, wizard, tune, budget, layers, compare, try, report, history."},
        {{"--screenshots"},
         "folder",
         {},
         "",
         "Do the main job on the model (the bundled one unless named), write pictures of every page, and end."},
        {{"--export"},
         "file",
         {},
         "",
         "Write the report of MODEL's run (with --demo: of the main job) to this .pdf, .html, .csv or .json, and end. "
         "Repeatable."},
        {{"--theme"}, "name", {"system", "light", "dark", "high-contrast"}, "", "system, light, dark or high-contrast, for this time."},
        {{"--language"}, "code", languages, "", "en or zh_CN, for this time."},
        {{"--size"}, "WxH", {}, "", "Size of the window, such as 1280x832."},
    };
}

/// Options that print something and end.
std::vector<usage::OptionFacts> textOptions()
{
    return {
        {{"--help", "-h"}, "", {}, "", "Displays help on commandline options."},
        {{"--version", "-v"}, "", {}, "", "Displays version information."},
        {{"--completions"},
         "shell",
         {usage::kShells.begin(), usage::kShells.end()},
         "",
         "Print what lets bash, zsh or fish complete these options, and end."},
        {{"--manual"}, "", {}, "", "Print the manual page, as man reads it, and end."},
    };
}

void addOptions(QCommandLineParser& parser, const std::vector<usage::OptionFacts>& options)
{
    for (const usage::OptionFacts& option : options) {
        QStringList names;
        for (const std::string& name : option.names) {
            names.push_back(ui::toText(std::string_view(name).substr(name.starts_with("--") ? 2 : 1)));
        }
        if (names.contains(u"help"_s)) {
            parser.addHelpOption();
        } else {
            parser.addOption(QCommandLineOption(names, ui::toText(option.description), ui::toText(option.value)));
        }
    }
}

void prepare(QCommandLineParser& parser)
{
    parser.setApplicationDescription(u"A workbench for quantizing large language models."_s);
    addOptions(parser, windowOptions());
    addOptions(parser, textOptions());
    parser.addPositionalArgument(u"model"_s, ui::toText(kModelHelp), u"[MODEL]"_s);
}

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

void print(std::string_view text)
{
    std::fwrite(text.data(), 1, text.size(), stdout);
}

} // namespace

usage::ProgramFacts programFacts()
{
    usage::ProgramFacts facts;
    facts.name = "bitlathe";
    facts.summary = "a workbench for quantizing large language models";
    facts.itself = {
        "bitlathe",
        "Opens a window in which a model is seen, quantized by a method of choice, compared with the original "
        "and exported, with a report that says how every number was got. It works offline",
        {{{"MODEL"}, "", {}, "", std::string(kModelHelp)}},
        windowOptions()};
    const std::vector<usage::OptionFacts> texts = textOptions();
    facts.itself.options.insert(facts.itself.options.end(), texts.begin(), texts.end());
    facts.sections = {usage::commonEnvironment(), usage::commonFiles()};
    facts.seeAlso = {"bitlathe-cli"};
    return facts;
}

bool wantsText(int argc, char** argv)
{
    const std::vector<usage::OptionFacts> options = textOptions();
    return std::any_of(argv + 1, argv + argc, [&options](std::string_view word) {
        word = word.substr(0, word.find('='));
        return word == "--help-all" || std::ranges::any_of(options, [word](const usage::OptionFacts& option) {
                   return std::ranges::find(option.names, word) != option.names.end();
               });
    });
}

int printText(const QCoreApplication& app)
{
    QCommandLineParser parser;
    prepare(parser);
    parser.process(app); // Prints help.
    if (parser.isSet(u"completions"_s)) {
        const std::string shell = parser.value(u"completions"_s).toStdString();
        const std::optional<std::string> script = usage::completions(shell, programFacts());
        if (!script) {
            std::fprintf(stderr, "bitlathe: --completions: expected bash, zsh or fish, found %s.\n", shell.c_str());
            return 2;
        }
        print(*script);
        return 0;
    }
    print(parser.isSet(u"manual"_s) ? usage::manualPage(programFacts())
                                    : usage::versionText("bitlathe", std::string("Qt ") + qVersion()));
    return 0;
}

tl::expected<Arguments, QString> argumentsOf(const QCoreApplication& app)
{
    QCommandLineParser parser;
    prepare(parser);
    parser.process(app);

    Arguments arguments;
    if (parser.positionalArguments().size() > 1) {
        return tl::unexpected(u"expected one MODEL, found %1"_s.arg(parser.positionalArguments().size()));
    }
    arguments.model = parser.positionalArguments().value(0);
    arguments.demo = parser.isSet(u"demo"_s);
    arguments.page = parser.value(u"page"_s);
    arguments.screenshots = parser.value(u"screenshots"_s);
    arguments.exports = parser.values(u"export"_s);
    if (parser.isSet(u"theme"_s)) {
        const QString name = parser.value(u"theme"_s);
        arguments.theme = ui::themeNamed(name);
        if (!arguments.theme) {
            return tl::unexpected(u"--theme: expected system, light, dark or high-contrast, found %1"_s.arg(name));
        }
    }
    if (parser.isSet(u"language"_s)) {
        const QString code = parser.value(u"language"_s);
        if (!ui::languages().contains(code)) {
            return tl::unexpected(u"--language: expected %1, found %2"_s.arg(ui::languages().join(u" or "_s), code));
        }
        arguments.language = code;
    }
    if (parser.isSet(u"size"_s)) {
        arguments.size = sizeFrom(parser.value(u"size"_s));
        if (!arguments.size) {
            return tl::unexpected(u"--size: expected WIDTHxHEIGHT, found %1"_s.arg(parser.value(u"size"_s)));
        }
    }
    return arguments;
}

} // namespace bitlathe::gui
