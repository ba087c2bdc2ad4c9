// SPDX-License-Identifier: Apache-2.0
// All commands and options of the program as values, read from the table that parses them.
#include "app/cli/optiontable.h"

#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>

#include <algorithm>

namespace bitlathe::cli
{

namespace
{

/// The names in "{a,b,c}" of a type's name; none where it lists none.
std::vector<std::string> choicesOf(const std::string& typeName)
{
    const std::size_t open = typeName.find('{');
    const std::size_t close = typeName.find('}', open);
    if (open == std::string::npos || close == std::string::npos) {
        return {};
    }
    return CLI::detail::split(typeName.substr(open + 1, close - open - 1), ',');
}

usage::OptionFacts factsOf(const CLI::Option& option)
{
    usage::OptionFacts facts;
    for (const std::string& name : option.get_lnames()) {
        facts.names.push_back("--" + name);
    }
    for (const std::string& name : option.get_snames()) {
        facts.names.push_back("-" + name);
    }
    if (option.get_positional()) {
        facts.names = {option.get_name(true)};
    } else if (option.get_items_expected_max() > 0) {
        const std::string type = option.get_type_name();
        facts.value = type.substr(0, type.find(':'));
        facts.choices = choicesOf(type);
    }
    facts.standard = option.get_default_str();
    facts.description = option.get_description();
    return facts;
}

/// Its commands, or its groups of options, which the parser keeps as commands without a name.
std::vector<const CLI::App*> below(const CLI::App& app, bool groups)
{
    return app.get_subcommands([groups](const CLI::App* one) { return one->get_name().empty() == groups; });
}

std::vector<const CLI::Option*> optionsOf(const CLI::App& command)
{
    std::vector<const CLI::Option*> options = command.get_options();
    for (const CLI::App* group : below(command, true)) {
        const std::vector<const CLI::Option*> more = group->get_options();
        options.insert(options.end(), more.begin(), more.end());
    }
    return options;
}

usage::CommandFacts factsOf(const CLI::App& command, const std::vector<usage::OptionFacts>& common)
{
    usage::CommandFacts facts{command.get_name(), command.get_description(), {}, {}};
    for (const CLI::Option* option : optionsOf(command)) {
        usage::OptionFacts one = factsOf(*option);
        const bool isCommon =
            std::ranges::any_of(common, [&one](const usage::OptionFacts& known) { return known.names == one.names; });
        if (!isCommon && !option->get_group().empty()) {
            (option->get_positional() ? facts.arguments : facts.options).push_back(std::move(one));
        }
    }
    return facts;
}

usage::SectionFacts exitStatus()
{
    return {"EXIT STATUS",
            {{"0", "Done."},
             {"1", "Failed."},
             {"2", "The command line is wrong."},
             {"3", "The input is not accepted."},
             {"4", "There are findings, under --strict."},
             {"130", "Interrupted; what was done is kept, and resume goes on."}}};
}

} // namespace

usage::ProgramFacts programFacts(const CLI::App& app)
{
    usage::ProgramFacts facts;
    facts.name = app.get_name();
    facts.summary = "quantize large language models, and see what it does to them";
    facts.itself = factsOf(app, {});
    facts.itself.description =
        "The engine of Bitlathe without its window: opens model folders, quantizes them, compares "
        "the results and exports checkpoints that other programs load. Results go to stdout, "
        "progress and notes to stderr. Every command takes --help";
    for (const CLI::App* command : below(app, false)) {
        facts.commands.push_back(factsOf(*command, facts.itself.options));
    }
    facts.sections = {exitStatus(), usage::commonEnvironment(), usage::commonFiles()};
    facts.seeAlso = {"bitlathe"};
    return facts;
}

} // namespace bitlathe::cli
