// SPDX-License-Identifier: Apache-2.0
// The CPU backend: sends every operation, split over the thread pool, to the inner loops of the level in use.
#include "kernels/backend.h"
#include "kernels/cpu/columns.h"
#include "kernels/cpu/gemm.h"
#include "kernels/cpu/packed.h"
#include "kernels/cpulevel.h"
#include "kernels/quantize.h"
#include "kernels/threads.h"

#include <algorithm>
#include <array>
#include <cassert>
#include <limits>

namespace bitlathe::kernels
{

namespace
{

using cpu::CpuTable;

constexpr std::int64_t kGrainElements = 16384; ///< Elements of one task of an elementwise loop.

/// The table of the level in use; null at the reference level.
const CpuTable* currentTable()
{
    switch (cpuLevel()) {
    case CpuLevel::Reference: return nullptr;
    case CpuLevel::Avx2: return cpu::avx2Table();
    case CpuLevel::Avx512: return cpu::avx512Table();
    case CpuLevel::Avx512Bf16: return cpu::avx512Bf16Table();
    case CpuLevel::Amx: return cpu::amxTable();
    }
    return nullptr;
}

const cpu::PackedOps& currentPackedOps()
{
    if (cpuLevel() >= CpuLevel::Avx512Bf16) {
        return cpu::packedOpsAvx512Bf16();
    }
    return cpuLevel() == CpuLevel::Avx512 ? cpu::packedOpsAvx512() : cpu::packedOpsAvx2();
}

std::int64_t sizeOf(std::size_t size)
{
    return static_cast<std::int64_t>(size);
}

std::int64_t rowsPerTask(std::int64_t cols)
{
    return std::max<std::int64_t>(1, kGrainElements / std::max<std::int64_t>(1, cols));
}

/// The place of the largest of values; the first of equal ones, 0 where they are no numbers.
std::int64_t placeOfLargest(std::span<const float> values)
{
    // Lane by lane, which a compiler turns into vector instructions, unlike a search for the place.
    constexpr std::size_t kLanes = 32;
    std::array<float, kLanes> lanes;
    lanes.fill(-std::numeric_limits<float>::infinity());
    std::size_t at = 0;
    for (; at + kLanes <= values.size(); at += kLanes) {
        for (std::size_t lane = 0; lane < kLanes; ++lane) {
            lanes[lane] = values[at + lane] > lanes[lane] ? values[at + lane] : lanes[lane];
        }
    }
    float largest = *std::ranges::max_element(lanes);
    for (; at < values.size(); ++at) {
        largest = std::max(largest, values[at]);
    }
    const auto found = std::ranges::find(values, largest);
    return found == values.end() ? 0 : found - values.begin();
}

/// What rounding one group of a row leaves; scales as of GroupErrors.
void leaveErrors(const GroupErrors& groups, float ratio, std::span<const float> weights, std::span<const float> scales,
                 std::span<float> errors)
{
    const std::size_t count = weights.size();
    thread_local std::vector<float> scaled;
    if (!scales.empty()) {
        scaled.resize(count);
        for (std::size_t i = 0; i < count; ++i) {
            scaled[i] = weights[i] * scales[i];
        }
    }
    const std::span<const float> rounded = scales.empty() ? weights : scaled;
    const GridRule& rule = groups.of.rule;
    const auto chosen = [&] {
        if (rule.searchRange) {
            return chooseGrid(rounded, rule);
        }
        ValueRange range = valueRange(rounded);
        range.low *= ratio;
        range.high *= ratio;
        return chooseGrid(range, rule, {});
    };
    const GroupGrid grid = groups.grid != nullptr ? *groups.grid : chosen();
    thread_local std::vector<std::uint8_t> codes;
    codes.resize(count);
    encodeGroup(rounded, grid, rule.maxCode(), codes);
    dequantizeGroup(codes, grid.scale, grid.zero, errors);
    for (std::size_t i = 0; i < count; ++i) {
        errors[i] = weights[i] - (scales.empty() ? errors[i] : errors[i] / scales[i]);
    }
}

class CpuBackend final : public Backend
{
public:
    std::string_view name() const override { return "cpu"; }

    std::unique_ptr<PreparedWeights> prepare(const WeightsView& weights, Precision precision) const override
    {
        if (const CpuTable* table = currentTable()) {
            return std::make_unique<cpu::PanelWeights>(*table, weights, precision);
        }
        return referenceBackend().prepare(weights, precision);
    }

    std::unique_ptr<PreparedWeights> preparePacked(const PackedWeightsView& weights, Precision precision) const override
    {
        if (const CpuTable* table = currentTable()) {
            return std::make_unique<cpu::PackedWeights>(*table, currentPackedOps(), weights, precision);
        }
        return referenceBackend().preparePacked(weights, precision);
    }

    void gemm(std::span<const float> x, std::int64_t rows, const PreparedWeights& weights, std::span<const float> bias,
              std::span<float> y) const override
    {
        assert(sizeOf(x.size()) == rows * weights.inputs() && sizeOf(y.size()) == rows * weights.outputs());
        assert(bias.empty() || sizeOf(bias.size()) == weights.outputs());
        if (const auto* panels = dynamic_cast<const cpu::PanelWeights*>(&weights)) {
            cpu::gemm(x, rows, *panels, bias, y);
        } else if (const auto* packed = dynamic_cast<const cpu::PackedWeights*>(&weights)) {
            cpu::gemm(x, rows, *packed, bias, y);
        } else {
            plainGemm(x, rows, weights, bias, y);
        }
    }

    void rmsNorm(std::span<const float> x, std::span<const float> weight, double epsilon,
                 std::span<float> out) const override
    {
        const CpuTable* table = currentTable();
        if (table == nullptr) {
            return referenceBackend().rmsNorm(x, weight, epsilon, out);
        }
        const std::int64_t cols = sizeOf(weight.size());
        forRows(sizeOf(x.size()) / cols, cols, [&](std::int64_t row) {
            table->rmsNorm(x.data() + row * cols, weight.data(), static_cast<float>(epsilon), out.data() + row * cols,
                           cols);
        });
    }

    void layerNorm(std::span<const float> x, std::span<const float> weight, std::span<const float> bias, double epsilon,
                   std::span<float> out) const override
    {
        const CpuTable* table = currentTable();
        if (table == nullptr) {
            return referenceBackend().layerNorm(x, weight, bias, epsilon, out);
        }
        assert(bias.empty() || bias.size() == weight.size());
        const std::int64_t cols = sizeOf(weight.size());
        forRows(sizeOf(x.size()) / cols, cols, [&](std::int64_t row) {
            table->layerNorm(x.data() + row * cols, weight.data(), bias.empty() ? nullptr : bias.data(),
                             static_cast<float>(epsilon), out.data() + row * cols, cols);
        });
    }

    void rope(std::span<float> x, std::int64_t rows, std::int64_t heads, std::int64_t headDim,
              std::span<const float> cosine, std::span<const float> sine) const override
    {
        const CpuTable* table = currentTable();
        if (table == nullptr) {
            return referenceBackend().rope(x, rows, heads, headDim, cosine, sine);
        }
        const std::int64_t half = headDim / 2;
        forRows(rows, heads * headDim, [&](std::int64_t row) {
            for (std::int64_t head = 0; head < heads; ++head) {
                table->rope(x.data() + (row * heads + head) * headDim, cosine.data() + row * half,
                            sine.data() + row * half, half);
            }
        });
    }

    void activate(Activation activation, std::span<float> x, std::span<const float> factor) const override
    {
        const CpuTable* table = currentTable();
        if (table == nullptr) {
            return referenceBackend().activate(activation, x, factor);
        }
        assert(factor.empty() || factor.size() == x.size());
        parallelFor(sizeOf(x.size()), kGrainElements, [&](std::int64_t begin, std::int64_t end) {
            const float* by = factor.empty() ? nullptr : factor.data() + begin;
            table->activate(activation, x.data() + begin, by, end - begin);
        });
    }

    void add(std::span<float> x, std::span<const float> y) const override
    {
        const CpuTable* table = currentTable();
        if (table == nullptr) {
            return referenceBackend().add(x, y);
        }
        parallelFor(sizeOf(x.size()), kGrainElements, [&](std::int64_t begin, std::int64_t end) {
            table->add(x.data() + begin, y.data() + begin, end - begin);
        });
    }

    void softCap(std::span<float> x, float cap) const override
    {
        const CpuTable* table = currentTable();
        if (table == nullptr) {
            return referenceBackend().softCap(x, cap);
        }
        parallelFor(sizeOf(x.size()), kGrainElements,
                    [&](std::int64_t begin, std::int64_t end) { table->softCap(x.data() + begin, cap, end - begin); });
    }

    void softmax(std::span<float> x, std::int64_t cols) const override
    {
        const CpuTable* table = currentTable();
        if (table == nullptr) {
            return referenceBackend().softmax(x, cols);
        }
        forRows(sizeOf(x.size()) / cols, cols, [&](std::int64_t row) { table->softmax(x.data() + row * cols, cols); });
    }

    void pick(std::span<const float> x, std::int64_t cols, std::span<const std::int32_t> indices,
              std::span<float> out) const override
    {
        referenceBackend().pick(x, cols, indices, out);
    }

    void widenRows(const WeightsView& table, std::span<const std::int32_t> indices, std::span<float> out) const override
    {
        referenceBackend().widenRows(table, indices, out);
    }

    void largest(std::span<const float> x, std::int64_t cols, std::span<std::int32_t> out) const override
    {
        forRows(sizeOf(out.size()), cols, [&](std::int64_t row) {
            const auto values = x.subspan(static_cast<std::size_t>(row * cols), static_cast<std::size_t>(cols));
            out[static_cast<std::size_t>(row)] = static_cast<std::int32_t>(placeOfLargest(values));
        });
    }

    void copyRows(std::span<const float> from, std::int64_t strideFrom, std::span<float> to, std::int64_t strideTo,
                  std::int64_t rows, std::int64_t width) const override
    {
        parallelFor(rows, rowsPerTask(width), [&](std::int64_t begin, std::int64_t end) {
            for (std::int64_t row = begin; row < end; ++row) {
                std::copy_n(from.data() + row * strideFrom, width, to.data() + row * strideTo);
            }
        });
    }

    void attention(const AttentionShape& shape, Precision precision, std::span<const float> query,
                   std::span<const float> keys, std::span<const float> values, std::span<float> out) const override
    {
        assert(sizeOf(query.size()) == shape.queries * shape.heads * shape.headDim && out.size() == query.size());
        assert(sizeOf(keys.size()) == shape.keys * shape.kvHeads * shape.headDim && values.size() == keys.size());
        if (const CpuTable* table = currentTable()) {
            cpu::attention(*table, shape, precision, query, keys, values, out);
        } else {
            referenceBackend().attention(shape, precision, query, keys, values, out);
        }
    }

    void accumulateGram(Precision precision, std::span<const float> x, std::int64_t rows, std::int64_t cols,
                        std::span<float> gram) const override
    {
        if (const CpuTable* table = currentTable()) {
            cpu::accumulateGram(*table, precision, x, rows, cols, gram);
        } else {
            referenceBackend().accumulateGram(precision, x, rows, cols, gram);
        }
    }

    void mirrorLower(std::span<float> matrix, std::int64_t cols) const override
    {
        // In square blocks, so that the rows read and the columns written both stay in the cache.
        constexpr std::int64_t kBlock = 32;
        parallelFor(cols, kBlock, [&](std::int64_t begin, std::int64_t end) {
            for (std::int64_t first = 0; first < end; first += kBlock) {
                for (std::int64_t i = begin; i < end; ++i) {
                    for (std::int64_t j = first; j < std::min(i, first + kBlock); ++j) {
                        matrix[static_cast<std::size_t>(j * cols + i)] = matrix[static_cast<std::size_t>(i * cols + j)];
                    }
                }
            }
        });
    }

    void accumulateChannels(std::span<const float> x, std::int64_t rows, const ChannelStats& stats) const override
    {
        const CpuTable* table = currentTable();
        if (table == nullptr) {
            return referenceBackend().accumulateChannels(x, rows, stats);
        }
        const std::int64_t cols = sizeOf(stats.sum.size());
        parallelFor(cols, 64, [&](std::int64_t begin, std::int64_t end) {
            table->channels({.x = x.data() + begin,
                             .rows = rows,
                             .stride = cols,
                             .count = end - begin,
                             .minimum = stats.minimum.data() + begin,
                             .maximum = stats.maximum.data() + begin,
                             .absMaximum = stats.absMaximum.data() + begin,
                             .sum = stats.sum.data() + begin,
                             .absSum = stats.absSum.data() + begin});
        });
    }

    bool factorColumns(const ColumnFactoring& factoring) const override { return cpu::factorColumns(factoring); }

    bool roundColumns(const ColumnRounding& rounding) const override
    {
        cpu::roundColumns(rounding);
        return true;
    }

    void groupErrors(const GroupErrors& groups) const override
    {
        const GroupedWeights& of = groups.of;
        forRows(of.rows, of.width, [&](std::int64_t row) {
            for (std::int64_t first = 0; first < of.width; first += of.groupSize) {
                const auto count = static_cast<std::size_t>(std::min(of.groupSize, of.width - first));
                const auto begin = static_cast<std::size_t>(first);
                leaveErrors(groups, groups.ratioOf(row, first / of.groupSize),
                            of.weights.subspan(static_cast<std::size_t>(row * of.cols + of.first + first), count),
                            groups.scales.empty() ? groups.scales : groups.scales.subspan(begin, count),
                            groups.errors.subspan(static_cast<std::size_t>(row * of.width + first), count));
            }
        });
    }

    void dotRows(std::span<const float> x, std::span<const float> y, std::int64_t cols,
                 std::span<double> out) const override
    {
        forRows(sizeOf(out.size()), cols, [&](std::int64_t row) {
            const auto first = static_cast<std::size_t>(row * cols);
            referenceBackend().dotRows(x.subspan(first, static_cast<std::size_t>(cols)), y.subspan(first), cols,
                                       out.subspan(static_cast<std::size_t>(row), 1));
        });
    }

    void logSumExp(std::span<const float> logits, std::int64_t cols, std::span<double> out) const override
    {
        const CpuTable* table = currentTable();
        if (table == nullptr) {
            return referenceBackend().logSumExp(logits, cols, out);
        }
        forRows(sizeOf(out.size()), cols, [&](std::int64_t row) {
            out[static_cast<std::size_t>(row)] = table->logSumExp(logits.data() + row * cols, cols);
        });
    }

    void klDivergence(std::span<const float> p, std::span<const float> q, std::int64_t cols,
                      std::span<double> out) const override
    {
        const CpuTable* table = currentTable();
        if (table == nullptr) {
            return referenceBackend().klDivergence(p, q, cols, out);
        }
        forRows(sizeOf(out.size()), cols, [&](std::int64_t row) {
            out[static_cast<std::size_t>(row)] =
                table->klDivergence(p.data() + row * cols, q.data() + row * cols, cols);
        });
    }

private:
    template <class Body>
    static void forRows(std::int64_t rows, std::int64_t cols, const Body& body)
    {
        parallelFor(rows, rowsPerTask(cols), [&](std::int64_t begin, std::int64_t end) {
            for (std::int64_t row = begin; row < end; ++row) {
                body(row);
            }
        });
    }

    /// Weights prepared at the reference level: plain loops, but on all threads, for machines without AVX2.
    static void plainGemm(std::span<const float> x, std::int64_t rows, const PreparedWeights& weights,
                          std::span<const float> bias, std::span<float> y)
    {
        const std::int64_t inputs = weights.inputs();
        const std::int64_t outputs = weights.outputs();
        parallelFor(rows, 1, [&](std::int64_t row, std::int64_t) {
            referenceBackend().gemm(
                x.subspan(static_cast<std::size_t>(row * inputs), static_cast<std::size_t>(inputs)), 1, weights, bias,
                y.subspan(static_cast<std::size_t>(row * outputs), static_cast<std::size_t>(outputs)));
        });
    }
};

} // namespace

const Backend& cpuBackend()
{
    static const CpuBackend backend;
    return backend;
}

} // namespace bitlathe::kernels
