// SPDX-License-Identifier: Apache-2.0
// bitlathe-cli completions and manual: what packages install beside the program.
#include "app/cli/command.h"
#include "app/cli/optiontable.h"
#include "app/usage/usage.h"

namespace bitlathe::cli
{

namespace
{

Result<void> give(Session& session, const std::string& text)
{
    session.console.print(text);
    session.console.document({{"text", text}});
    return {};
}

} // namespace

void addUsageCommands(CLI::App& app, Session& session)
{
    auto* completions = addCommand(app, session, "completions",
                                   "What lets a shell complete commands and options: a script for its start file");
    auto shell = std::make_shared<std::string>();
    completions->add_option("SHELL", *shell, "bash, zsh or fish")
        ->required()
        ->check(CLI::IsMember(std::vector<std::string>(usage::kShells.begin(), usage::kShells.end())));
    completions->callback([&app, &session, shell] {
        session.action = [&app, &session, shell] {
            return give(session, *usage::completions(*shell, programFacts(app)));
        };
    });
    auto* manual = addCommand(app, session, "manual", "The manual page, as man reads it");
    manual->callback([&app, &session] {
        session.action = [&app, &session] { return give(session, usage::manualPage(programFacts(app))); };
    });
}

} // namespace bitlathe::cli
