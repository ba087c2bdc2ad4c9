// SPDX-License-Identifier: Apache-2.0
// GPTQ on a GPU, in parts and whole, over the layers of a LLaMA of 7 B: 4 bits in groups of 128. On the processor where
// there is no GPU.
#include "core/quant/gptqdevice.h"
#include "core/quant/gptqfactor.h"
#include "core/quant/rtn.h"
#include "kernels/cudabackend.h"

#include <benchmark/benchmark.h>

#include <algorithm>
#include <random>
#include <vector>

namespace
{

using namespace bitlathe;
using quant::Effort;

constexpr std::int64_t kGroupSize = 128;

const kernels::Backend& device()
{
    static const kernels::OpenedCuda opened = kernels::openCuda(kernels::gpuPluginFile(), {});
    return opened.backend ? *opened.backend : kernels::cpuBackend();
}

std::vector<float> normalFloats(std::int64_t count, unsigned seed, float sigma)
{
    // A table of normal values read from random places: fast enough for millions.
    std::mt19937 random(seed);
    std::normal_distribution<float> normal(0.0F, sigma);
    std::vector<float> table(65536);
    std::ranges::generate(table, [&] { return normal(random); });
    std::vector<float> values(static_cast<std::size_t>(count));
    std::uint64_t state = seed + 1;
    std::ranges::generate(values, [&] {
        state = state * 6364136223846793005U + 1442695040888963407U;
        return table[state >> 48];
    });
    return values;
}

model::LinearSpec linearOf(std::int64_t rows, std::int64_t cols)
{
    model::LinearSpec linear;
    linear.id = LayerId(0);
    linear.name = "layer";
    linear.outFeatures = rows;
    linear.inFeatures = cols;
    return linear;
}

/// X'X of inputs whose channels go together and are of different size, made by the device.
calibrate::InputStats makeStats(std::int64_t cols)
{
    const std::int64_t tokens = 2 * cols;
    std::vector<float> x = normalFloats(tokens * cols, 1, 1.0F);
    for (std::int64_t i = 0; i < tokens * cols; ++i) {
        const std::int64_t col = i % cols;
        const float size = col % 37 == 5 ? 6.0F : 0.3F + 0.02F * static_cast<float>(col % 11);
        x[static_cast<std::size_t>(i)] = (x[static_cast<std::size_t>(i)] + x[static_cast<std::size_t>(i - col)]) * size;
    }
    const kernels::Memory& memory = device().memory();
    calibrate::InputStats stats;
    stats.features = cols;
    stats.tokens = tokens;
    stats.hessian.assign(static_cast<std::size_t>(cols * cols), 0.0F);
    const model::Values input(memory, x);
    model::Values gram(memory, stats.hessian);
    device().accumulateGram(kernels::Precision::Bf16, input.span(), tokens, cols, gram.span());
    device().mirrorLower(gram.span(), cols);
    model::downloadFrom(memory, gram.span(), stats.hessian);
    return stats;
}

/// Of the last width that was asked for.
const calibrate::InputStats& statsOf(std::int64_t cols)
{
    static calibrate::InputStats stats;
    if (stats.features != cols) {
        stats = makeStats(cols);
    }
    return stats;
}

quant::Scheme scheme()
{
    quant::Scheme made;
    made.bits = 4;
    made.groupSize = kGroupSize;
    return made;
}

quant::ColumnOrder orderOf(const calibrate::InputStats& stats)
{
    std::vector<float> energy;
    for (std::int64_t i = 0; i < stats.features; ++i) {
        energy.push_back(stats.hessian[static_cast<std::size_t>(i * stats.features + i)]);
    }
    return quant::columnOrder(energy, scheme(), {});
}

void setRate(benchmark::State& state, double operations)
{
    state.counters["operations/s"] =
        benchmark::Counter(operations, benchmark::Counter::kIsIterationInvariantRate, benchmark::Counter::kIs1000);
}

/// The Hessian lies on the device.
void factor(benchmark::State& state)
{
    const std::int64_t cols = state.range(0);
    const calibrate::InputStats& stats = statsOf(cols);
    const kernels::Memory& memory = device().memory();
    const quant::ColumnOrder order = orderOf(stats);
    const model::Values hessian(memory, stats.hessian);
    for (auto _ : state) {
        benchmark::DoNotOptimize(quant::factorHessian({stats.hessian, hessian.span()}, order, {}, device(), {}));
        memory.wait();
    }
    const auto n = static_cast<double>(cols);
    setRate(state, n * n * n / 3);
    state.SetLabel(std::string(device().name()));
}

/// Weights and factor lie on the device.
void roundRows(benchmark::State& state, Effort effort)
{
    const std::int64_t rows = state.range(0);
    const std::int64_t cols = state.range(1);
    const calibrate::InputStats& stats = statsOf(cols);
    const kernels::Memory& memory = device().memory();
    const quant::ColumnOrder order = orderOf(stats);
    const model::Values hessian(memory, stats.hessian);
    const auto factored = quant::factorHessian({stats.hessian, hessian.span()}, order, {}, device(), {});
    const model::Values weights(memory, normalFloats(rows * cols, 2, 0.02F));
    kernels::ColumnRounding task;
    task.rows = rows;
    task.cols = cols;
    task.groups = (cols + kGroupSize - 1) / kGroupSize;
    task.weights = weights.span();
    task.order = order.view();
    task.factor = factored->factor.span();
    task.weight = factored->weight.span();
    task.rule = quant::gridRule(scheme());
    task.search = effort != Effort::Fast;
    const auto codes =
        quant::roomFor<std::uint8_t>(memory, static_cast<std::size_t>(rows * kernels::packedBytes(cols, 4)));
    const auto scales = quant::roomFor<float>(memory, static_cast<std::size_t>(rows * task.groups));
    const auto coarse = quant::roomFor<std::int32_t>(memory, static_cast<std::size_t>(rows));
    task.codes = codes.span();
    task.scales = scales.span();
    task.coarse = coarse.span();
    for (auto _ : state) {
        if (!device().roundColumns(task) || !memory.wait()) {
            state.SkipWithError("the device has no room or failed");
            break;
        }
    }
    setRate(state, static_cast<double>(rows) * static_cast<double>(cols) * static_cast<double>(cols));
    state.SetLabel(std::string(device().name()));
}

/// Energies of rows that lie on the device.
void energies(benchmark::State& state)
{
    const std::int64_t rows = state.range(0);
    const std::int64_t cols = state.range(1);
    const model::Values hessian(device().memory(), statsOf(cols).hessian);
    const model::Values x(device().memory(), normalFloats(rows * cols, 3, 0.01F));
    const auto prepared = device().prepareInPlace(hessian.span(), cols, cols);
    for (auto _ : state) {
        benchmark::DoNotOptimize(quant::deviceEnergies(x.span(), rows, *prepared, device()));
    }
    setRate(state, 2 * static_cast<double>(rows) * static_cast<double>(cols) * static_cast<double>(cols));
    state.SetLabel(std::string(device().name()));
}

/// Up and down.
void moves(benchmark::State& state)
{
    const std::int64_t count = state.range(0) * state.range(1);
    const std::vector<float> values = normalFloats(count, 4, 1.0F);
    std::vector<float> back(values.size());
    model::Values there(device().memory(), values);
    for (auto _ : state) {
        there.assign(values);
        model::downloadFrom(device().memory(), there.span(), back);
    }
    state.SetBytesProcessed(state.iterations() * count * 8);
    state.SetLabel(std::string(device().name()));
}

/// From weights and Hessian of the processor to codes and quality there; kept: the factor is known from the layer
/// before.
void layer(benchmark::State& state, Effort effort, bool kept)
{
    const std::int64_t rows = state.range(0);
    const std::int64_t cols = state.range(1);
    const std::vector<float> weights = normalFloats(rows * cols, 5, 0.02F);
    const model::LinearSpec linear = linearOf(rows, cols);
    quant::SharedWork shared;
    quant::LayerInput input{linear, weights, &statsOf(cols), scheme()};
    input.options.gptq.effort = effort;
    input.device = &device();
    input.shared = &shared;
    benchmark::DoNotOptimize((*quant::findQuantizer("gptq"))->quantize(input, {}));
    for (auto _ : state) {
        if (!kept) {
            shared = {};
        }
        const auto result = (*quant::findQuantizer("gptq"))->quantize(input, {});
        if (!result) {
            state.SkipWithError(result.error().sentence().c_str());
            break;
        }
        state.counters["relative error"] = result->quality.relativeError;
    }
    state.SetItemsProcessed(state.iterations() * rows * cols);
    state.SetLabel(std::string(device().name()));
}

/// The seven linears of a block with their four inputs: q, k, v; o; gate, up; down.
void block(benchmark::State& state, Effort effort)
{
    const std::int64_t hidden = state.range(0);
    const std::int64_t inner = hidden * 43 / 16;
    const std::vector<float> weights = normalFloats(hidden * inner, 6, 0.02F);
    const calibrate::InputStats first = makeStats(hidden);
    const std::vector<calibrate::InputStats> inputs{first, first, first, makeStats(inner)};
    const std::vector<std::pair<model::LinearSpec, std::size_t>> linears{
        {linearOf(hidden, hidden), 0}, {linearOf(hidden, hidden), 0}, {linearOf(hidden, hidden), 0},
        {linearOf(hidden, hidden), 1}, {linearOf(inner, hidden), 2},  {linearOf(inner, hidden), 2},
        {linearOf(hidden, inner), 3}};
    const quant::Quantizer& gptq = **quant::findQuantizer("gptq");
    for (auto _ : state) {
        quant::SharedWork shared;
        for (const auto& [linear, input] : linears) {
            quant::LayerInput each{
                linear, std::span(weights).first(static_cast<std::size_t>(linear.outFeatures * linear.inFeatures)),
                &inputs[input], scheme()};
            each.options.gptq.effort = effort;
            each.device = &device();
            each.shared = &shared;
            const auto result = gptq.quantize(each, {});
            if (!result) {
                state.SkipWithError(result.error().sentence().c_str());
            }
        }
    }
    state.SetLabel(std::string(device().name()));
}

void layersOf7b(benchmark::internal::Benchmark* bench)
{
    bench->Args({256, 256})->Args({4096, 4096})->Args({11008, 4096})->Args({4096, 11008});
}

} // namespace

BENCHMARK(factor)->Arg(256)->Arg(4096)->Arg(11008)->Unit(benchmark::kMillisecond)->UseRealTime();
BENCHMARK_CAPTURE(roundRows, fast, Effort::Fast)->Apply(layersOf7b)->Unit(benchmark::kMillisecond)->UseRealTime();
BENCHMARK_CAPTURE(roundRows, normal, Effort::Normal)->Apply(layersOf7b)->Unit(benchmark::kMillisecond)->UseRealTime();
BENCHMARK(energies)->Apply(layersOf7b)->Unit(benchmark::kMillisecond)->UseRealTime();
BENCHMARK(moves)->Apply(layersOf7b)->Unit(benchmark::kMillisecond)->UseRealTime();
BENCHMARK_CAPTURE(layer, normal, Effort::Normal, false)
    ->Apply(layersOf7b)
    ->Unit(benchmark::kMillisecond)
    ->UseRealTime();
BENCHMARK_CAPTURE(layer, normal with its factor, Effort::Normal, true)
    ->Apply(layersOf7b)
    ->Unit(benchmark::kMillisecond)
    ->UseRealTime();
BENCHMARK_CAPTURE(layer, best, Effort::Best, false)->Apply(layersOf7b)->Unit(benchmark::kMillisecond)->UseRealTime();
BENCHMARK_CAPTURE(block, fast, Effort::Fast)->Arg(256)->Arg(4096)->Unit(benchmark::kMillisecond)->UseRealTime();
BENCHMARK_CAPTURE(block, normal, Effort::Normal)->Arg(256)->Arg(4096)->Unit(benchmark::kMillisecond)->UseRealTime();
BENCHMARK_CAPTURE(block, best, Effort::Best)->Arg(256)->Arg(4096)->Unit(benchmark::kMillisecond)->UseRealTime();
