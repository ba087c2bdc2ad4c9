// SPDX-License-Identifier: Apache-2.0
// Grids of keys and values that a run writes beside the weights, from its own statistics.
#include "core/run/foldedkv.h"

#include <algorithm>

namespace bitlathe::run
{

namespace
{

/// The scales behind the values of a block, one for each key head and dimension; empty: none, or shared by heads.
std::vector<double> scalesOfValues(const model::ModelSpec& spec, std::int64_t block,
                                   const std::vector<ScaleRecord>& scales)
{
    for (const ScaleRecord& record : scales) {
        const bool known = !record.layers.empty() && record.layers.front().index() < spec.linears.size();
        if (!known) {
            continue;
        }
        const model::LinearSpec& linear = spec.linear(record.layers.front());
        const bool fits = std::ssize(record.scales) == spec.kvHeads * spec.headDim;
        if (linear.block == block && linear.role == model::LinearRole::Output && fits) {
            return record.scales;
        }
    }
    return {};
}

} // namespace

calibrate::KeyValueRanges foldedRanges(calibrate::KeyValueRanges ranges, const model::ModelSpec& spec,
                                       const std::vector<ScaleRecord>& scales)
{
    for (std::size_t block = 0; block < ranges.layers.size(); ++block) {
        const std::vector<double> divided = scalesOfValues(spec, static_cast<std::int64_t>(block), scales);
        calibrate::KeyValueStats& layer = ranges.layers[block];
        for (std::vector<float>* values : {&layer.valueMin, &layer.valueMax, &layer.valueAbsMax}) {
            for (std::size_t i = 0; i < std::min(divided.size(), values->size()); ++i) {
                (*values)[i] = static_cast<float>(static_cast<double>((*values)[i]) / divided[i]);
            }
        }
    }
    return ranges;
}

Result<quant::KvParams> foldedKvParams(const calibrate::StatsStore& statistics, const model::ModelSpec& spec,
                                       const std::vector<ScaleRecord>& scales, const quant::KvScheme& scheme,
                                       std::int64_t ranks)
{
    BITLATHE_TRY(calibrate::KeyValueRanges measured, calibrate::keyValueRanges(statistics, spec));
    return quant::kvParamsOf(foldedRanges(std::move(measured), spec, scales), scheme, ranks);
}

} // namespace bitlathe::run
