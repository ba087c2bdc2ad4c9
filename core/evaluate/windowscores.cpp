// SPDX-License-Identifier: Apache-2.0
// Scores of one window, from logits that exist a few rows at a time.
#include "core/evaluate/windowscores.h"

#include "core/evaluate/logitscores.h"

#include <algorithm>
#include <chrono>
#include <cmath>

namespace bitlathe::evaluate
{

namespace
{

using Clock = std::chrono::steady_clock;
constexpr std::int64_t kBytesLogitsMax = 32 << 20;

double secondsSince(Clock::time_point start)
{
    return std::chrono::duration<double>(Clock::now() - start).count();
}

template <class T>
void append(std::vector<T>& to, const std::vector<T>& values)
{
    to.insert(to.end(), values.begin(), values.end());
}

/// Scores rows [first, first + count) of all models, which compute with one backend. logits: room for each.
void scoreRows(std::span<const WindowStates> states, std::span<const model::TokenId> window, std::int64_t first,
               std::int64_t count, std::vector<model::Values>& logits, std::vector<WindowScores>& scores)
{
    const kernels::Backend& backend = states.front().model->backend();
    const std::int64_t cols = states.front().model->spec().vocabulary;
    const auto targets = window.subspan(static_cast<std::size_t>(first + 1), static_cast<std::size_t>(count));
    for (std::size_t i = 0; i < states.size(); ++i) {
        const auto start = Clock::now();
        logits[i].resize(static_cast<std::size_t>(count * cols));
        const std::span<float> made = logits[i].span();
        states[i].model->logits(states[i].normed, first, count, made);
        const auto nll = negativeLogLikelihoods(backend, made, cols, targets);
        scores[i].seconds += secondsSince(start);
        append(scores[i].nll, nll);
        append(scores[i].top, mostLikely(backend, made, cols));
        if (i > 0) {
            append(scores[i].kl, divergences(backend, logits.front().span(), made, cols));
        }
    }
}

/// Rows of logits for which there is room beside what else lies in the memory of a model.
std::int64_t logitRowsAtOnce(const model::Model& model, std::size_t models)
{
    const std::int64_t vocabulary = model.spec().vocabulary;
    const kernels::MemoryUse use = model.memory().use();
    if (use.bytesBudget == 0) {
        return logitRowsPerChunk(vocabulary);
    }
    constexpr std::uint64_t kRowsMost = 2048;
    const std::uint64_t bytesRow = static_cast<std::uint64_t>(vocabulary) * sizeof(float) * models;
    const std::uint64_t rows = (use.bytesBudget - std::min(use.bytesBudget, use.bytesUsed)) / 4 / bytesRow;
    return static_cast<std::int64_t>(std::clamp<std::uint64_t>(rows, 1, kRowsMost));
}

/// Tells the system that the file's pages of a block, which is in memory, are not needed for now.
void releaseBlock(const model::Model& model, std::int64_t block)
{
    for (const LayerId id : model.spec().blocks[static_cast<std::size_t>(block)].linears) {
        model.source().release(model.spec().linear(id));
    }
}

} // namespace

bool WindowScores::isFinite() const
{
    return std::isfinite(sumInOrder(nll)) && std::isfinite(sumInOrder(kl));
}

Failure notFinite(const std::string& subject)
{
    return fail(ErrorCode::WeightsNotFinite, subject, Text(BITLATHE_TEXT("finite numbers")),
                Text(BITLATHE_TEXT("NaN or infinity")),
                Text(BITLATHE_TEXT("Verify the model: one of its tensors is damaged")));
}

std::int64_t logitRowsPerChunk(std::int64_t vocabulary)
{
    constexpr auto kBytesLogit = static_cast<std::int64_t>(sizeof(float));
    return std::clamp<std::int64_t>(kBytesLogitsMax / kBytesLogit / std::max<std::int64_t>(vocabulary, 1), 16, 1024);
}

double sumInOrder(std::span<const double> values)
{
    double sum = 0;
    for (const double value : values) {
        sum += value;
    }
    return sum;
}

TokenBytes tokenBytes(const model::ModelSpec& spec, bool keepsKeysAndValues)
{
    const auto cached = static_cast<std::uint64_t>(2 * spec.blockCount() * spec.kvHeads * spec.headDim);
    return {static_cast<std::uint64_t>(spec.hidden) * sizeof(float), keepsKeysAndValues ? cached * sizeof(float) : 0};
}

std::size_t windowsThatFit(std::span<const ScoredWindow> windows, std::uint64_t bytesToken, std::uint64_t bytes)
{
    const std::uint64_t bytesWindow = windows.front().ids.size() * bytesToken;
    const std::uint64_t most = bytes / std::max<std::uint64_t>(1, bytesWindow);
    return static_cast<std::size_t>(std::clamp<std::uint64_t>(most, 1, windows.size()));
}

Result<std::vector<WindowStates>> forwardWindows(const model::Model& model, std::span<const ScoredWindow> windows,
                                                 const model::KvStoreMaker& kv, const WorkContext& work)
{
    std::vector<WindowStates> all(windows.size());
    std::vector<std::unique_ptr<model::KvStore>> stores(windows.size());
    for (std::size_t i = 0; i < windows.size(); ++i) {
        const auto start = Clock::now();
        BITLATHE_TRY(all[i].normed, model.embed(windows[i].ids));
        all[i].model = &model;
        stores[i] = kv ? kv(model.spec(), all[i].normed.rows) : nullptr;
        all[i].seconds = secondsSince(start);
    }
    const std::int64_t blocks = model.spec().blockCount();
    const double steps = static_cast<double>(blocks) * static_cast<double>(windows.size());
    double done = 0;
    for (std::int64_t index = 0; index < blocks; ++index) {
        const auto start = Clock::now();
        BITLATHE_TRY(const auto block, model.block(index));
        if (block.use_count() == 1) {
            releaseBlock(model, index); // Streamed: nobody else has it.
        }
        const double loading = secondsSince(start) / static_cast<double>(windows.size());
        for (std::size_t i = 0; i < windows.size(); ++i) {
            if (work.stopRequested()) {
                return cancelled();
            }
            const auto begin = Clock::now();
            block->forward(all[i].normed, stores[i].get(), nullptr);
            all[i].seconds += loading + secondsSince(begin);
            work.progress.set(++done / steps);
        }
    }
    for (WindowStates& states : all) {
        const auto start = Clock::now();
        model.finalNorm(states.normed);
        states.seconds += secondsSince(start);
    }
    return all;
}

Result<std::vector<WindowScores>> scoreStates(std::span<const WindowStates> states, const ScoredWindow& window,
                                              const WorkContext& work)
{
    std::vector<model::Values> logits(states.size(), model::Values(states.front().model->memory()));
    std::vector<WindowScores> scores(states.size());
    for (std::size_t i = 0; i < states.size(); ++i) {
        scores[i].seconds = states[i].seconds;
    }
    // A row's logits are of the token behind it.
    const auto end = static_cast<std::int64_t>(window.ids.size()) - 1;
    const std::int64_t chunk = logitRowsAtOnce(*states.front().model, states.size());
    for (std::int64_t first = window.firstScored - 1; first < end; first += chunk) {
        if (work.stopRequested()) {
            return cancelled();
        }
        scoreRows(states, window.ids, first, std::min(chunk, end - first), logits, scores);
    }
    return scores;
}

Result<std::vector<WindowScores>> scoreWindow(std::span<const model::Model* const> models, const ScoredWindow& window,
                                              const WorkContext& work, std::span<const model::KvStoreMaker> kv)
{
    std::vector<WindowStates> states;
    const double share = 1.0 / static_cast<double>(models.size());
    for (std::size_t i = 0; i < models.size(); ++i) {
        const double from = static_cast<double>(i) * share;
        BITLATHE_TRY(auto one, forwardWindows(*models[i], {&window, 1}, i < kv.size() ? kv[i] : nullptr,
                                              work.child(from, from + share)));
        states.push_back(std::move(one.front()));
    }
    BITLATHE_TRY(auto scores, scoreStates(states, window, work));
    if (!std::ranges::all_of(scores, &WindowScores::isFinite)) {
        return notFinite("logits");
    }
    return scores;
}

} // namespace bitlathe::evaluate
