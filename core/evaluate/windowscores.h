// SPDX-License-Identifier: Apache-2.0
// Scores of one window: negative log-likelihoods and, against a base, KL divergence and most likely tokens.
#pragma once

#include "core/evaluate/protocols.h"

#include <cstdint>
#include <span>
#include <vector>

namespace bitlathe::evaluate
{

/// Per scored token, in order.
struct WindowScores
{
    std::vector<double> nll;
    std::vector<double> kl;          ///< To the base, never below 0; empty for the base.
    std::vector<model::TokenId> top; ///< The most likely token in its place.
    double seconds = 0;              ///< That the model took for its forward pass and head.

    bool isFinite() const; ///< A model whose logits are not numbers has no scores.
};

/// A window that went through a model, but for the head.
struct WindowStates
{
    const model::Model* model = nullptr;
    model::Activations normed; ///< [tokens, hidden]
    double seconds = 0;        ///< That it took.
};

/// Bytes that a token takes while windows wait for a model's next block.
struct TokenBytes
{
    std::uint64_t states = 0; ///< Of its hidden state.
    std::uint64_t cached = 0; ///< Of its keys and values, where they are kept otherwise than plainly; in f32 at most.
};
TokenBytes tokenBytes(const model::ModelSpec& spec, bool keepsKeysAndValues);

/// Of windows of the size of the first, how many may take so many bytes together; at least one.
std::size_t windowsThatFit(std::span<const ScoredWindow> windows, std::uint64_t bytesToken, std::uint64_t bytes);

/// Windows through a model block by block, so that a streamed one reads each block once, with a store of keys and
/// values for each where kv makes one. Errors: those of the forward pass, Cancelled.
Result<std::vector<WindowStates>> forwardWindows(const model::Model& model, std::span<const ScoredWindow> windows,
                                                 const model::KvStoreMaker& kv, const WorkContext& work);

/// Scores of one window for all models, of which the first is the base: its tokens from firstScored >= 1 on. Logits are
/// made in chunks of rows of all models at a time, never for all tokens. Errors: Cancelled.
Result<std::vector<WindowScores>> scoreStates(std::span<const WindowStates> states, const ScoredWindow& window,
                                              const WorkContext& work);

/// forwardWindows() and scoreStates() of one window. kv: for each model how its keys and values are kept, empty: as
/// they are; attention sees all of the window as the store gives it back. Errors: those of both, WeightsNotFinite.
Result<std::vector<WindowScores>> scoreWindow(std::span<const model::Model* const> models, const ScoredWindow& window,
                                              const WorkContext& work, std::span<const model::KvStoreMaker> kv = {});

/// Logits that are no numbers, of the model that subject names.
Failure notFinite(const std::string& subject);

/// Rows of logits that are made at a time for a vocabulary of this size.
std::int64_t logitRowsPerChunk(std::int64_t vocabulary);

/// The sum in order, so that it is the same everywhere.
double sumInOrder(std::span<const double> values);

} // namespace bitlathe::evaluate
