// SPDX-License-Identifier: Apache-2.0
// Trials: a whole model quantized in memory, and its perplexity.
#pragma once

#include "core/calibrate/calibrate.h"
#include "core/evaluate/perplexity.h"
#include "core/format/openmodel.h"
#include "core/quant/memorymodel.h"
#include "core/quant/quantizedsource.h"
#include "core/quant/quantizer.h"
#include "core/text/textset.h"

namespace bitlathe::tests
{

/// Another source with some of its small tensors changed.
class ChangedSource final : public model::WeightSource
{
public:
    explicit ChangedSource(std::shared_ptr<const model::WeightSource> base) : m_base(std::move(base)) {}

    std::map<std::string, StoredTensor> changed;

    Result<checkpoint::TensorView> tensor(const std::string& name, const checkpoint::Shape& shape) const override
    {
        const auto found = changed.find(name);
        if (found == changed.end()) {
            return m_base->tensor(name, shape);
        }
        return checkpoint::TensorView{name, found->second.dtype, shape, found->second.bytes};
    }
    bool has(const std::string& name) const override { return m_base->has(name); }
    Result<std::unique_ptr<model::Linear>> linear(const model::LinearSpec& spec, model::Compute compute) const override
    {
        return m_base->linear(spec, compute);
    }
    Result<std::vector<float>> weights(const model::LinearSpec& spec) const override { return m_base->weights(spec); }
    void release(const model::LinearSpec& spec) const override { m_base->release(spec); }

private:
    std::shared_ptr<const model::WeightSource> m_base;
};

/// A model quantized in memory, and what it is measured on.
struct Trial
{
    std::shared_ptr<const format::OpenedModel> opened;
    std::shared_ptr<const calibrate::StatsStore> stats;
    std::vector<model::TokenId> stream;
    evaluate::PerplexityOptions options;

    double perplexity(const std::shared_ptr<const model::WeightSource>& source) const
    {
        const auto model = model::Model::create(opened->spec, source, {});
        return evaluate::perplexity(**model, stream, options)->perplexity;
    }
    double quantized(const quant::Quantizer& method, const quant::Scheme& scheme, quant::Smoothing smoothing,
                     const quant::MethodOptions& options = {}) const;
};

inline double Trial::quantized(const quant::Quantizer& method, const quant::Scheme& scheme, quant::Smoothing smoothing,
                               const quant::MethodOptions& methodOptions) const
{
    const model::ModelSpec& spec = opened->spec;
    const std::vector<std::optional<quant::Scheme>> schemes(spec.linears.size(), scheme);
    auto base = std::make_shared<ChangedSource>(opened->source);
    std::map<std::string, std::shared_ptr<const quant::QuantizedTensor>> tensors;
    for (std::int64_t block = 0; block < spec.blockCount(); ++block) {
        const auto blockStats = *stats->block(block);
        const quant::BlockScales scales =
            *quant::smoothBlock({spec, block, *opened->source, schemes, blockStats.get()}, smoothing, methodOptions);
        quant::foldStats(spec, scales, *blockStats);
        const auto folded = quant::foldedTensors(spec, scales, *opened->source);
        for (const quant::FoldedTensor& tensor : *folded) {
            base->changed[tensor.name] =
                storedTensor(checkpoint::DType::BF16, {static_cast<std::int64_t>(tensor.values.size())}, tensor.values);
        }
        for (const LayerId id : spec.blocks[static_cast<std::size_t>(block)].linears) {
            const model::LinearSpec& linear = spec.linear(id);
            std::vector<float> weights = *opened->source->weights(linear);
            quant::foldWeights(spec, scales, linear, weights);
            quant::LayerInput input{linear, weights, blockStats->forLinear(id), scheme, 0, methodOptions};
            tensors[linear.name] = method.quantize(input, {})->tensor;
        }
    }
    return perplexity(quant::makeQuantizedSource(
        base, [&](const model::LinearSpec& linear) -> Result<std::shared_ptr<const quant::QuantizedTensor>> {
            return tensors.at(linear.name);
        }));
}

inline Trial openTrial(const std::filesystem::path& model, const std::string& calibration,
                       const std::string& evaluation, const text::SampleOptions& samples,
                       const evaluate::PerplexityOptions& options, const std::filesystem::path& cache)
{
    Trial trial;
    trial.opened = *format::openModel(model);
    trial.options = options;
    const auto set = *text::openTextSet(calibration);
    const auto rows = *text::calibrationSamples(set, trial.opened->tokenizer.get(), samples);
    const auto runnable = *format::runnable(*trial.opened, {model::Compute::F32, model::Residency::Resident});
    trial.stats = *calibrate::calibrate(*runnable, "trial", rows, {.cacheRoot = cache});
    trial.stream = *text::evaluationStream(*text::openTextSet(evaluation), trial.opened->tokenizer.get());
    return trial;
}

} // namespace bitlathe::tests
