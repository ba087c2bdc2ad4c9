// SPDX-License-Identifier: Apache-2.0
// Generation: the prompt in pieces, then token by token.
#include "core/model/generate.h"

#include "core/model/sampler.h"

#include <algorithm>
#include <chrono>

namespace bitlathe::model
{

namespace
{

using Clock = std::chrono::steady_clock;

/// Prompt tokens per step: a stop request waits for one step at most.
constexpr std::size_t kPromptStep = 512;

double secondsSince(Clock::time_point start)
{
    return std::chrono::duration<double>(Clock::now() - start).count();
}

/// Runs ids through the model and leaves the logits of the last one in logits.
Result<void> feed(const Model& model, std::span<const TokenId> ids, KvStore& kv, std::span<float> logits,
                  const WorkContext& work)
{
    while (!ids.empty()) {
        const auto piece = ids.first(std::min(ids.size(), kPromptStep));
        ids = ids.subspan(piece.size());
        BITLATHE_TRY(const Activations normed, model.forward(piece, &kv, WorkContext{{}, work.stop}));
        if (ids.empty()) {
            model.logits(normed, normed.rows - 1, 1, logits);
        }
    }
    return {};
}

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
    BITLATHE_TRY(Sampler sampler, Sampler::create(options));

    const auto capacity = static_cast<std::int64_t>(prompt.size()) + options.maxNewTokens;
    const auto kv = options.kvStore ? options.kvStore(model.spec(), capacity) : makeKvStore(model.spec(), capacity);
    std::vector<float> logits(static_cast<std::size_t>(model.spec().vocabulary));
    std::vector<TokenId> history(prompt.begin(), prompt.end());
    history.reserve(prompt.size() + static_cast<std::size_t>(options.maxNewTokens));
    Completion completion;
    const auto start = Clock::now();
    BITLATHE_CHECK(feed(model, prompt, *kv, logits, work));
    completion.secondsPrefill = secondsSince(start);

    const auto startDecode = Clock::now();
    for (std::int64_t i = 0; i < options.maxNewTokens; ++i) {
        const TokenId id = sampler.next(logits, history);
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

} // namespace bitlathe::model
