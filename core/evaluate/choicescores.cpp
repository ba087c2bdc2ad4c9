// SPDX-License-Identifier: Apache-2.0
// Likelihoods of several continuations of one text.
#include "core/evaluate/choicescores.h"

#include "core/evaluate/logitscores.h"

#include <algorithm>
#include <cmath>

namespace bitlathe::evaluate
{

namespace
{

/// True where a token is turned by the length of its sequence, so that a beginning is not that of a longer one.
bool turnsByLength(const model::RopeSpec& rope, std::int64_t tokens)
{
    switch (rope.scaling) {
    case model::RopeScaling::None:
    case model::RopeScaling::Linear:
    case model::RopeScaling::Llama3:
    case model::RopeScaling::Yarn: return false;
    case model::RopeScaling::Dynamic:
    case model::RopeScaling::Doubling:
    case model::RopeScaling::LongRope: return tokens > rope.originalPositions;
    }
    return false;
}

/// Sum of log p of targets by the rows of normed hidden states from first on.
double logLikelihood(const model::Model& model, const model::Activations& normed, std::int64_t first,
                     std::span<const model::TokenId> targets)
{
    const std::int64_t cols = model.spec().vocabulary;
    model::Values logits(model.memory());
    logits.resize(targets.size() * static_cast<std::size_t>(cols));
    model.logits(normed, first, static_cast<std::int64_t>(targets.size()), logits.span());
    double sum = 0;
    for (const double value : negativeLogLikelihoods(model.backend(), logits.span(), cols, targets)) {
        sum -= value;
    }
    return sum;
}

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

void ContinuationScorer::makeRoom(std::int64_t tokens)
{
    constexpr std::int64_t kTokensMore = 256;
    if (tokens > m_capacity) {
        m_capacity = tokens + kTokensMore;
        m_store = m_maker ? m_maker(m_model.spec(), m_capacity) : m_model.makeKvStore(m_capacity);
        m_kept.clear();
    }
}

/// Brings the store to these tokens. The rows of those that were not there, the last one's among them.
Result<model::Activations> ContinuationScorer::passShared(std::span<const model::TokenId> ids, const WorkContext& work)
{
    const auto most = std::min(m_kept.size(), ids.size() - std::min<std::size_t>(ids.size(), 1));
    const auto end = std::mismatch(ids.begin(), ids.begin() + static_cast<std::ptrdiff_t>(most), m_kept.begin());
    const auto same = static_cast<std::size_t>(end.first - ids.begin());
    m_store->truncate(static_cast<std::int64_t>(same));
    m_kept.resize(same);
    if (ids.empty()) {
        return model::Activations();
    }
    BITLATHE_TRY(model::Activations normed, m_model.forward(ids.subspan(same), m_store.get(), work));
    m_kept.assign(ids.begin(), ids.end());
    return normed;
}

/// A row predicts the token behind it, so the last token needs none, and the first behind the context has that of the
/// shared part, where this is all of the context.
Result<double> ContinuationScorer::scoreOne(std::span<const model::TokenId> ids, std::int64_t context,
                                            std::int64_t shared, const model::Activations& normedShared,
                                            const WorkContext& work)
{
    auto scored = ids.subspan(static_cast<std::size_t>(context));
    double sum = 0;
    if (shared == context) {
        sum += logLikelihood(m_model, normedShared, normedShared.rows - 1, scored.first(1));
        scored = scored.subspan(1);
    }
    if (!scored.empty()) {
        const auto own = ids.subspan(static_cast<std::size_t>(shared));
        BITLATHE_TRY(const model::Activations normed, m_model.forward(own.first(own.size() - 1), m_store.get(), work));
        sum += logLikelihood(m_model, normed, normed.rows - static_cast<std::int64_t>(scored.size()), scored);
        m_store->truncate(shared);
    }
    if (!std::isfinite(sum)) {
        return fail(ErrorCode::WeightsNotFinite, "logits", Text(BITLATHE_TEXT("finite numbers")),
                    Text(BITLATHE_TEXT("NaN or infinity")),
                    Text(BITLATHE_TEXT("Verify the model: one of its tensors is damaged")));
    }
    return sum;
}

Result<std::vector<double>> ContinuationScorer::logLikelihoods(const Continuations& continuations,
                                                               const WorkContext& work)
{
    if (continuations.context < 1) {
        return fail(ErrorCode::TextInvalid, "prompt", Text(BITLATHE_TEXT("at least one token")),
                    Text(BITLATHE_TEXT("none")));
    }
    const WorkContext quiet{{}, work.stop};
    const std::int64_t longest = continuations.longest();
    makeRoom(longest);
    const model::ModelSpec& spec = m_model.spec();
    const bool sharesNothing =
        turnsByLength(spec.rope, longest) || (spec.localRope && turnsByLength(*spec.localRope, longest));
    const std::int64_t shared = sharesNothing ? 0 : continuations.shared();
    const auto beginning = std::span(continuations.ids.front()).first(static_cast<std::size_t>(shared));
    BITLATHE_TRY(const model::Activations normed, passShared(beginning, quiet));
    std::vector<double> result;
    for (const std::vector<model::TokenId>& ids : continuations.ids) {
        BITLATHE_TRY(result.emplace_back(), scoreOne(ids, continuations.context, shared, normed, quiet));
    }
    return result;
}

} // namespace bitlathe::evaluate
