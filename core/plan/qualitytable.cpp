// SPDX-License-Identifier: Apache-2.0
// QualityTable: reading it.
#include "core/plan/qualitytable.h"

#include "core/base/datatable.h"
#include "core/quant/quantizer.h"

#include <algorithm>
#include <array>
#include <cmath>

namespace bitlathe::plan
{

namespace
{

Result<QualityFigure> figureFrom(const Json& value, const std::string& place)
{
    constexpr double kParametersMost = 1e15;
    constexpr double kExcessMost = 1e6;
    BITLATHE_CHECK(checkKeys(value, {"parameters", "excess", "text", "source", "date"}, place));
    QualityFigure figure;
    BITLATHE_TRY(const double parameters, numberIn(value, "parameters", 1, kParametersMost, 1, place));
    figure.parameters = static_cast<std::int64_t>(parameters);
    BITLATHE_TRY(figure.excess, numberIn(value, "excess", -1, kExcessMost, 0, place));
    BITLATHE_TRY(figure.text, wordIn(value, "text", place));
    BITLATHE_TRY(figure.source, wordIn(value, "source", place));
    BITLATHE_TRY(figure.date, wordIn(value, "date", place));
    return figure;
}

Result<std::vector<QualityFigure>> figuresFrom(const Json& value, const std::string& place)
{
    BITLATHE_TRY(const Json list, listIn(value, "figures", place));
    std::vector<QualityFigure> figures;
    for (std::size_t i = 0; i < list.size(); ++i) {
        BITLATHE_TRY(figures.emplace_back(), figureFrom(list[i], placeIn(place, "figures", i)));
    }
    if (figures.empty()) {
        return badTable(place + ".figures", Text(BITLATHE_TEXT("at least one figure")), Text(BITLATHE_TEXT("none")));
    }
    return figures;
}

/// The scheme that a method is for, with what the table says of it.
Result<quant::Scheme> tabledScheme(const Json& value, const quant::Quantizer& method, const std::string& place)
{
    constexpr double kBitsMost = 16;
    quant::Scheme scheme = method.completed(method.usualScheme(), {});
    BITLATHE_TRY(const double bits, numberIn(value, "bits", 1, kBitsMost, scheme.bits, place));
    scheme.bits = static_cast<int>(bits);
    if (const auto group = value.find("group_size"); group != value.end()) {
        const auto size = quant::groupSizeFromText(group->is_string() ? group->get<std::string>() : group->dump());
        if (!size) {
            return badTable(place + ".group_size", size.error().expected, size.error().found);
        }
        scheme.groupSize = *size;
    }
    if (value.contains("symmetric")) {
        BITLATHE_TRY(scheme.symmetric, flagIn(value, "symmetric", place));
    }
    BITLATHE_TRY(const double inputs, numberIn(value, "activation_bits", 0, 8, scheme.activationBits, place));
    scheme.activationBits = static_cast<int>(inputs);
    if (const auto known = method.check(scheme); !known) {
        return badTable(place, known.error().expected, known.error().found);
    }
    return scheme;
}

Result<WeightsQuality> weightsFrom(const Json& value, const std::string& place)
{
    BITLATHE_CHECK(
        checkKeys(value, {"method", "bits", "group_size", "symmetric", "activation_bits", "effort", "figures"}, place));
    WeightsQuality weights;
    BITLATHE_TRY(weights.method, wordIn(value, "method", place));
    const auto method = quant::findQuantizer(weights.method);
    if (!method) {
        return badTable(place + ".method", method.error().expected, method.error().found);
    }
    BITLATHE_TRY(weights.scheme, tabledScheme(value, **method, place));
    BITLATHE_TRY(const std::string effort, wordIn(value, "effort", "", place));
    constexpr std::array kEfforts{quant::Effort::Fast, quant::Effort::Normal, quant::Effort::Best};
    const auto found = std::ranges::find(kEfforts, effort, quant::effortName);
    if (found != kEfforts.end()) {
        weights.effort = *found;
    } else if (!effort.empty()) {
        return badTable(place + ".effort", Text("fast, normal, best"), Text(BITLATHE_TEXT("\"%1\""), effort));
    }
    BITLATHE_TRY(weights.figures, figuresFrom(value, place));
    return weights;
}

Result<CacheQuality> cacheQualityFrom(const Json& value, const std::string& place)
{
    BITLATHE_CHECK(checkKeys(value, {"scheme", "figures"}, place));
    CacheQuality cache;
    BITLATHE_TRY(const std::string name, wordIn(value, "scheme", place));
    const auto scheme = quant::findKvScheme(name);
    if (!scheme) {
        return badTable(place + ".scheme", scheme.error().expected, scheme.error().found);
    }
    cache.scheme = *scheme;
    BITLATHE_TRY(cache.figures, figuresFrom(value, place));
    return cache;
}

} // namespace

const CacheQuality* QualityTable::find(const quant::KvScheme& scheme) const
{
    const auto found = std::ranges::find(caches, scheme, &CacheQuality::scheme);
    return found != caches.end() ? &*found : nullptr;
}

const QualityFigure& nearestFigure(const std::vector<QualityFigure>& figures, std::int64_t parameters)
{
    const auto apart = [parameters](const QualityFigure& figure) {
        return std::abs(std::log(static_cast<double>(figure.parameters)) -
                        std::log(static_cast<double>(std::max<std::int64_t>(parameters, 1))));
    };
    return *std::ranges::min_element(figures, {}, apart);
}

Result<QualityTable> parseQualityTable(std::string_view text, const std::string& subject)
{
    BITLATHE_TRY(const Json value, parseTable(text, subject, QualityTable::kVersion));
    BITLATHE_CHECK(checkKeys(value, {"version", "weights", "keys_and_values"}, subject));
    QualityTable table;
    BITLATHE_TRY(const Json weights, listIn(value, "weights", subject));
    for (std::size_t i = 0; i < weights.size(); ++i) {
        BITLATHE_TRY(table.weights.emplace_back(), weightsFrom(weights[i], placeIn(subject, "weights", i)));
    }
    BITLATHE_TRY(const Json caches, listIn(value, "keys_and_values", subject));
    for (std::size_t i = 0; i < caches.size(); ++i) {
        BITLATHE_TRY(table.caches.emplace_back(), cacheQualityFrom(caches[i], placeIn(subject, "keys_and_values", i)));
    }
    return table;
}

const QualityTable& qualityTable()
{
    static const QualityTable table = parseQualityTable(qualityData(), "quality.json").value();
    return table;
}

} // namespace bitlathe::plan
