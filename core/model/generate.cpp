// SPDX-License-Identifier: Apache-2.0
// Generation: the prompt in pieces, then token by token.
#include "core/model/generate.h"

#include "core/model/sampler.h"
#include "kernels/backend.h"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <numeric>
#include <optional>

namespace bitlathe::model
{

namespace
{

using Clock = std::chrono::steady_clock;

/// Prompt tokens per step: a stop request waits for one step at most. A device is faster, and fast with many only.
constexpr std::size_t kPromptStep = 512;
constexpr std::size_t kPromptStepDevice = 2048;

double secondsSince(Clock::time_point start)
{
    return std::chrono::duration<double>(Clock::now() - start).count();
}

/// Runs ids through the model and leaves the logits of the last one in logits.
Result<void> feed(const Model& model, std::span<const TokenId> ids, KvStore& kv, std::span<float> logits,
                  const WorkContext& work)
{
    const std::size_t step = model.memory().isHost() ? kPromptStep : kPromptStepDevice;
    while (!ids.empty()) {
        const auto piece = ids.first(std::min(ids.size(), step));
        ids = ids.subspan(piece.size());
        BITLATHE_TRY(const Activations normed, model.forward(piece, &kv, WorkContext{{}, work.stop}));
        if (ids.empty()) {
            model.logitsOnProcessor(normed, normed.rows - 1, 1, logits);
        }
    }
    return {};
}

/// The distribution that logits mean, of which the most likely tokens are looked at.
class Distribution
{
public:
    Distribution(std::span<const float> logits, std::int64_t likely);
    TokenChoice choiceOf(TokenId id) const;

private:
    double probability(TokenId id) const
    {
        return std::exp(static_cast<double>(m_logits[static_cast<std::size_t>(id)]) - m_logSum);
    }

    std::vector<float> m_logits; ///< A copy: a sampler changes them.
    double m_logSum = 0;
    std::vector<TokenId> m_likely;
};

Distribution::Distribution(std::span<const float> logits, std::int64_t likely) : m_logits(logits.begin(), logits.end())
{
    kernels::cpuBackend().logSumExp(m_logits, std::ssize(m_logits), std::span(&m_logSum, 1));
    m_likely.resize(m_logits.size());
    std::iota(m_likely.begin(), m_likely.end(), 0);
    const auto count = std::clamp<std::int64_t>(likely, 0, std::ssize(m_likely));
    const auto logit = [this](TokenId id) { return m_logits[static_cast<std::size_t>(id)]; };
    std::ranges::partial_sort(m_likely, m_likely.begin() + count, std::ranges::greater(), logit);
    m_likely.resize(static_cast<std::size_t>(count));
}

TokenChoice Distribution::choiceOf(TokenId id) const
{
    TokenChoice choice{{id, probability(id)}, {}};
    for (const TokenId other : m_likely) {
        choice.likely.push_back({other, probability(other)});
    }
    return choice;
}

} // namespace

namespace
{

Result<Completion> write(const Model& model, std::span<const TokenId> prompt, const GenerationOptions& options,
                         const std::function<bool(TokenId)>& onToken, const WorkContext& work);

} // namespace

Result<Completion> generate(const Model& model, std::span<const TokenId> prompt, const GenerationOptions& options,
                            const std::function<bool(TokenId)>& onToken, const WorkContext& work)
{
    if (prompt.empty()) {
        return fail(ErrorCode::TextInvalid, "prompt", Text(BITLATHE_TEXT("at least one token")),
                    Text(BITLATHE_TEXT("none")),
                    Text(BITLATHE_TEXT("Give a prompt, or a tokenizer that prepends a token")));
    }
    if (options.maxNewTokens < 0) {
        return fail(ErrorCode::SettingInvalid, "new tokens", Text(BITLATHE_TEXT("0 or more")),
                    Text(BITLATHE_TEXT("%1"), options.maxNewTokens), Text(BITLATHE_TEXT("Correct the setting")));
    }
    return withDeviceErrors([&] { return write(model, prompt, options, onToken, work); });
}

namespace
{

Result<Completion> write(const Model& model, std::span<const TokenId> prompt, const GenerationOptions& options,
                         const std::function<bool(TokenId)>& onToken, const WorkContext& work)
{
    BITLATHE_TRY(Sampler sampler, Sampler::create(options));
    const auto capacity = static_cast<std::int64_t>(prompt.size()) + options.maxNewTokens;
    const auto kv = options.kvStore ? options.kvStore(model.spec(), capacity) : model.makeKvStore(capacity);
    std::vector<float> logits(static_cast<std::size_t>(model.spec().vocabulary));
    std::vector<TokenId> history(prompt.begin(), prompt.end());
    history.reserve(prompt.size() + static_cast<std::size_t>(options.maxNewTokens));
    Completion completion;
    const auto start = Clock::now();
    BITLATHE_CHECK(feed(model, prompt, *kv, logits, work));
    completion.secondsPrefill = secondsSince(start);

    const auto startDecode = Clock::now();
    for (std::int64_t i = 0; i < options.maxNewTokens; ++i) {
        std::optional<Distribution> distribution;
        if (options.onChoice) {
            distribution.emplace(logits, options.likely);
        }
        const TokenId id = sampler.next(logits, history);
        if (distribution) {
            options.onChoice(distribution->choiceOf(id));
        }
        completion.ids.push_back(id);
        history.push_back(id);
        completion.stopped = std::ranges::find(options.stopIds, id) != options.stopIds.end();
        const bool goOn = !onToken || onToken(id);
        work.progress.set(static_cast<double>(i + 1) / static_cast<double>(options.maxNewTokens));
        if (completion.stopped || !goOn || i + 1 == options.maxNewTokens) {
            break;
        }
        if (work.stopRequested()) {
            return cancelled();
        }
        BITLATHE_CHECK(feed(model, std::span(&id, 1), *kv, logits, work));
    }
    completion.secondsDecode = secondsSince(startDecode);
    return completion;
}

} // namespace

} // namespace bitlathe::model
