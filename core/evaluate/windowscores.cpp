// SPDX-License-Identifier: Apache-2.0
// Scores of one window, from logits that exist a few rows at a time.
#include "core/evaluate/windowscores.h"

#include "kernels/backend.h"
#include "kernels/threads.h"

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

/// The place of the largest value of each row; the first of equal ones.
void appendTopTokens(std::span<const float> logits, std::int64_t cols, std::vector<model::TokenId>& top)
{
    const std::int64_t rows = static_cast<std::int64_t>(logits.size()) / cols;
    const std::size_t before = top.size();
    top.resize(before + static_cast<std::size_t>(rows));
    kernels::parallelFor(rows, 8, [&](std::int64_t begin, std::int64_t end) {
        for (std::int64_t row = begin; row < end; ++row) {
            const auto first = logits.begin() + row * cols;
            top[before + static_cast<std::size_t>(row)] =
                static_cast<model::TokenId>(std::max_element(first, first + cols) - first);
        }
    });
}

/// What a model keeps of a window while its rows are scored.
struct Pass
{
    const model::Model* model = nullptr;
    model::Activations normed;
    std::vector<float> logits;
};

void append(std::vector<double>& to, const std::vector<double>& values)
{
    to.insert(to.end(), values.begin(), values.end());
}

/// Scores rows [first, first + count) of all passes.
void scoreRows(std::vector<Pass>& passes, std::span<const model::TokenId> window, std::int64_t first,
               std::int64_t count, std::vector<WindowScores>& scores)
{
    const kernels::Backend& backend = kernels::cpuBackend();
    const std::int64_t cols = passes.front().model->spec().vocabulary;
    const auto targets = window.subspan(static_cast<std::size_t>(first + 1), static_cast<std::size_t>(count));
    std::vector<double> values(static_cast<std::size_t>(count));
    for (std::size_t i = 0; i < passes.size(); ++i) {
        Pass& pass = passes[i];
        const auto start = Clock::now();
        pass.logits.resize(static_cast<std::size_t>(count * cols));
        pass.model->logits(pass.normed, first, count, pass.logits);
        kernels::negativeLogLikelihood(backend, pass.logits, cols, targets, values);
        scores[i].seconds += secondsSince(start);
        append(scores[i].nll, values);
        if (passes.size() == 1) {
            continue;
        }
        appendTopTokens(pass.logits, cols, scores[i].top);
        if (i > 0) {
            backend.klDivergence(passes.front().logits, pass.logits, cols, values);
            // Rounding can put a token's a hair below zero.
            std::ranges::transform(values, values.begin(), [](double kl) { return std::max(kl, 0.0); });
            append(scores[i].kl, values);
        }
    }
}

/// A model whose logits are not numbers has no perplexity; a NaN that is only handed on would end up in a table.
Result<void> checkScores(const WindowScores& scores)
{
    if (!std::isfinite(sumInOrder(scores.nll))) {
        return fail(ErrorCode::WeightsNotFinite, "logits", Text(BITLATHE_TEXT("finite numbers")),
                    Text(BITLATHE_TEXT("NaN or infinity")),
                    Text(BITLATHE_TEXT("Verify the model: one of its tensors is damaged")));
    }
    return {};
}

} // namespace

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

Result<std::vector<WindowScores>> scoreWindow(std::span<const model::Model* const> models, const ScoredWindow& window,
                                              const WorkContext& work, std::span<const model::KvStoreMaker> kv)
{
    std::vector<Pass> passes(models.size());
    std::vector<WindowScores> scores(models.size());
    for (std::size_t i = 0; i < models.size(); ++i) {
        const auto start = Clock::now();
        const double share = 1.0 / static_cast<double>(models.size());
        const auto part = work.child(static_cast<double>(i) * share, static_cast<double>(i + 1) * share);
        passes[i].model = models[i];
        const bool keeps = i < kv.size() && kv[i];
        const auto store = keeps ? kv[i](models[i]->spec(), static_cast<std::int64_t>(window.ids.size())) : nullptr;
        BITLATHE_TRY(passes[i].normed, models[i]->forward(window.ids, store.get(), part));
        scores[i].seconds = secondsSince(start);
    }
    // A row's logits are of the token behind it.
    const auto end = static_cast<std::int64_t>(window.ids.size()) - 1;
    const std::int64_t chunk = logitRowsPerChunk(models.front()->spec().vocabulary);
    for (std::int64_t first = window.firstScored - 1; first < end; first += chunk) {
        if (work.stopRequested()) {
            return cancelled();
        }
        scoreRows(passes, window.ids, first, std::min(chunk, end - first), scores);
    }
    for (const WindowScores& each : scores) {
        BITLATHE_CHECK(checkScores(each));
    }
    return scores;
}

} // namespace bitlathe::evaluate
