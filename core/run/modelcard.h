// SPDX-License-Identifier: Apache-2.0
// The README of an exported folder: what it is, how good it is, and how it was made.
#pragma once

#include "core/run/runner.h"

#include <string>

namespace bitlathe::run
{

inline constexpr const char* kModelCardFile = "README.md";

/// In English, Markdown, with the tags of model hubs ahead of it. Names and numbers of the run only, no path of this
/// machine: the same bytes for the same run. Quality where the run was evaluated.
std::string modelCard(const RunResult& result);

} // namespace bitlathe::run
