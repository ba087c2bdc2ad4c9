// SPDX-License-Identifier: Apache-2.0
// The drawings that a report makes of its comparison and runs.
#include "core/report/drawings.h"

#include "core/report/numbers.h"

namespace bitlathe::report
{

std::string runName(const run::RunResult& run)
{
    return run.out.empty() ? run.recipe.model.filename().string() : run.out.filename().string();
}

std::string sizeAndQualitySvg(const evaluate::Comparison& comparison, const Words& words)
{
    std::vector<NamedPoint> points;
    for (const evaluate::ComparedModel& model : comparison.models) {
        points.push_back({model.name, static_cast<double>(model.memory.bytesDisk) / (1 << 20),
                          model.perplexity.perplexity, points.empty() ? 0 : model.deltaError});
    }
    if (points.size() < 2) {
        return {};
    }
    return scatterSvg(
        words(Text(BITLATHE_TEXT("Perplexity over size; bars: standard error of the difference to the base"))),
        {words(Text(BITLATHE_TEXT("size on disk (MiB)"))), false}, {words(Text(BITLATHE_TEXT("perplexity"))), false},
        points);
}

std::string depthSvg(const std::vector<run::RunResult>& runs, const Words& words)
{
    std::vector<Series> series;
    const auto pointOf = [](const run::LayerRecord& layer) {
        return NamedPoint{fmt::format("{}: {}", layer.name, percentText(layer.quality.relativeError)),
                          static_cast<double>(layer.block), layer.quality.relativeError * 100, 0};
    };
    for (const run::RunResult& run : runs) {
        Series worst{
            runs.size() == 1 ? words(Text(BITLATHE_TEXT("worst layer of the block"))) : runName(run), {}, true};
        Series others{words(Text(BITLATHE_TEXT("other layers"))), {}, false};
        for (const run::LayerRecord& layer : run.layers) {
            if (!layer.scheme || !(layer.quality.relativeError > 0)) {
                continue;
            }
            const NamedPoint point = pointOf(layer);
            if (worst.points.empty() || worst.points.back().x != point.x) {
                worst.points.push_back(point);
            } else if (point.y > worst.points.back().y) {
                others.points.push_back(worst.points.back());
                worst.points.back() = point;
            } else {
                others.points.push_back(point);
            }
        }
        if (!worst.points.empty()) {
            series.push_back(std::move(worst));
        }
        if (runs.size() == 1 && !others.points.empty()) {
            series.push_back(std::move(others));
        }
    }
    if (series.empty()) {
        return {};
    }
    return seriesSvg(words(Text(BITLATHE_TEXT("Relative output error by block"))),
                     {words(Text(BITLATHE_TEXT("block"))), false},
                     {words(Text(BITLATHE_TEXT("relative output error (%, log)"))), true}, series);
}

namespace
{

/// values at the middle of each bin that holds tokens.
Series seriesOf(const std::string& name, const evaluate::LossCurve& curve, const std::vector<double>& values)
{
    Series series{name, {}, true};
    for (std::size_t bin = 0; bin < curve.tokens.size(); ++bin) {
        const std::int64_t from = curve.first + static_cast<std::int64_t>(bin) * curve.step;
        if (curve.tokens[bin] > 0) {
            series.points.push_back(
                {fmt::format("{}, {} … {}: {}", name, from, from + curve.step - 1, numberText(values[bin])),
                 static_cast<double>(from) + static_cast<double>(curve.step - 1) / 2, values[bin], 0});
        }
    }
    return series;
}

} // namespace

std::string lossByPositionSvg(const evaluate::Comparison& comparison, const Words& words)
{
    std::vector<Series> series;
    for (const evaluate::ComparedModel& model : comparison.models) {
        if (!model.tokens) {
            continue;
        }
        const evaluate::LossCurve& curve = model.tokens->byPosition;
        if (series.empty()) {
            series.push_back(seriesOf(comparison.models.front().name, curve, curve.baseNll));
        }
        series.push_back(seriesOf(model.name, curve, curve.nll));
    }
    return series.empty() ? std::string()
                          : seriesSvg(words(Text(BITLATHE_TEXT("Loss by position in the window"))),
                                      {words(Text(BITLATHE_TEXT("position of the token"))), false},
                                      {words(Text(BITLATHE_TEXT("mean loss (nats)"))), false}, series);
}

std::string klByPositionSvg(const evaluate::Comparison& comparison, const Words& words)
{
    std::vector<Series> series;
    for (const evaluate::ComparedModel& model : comparison.models) {
        if (model.tokens) {
            series.push_back(seriesOf(model.name, model.tokens->byPosition, model.tokens->byPosition.kl));
        }
    }
    return series.empty() ? std::string()
                          : seriesSvg(words(Text(BITLATHE_TEXT("KL divergence by position in the window"))),
                                      {words(Text(BITLATHE_TEXT("position of the token"))), false},
                                      {words(Text(BITLATHE_TEXT("mean KL divergence (nats)"))), false}, series);
}

} // namespace bitlathe::report
