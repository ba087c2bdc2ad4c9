// SPDX-License-Identifier: Apache-2.0
// Products of packed weights beside dense ones and a plain read of the same bytes: bytes a second say what share of the
// memory's speed a decoded token gets. Weights take turns, so that no cache holds them.
#include "kernels/backend.h"
#include "kernels/cpulevel.h"
#include "kernels/threads.h"

#include <benchmark/benchmark.h>

#include <algorithm>
#include <memory>
#include <random>
#include <vector>

namespace
{

using namespace bitlathe;

constexpr std::int64_t kBytesRotated = 256 << 20; ///< More than caches hold.

std::vector<float> normalValues(std::int64_t count)
{
    std::mt19937 random(1);
    std::normal_distribution<float> normal;
    std::vector<float> values(static_cast<std::size_t>(count));
    std::ranges::generate(values, [&] { return normal(random); });
    return values;
}

/// Weights that take turns.
using Rotation = std::vector<std::unique_ptr<kernels::PreparedWeights>>;

/// Copies of weights [outputs, inputs], as many as caches cannot hold where range(2) is few rows.
template <class Make>
Rotation rotated(const benchmark::State& state, const Make& make)
{
    Rotation all;
    std::int64_t bytes = 0;
    do {
        all.push_back(make());
        bytes += static_cast<std::int64_t>(all.back()->bytes());
    } while (bytes < kBytesRotated && state.range(2) < 64 && state.range(0) > 64);
    return all;
}

/// range(0) outputs, range(1) inputs, range(2) rows.
void multiply(benchmark::State& state, const Rotation& weights)
{
    const std::int64_t outputs = state.range(0), inputs = state.range(1), rows = state.range(2);
    const std::vector<float> x = normalValues(rows * inputs);
    std::vector<float> y(static_cast<std::size_t>(rows * outputs));
    std::size_t turn = 0;
    for (auto _ : state) {
        kernels::cpuBackend().gemm(x, rows, *weights[turn++ % weights.size()], {}, y);
        benchmark::DoNotOptimize(y.data());
    }
    state.counters["FLOP/s"] = benchmark::Counter(2.0 * static_cast<double>(rows * outputs * inputs),
                                                  benchmark::Counter::kIsIterationInvariantRate);
    state.SetBytesProcessed(state.iterations() * static_cast<std::int64_t>(weights.front()->bytes()));
    state.SetLabel(std::string(kernels::cpuLevelName(kernels::cpuLevel())));
}

void dense(benchmark::State& state, kernels::Precision precision)
{
    const std::int64_t outputs = state.range(0), inputs = state.range(1);
    const std::vector<std::byte> bf16(static_cast<std::size_t>(outputs * inputs * 2), std::byte{0x3C});
    multiply(state, rotated(state, [&] {
                 return kernels::cpuBackend().prepare({kernels::ScalarType::Bf16, outputs, inputs, bf16}, precision);
             }));
}

/// Scales of two bytes, or, with a book, of four, as NF4 has them.
void packed(benchmark::State& state, kernels::Precision precision, int bits, std::int64_t groupSize, bool isBook)
{
    const std::int64_t outputs = state.range(0), inputs = state.range(1);
    kernels::PackedWeightsView view;
    view.outputs = outputs;
    view.inputs = inputs;
    view.bits = bits;
    const std::vector<std::uint8_t> codes(static_cast<std::size_t>(outputs * inputs * bits / 8), 0x5A);
    view.codes = codes;
    const std::vector<float> book = normalValues(1 << bits);
    view.groupSize = groupSize;
    view.groups = (inputs + view.groupSize - 1) / view.groupSize;
    const std::vector<float> scales(static_cast<std::size_t>(outputs * view.groups), isBook ? 0.01F : 0.125F);
    view.scales = scales;
    if (isBook) {
        view.book = book;
    } else {
        view.zero = 1 << (bits - 1);
    }
    multiply(state, rotated(state, [&] { return kernels::cpuBackend().preparePacked(view, precision); }));
}

/// All threads read range(0) bytes, the limit of every product of one row.
void plainRead(benchmark::State& state)
{
    const std::vector<std::uint64_t> words(static_cast<std::size_t>(state.range(0)) / 8, 1);
    constexpr std::int64_t kPiece = 1 << 13;
    const std::int64_t count = std::ssize(words);
    for (auto _ : state) {
        kernels::parallelFor(count, kPiece, [&](std::int64_t begin, std::int64_t end) {
            std::uint64_t sums[8] = {};
            for (std::int64_t i = begin; i + 8 <= end; i += 8) {
                for (std::int64_t k = 0; k < 8; ++k) {
                    sums[k] += words[static_cast<std::size_t>(i + k)];
                }
            }
            benchmark::DoNotOptimize(sums);
        });
    }
    state.SetBytesProcessed(state.iterations() * state.range(0));
}

void shapes(benchmark::internal::Benchmark* bench)
{
    bench->Args({64, 64, 1});
    for (const std::int64_t rows : {1, 4, 512}) {
        bench->Args({4096, 4096, rows})->Args({5632, 2048, rows})->Args({2048, 5632, rows});
    }
    bench->UseRealTime();
}

} // namespace

BENCHMARK(plainRead)->Arg(1 << 12)->Arg(256 << 20)->UseRealTime();
BENCHMARK_CAPTURE(dense, f32, kernels::Precision::F32)->Apply(shapes);
BENCHMARK_CAPTURE(dense, bf16, kernels::Precision::Bf16)->Apply(shapes);
BENCHMARK_CAPTURE(packed, int4_f32, kernels::Precision::F32, 4, 128, false)->Apply(shapes);
BENCHMARK_CAPTURE(packed, int4_bf16, kernels::Precision::Bf16, 4, 128, false)->Apply(shapes);
BENCHMARK_CAPTURE(packed, int4g32_f32, kernels::Precision::F32, 4, 32, false)->Apply(shapes);
BENCHMARK_CAPTURE(packed, int4g32_bf16, kernels::Precision::Bf16, 4, 32, false)->Apply(shapes);
BENCHMARK_CAPTURE(packed, nf4_f32, kernels::Precision::F32, 4, 64, true)->Apply(shapes);
BENCHMARK_CAPTURE(packed, nf4_bf16, kernels::Precision::Bf16, 4, 64, true)->Apply(shapes);
BENCHMARK_CAPTURE(packed, int8_f32, kernels::Precision::F32, 8, 128, false)->Apply(shapes);
BENCHMARK_CAPTURE(packed, int8_bf16, kernels::Precision::Bf16, 8, 128, false)->Apply(shapes);
