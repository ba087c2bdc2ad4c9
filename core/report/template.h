// SPDX-License-Identifier: Apache-2.0
// The template of the HTML report, built into the program.
#pragma once

#include <string_view>

namespace bitlathe::report
{

/// Mustache text of resources/report/report.html.mustache.
std::string_view htmlTemplate();

} // namespace bitlathe::report
