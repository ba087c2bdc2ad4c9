// SPDX-License-Identifier: Apache-2.0
// Scores of one window, from logits that exist a few rows at a time.
#include "core/evaluate/windowscores.h"

#include "kernels/backend.h"
#include "kernels/threads.h"

#include <algorithm>
#include <array>
#include <chrono>
#include <cmath>
#include <limits>

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

/// The place of the largest of values; the first of equal ones, 0 where they are no numbers.
std::int64_t placeOfLargest(std::span<const float> values)
{
    // Lane by lane, which a compiler turns into vector instructions, unlike a search for the place.
    constexpr std::size_t kLanes = 32;
    std::array<float, kLanes> lanes;
    lanes.fill(-std::numeric_limits<float>::infinity());
    std::size_t at = 0;
    for (; at + kLanes <= values.size(); at += kLanes) {
        for (std::size_t lane = 0; lane < kLanes; ++lane) {
            lanes[lane] = values[at + lane] > lanes[lane] ? values[at + lane] : lanes[lane];
        }
    }
    float largest = *std::ranges::max_element(lanes);
    for (; at < values.size(); ++at) {
        largest = std::max(largest, values[at]);
    }
    const auto found = std::ranges::find(values, largest);
    return found == values.end() ? 0 : found - values.begin();
}

void appendTopTokens(std::span<const float> logits, std::int64_t cols, std::vector<model::TokenId>& top)
{
    const std::int64_t rows = static_cast<std::int64_t>(logits.size()) / cols;
    const std::size_t before = top.size();
    top.resize(before + static_cast<std::size_t>(rows));
    kernels::parallelFor(rows, 8, [&](std::int64_t begin, std::int64_t end) {
        for (std::int64_t row = begin; row < end; ++row) {
            const auto values = logits.subspan(static_cast<std::size_t>(row * cols), static_cast<std::size_t>(cols));
            top[before + static_cast<std::size_t>(row)] = static_cast<model::TokenId>(placeOfLargest(values));
        }
    });
}

void append(std::vector<double>& to, const std::vector<double>& values)
{
    to.insert(to.end(), values.begin(), values.end());
}

/// Scores rows [first, first + count) of all models. logits: room for each.
void scoreRows(std::span<const WindowStates> states, std::span<const model::TokenId> window, std::int64_t first,
               std::int64_t count, std::vector<std::vector<float>>& logits, std::vector<WindowScores>& scores)
{
    const kernels::Backend& backend = kernels::cpuBackend();
    const std::int64_t cols = states.front().model->spec().vocabulary;
    const auto targets = window.subspan(static_cast<std::size_t>(first + 1), static_cast<std::size_t>(count));
    std::vector<double> values(static_cast<std::size_t>(count));
    for (std::size_t i = 0; i < states.size(); ++i) {
        const auto start = Clock::now();
        logits[i].resize(static_cast<std::size_t>(count * cols));
        states[i].model->logits(states[i].normed, first, count, logits[i]);
        kernels::negativeLogLikelihood(backend, logits[i], cols, targets, values);
        scores[i].seconds += secondsSince(start);
        append(scores[i].nll, values);
        appendTopTokens(logits[i], cols, scores[i].top);
        if (i > 0) {
            backend.klDivergence(logits.front(), logits[i], cols, values);
            // Rounding can put a token's a hair below zero.
            std::ranges::transform(values, values.begin(), [](double kl) { return std::max(kl, 0.0); });
            append(scores[i].kl, values);
        }
    }
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
    std::vector<std::vector<float>> logits(states.size());
    std::vector<WindowScores> scores(states.size());
    for (std::size_t i = 0; i < states.size(); ++i) {
        scores[i].seconds = states[i].seconds;
    }
    // A row's logits are of the token behind it.
    const auto end = static_cast<std::int64_t>(window.ids.size()) - 1;
    const std::int64_t chunk = logitRowsPerChunk(states.front().model->spec().vocabulary);
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
