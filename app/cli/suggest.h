// SPDX-License-Identifier: Apache-2.0
// Names near a mistyped one.
#pragma once

#include <string>
#include <vector>

namespace bitlathe::cli
{

/// The names that differ from word by few letters, nearest first, at most three.
std::vector<std::string> nearNames(const std::string& word, const std::vector<std::string>& names);

/// ' Did you mean "a" or "b"?', or nothing.
std::string didYouMean(const std::string& word, const std::vector<std::string>& names);

} // namespace bitlathe::cli
