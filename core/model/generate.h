// SPDX-License-Identifier: Apache-2.0
// Generation: one completion, token by token through the KV cache.
#pragma once

#include "core/model/model.h"

#include <functional>

namespace bitlathe::model
{

/// A token by the model's own distribution, before temperature, penalty and cuts.
struct LikelyToken
{
    TokenId id = 0;
    double probability = 0;
};

/// How likely a new token was, and what else was.
struct TokenChoice
{
    LikelyToken chosen;
    std::vector<LikelyToken> likely; ///< The most likely first.
};

struct GenerationOptions
{
    std::int64_t maxNewTokens = 64;
    double temperature = 0.0; ///< 0: greedy.
    std::int64_t topK = 0;    ///< 0: off.
    double topP = 1.0;
    double repetitionPenalty = 1.0; ///< As transformers applies it: over prompt and new tokens.
    std::uint64_t seed = 0;
    std::vector<TokenId> stopIds; ///< Ends the completion; the stop token is kept as the last id.
    KvStoreMaker kvStore;         ///< How keys and values are kept; empty: in f32.
    /// Called for every new id before onToken, with so many likely ones; empty: no distribution is worked out.
    std::function<void(const TokenChoice&)> onChoice;
    std::int64_t likely = 5;
};

struct Completion
{
    std::vector<TokenId> ids; ///< New tokens.
    double secondsPrefill = 0;
    double secondsDecode = 0;
    bool stopped = false; ///< By a stop id.
};

/// onToken is called for every new id on the calling thread; returning false ends the completion.
/// Errors: TextInvalid (empty prompt, id outside the vocabulary), SettingInvalid, Cancelled, those of a device.
Result<Completion> generate(const Model& model, std::span<const TokenId> prompt, const GenerationOptions& options,
                            const std::function<bool(TokenId)>& onToken = {}, const WorkContext& work = {});

} // namespace bitlathe::model
