// SPDX-License-Identifier: Apache-2.0
// Completions for fish.
#include "app/usage/scripts.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

namespace bitlathe::usage
{

namespace
{

/// Text between single quotes of fish, which takes a backslash for an escape inside them.
std::string fishQuoted(std::string_view text)
{
    std::string inside;
    for (const char c : text) {
        if (c == '\'' || c == '\\') {
            inside += '\\';
        }
        inside += c == '\n' ? ' ' : c;
    }
    return '\'' + inside + '\'';
}

std::string optionLine(const ProgramFacts& program, const OptionFacts& option, std::string_view condition)
{
    std::string line = fmt::format("complete -c {}{}", program.name, condition);
    for (const std::string& name : option.names) {
        const bool isLong = name.starts_with("--");
        line += fmt::format(" -{} {}", isLong ? 'l' : 's', name.substr(isLong ? 2 : 1));
    }
    if (!option.choices.empty()) {
        line += fmt::format(" -x -a {}", fishQuoted(fmt::format("{}", fmt::join(option.choices, " "))));
    } else if (!option.value.empty()) {
        line += " -r";
    }
    return line + fmt::format(" -d {}\n", fishQuoted(option.description));
}

} // namespace

std::string fishCompletions(const ProgramFacts& program)
{
    std::string script = fmt::format("# Completions of {} for fish, made from its options.\n", program.name);
    for (const OptionFacts& option : program.itself.options) {
        script += optionLine(program, option, "");
    }
    for (const CommandFacts& command : program.commands) {
        script += fmt::format("complete -c {} -n __fish_use_subcommand -f -a {} -d {}\n", program.name, command.name,
                              fishQuoted(command.description));
    }
    for (const CommandFacts& command : program.commands) {
        for (const OptionFacts& option : command.options) {
            script += optionLine(program, option, fmt::format(" -n '__fish_seen_subcommand_from {}'", command.name));
        }
    }
    return script;
}

} // namespace bitlathe::usage
