// SPDX-License-Identifier: Apache-2.0
// Finding: a fact about a run that the user must not miss.
#include "core/base/finding.h"

namespace bitlathe
{

std::string_view severityName(Severity severity)
{
    switch (severity) {
    case Severity::Note: return "note";
    case Severity::Warning: return "warning";
    case Severity::Problem: return "problem";
    }
    return "note";
}

} // namespace bitlathe
