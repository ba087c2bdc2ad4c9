// SPDX-License-Identifier: Apache-2.0
// MovedBackend: a backend whose memory is a device's, for callers whose values are in the processor's memory.
#pragma once

#include "kernels/backend.h"

#include <array>
#include <list>
#include <stdexcept>
#include <utility>
#include <vector>

namespace bitlathe::tests
{

/// Takes spans of the processor: moves them to the device, computes there and moves results back. What an operation
/// only writes is moved there, too, so that a value that is not written shows. A device that fails throws.
class MovedBackend final : public kernels::Backend
{
public:
    explicit MovedBackend(const kernels::Backend& device) : m_device(device) {}

    std::string_view name() const override { return m_device.name(); }

    std::unique_ptr<kernels::PreparedWeights> prepare(const kernels::WeightsView& weights,
                                                      kernels::Precision precision) const override
    {
        return m_device.prepare(weights, precision);
    }

    std::unique_ptr<kernels::PreparedWeights> preparePacked(const kernels::PackedWeightsView& weights,
                                                            kernels::Precision precision) const override
    {
        return m_device.preparePacked(weights, precision);
    }

    std::unique_ptr<kernels::PreparedWeights> prepareInPlace(std::span<const float> weights, std::int64_t outputs,
                                                             std::int64_t inputs) const override
    {
        auto held = std::make_unique<Held>();
        held->values = moved(weights);
        held->inner = m_device.prepareInPlace(held->values.span(), outputs, inputs);
        return held;
    }

    void gemm(std::span<const float> x, std::int64_t rows, const kernels::PreparedWeights& weights,
              std::span<const float> bias, std::span<float> y) const override
    {
        const Changed<float> out(m_device, y);
        const auto* held = dynamic_cast<const Held*>(&weights);
        m_device.gemm(moved(x).span(), rows, held != nullptr ? *held->inner : weights, moved(bias).span(), out.span());
    }

    void gemmEach(const kernels::GemmInput& input, std::span<const kernels::GemmPart> parts) const override
    {
        const auto x = moved(input.x);
        const auto normWeight = moved(input.normWeight);
        const auto factor = moved(input.factor);
        const Changed<float> made(m_device, input.made);
        kernels::GemmInput inputThere = input;
        inputThere.x = input.x.data() == input.made.data() ? made.span() : x.span();
        inputThere.normWeight = normWeight.span();
        inputThere.factor = factor.span();
        inputThere.made = made.span();
        std::list<Changed<float>> results;
        std::list<kernels::Buffer<float>> biases;
        std::vector<kernels::GemmPart> there;
        for (const kernels::GemmPart& part : parts) {
            biases.push_back(moved(part.bias));
            const auto y = results.emplace_back(m_device, part.y).span();
            there.push_back({part.weights, biases.back().span(), y, results.emplace_back(m_device, part.addTo).span()});
        }
        m_device.gemmEach(inputThere, there);
    }

    void rmsNorm(std::span<const float> x, std::span<const float> weight, double epsilon,
                 std::span<float> out) const override
    {
        const Changed<float> result(m_device, out);
        const auto input = moved(x);
        m_device.rmsNorm(x.data() == out.data() ? result.span() : input.span(), moved(weight).span(), epsilon,
                         result.span());
    }

    void layerNorm(std::span<const float> x, std::span<const float> weight, std::span<const float> bias, double epsilon,
                   std::span<float> out) const override
    {
        const Changed<float> result(m_device, out);
        const auto input = moved(x);
        m_device.layerNorm(x.data() == out.data() ? result.span() : input.span(), moved(weight).span(),
                           moved(bias).span(), epsilon, result.span());
    }

    void rope(std::span<float> x, std::int64_t rows, std::int64_t heads, std::int64_t headDim,
              std::span<const float> cosine, std::span<const float> sine) const override
    {
        const Changed<float> values(m_device, x);
        m_device.rope(values.span(), rows, heads, headDim, moved(cosine).span(), moved(sine).span());
    }

    void turn(const kernels::TurnedRows& rows) const override
    {
        const Changed<float> queries(m_device, rows.queries);
        const Changed<float> keys(m_device, rows.keys);
        const Changed<float> keptKeys(m_device, rows.keptKeys);
        const Changed<float> keptValues(m_device, rows.keptValues);
        const auto values = moved(rows.values);
        const auto cosine = moved(rows.cosine);
        const auto sine = moved(rows.sine);
        kernels::TurnedRows there = rows;
        there.queries = queries.span();
        there.keys = keys.span();
        there.values = values.span();
        there.cosine = cosine.span();
        there.sine = sine.span();
        there.keptKeys = keptKeys.span();
        there.keptValues = keptValues.span();
        m_device.turn(there);
    }

    void activate(kernels::Activation activation, std::span<float> x, std::span<const float> factor) const override
    {
        const Changed<float> values(m_device, x);
        m_device.activate(activation, values.span(), moved(factor).span());
    }

    void add(std::span<float> x, std::span<const float> y) const override
    {
        const Changed<float> values(m_device, x);
        m_device.add(values.span(), moved(y).span());
    }

    void softCap(std::span<float> x, float cap) const override
    {
        m_device.softCap(Changed<float>(m_device, x).span(), cap);
    }

    void softmax(std::span<float> x, std::int64_t cols) const override
    {
        m_device.softmax(Changed<float>(m_device, x).span(), cols);
    }

    void pick(std::span<const float> x, std::int64_t cols, std::span<const std::int32_t> indices,
              std::span<float> out) const override
    {
        const Changed<float> result(m_device, out);
        m_device.pick(moved(x).span(), cols, onDevice(m_device, indices).span(), result.span());
    }

    void widenRows(const kernels::WeightsView& table, std::span<const std::int32_t> indices,
                   std::span<float> out) const override
    {
        const auto bytes = onDevice(m_device, table.bytes);
        kernels::WeightsView there = table;
        there.bytes = bytes.span();
        const Changed<float> result(m_device, out);
        m_device.widenRows(there, onDevice(m_device, indices).span(), result.span());
    }

    void largest(std::span<const float> x, std::int64_t cols, std::span<std::int32_t> out) const override
    {
        m_device.largest(moved(x).span(), cols, Changed<std::int32_t>(m_device, out).span());
    }

    void copyRows(std::span<const float> from, std::int64_t strideFrom, std::span<float> to, std::int64_t strideTo,
                  std::int64_t rows, std::int64_t width) const override
    {
        const Changed<float> result(m_device, to);
        m_device.copyRows(moved(from).span(), strideFrom, result.span(), strideTo, rows, width);
    }

    void attention(const kernels::AttentionShape& shape, kernels::Precision precision, std::span<const float> query,
                   std::span<const float> keys, std::span<const float> values, std::span<float> out) const override
    {
        const Changed<float> result(m_device, out);
        m_device.attention(shape, precision, moved(query).span(), moved(keys).span(), moved(values).span(),
                           result.span());
    }

    void accumulateGram(kernels::Precision precision, std::span<const float> x, std::int64_t rows, std::int64_t cols,
                        std::span<float> gram) const override
    {
        const Changed<float> sums(m_device, gram);
        m_device.accumulateGram(precision, moved(x).span(), rows, cols, sums.span());
    }

    void mirrorLower(std::span<float> matrix, std::int64_t cols) const override
    {
        m_device.mirrorLower(Changed<float>(m_device, matrix).span(), cols);
    }

    void accumulateChannels(std::span<const float> x, std::int64_t rows,
                            const kernels::ChannelStats& stats) const override
    {
        const Changed<float> minimum(m_device, stats.minimum);
        const Changed<float> maximum(m_device, stats.maximum);
        const Changed<float> absMaximum(m_device, stats.absMaximum);
        const Changed<double> sum(m_device, stats.sum);
        const Changed<double> absSum(m_device, stats.absSum);
        m_device.accumulateChannels(moved(x).span(), rows,
                                    {minimum.span(), maximum.span(), absMaximum.span(), sum.span(), absSum.span()});
    }

    bool factorColumns(const kernels::ColumnFactoring& factoring) const override
    {
        const auto matrix = moved(factoring.matrix);
        const Changed<float> factor(m_device, factoring.factor);
        const Changed<float> weight(m_device, factoring.weight);
        kernels::ColumnFactoring there = factoring;
        there.matrix = matrix.span();
        there.factor = factor.span();
        there.weight = weight.span();
        return m_device.factorColumns(there);
    }

    bool roundColumns(const kernels::ColumnRounding& rounding) const override
    {
        const std::array inputs{moved(rounding.weights), moved(rounding.factor), moved(rounding.weight),
                                moved(rounding.coupling), moved(rounding.couplingWeight)};
        const Changed<std::uint8_t> codes(m_device, rounding.codes);
        const Changed<float> scales(m_device, rounding.scales);
        const Changed<std::uint8_t> zeros(m_device, rounding.zeros);
        const Changed<std::int32_t> coarse(m_device, rounding.coarse);
        const Changed<float> differences(m_device, rounding.differences);
        kernels::ColumnRounding there = rounding;
        there.weights = inputs[0].span();
        there.factor = inputs[1].span();
        there.weight = inputs[2].span();
        there.coupling = inputs[3].span();
        there.couplingWeight = inputs[4].span();
        there.codes = codes.span();
        there.scales = scales.span();
        there.zeros = zeros.span();
        there.coarse = coarse.span();
        there.differences = differences.span();
        return m_device.roundColumns(there);
    }

    void groupErrors(const kernels::GroupErrors& groups) const override
    {
        kernels::GroupErrors there = groups;
        const std::array inputs{moved(groups.of.weights), moved(groups.scales), moved(groups.ratios)};
        const Changed<float> errors(m_device, groups.errors);
        there.of.weights = inputs[0].span();
        there.scales = inputs[1].span();
        there.ratios = inputs[2].span();
        there.errors = errors.span();
        m_device.groupErrors(there);
    }

    bool searchRatios(const kernels::RatioSearch& search) const override
    {
        kernels::RatioSearch there = search;
        const std::array inputs{moved(search.of.weights), moved(search.matrix)};
        const Changed<std::uint8_t> best(m_device, search.best);
        there.of.weights = inputs[0].span();
        there.matrix = inputs[1].span();
        there.best = best.span();
        return m_device.searchRatios(there);
    }

    void dotRows(std::span<const float> x, std::span<const float> y, std::int64_t cols,
                 std::span<double> out) const override
    {
        m_device.dotRows(moved(x).span(), moved(y).span(), cols, Changed<double>(m_device, out).span());
    }

    void logSumExp(std::span<const float> logits, std::int64_t cols, std::span<double> out) const override
    {
        m_device.logSumExp(moved(logits).span(), cols, Changed<double>(m_device, out).span());
    }

    void klDivergence(std::span<const float> p, std::span<const float> q, std::int64_t cols,
                      std::span<double> out) const override
    {
        m_device.klDivergence(moved(p).span(), moved(q).span(), cols, Changed<double>(m_device, out).span());
    }

private:
    /// Weights in place, with the place.
    struct Held final : kernels::PreparedWeights
    {
        std::int64_t outputs() const override { return inner->outputs(); }
        std::int64_t inputs() const override { return inner->inputs(); }
        std::uint64_t bytes() const override { return inner->bytes(); }

        kernels::Buffer<float> values;
        std::unique_ptr<kernels::PreparedWeights> inner;
    };

    template <class T>
    static kernels::Buffer<T> onDevice(const kernels::Backend& device, std::span<const T> values)
    {
        return std::move(kernels::Buffer<T>::of(device.memory(), values)).value();
    }

    kernels::Buffer<float> moved(std::span<const float> values) const { return onDevice(m_device, values); }

    /// Values on the device that come back when this ends.
    template <class T>
    class Changed
    {
    public:
        Changed(const kernels::Backend& device, std::span<T> values)
            : m_memory(device.memory()), m_values(values), m_buffer(onDevice<T>(device, values))
        {}
        Changed(const Changed&) = delete;
        Changed& operator=(const Changed&) = delete;
        ~Changed() noexcept(false)
        {
            if (!m_buffer.download(m_values)) {
                throw std::runtime_error(m_memory.failure());
            }
        }
        std::span<T> span() const { return m_buffer.span(); }

    private:
        const kernels::Memory& m_memory;
        std::span<T> m_values;
        kernels::Buffer<T> m_buffer;
    };

    const kernels::Backend& m_device;
};

} // namespace bitlathe::tests
