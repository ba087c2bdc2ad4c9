// SPDX-License-Identifier: Apache-2.0
// All commands and options of the program as values, read from the table that parses them.
#pragma once

#include "app/usage/programfacts.h"

#include <CLI/App.hpp>

namespace bitlathe::cli
{

/// What --help of the program and of its commands shows.
usage::ProgramFacts programFacts(const CLI::App& app);

} // namespace bitlathe::cli
