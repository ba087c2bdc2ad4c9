// SPDX-License-Identifier: Apache-2.0
// Comparison: several models over the same windows, the first being the base.
#pragma once

#include "core/evaluate/choicerun.h"
#include "core/evaluate/generationcheck.h"
#include "core/evaluate/kvcaches.h"
#include "core/evaluate/perplexity.h"
#include "core/evaluate/tokenloss.h"
#include "core/model/device.h"

#include <filesystem>
#include <optional>

namespace bitlathe::evaluate
{

/// Bytes that a model needs.
struct MemoryFacts
{
    std::uint64_t bytesDisk = 0;      ///< Tensor files.
    std::uint64_t bytesWeights = 0;   ///< In memory while running, as measured on the loaded model.
    std::int64_t kvBytesPerToken = 0; ///< Keys and values of one token, as they are kept; f16 where that is plainly.
    std::uint64_t bytesPeakRss =
        0; ///< Measured: highest resident set while this model alone was loaded and ran, less what was resident before.
};

struct ComparedModel
{
    std::filesystem::path path;
    std::string name;
    std::string schemeLabel;  ///< "bf16", "4-bit, groups of 128, symmetric".
    double bitsPerWeight = 0; ///< Of the quantizable linears.
    MemoryFacts memory;
    PerplexityResult perplexity;
    double delta = 0;                          ///< perplexity - base's.
    double deltaError = 0;                     ///< Standard error of the paired difference.
    std::optional<KlFacts> kl;                 ///< Nothing for the base.
    std::optional<TokenFacts> tokens;          ///< Nothing for the base, and until all windows were scored.
    double tokensPerSecond = 0;                ///< Over the windows.
    std::optional<ChoiceFacts> choice;         ///< Where questions were asked.
    std::optional<GenerationFacts> generation; ///< Where prompts were gone on from.
};

struct Comparison
{
    Protocol protocol;
    std::optional<ChoiceProtocol> choiceProtocol;         ///< Where questions were asked.
    std::optional<GenerationProtocol> generationProtocol; ///< Where prompts were gone on from.
    std::vector<ComparedModel> models;                    ///< First: the base.
    Findings findings; ///< For example calibration text that overlaps evaluation text.

    /// One model against the base, in a few sentences.
    std::vector<Text> verdict(std::size_t index) const;
};

struct CompareOptions
{
    std::string data; ///< SPEC.
    PerplexityOptions windows;
    model::Compute compute = model::Compute::F32;
    /// Each gives every model one more row, with its keys and values kept so. A folder that holds grids for its own
    /// cache (ownKvCache) gets a row for it without being asked for.
    std::vector<quant::KvScheme> kv = {};
    KvSource kvSource = {}; ///< Of their grids.
    /// Questions that every row is asked, too, by the first of their rules; compute is that above.
    std::optional<ChoiceOptions> choice = {};
    /// Prompts that every row goes on from, too; compute is that above.
    std::optional<GenerationCheckOptions> generation = {};
    /// Where the scores of windows are kept, so that a comparison goes on where one ended and nothing is computed
    /// twice, such as keptScoresFolder(); empty: nowhere.
    std::filesystem::path cacheRoot = {};
    /// What computes. Where its memory does not suffice, with a Finding, the processor does.
    model::Device device = {};
    /// What the models may take together; of more, each is read from disk block by block. 0: as much as is free.
    std::uint64_t bytesMemory = 0;
};

/// Runs every folder over the same windows, plainly and then with each KV cache and its own; then asks all of them the
/// questions and lets them go on from the prompts, where there are some. All tokenizers must agree (else TextInvalid
/// naming both). A model whose logits are no numbers, or that cannot be asked or write, is left out of what it has no
/// numbers for, with a Finding; WeightsNotFinite where it is the base or the only other one. onModel (may be empty) is
/// called whenever a model's row is ready, with what is known so far.
Result<Comparison> compare(const std::vector<std::filesystem::path>& folders, const CompareOptions& options,
                           const WorkContext& work = {}, const std::function<void(const Comparison&)>& onModel = {});

/// Where the programs keep scores of comparisons: a folder of the user's cache.
std::filesystem::path keptScoresFolder();

} // namespace bitlathe::evaluate
