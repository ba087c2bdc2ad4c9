// SPDX-License-Identifier: Apache-2.0
// Rates: small pieces of the work that a run does, timed.
#include "core/plan/rates.h"

#include "core/calibrate/observer.h"
#include "kernels/threads.h"

#include <fmt/format.h>

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <map>
#include <mutex>
#include <random>

namespace bitlathe::plan
{

namespace
{

/// Seconds of one call, over as many as fill the time given; one before that starts threads and fills caches.
template <typename Work>
double secondsOfOne(double seconds, const Work& work)
{
    using Clock = std::chrono::steady_clock;
    const auto since = [](Clock::time_point start) {
        return std::chrono::duration<double>(Clock::now() - start).count();
    };
    const auto warm = Clock::now();
    work();
    if (const double one = since(warm); one > seconds) {
        return one;
    }
    int calls = 0;
    const auto start = Clock::now();
    double passed = 0;
    while (passed < seconds) {
        work();
        ++calls;
        passed = since(start);
    }
    return passed / calls;
}

/// What was measured so far.
struct KnownRates
{
    std::map<model::Compute, double> macs;
    std::map<std::string, std::optional<BlockRate>> blocks;
    std::map<std::string, MethodRate> methods;
    std::map<std::filesystem::path, WriteRate> folders;
};

std::mutex ratesGuard;
std::map<int, KnownRates> knownRates; ///< By the number of threads.

/// Under ratesGuard: those of as many threads as there are now.
KnownRates& ratesOfThreads()
{
    return knownRates[kernels::threadCount()];
}

std::optional<BlockRate> measuredBlock(const format::OpenedModel& opened, model::Compute compute, std::int64_t length)
{
    constexpr double kSeconds = 0.15;
    constexpr double kMacsMost = 2e10;
    constexpr double kWeightsMost = 1 << 28;
    constexpr std::int64_t kTokensLeast = 32;
    constexpr std::int64_t kTokensMost = 2048;
    length = std::clamp<std::int64_t>(length, 1, kTokensMost);
    const model::ModelSpec& spec = opened.spec;
    double weights = 0;
    for (const LayerId id : spec.blocks.front().linears) {
        weights += static_cast<double>(spec.linear(id).outFeatures * spec.linear(id).inFeatures);
    }
    if (weights > kWeightsMost) {
        return std::nullopt;
    }
    const auto model = format::runnable(opened, {compute, model::Residency::Streamed});
    const auto block = model ? (*model)->block(0) : Failure(model.error());
    if (!block) {
        return std::nullopt;
    }
    BlockRate rate;
    rate.tokens = std::clamp(static_cast<std::int64_t>(kMacsMost / weights), std::min(kTokensLeast, length), length);
    model::Activations start(rate.tokens, spec.hidden);
    std::mt19937 random(1); // NOLINT: the same inputs each time.
    std::normal_distribution<float> normal;
    std::ranges::generate(start.values, [&] { return normal(random); });
    const auto secondsPerToken = [&](model::BlockObserver* observer) {
        model::Activations hidden;
        return secondsOfOne(kSeconds,
                            [&] {
                                hidden = start;
                                (*block)->forward(hidden, nullptr, observer);
                            }) /
               static_cast<double>(rate.tokens);
    };
    calibrate::StatsObserver observer(spec, 0, true, compute);
    rate.forward = secondsPerToken(nullptr);
    rate.observed = secondsPerToken(&observer);
    return rate;
}

/// A square layer of random weights, with the Hessian of inputs that are alike.
double secondsOfLayer(const quant::Quantizer& method, const quant::Scheme& scheme, const quant::MethodOptions& options,
                      bool withHessian, std::int64_t size)
{
    constexpr double kSeconds = 0.15;
    constexpr float kSpread = 0.02F;
    model::LinearSpec linear;
    linear.name = "layer";
    linear.outFeatures = linear.inFeatures = size;
    std::mt19937 random(1); // NOLINT: the same weights each time.
    std::normal_distribution<float> normal(0, kSpread);
    std::vector<float> weights(static_cast<std::size_t>(size * size));
    std::ranges::generate(weights, [&] { return normal(random); });
    calibrate::InputStats stats;
    stats.features = size;
    stats.tokens = 2 * size;
    for (auto* values : {&stats.min, &stats.max, &stats.mean, &stats.absMax, &stats.absMean}) {
        values->assign(static_cast<std::size_t>(size), 1);
    }
    if (withHessian) {
        stats.hessian.assign(static_cast<std::size_t>(size * size), 1);
        for (std::int64_t i = 0; i < size; ++i) {
            stats.hessian[static_cast<std::size_t>(i * size + i)] = static_cast<float>(2 * size);
        }
    }
    const quant::LayerInput input{.linear = linear,
                                  .weights = weights,
                                  .stats = withHessian ? &stats : nullptr,
                                  .scheme = scheme,
                                  .options = options};
    return secondsOfOne(kSeconds, [&] { (void)method.quantize(input, {}); });
}

} // namespace

double macsPerSecond(model::Compute compute, Timing timing)
{
    const std::lock_guard lock(ratesGuard);
    if (const auto it = ratesOfThreads().macs.find(compute); it != ratesOfThreads().macs.end()) {
        return it->second;
    }
    if (timing == Timing::Usual) {
        constexpr double kUsual = 5e10;
        return kUsual;
    }
    constexpr double kSeconds = 0.2;
    constexpr std::int64_t kSize = 1024;
    constexpr std::int64_t kRows = 512;
    const std::vector<float> weights(kSize * kSize, 0.5F);
    const checkpoint::TensorView view{"", checkpoint::DType::F32, {kSize, kSize}, std::as_bytes(std::span(weights))};
    const auto linear = model::makeDenseLinear(view, {}, compute);
    model::Activations x(kRows, kSize);
    std::vector<float> y(kRows * kSize);
    const double seconds = secondsOfOne(kSeconds, [&] { linear->forward(x, y); });
    return ratesOfThreads().macs[compute] = static_cast<double>(kRows * kSize * kSize) / seconds;
}

std::optional<BlockRate> blockRate(const format::OpenedModel& opened, model::Compute compute, std::int64_t length,
                                   Timing timing)
{
    const std::string key = fmt::format("{} {} {}", opened.folder().string(), static_cast<int>(compute), length);
    const std::lock_guard lock(ratesGuard);
    if (const auto it = ratesOfThreads().blocks.find(key); it != ratesOfThreads().blocks.end()) {
        return it->second;
    }
    if (timing == Timing::Usual) {
        return std::nullopt;
    }
    return ratesOfThreads().blocks[key] = measuredBlock(opened, compute, length);
}

MethodRate methodRate(const quant::Quantizer& method, const quant::Scheme& scheme, const quant::MethodOptions& options,
                      bool withHessian, Timing timing)
{
    constexpr std::int64_t kSmall = 256;
    constexpr std::int64_t kLarge = 1024;
    const std::string key =
        fmt::format("{} {} {} {} {} {}", method.name(), scheme.label(), static_cast<int>(scheme.clipping),
                    static_cast<int>(options.gptq.effort), static_cast<int>(options.awq.effort), withHessian);
    const std::lock_guard lock(ratesGuard);
    if (const auto it = ratesOfThreads().methods.find(key); it != ratesOfThreads().methods.end()) {
        return it->second;
    }
    if (timing == Timing::Usual) {
        return withHessian ? MethodRate{10e-9, 10e-12} : MethodRate{6e-9, 0};
    }
    const auto perWeight = [&](std::int64_t size) {
        return secondsOfLayer(method, scheme, options, withHessian, size) / static_cast<double>(size * size);
    };
    const double small = perWeight(kSmall);
    const double large = perWeight(kLarge);
    MethodRate rate;
    rate.perWeightInput = withHessian ? std::max(0.0, (large - small) / static_cast<double>(kLarge - kSmall)) : 0.0;
    rate.perWeight = withHessian ? std::max(0.0, small - rate.perWeightInput * static_cast<double>(kSmall)) : large;
    return ratesOfThreads().methods[key] = rate;
}

WriteRate writeRate(const std::filesystem::path& folder, Timing timing)
{
    constexpr std::size_t kBytes = 16 << 20;
    constexpr double kSecondsOfSyncs = 0.05;
    std::filesystem::path place = folder;
    std::error_code ignored;
    while (place.has_relative_path() && !std::filesystem::is_directory(place, ignored)) {
        place = place.parent_path();
    }
    const std::lock_guard lock(ratesGuard);
    if (const auto it = ratesOfThreads().folders.find(place); it != ratesOfThreads().folders.end()) {
        return it->second;
    }
    if (timing == Timing::Usual) {
        return {};
    }
    std::string name = (place / ".bitlathe-rate.XXXXXX").string();
    const int file = place.empty() ? -1 : ::mkostemp(name.data(), O_CLOEXEC);
    if (file < 0) {
        return {};
    }
    ::unlink(name.c_str());
    const std::vector<char> bytes(kBytes, 'x');
    bool ok = true;
    const auto write = [&](std::size_t count) {
        ok = ok && ::write(file, bytes.data(), count) == static_cast<ssize_t>(count) && ::fsync(file) == 0;
    };
    WriteRate rate;
    rate.secondsPerSync = secondsOfOne(kSecondsOfSyncs, [&] { write(1); });
    const auto start = std::chrono::steady_clock::now();
    write(kBytes);
    const double seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
    rate.bytesPerSecond = static_cast<double>(kBytes) / std::max(seconds, 1e-4);
    ::close(file);
    return ratesOfThreads().folders[place] = ok ? rate : WriteRate();
}

void forgetRates()
{
    const std::lock_guard lock(ratesGuard);
    knownRates = {};
}

} // namespace bitlathe::plan
