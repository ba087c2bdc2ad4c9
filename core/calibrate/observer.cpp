// SPDX-License-Identifier: Apache-2.0
// StatsObserver.
#include "core/calibrate/observer.h"

#include "kernels/backend.h"

#include <algorithm>
#include <cmath>
#include <iterator>
#include <limits>
#include <utility>

namespace bitlathe::calibrate
{

namespace
{

std::vector<float> repeated(std::int64_t count, float value)
{
    return std::vector<float>(static_cast<std::size_t>(count), value);
}

std::vector<double> zeros(std::int64_t count)
{
    return std::vector<double>(static_cast<std::size_t>(count));
}

/// For a matrix: what spare statistics have of its size, or new.
std::vector<float> roomFor(std::size_t count, BlockStats& spare)
{
    const auto found =
        std::ranges::find_if(spare.inputs, [count](const InputStats& input) { return input.hessian.size() == count; });
    return found != spare.inputs.end() ? std::exchange(found->hessian, {}) : std::vector<float>(count);
}

} // namespace

ChannelSums::ChannelSums(const kernels::Backend& computes, std::int64_t count)
    : backend(&computes),
      min(computes.memory(), repeated(count, std::numeric_limits<float>::infinity())),
      max(computes.memory(), repeated(count, -std::numeric_limits<float>::infinity())),
      absMax(computes.memory(), repeated(count, 0.0F)),
      sum(computes.memory(), zeros(count)),
      absSum(computes.memory(), zeros(count))
{}

void ChannelSums::add(std::span<const float> rows)
{
    const auto count = static_cast<std::int64_t>(rows.size() / min.span().size());
    backend->accumulateChannels(rows, count, {min.span(), max.span(), absMax.span(), sum.span(), absSum.span()});
}

bool ChannelSums::finite()
{
    return std::ranges::all_of(absSum.values(), [](double value) { return std::isfinite(value); });
}

StatsObserver::StatsObserver(const model::ModelSpec& spec, std::int64_t block, bool hessian, model::Compute compute,
                             const kernels::Backend& backend, std::vector<LayerId> only)
    : m_spec(spec),
      m_block(block),
      m_hessian(hessian),
      m_precision(model::precisionOf(compute)),
      m_backend(backend),
      m_only(std::move(only))
{
    reset();
}

void StatsObserver::reset()
{
    m_inputs.clear();
    m_keys.reset();
    m_values.reset();
    if (m_only.empty()) {
        m_keys.emplace(m_backend, m_spec.kvHeads * m_spec.headDim);
        m_values.emplace(m_backend, m_spec.kvHeads * m_spec.headDim);
    }
}

bool StatsObserver::sees(LayerId linear) const
{
    return m_only.empty() || std::ranges::find(m_only, linear) != m_only.end();
}

StatsObserver::Input& StatsObserver::inputOf(std::span<const LayerId> linears, std::int64_t features)
{
    const auto found = std::ranges::find_if(
        m_inputs, [&](const Input& input) { return input.stats.linears.front() == linears.front(); });
    if (found != m_inputs.end()) {
        return *found;
    }
    Input input{{}, ChannelSums(m_backend, features), model::Values(m_backend.memory())};
    input.stats.block = m_block;
    input.stats.linears.assign(linears.begin(), linears.end());
    input.stats.features = features;
    if (m_hessian) {
        input.hessian.resize(static_cast<std::size_t>(features * features));
        model::clear(m_backend.memory(), input.hessian.span());
    }
    return m_inputs.emplace_back(std::move(input));
}

void StatsObserver::onInput(std::span<const LayerId> linears, const model::Activations& input)
{
    if (!sees(linears.front())) {
        return;
    }
    Input& into = inputOf(linears, input.cols);
    into.stats.tokens += input.rows;
    into.channels.add(input.span());
    if (m_hessian) {
        m_backend.accumulateGram(m_precision, input.span(), input.rows, input.cols, into.hessian.span());
    }
}

void StatsObserver::onKeyValue(std::int64_t /*block*/, std::span<const float> keys, std::span<const float> values)
{
    if (m_keys) {
        m_keys->add(keys);
        m_values->add(values);
    }
}

bool StatsObserver::finite()
{
    return std::ranges::all_of(m_inputs, [](Input& input) { return input.channels.finite(); });
}

std::vector<InputStats> StatsObserver::unreached() const
{
    std::vector<InputStats> all;
    for (const LayerId id : m_spec.blocks[static_cast<std::size_t>(m_block)].linears) {
        if (!sees(id)) {
            continue;
        }
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

BlockStats StatsObserver::take(BlockStats spare)
{
    BlockStats result;
    result.block = m_block;
    result.inputs = unreached();
    for (Input& input : m_inputs) {
        InputStats& stats = input.stats;
        ChannelSums& channels = input.channels;
        const auto mean = [&](double sum) {
            return static_cast<float>(sum / static_cast<double>(std::max<std::int64_t>(1, stats.tokens)));
        };
        std::ranges::transform(channels.sum.values(), std::back_inserter(stats.mean), mean);
        std::ranges::transform(channels.absSum.values(), std::back_inserter(stats.absMean), mean);
        stats.min = channels.min.values();
        stats.max = channels.max.values();
        stats.absMax = channels.absMax.values();
        if (m_hessian) {
            const kernels::Memory& memory = m_backend.memory();
            m_backend.mirrorLower(input.hessian.span(), stats.features);
            if (memory.isHost()) {
                stats.hessian = std::move(input.hessian.values);
            } else {
                stats.hessian = roomFor(input.hessian.size(), spare);
                model::downloadFrom(memory, input.hessian.span(), stats.hessian);
            }
            input.hessian = model::Values(memory);
        }
        result.inputs.push_back(std::move(stats));
    }
    // Which expert is met first depends on the text; the order of the forward pass does not.
    std::ranges::sort(result.inputs, {}, [](const InputStats& input) { return input.linears.front(); });
    m_inputs.clear();
    if (m_keys) {
        result.keyValue = {m_keys->min.values(),   m_keys->max.values(),   m_keys->absMax.values(),
                           m_values->min.values(), m_values->max.values(), m_values->absMax.values()};
    }
    return result;
}

} // namespace bitlathe::calibrate
