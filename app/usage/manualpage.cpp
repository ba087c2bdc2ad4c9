// SPDX-License-Identifier: Apache-2.0
// Manual pages, in the man macros of roff.
#include "app/usage/usage.h"
#include "core/base/version.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <cctype>

namespace bitlathe::usage
{

namespace
{

/// Text as roff prints it unchanged.
std::string roff(std::string_view text)
{
    std::string escaped;
    for (const char c : text) {
        switch (c) {
        case '\\': escaped += "\\e"; break;
        case '-': escaped += "\\-"; break;
        case '\'': escaped += "\\(aq"; break;
        case '"': escaped += "\\(dq"; break;
        case '\n': escaped += ' '; break;
        default: escaped += c;
        }
    }
    return escaped.starts_with('.') ? "\\&" + escaped : escaped;
}

std::string sentence(std::string text)
{
    if (!text.empty() && std::string_view(".?!").find(text.back()) == std::string_view::npos) {
        text += '.';
    }
    return text;
}

std::string optionEntry(const OptionFacts& option)
{
    std::string entry = ".TP\n";
    for (std::size_t i = 0; i < option.names.size(); ++i) {
        entry += fmt::format("{}\\fB{}\\fR", i > 0 ? ", " : "", roff(option.names[i]));
    }
    if (!option.value.empty()) {
        entry += fmt::format(" \\fI{}\\fR", roff(option.value));
    }
    std::string told = sentence(option.description);
    if (!option.choices.empty()) {
        told += fmt::format(" One of: {}.", fmt::join(option.choices, ", "));
    }
    if (!option.standard.empty()) {
        told += fmt::format(" Standard: {}.", option.standard);
    }
    return entry + '\n' + roff(told) + '\n';
}

std::string optionEntries(const std::vector<OptionFacts>& options)
{
    std::string entries;
    for (const OptionFacts& option : options) {
        entries += optionEntry(option);
    }
    return entries;
}

std::string argumentsLine(const CommandFacts& command)
{
    std::string line;
    for (const OptionFacts& argument : command.arguments) {
        line += fmt::format(" \\fI{}\\fR", roff(argument.names.front()));
    }
    return line;
}

std::string commandEntry(const CommandFacts& command)
{
    return fmt::format(".SS {}\n\\fB{}\\fR{} [options]\n.PP\n{}\n", roff(command.name), roff(command.name),
                       argumentsLine(command), roff(sentence(command.description))) +
           optionEntries(command.arguments) + optionEntries(command.options);
}

std::string upperCase(std::string text)
{
    for (char& c : text) {
        c = static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
    }
    return text;
}

} // namespace

std::string manualPage(const ProgramFacts& program)
{
    const bool hasCommands = !program.commands.empty();
    std::string page =
        fmt::format(".TH {} 1 \"\" \"Bitlathe {}\" \"User Commands\"\n.SH NAME\n{} \\- {}\n",
                    roff(upperCase(program.name)), programVersion(), roff(program.name), roff(program.summary));
    page += fmt::format(".SH SYNOPSIS\n\\fB{}\\fR{}{} [options]\n.SH DESCRIPTION\n{}\n", roff(program.name),
                        hasCommands ? " \\fIcommand\\fR [arguments]" : "", argumentsLine(program.itself),
                        roff(sentence(program.itself.description)));
    page += hasCommands ? ".SH OPTIONS OF EVERY COMMAND\n" : ".SH OPTIONS\n";
    page += optionEntries(program.itself.arguments) + optionEntries(program.itself.options);
    if (hasCommands) {
        page += ".SH COMMANDS\n";
    }
    for (const CommandFacts& command : program.commands) {
        page += commandEntry(command);
    }
    for (const SectionFacts& section : program.sections) {
        page += fmt::format(".SH {}\n", section.title);
        for (const auto& [term, meaning] : section.entries) {
            page += fmt::format(".TP\n\\fB{}\\fR\n{}\n", roff(term), roff(meaning));
        }
    }
    if (!program.seeAlso.empty()) {
        page += ".SH SEE ALSO\n";
        for (std::size_t i = 0; i < program.seeAlso.size(); ++i) {
            page +=
                fmt::format("\\fB{}\\fR(1){}\n", roff(program.seeAlso[i]), i + 1 < program.seeAlso.size() ? "," : "");
        }
    }
    return page;
}

} // namespace bitlathe::usage
