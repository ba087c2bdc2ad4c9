// SPDX-License-Identifier: Apache-2.0
// Perplexity, with the protocol that produced it.
#pragma once

#include "core/base/progress.h"
#include "core/base/text.h"
#include "core/model/model.h"
#include "core/quant/quantizedkvstore.h"

#include <optional>
#include <string>
#include <vector>

namespace bitlathe::evaluate
{

/// How a number was got. Two numbers compare only where protocols are equal.
struct Protocol
{
    std::string name =
        "windows"; ///< Windows without overlap, the first token of each not scored, exp(mean of window means).
    std::int64_t length = 2048; ///< Tokens of a window.
    std::int64_t windows = 0;   ///< Windows scored.
    std::string data;           ///< The text set's SPEC.
    std::string dataHash;
    std::string tokenizer; ///< Its fingerprint.
    std::string compute;   ///< "f32" or "bf16".

    Text sentence() const; ///< All of it, for people.
    bool operator==(const Protocol&) const = default;
};

struct PerplexityOptions
{
    std::int64_t length = 2048;
    std::int64_t maxWindows = 0; ///< 0: as many as the stream has.
    quant::KvCache kv = {};      ///< How keys and values are kept while a window runs.
};

struct PerplexityResult
{
    Protocol protocol;
    quant::KvScheme kv; ///< How keys and values were kept.
    double perplexity = 0;
    double standardError = 0; ///< Of the perplexity, from the spread of window means (delta method).
    double nllSum = 0;        ///< Nats, over all scored tokens.
    std::int64_t tokensScored = 0;
    std::vector<double> windowMeans; ///< Mean NLL of each window, nats.
    double seconds = 0;
    double tokensPerSecond = 0;
    std::uint64_t bytesPeakRss = 0;
    /// Share of the evaluation's runs of tokens that the model's calibration text holds too, where that is known.
    std::optional<double> calibrationOverlap;
};

/// The windows of a stream: whole ones of length tokens, from the start; a stream shorter than one window is one
/// window.
std::vector<std::vector<model::TokenId>> windowsOf(const std::vector<model::TokenId>& stream,
                                                   const PerplexityOptions& options);

/// Errors: TextInvalid (fewer than two tokens), Cancelled. protocol.data* and tokenizer are filled in by the caller.
Result<PerplexityResult> perplexity(const model::Model& model, const std::vector<model::TokenId>& stream,
                                    const PerplexityOptions& options, const WorkContext& work = {});

/// f32 logits [tokens, vocabulary] of one sequence.
Result<model::Activations> logits(const model::Model& model, const std::vector<model::TokenId>& ids,
                                  const WorkContext& work = {});

} // namespace bitlathe::evaluate
