// SPDX-License-Identifier: Apache-2.0
// QualityTable: how much perplexity rises under schemes and KV caches, as measured here or published.
#pragma once

#include "core/quant/kvscheme.h"
#include "core/quant/methodoptions.h"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace bitlathe::plan
{

/// One measurement.
struct QualityFigure
{
    std::int64_t parameters = 0; ///< Of the model.
    double excess = 0;           ///< Perplexity / perplexity without quantization - 1.
    std::string text;            ///< What was read, and the perplexities where they are published.
    std::string source;
    std::string date;
};

struct WeightsQuality
{
    std::string method;
    quant::Scheme scheme;
    std::optional<quant::Effort> effort; ///< Of methods that have one.
    std::vector<QualityFigure> figures;  ///< At least one.
};

struct CacheQuality
{
    quant::KvScheme scheme;
    std::vector<QualityFigure> figures; ///< At least one.
};

struct QualityTable
{
    static constexpr int kVersion = 1;
    std::vector<WeightsQuality> weights;
    std::vector<CacheQuality> caches;

    const CacheQuality* find(const quant::KvScheme& scheme) const; ///< Null: not measured.
};

/// The one whose model is nearest in size, by ratio; the smaller of two that are as near.
const QualityFigure& nearestFigure(const std::vector<QualityFigure>& figures, std::int64_t parameters);

/// From JSON as in resources/advice/quality.json. Errors: FileInvalid naming subject and place.
Result<QualityTable> parseQualityTable(std::string_view text, const std::string& subject);
/// The one that is built in.
const QualityTable& qualityTable();

/// Text of resources/advice/quality.json.
std::string_view qualityData();

} // namespace bitlathe::plan
