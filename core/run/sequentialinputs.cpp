// SPDX-License-Identifier: Apache-2.0
// SequentialInputs: passes through a block that is half quantized.
#include "core/run/sequentialinputs.h"

#include "core/calibrate/observer.h"
#include "core/quant/quantizedsource.h"
#include "kernels/quantize.h"

#include <fmt/format.h>

#include <algorithm>

namespace bitlathe::run
{

namespace
{

namespace fs = std::filesystem;

/// As much as calibration keeps in memory.
constexpr std::uint64_t kBytesStates = 64ULL << 20;

/// Shows a part of what goes through a block.
class StepObserver final : public model::BlockObserver
{
public:
    StepObserver(calibrate::StatsObserver& statistics, const std::vector<LayerId>& step)
        : m_statistics(statistics), m_step(step)
    {}
    void onInput(std::span<const LayerId> linears, const model::Activations& input) override
    {
        if (std::ranges::find(m_step, linears.front()) != m_step.end()) {
            m_statistics.onInput(linears, input);
        }
    }

private:
    calibrate::StatsObserver& m_statistics;
    const std::vector<LayerId>& m_step;
};

Failure notFinite(std::int64_t block)
{
    return fail(ErrorCode::WeightsNotFinite, fmt::format("block {}", block), Text(BITLATHE_TEXT("finite activations")),
                Text(BITLATHE_TEXT("NaN or infinity while samples passed")),
                Text(BITLATHE_TEXT("Get an intact copy of the model, or compute in f32")));
}

} // namespace

std::vector<std::vector<LayerId>> quantizingSteps(const model::ModelSpec& spec, std::int64_t block)
{
    std::vector<std::vector<LayerId>> steps;
    std::map<std::int64_t, std::size_t> stepOfInput;
    std::map<std::int64_t, std::size_t> inputsOfExpert;
    std::vector<std::size_t> expertSteps;
    for (const LayerId id : spec.blocks[static_cast<std::size_t>(block)].linears) {
        const model::LinearSpec& linear = spec.linear(id);
        const auto known = stepOfInput.find(linear.inputGroup);
        std::size_t step = known != stepOfInput.end() ? known->second : steps.size();
        if (known == stepOfInput.end() && linear.expert >= 0) {
            const std::size_t place = inputsOfExpert[linear.expert]++;
            if (place == expertSteps.size()) {
                expertSteps.push_back(steps.size());
            }
            step = expertSteps[place];
        }
        stepOfInput[linear.inputGroup] = step;
        steps.resize(std::max(steps.size(), step + 1));
        steps[step].push_back(id);
    }
    return steps;
}

Result<std::unique_ptr<SequentialInputs>> SequentialInputs::create(std::shared_ptr<const format::OpenedModel> opened,
                                                                   model::Compute compute,
                                                                   std::vector<std::vector<model::TokenId>> samples,
                                                                   fs::path folder, std::int64_t firstBlock,
                                                                   const WorkContext& work)
{
    std::unique_ptr<SequentialInputs> inputs(new SequentialInputs(std::move(folder), firstBlock));
    const auto lookUp = [&tensors = inputs->m_tensors](const model::LinearSpec& linear) {
        const auto found = tensors.find(linear.id);
        return Result<std::shared_ptr<const quant::QuantizedTensor>>(found == tensors.end() ? nullptr : found->second);
    };
    BITLATHE_TRY(inputs->m_model, model::Model::create(opened->spec, quant::makeQuantizedSource(opened->source, lookUp),
                                                       {compute, model::Residency::Streamed}, work));
    std::vector<std::int64_t> tokens;
    std::ranges::transform(samples, std::back_inserter(tokens), [](const auto& sample) { return std::ssize(sample); });
    BITLATHE_TRY(inputs->m_states, calibrate::HiddenStates::create(std::move(tokens), opened->spec.hidden, kBytesStates,
                                                                   inputs->m_folder));
    if (firstBlock > 0) {
        BITLATHE_CHECK(inputs->m_states->restore(inputs->stateFile(firstBlock)));
        return inputs;
    }
    for (std::size_t sample = 0; sample < samples.size(); ++sample) {
        if (work.stopRequested()) {
            return cancelled();
        }
        BITLATHE_TRY(const model::Activations hidden, inputs->m_model->embed(samples[sample]));
        BITLATHE_CHECK(inputs->m_states->store(sample, hidden));
    }
    return inputs;
}

/// Its name goes with the journal's when the folder is finished.
fs::path SequentialInputs::stateFile(std::int64_t block) const
{
    return m_folder / fmt::format(".bitlathe-states-{:05}", block);
}

Result<void> SequentialInputs::pass(model::BlockObserver* observer, bool keepsOutput, const WorkContext& work)
{
    BITLATHE_TRY(const auto block, m_model->block(m_block));
    for (std::size_t sample = 0; sample < m_states->samples();) {
        if (work.stopRequested()) {
            return cancelled();
        }
        const std::size_t count = m_states->together(sample);
        BITLATHE_TRY(model::Activations hidden, m_states->load(sample, count));
        block->forward(hidden, nullptr, observer);
        if (!kernels::valueRange(hidden.values).finite) {
            return notFinite(m_block);
        }
        if (keepsOutput) {
            BITLATHE_CHECK(m_states->store(sample, hidden));
        }
        sample += count;
        work.progress.set(static_cast<double>(sample) / static_cast<double>(m_states->samples()));
    }
    return {};
}

Result<calibrate::BlockStats> SequentialInputs::observe(const std::vector<LayerId>& step, const WorkContext& work)
{
    calibrate::StatsObserver statistics(m_model->spec(), m_block, true, m_model->compute());
    StepObserver observer(statistics, step);
    BITLATHE_CHECK(pass(&observer, false, work));
    if (!statistics.finite()) {
        return notFinite(m_block);
    }
    calibrate::BlockStats stats = statistics.take();
    // Inputs of other steps were not looked at.
    std::erase_if(stats.inputs, [&step](const calibrate::InputStats& input) {
        return std::ranges::find(step, input.linears.front()) == step.end();
    });
    return stats;
}

void SequentialInputs::keep(LayerId layer, std::shared_ptr<const quant::QuantizedTensor> tensor)
{
    m_tensors[layer] = std::move(tensor);
}

Result<void> SequentialInputs::endBlock(const WorkContext& work)
{
    BITLATHE_CHECK(pass(nullptr, true, work));
    m_tensors.clear();
    ++m_block;
    return m_states->save(stateFile(m_block));
}

void SequentialInputs::dropEarlier() const
{
    std::error_code ignored;
    fs::remove(stateFile(m_block - 1), ignored);
}

} // namespace bitlathe::run
