// SPDX-License-Identifier: Apache-2.0
// SequentialInputs: passes through a block that is half quantized.
#include "core/run/sequentialinputs.h"

#include "core/quant/quantizedsource.h"

#include <fmt/format.h>

#include <algorithm>

namespace bitlathe::run
{

namespace
{

namespace fs = std::filesystem;

/// As much as calibration keeps in memory.
constexpr std::uint64_t kBytesStates = 64ULL << 20;

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

SequentialInputs::SequentialInputs(std::shared_ptr<const format::OpenedModel> opened, model::Compute compute,
                                   std::vector<std::vector<model::TokenId>> samples, fs::path folder,
                                   std::int64_t firstBlock)
    : m_opened(std::move(opened)),
      m_compute(compute),
      m_samples(std::move(samples)),
      m_folder(std::move(folder)),
      m_block(firstBlock)
{}

SequentialInputs::~SequentialInputs() = default;

Result<void> SequentialInputs::computeOn(const model::Device& device, const WorkContext& work)
{
    m_walk.reset(); // The old ones go first: both together need not fit.
    m_model.reset();
    m_device = device.backend;
    const auto lookUp = [this](const model::LinearSpec& linear) {
        const auto found = m_tensors.find(linear.id);
        return Result<std::shared_ptr<const quant::QuantizedTensor>>(found == m_tensors.end() ? nullptr
                                                                                              : found->second);
    };
    BITLATHE_TRY(m_model, model::Model::create(m_opened->spec, quant::makeQuantizedSource(m_opened->source, lookUp),
                                               {m_compute, model::Residency::Streamed, m_device}, work));
    BITLATHE_TRY(m_walk, calibrate::SampleWalk::create(*m_model, m_samples, kBytesStates, m_folder));
    if (m_block > 0) {
        return model::withDeviceErrors([&] { return m_walk->states().restore(stateFile(m_block)); });
    }
    return m_walk->embed(m_samples, work);
}

bool SequentialInputs::computesOn(const model::Device& device) const
{
    return m_walk && m_device == device.backend;
}

/// Its name goes with the journal's when the folder is finished.
fs::path SequentialInputs::stateFile(std::int64_t block) const
{
    return m_folder / fmt::format(".bitlathe-states-{:05}", block);
}

Result<calibrate::BlockStats> SequentialInputs::observe(const std::vector<LayerId>& step, const WorkContext& work)
{
    return model::withDeviceErrors([&]() -> Result<calibrate::BlockStats> {
        calibrate::StatsObserver observer(m_model->spec(), m_block, true, m_compute, m_model->backend(), step);
        BITLATHE_CHECK(m_walk->pass(m_block, &observer, false, work));
        return observer.take();
    });
}

void SequentialInputs::keep(LayerId layer, std::shared_ptr<const quant::QuantizedTensor> tensor)
{
    m_tensors[layer] = std::move(tensor);
}

Result<void> SequentialInputs::endBlock(const WorkContext& work)
{
    return model::withDeviceErrors([&]() -> Result<void> {
        BITLATHE_CHECK(m_walk->pass(m_block, nullptr, true, work));
        BITLATHE_CHECK(m_walk->states().save(stateFile(m_block + 1)));
        m_tensors.clear();
        ++m_block;
        return {};
    });
}

void SequentialInputs::dropEarlier() const
{
    std::error_code ignored;
    fs::remove(stateFile(m_block - 1), ignored);
}

} // namespace bitlathe::run
