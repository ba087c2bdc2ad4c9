// SPDX-License-Identifier: Apache-2.0
// One square layer through every method, factorization of the Hessian included, and under all bits and group sizes: weights a
// second, CPU and wall time.
#include "core/quant/layersweep.h"
#include "tests/bench/madestats.h"

#include <benchmark/benchmark.h>

#include <algorithm>
#include <random>
#include <vector>

namespace
{

using namespace bitlathe;
using bench::madeStats;
using quant::Effort;

void quantizeLayer(benchmark::State& state, const char* method, int bits, Effort effort)
{
    const std::int64_t side = state.range(0);
    std::mt19937 random(1);
    std::normal_distribution<float> normal(0.0F, 0.02F);
    std::vector<float> weights(static_cast<std::size_t>(side * side));
    std::ranges::generate(weights, [&] { return normal(random); });
    const calibrate::InputStats stats = madeStats(side);
    model::LinearSpec linear;
    linear.id = LayerId(0);
    linear.name = "layer";
    linear.outFeatures = linear.inFeatures = side;
    const quant::Quantizer& quantizer = **quant::findQuantizer(method);
    quant::LayerInput input{linear, weights, &stats, quantizer.usualScheme()};
    input.scheme.bits = bits;
    input.options.gptq.effort = effort;
    for (auto _ : state) {
        const auto result = quantizer.quantize(input, {});
        if (!result) {
            state.SkipWithError(result.error().sentence().c_str());
            break;
        }
        state.counters["relative error"] = result->quality.relativeError;
    }
    state.SetItemsProcessed(state.iterations() * side * side);
}

/// All that the map of the Tune page shows.
void sweepLayer(benchmark::State& state, const char* method)
{
    const std::int64_t side = state.range(0);
    std::mt19937 random(1);
    std::normal_distribution<float> normal(0.0F, 0.02F);
    std::vector<float> weights(static_cast<std::size_t>(side * side));
    std::ranges::generate(weights, [&] { return normal(random); });
    const calibrate::InputStats stats = madeStats(side);
    model::LinearSpec linear;
    linear.id = LayerId(0);
    linear.name = "layer";
    linear.outFeatures = linear.inFeatures = side;
    const quant::Quantizer& quantizer = **quant::findQuantizer(method);
    const quant::LayerInput input{linear, weights, &stats, quantizer.usualScheme()};
    std::int64_t points = 0;
    for (auto _ : state) {
        quant::LayerSweep sweep = quant::LayerSweep::ofFolded(quantizer, input);
        for (const int bits : {2, 3, 4, 5, 6, 8}) {
            for (const std::int64_t group : {16, 32, 64, 128, 256, 512, 1024, -1, 0}) {
                const auto point = sweep.point(bits, group == -1  ? quant::kPerChannel
                                                     : group == 0 ? quant::kPerTensor
                                                                  : group);
                points += point && *point ? 1 : 0;
            }
        }
    }
    state.counters["points"] = static_cast<double>(points / state.iterations());
}

} // namespace

BENCHMARK_CAPTURE(sweepLayer, rtn, "rtn")->Arg(256)->Arg(4096)->Unit(benchmark::kMillisecond)->UseRealTime();
BENCHMARK_CAPTURE(sweepLayer, gptq, "gptq")->Arg(256)->Arg(4096)->Unit(benchmark::kMillisecond)->UseRealTime();
BENCHMARK_CAPTURE(quantizeLayer, rtn 4, "rtn", 4, Effort::Normal)
    ->Arg(256)
    ->Arg(4096)
    ->Unit(benchmark::kMillisecond)
    ->UseRealTime()
    ->MeasureProcessCPUTime();
BENCHMARK_CAPTURE(quantizeLayer, gptq 4 fast, "gptq", 4, Effort::Fast)
    ->Arg(256)
    ->Arg(4096)
    ->Unit(benchmark::kMillisecond)
    ->UseRealTime()
    ->MeasureProcessCPUTime();
BENCHMARK_CAPTURE(quantizeLayer, gptq 4 normal, "gptq", 4, Effort::Normal)
    ->Arg(256)
    ->Arg(4096)
    ->Unit(benchmark::kMillisecond)
    ->UseRealTime()
    ->MeasureProcessCPUTime();
BENCHMARK_CAPTURE(quantizeLayer, gptq 4 best, "gptq", 4, Effort::Best)
    ->Arg(256)
    ->Arg(4096)
    ->Unit(benchmark::kMillisecond)
    ->UseRealTime()
    ->MeasureProcessCPUTime();
BENCHMARK_CAPTURE(quantizeLayer, gptq 3 normal, "gptq", 3, Effort::Normal)
    ->Arg(256)
    ->Arg(4096)
    ->Unit(benchmark::kMillisecond)
    ->UseRealTime()
    ->MeasureProcessCPUTime();
BENCHMARK_CAPTURE(quantizeLayer, awq 4, "awq", 4, Effort::Normal)
    ->Arg(256)
    ->Arg(4096)
    ->Unit(benchmark::kMillisecond)
    ->UseRealTime()
    ->MeasureProcessCPUTime();
