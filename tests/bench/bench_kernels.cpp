// SPDX-License-Identifier: Apache-2.0
// Operations of the forward pass and of calibration, with their FLOP/s and bytes/s.
#include "kernels/backend.h"
#include "kernels/cpulevel.h"
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
void gram(benchmark::State& state)
{
    const std::int64_t cols = state.range(0), rows = 1024;
    const std::vector<float> x = normalValues(rows * cols);
    std::vector<float> sum(static_cast<std::size_t>(cols * cols));
    for (auto _ : state) {
        kernels::cpuBackend().accumulateGram(x, rows, cols, sum);
        benchmark::DoNotOptimize(sum.data());
    }
    setFlops(state, static_cast<double>(rows * cols * (cols + 1)));
}

} // namespace

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
BENCHMARK(gram)->Arg(64)->Arg(1024)->Arg(4096)->UseRealTime();
