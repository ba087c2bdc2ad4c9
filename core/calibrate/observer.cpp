// SPDX-License-Identifier: Apache-2.0
// StatsObserver.
#include "core/calibrate/observer.h"

#include "kernels/backend.h"

#include <algorithm>
#include <cmath>
#include <iterator>
#include <limits>

namespace bitlathe::calibrate
{

StatsObserver::Channels::Channels(std::int64_t count)
    : min(static_cast<std::size_t>(count), std::numeric_limits<float>::infinity()),
      max(static_cast<std::size_t>(count), -std::numeric_limits<float>::infinity()),
      absMax(static_cast<std::size_t>(count)),
      sum(static_cast<std::size_t>(count)),
      absSum(static_cast<std::size_t>(count))
{}

void StatsObserver::Channels::add(std::span<const float> rows)
{
    const auto count = static_cast<std::int64_t>(rows.size() / min.size());
    kernels::cpuBackend().accumulateChannels(rows, count, {min, max, absMax, sum, absSum});
}

StatsObserver::StatsObserver(const model::ModelSpec& spec, std::int64_t block, bool hessian, model::Compute compute)
    : m_spec(spec),
      m_block(block),
      m_hessian(hessian),
      m_precision(compute == model::Compute::Bf16 ? kernels::Precision::Bf16 : kernels::Precision::F32),
      m_keys(spec.kvHeads * spec.headDim),
      m_values(spec.kvHeads * spec.headDim)
{}

StatsObserver::Input& StatsObserver::inputOf(std::span<const LayerId> linears, std::int64_t features)
{
    const auto found = std::ranges::find_if(
        m_inputs, [&](const Input& input) { return input.stats.linears.front() == linears.front(); });
    if (found != m_inputs.end()) {
        return *found;
    }
    InputStats stats;
    stats.block = m_block;
    stats.linears.assign(linears.begin(), linears.end());
    stats.features = features;
    if (m_hessian) {
        stats.hessian.resize(static_cast<std::size_t>(features * features));
    }
    return m_inputs.emplace_back(std::move(stats), Channels(features));
}

void StatsObserver::onInput(std::span<const LayerId> linears, const model::Activations& input)
{
    Input& into = inputOf(linears, input.cols);
    into.stats.tokens += input.rows;
    into.channels.add(input.values);
    if (m_hessian) {
        kernels::cpuBackend().accumulateGram(m_precision, input.values, input.rows, input.cols, into.stats.hessian);
    }
}

void StatsObserver::onKeyValue(std::int64_t /*block*/, std::span<const float> keys, std::span<const float> values)
{
    m_keys.add(keys);
    m_values.add(values);
}

bool StatsObserver::finite() const
{
    // A sum is NaN or infinite as soon as one of its terms is: finite f32 terms cannot overflow a double.
    return std::ranges::all_of(m_inputs, [](const Input& input) {
        return std::ranges::all_of(input.channels.absSum, [](double sum) { return std::isfinite(sum); });
    });
}

std::vector<InputStats> StatsObserver::unreached() const
{
    std::vector<InputStats> all;
    for (const LayerId id : m_spec.blocks[static_cast<std::size_t>(m_block)].linears) {
        const model::LinearSpec& linear = m_spec.linear(id);
        const auto isReader = [&](const InputStats& input) {
            return m_spec.linear(input.linears.front()).inputGroup == linear.inputGroup;
        };
        if (std::ranges::any_of(m_inputs, isReader, &Input::stats)) {
            continue;
        }
        auto found = std::ranges::find_if(all, isReader);
        if (found == all.end()) {
            InputStats stats;
            stats.block = m_block;
            stats.features = linear.inFeatures;
            for (auto* values : {&stats.min, &stats.max, &stats.mean, &stats.absMax, &stats.absMean}) {
                values->resize(static_cast<std::size_t>(linear.inFeatures));
            }
            found = all.insert(all.end(), std::move(stats));
        }
        found->linears.push_back(id);
    }
    return all;
}

BlockStats StatsObserver::take()
{
    BlockStats result;
    result.block = m_block;
    result.inputs = unreached();
    for (Input& input : m_inputs) {
        InputStats& stats = input.stats;
        Channels& channels = input.channels;
        const auto mean = [&](double sum) {
            return static_cast<float>(sum / static_cast<double>(std::max<std::int64_t>(1, stats.tokens)));
        };
        std::ranges::transform(channels.sum, std::back_inserter(stats.mean), mean);
        std::ranges::transform(channels.absSum, std::back_inserter(stats.absMean), mean);
        stats.min = std::move(channels.min);
        stats.max = std::move(channels.max);
        stats.absMax = std::move(channels.absMax);
        if (m_hessian) {
            kernels::cpuBackend().mirrorLower(stats.hessian, stats.features);
        }
        result.inputs.push_back(std::move(stats));
    }
    // Which expert is met first depends on the text; the order of the forward pass does not.
    std::ranges::sort(result.inputs, {}, [](const InputStats& input) { return input.linears.front(); });
    m_inputs.clear();
    result.keyValue = {std::move(m_keys.min),   std::move(m_keys.max),   std::move(m_keys.absMax),
                       std::move(m_values.min), std::move(m_values.max), std::move(m_values.absMax)};
    return result;
}

} // namespace bitlathe::calibrate
