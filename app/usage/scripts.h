// SPDX-License-Identifier: Apache-2.0
// One completion script for each shell; inside app/usage only.
#pragma once

#include "app/usage/programfacts.h"

#include <string>
#include <string_view>

namespace bitlathe::usage
{

std::string bashCompletions(const ProgramFacts& program);
std::string zshCompletions(const ProgramFacts& program);
std::string fishCompletions(const ProgramFacts& program);

/// A name for a shell's function: letters, digits and underscores.
std::string functionName(std::string_view program);
/// Text between single quotes of bash and zsh.
std::string quoted(std::string_view text);

} // namespace bitlathe::usage
