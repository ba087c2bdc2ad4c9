// SPDX-License-Identifier: Apache-2.0
// SwapWalk: hidden states of all swaps, block by block.
#include "core/evaluate/swapwalk.h"

#include "core/evaluate/windowscores.h"
#include "kernels/backend.h"

#include <algorithm>

namespace bitlathe::evaluate
{

/// The model's own weights, but for some linears.
class SwappingSource final : public model::WeightSource
{
public:
    explicit SwappingSource(std::shared_ptr<const model::WeightSource> base) : m_base(std::move(base)) {}

    /// weights: of the linears that are not the model's from now on; null: none. Outlives the loading of a block.
    void use(const SwappedWeights* weights) { m_swapped = weights; }

    Result<checkpoint::TensorView> tensor(const std::string& name, const checkpoint::Shape& shape) const override
    {
        return m_base->tensor(name, shape);
    }
    bool has(const std::string& name) const override { return m_base->has(name); }
    Result<void> check(const model::LinearSpec& spec) const override { return m_base->check(spec); }
    Result<std::unique_ptr<model::Linear>> linear(const model::LinearSpec& spec, model::Compute compute) const override;
    Result<std::vector<float>> weights(const model::LinearSpec& spec) const override { return m_base->weights(spec); }
    void release(const model::LinearSpec& spec) const override { m_base->release(spec); }

private:
    std::shared_ptr<const model::WeightSource> m_base;
    const SwappedWeights* m_swapped = nullptr;
};

Result<std::unique_ptr<model::Linear>> SwappingSource::linear(const model::LinearSpec& spec,
                                                              model::Compute compute) const
{
    const auto found = m_swapped != nullptr ? m_swapped->find(spec.id) : SwappedWeights::const_iterator();
    if (m_swapped == nullptr || found == m_swapped->end()) {
        return m_base->linear(spec, compute);
    }
    std::vector<float> bias;
    if (spec.hasBias) {
        BITLATHE_TRY(const checkpoint::TensorView view, m_base->tensor(spec.biasName(), {spec.outFeatures}));
        bias = checkpoint::toF32(view);
    }
    const checkpoint::TensorView view{spec.weightName(),
                                      checkpoint::DType::F32,
                                      {spec.outFeatures, spec.inFeatures},
                                      std::as_bytes(std::span(found->second))};
    return model::makeDenseLinear(view, bias, compute);
}

namespace
{

using calibrate::HiddenStates;
using Windows = std::vector<std::vector<model::TokenId>>;

constexpr std::uint64_t kBytesStatesMax = 1ULL << 30;

Result<HiddenStates> statesFor(const Windows& windows, std::size_t copies, std::int64_t hidden,
                               const std::filesystem::path& folder)
{
    std::vector<std::int64_t> tokens;
    for (std::size_t copy = 0; copy < copies; ++copy) {
        std::ranges::transform(windows, std::back_inserter(tokens),
                               [](const auto& window) { return static_cast<std::int64_t>(window.size()); });
    }
    return HiddenStates::create(std::move(tokens), hidden, kBytesStatesMax, folder);
}

/// The first count samples of from go through a block, to the same places of to, but first further on.
Result<void> pass(const model::Block& block, const HiddenStates& from, std::size_t count, HiddenStates& to,
                  std::size_t first, const WorkContext& work)
{
    for (std::size_t sample = 0; sample < count;) {
        if (work.stopRequested()) {
            return cancelled();
        }
        const std::size_t together = std::min(from.together(sample), count - sample);
        BITLATHE_TRY(model::Activations hidden, from.load(sample, together));
        block.forward(hidden, nullptr, nullptr);
        BITLATHE_CHECK(to.store(first + sample, hidden));
        sample += together;
        work.progress.set(static_cast<double>(sample) / static_cast<double>(count));
    }
    return {};
}

} // namespace

struct SwapWalk::Data
{
    Windows windows;
    std::shared_ptr<SwappingSource> source;
    std::shared_ptr<const model::Model> model;
    HiddenStates plain; ///< One sample for each window.
    HiddenStates whole;
    HiddenStates swapped; ///< The windows of a swap behind those of the one before.
    std::size_t begun = 0;
    std::size_t begunBefore = 0; ///< The current block.
    std::int64_t block = 0;
    bool hasWhole = false;

    /// The current block with other weights, for inputs from the first count samples.
    Result<void> passSwapped(const SwappedWeights& weights, const HiddenStates& from, HiddenStates& to,
                             std::size_t first);
    Result<std::vector<double>> sums(std::size_t window, const WorkContext& work) const;
};

SwapWalk::SwapWalk(std::unique_ptr<Data> data) : m_data(std::move(data)) {}

SwapWalk::~SwapWalk() = default;

Result<std::unique_ptr<SwapWalk>> SwapWalk::create(const format::OpenedModel& opened, const Windows& windows,
                                                   std::size_t swaps, const std::filesystem::path& folder)
{
    auto source = std::make_shared<SwappingSource>(opened.source);
    BITLATHE_TRY(auto model,
                 model::Model::create(opened.spec, source, {model::Compute::F32, model::Residency::Streamed}));
    const std::int64_t hidden = opened.spec.hidden;
    BITLATHE_TRY(HiddenStates plain, statesFor(windows, 1, hidden, folder));
    BITLATHE_TRY(HiddenStates whole, statesFor(windows, 1, hidden, folder));
    BITLATHE_TRY(HiddenStates swapped, statesFor(windows, swaps, hidden, folder));
    for (std::size_t window = 0; window < windows.size(); ++window) {
        BITLATHE_TRY(const model::Activations rows, model->embed(windows[window]));
        BITLATHE_CHECK(plain.store(window, rows));
        BITLATHE_CHECK(whole.store(window, rows));
    }
    return std::unique_ptr<SwapWalk>(new SwapWalk(std::unique_ptr<Data>(new Data{
        windows, std::move(source), std::move(model), std::move(plain), std::move(whole), std::move(swapped)})));
}

Result<void> SwapWalk::Data::passSwapped(const SwappedWeights& weights, const HiddenStates& from, HiddenStates& to,
                                         std::size_t first)
{
    source->use(&weights);
    const auto loaded = model->block(block);
    source->use(nullptr);
    BITLATHE_CHECK(loaded);
    return pass(**loaded, from, windows.size(), to, first, {});
}

Result<void> SwapWalk::swap(const SwappedWeights& weights)
{
    Data& data = *m_data;
    return data.passSwapped(weights, data.plain, data.swapped, data.begun++ * data.windows.size());
}

Result<void> SwapWalk::swapWhole(const SwappedWeights& weights)
{
    m_data->hasWhole = true;
    return m_data->passSwapped(weights, m_data->whole, m_data->whole, 0);
}

Result<void> SwapWalk::passBlock(const WorkContext& work)
{
    Data& data = *m_data;
    BITLATHE_TRY(const auto loaded, data.model->block(data.block));
    const std::size_t windows = data.windows.size();
    BITLATHE_CHECK(pass(*loaded, data.plain, windows, data.plain, 0, {}));
    BITLATHE_CHECK(pass(*loaded, data.swapped, data.begunBefore * windows, data.swapped, 0, work));
    data.begunBefore = data.begun;
    ++data.block;
    return {};
}

/// Of a window, for every swap and then the whole: the sum over its tokens.
Result<std::vector<double>> SwapWalk::Data::sums(std::size_t window, const WorkContext& work) const
{
    const std::int64_t cols = model->spec().vocabulary;
    const auto tokens = static_cast<std::int64_t>(windows[window].size());
    const std::int64_t chunk = std::min(logitRowsPerChunk(cols), tokens);
    std::vector<double> sums(begun + (hasWhole ? 1 : 0));
    std::vector<float> logits(static_cast<std::size_t>(chunk * cols));
    std::vector<float> others(logits.size());
    std::vector<double> values(static_cast<std::size_t>(chunk));
    BITLATHE_TRY(model::Activations normed, plain.load(window));
    model->finalNorm(normed);
    for (std::int64_t first = 0; first < tokens; first += chunk) {
        const std::int64_t count = std::min(chunk, tokens - first);
        const auto size = static_cast<std::size_t>(count * cols);
        model->logits(normed, first, count, std::span(logits).first(size));
        for (std::size_t index = 0; index < sums.size(); ++index) {
            if (work.stopRequested()) {
                return cancelled();
            }
            BITLATHE_TRY(model::Activations states,
                         index < begun ? swapped.load(index * windows.size() + window) : whole.load(window));
            model->finalNorm(states);
            model->logits(states, first, count, std::span(others).first(size));
            const auto rows = std::span(values).first(static_cast<std::size_t>(count));
            kernels::cpuBackend().klDivergence(std::span(logits).first(size), std::span(others).first(size), cols,
                                               rows);
            sums[index] += sumInOrder(rows);
        }
    }
    return sums;
}

Result<SwapWalk::Divergences> SwapWalk::divergences(const WorkContext& work) const
{
    const Data& data = *m_data;
    std::vector<double> totals(data.begun + (data.hasWhole ? 1 : 0));
    double tokens = 0;
    for (std::size_t window = 0; window < data.windows.size(); ++window) {
        BITLATHE_TRY(const std::vector<double> sums, data.sums(window, work));
        std::ranges::transform(totals, sums, totals.begin(), std::plus<>());
        tokens += static_cast<double>(data.windows[window].size());
        work.progress.set(static_cast<double>(window + 1) / static_cast<double>(data.windows.size()));
    }
    // Rounding can put a sum a hair below zero.
    std::ranges::for_each(totals, [tokens](double& total) { total = std::max(total, 0.0) / tokens; });
    Divergences found;
    found.whole = data.hasWhole ? totals.back() : 0;
    totals.resize(data.begun);
    found.ofSwaps = std::move(totals);
    return found;
}

} // namespace bitlathe::evaluate
