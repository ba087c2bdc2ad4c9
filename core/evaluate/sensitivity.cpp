// SPDX-License-Identifier: Apache-2.0
// Sensitivity: output errors of all schemes, divergences of a few.
#include "core/evaluate/sensitivity.h"

#include "core/evaluate/statistics.h"
#include "core/evaluate/swapwalk.h"
#include "core/quant/layerrows.h"
#include "core/quant/scaleproblem.h"
#include "core/quant/smoothing.h"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <numeric>

namespace bitlathe::evaluate
{

namespace
{

using quant::Scheme;
using Windows = std::vector<std::vector<model::TokenId>>;

constexpr std::size_t kWindowTokens = 256;
/// Hidden states of all swaps: a large model has many, and each token of them costs time, too.
constexpr double kBytesStatesMost = 4.0 * (1ULL << 30U);

/// The beginnings of evenly spaced samples, at most so many tokens.
Windows windowsFrom(const Windows& samples, std::int64_t tokens)
{
    const auto most = static_cast<std::size_t>(std::max<std::int64_t>(tokens, 1));
    const std::size_t length = std::min(most, kWindowTokens);
    const std::size_t count = std::min(most / length, samples.size());
    Windows windows;
    for (std::size_t i = 0; i < count; ++i) {
        std::vector<model::TokenId> window = samples[i * samples.size() / count];
        window.resize(std::min(window.size(), length));
        windows.push_back(std::move(window));
    }
    return windows;
}

/// "model.layers.3.experts.*.up_proj" for one of the experts.
std::string nameOfExperts(const model::LinearSpec& linear)
{
    const std::string number = '.' + std::to_string(linear.expert) + '.';
    std::string name = linear.name;
    const std::size_t place = name.rfind(number);
    return place == std::string::npos ? name : name.replace(place + 1, number.size() - 2, "*");
}

/// Sums over the layers of a unit.
struct Quality
{
    double loss = 0;
    double energy = 0;
    double weightError = 0;

    void add(const quant::LayerQuality& quality)
    {
        loss += quality.loss;
        energy += quality.fromStatistics && quality.relativeError > 0 ? quality.loss / quality.relativeError : 0;
        weightError += quality.weightError;
    }
};

/// One measurement as it goes.
class Measurement
{
public:
    Measurement(const format::OpenedModel& opened, const calibrate::StatsStore& store, const quant::Quantizer& method,
                const SensitivityOptions& options)
        : m_opened(opened), m_store(store), m_method(method), m_options(options)
    {}

    Result<Sensitivity> run(const Windows& samples, const WorkContext& work);

private:
    using Swaps = std::vector<SwappedWeights>; ///< For each measured scheme.

    void listLayers();
    Result<void> doBlock(std::int64_t block, const WorkContext& work);
    Result<void> doLayer(LayerSensitivity& layer, const calibrate::BlockStats& stats, SwappedWeights& whole,
                         const WorkContext& work);
    Result<void> doLinear(const model::LinearSpec& linear, std::int64_t rows, const calibrate::BlockStats& stats,
                          std::vector<Quality>& qualities, Swaps& swaps, const WorkContext& work);
    Result<std::vector<float>> quantized(const quant::LayerInput& input, const WorkContext& work) const;
    void takeDivergences(const SwapWalk::Divergences& found);

    const format::OpenedModel& m_opened;
    const calibrate::StatsStore& m_store;
    const quant::Quantizer& m_method;
    const SensitivityOptions& m_options;
    Sensitivity m_result;
    std::vector<std::size_t> m_measured; ///< Schemes: the anchors first.
    std::unique_ptr<SwapWalk> m_walk;
    quant::BlockScales m_scales; ///< Of the current block.
    quant::SharedWork m_shared;
};

void Measurement::listLayers()
{
    const model::ModelSpec& spec = m_opened.spec;
    for (const model::BlockSpec& block : spec.blocks) {
        const std::size_t first = m_result.layers.size();
        for (const LayerId id : block.linears) {
            const model::LinearSpec& linear = spec.linear(id);
            if (!m_options.leftOut.empty() && m_options.leftOut[id.index()]) {
                continue;
            }
            const std::string name = linear.expert < 0 ? linear.name : nameOfExperts(linear);
            auto found = std::find_if(m_result.layers.begin() + static_cast<std::ptrdiff_t>(first),
                                      m_result.layers.end(), [&](const auto& each) { return each.name == name; });
            if (found == m_result.layers.end()) {
                m_result.layers.push_back({name, linear.block, {}, 0, {}});
                found = std::prev(m_result.layers.end());
            }
            found->layers.push_back(id);
            found->weights += linear.outFeatures * linear.inFeatures;
        }
    }
}

/// The weights of a layer as the quantized model has them, without the scales that were folded in.
Result<std::vector<float>> Measurement::quantized(const quant::LayerInput& input, const WorkContext& work) const
{
    BITLATHE_TRY(const quant::LayerResult result, m_method.quantize(input, work));
    std::vector<float> weights = result.tensor->dequantize();
    const std::span<const float> columns = m_scales.ofInputs(m_opened.spec, input.linear);
    const auto cols = static_cast<std::size_t>(input.linear.inFeatures);
    for (std::size_t i = 0; i < weights.size(); ++i) {
        weights[i] *= input.outputScales.empty() ? 1.0F : input.outputScales[i / cols];
        weights[i] /= columns.empty() ? 1.0F : columns[i % cols];
    }
    return weights;
}

/// rows: how many of the linear's stand for all of them.
Result<void> Measurement::doLinear(const model::LinearSpec& linear, std::int64_t rows,
                                   const calibrate::BlockStats& stats, std::vector<Quality>& qualities, Swaps& swaps,
                                   const WorkContext& work)
{
    BITLATHE_TRY(std::vector<float> weights, m_opened.source->weights(linear));
    quant::foldWeights(m_opened.spec, m_scales, linear, weights);
    const std::vector<float> scales = m_scales.ofOutputs(m_opened.spec, linear);
    model::LinearSpec some = linear;
    some.outFeatures = rows;
    const std::vector<float> part = quant::evenRows(weights, linear.outFeatures, rows);
    const std::vector<float> partScales = scales.empty() ? scales : quant::evenRows(scales, linear.outFeatures, rows);
    const calibrate::InputStats* input = stats.forLinear(linear.id);
    for (std::size_t index = 0; index < m_result.schemes.size(); ++index) {
        const Scheme& scheme = m_result.schemes[index];
        BITLATHE_TRY(const quant::LayerResult result, m_method.quantize({some, part, input, scheme, m_options.seed,
                                                                         m_options.method, &m_shared, partScales},
                                                                        WorkContext{{}, work.stop}));
        qualities[index].add(result.quality);
    }
    for (std::size_t i = 0; i < m_measured.size(); ++i) {
        const Scheme& scheme = m_result.schemes[m_measured[i]];
        BITLATHE_TRY(swaps[i][linear.id],
                     quantized({linear, weights, input, scheme, m_options.seed, m_options.method, &m_shared, scales},
                               WorkContext{{}, work.stop}));
    }
    m_opened.release(linear);
    return {};
}

Result<void> Measurement::doLayer(LayerSensitivity& layer, const calibrate::BlockStats& stats, SwappedWeights& whole,
                                  const WorkContext& work)
{
    std::vector<Quality> qualities(m_result.schemes.size());
    Swaps swaps(m_measured.size());
    const std::int64_t most = quant::rowsSearched(std::ssize(layer.layers));
    for (const LayerId id : layer.layers) {
        const model::LinearSpec& linear = m_opened.spec.linear(id);
        BITLATHE_CHECK(doLinear(linear, std::min(linear.outFeatures, most), stats, qualities, swaps, work));
    }
    for (const Quality& quality : qualities) {
        const double relative = quality.energy > 0 ? quality.loss / quality.energy
                                                   : quality.weightError / static_cast<double>(layer.layers.size());
        layer.effects.push_back({quality.loss, relative, 0, {}});
    }
    for (const SwappedWeights& weights : swaps) {
        BITLATHE_CHECK(m_walk->swap(weights));
    }
    whole.merge(swaps.front());
    return {};
}

Result<void> Measurement::doBlock(std::int64_t block, const WorkContext& work)
{
    const auto ofBlock = [block](const LayerSensitivity& layer) { return layer.block == block; };
    const auto count = std::ranges::count_if(m_result.layers, ofBlock);
    SwappedWeights whole;
    if (count > 0) {
        BITLATHE_TRY(const auto stats, m_store.block(block));
        const std::vector<std::optional<Scheme>> alike(m_opened.spec.linears.size(),
                                                       m_result.schemes[m_measured.front()]);
        const quant::Smoothing smoothing = m_options.method.smoothing.value_or(m_method.smoothing());
        BITLATHE_TRY(m_scales, quant::smoothBlock({m_opened.spec, block, *m_opened.source, alike, stats.get()},
                                                  smoothing, m_options.method, WorkContext{{}, work.stop}));
        quant::foldStats(m_opened.spec, m_scales, *stats);
        m_shared = {};
        double done = 0;
        for (LayerSensitivity& layer : m_result.layers) {
            if (ofBlock(layer)) {
                BITLATHE_CHECK(doLayer(layer, *stats, whole, work));
                work.progress.set(++done / static_cast<double>(count) / 2);
            }
        }
    }
    BITLATHE_CHECK(m_walk->swapWhole(whole));
    return m_walk->passBlock(work.child(0.5, 1));
}

void Measurement::takeDivergences(const SwapWalk::Divergences& found)
{
    m_result.togetherMeasured = found.whole;
    const std::size_t anchors = m_result.anchors.size();
    for (std::size_t i = 0; i < m_result.layers.size(); ++i) {
        std::vector<SchemeEffect>& effects = m_result.layers[i].effects;
        std::vector<MeasuredPoint> points;
        for (std::size_t j = 0; j < m_measured.size(); ++j) {
            SchemeEffect& effect = effects[m_measured[j]];
            effect.measuredKl = found.ofSwaps[i * m_measured.size() + j];
            if (j < anchors) {
                points.push_back({effect.relativeError, *effect.measuredKl});
            }
        }
        for (SchemeEffect& effect : effects) {
            effect.kl = divergenceAt(effect.relativeError, points);
        }
    }
}

Result<Sensitivity> Measurement::run(const Windows& samples, const WorkContext& work)
{
    const auto start = std::chrono::steady_clock::now();
    m_result.schemes = m_options.schemes;
    m_result.anchors = anchorsAmong(m_options.schemes);
    m_measured = m_result.anchors;
    for (std::size_t index = 0; index < m_result.schemes.size() && m_options.everyScheme; ++index) {
        if (std::ranges::find(m_result.anchors, index) == m_result.anchors.end()) {
            m_measured.push_back(index);
        }
    }
    listLayers();
    const std::size_t swaps = m_result.layers.size() * m_measured.size();
    const double bytesToken = sizeof(float) * static_cast<double>(m_opened.spec.hidden) * static_cast<double>(swaps);
    const double most = kBytesStatesMost / std::max(bytesToken, 1.0);
    const Windows windows =
        windowsFrom(samples, static_cast<std::int64_t>(std::min(most, static_cast<double>(m_options.tokens))));
    m_result.tokens = std::accumulate(windows.begin(), windows.end(), std::int64_t{0},
                                      [](std::int64_t sum, const auto& each) { return sum + std::ssize(each); });
    BITLATHE_TRY(m_walk, SwapWalk::create(m_opened, windows, swaps, m_store.folder()));
    // A block costs more the more layers before it were swapped.
    const double blocks = static_cast<double>(m_opened.spec.blockCount());
    const auto shareBefore = [blocks](double block) {
        return 0.9 * (block / blocks + block * block / blocks / blocks) / 2;
    };
    for (std::int64_t block = 0; block < m_opened.spec.blockCount(); ++block) {
        if (work.stopRequested()) {
            return cancelled();
        }
        const double place = static_cast<double>(block);
        BITLATHE_CHECK(doBlock(block, work.child(shareBefore(place), shareBefore(place + 1))));
    }
    BITLATHE_TRY(const auto divergences, m_walk->divergences(work.child(0.9, 1)));
    takeDivergences(divergences);
    m_result.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
    return std::move(m_result);
}

/// Ranks from 0; equal values share the mean of theirs.
std::vector<double> ranksOf(const std::vector<double>& values)
{
    std::vector<std::size_t> order(values.size());
    std::iota(order.begin(), order.end(), std::size_t{0});
    std::ranges::sort(order, {}, [&values](std::size_t index) { return values[index]; });
    std::vector<double> ranks(values.size());
    for (std::size_t from = 0; from < order.size();) {
        std::size_t to = from + 1;
        while (to < order.size() && values[order[to]] == values[order[from]]) {
            ++to;
        }
        for (std::size_t i = from; i < to; ++i) {
            ranks[order[i]] = static_cast<double>(from + to - 1) / 2;
        }
        from = to;
    }
    return ranks;
}

/// Pearson's.
double correlation(const std::vector<double>& a, const std::vector<double>& b)
{
    const double meanA = spreadOf(a).mean;
    const double meanB = spreadOf(b).mean;
    double ab = 0;
    double aa = 0;
    double bb = 0;
    for (std::size_t i = 0; i < a.size(); ++i) {
        ab += (a[i] - meanA) * (b[i] - meanB);
        aa += (a[i] - meanA) * (a[i] - meanA);
        bb += (b[i] - meanB) * (b[i] - meanB);
    }
    return aa > 0 && bb > 0 ? ab / std::sqrt(aa * bb) : 0;
}

} // namespace

double Sensitivity::interaction() const
{
    double sum = 0;
    for (const LayerSensitivity& layer : layers) {
        sum += layer.effects[anchors.front()].kl;
    }
    return sum > 0 && togetherMeasured > 0 ? togetherMeasured / sum : 1;
}

std::optional<double> Sensitivity::rankCorrelation() const
{
    std::vector<double> correlations;
    for (std::size_t index = 0; index < schemes.size(); ++index) {
        if (std::ranges::find(anchors, index) != anchors.end()) {
            continue;
        }
        std::vector<double> predicted;
        std::vector<double> measured;
        for (const LayerSensitivity& layer : layers) {
            const SchemeEffect& effect = layer.effects[index];
            if (!effect.measuredKl) {
                return std::nullopt;
            }
            predicted.push_back(effect.kl);
            measured.push_back(*effect.measuredKl);
        }
        correlations.push_back(correlation(ranksOf(predicted), ranksOf(measured)));
    }
    return correlations.empty() ? std::nullopt : std::optional(spreadOf(correlations).mean);
}

std::vector<std::size_t> anchorsAmong(const std::vector<quant::Scheme>& schemes)
{
    constexpr int kBitsUsual = 4;
    std::vector<std::size_t> anchors;
    const auto add = [&](const auto& distance) {
        const auto found = std::ranges::min_element(schemes, {}, distance);
        const auto index = static_cast<std::size_t>(found - schemes.begin());
        if (found != schemes.end() && (anchors.empty() || found->bits < schemes[anchors.front()].bits)) {
            anchors.push_back(index);
        }
    };
    add([](const Scheme& scheme) { return std::abs(scheme.bits - kBitsUsual); });
    add([](const Scheme& scheme) { return scheme.bits; });
    return anchors;
}

double divergenceAt(double relativeError, std::vector<MeasuredPoint> points)
{
    std::erase_if(points, [](const MeasuredPoint& point) { return !(point.relativeError > 0 && point.kl > 0); });
    if (points.empty() || !(relativeError > 0)) {
        return 0;
    }
    std::ranges::sort(points, {}, &MeasuredPoint::relativeError);
    // Small errors add to the divergence by their squares, which relativeError is made of.
    const auto above = std::ranges::find_if(
        points, [relativeError](const MeasuredPoint& point) { return point.relativeError >= relativeError; });
    if (above == points.begin()) {
        return above->kl * relativeError / above->relativeError;
    }
    const MeasuredPoint& below = *std::prev(above);
    if (above == points.end()) {
        return below.kl * relativeError / below.relativeError;
    }
    const double place =
        std::log(relativeError / below.relativeError) / std::log(above->relativeError / below.relativeError);
    return below.kl * std::pow(above->kl / below.kl, place);
}

Result<void> checkMeasurable(const quant::Quantizer& method, const Scheme& scheme)
{
    if (scheme.activationBits != 0 || scheme.kind == quant::SchemeKind::Int8Outliers) {
        return fail(ErrorCode::SettingInvalid, std::string(method.name()),
                    Text(BITLATHE_TEXT("schemes that round weights only")),
                    Text(BITLATHE_TEXT("one that rounds inputs, too")),
                    Text(BITLATHE_TEXT("Choose the method gptq, awq or rtn without activation bits")));
    }
    return method.check(scheme);
}

Result<Sensitivity> measureSensitivity(const format::OpenedModel& opened, const calibrate::StatsStore& store,
                                       const Windows& samples, const quant::Quantizer& method,
                                       const SensitivityOptions& options, const WorkContext& work)
{
    if (options.schemes.empty()) {
        return fail(ErrorCode::SettingInvalid, "schemes", Text(BITLATHE_TEXT("at least one")),
                    Text(BITLATHE_TEXT("none")), Text(BITLATHE_TEXT("Choose bits and group sizes")));
    }
    for (const Scheme& scheme : options.schemes) {
        BITLATHE_CHECK(checkMeasurable(method, scheme));
    }
    if (samples.empty()) {
        return fail(ErrorCode::TextInvalid, "calibration text", Text(BITLATHE_TEXT("at least one sample")),
                    Text(BITLATHE_TEXT("none")), Text(BITLATHE_TEXT("Choose a longer text")));
    }
    return Measurement(opened, store, method, options).run(samples, work);
}

} // namespace bitlathe::evaluate
