// SPDX-License-Identifier: Apache-2.0
// The drawings that a report makes of its comparison and runs, for its HTML and for the window.
#pragma once

#include "core/report/svg.h"

namespace bitlathe::report
{

/// What a run is called in a report: its output folder's name, or the model's.
std::string runName(const run::RunResult& run);

/// Perplexity over size on disk; empty for fewer than two models.
std::string sizeAndQualitySvg(const evaluate::Comparison& comparison, const Words& words = englishWords);

/// Where along the depth the output gets worse: one run shows every layer, several show the worst layers of their
/// blocks. Empty where no layer has an error.
std::string depthSvg(const std::vector<run::RunResult>& runs, const Words& words = englishWords);

/// Mean loss of the base and of every model by the position in the window; empty where no tokens were looked at.
std::string lossByPositionSvg(const evaluate::Comparison& comparison, const Words& words = englishWords);
/// Mean KL divergence of every model to the base by the position in the window; likewise.
std::string klByPositionSvg(const evaluate::Comparison& comparison, const Words& words = englishWords);

} // namespace bitlathe::report
