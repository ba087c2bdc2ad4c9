// SPDX-License-Identifier: Apache-2.0
// Perplexity, with the protocol that produced it.
#include "core/evaluate/perplexity.h"

#include "core/base/machine.h"
#include "core/evaluate/statistics.h"
#include "core/evaluate/windowscores.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

namespace bitlathe::evaluate
{

Text Protocol::sentence() const
{
    return Text(
        BITLATHE_TEXT("Perplexity over windows of %1 tokens without overlap, %2 of them from %3; the first token of "
                      "each is not scored; exp(mean of window means); arithmetic %4."),
        length, windows, data.empty() ? std::string("-") : data, compute.empty() ? std::string("-") : compute);
}

std::vector<std::vector<model::TokenId>> windowsOf(const std::vector<model::TokenId>& stream,
                                                   const PerplexityOptions& options)
{
    const auto length = static_cast<std::size_t>(std::max<std::int64_t>(options.length, 1));
    std::vector<std::vector<model::TokenId>> windows;
    if (!stream.empty() && stream.size() < length) {
        windows.push_back(stream);
        return windows;
    }
    std::size_t count = stream.size() / length;
    if (options.maxWindows > 0) {
        count = std::min(count, static_cast<std::size_t>(options.maxWindows));
    }
    for (std::size_t i = 0; i < count; ++i) {
        const auto first = stream.begin() + static_cast<std::ptrdiff_t>(i * length);
        windows.emplace_back(first, first + static_cast<std::ptrdiff_t>(length));
    }
    return windows;
}

Result<std::vector<std::vector<model::TokenId>>> scorableWindows(const std::vector<model::TokenId>& stream,
                                                                 const PerplexityOptions& options)
{
    if (options.length < 2) {
        return fail(ErrorCode::SettingInvalid, "length", Text(BITLATHE_TEXT("windows of at least 2 tokens")),
                    Text("%1", options.length));
    }
    if (stream.size() < 2) {
        return fail(ErrorCode::TextInvalid, "evaluation text", Text(BITLATHE_TEXT("at least 2 tokens")),
                    Text("%1", stream.size()), Text(BITLATHE_TEXT("Choose a longer text")));
    }
    return windowsOf(stream, options);
}

void addWindow(PerplexityResult& result, const WindowScores& scores)
{
    const double sum = sumInOrder(scores.nll);
    result.nllSum += sum;
    result.tokensScored += static_cast<std::int64_t>(scores.nll.size());
    result.windowMeans.push_back(sum / static_cast<double>(scores.nll.size()));
    result.seconds += scores.seconds;
}

void summarize(PerplexityResult& result)
{
    const Spread spread = spreadOf(result.windowMeans);
    result.perplexity = std::exp(spread.mean);
    result.standardError = result.perplexity * spread.standardError;
    result.protocol.windows = static_cast<std::int64_t>(result.windowMeans.size());
    // Every token of a window goes through the model, scored or not.
    const auto tokens = static_cast<double>(result.tokensScored) + static_cast<double>(result.windowMeans.size());
    result.tokensPerSecond = result.seconds > 0 ? tokens / result.seconds : 0;
}

Result<PerplexityResult> perplexity(const model::Model& model, const std::vector<model::TokenId>& stream,
                                    const PerplexityOptions& options, const WorkContext& work)
{
    BITLATHE_TRY(const auto windows, scorableWindows(stream, options));
    PerplexityResult result;
    result.protocol.length = static_cast<std::int64_t>(windows.front().size());
    result.protocol.compute = model::computeName(model.compute());
    result.kv = options.kv.scheme;
    const model::Model* const models[] = {&model};
    const model::KvStoreMaker makers[] = {options.kv.maker()};
    const double share = 1.0 / static_cast<double>(windows.size());
    for (std::size_t i = 0; i < windows.size(); ++i) {
        const auto part = work.child(static_cast<double>(i) * share, static_cast<double>(i + 1) * share);
        BITLATHE_TRY(const auto scores, scoreWindow(models, windows[i], part, makers));
        addWindow(result, scores.front());
        work.progress.set(static_cast<double>(i + 1) * share);
    }
    summarize(result);
    result.bytesPeakRss = peakResidentBytes();
    return result;
}

Result<model::Activations> logits(const model::Model& model, const std::vector<model::TokenId>& ids,
                                  const WorkContext& work)
{
    BITLATHE_TRY(const model::Activations normed, model.forward(ids, nullptr, work));
    model::Activations result(normed.rows, model.spec().vocabulary);
    const std::int64_t chunk = logitRowsPerChunk(result.cols);
    for (std::int64_t first = 0; first < result.rows; first += chunk) {
        if (work.stopRequested()) {
            return cancelled();
        }
        const std::int64_t count = std::min(chunk, result.rows - first);
        const auto out =
            std::span(result.values)
                .subspan(static_cast<std::size_t>(first * result.cols), static_cast<std::size_t>(count * result.cols));
        model.logits(normed, first, count, out);
    }
    return result;
}

} // namespace bitlathe::evaluate
