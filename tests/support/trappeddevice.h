// SPDX-License-Identifier: Apache-2.0
// TrappedDevice: the processor as a device whose memory nobody but its operations may touch.
#pragma once

#include "kernels/backend.h"
#include "kernels/cuda/arena.h"

#include <sys/mman.h>

#include <cstring>
#include <mutex>
#include <stdexcept>

namespace bitlathe::tests
{

/// Hands out addresses of pages that cannot be read, for values that lie elsewhere: whoever reads or writes a span
/// without upload() or download() ends the test with a segmentation fault.
class TrappedMemory final : public kernels::Memory
{
public:
    explicit TrappedMemory(std::uint64_t bytesBudget)
        : m_arena(bytesBudget), m_bytes(bytesBudget), m_trap(mapped(PROT_NONE)), m_held(mapped(PROT_READ | PROT_WRITE))
    {}
    TrappedMemory(const TrappedMemory&) = delete;
    TrappedMemory& operator=(const TrappedMemory&) = delete;
    ~TrappedMemory() override
    {
        munmap(m_trap, m_bytes);
        munmap(m_held, m_bytes);
    }

    bool isHost() const override { return false; }
    std::byte* allocate(std::size_t bytes) const override
    {
        const std::scoped_lock lock(m_mutex);
        const auto offset = m_arena.take(bytes);
        if (!offset) {
            return nullptr;
        }
        std::memset(m_held + *offset, 0xFF, bytes); // As f32 no numbers: values that are undefined show.
        return m_trap + *offset;
    }
    void release(std::byte* memory) const noexcept override
    {
        const std::scoped_lock lock(m_mutex);
        m_arena.giveBack(static_cast<std::uint64_t>(memory - m_trap));
    }
    bool upload(std::span<const std::byte> from, std::span<std::byte> to) const override
    {
        return moved(from.data(), held(to.data()), from.size());
    }
    bool download(std::span<const std::byte> from, std::span<std::byte> to) const override
    {
        return moved(held(from.data()), to.data(), from.size());
    }
    bool copy(std::span<const std::byte> from, std::span<std::byte> to) const override
    {
        return moved(held(from.data()), held(to.data()), from.size());
    }
    bool wait() const override { return m_failure.empty(); }
    std::string failure() const override { return m_failure; }
    kernels::MemoryUse use() const override
    {
        const std::scoped_lock lock(m_mutex);
        return {m_arena.size(), m_arena.used(), m_arena.peak()};
    }

    void fail(const std::string& failure) { m_failure = failure; } ///< From now on, as a device that stops.

    /// Where a value lies. Anything but an address of this memory is the caller's bug.
    template <class T>
    T* held(T* value) const
    {
        auto* byte = reinterpret_cast<std::byte*>(const_cast<std::remove_const_t<T>*>(value));
        if (value == nullptr) {
            return nullptr;
        }
        if (byte < m_trap || byte >= m_trap + m_bytes) {
            throw std::logic_error("an operation of a device was given memory of the processor");
        }
        return reinterpret_cast<T*>(m_held + (byte - m_trap));
    }

private:
    std::byte* mapped(int access) const
    {
        void* pages = mmap(nullptr, m_bytes, access, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
        if (pages == MAP_FAILED) {
            throw std::runtime_error("no pages for the memory of a device");
        }
        return static_cast<std::byte*>(pages);
    }
    bool moved(const std::byte* from, std::byte* to, std::size_t bytes) const
    {
        std::memcpy(to, from, bytes);
        return m_failure.empty();
    }

    mutable std::mutex m_mutex;
    mutable cuda::Arena m_arena;
    std::uint64_t m_bytes;
    std::byte* m_trap;
    std::byte* m_held;
    std::string m_failure;
};

/// The CPU backend over such a memory: gives the same bytes as the processor does. Weights count against the budget.
class TrappedDevice final : public kernels::Backend
{
public:
    explicit TrappedDevice(std::uint64_t bytesBudget = std::uint64_t{1} << 30) : m_memory(bytesBudget) {}

    std::string_view name() const override { return "trapped"; }
    const kernels::Memory& memory() const override { return m_memory; }
    TrappedMemory& trapped() { return m_memory; }

    std::unique_ptr<kernels::PreparedWeights> prepare(const kernels::WeightsView& weights,
                                                      kernels::Precision precision) const override
    {
        return counted(m_cpu.prepare(weights, precision));
    }
    std::unique_ptr<kernels::PreparedWeights> preparePacked(const kernels::PackedWeightsView& weights,
                                                            kernels::Precision precision) const override
    {
        return counted(m_cpu.preparePacked(weights, precision));
    }
    std::unique_ptr<kernels::PreparedWeights> prepareInPlace(std::span<const float> weights, std::int64_t outputs,
                                                             std::int64_t inputs) const override
    {
        return counted(m_cpu.prepareInPlace(here(weights), outputs, inputs));
    }
    void gemm(std::span<const float> x, std::int64_t rows, const kernels::PreparedWeights& weights,
              std::span<const float> bias, std::span<float> y) const override
    {
        m_cpu.gemm(here(x), rows, *dynamic_cast<const Weights&>(weights).inner, here(bias), here(y));
    }
    void rmsNorm(std::span<const float> x, std::span<const float> weight, double epsilon,
                 std::span<float> out) const override
    {
        m_cpu.rmsNorm(here(x), here(weight), epsilon, here(out));
    }
    void layerNorm(std::span<const float> x, std::span<const float> weight, std::span<const float> bias, double epsilon,
                   std::span<float> out) const override
    {
        m_cpu.layerNorm(here(x), here(weight), here(bias), epsilon, here(out));
    }
    void rope(std::span<float> x, std::int64_t rows, std::int64_t heads, std::int64_t headDim,
              std::span<const float> cosine, std::span<const float> sine) const override
    {
        m_cpu.rope(here(x), rows, heads, headDim, here(cosine), here(sine));
    }
    void activate(kernels::Activation activation, std::span<float> x, std::span<const float> factor) const override
    {
        m_cpu.activate(activation, here(x), here(factor));
    }
    void add(std::span<float> x, std::span<const float> y) const override { m_cpu.add(here(x), here(y)); }
    void softCap(std::span<float> x, float cap) const override { m_cpu.softCap(here(x), cap); }
    void softmax(std::span<float> x, std::int64_t cols) const override { m_cpu.softmax(here(x), cols); }
    void pick(std::span<const float> x, std::int64_t cols, std::span<const std::int32_t> indices,
              std::span<float> out) const override
    {
        m_cpu.pick(here(x), cols, here(indices), here(out));
    }
    void widenRows(const kernels::WeightsView& table, std::span<const std::int32_t> indices,
                   std::span<float> out) const override
    {
        kernels::WeightsView moved = table;
        moved.bytes = here(table.bytes);
        m_cpu.widenRows(moved, here(indices), here(out));
    }
    void largest(std::span<const float> x, std::int64_t cols, std::span<std::int32_t> out) const override
    {
        m_cpu.largest(here(x), cols, here(out));
    }
    void copyRows(std::span<const float> from, std::int64_t strideFrom, std::span<float> to, std::int64_t strideTo,
                  std::int64_t rows, std::int64_t width) const override
    {
        m_cpu.copyRows(here(from), strideFrom, here(to), strideTo, rows, width);
    }
    void attention(const kernels::AttentionShape& shape, kernels::Precision precision, std::span<const float> query,
                   std::span<const float> keys, std::span<const float> values, std::span<float> out) const override
    {
        m_cpu.attention(shape, precision, here(query), here(keys), here(values), here(out));
    }
    void accumulateGram(kernels::Precision precision, std::span<const float> x, std::int64_t rows, std::int64_t cols,
                        std::span<float> gram) const override
    {
        m_cpu.accumulateGram(precision, here(x), rows, cols, here(gram));
    }
    void mirrorLower(std::span<float> matrix, std::int64_t cols) const override
    {
        m_cpu.mirrorLower(here(matrix), cols);
    }
    void accumulateChannels(std::span<const float> x, std::int64_t rows,
                            const kernels::ChannelStats& stats) const override
    {
        m_cpu.accumulateChannels(
            here(x), rows,
            {here(stats.minimum), here(stats.maximum), here(stats.absMaximum), here(stats.sum), here(stats.absSum)});
    }
    bool factorColumns(const kernels::ColumnFactoring& factoring) const override
    {
        kernels::ColumnFactoring moved = factoring;
        moved.matrix = here(factoring.matrix);
        moved.factor = here(factoring.factor);
        moved.weight = here(factoring.weight);
        return m_cpu.factorColumns(moved) && m_memory.wait();
    }
    bool roundColumns(const kernels::ColumnRounding& rounding) const override
    {
        // What a device takes for it is held meanwhile.
        const auto taken = kernels::Buffer<std::byte>::allocated(
            m_memory, kernels::roundingBytes(rounding.rows, rounding.cols, rounding.groups));
        kernels::ColumnRounding moved = rounding;
        moved.weights = here(rounding.weights);
        moved.factor = here(rounding.factor);
        moved.weight = here(rounding.weight);
        moved.coupling = here(rounding.coupling);
        moved.couplingWeight = here(rounding.couplingWeight);
        moved.codes = here(rounding.codes);
        moved.scales = here(rounding.scales);
        moved.zeros = here(rounding.zeros);
        moved.coarse = here(rounding.coarse);
        moved.differences = here(rounding.differences);
        return taken && m_cpu.roundColumns(moved) && m_memory.wait();
    }
    void groupErrors(const kernels::GroupErrors& groups) const override
    {
        kernels::GroupErrors moved = groups;
        moved.of.weights = here(groups.of.weights);
        moved.scales = here(groups.scales);
        moved.ratios = here(groups.ratios);
        moved.errors = here(groups.errors);
        m_cpu.groupErrors(moved);
    }
    bool searchRatios(const kernels::RatioSearch& search) const override
    {
        kernels::RatioSearch moved = search;
        moved.of.weights = here(search.of.weights);
        moved.matrix = here(search.matrix);
        moved.best = here(search.best);
        return m_cpu.searchRatios(moved) && m_memory.wait();
    }
    void dotRows(std::span<const float> x, std::span<const float> y, std::int64_t cols,
                 std::span<double> out) const override
    {
        m_cpu.dotRows(here(x), here(y), cols, here(out));
    }
    void logSumExp(std::span<const float> logits, std::int64_t cols, std::span<double> out) const override
    {
        m_cpu.logSumExp(here(logits), cols, here(out));
    }
    void klDivergence(std::span<const float> p, std::span<const float> q, std::int64_t cols,
                      std::span<double> out) const override
    {
        m_cpu.klDivergence(here(p), here(q), cols, here(out));
    }

private:
    struct Weights final : kernels::PreparedWeights
    {
        Weights(std::unique_ptr<kernels::PreparedWeights> prepared, kernels::Buffer<std::byte> room)
            : inner(std::move(prepared)), taken(std::move(room))
        {}
        std::int64_t outputs() const override { return inner->outputs(); }
        std::int64_t inputs() const override { return inner->inputs(); }
        std::uint64_t bytes() const override { return inner->bytes(); }

        std::unique_ptr<kernels::PreparedWeights> inner;
        kernels::Buffer<std::byte> taken;
    };
    std::unique_ptr<kernels::PreparedWeights> counted(std::unique_ptr<kernels::PreparedWeights> prepared) const
    {
        auto room = kernels::Buffer<std::byte>::allocated(m_memory, prepared->bytes());
        return room ? std::make_unique<Weights>(std::move(prepared), *std::move(room)) : nullptr;
    }
    template <class T>
    std::span<T> here(std::span<T> values) const
    {
        return values.empty() ? std::span<T>() : std::span<T>(m_memory.held(values.data()), values.size());
    }

    const kernels::Backend& m_cpu = kernels::cpuBackend();
    TrappedMemory m_memory;
};

} // namespace bitlathe::tests
