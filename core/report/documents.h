// SPDX-License-Identifier: Apache-2.0
// JSON of results: the same keys in reports and in bitlathe-cli's --json documents.
#pragma once

#include "core/base/json.h"
#include "core/evaluate/choiceresult.h"
#include "core/evaluate/throughput.h"
#include "core/plan/plan.h"
#include "core/report/report.h"

namespace bitlathe::report
{

/// {error: {code, subject, expected, found, advice, message}}
Json errorDocument(const Error& error);
Json findingsDocument(const Findings& findings);
/// {out, format, method, bits_per_weight, bytes, seconds, peak_rss_bytes, layers, findings, explanation, ...}.
/// comparison: as in explain().
Json runDocument(const run::RunResult& result, const evaluate::Comparison* comparison = nullptr);
Json layerDocument(const run::LayerRecord& layer);
Json protocolDocument(const evaluate::Protocol& protocol);
/// {model, perplexity, standard_error, nll_sum, tokens_scored, windows, seconds, ...}
Json perplexityDocument(const std::string& model, const evaluate::PerplexityResult& result);
/// {protocol, models, findings}
Json comparisonDocument(const evaluate::Comparison& comparison);
/// {protocol, models: [{path, accuracy, standard_error, n, by_subject, scores, ...}], findings}; a model's own numbers
/// are those of its first score.
Json choiceDocument(const evaluate::ChoiceResult& result);
/// {prefill: [{tokens, tokens_per_second, ...}], decode: [{context, batch, tokens_per_second, bytes_per_second, ...}],
/// first_token_seconds, ...}; rates are medians, repeats all of them.
Json throughputDocument(const evaluate::Throughput& throughput);
/// {bytes_out, peak_ram_bytes, peak_vram_bytes, disk_bytes, seconds: [low, high], kv_bytes_per_token, ...}
Json estimateDocument(const plan::Estimate& estimate);
Json environmentDocument(const Environment& environment);

/// Group size as JSON: a number of weights, -1 for a whole row, -2 for the whole tensor, null for no scheme.
Json groupSizeDocument(const std::optional<quant::Scheme>& scheme);

/// Text of a document, indented by two; invalid UTF-8 becomes U+FFFD, numbers that are not finite become null.
std::string documentText(const Json& document, int indent = 2);

} // namespace bitlathe::report
