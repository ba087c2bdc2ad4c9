// SPDX-License-Identifier: Apache-2.0
// Completions: which script a shell gets, and bash's.
#include "app/usage/scripts.h"
#include "app/usage/usage.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cctype>

namespace bitlathe::usage
{

namespace
{

std::vector<std::string> namesOf(const std::vector<OptionFacts>& options)
{
    std::vector<std::string> names;
    for (const OptionFacts& option : options) {
        names.insert(names.end(), option.names.begin(), option.names.end());
    }
    return names;
}

/// Arms of a case over "COMMAND OPTION" that settle what may follow the option: words, or nothing but files.
std::string bashValueArms(const CommandFacts& command, std::string_view pattern)
{
    std::string arms;
    for (const OptionFacts& option : command.options) {
        if (option.value.empty()) {
            continue;
        }
        std::vector<std::string> patterns;
        for (const std::string& name : option.names) {
            patterns.push_back(fmt::format("{}\" {}\"", pattern, name));
        }
        const std::string words =
            option.choices.empty()
                ? ""
                : fmt::format("words={} ", quoted(fmt::format("{}", fmt::join(option.choices, " "))));
        arms += fmt::format("        {}) {}value=yes ;;\n", fmt::join(patterns, "|"), words);
    }
    return arms;
}

std::string bashWordArm(std::string_view pattern, const std::vector<std::string>& words)
{
    return fmt::format("            {}) words={} ;;\n", pattern, quoted(fmt::format("{}", fmt::join(words, " "))));
}

constexpr std::string_view kBash = R"(# Completions of {program} for bash, made from its options.
{function}() {{
    local cur=${{COMP_WORDS[COMP_CWORD]}} prev=${{COMP_WORDS[COMP_CWORD-1]}} command= words= value= i
    if [[ $cur == = ]]; then
        cur=
    elif [[ $prev == = ]]; then
        prev=${{COMP_WORDS[COMP_CWORD-2]}}
    fi
    for ((i = 1; i < COMP_CWORD; i++)); do
        case ${{COMP_WORDS[i]}} in
            {commands}) command=${{COMP_WORDS[i]}}; break ;;
        esac
    done
    case "$command $prev" in
{values}    esac
    if [[ -z $value && $cur == -* ]]; then
        words={common}
        case "$command" in
{options}        esac
    elif [[ -z $value && -z $command ]]; then
        words={names}
    fi
    mapfile -t COMPREPLY < <(compgen -W "$words" -- "$cur")
}}
complete -o default -F {function} {program}
)";

} // namespace

std::string bashCompletions(const ProgramFacts& program)
{
    const std::vector<std::string> common = namesOf(program.itself.options);
    std::string values, options;
    std::vector<std::string> names;
    for (const CommandFacts& command : program.commands) {
        names.push_back(command.name);
        values += bashValueArms(command, '"' + command.name + '"');
        std::vector<std::string> all = namesOf(command.options);
        all.insert(all.end(), common.begin(), common.end());
        options += bashWordArm(command.name, all);
    }
    values += bashValueArms(program.itself, "*");
    const std::string space = fmt::format("{}", fmt::join(names, " "));
    return fmt::format(kBash, fmt::arg("program", program.name), fmt::arg("function", functionName(program.name)),
                       fmt::arg("commands", names.empty() ? "''" : fmt::format("{}", fmt::join(names, "|"))),
                       fmt::arg("values", values), fmt::arg("options", options),
                       fmt::arg("common", quoted(fmt::format("{}", fmt::join(common, " ")))),
                       fmt::arg("names", quoted(space)));
}

std::string functionName(std::string_view program)
{
    std::string name = "_" + std::string(program);
    std::ranges::replace_if(
        name, [](unsigned char c) { return std::isalnum(c) == 0; }, '_');
    return name;
}

std::string quoted(std::string_view text)
{
    std::string inside;
    for (const char c : text) {
        inside += c == '\'' ? std::string("'\\''") : std::string(1, c);
    }
    return '\'' + inside + '\'';
}

std::optional<std::string> completions(std::string_view shell, const ProgramFacts& program)
{
    if (shell == "bash") {
        return bashCompletions(program);
    }
    if (shell == "zsh") {
        return zshCompletions(program);
    }
    if (shell == "fish") {
        return fishCompletions(program);
    }
    return std::nullopt;
}

} // namespace bitlathe::usage
