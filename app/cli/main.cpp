// SPDX-License-Identifier: Apache-2.0
// bitlathe-cli: the engine of Bitlathe without a window.
#include "app/cli/command.h"
#include "app/cli/interrupt.h"
#include "app/cli/suggest.h"
#include "app/usage/usage.h"
#include "core/base/log.h"
#include "core/base/unkept.h"
#include "core/report/report.h"

#include <algorithm>
#include <array>
#include <cstdio>
#include <exception>

namespace bitlathe::cli
{

namespace
{

constexpr int kUsage = 2;

void addCommands(CLI::App& app, Session& session)
{
    addInspectCommand(app, session);
    addQuantizeCommands(app, session);
    addCalibrateCommand(app, session);
    addEvaluateCommands(app, session);
    addKvParamsCommand(app, session);
    addCompareCommand(app, session);
    addChoiceCommand(app, session);
    addBenchCommand(app, session);
    addCacheCommand(app, session);
    addDiffCommand(app, session);
    addMemoryCommand(app, session);
    addAdviseCommand(app, session);
    addGenerateCommand(app, session);
    addChatCommand(app, session);
    addTuneCommand(app, session);
    addSensitivityCommand(app, session);
    addSearchCommand(app, session);
    addTokenizeCommand(app, session);
    addConvertCommand(app, session);
    addVerifyCommand(app, session);
    addHistoryCommands(app, session);
    addGenerateModelCommand(app, session);
    addDemoCommand(app, session);
    addUsageCommands(app, session);
}

/// The command that the arguments name, or null.
const CLI::App* commandIn(const CLI::App& app)
{
    const auto chosen = app.get_subcommands();
    return chosen.empty() ? nullptr : chosen.front();
}

/// Names that could have been meant by a word that was not understood.
std::vector<std::string> knownNames(const CLI::App& app)
{
    std::vector<std::string> names;
    if (const CLI::App* command = commandIn(app)) {
        for (const CLI::Option* option : command->get_options()) {
            for (const std::string& name : option->get_lnames()) {
                names.push_back("--" + name);
            }
        }
        return names;
    }
    for (const CLI::App* command : app.get_subcommands([](const CLI::App*) { return true; })) {
        names.push_back(command->get_name());
    }
    return names;
}

std::string usageSentence(const CLI::App& app, const CLI::ParseError& error)
{
    const std::vector<std::string> unknown = app.remaining(true);
    if (unknown.empty()) {
        return error.what();
    }
    const std::string word = unknown.front().substr(0, unknown.front().find('='));
    const bool isCommand = commandIn(app) == nullptr && !word.starts_with('-');
    return fmt::format("{} \"{}\" is not known.{}", isCommand ? "The command" : "The argument", word,
                       didYouMean(word, knownNames(app)));
}

int showUsageError(CLI::App& app, const CLI::ParseError& error, bool json)
{
    if (error.get_exit_code() == 0) { // --help and --version.
        return app.exit(error);
    }
    const std::string sentence = usageSentence(app, error);
    const CLI::App* command = commandIn(app);
    const std::string help =
        fmt::format("See bitlathe-cli {}--help", command ? command->get_name() + ' ' : std::string());
    if (json) {
        Console console;
        console.configure({true, true});
        console.document({{"error",
                           {{"code", "usage"},
                            {"subject", "command line"},
                            {"expected", ""},
                            {"found", sentence},
                            {"advice", help},
                            {"message", sentence}}}});
    } else {
        std::fputs(fmt::format("{}\n{}.\n", sentence, help).c_str(), stderr);
    }
    return kUsage;
}

/// Commands that read or leave something in the user's folders.
constexpr std::array kKeepers = {"quantize", "run",        "resume",      "calibrate", "compare", "choice",
                                 "search",   "perplexity", "sensitivity", "runs",      "cache",   "demo"};

int runAction(const CLI::App& app, Session& session)
{
    const CLI::App* command = commandIn(app);
    if (command != nullptr && std::ranges::find(kKeepers, command->get_name()) != kKeepers.end()) {
        noteFindings(session.console, unkept());
    }
    const Result<void> done = session.action();
    session.console.progressDone();
    if (done) {
        return 0;
    }
    session.console.error(done.error());
    if (done.error().code == ErrorCode::Cancelled && !session.afterStop.empty()) {
        session.console.note(session.afterStop);
    }
    return exitCode(done.error());
}

int runProgram(int argc, char** argv)
{
    CLI::App app("Quantize large language models, and see what it does to them.", "bitlathe-cli");
    Interrupt interrupt;
    Session session;
    session.stop = interrupt.token();
    session.interrupt = &interrupt;
    app.require_subcommand(1);
    std::string version = usage::versionText("bitlathe-cli", {});
    version.pop_back(); // The break, which is printed after it.
    app.set_version_flag("--version", version);
    addCommonOptions(app, session);
    addCommands(app, session);
    const bool json =
        std::any_of(argv, argv + argc, [](const char* word) { return std::string_view(word) == "--json"; });
    try {
        app.parse(argc, argv);
    } catch (const CLI::ParseError& error) {
        return showUsageError(app, error, json);
    }
    session.console.configure({session.json, session.quiet});
    logToStderr(spdlog::level::from_str(session.logLevel));
    return runAction(app, session);
}

} // namespace

} // namespace bitlathe::cli

int main(int argc, char** argv)
{
    try {
        return bitlathe::cli::runProgram(argc, argv);
    } catch (const std::exception& exception) {
        std::fprintf(stderr, "error: a fault in the program: %s. Please report it.\n", exception.what());
        return 1;
    }
}
