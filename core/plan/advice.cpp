// SPDX-License-Identifier: Apache-2.0
// Advice: every scheme that a program of the table loads, with every KV cache that it offers, weighed against the
// device.
#include "core/plan/advice.h"

#include "core/format/kvgrids.h"
#include "core/plan/advicetext.h"
#include "core/plan/plan.h"
#include "core/quant/quantizer.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>

namespace bitlathe::plan
{

namespace
{

constexpr std::size_t kOptionsMost = 5;
constexpr double kUseless = 0.5; ///< An excess above it is offered only where nothing else fits.

/// A device as the programs of one kind see it.
struct Place
{
    bool onGpu = false;
    std::uint64_t bytes = 0;
    double capability = 0; ///< 0: as any program needs.

    bool has(double gpu, bool cpu) const { return onGpu ? gpu > 0 && (capability == 0 || capability >= gpu) : cpu; }
};

/// An option with what it is ranked by.
struct Way
{
    AdviceOption option;
    const format::Runtime* runtime = nullptr;
    double score = 0;
};

Result<void> checkRequest(const AdviceRequest& request, const model::ModelSpec& spec)
{
    if (request.bytesVram == 0 && request.bytesRam == 0) {
        return fail(ErrorCode::SettingInvalid, "device", Text(BITLATHE_TEXT("memory of a GPU or of a processor")),
                    Text(BITLATHE_TEXT("neither")));
    }
    if (request.bytesVram == 0 && request.gpuCapability > 0) {
        return fail(ErrorCode::SettingInvalid, "device",
                    Text(BITLATHE_TEXT("no compute capability where there is no GPU")),
                    Text("%1", request.gpuCapability));
    }
    if (request.context < 1 || request.batch < 1) {
        return fail(ErrorCode::SettingInvalid, request.context < 1 ? "context" : "batch",
                    Text(BITLATHE_TEXT("a whole number above 0")),
                    Text("%1", request.context < 1 ? request.context : request.batch));
    }
    if (const auto limit = spec.positionLimit(); limit && request.context > *limit) {
        return fail(ErrorCode::SettingInvalid, "context",
                    Text(BITLATHE_TEXT("at most %1 tokens, all that this model knows"), *limit),
                    Text("%1", request.context), Text(BITLATHE_TEXT("Choose a shorter context")));
    }
    return {};
}

/// What memory and an awkward program cost beside perplexity, in points of one per cent of it. bytesPlain: of the
/// weights in 16 bits.
double scoreOf(const AdviceOption& option, const format::Runtime& runtime, const AdviceRequest& request,
               std::uint64_t bytesPlain)
{
    constexpr double kWholeMemory[] = {0, 5, 20};  // By wish: a device filled to the last byte.
    constexpr double kPlainWeights[] = {0, 0, 20}; // By wish: weights in 16 bits, however much room there is.
    constexpr double kByUsage[] = {0.5, 1, 2};     // By usage: how dear memory is.
    constexpr double kNotForMany = 5;              // A program for one sequence where there are many.
    constexpr double kQuantizedCache = 0.3;        // One more thing to set.
    const double share = static_cast<double>(option.bytes()) / static_cast<double>(option.bytesUsable);
    const double weights = static_cast<double>(option.memory.bytesWeights) / static_cast<double>(bytesPlain);
    const bool many = request.usage == Usage::Server || request.batch > 1;
    return 100 * option.excess() +
           kWholeMemory[static_cast<std::size_t>(request.wish)] * kByUsage[static_cast<std::size_t>(request.usage)] *
               share +
           kPlainWeights[static_cast<std::size_t>(request.wish)] * weights +
           (many && !runtime.serves ? kNotForMany : 0) + (option.memory.kv.isQuantized() ? kQuantizedCache : 0);
}

Recipe recipeFor(const WeightsQuality& weights, std::string_view format, const model::ModelSpec& spec)
{
    Recipe recipe;
    recipe.method = weights.method;
    recipe.scheme = weights.scheme;
    if (weights.effort) {
        recipe.options.gptq.effort = *weights.effort;
        recipe.options.awq.effort = *weights.effort;
    }
    recipe.exportTo.format = format;
    if (const auto limit = spec.positionLimit()) {
        recipe.calibration.samples.length = std::min(recipe.calibration.samples.length, *limit);
    }
    return recipe;
}

/// Whether every layer of the model can be written so and is loaded so there. rule: null where everything is loaded.
bool takes(const format::Format& format, const format::ConsumerRule* rule, const model::ModelSpec& spec,
           const quant::Scheme& scheme, const Place& place)
{
    if (rule != nullptr && !place.onGpu && !rule->cpuBits.empty() && !rule->cpuBits.has(scheme.bits)) {
        return false;
    }
    return std::ranges::all_of(spec.linears, [&](const model::LinearSpec& linear) {
        return format.check(scheme, linear) && (rule == nullptr || format::whyRefused(*rule, linear, scheme).empty());
    });
}

/// The formats that a program loads on this device, in its order.
std::vector<const format::Format*> formatsFor(const format::Runtime& runtime, const Place& place)
{
    std::vector<const format::Format*> loaded;
    if (runtime.loadsAll && place.has(runtime.gpu, runtime.cpu)) {
        std::ranges::copy_if(format::formats(), std::back_inserter(loaded),
                             [](const format::Format* format) { return format->name() != "dense"; });
    }
    for (const format::ConsumerRule& rule : runtime.loads) {
        if (const auto found = format::findFormat(rule.format); found && place.has(rule.gpu, rule.cpu)) {
            loaded.push_back(*found);
        }
    }
    return loaded;
}

/// The recipe for the first format of a program that holds the model in this scheme.
std::optional<Recipe> recipeIn(const format::Runtime& runtime, const Place& place, const WeightsQuality& weights,
                               const model::ModelSpec& spec)
{
    const auto method = quant::findQuantizer(weights.method);
    for (const format::Format* format : formatsFor(runtime, place)) {
        Recipe recipe = recipeFor(weights, format->name(), spec);
        const quant::Scheme scheme = settledScheme(recipe, recipe.scheme, **method, *format, checkpoint::DType::F16);
        if ((*method)->check(scheme) && takes(*format, runtime.ruleFor(format->name()), spec, scheme, place)) {
            return recipe;
        }
    }
    return std::nullopt;
}

/// Largest number from 1 to most for which an option still fits; 0: none.
template <typename Use>
std::int64_t largestThatFits(std::int64_t most, std::uint64_t bytesUsable, const Use& bytesOf)
{
    std::int64_t fits = 0;
    std::int64_t tooLarge = most + 1;
    while (fits + 1 < tooLarge) {
        const std::int64_t middle = fits + (tooLarge - fits) / 2;
        (bytesOf(middle) <= bytesUsable ? fits : tooLarge) = middle;
    }
    return fits;
}

void measureRoom(AdviceOption& option, const model::ModelSpec& spec)
{
    constexpr std::int64_t kContextMost = std::int64_t{1} << 24;
    constexpr std::int64_t kBatchMost = std::int64_t{1} << 16;
    const auto bytes = [&](std::int64_t batch, std::int64_t context) {
        return option.memory.bytesWeights + option.bytesRuntime + evaluate::activationBytes(spec, batch) +
               evaluate::kvCacheBytes(spec, batch, context, option.memory.kv);
    };
    const std::int64_t limit = spec.maxPositions > 0 ? spec.maxPositions : kContextMost;
    option.contextMax = largestThatFits(limit, option.bytesUsable,
                                        [&](std::int64_t context) { return bytes(option.memory.batch, context); });
    option.batchMax = largestThatFits(kBatchMost, option.bytesUsable,
                                      [&](std::int64_t batch) { return bytes(batch, option.memory.context); });
}

/// The ways of one program; weights: null for 16 bits.
class WayFinder
{
public:
    WayFinder(const AdviceRequest& request, const evaluate::MemoryModel& model, const QualityTable& quality)
        : m_request(request), m_model(model), m_quality(quality)
    {}

    void add(const format::Runtime& runtime, const Place& place)
    {
        if (runtime.fullPrecision && place.has(runtime.gpu, runtime.cpu)) {
            addCaches(runtime, place, nullptr, std::nullopt);
        }
        for (const WeightsQuality& weights : m_quality.weights) {
            if (auto recipe = recipeIn(runtime, place, weights, m_model.spec)) {
                addCaches(runtime, place, &weights, std::move(recipe));
            }
        }
    }

    std::vector<Way> take() { return std::move(m_all); }

private:
    void addCaches(const format::Runtime& runtime, const Place& place, const WeightsQuality* weights,
                   const std::optional<Recipe>& recipe)
    {
        for (const format::RuntimeCache& cache : runtime.caches) {
            const bool isQuantized = cache.scheme.isQuantized();
            const CacheQuality* quality = isQuantized ? m_quality.find(cache.scheme) : nullptr;
            const bool runs = !isQuantized || (quality != nullptr && (cache.gpu == 0 || place.has(cache.gpu, false)));
            if (runs) {
                m_all.push_back(way(runtime, place, weights, recipe, cache.scheme, quality));
            }
        }
    }

    Way way(const format::Runtime& runtime, const Place& place, const WeightsQuality* weights,
            const std::optional<Recipe>& recipe, const quant::KvScheme& kv, const CacheQuality* cache) const
    {
        Way made;
        made.runtime = &runtime;
        AdviceOption& option = made.option;
        option.runtime = runtime.name;
        option.onGpu = place.onGpu;
        option.bytesRuntime = runtime.bytesBeside;
        option.bytesUsable = static_cast<std::uint64_t>(runtime.usable * static_cast<double>(place.bytes));
        option.recipe = recipe;
        if (weights != nullptr) {
            option.method = weights->method;
            option.scheme = weights->scheme;
            option.format = recipe->exportTo.format;
            option.weightsFigure = nearestFigure(weights->figures, m_model.parameters);
        }
        if (cache != nullptr) {
            option.cacheFigure = nearestFigure(cache->figures, m_model.parameters);
        }
        if (option.recipe && (*format::findFormat(option.format))->kvScheme() == kv) {
            option.recipe->exportTo.kvParams = format::kKvParamsAuto;
        }
        option.memory = {m_request.batch,
                         m_request.context,
                         kv,
                         evaluate::weightBytes(m_model.spec, option.scheme),
                         evaluate::kvCacheBytes(m_model.spec, m_request.batch, m_request.context, kv),
                         evaluate::activationBytes(m_model.spec, m_request.batch)};
        made.score = scoreOf(option, runtime, m_request, evaluate::weightBytes(m_model.spec, {}));
        return made;
    }

    const AdviceRequest& m_request;
    const evaluate::MemoryModel& m_model;
    const QualityTable& m_quality;
    std::vector<Way> m_all;
};

/// Whether another way in the same program and cache is no worse in anything and better in something.
bool isBeaten(const Way& way, const std::vector<Way>& all)
{
    return std::ranges::any_of(all, [&way](const Way& other) {
        const AdviceOption& a = other.option;
        const AdviceOption& b = way.option;
        return a.runtime == b.runtime && a.onGpu == b.onGpu && a.memory.kv == b.memory.kv && a.bytes() <= b.bytes() &&
               a.excess() <= b.excess() && (a.bytes() < b.bytes() || a.excess() < b.excess());
    });
}

/// Up to five that differ: a program at most twice, and the same weights and cache in at most two programs, unless one
/// program was asked for.
std::vector<Way> bestOf(std::vector<Way> all, bool oneProgram)
{
    constexpr int kTwice = 2;
    std::ranges::stable_sort(all, [](const Way& a, const Way& b) {
        return std::pair(a.score, a.option.bytes()) < std::pair(b.score, b.option.bytes());
    });
    std::map<std::string, int> ofProgram;
    std::map<std::string, int> ofScheme;
    std::vector<Way> chosen;
    for (const Way& way : all) {
        if (isBeaten(way, all)) {
            continue;
        }
        const AdviceOption& option = way.option;
        int& programs = ofProgram[option.runtime];
        int& schemes = ofScheme[option.title() + option.memory.kv.name()];
        if (chosen.size() < kOptionsMost && (oneProgram || (programs < kTwice && schemes < kTwice))) {
            ++programs;
            ++schemes;
            chosen.push_back(way);
        }
    }
    return chosen;
}

Failure nothingRuns(const AdviceRequest& request, const evaluate::MemoryModel& model, const format::Runtime& first)
{
    if (!request.runtime.empty() && !first.foreignFormat.empty()) {
        return fail(ErrorCode::NotSupported, first.name,
                    Text(BITLATHE_TEXT("a program that loads a format which is written here")),
                    Text(BITLATHE_TEXT("%1 alone"), first.foreignFormat),
                    Text(BITLATHE_TEXT("Convert an unquantized folder with the program's own tools")));
    }
    const std::string device = request.bytesVram > 0 ? "GPU" : "CPU";
    return fail(ErrorCode::NotSupported, model.name,
                Text(BITLATHE_TEXT("a program that runs this model on a %1"), device),
                request.runtime.empty() ? Text(BITLATHE_TEXT("none in the table"))
                                        : Text(BITLATHE_TEXT("%1, which does not"), request.runtime),
                Text(BITLATHE_TEXT("Choose another program, or another device")));
}

Result<std::vector<const format::Runtime*>> runtimesFor(const AdviceRequest& request, const format::RuntimeTable& table)
{
    std::vector<const format::Runtime*> runtimes;
    std::vector<std::string> names;
    for (const format::Runtime& runtime : table.runtimes) {
        names.push_back(runtime.name);
        if (request.runtime.empty() || runtime.name == request.runtime) {
            runtimes.push_back(&runtime);
        }
    }
    if (runtimes.empty()) {
        return fail(ErrorCode::UnknownName, "runtime", Text(BITLATHE_TEXT("one of %1"), fmt::join(names, ", ")),
                    Text(BITLATHE_TEXT("\"%1\""), request.runtime), Text(BITLATHE_TEXT("Check the spelling")));
    }
    return runtimes;
}

std::vector<Way> thoseThatFit(const std::vector<Way>& all)
{
    std::vector<Way> fitting;
    std::vector<Way> useless;
    for (const Way& way : all) {
        if (way.option.fits()) {
            (way.option.excess() <= kUseless ? fitting : useless).push_back(way);
        }
    }
    return fitting.empty() ? useless : fitting;
}

} // namespace

std::string_view usageName(Usage usage)
{
    switch (usage) {
    case Usage::Server: return "server";
    case Usage::Desktop: return "desktop";
    case Usage::Edge: return "edge";
    }
    return "";
}

std::string_view wishName(Wish wish)
{
    switch (wish) {
    case Wish::Best: return "best";
    case Wish::Balanced: return "balanced";
    case Wish::Small: return "small";
    }
    return "";
}

std::string AdviceOption::title() const
{
    const auto quantizer = quant::findQuantizer(method);
    return scheme && quantizer ? fmt::format("{}, {}", (*quantizer)->title(), scheme->label()) : "16 bits, as it is";
}

Result<Advice> advise(const AdviceRequest& request, const evaluate::MemoryModel& model,
                      const format::RuntimeTable& table, const QualityTable& quality)
{
    BITLATHE_CHECK(checkRequest(request, model.spec));
    BITLATHE_TRY(const auto runtimes, runtimesFor(request, table));
    Advice advice;
    if (model.spec.maxPositions > 0 && request.context > model.spec.maxPositions) {
        advice.notes.emplace_back(BITLATHE_TEXT("The model was made for sequences of %1 tokens; %2 are more than it "
                                                "learned from."),
                                  model.spec.maxPositions, request.context);
    }
    std::vector<Way> all;
    std::vector<Way> fitting;
    const Place gpu{true, request.bytesVram, request.gpuCapability};
    const Place cpu{false, request.bytesRam, 0};
    for (const Place& place : {gpu, cpu}) {
        if (place.bytes == 0 || !fitting.empty()) {
            continue; // What fits the GPU runs there.
        }
        WayFinder finder(request, model, quality);
        for (const format::Runtime* runtime : runtimes) {
            finder.add(*runtime, place);
        }
        std::vector<Way> made = finder.take();
        fitting = thoseThatFit(made);
        if (!fitting.empty() && !place.onGpu && request.bytesVram > 0) {
            advice.notes.emplace_back(
                BITLATHE_TEXT("Nothing fits the GPU: these run on the processor, which is many times slower."));
        }
        std::ranges::move(made, std::back_inserter(all));
    }
    if (all.empty()) {
        return nothingRuns(request, model, *runtimes.front());
    }
    const auto finish = [&](Way& way) {
        measureRoom(way.option, model.spec);
        way.option.reasons = reasonsFor(way.option, request, *way.runtime, model.parameters);
    };
    for (Way& way : bestOf(std::move(fitting), !request.runtime.empty())) {
        finish(way);
        advice.options.push_back(std::move(way.option));
    }
    if (advice.options.empty()) {
        const auto missing = [](const Way& way) { return way.option.bytes() - way.option.bytesUsable; };
        std::erase_if(all, [&](const Way& way) { return way.option.excess() > kUseless && all.size() > 1; });
        Way& nearest = *std::ranges::min_element(all, {}, missing);
        finish(nearest);
        advice.shortfall = {nearest.option, missing(nearest), waysToFit(nearest.option, request)};
    }
    return advice;
}

} // namespace bitlathe::plan
