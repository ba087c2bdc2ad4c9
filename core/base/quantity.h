// SPDX-License-Identifier: Apache-2.0
// Quantities as people write them: a number and its unit.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>

namespace bitlathe
{

/// The number above 0 at the start of a text times what its unit, in small letters, stands for; nothing: no such number
/// or unit.
std::optional<double> quantityFrom(const std::string& text, const std::map<std::string, double>& units);
/// "3.9GB" (thousands), "4GiB" (1024s), "512 MB", "1000"; nothing: another text.
std::optional<std::uint64_t> bytesFromText(const std::string& text);
/// The shortest text that bytesFromText() makes the same number of: "12GB", "4GiB", "1000".
std::string bytesAsText(std::uint64_t bytes);

} // namespace bitlathe
