// SPDX-License-Identifier: Apache-2.0
// What the Tune page waits for: one square layer under one setting, scales searched and factor made where the method
// has them. Arguments: side of the layer; rows that are looked at, 0: all. "next": what settings share is there
// already.
#include "core/format/openmodel.h"
#include "core/model/randommodel.h"
#include "core/quant/whatif.h"
#include "tests/bench/madestats.h"

#include <benchmark/benchmark.h>

#include <QTemporaryDir>

namespace
{

using namespace bitlathe;

/// A model of one block whose linears are square, but for the head.
struct Layer
{
    QTemporaryDir folder;
    std::shared_ptr<const format::OpenedModel> opened;
    std::vector<float> weights;
    calibrate::BlockStats stats;

    const model::LinearSpec& linear() const { return opened->spec.linears.front(); }
};

Result<std::unique_ptr<Layer>> makeLayer(std::int64_t side)
{
    auto layer = std::make_unique<Layer>();
    const std::filesystem::path path = layer->folder.filePath("model").toStdString();
    constexpr std::int64_t kVocabulary = 256;
    constexpr std::int64_t kHeads = 4;
    BITLATHE_CHECK(model::writeRandomModel({kVocabulary, side, 1, side, kHeads, kHeads}, 1, path));
    BITLATHE_TRY(layer->opened, format::openModel(path));
    BITLATHE_TRY(layer->weights, layer->opened->source->weights(layer->linear()));
    calibrate::InputStats stats = bench::madeStats(side);
    for (const model::LinearSpec& linear : layer->opened->spec.linears) {
        stats.linears.push_back(linear.id);
    }
    layer->stats.inputs.push_back(std::move(stats));
    return layer;
}

void tune(benchmark::State& state, const char* method, bool isNext)
{
    const auto layer = makeLayer(state.range(0));
    if (!layer) {
        state.SkipWithError(layer.error().sentence().c_str());
        return;
    }
    const Layer& made = **layer;
    const quant::Quantizer& quantizer = **quant::findQuantizer(method);
    quant::SharedWork shared;
    for (auto _ : state) {
        shared.value = isNext ? std::move(shared.value) : std::any();
        const quant::LayerInput input{
            made.linear(), made.weights, &made.stats.inputs.front(), quantizer.usualScheme(), 0, {}, &shared};
        const auto answer = quant::whatIf(quantizer, input, {made.opened->spec, *made.opened->source, &made.stats},
                                          {.rowsMost = state.range(1)});
        if (!answer) {
            state.SkipWithError(answer.error().sentence().c_str());
            break;
        }
        state.counters["relative error"] = answer->result.quality.relativeError;
    }
}

void sizes(benchmark::internal::Benchmark* bench)
{
    bench->Args({256, 64})->Args({4096, 256})->Args({4096, 0});
    bench->Unit(benchmark::kMillisecond)->UseRealTime()->MeasureProcessCPUTime();
}

} // namespace

BENCHMARK_CAPTURE(tune, rtn, "rtn", true)->Apply(sizes);
BENCHMARK_CAPTURE(tune, gptq, "gptq", false)->Apply(sizes);
BENCHMARK_CAPTURE(tune, gptq next, "gptq", true)->Apply(sizes);
BENCHMARK_CAPTURE(tune, awq, "awq", true)->Apply(sizes);
BENCHMARK_CAPTURE(tune, nf4, "nf4", true)->Apply(sizes);
