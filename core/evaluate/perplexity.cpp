// SPDX-License-Identifier: Apache-2.0
// Perplexity, with the protocol that produced it.
#include "core/evaluate/perplexity.h"

#include "core/base/machine.h"
#include "core/evaluate/statistics.h"
#include "core/evaluate/windowscores.h"

#include <algorithm>
#include <cmath>

namespace bitlathe::evaluate
{

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

void addWindow(PerplexityResult& result, const ScoredWindow& window, const WindowScores& scores)
{
    const double sum = sumInOrder(scores.nll);
    result.nllSum += sum;
    for (const double nll : scores.nll) {
        result.nllSquareSum += nll * nll;
    }
    result.tokensScored += static_cast<std::int64_t>(scores.nll.size());
    result.tokensRead += static_cast<std::int64_t>(window.ids.size());
    result.windowMeans.push_back(sum / static_cast<double>(scores.nll.size()));
    result.windowWeights.push_back(window.weight);
    result.seconds += scores.seconds;
}

void summarize(PerplexityResult& result)
{
    Spread spread = spreadOf(result.windowMeans, result.windowWeights);
    if (result.protocol.kind == ProtocolKind::LlamaCpp && result.tokensScored > 1) {
        const auto count = static_cast<double>(result.tokensScored);
        const double variance = result.nllSquareSum / count - spread.mean * spread.mean;
        spread.standardError = std::sqrt(std::max(variance, 0.0) / (count - 1));
    }
    result.perplexity = std::exp(spread.mean);
    result.standardError = result.perplexity * spread.standardError;
    result.protocol.windows = static_cast<std::int64_t>(result.windowMeans.size());
    result.tokensPerSecond = result.seconds > 0 ? static_cast<double>(result.tokensRead) / result.seconds : 0;
}

void describe(Protocol& protocol, const PerplexityOptions& options, const std::vector<ScoredWindow>& windows)
{
    protocol.kind = options.protocol;
    protocol.length = static_cast<std::int64_t>(windows.front().ids.size());
    protocol.stride = options.protocol == ProtocolKind::Strided ? options.stride : 0;
    protocol.windows = static_cast<std::int64_t>(windows.size());
}

namespace
{

/// Windows that pass a block together. Of a device's memory they take no more than a quarter of what is free.
std::size_t windowsTogether(const model::Model& model, std::span<const ScoredWindow> windows,
                            const PerplexityOptions& options)
{
    if (model.residency() == model::Residency::Resident) {
        return 1;
    }
    const TokenBytes bytes = tokenBytes(model.spec(), options.kv.scheme.isQuantized());
    const kernels::MemoryUse use = model.memory().use();
    const std::uint64_t bytesFree = use.bytesBudget - std::min(use.bytesBudget, use.bytesUsed);
    const std::uint64_t bytesStates =
        use.bytesBudget > 0 ? std::min(options.bytesStates, bytesFree / 4) : options.bytesStates;
    return windowsThatFit(windows, bytes.states + bytes.cached, bytesStates);
}

/// Scores of a batch of windows.
Result<std::vector<WindowScores>> scoresOf(const model::Model& model, std::span<const ScoredWindow> batch,
                                           const PerplexityOptions& options, const WorkContext& part)
{
    return model::withDeviceErrors([&]() -> Result<std::vector<WindowScores>> {
        BITLATHE_TRY(const auto states, forwardWindows(model, batch, options.kv.maker(), part));
        std::vector<WindowScores> all;
        for (std::size_t i = 0; i < batch.size(); ++i) {
            BITLATHE_TRY(auto scores, scoreStates({&states[i], 1}, batch[i], part.child(1, 1)));
            if (!scores.front().isFinite()) {
                return notFinite("logits");
            }
            all.push_back(std::move(scores.front()));
        }
        return all;
    });
}

} // namespace

Result<PerplexityResult> perplexity(const model::Model& model, const std::vector<model::TokenId>& stream,
                                    const PerplexityOptions& options, const WorkContext& work)
{
    BITLATHE_TRY(const auto windows, protocolWindows(stream, options));
    PerplexityResult result;
    describe(result.protocol, options, windows);
    result.protocol.compute = model::computeName(model.compute());
    result.kv = options.kv.scheme;
    std::size_t together = windowsTogether(model, windows, options);
    const double share = 1.0 / static_cast<double>(windows.size());
    for (std::size_t first = 0; first < windows.size();) {
        const auto batch = std::span(windows).subspan(first, std::min(together, windows.size() - first));
        const double from = static_cast<double>(first) * share;
        const auto part = work.child(from, from + static_cast<double>(batch.size()) * share);
        const auto scores = scoresOf(model, batch, options, part);
        if (!scores && scores.error().code == ErrorCode::DeviceMemoryShort && batch.size() > 1) {
            together = batch.size() / 2;
            result.findings.push_back(
                {Severity::Note,
                 "device-batch-smaller",
                 model.spec().modelType,
                 Text(BITLATHE_TEXT("passes the blocks with %1 windows at a time, as the memory of the GPU does not "
                                    "hold %2 (%3)"),
                      together, batch.size(), scores.error().found.english()),
                 {}});
            continue;
        }
        BITLATHE_CHECK(scores);
        for (std::size_t i = 0; i < batch.size(); ++i) {
            addWindow(result, batch[i], (*scores)[i]);
        }
        first += batch.size();
        part.progress.set(1);
    }
    summarize(result);
    result.bytesPeakRss = peakResidentBytes();
    result.bytesPeakVram = model.memory().use().bytesPeak;
    return result;
}

namespace
{

Result<model::Activations> logitsOf(const model::Model& model, const std::vector<model::TokenId>& ids,
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
        model.logitsOnProcessor(normed, first, count, out);
    }
    return result;
}

} // namespace

Result<model::Activations> logits(const model::Model& model, const std::vector<model::TokenId>& ids,
                                  const WorkContext& work)
{
    return model::withDeviceErrors([&] { return logitsOf(model, ids, work); });
}

} // namespace bitlathe::evaluate
