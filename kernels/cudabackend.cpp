// SPDX-License-Identifier: Apache-2.0
// The CUDA backend: hands every operation to the plug-in's table.
#include "kernels/cudabackend.h"

#include "kernels/plugindoor.h"
#include "kernels/reference/packed.h"
#include "kernels/sweep.h"

#include <algorithm>
#include <array>
#include <cassert>
#include <vector>

namespace bitlathe::kernels
{

namespace
{

std::int64_t countOf(std::size_t size)
{
    return static_cast<std::int64_t>(size);
}

std::int32_t isBf16(Precision precision)
{
    return precision == Precision::Bf16 ? 1 : 0;
}

template <class T>
const T* orNull(std::span<const T> values)
{
    return values.empty() ? nullptr : values.data();
}

BitlatheCudaRule plainRule(const GridRule& rule)
{
    return {rule.bits, rule.symmetric ? 1 : 0, static_cast<std::int32_t>(rule.scaleType), rule.leastZero,
            rule.ternary ? 1 : 0};
}

std::int32_t plainType(ScalarType type)
{
    static_assert(static_cast<std::int32_t>(ScalarType::F16) == BitlatheCudaF16 &&
                  static_cast<std::int32_t>(ScalarType::Bf16) == BitlatheCudaBf16);
    return static_cast<std::int32_t>(type);
}

BitlatheCudaGroups plainGroups(const GroupedWeights& groups)
{
    return {groups.weights.data(), groups.rows,      groups.cols,           groups.first,
            groups.width,          groups.groupSize, plainRule(groups.rule)};
}

/// An opened device, shared by the backend and what was made by it, which may outlive it.
class CudaContext
{
public:
    CudaContext(const BitlatheCudaTable& functions, BitlatheCudaContext* opened) : table(functions), context(opened) {}
    CudaContext(const CudaContext&) = delete;
    CudaContext& operator=(const CudaContext&) = delete;
    ~CudaContext() { table.close(context); }

    const BitlatheCudaTable& table;
    BitlatheCudaContext* context;
};

class CudaMemory final : public Memory
{
public:
    explicit CudaMemory(std::shared_ptr<const CudaContext> device) : m_device(std::move(device)) {}

    bool isHost() const override { return false; }
    std::byte* allocate(std::size_t bytes) const override
    {
        void* memory = nullptr;
        const std::int32_t status = m_device->table.allocate(m_device->context, bytes, &memory);
        return status == BitlatheCudaDone ? static_cast<std::byte*>(memory) : nullptr;
    }
    void release(std::byte* memory) const noexcept override { m_device->table.release(m_device->context, memory); }
    bool upload(std::span<const std::byte> from, std::span<std::byte> to) const override
    {
        assert(from.size() == to.size());
        return m_device->table.upload(m_device->context, from.data(), to.data(), from.size()) == BitlatheCudaDone;
    }
    bool download(std::span<const std::byte> from, std::span<std::byte> to) const override
    {
        assert(from.size() == to.size());
        return m_device->table.download(m_device->context, from.data(), to.data(), from.size()) == BitlatheCudaDone;
    }
    bool copy(std::span<const std::byte> from, std::span<std::byte> to) const override
    {
        assert(from.size() == to.size());
        return m_device->table.copy(m_device->context, from.data(), to.data(), from.size()) == BitlatheCudaDone;
    }
    bool wait() const override { return m_device->table.wait(m_device->context) == BitlatheCudaDone; }
    std::string failure() const override
    {
        std::array<char, 512> reason = {};
        m_device->table.failure(m_device->context, reason.data(), reason.size());
        reason.back() = '\0';
        return reason.data();
    }
    MemoryUse use() const override
    {
        BitlatheCudaUse use = {};
        m_device->table.use(m_device->context, &use);
        return {use.bytesBudget, use.bytesUsed, use.bytesPeak};
    }

private:
    std::shared_ptr<const CudaContext> m_device;
};

class CudaWeights final : public PreparedWeights
{
public:
    CudaWeights(std::shared_ptr<const CudaContext> device, BitlatheCudaWeights* weights, std::int64_t outputs,
                std::int64_t inputs)
        : m_device(std::move(device)), m_weights(weights), m_outputs(outputs), m_inputs(inputs)
    {}
    CudaWeights(const CudaWeights&) = delete;
    CudaWeights& operator=(const CudaWeights&) = delete;
    ~CudaWeights() override { m_device->table.releaseWeights(m_device->context, m_weights); }

    std::int64_t outputs() const override { return m_outputs; }
    std::int64_t inputs() const override { return m_inputs; }
    std::uint64_t bytes() const override { return m_device->table.weightBytes(m_weights); }
    const BitlatheCudaWeights* weights() const { return m_weights; }

private:
    std::shared_ptr<const CudaContext> m_device;
    BitlatheCudaWeights* m_weights;
    std::int64_t m_outputs;
    std::int64_t m_inputs;
};

class CudaBackend final : public Backend
{
public:
    explicit CudaBackend(std::shared_ptr<const CudaContext> device)
        : m_device(device), m_table(device->table), m_context(device->context), m_memory(std::move(device))
    {}

    std::string_view name() const override { return "cuda"; }
    const Memory& memory() const override { return m_memory; }

    std::unique_ptr<PreparedWeights> prepare(const WeightsView& weights, Precision precision) const override
    {
        static_assert(static_cast<std::int32_t>(ScalarType::F16) == BitlatheCudaF16 &&
                      static_cast<std::int32_t>(ScalarType::Bf16) == BitlatheCudaBf16);
        BitlatheCudaWeights* made = nullptr;
        const std::int32_t status = m_table.prepare(m_context, static_cast<std::int32_t>(weights.type), weights.outputs,
                                                    weights.inputs, weights.bytes.data(), isBf16(precision), &made);
        return status == BitlatheCudaDone ? held(made, weights.outputs, weights.inputs) : nullptr;
    }

    std::unique_ptr<PreparedWeights> preparePacked(const PackedWeightsView& weights, Precision precision) const override
    {
        if (precision == Precision::F32) { // There is no such product of codes.
            const std::vector<float> values = unpackWeights(weights);
            return prepare({ScalarType::F32, weights.outputs, weights.inputs, std::as_bytes(std::span(values))},
                           precision);
        }
        const BitlatheCudaPacked packed{weights.outputs,
                                        weights.inputs,
                                        weights.bits,
                                        orNull(weights.codes),
                                        orNull(weights.book),
                                        weights.groupSize,
                                        orNull(weights.groupIndex),
                                        weights.groups,
                                        orNull(weights.scales),
                                        orNull(weights.zeros),
                                        weights.zero,
                                        orNull(weights.offsets)};
        BitlatheCudaWeights* made = nullptr;
        const std::int32_t status = m_table.preparePacked(m_context, &packed, &made);
        return status == BitlatheCudaDone ? held(made, weights.outputs, weights.inputs) : nullptr;
    }

    std::unique_ptr<PreparedWeights> prepareInPlace(std::span<const float> weights, std::int64_t outputs,
                                                    std::int64_t inputs) const override
    {
        assert(countOf(weights.size()) == outputs * inputs);
        BitlatheCudaWeights* made = nullptr;
        const std::int32_t status = m_table.prepareInPlace(m_context, weights.data(), outputs, inputs, &made);
        return status == BitlatheCudaDone ? held(made, outputs, inputs) : nullptr;
    }

    void gemm(std::span<const float> x, std::int64_t rows, const PreparedWeights& weights, std::span<const float> bias,
              std::span<float> y) const override
    {
        const GemmPart part{&weights, bias, y};
        gemmEach({.x = x, .rows = rows}, std::span(&part, 1));
    }

    void gemmEach(const GemmInput& input, std::span<const GemmPart> parts) const override
    {
        assert((input.normWeight.empty() && !input.activation) || input.made.size() == input.x.size());
        const BitlatheCudaGemmInput plainInput{
            input.x.data(),
            input.rows,
            orNull(input.normWeight),
            input.epsilon,
            input.activation ? static_cast<std::int32_t>(*input.activation) : -1,
            orNull(input.factor),
            input.made.data(),
        };
        std::vector<BitlatheCudaGemm> plain;
        for (const GemmPart& part : parts) {
            const auto& weights = dynamic_cast<const CudaWeights&>(*part.weights);
            assert(countOf(input.x.size()) == input.rows * weights.inputs());
            assert(countOf(part.y.size()) == input.rows * weights.outputs());
            assert(part.addTo.empty() || part.addTo.size() == part.y.size());
            plain.push_back({weights.weights(), orNull(part.bias), part.y.data(),
                             part.addTo.empty() ? nullptr : part.addTo.data()});
        }
        m_table.gemmEach(m_context, &plainInput, plain.data(), static_cast<std::int32_t>(plain.size()));
    }

    void rmsNorm(std::span<const float> x, std::span<const float> weight, double epsilon,
                 std::span<float> out) const override
    {
        m_table.rmsNorm(m_context, x.data(), weight.data(), epsilon, out.data(), countOf(x.size() / weight.size()),
                        countOf(weight.size()));
    }

    void layerNorm(std::span<const float> x, std::span<const float> weight, std::span<const float> bias, double epsilon,
                   std::span<float> out) const override
    {
        m_table.layerNorm(m_context, x.data(), weight.data(), orNull(bias), epsilon, out.data(),
                          countOf(x.size() / weight.size()), countOf(weight.size()));
    }

    void rope(std::span<float> x, std::int64_t rows, std::int64_t heads, std::int64_t headDim,
              std::span<const float> cosine, std::span<const float> sine) const override
    {
        assert(countOf(x.size()) == rows * heads * headDim && cosine.size() == sine.size());
        m_table.rope(m_context, x.data(), rows, heads, headDim, cosine.data(), sine.data());
    }

    void turn(const TurnedRows& rows) const override
    {
        assert(countOf(rows.queries.size()) == rows.rows * rows.heads * rows.headDim);
        assert(countOf(rows.keys.size()) == rows.rows * rows.kvHeads * rows.headDim);
        assert(rows.values.size() == rows.keys.size() && rows.cosine.size() == rows.sine.size());
        assert(rows.keptKeys.empty() || rows.keptKeys.size() == rows.keys.size());
        const BitlatheCudaTurn plain{rows.rows,
                                     rows.heads,
                                     rows.kvHeads,
                                     rows.headDim,
                                     rows.queries.data(),
                                     rows.keys.data(),
                                     rows.values.data(),
                                     rows.cosine.data(),
                                     rows.sine.data(),
                                     rows.keptKeys.empty() ? nullptr : rows.keptKeys.data(),
                                     rows.keptValues.empty() ? nullptr : rows.keptValues.data()};
        m_table.turn(m_context, &plain);
    }

    void activate(Activation activation, std::span<float> x, std::span<const float> factor) const override
    {
        assert(factor.empty() || factor.size() == x.size());
        m_table.activate(m_context, static_cast<std::int32_t>(activation), x.data(), orNull(factor), countOf(x.size()));
    }

    void add(std::span<float> x, std::span<const float> y) const override
    {
        assert(x.size() == y.size());
        m_table.add(m_context, x.data(), y.data(), countOf(x.size()));
    }

    void softCap(std::span<float> x, float cap) const override
    {
        m_table.softCap(m_context, x.data(), cap, countOf(x.size()));
    }

    void softmax(std::span<float> x, std::int64_t cols) const override
    {
        m_table.softmax(m_context, x.data(), countOf(x.size()) / cols, cols);
    }

    void pick(std::span<const float> x, std::int64_t cols, std::span<const std::int32_t> indices,
              std::span<float> out) const override
    {
        assert(indices.size() == out.size() && countOf(x.size()) >= countOf(out.size()) * cols);
        m_table.pick(m_context, x.data(), countOf(out.size()), cols, indices.data(), out.data());
    }

    void widenRows(const WeightsView& table, std::span<const std::int32_t> indices, std::span<float> out) const override
    {
        assert(out.size() == indices.size() * static_cast<std::size_t>(table.inputs));
        m_table.widenRows(m_context, plainType(table.type), table.bytes.data(), table.inputs, indices.data(),
                          countOf(indices.size()), out.data());
    }

    void largest(std::span<const float> x, std::int64_t cols, std::span<std::int32_t> out) const override
    {
        assert(countOf(x.size()) >= countOf(out.size()) * cols);
        m_table.largest(m_context, x.data(), countOf(out.size()), cols, out.data());
    }

    void copyRows(std::span<const float> from, std::int64_t strideFrom, std::span<float> to, std::int64_t strideTo,
                  std::int64_t rows, std::int64_t width) const override
    {
        m_table.copyRows(m_context, from.data(), strideFrom, to.data(), strideTo, rows, width);
    }

    void attention(const AttentionShape& shape, Precision precision, std::span<const float> query,
                   std::span<const float> keys, std::span<const float> values, std::span<float> out) const override
    {
        assert(countOf(query.size()) == shape.queries * shape.heads * shape.headDim && out.size() == query.size());
        assert(countOf(keys.size()) == shape.keys * shape.kvHeads * shape.headDim && values.size() == keys.size());
        const BitlatheCudaAttention plain{shape.queries, shape.keys,   shape.heads, shape.kvHeads,
                                          shape.headDim, shape.window, shape.scale, shape.softCap};
        m_table.attention(m_context, &plain, isBf16(precision), query.data(), keys.data(), values.data(), out.data());
    }

    void accumulateGram(Precision precision, std::span<const float> x, std::int64_t rows, std::int64_t cols,
                        std::span<float> gram) const override
    {
        m_table.accumulateGram(m_context, isBf16(precision), x.data(), rows, cols, gram.data());
    }

    void mirrorLower(std::span<float> matrix, std::int64_t cols) const override
    {
        m_table.mirrorLower(m_context, matrix.data(), cols);
    }

    void accumulateChannels(std::span<const float> x, std::int64_t rows, const ChannelStats& stats) const override
    {
        const BitlatheCudaChannels plain{stats.minimum.data(), stats.maximum.data(), stats.absMaximum.data(),
                                         stats.sum.data(), stats.absSum.data()};
        m_table.accumulateChannels(m_context, x.data(), rows, countOf(stats.sum.size()), &plain);
    }

    bool factorColumns(const ColumnFactoring& factoring) const override
    {
        assert(countOf(factoring.factor.size()) == factoring.cols * paddedStride(factoring.cols));
        std::int32_t positive = 0;
        const std::int32_t status =
            m_table.factorColumns(m_context, factoring.cols, factoring.matrix.data(), factoring.columns.data(),
                                  factoring.added, factoring.factor.data(), factoring.weight.data(), &positive);
        return status == BitlatheCudaDone && positive != 0;
    }

    bool roundColumns(const ColumnRounding& rounding) const override;

    void groupErrors(const GroupErrors& groups) const override
    {
        assert(countOf(groups.errors.size()) == groups.of.rows * groups.of.width);
        assert(groups.grid == nullptr && !groups.of.rule.searchRange);
        const BitlatheCudaGroups plain = plainGroups(groups.of);
        m_table.groupErrors(m_context, &plain, orNull(groups.scales), groups.ratio, orNull(groups.ratios),
                            groups.errors.data());
    }

    bool searchRatios(const RatioSearch& search) const override
    {
        assert(countOf(search.best.size()) == search.of.rows * search.of.groups());
        assert(!search.ratios.empty() && search.ratios.size() <= kRatiosMost && !search.of.rule.searchRange);
        const BitlatheCudaGroups plain = plainGroups(search.of);
        return m_table.searchRatios(m_context, &plain, search.matrix.data(), search.ratios.data(),
                                    static_cast<std::int32_t>(search.ratios.size()),
                                    search.best.data()) == BitlatheCudaDone;
    }

    void dotRows(std::span<const float> x, std::span<const float> y, std::int64_t cols,
                 std::span<double> out) const override
    {
        assert(x.size() == y.size() && countOf(x.size()) == countOf(out.size()) * cols);
        m_table.dotRows(m_context, x.data(), y.data(), countOf(out.size()), cols, out.data());
    }

    void logSumExp(std::span<const float> logits, std::int64_t cols, std::span<double> out) const override
    {
        m_table.logSumExp(m_context, logits.data(), countOf(out.size()), cols, out.data());
    }

    void klDivergence(std::span<const float> p, std::span<const float> q, std::int64_t cols,
                      std::span<double> out) const override
    {
        assert(p.size() == q.size());
        m_table.klDivergence(m_context, p.data(), q.data(), countOf(out.size()), cols, out.data());
    }

private:
    std::unique_ptr<PreparedWeights> held(BitlatheCudaWeights* made, std::int64_t outputs, std::int64_t inputs) const
    {
        return std::make_unique<CudaWeights>(m_device, made, outputs, inputs);
    }

    std::shared_ptr<const CudaContext> m_device;
    const BitlatheCudaTable& m_table;
    BitlatheCudaContext* m_context;
    CudaMemory m_memory;
};

/// The runs of an order for the plug-in, and the order itself, which points to them.
struct PlainOrder
{
    explicit PlainOrder(const OrderedColumns& order)
    {
        for (const ColumnRun& run : order.runs) {
            runs.push_back({run.begin, run.end, run.group});
        }
        plain = {orNull(order.columns), orNull(order.groups), runs.data(), countOf(runs.size())};
    }
    PlainOrder(const PlainOrder&) = delete;
    PlainOrder& operator=(const PlainOrder&) = delete;

    std::vector<BitlatheCudaRun> runs;
    BitlatheCudaOrder plain;
};

bool CudaBackend::roundColumns(const ColumnRounding& rounding) const
{
    assert(countOf(rounding.codes.size()) == rounding.rows * packedBytes(rounding.cols, rounding.rule.bits));
    assert(countOf(rounding.scales.size()) == rounding.rows * rounding.groups);
    const PlainOrder order(rounding.order);
    const PlainOrder grouped(rounding.grouped);
    BitlatheCudaRounding plain = {};
    plain.rows = rounding.rows;
    plain.cols = rounding.cols;
    plain.groups = rounding.groups;
    plain.weights = rounding.weights.data();
    plain.hostOrder = order.plain;
    plain.factor = rounding.factor.data();
    plain.weight = rounding.weight.data();
    plain.rule = plainRule(rounding.rule);
    plain.search = rounding.search ? 1 : 0;
    plain.moveRounds = rounding.moveRounds;
    plain.passes = rounding.passes;
    plain.hostGrouped = grouped.plain;
    plain.coupling = orNull(rounding.coupling);
    plain.couplingWeight = orNull(rounding.couplingWeight);
    plain.codes = rounding.codes.data();
    plain.scales = rounding.scales.data();
    plain.zeros = rounding.zeros.empty() ? nullptr : rounding.zeros.data();
    plain.coarse = rounding.coarse.data();
    plain.differences = rounding.differences.empty() ? nullptr : rounding.differences.data();
    const bool done = m_table.roundColumns(m_context, &plain) == BitlatheCudaDone;
    if (done && rounding.rowsDone) {
        rounding.rowsDone(rounding.rows);
    }
    return done;
}

GpuAbsence absenceOf(std::int32_t status)
{
    switch (static_cast<BitlatheCudaStatus>(status)) {
    case BitlatheCudaDone: return GpuAbsence::None;
    case BitlatheCudaNoDevice: return GpuAbsence::NoDevice;
    case BitlatheCudaTooOld: return GpuAbsence::TooOld;
    case BitlatheCudaOutOfMemory:
    case BitlatheCudaBudgetTooSmall: return GpuAbsence::BudgetTooSmall;
    case BitlatheCudaLibraryMissing: return GpuAbsence::LibraryMissing;
    case BitlatheCudaFailed: break;
    }
    return GpuAbsence::OpenFailed;
}

} // namespace

OpenedCuda openCuda(const std::string& pluginFile, const CudaOptions& options)
{
    if (pluginFile.empty()) {
        return {};
    }
    PluginDoor door = openPlugin(pluginFile);
    OpenedCuda opened{nullptr, std::move(door.facts)};
    if (door.table == nullptr) {
        return opened;
    }
    std::array<char, 512> reason = {};
    BitlatheCudaContext* context = nullptr;
    const std::int32_t status =
        door.table->open(options.device, options.bytesBudget, &context, reason.data(), reason.size());
    reason.back() = '\0';
    opened.facts.absence = absenceOf(status);
    opened.facts.detail = reason.data();
    if (status == BitlatheCudaDone) {
        opened.backend = std::make_unique<CudaBackend>(std::make_shared<CudaContext>(*door.table, context));
    }
    return opened;
}

} // namespace bitlathe::kernels
