// SPDX-License-Identifier: Apache-2.0
// Explanation: what a run lost and where, in plain words, and what could be done about it.
#pragma once

#include "core/base/json.h"
#include "core/quant/verdicts.h"
#include "core/run/runner.h"

#include <vector>

namespace bitlathe::report
{

/// One number of the result as a whole.
struct ExplainedLoss
{
    quant::Verdict verdict = quant::Verdict::Fine;
    Text text;
    Text reason; ///< What values are usual.
};

/// Each text is a sentence or two.
struct Explanation
{
    std::vector<ExplainedLoss> losses; ///< Perplexity, KL divergence, most likely token; empty: not evaluated.
    std::vector<Text> places;          ///< Where errors are; empty: nothing was quantized.
    std::vector<Text> remedies;        ///< What could be done; empty: nothing needs to be.
};

/// comparison: one that may have a row for the run's folder; null: that of the run, if it has one.
Explanation explain(const run::RunResult& run, const evaluate::Comparison* comparison = nullptr);

/// {losses: [{verdict, text, reason}], places, remedies}
Json explanationDocument(const Explanation& explanation);

} // namespace bitlathe::report
