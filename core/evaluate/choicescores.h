// SPDX-License-Identifier: Apache-2.0
// Likelihoods of several continuations of one text, whose common beginning goes through the model once.
#pragma once

#include "core/base/progress.h"
#include "core/model/model.h"
#include "core/text/tokenizer.h"

#include <string>
#include <vector>

namespace bitlathe::evaluate
{

/// Tokens of a context with each of its continuations.
struct Continuations
{
    std::vector<std::vector<model::TokenId>> ids;
    std::int64_t context = 0; ///< Tokens of the context; those behind them are scored.

    std::int64_t longest() const;
    std::int64_t shared() const; ///< Tokens of the context with which all of them begin.
};

/// Context and continuation are tokenized as one text. bos: with the token before it that a text begins with, which the
/// context of a chat template holds itself. The context counts as many tokens as it has alone, but every continuation
/// has one at least.
Continuations continuationsOf(const text::Tokenizer& tokenizer, const std::string& context,
                              const std::vector<std::string>& continuations, bool bos);

/// Scores continuations on one model. What a text shares with the one before, such as the examples of a subject, and
/// what its continuations share goes through the model once; where these are a token each, nothing else does. One
/// thread at a time.
class ContinuationScorer
{
public:
    /// model must outlive this. kv: how keys and values are kept; empty: in f32.
    ContinuationScorer(const model::Model& model, model::KvStoreMaker kv) : m_model(model), m_maker(std::move(kv)) {}

    /// log p of each continuation after the context, nats. Errors: those of Model::forward(), WeightsNotFinite.
    Result<std::vector<double>> logLikelihoods(const Continuations& continuations, const WorkContext& work = {});

private:
    void makeRoom(std::int64_t tokens);
    Result<model::Activations> passShared(std::span<const model::TokenId> ids, const WorkContext& work);
    Result<double> scoreOne(std::span<const model::TokenId> ids, std::int64_t context, std::int64_t shared,
                            const model::Activations& normedShared, const WorkContext& work);

    const model::Model& m_model;
    model::KvStoreMaker m_maker;
    std::unique_ptr<model::KvStore> m_store;
    std::int64_t m_capacity = 0;
    std::vector<model::TokenId> m_kept; ///< Tokens whose keys and values are in the store.
};

} // namespace bitlathe::evaluate
