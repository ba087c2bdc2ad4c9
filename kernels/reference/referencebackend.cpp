// SPDX-License-Identifier: Apache-2.0
// The reference backend: every operation in plain loops with sums in double. It is the specification, not fast.
#include "kernels/backend.h"
#include "kernels/quantize.h"
#include "kernels/reference/columns.h"
#include "kernels/reference/packed.h"
#include "kernels/scalars.h"

#include <algorithm>
#include <bit>
#include <cassert>
#include <cmath>
#include <cstring>
#include <limits>
#include <numbers>
#include <vector>

namespace bitlathe::kernels
{

namespace
{

std::size_t size(std::int64_t count)
{
    return static_cast<std::size_t>(count);
}

float roundedBf16(float value)
{
    Bf16 rounded;
    convert(std::span(&value, 1), std::span(&rounded, 1));
    return static_cast<float>(rounded);
}

class ReferenceWeights final : public PreparedWeights
{
public:
    ReferenceWeights(const WeightsView& weights, Precision precision)
        : m_outputs(weights.outputs), m_precision(precision), m_values(size(weights.outputs * weights.inputs))
    {
        switch (weights.type) {
        case ScalarType::F32: std::memcpy(m_values.data(), weights.bytes.data(), weights.bytes.size()); break;
        case ScalarType::F16: widen<F16>(weights.bytes); break;
        case ScalarType::Bf16: widen<Bf16>(weights.bytes); break;
        }
        if (precision == Precision::Bf16) {
            std::ranges::transform(m_values, m_values.begin(), roundedBf16);
        }
    }

    std::int64_t outputs() const override { return m_outputs; }
    std::int64_t inputs() const override
    {
        return m_outputs > 0 ? static_cast<std::int64_t>(m_values.size()) / m_outputs : 0;
    }
    std::uint64_t bytes() const override { return m_values.size() * sizeof(float); }
    Precision precision() const { return m_precision; }
    const float* row(std::int64_t output) const { return m_values.data() + output * inputs(); }

private:
    template <typename T>
    void widen(std::span<const std::byte> bytes)
    {
        for (std::size_t i = 0; i < m_values.size(); ++i) {
            T value;
            std::memcpy(&value, bytes.data() + i * sizeof(T), sizeof(T));
            m_values[i] = static_cast<float>(value);
        }
    }

    std::int64_t m_outputs;
    Precision m_precision;
    std::vector<float> m_values;
};

/// What rounding one group of a row leaves; scales as of GroupErrors.
void leaveErrors(const GroupErrors& groups, float ratio, std::span<const float> weights, std::span<const float> scales,
                 std::span<float> errors)
{
    const GridRule& rule = groups.of.rule;
    std::vector<float> scaled(weights.begin(), weights.end());
    for (std::size_t i = 0; i < scales.size(); ++i) {
        scaled[i] *= scales[i];
    }
    const auto chosen = [&] {
        if (rule.searchRange) {
            return chooseGrid(scaled, rule);
        }
        const auto [low, high] = std::ranges::minmax(scaled);
        return gridOver(std::min(0.0F, low) * ratio, std::max(0.0F, high) * ratio, rule,
                        [&rule](float scale) { return roundToScaleType(scale, rule.scaleType); });
    };
    const GroupGrid grid = groups.grid != nullptr ? *groups.grid : chosen();
    const auto zero = static_cast<float>(grid.zero);
    for (std::size_t i = 0; i < weights.size(); ++i) {
        const float code =
            std::clamp(std::nearbyint(scaled[i] / grid.scale) + zero, 0.0F, static_cast<float>(rule.maxCode()));
        const float stored = (code - zero) * grid.scale;
        errors[i] = weights[i] - (scales.empty() ? stored : stored / scales[i]);
    }
}

class ReferenceBackend final : public Backend
{
public:
    std::string_view name() const override { return "reference"; }

    std::unique_ptr<PreparedWeights> prepare(const WeightsView& weights, Precision precision) const override
    {
        return std::make_unique<ReferenceWeights>(weights, precision);
    }

    /// The weights are widened: only what they mean is specified, not how much memory they take.
    std::unique_ptr<PreparedWeights> preparePacked(const PackedWeightsView& weights, Precision precision) const override
    {
        const std::vector<float> values = unpackWeights(weights);
        return prepare({ScalarType::F32, weights.outputs, weights.inputs, std::as_bytes(std::span(values))}, precision);
    }

    void gemm(std::span<const float> x, std::int64_t rows, const PreparedWeights& prepared, std::span<const float> bias,
              std::span<float> y) const override
    {
        const auto& weights = dynamic_cast<const ReferenceWeights&>(prepared);
        const bool bf16 = weights.precision() == Precision::Bf16;
        const std::int64_t inputs = weights.inputs();
        const std::int64_t outputs = weights.outputs();
        assert(x.size() == size(rows * inputs) && y.size() == size(rows * outputs));
        for (std::int64_t row = 0; row < rows; ++row) {
            for (std::int64_t output = 0; output < outputs; ++output) {
                double sum = bias.empty() ? 0.0 : static_cast<double>(bias[size(output)]);
                const float* w = weights.row(output);
                for (std::int64_t k = 0; k < inputs; ++k) {
                    const float factor = x[size(row * inputs + k)];
                    sum += static_cast<double>(bf16 ? roundedBf16(factor) : factor) * static_cast<double>(w[k]);
                }
                y[size(row * outputs + output)] = static_cast<float>(sum);
            }
        }
    }

    void rmsNorm(std::span<const float> x, std::span<const float> weight, double epsilon,
                 std::span<float> out) const override
    {
        for (std::size_t row = 0; row < x.size(); row += weight.size()) {
            double sum = 0;
            for (std::size_t i = 0; i < weight.size(); ++i) {
                sum += static_cast<double>(x[row + i]) * static_cast<double>(x[row + i]);
            }
            const double factor = 1.0 / std::sqrt(sum / static_cast<double>(weight.size()) + epsilon);
            for (std::size_t i = 0; i < weight.size(); ++i) {
                const double value = static_cast<double>(x[row + i]) * factor * static_cast<double>(weight[i]);
                out[row + i] = static_cast<float>(value);
            }
        }
    }

    void layerNorm(std::span<const float> x, std::span<const float> weight, std::span<const float> bias, double epsilon,
                   std::span<float> out) const override
    {
        const auto count = static_cast<double>(weight.size());
        for (std::size_t row = 0; row < x.size(); row += weight.size()) {
            double mean = 0;
            for (std::size_t i = 0; i < weight.size(); ++i) {
                mean += static_cast<double>(x[row + i]) / count;
            }
            double variance = 0;
            for (std::size_t i = 0; i < weight.size(); ++i) {
                const double off = static_cast<double>(x[row + i]) - mean;
                variance += off * off / count;
            }
            const double factor = 1.0 / std::sqrt(variance + epsilon);
            for (std::size_t i = 0; i < weight.size(); ++i) {
                const double shift = bias.empty() ? 0.0 : static_cast<double>(bias[i]);
                const double value = (static_cast<double>(x[row + i]) - mean) * factor;
                out[row + i] = static_cast<float>(value * static_cast<double>(weight[i]) + shift);
            }
        }
    }

    void rope(std::span<float> x, std::int64_t rows, std::int64_t heads, std::int64_t headDim,
              std::span<const float> cosine, std::span<const float> sine) const override
    {
        const std::int64_t half = headDim / 2;
        for (std::int64_t row = 0; row < rows; ++row) {
            for (std::int64_t head = 0; head < heads; ++head) {
                float* const v = x.data() + (row * heads + head) * headDim;
                for (std::int64_t i = 0; i < half; ++i) {
                    const double c = static_cast<double>(cosine[size(row * half + i)]);
                    const double s = static_cast<double>(sine[size(row * half + i)]);
                    const auto low = static_cast<double>(v[i]);
                    const auto high = static_cast<double>(v[half + i]);
                    v[i] = static_cast<float>(low * c - high * s);
                    v[half + i] = static_cast<float>(low * s + high * c);
                }
            }
        }
    }

    void activate(Activation activation, std::span<float> x, std::span<const float> factor) const override
    {
        for (std::size_t i = 0; i < x.size(); ++i) {
            const double value = activated(activation, static_cast<double>(x[i]));
            x[i] = static_cast<float>(factor.empty() ? value : value * static_cast<double>(factor[i]));
        }
    }

    void add(std::span<float> x, std::span<const float> y) const override
    {
        for (std::size_t i = 0; i < x.size(); ++i) {
            x[i] += y[i];
        }
    }

    void softCap(std::span<float> x, float cap) const override
    {
        for (float& value : x) {
            value = static_cast<float>(static_cast<double>(cap) * std::tanh(static_cast<double>(value / cap)));
        }
    }

    void softmax(std::span<float> x, std::int64_t cols) const override
    {
        for (std::size_t row = 0; row < x.size(); row += size(cols)) {
            const auto values = x.subspan(row, size(cols));
            const double shift = logSumExpOf(values);
            for (float& value : values) {
                value = static_cast<float>(std::exp(static_cast<double>(value) - shift));
            }
        }
    }

    void pick(std::span<const float> x, std::int64_t cols, std::span<const std::int32_t> indices,
              std::span<float> out) const override
    {
        for (std::size_t row = 0; row < out.size(); ++row) {
            assert(indices[row] >= 0 && indices[row] < cols);
            out[row] = x[row * size(cols) + size(indices[row])];
        }
    }

    void widenRows(const WeightsView& table, std::span<const std::int32_t> indices, std::span<float> out) const override
    {
        for (std::size_t i = 0; i < indices.size(); ++i) {
            assert(indices[i] >= 0 && indices[i] < table.outputs);
            const WeightsView row{table.type, 1, table.inputs,
                                  table.bytes.subspan(size(indices[i] * table.bytesRow()), size(table.bytesRow()))};
            std::copy_n(ReferenceWeights(row, Precision::F32).row(0), table.inputs,
                        out.data() + static_cast<std::int64_t>(i) * table.inputs);
        }
    }

    void largest(std::span<const float> x, std::int64_t cols, std::span<std::int32_t> out) const override
    {
        for (std::size_t row = 0; row < out.size(); ++row) {
            const auto values = x.subspan(row * size(cols), size(cols));
            std::size_t best = 0;
            for (std::size_t i = 0; i < values.size(); ++i) {
                best = values[i] > values[best] || (std::isnan(values[best]) && !std::isnan(values[i])) ? i : best;
            }
            out[row] = std::isnan(values[best]) ? 0 : static_cast<std::int32_t>(best);
        }
    }

    void copyRows(std::span<const float> from, std::int64_t strideFrom, std::span<float> to, std::int64_t strideTo,
                  std::int64_t rows, std::int64_t width) const override
    {
        for (std::int64_t row = 0; row < rows; ++row) {
            std::copy_n(from.data() + row * strideFrom, width, to.data() + row * strideTo);
        }
    }

    void attention(const AttentionShape& shape, Precision /*precision*/, std::span<const float> query,
                   std::span<const float> keys, std::span<const float> values, std::span<float> out) const override
    {
        for (std::int64_t row = 0; row < shape.queries; ++row) {
            for (std::int64_t head = 0; head < shape.heads; ++head) {
                attendOne(shape, row, head, query, keys, values, out);
            }
        }
    }

    void accumulateGram(Precision precision, std::span<const float> x, std::int64_t rows, std::int64_t cols,
                        std::span<float> gram) const override
    {
        const auto at = [&](std::int64_t row, std::int64_t col) {
            const float value = x[size(row * cols + col)];
            return static_cast<double>(precision == Precision::Bf16 ? roundedBf16(value) : value);
        };
        for (std::int64_t i = 0; i < cols; ++i) {
            for (std::int64_t j = 0; j <= i; ++j) {
                double sum = static_cast<double>(gram[size(i * cols + j)]);
                for (std::int64_t row = 0; row < rows; ++row) {
                    sum += at(row, i) * at(row, j);
                }
                gram[size(i * cols + j)] = static_cast<float>(sum);
            }
        }
    }

    void mirrorLower(std::span<float> matrix, std::int64_t cols) const override
    {
        for (std::int64_t i = 0; i < cols; ++i) {
            for (std::int64_t j = 0; j < i; ++j) {
                matrix[size(j * cols + i)] = matrix[size(i * cols + j)];
            }
        }
    }

    void accumulateChannels(std::span<const float> x, std::int64_t rows, const ChannelStats& stats) const override
    {
        const std::size_t cols = stats.sum.size();
        for (std::size_t row = 0; row < size(rows); ++row) {
            for (std::size_t col = 0; col < cols; ++col) {
                const float value = x[row * cols + col];
                stats.minimum[col] = std::min(stats.minimum[col], value);
                stats.maximum[col] = std::max(stats.maximum[col], value);
                stats.absMaximum[col] = std::max(stats.absMaximum[col], std::abs(value));
                stats.sum[col] += static_cast<double>(value);
                stats.absSum[col] += std::abs(static_cast<double>(value));
            }
        }
    }

    bool factorColumns(const ColumnFactoring& factoring) const override { return factorColumnsReference(factoring); }

    bool roundColumns(const ColumnRounding& rounding) const override
    {
        roundColumnsReference(rounding);
        return true;
    }

    void groupErrors(const GroupErrors& groups) const override
    {
        const GroupedWeights& of = groups.of;
        for (std::int64_t row = 0; row < of.rows; ++row) {
            for (std::int64_t first = 0; first < of.width; first += of.groupSize) {
                const std::size_t count = size(std::min(of.groupSize, of.width - first));
                leaveErrors(groups, groups.ratioOf(row, first / of.groupSize),
                            of.weights.subspan(size(row * of.cols + of.first + first), count),
                            groups.scales.empty() ? groups.scales : groups.scales.subspan(size(first), count),
                            groups.errors.subspan(size(row * of.width + first), count));
            }
        }
    }

    void dotRows(std::span<const float> x, std::span<const float> y, std::int64_t cols,
                 std::span<double> out) const override
    {
        for (std::size_t row = 0; row < out.size(); ++row) {
            out[row] = 0;
            for (std::size_t i = row * size(cols); i < (row + 1) * size(cols); ++i) {
                out[row] += static_cast<double>(x[i]) * static_cast<double>(y[i]);
            }
        }
    }

    void logSumExp(std::span<const float> logits, std::int64_t cols, std::span<double> out) const override
    {
        for (std::size_t row = 0; row < out.size(); ++row) {
            out[row] = logSumExpOf(logits.subspan(row * size(cols), size(cols)));
        }
    }

    void klDivergence(std::span<const float> p, std::span<const float> q, std::int64_t cols,
                      std::span<double> out) const override
    {
        for (std::size_t row = 0; row < out.size(); ++row) {
            const auto rowP = p.subspan(row * size(cols), size(cols));
            const auto rowQ = q.subspan(row * size(cols), size(cols));
            const double shiftP = logSumExpOf(rowP);
            const double shiftQ = logSumExpOf(rowQ);
            double sum = 0;
            for (std::size_t i = 0; i < rowP.size(); ++i) {
                const double logP = static_cast<double>(rowP[i]) - shiftP;
                sum += std::exp(logP) * (logP - (static_cast<double>(rowQ[i]) - shiftQ));
            }
            out[row] = sum;
        }
    }

private:
    static double logSumExpOf(std::span<const float> values)
    {
        const auto largest = static_cast<double>(*std::ranges::max_element(values));
        double sum = 0;
        for (const float value : values) {
            sum += std::exp(static_cast<double>(value) - largest);
        }
        return largest + std::log(sum);
    }

    static double activated(Activation activation, double x)
    {
        switch (activation) {
        case Activation::Silu: return x / (1.0 + std::exp(-x));
        case Activation::GeluTanh: {
            const double inner = std::numbers::inv_sqrtpi * std::numbers::sqrt2 * (x + 0.044715 * x * x * x);
            return 0.5 * x * (1.0 + std::tanh(inner));
        }
        case Activation::Gelu: return 0.5 * x * std::erfc(-x / std::numbers::sqrt2);
        case Activation::Relu: return std::max(x, 0.0);
        }
        return x;
    }

    static void attendOne(const AttentionShape& shape, std::int64_t row, std::int64_t head,
                          std::span<const float> query, std::span<const float> keys, std::span<const float> values,
                          std::span<float> out)
    {
        const std::int64_t position = shape.keys - shape.queries + row;
        const std::int64_t first = shape.window > 0 ? std::max<std::int64_t>(0, position - shape.window + 1) : 0;
        const std::int64_t kvHead = head / (shape.heads / shape.kvHeads);
        const float* q = query.data() + (row * shape.heads + head) * shape.headDim;
        const auto rowOf = [&](std::span<const float> cache, std::int64_t key) {
            return cache.data() + (key * shape.kvHeads + kvHead) * shape.headDim;
        };
        std::vector<double> weights;
        double largest = -std::numeric_limits<double>::infinity();
        for (std::int64_t key = first; key <= position; ++key) {
            double score = 0;
            for (std::int64_t d = 0; d < shape.headDim; ++d) {
                score += static_cast<double>(q[d]) * static_cast<double>(rowOf(keys, key)[d]);
            }
            score *= static_cast<double>(shape.scale);
            if (shape.softCap > 0.0F) {
                const auto cap = static_cast<double>(shape.softCap);
                score = cap * std::tanh(score / cap);
            }
            weights.push_back(score);
            largest = std::max(largest, weights.back());
        }
        double sum = 0;
        for (double& weight : weights) {
            weight = std::exp(weight - largest);
            sum += weight;
        }
        for (std::int64_t d = 0; d < shape.headDim; ++d) {
            double value = 0;
            for (std::int64_t key = first; key <= position; ++key) {
                value += weights[size(key - first)] * static_cast<double>(rowOf(values, key)[d]);
            }
            out[size((row * shape.heads + head) * shape.headDim + d)] = static_cast<float>(value / sum);
        }
    }
};

} // namespace

const Backend& referenceBackend()
{
    static const ReferenceBackend backend;
    return backend;
}

void Backend::gemmEach(const GemmInput& input, std::span<const GemmPart> parts) const
{
    std::span<const float> x = input.x;
    if (!input.normWeight.empty()) {
        rmsNorm(x, input.normWeight, input.epsilon, input.made);
        x = input.made;
    }
    if (input.activation) {
        if (x.data() != input.made.data()) {
            const std::int64_t count = static_cast<std::int64_t>(x.size());
            copyRows(x, count, input.made, count, 1, count);
        }
        activate(*input.activation, input.made, input.factor);
        x = input.made;
    }
    for (const GemmPart& part : parts) {
        gemm(x, input.rows, *part.weights, part.bias, part.y);
        if (!part.addTo.empty()) {
            add(part.addTo, part.y);
        }
    }
}

void Backend::turn(const TurnedRows& rows) const
{
    rope(rows.queries, rows.rows, rows.heads, rows.headDim, rows.cosine, rows.sine);
    rope(rows.keys, rows.rows, rows.kvHeads, rows.headDim, rows.cosine, rows.sine);
    if (!rows.keptKeys.empty()) {
        const std::int64_t width = rows.kvHeads * rows.headDim;
        copyRows(rows.keys, width, rows.keptKeys, width, rows.rows, width);
        copyRows(rows.values, width, rows.keptValues, width, rows.rows, width);
    }
}

void negativeLogLikelihood(const Backend& backend, std::span<const float> logits, std::int64_t cols,
                           std::span<const std::int32_t> targets, std::span<double> out)
{
    assert(targets.size() == out.size() && backend.memory().isHost());
    backend.logSumExp(logits, cols, out);
    for (std::size_t row = 0; row < out.size(); ++row) {
        assert(targets[row] >= 0 && targets[row] < cols);
        out[row] -= static_cast<double>(logits[row * size(cols) + size(targets[row])]);
    }
}

} // namespace bitlathe::kernels
