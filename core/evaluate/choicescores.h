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

/// log p of each continuation after the context, nats. The shared part goes through the model once; where continuations
/// are a token each, nothing else does. kv: how keys and values are kept, empty: in f32. Errors: those of
/// Model::forward(), WeightsNotFinite.
Result<std::vector<double>> logLikelihoods(const model::Model& model, const Continuations& continuations,
                                           const model::KvStoreMaker& kv, const WorkContext& work = {});

} // namespace bitlathe::evaluate
