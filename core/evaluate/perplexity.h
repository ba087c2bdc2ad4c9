// SPDX-License-Identifier: Apache-2.0
// Perplexity, with the protocol that produced it.
#pragma once

#include "core/base/finding.h"
#include "core/base/progress.h"
#include "core/evaluate/protocols.h"
#include "core/quant/quantizedkvstore.h"

#include <optional>
#include <vector>

namespace bitlathe::evaluate
{

struct PerplexityOptions
{
    std::int64_t length = 2048;
    std::int64_t maxWindows = 0; ///< 0: as many as the stream has.
    quant::KvCache kv = {};      ///< How keys and values are kept while a window runs.
    ProtocolKind protocol = ProtocolKind::Windows;
    std::int64_t stride = 512; ///< Of Strided: 1 ... length.
    /// Of LlamaCpp: what each window begins with, leadingToken(); nothing: its own first token.
    std::optional<model::TokenId> bos = {};
    /// What windows may take that pass the blocks of a streamed model together, so that each block is read once for all
    /// of them. A model that is in memory takes one window at a time.
    std::uint64_t bytesStates = 0;
};

struct PerplexityResult
{
    Protocol protocol;
    quant::KvScheme kv; ///< How keys and values were kept.
    double perplexity = 0;
    /// Of the perplexity, from the spread of window means (delta method); of LlamaCpp, as its tool, from that of
    /// tokens.
    double standardError = 0;
    double nllSum = 0;       ///< Nats, over all scored tokens.
    double nllSquareSum = 0; ///< Nats^2.
    std::int64_t tokensScored = 0;
    std::int64_t tokensRead = 0;       ///< That went through the model.
    std::vector<double> windowMeans;   ///< Mean NLL of each window, nats.
    std::vector<double> windowWeights; ///< ScoredWindow::weight of each.
    double seconds = 0;
    double tokensPerSecond = 0;
    std::uint64_t bytesPeakRss = 0;
    std::uint64_t bytesPeakVram = 0; ///< Of a GPU's memory, what was in use at most; 0 on the processor.
    Findings findings;               ///< How it had to be computed otherwise than was asked for.
    /// Share of the evaluation's runs of tokens that the model's calibration text holds too, where that is known.
    std::optional<double> calibrationOverlap;
};

/// The windows of a stream: whole ones of length tokens, from the start; a stream shorter than one window is one
/// window.
std::vector<std::vector<model::TokenId>> windowsOf(const std::vector<model::TokenId>& stream,
                                                   const PerplexityOptions& options);

/// Errors: those of protocolWindows(), WeightsNotFinite, Cancelled, those of a device. protocol.data*, tokenizer and
/// device are filled in by the caller.
Result<PerplexityResult> perplexity(const model::Model& model, const std::vector<model::TokenId>& stream,
                                    const PerplexityOptions& options, const WorkContext& work = {});

/// f32 logits [tokens, vocabulary] of one sequence.
Result<model::Activations> logits(const model::Model& model, const std::vector<model::TokenId>& ids,
                                  const WorkContext& work = {});

} // namespace bitlathe::evaluate
