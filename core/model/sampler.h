// SPDX-License-Identifier: Apache-2.0
// Sampler: from logits to the next token, in the order and meaning of transformers' processors.
#pragma once

#include "core/model/generate.h"

#include <random>

namespace bitlathe::model
{

class Sampler
{
public:
    /// Errors: SettingInvalid.
    static Result<Sampler> create(const GenerationOptions& options);

    /// The next token. logits are changed. history: prompt and new tokens so far.
    TokenId next(std::span<float> logits, std::span<const TokenId> history);

private:
    explicit Sampler(const GenerationOptions& options);
    void penalize(std::span<float> logits, std::span<const TokenId> history);
    TokenId draw(std::span<const float> logits);

    double m_temperature;
    std::int64_t m_topK;
    double m_topP;
    double m_penalty;
    std::mt19937_64 m_random;
    std::vector<TokenId> m_order;        ///< Candidates, best first.
    std::vector<double> m_probabilities; ///< Of the candidates, not normalized.
    std::vector<bool> m_seen;            ///< By id, for the penalty.
};

} // namespace bitlathe::model
