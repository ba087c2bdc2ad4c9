// SPDX-License-Identifier: Apache-2.0
// Sentences of an advice.
#include "core/plan/advicetext.h"

#include "core/quant/quantizer.h"

#include <fmt/format.h>

namespace bitlathe::plan
{

namespace
{

Text memorySentence(const AdviceOption& option)
{
    const evaluate::MemoryUse& memory = option.memory;
    return Text(BITLATHE_TEXT("Weights take %1 GiB, keys and values of %2 x %3 tokens %4 GiB, activations and the "
                              "program about %5 GiB: %6 of the %7 GiB that it may fill."),
                gibibytes(memory.bytesWeights), memory.batch, memory.context, gibibytes(memory.bytesKv),
                gibibytes(memory.bytesActivations + option.bytesRuntime), gibibytes(option.bytes()),
                gibibytes(option.bytesUsable));
}

Text roomSentence(const AdviceOption& option)
{
    return Text(BITLATHE_TEXT("There is room for %1 x %2 tokens, or for %3 x %4."), option.memory.batch,
                option.contextMax, option.batchMax, option.memory.context);
}

Text qualitySentence(const AdviceOption& option)
{
    if (!option.scheme) {
        return Text(BITLATHE_TEXT("Weights stay as they are: nothing is lost."));
    }
    const QualityFigure& figure = option.weightsFigure;
    return Text(BITLATHE_TEXT("Perplexity rises by about %1 %: measured with %2 million parameters on %3 (%4, %5)."),
                perCent(figure.excess), figure.parameters / 1'000'000, figure.text, figure.source, figure.date);
}

/// A small model loses more than a large one, so a figure of one of another size says less.
constexpr double kFarSize = 10;

std::optional<Text> distanceSentence(const AdviceOption& option, std::int64_t parameters)
{
    const double ratio = static_cast<double>(parameters) /
                         static_cast<double>(std::max<std::int64_t>(1, option.weightsFigure.parameters));
    if (!option.scheme || (ratio < kFarSize && ratio > 1 / kFarSize)) {
        return std::nullopt;
    }
    return ratio > 1
               ? Text(BITLATHE_TEXT("No figure is known for a model of this size; larger models usually lose less."))
               : Text(BITLATHE_TEXT("No figure is known for a model of this size; smaller models usually lose more."));
}

Text cacheSentence(const AdviceOption& option)
{
    const QualityFigure& figure = option.cacheFigure;
    return Text(BITLATHE_TEXT("Keys and values in %1 bits (%2) add about %3 % to perplexity (%4, %5)."),
                option.memory.kv.bits, option.memory.kv.name(), perCent(figure.excess), figure.source, figure.date);
}

Text programSentence(const AdviceOption& option, const format::Runtime& runtime)
{
    if (option.format.empty()) {
        return Text(BITLATHE_TEXT("%1 runs models in 16 bits (%2; %3, %4)."), runtime.name, runtime.version,
                    runtime.source, runtime.date);
    }
    return Text(BITLATHE_TEXT("%1 loads the format %2 in this scheme (%3; %4, %5)."), runtime.name, option.format,
                runtime.version, runtime.source, runtime.date);
}

std::optional<Text> machineSentence(const AdviceOption& option, const AdviceRequest& request,
                                    const format::Runtime& runtime)
{
    const format::ConsumerRule* rule = runtime.ruleFor(option.format);
    const double needed = rule != nullptr ? rule->gpu : runtime.gpu;
    if (!option.onGpu || request.gpuCapability > 0 || needed <= 0) {
        return std::nullopt;
    }
    return Text(BITLATHE_TEXT("It needs an NVIDIA GPU of compute capability %1 or above."),
                fmt::format("{:.1f}", needed));
}

/// What practice says of such a device.
std::optional<Text> usageSentence(const AdviceOption& option, const AdviceRequest& request)
{
    constexpr int kEight = 8;
    if (!option.onGpu && option.scheme) {
        return Text(BITLATHE_TEXT("Without a GPU each token waits for the weights to be read from memory: fewer bits "
                                  "are faster."));
    }
    if (request.usage == Usage::Server && (!option.scheme || option.scheme->bits >= kEight)) {
        return Text(BITLATHE_TEXT("On a server memory is there to be used: 16 and 8 bits lose least."));
    }
    if (request.usage == Usage::Edge && option.scheme) {
        return Text(BITLATHE_TEXT("On a small device memory and its speed are the limit: few bits leave room."));
    }
    return std::nullopt;
}

std::optional<Text> methodSentence(const AdviceOption& option)
{
    const auto method = quant::findQuantizer(option.method);
    const bool calibrates =
        method && ((*method)->needsStatistics() || (*method)->smoothing() != quant::Smoothing::None);
    if (!method || !calibrates) {
        return std::nullopt;
    }
    return Text(BITLATHE_TEXT("%1 needs some text like that which the model will read, to see which weights matter."),
                (*method)->title());
}

} // namespace

std::string gibibytes(std::uint64_t bytes)
{
    return fmt::format("{:.2f}", static_cast<double>(bytes) / 0x1p30);
}

std::string perCent(double share)
{
    return fmt::format("{:.2g}", 100 * share);
}

std::vector<Text> reasonsFor(const AdviceOption& option, const AdviceRequest& request, const format::Runtime& runtime,
                             std::int64_t parameters)
{
    std::vector<Text> reasons{memorySentence(option), qualitySentence(option)};
    const auto add = [&reasons](std::optional<Text> sentence) {
        if (sentence) {
            reasons.push_back(*std::move(sentence));
        }
    };
    add(distanceSentence(option, parameters));
    if (option.memory.kv.isQuantized()) {
        reasons.push_back(cacheSentence(option));
    }
    add(usageSentence(option, request));
    add(methodSentence(option));
    reasons.push_back(programSentence(option, runtime));
    add(machineSentence(option, request, runtime));
    reasons.push_back(roomSentence(option));
    return reasons;
}

std::vector<Text> waysToFit(const AdviceOption& nearest, const AdviceRequest& request)
{
    std::vector<Text> ways;
    if (nearest.contextMax > 0) {
        ways.emplace_back(BITLATHE_TEXT("A context of %1 tokens instead of %2 would fit."), nearest.contextMax,
                          request.context);
    }
    if (nearest.batchMax > 0) {
        ways.emplace_back(BITLATHE_TEXT("%1 sequences at once instead of %2 would fit."), nearest.batchMax,
                          request.batch);
    }
    if (ways.empty()) {
        ways.emplace_back(BITLATHE_TEXT("Weights alone take %1 GiB in the fewest bits that are of use: take a smaller "
                                        "model."),
                          gibibytes(nearest.memory.bytesWeights));
    }
    ways.emplace_back(BITLATHE_TEXT("A device with %1 GiB more would run it as asked for."),
                      gibibytes(nearest.bytes() - nearest.bytesUsable));
    return ways;
}

} // namespace bitlathe::plan
