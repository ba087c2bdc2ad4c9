// SPDX-License-Identifier: Apache-2.0
// Likelihoods of several continuations of one text.
#include "core/evaluate/choicescores.h"

#include "kernels/backend.h"

#include <algorithm>
#include <cmath>

namespace bitlathe::evaluate
{

namespace
{

/// Sums log p of tokens over logits of the rows before them.
class LikelihoodSum
{
public:
    explicit LikelihoodSum(const model::Model& model) : m_model(model) {}

    /// rows [first, first + targets.size()) of normed hidden states, the targets behind them.
    void add(const model::Activations& normed, std::int64_t first, std::span<const model::TokenId> targets)
    {
        const std::int64_t cols = m_model.spec().vocabulary;
        m_logits.resize(targets.size() * static_cast<std::size_t>(cols));
        m_values.resize(targets.size());
        m_model.logits(normed, first, static_cast<std::int64_t>(targets.size()), m_logits);
        kernels::negativeLogLikelihood(kernels::cpuBackend(), m_logits, cols, targets, m_values);
        for (const double value : m_values) {
            m_sum -= value;
        }
    }
    double take() { return std::exchange(m_sum, 0.0); }

private:
    const model::Model& m_model;
    std::vector<float> m_logits;
    std::vector<double> m_values;
    double m_sum = 0;
};

} // namespace

std::int64_t Continuations::longest() const
{
    std::size_t most = 0;
    for (const auto& each : ids) {
        most = std::max(most, each.size());
    }
    return static_cast<std::int64_t>(most);
}

std::int64_t Continuations::shared() const
{
    auto count = static_cast<std::size_t>(context);
    for (const auto& each : ids) {
        const auto end =
            std::mismatch(each.begin(), each.begin() + static_cast<std::ptrdiff_t>(count), ids.front().begin());
        count = static_cast<std::size_t>(end.first - each.begin());
    }
    return static_cast<std::int64_t>(count);
}

Continuations continuationsOf(const text::Tokenizer& tokenizer, const std::string& context,
                              const std::vector<std::string>& continuations, bool bos)
{
    const auto encoded = [&](const std::string& text) {
        std::vector<model::TokenId> ids = tokenizer.encode(text);
        if (bos && tokenizer.bos()) {
            ids.insert(ids.begin(), *tokenizer.bos());
        }
        return ids;
    };
    Continuations result;
    std::size_t count = encoded(context).size();
    for (const std::string& continuation : continuations) {
        result.ids.push_back(encoded(context + continuation));
        count = std::min(count, result.ids.back().size() - std::min<std::size_t>(result.ids.back().size(), 1));
    }
    result.context = static_cast<std::int64_t>(count);
    return result;
}

Result<std::vector<double>> logLikelihoods(const model::Model& model, const Continuations& continuations,
                                           const model::KvStoreMaker& kv, const WorkContext& work)
{
    const std::int64_t shared = continuations.shared();
    const std::int64_t context = continuations.context;
    if (context < 1) {
        return fail(ErrorCode::TextInvalid, "prompt", Text(BITLATHE_TEXT("at least one token")),
                    Text(BITLATHE_TEXT("none")));
    }
    const WorkContext quiet{{}, work.stop};
    const std::int64_t capacity = continuations.longest();
    const auto store = kv ? kv(model.spec(), capacity) : model::makeKvStore(model.spec(), capacity);
    model::Activations normedShared;
    if (shared > 0) {
        const auto ids = std::span(continuations.ids.front()).first(static_cast<std::size_t>(shared));
        BITLATHE_TRY(normedShared, model.forward(ids, store.get(), quiet));
    }
    LikelihoodSum sum(model);
    std::vector<double> result;
    for (const std::vector<model::TokenId>& each : continuations.ids) {
        const auto ids = std::span(each);
        const auto scored = ids.subspan(static_cast<std::size_t>(context));
        // A row predicts the token behind it, so the last token of all needs none.
        std::size_t fromShared = 0;
        if (shared == context) {
            sum.add(normedShared, shared - 1, scored.first(1));
            fromShared = 1;
        }
        const auto own =
            ids.subspan(static_cast<std::size_t>(shared), ids.size() - static_cast<std::size_t>(shared) - 1);
        if (scored.size() > fromShared) {
            BITLATHE_TRY(const model::Activations normed, model.forward(own, store.get(), quiet));
            const auto targets = scored.subspan(fromShared);
            sum.add(normed, normed.rows - static_cast<std::int64_t>(targets.size()), targets);
            store->truncate(shared);
        }
        result.push_back(sum.take());
        if (!std::isfinite(result.back())) {
            return fail(ErrorCode::WeightsNotFinite, "logits", Text(BITLATHE_TEXT("finite numbers")),
                        Text(BITLATHE_TEXT("NaN or infinity")),
                        Text(BITLATHE_TEXT("Verify the model: one of its tensors is damaged")));
        }
    }
    return result;
}

} // namespace bitlathe::evaluate
