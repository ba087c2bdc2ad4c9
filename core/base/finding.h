// SPDX-License-Identifier: Apache-2.0
// Finding: a fact about a run that the user must not miss.
#pragma once

#include "core/base/text.h"

#include <string>
#include <vector>

namespace bitlathe
{

enum class Severity { Note, Warning, Problem };

/// A degraded or surprising thing that happened while work went on. Nothing degrades silently: it becomes one of these.
/// With --strict, findings of Warning or above end the run.
struct Finding
{
    Severity severity = Severity::Note;
    std::string code;    ///< Stable, such as "layer-not-quantized".
    std::string subject; ///< Layer, tensor or file.
    Text message;
    Text advice;

    bool operator==(const Finding&) const = default;
};

using Findings = std::vector<Finding>;

std::string_view severityName(Severity severity);

} // namespace bitlathe
