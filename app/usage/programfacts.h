// SPDX-License-Identifier: Apache-2.0
// What a program can be told on its command line, as values: what manual page and completions are made of.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace bitlathe::usage
{

/// An option, or an argument without a name.
struct OptionFacts
{
    std::vector<std::string> names;   ///< As typed: "--quiet", "-q". Of an argument: "MODEL".
    std::string value;                ///< What its value is called, such as "FILE"; empty: it takes none.
    std::vector<std::string> choices; ///< All its values; empty: any.
    std::string standard;             ///< Its value where it is not given; empty: not told.
    std::string description;          ///< One sentence or more, in English.
};

struct CommandFacts
{
    std::string name;
    std::string description;
    std::vector<OptionFacts> arguments;
    std::vector<OptionFacts> options; ///< Without those of all commands.
};

/// A section of the manual page: pairs of a term and what it means.
struct SectionFacts
{
    std::string title;
    std::vector<std::pair<std::string, std::string>> entries;
};

struct ProgramFacts
{
    std::string name;                   ///< "bitlathe-cli"
    std::string summary;                ///< One line.
    CommandFacts itself;                ///< Options of all commands, or of the program that has none.
    std::vector<CommandFacts> commands; ///< Empty: it has none.
    std::vector<SectionFacts> sections;
    std::vector<std::string> seeAlso; ///< Programs with a manual page in section 1.
};

/// Environment variables that both programs heed.
SectionFacts commonEnvironment();
/// Folders in which both programs keep things.
SectionFacts commonFiles();

} // namespace bitlathe::usage
