// SPDX-License-Identifier: Apache-2.0
// Operations of the forward pass and of calibration, with their FLOP/s and bytes/s.
#include "kernels/backend.h"
#include "kernels/blockwise.h"
#include "kernels/cpulevel.h"
#include "kernels/quantize.h"
#include "kernels/scalars.h"

#include <benchmark/benchmark.h>

#include <algorithm>
#include <random>
#include <vector>

namespace
{

using namespace bitlathe;

std::vector<float> normalValues(std::int64_t count)
{
    std::mt19937 random(1);
    std::normal_distribution<float> normal;
    std::vector<float> values(static_cast<std::size_t>(count));
    std::ranges::generate(values, [&] { return normal(random); });
    return values;
}

void setFlops(benchmark::State& state, double flops)
{
    state.counters["FLOP/s"] = benchmark::Counter(flops, benchmark::Counter::kIsIterationInvariantRate);
    state.SetLabel(std::string(kernels::cpuLevelName(kernels::cpuLevel())));
}

/// Rows of a batch times a square weight, range(0) on a side, range(1) rows.
void gemm(benchmark::State& state, kernels::Precision precision)
{
    const std::int64_t side = state.range(0), rows = state.range(1);
    const std::vector<float> weights = normalValues(side * side), x = normalValues(rows * side);
    std::vector<float> y(static_cast<std::size_t>(rows * side));
    const auto& backend = kernels::cpuBackend();
    const auto prepared =
        backend.prepare({kernels::ScalarType::F32, side, side, std::as_bytes(std::span(weights))}, precision);
    for (auto _ : state) {
        backend.gemm(x, rows, *prepared, {}, y);
        benchmark::DoNotOptimize(y.data());
    }
    setFlops(state, 2.0 * static_cast<double>(rows * side * side));
    state.SetBytesProcessed(state.iterations() * static_cast<std::int64_t>(prepared->bytes()));
}

/// Causal attention of one whole window: 32 heads of 128, range(0) tokens.
void attention(benchmark::State& state, kernels::Precision precision)
{
    const std::int64_t tokens = state.range(0), heads = 8, headDim = 128;
    const std::vector<float> q = normalValues(tokens * heads * headDim), k = q, v = q;
    std::vector<float> out(q.size());
    const kernels::AttentionShape shape{
        .queries = tokens, .keys = tokens, .heads = heads, .kvHeads = heads, .headDim = headDim, .scale = 0.088F};
    for (auto _ : state) {
        kernels::cpuBackend().attention(shape, precision, q, k, v, out);
        benchmark::DoNotOptimize(out.data());
    }
    setFlops(state, 2.0 * static_cast<double>(tokens * tokens * heads * headDim)); // Half of the square is masked.
}

/// X'X of 1024 tokens, range(0) channels.
void gram(benchmark::State& state, kernels::Precision precision)
{
    const std::int64_t cols = state.range(0), rows = 1024;
    const std::vector<float> x = normalValues(rows * cols);
    std::vector<float> sum(static_cast<std::size_t>(cols * cols));
    for (auto _ : state) {
        kernels::cpuBackend().accumulateGram(precision, x, rows, cols, sum);
        benchmark::DoNotOptimize(sum.data());
    }
    setFlops(state, static_cast<double>(rows * cols * (cols + 1)));
}

/// Blocks of 64 weights to codes of NF4's size, as a method does it: largest weight, codes, packing. Bytes are those of
/// the weights in bf16, range(0) of them, on one thread.
void encodeBook16(benchmark::State& state)
{
    const auto count = static_cast<std::size_t>(state.range(0));
    constexpr std::size_t kBlock = 64;
    const std::vector<float> weights = normalValues(state.range(0)), values = normalValues(16);
    const kernels::ValueBook book(values);
    std::vector<std::uint8_t> codes(kBlock), packed(count / 2);
    for (auto _ : state) {
        for (std::size_t first = 0; first < count; first += kBlock) {
            const auto block = std::span(weights).subspan(first, kBlock);
            const kernels::ValueRange range = kernels::valueRange(block);
            kernels::encodeBook(block, 1.0F / std::max(-range.low, range.high), book, codes);
            kernels::packCodes(codes, 4, std::span(packed).subspan(first / 2, kBlock / 2));
        }
        benchmark::DoNotOptimize(packed.data());
    }
    state.SetBytesProcessed(state.iterations() * state.range(0) * 2);
    state.SetLabel(std::string(kernels::cpuLevelName(kernels::cpuLevel())));
}

/// Packed codes of NF4's size to f32 in blocks of 64. Bytes are those of the f32 weights, on one thread.
void decodeBook16(benchmark::State& state)
{
    const auto count = static_cast<std::size_t>(state.range(0));
    constexpr std::size_t kBlock = 64;
    const std::vector<float> values = normalValues(16);
    const std::vector<std::uint8_t> packed(count / 2, 0x5A);
    std::vector<std::uint8_t> codes(count);
    std::vector<float> out(count);
    for (auto _ : state) {
        kernels::unpackCodes(packed, 4, codes);
        for (std::size_t first = 0; first < count; first += kBlock) {
            kernels::decodeBook(std::span(codes).subspan(first, kBlock), 0.5F, values,
                                std::span(out).subspan(first, kBlock));
        }
        benchmark::DoNotOptimize(out.data());
    }
    state.SetBytesProcessed(state.iterations() * state.range(0) * 4);
    state.SetLabel(std::string(kernels::cpuLevelName(kernels::cpuLevel())));
}

/// Weights to codes of 256 values; bytes are those of the weights in bf16.
void encodeBook256(benchmark::State& state)
{
    const std::vector<float> weights = normalValues(state.range(0)), values = normalValues(256);
    const kernels::ValueBook book(values);
    std::vector<std::uint8_t> codes(weights.size());
    for (auto _ : state) {
        kernels::encodeBook(weights, 0.5F, book, codes);
        benchmark::DoNotOptimize(codes.data());
    }
    state.SetBytesProcessed(state.iterations() * state.range(0) * 2);
    state.SetLabel(std::string(kernels::cpuLevelName(kernels::cpuLevel())));
}

/// Products of int8 inputs and codes: range(0) on a side of the weight, range(1) rows, on one thread.
void int8Products(benchmark::State& state)
{
    const std::int64_t side = state.range(0), rows = state.range(1);
    const std::vector<std::int8_t> x(static_cast<std::size_t>(rows * side), 3);
    const std::vector<std::uint8_t> codes(static_cast<std::size_t>(side * side), 130);
    std::vector<std::int32_t> sums(static_cast<std::size_t>(rows * side));
    for (auto _ : state) {
        kernels::multiplyInt8(x, rows, codes, side, side, sums);
        benchmark::DoNotOptimize(sums.data());
    }
    setFlops(state, 2.0 * static_cast<double>(rows * side * side));
}

} // namespace

BENCHMARK(encodeBook16)->Arg(64)->Arg(1 << 16)->Arg(1 << 22);
BENCHMARK(decodeBook16)->Arg(64)->Arg(1 << 14)->Arg(1 << 22);
BENCHMARK(encodeBook256)->Arg(64)->Arg(1 << 16);
BENCHMARK(int8Products)->Args({64, 64})->Args({1024, 512});
BENCHMARK_CAPTURE(gemm, f32, kernels::Precision::F32)
    ->Args({64, 64})
    ->Args({1024, 1})
    ->Args({4096, 1})
    ->Args({4096, 512})
    ->UseRealTime();
BENCHMARK_CAPTURE(gemm, bf16, kernels::Precision::Bf16)
    ->Args({64, 64})
    ->Args({1024, 1})
    ->Args({4096, 1})
    ->Args({4096, 512})
    ->UseRealTime();
BENCHMARK_CAPTURE(attention, f32, kernels::Precision::F32)->Arg(64)->Arg(2048)->UseRealTime();
BENCHMARK_CAPTURE(attention, bf16, kernels::Precision::Bf16)->Arg(64)->Arg(2048)->UseRealTime();
BENCHMARK_CAPTURE(gram, f32, kernels::Precision::F32)->Arg(64)->Arg(1024)->Arg(4096)->UseRealTime();
BENCHMARK_CAPTURE(gram, bf16, kernels::Precision::Bf16)->Arg(64)->Arg(1024)->Arg(4096)->UseRealTime();
