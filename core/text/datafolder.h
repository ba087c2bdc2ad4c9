// SPDX-License-Identifier: Apache-2.0
// Text sets by name: wikitext, c4 and others, found in a folder for data.
#pragma once

#include "core/base/result.h"

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

namespace bitlathe::text
{

/// Names that stand for a text set.
std::vector<std::string_view> presetNames();

/// The folder that names are looked for in, before $BITLATHE_DATA; empty: none. Any thread.
void setDataFolder(std::filesystem::path folder);

/// The SPEC that a name, alone or with #field, stands for: the first file or folder of it in the data folder, $BITLATHE_DATA, ./data, then
/// data beside the model's folder. Other SPECs, and names of files that exist, as they are. Errors: FileMissing, naming
/// the folders looked into.
Result<std::string> resolvePreset(const std::string& spec, const std::filesystem::path& modelFolder = {});

} // namespace bitlathe::text
