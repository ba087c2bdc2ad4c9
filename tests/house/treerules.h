// SPDX-License-Identifier: Apache-2.0
// The rules of the house that a look at a single file can check: who may include whom, licences, Qt's place.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

namespace bitlathe::house
{

/// What is wrong with the file at path, which is relative to the root of the tree. Empty: nothing.
std::vector<std::string> violations(std::string_view path, std::string_view content);

/// The files of the tree that the rules are about, relative to root.
std::vector<std::filesystem::path> filesOf(const std::filesystem::path& root);

} // namespace bitlathe::house
