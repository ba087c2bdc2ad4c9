// SPDX-License-Identifier: Apache-2.0
// Completions for zsh.
#include "app/usage/scripts.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

namespace bitlathe::usage
{

namespace
{

/// Text where zsh's _arguments and _describe give brackets and colons a meaning.
std::string plain(std::string_view text)
{
    std::string escaped;
    for (const char c : text) {
        if (std::string_view("[]:\\").find(c) != std::string_view::npos) {
            escaped += '\\';
        }
        escaped += c == '\n' ? ' ' : c;
    }
    return escaped;
}

std::string valueSpec(const OptionFacts& option)
{
    if (option.value.empty()) {
        return {};
    }
    return fmt::format(":{}:{}", plain(option.value),
                       option.choices.empty() ? "_files" : fmt::format("({})", fmt::join(option.choices, " ")));
}

/// Lines for _arguments, each indented and continued.
std::string argumentLines(const std::vector<OptionFacts>& options, std::string_view indent)
{
    std::string lines;
    for (const OptionFacts& option : options) {
        for (const std::string& name : option.names) {
            lines += fmt::format("{}{} \\\n", indent,
                                 quoted(fmt::format("*{}[{}]{}", name, plain(option.description), valueSpec(option))));
        }
    }
    return lines;
}

std::string zshWithoutCommands(const ProgramFacts& program)
{
    const std::string name = functionName(program.name);
    return fmt::format(
        "#compdef {0}\n# Completions of {0} for zsh, made from its options.\n{1}() {{\n    _arguments \\\n{2}        "
        "'*:FILE:_files'\n}}\n{1} \"$@\"\n",
        program.name, name, argumentLines(program.itself.options, "        "));
}

} // namespace

std::string zshCompletions(const ProgramFacts& program)
{
    if (program.commands.empty()) {
        return zshWithoutCommands(program);
    }
    const std::string name = functionName(program.name);
    std::string described, arms;
    for (const CommandFacts& command : program.commands) {
        described +=
            fmt::format("        {}\n", quoted(fmt::format("{}:{}", plain(command.name), plain(command.description))));
        arms += fmt::format("        {})\n            _arguments $common \\\n{}                '*:FILE:_files' ;;\n",
                            command.name, argumentLines(command.options, "                "));
    }
    return fmt::format(R"(#compdef {0}
# Completions of {0} for zsh, made from its options.
{1}() {{
    local state line
    local -a commands common
    commands=(
{2}    )
    common=( \
{3}    )
    _arguments -C $common '1:command:->command' '*::argument:->argument'
    case $state in
    command) _describe command commands ;;
    argument)
        case $line[1] in
{4}        esac ;;
    esac
}}
{1} "$@"
)",
                       program.name, name, described, argumentLines(program.itself.options, "        "), arms);
}

} // namespace bitlathe::usage
