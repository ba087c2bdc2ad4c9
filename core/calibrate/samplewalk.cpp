// SPDX-License-Identifier: Apache-2.0
// SampleWalk: batches of samples through a block, and what is given up where a device's memory is short.
#include "core/calibrate/samplewalk.h"

#include "core/base/machine.h"
#include "kernels/quantize.h"

#include <algorithm>
#include <map>
#include <optional>

namespace bitlathe::calibrate
{

namespace
{

using Samples = std::vector<std::vector<model::TokenId>>;

/// Rows that must have room beside hidden states that stay on the device.
constexpr std::int64_t kTokensBesideStates = 4096;

Failure notFinite(std::int64_t block)
{
    return fail(ErrorCode::WeightsNotFinite, fmt::format("block {}", block), Text(BITLATHE_TEXT("finite activations")),
                Text(BITLATHE_TEXT("NaN or infinity while samples passed")),
                Text(BITLATHE_TEXT("Get an intact copy of the model, or compute in f32")));
}

/// What a block takes of a device, roughly.
struct BlockBytes
{
    std::uint64_t weights = 0;
    std::uint64_t hessians = 0;
    std::uint64_t token = 0; ///< Of values between its layers, for each token that passes.
};

BlockBytes bytesOf(const model::Model& model, std::int64_t block)
{
    const model::ModelSpec& spec = model.spec();
    const std::uint64_t bytesWeight = model.compute() == model::Compute::F32 ? 4 : 2;
    BlockBytes bytes;
    std::map<std::int64_t, std::uint64_t> hessians;
    std::map<std::int64_t, std::uint64_t> ofExperts;
    constexpr std::uint64_t kOfHidden = 8; // Normed, gathered, added and summed up rows.
    std::uint64_t values = kOfHidden * static_cast<std::uint64_t>(spec.hidden);
    for (const LayerId id : spec.blocks[static_cast<std::size_t>(block)].linears) {
        const model::LinearSpec& linear = spec.linear(id);
        const auto outputs = static_cast<std::uint64_t>(linear.outFeatures);
        const auto inputs = static_cast<std::uint64_t>(linear.inFeatures);
        bytes.weights += outputs * inputs * bytesWeight;
        hessians[linear.inputGroup] = inputs * inputs * sizeof(float);
        // One expert computes at a time, in the worst case for all tokens. Fused outputs are taken apart.
        (linear.expert < 0 ? values : ofExperts[linear.expert]) += 2 * outputs;
    }
    std::uint64_t largest = 0;
    for (const auto& [expert, size] : ofExperts) {
        largest = std::max(largest, size);
    }
    for (const auto& [group, size] : hessians) {
        bytes.hessians += size;
    }
    bytes.token = (values + largest) * sizeof(float);
    return bytes;
}

std::uint64_t bytesFree(const kernels::Memory& memory)
{
    const kernels::MemoryUse use = memory.use();
    return use.bytesBudget - std::min(use.bytesBudget, use.bytesUsed);
}

Finding statesOnProcessor(const std::string& subject, std::uint64_t bytesStates)
{
    return {Severity::Note, "device-states-on-processor", subject,
            Text(BITLATHE_TEXT("keeps the %1 bytes of its hidden states on the processor between blocks, as the memory "
                               "of the GPU does not hold them: they travel to every block and back"),
                 bytesStates),
            Text(BITLATHE_TEXT("Give it more memory, or choose fewer or shorter samples"))};
}

} // namespace

Result<SampleWalk> SampleWalk::create(const model::Model& model, const Samples& samples, std::uint64_t bytesMemoryMax,
                                      const std::filesystem::path& folder)
{
    std::vector<std::int64_t> tokens;
    std::ranges::transform(samples, std::back_inserter(tokens), [](const auto& sample) { return std::ssize(sample); });
    if (!model.memory().isHost()) {
        // A file would keep a device waiting.
        bytesMemoryMax = std::max(bytesMemoryMax, machineFacts().bytesRamAvailable / 4);
    }
    BITLATHE_TRY(HiddenStates states,
                 HiddenStates::create(std::move(tokens), model.spec().hidden, bytesMemoryMax, folder));
    SampleWalk walk(model, std::move(states));
    BITLATHE_CHECK(model::withDeviceErrors([&]() -> Result<void> {
        walk.place();
        return {};
    }));
    return walk;
}

/// Where the states are between blocks.
void SampleWalk::place()
{
    const kernels::Memory& memory = m_model->memory();
    m_states.computeIn(memory);
    if (memory.isHost()) {
        return;
    }
    std::uint64_t bytesBeside = 0;
    for (std::int64_t block = 0; block < m_model->spec().blockCount(); ++block) {
        const BlockBytes bytes = bytesOf(*m_model, block);
        bytesBeside = std::max(bytesBeside, bytes.weights + bytes.hessians + kTokensBesideStates * bytes.token);
    }
    if (m_states.bytes() + bytesBeside <= bytesFree(memory)) {
        m_states.claimDevice();
    } else {
        note(statesOnProcessor(m_model->spec().modelType, m_states.bytes()));
    }
}

/// Of batches of several samples; 0: there are none.
std::int64_t SampleWalk::tokensOfLargestBatch() const
{
    std::int64_t largest = 0;
    for (std::size_t sample = 0; sample < m_states.samples();) {
        const std::size_t count = m_states.together(sample, m_tokensTogether);
        if (count > 1) {
            largest = std::max(largest, static_cast<std::int64_t>(count) * m_states.tokens(sample));
        }
        sample += count;
    }
    return largest;
}

/// As many rows as half of what is free holds; the rest is for what an estimate does not see.
void SampleWalk::planBatches(std::int64_t block, bool observed)
{
    const kernels::Memory& memory = m_model->memory();
    if (m_isPlanned || memory.isHost()) {
        return;
    }
    m_isPlanned = true;
    const BlockBytes bytes = bytesOf(*m_model, block);
    const std::uint64_t free = bytesFree(memory);
    const std::uint64_t forRows = (free - std::min(free, observed ? bytes.hessians : 0)) / 2;
    m_tokensTogether =
        std::clamp<std::int64_t>(static_cast<std::int64_t>(forRows / bytes.token), 1, kTokensTogetherOnDevice);
}

Result<void> SampleWalk::embed(const Samples& samples, const WorkContext& work)
{
    return model::withDeviceErrors([&]() -> Result<void> {
        for (std::size_t sample = 0; sample < samples.size(); ++sample) {
            if (work.stopRequested()) {
                return cancelled();
            }
            BITLATHE_TRY(const model::Activations hidden, m_model->embed(samples[sample]));
            BITLATHE_CHECK(m_states.store(sample, hidden));
        }
        return {};
    });
}

Result<void> SampleWalk::pass(std::int64_t block, StatsObserver* observer, bool keepsOutput, const WorkContext& work)
{
    for (;;) {
        auto passed = model::withDeviceErrors([&] { return tryPass(block, observer, keepsOutput, work); });
        if (passed || passed.error().code != ErrorCode::DeviceMemoryShort) {
            return passed;
        }
        BITLATHE_CHECK(model::withDeviceErrors([&]() -> Result<void> {
            BITLATHE_CHECK(makeRoom(passed.error()));
            if (observer != nullptr) {
                observer->reset();
            }
            return {};
        }));
    }
}

Result<void> SampleWalk::tryPass(std::int64_t index, StatsObserver* observer, bool keepsOutput, const WorkContext& work)
{
    m_hasStored = false;
    const kernels::Memory& memory = m_model->memory();
    // A device is asked once for all batches, so that it never waits.
    std::optional<ChannelSums> outputs;
    if (!memory.isHost()) {
        outputs.emplace(m_model->backend(), m_model->spec().hidden);
    }
    const auto isFinite = [&](const model::Activations& hidden) {
        return kernels::valueRange(hidden.values).finite && (observer == nullptr || observer->finite());
    };
    BITLATHE_TRY(const auto block, m_model->block(index));
    planBatches(index, observer != nullptr);
    for (std::size_t sample = 0; sample < m_states.samples();) {
        if (work.stopRequested()) {
            return cancelled();
        }
        const std::size_t count = m_states.together(sample, m_tokensTogether);
        BITLATHE_TRY(model::Activations hidden, m_states.load(sample, count));
        block->forward(hidden, nullptr, observer);
        if (outputs) {
            outputs->add(hidden.span());
        } else if (!isFinite(hidden)) {
            return notFinite(index);
        }
        if (keepsOutput) {
            m_hasStored = true;
            BITLATHE_CHECK(m_states.store(sample, hidden));
        }
        sample += count;
        work.progress.set(static_cast<double>(sample) / static_cast<double>(m_states.samples()));
    }
    if (outputs && (!outputs->finite() || (observer != nullptr && !observer->finite()))) {
        return notFinite(index);
    }
    return {};
}

/// Gives up what a pass can do without; the error where that is nothing, or where the pass cannot begin again.
Result<void> SampleWalk::makeRoom(const Error& error)
{
    if (m_hasStored || m_model->memory().isHost()) {
        return Failure(error);
    }
    m_model->dropBuffers();
    const std::string& subject = m_model->spec().modelType;
    const std::int64_t tokens = tokensOfLargestBatch();
    if (m_isPlanned && tokens > 0) {
        m_tokensTogether = tokens / 2;
        note({Severity::Note,
              "device-batch-smaller",
              subject,
              Text(BITLATHE_TEXT("passes the blocks with %1 tokens at a time, as the memory of the GPU does not hold "
                                 "%2 (%3)"),
                   m_tokensTogether, tokens, error.found.english()),
              {}});
        return {};
    }
    if (m_states.onDevice()) {
        note(statesOnProcessor(subject, m_states.bytes()));
        return m_states.leaveDevice();
    }
    return Failure(error);
}

/// Of one kind only the last.
void SampleWalk::note(Finding finding)
{
    std::erase_if(m_findings, [&](const Finding& earlier) { return earlier.code == finding.code; });
    m_findings.push_back(std::move(finding));
}

} // namespace bitlathe::calibrate
