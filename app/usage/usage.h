// SPDX-License-Identifier: Apache-2.0
// Manual pages, completions and --version, made from what a program can be told.
#pragma once

#include "app/usage/programfacts.h"

#include <array>
#include <optional>
#include <string>
#include <string_view>

namespace bitlathe::usage
{

/// The manual page in section 1, as roff. It tells no date, so that it is the same whenever it is made.
std::string manualPage(const ProgramFacts& program);

/// Shells that completions are made for.
constexpr std::array<std::string_view, 3> kShells = {"bash", "zsh", "fish"};
/// The script for one of kShells; nothing for others. Values with choices complete to them, other values and arguments
/// to files and folders.
std::optional<std::string> completions(std::string_view shell, const ProgramFacts& program);

/// What --version prints, with a line break at its end. toolkit: a library that the program also was built with, such
/// as "Qt 6.4.2"; empty: none.
std::string versionText(std::string_view program, std::string_view toolkit);

} // namespace bitlathe::usage
