// SPDX-License-Identifier: Apache-2.0
// Throughput: how fast models read prompts and write tokens on this machine, with the spread of repeats.
#pragma once

#include "core/base/finding.h"
#include "core/base/progress.h"
#include "core/model/model.h"
#include "core/quant/quantizedkvstore.h"

#include <optional>
#include <string>
#include <vector>

namespace bitlathe::evaluate
{

struct ThroughputOptions
{
    std::vector<std::int64_t> prompts = {128, 512};   ///< Tokens.
    std::vector<std::int64_t> contexts = {512, 2048}; ///< Tokens before those that are written.
    std::vector<std::int64_t> batches = {1, 4};       ///< Sequences that are written side by side.
    std::int64_t newTokens = 64;                      ///< Of each sequence.
    std::int64_t repeats = 5;
    bool energy = true; ///< Where the system tells it.
};

/// Errors: SettingInvalid (numbers below one, none of them, more than memory could hold).
Result<void> checkThroughputOptions(const ThroughputOptions& options);

/// A loaded model to measure.
struct ThroughputSubject
{
    std::string name;
    const model::Model* model = nullptr; ///< Outlives the measurement.
    quant::KvCache kv = {};
};

/// One number measured several times.
struct Repeats
{
    std::vector<double> values; ///< In the order in which they were measured.

    double median() const;
    double low() const;
    double high() const;
    /// Median of the ratios to another model's repeats, each to the one that was measured beside it.
    double ratioTo(const Repeats& base) const;
};

/// A prompt that goes through the model.
struct PrefillRate
{
    std::int64_t tokens = 0;
    Repeats perSecond;  ///< Tokens.
    Repeats firstToken; ///< Seconds from the prompt to the first token.
    std::optional<double> joulesPerToken;
};

/// Tokens that are written behind a context.
struct DecodeRate
{
    std::int64_t context = 0;
    std::int64_t batch = 1;
    Repeats perSecond;              ///< Tokens of all sequences.
    std::uint64_t bytesPerStep = 0; ///< Weights and cached keys and values that a token of each sequence reads, about.
    double bytesPerSecond = 0;      ///< bytesPerStep at the median rate.
    std::optional<double> joulesPerToken;
};

struct Throughput
{
    std::string name;
    std::string kv;             ///< How keys and values were kept.
    std::string compute;        ///< "f32" or "bf16".
    std::string device = "cpu"; ///< That computed: "cpu", or a GPU as its driver names it.
    std::int64_t newTokens = 0;
    int threads = 0;
    std::vector<PrefillRate> prefill;
    std::vector<DecodeRate> decode;
    double firstTokenSeconds = 0;  ///< Median, of the longest prompt.
    std::optional<Error> noEnergy; ///< Why there is none, where it was asked for.
    Findings findings;             ///< Lengths beyond the model's positions, which were left out.

    Text sentence() const; ///< How numbers were got, for people.
};

/// Measures models in turn, repeat by repeat, so that what else the machine does hits all of them. Before each number
/// the model runs untimed once. A cache is filled with made-up keys and values up to the context; then each step reads
/// all of it, and the weights once for all sequences of a batch. Errors: those of checkThroughputOptions(),
/// SettingInvalid (every length is beyond a model's positions), Cancelled.
Result<std::vector<Throughput>> measureThroughput(std::span<const ThroughputSubject> subjects,
                                                  const ThroughputOptions& options, const WorkContext& work = {});
/// Of one model.
Result<Throughput> measureThroughput(const model::Model& model, const ThroughputOptions& options,
                                     const WorkContext& work = {});

/// Bytes of weights that a step of so many tokens reads: of blocks and head, of experts those that the tokens can visit
/// at most.
std::uint64_t weightBytesRead(const model::Model& model, std::int64_t tokens);
/// Bytes of cached keys and values that a token behind a context reads, in f32 where they are plainly kept; of a block
/// that slides those of its window.
std::uint64_t kvBytesRead(const model::ModelSpec& spec, const quant::KvScheme& kv, std::int64_t context);

} // namespace bitlathe::evaluate
