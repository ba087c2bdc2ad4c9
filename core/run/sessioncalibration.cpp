// SPDX-License-Identifier: Apache-2.0
// Session: statistics of inputs, of all blocks ahead or step by step while blocks are quantized.
#include "core/base/machine.h"
#include "core/run/session.h"

#include "core/calibrate/calibrate.h"
#include "core/calibrate/experts.h"
#include "core/text/textset.h"

#include <algorithm>

namespace bitlathe::run
{

namespace
{

/// Of a step's work: the pass of all samples.
constexpr double kShareOfObserving = 0.7;

} // namespace

Result<void> Session::calibrate()
{
    const plan::CalibrationRecipe& recipe = m_plan.recipe.calibration;
    if (recipe.data.empty()) {
        return {};
    }
    const WorkContext work = stepWork(plan::StepKind::Calibrate, Text(BITLATHE_TEXT("Calibrating")));
    BITLATHE_TRY(const text::TextSet set, text::openTextSet(recipe.data, m_plan.recipe.model));
    BITLATHE_TRY(const auto samples, text::calibrationSamples(set, m_plan.model->tokenizer.get(), recipe.samples));
    m_result.calibrationHash = set.hash;
    for (const auto& sample : samples) {
        m_result.calibrationTokens += static_cast<std::int64_t>(sample.size());
    }
    if (set.chats > 0 && !set.chatsAreRendered) {
        BITLATHE_CHECK(
            add({Severity::Note, "chats-joined-plainly", recipe.data,
                 Text(BITLATHE_TEXT("the model's folder has no chat template: the messages of %1 conversations "
                                    "were joined by line breaks"),
                      set.chats),
                 Text(BITLATHE_TEXT("Copy the tokenizer's files from the model's original folder"))}));
    }
    if (std::ssize(samples) < recipe.samples.samples) {
        BITLATHE_CHECK(add({Severity::Note, "few-samples", recipe.data,
                            Text(BITLATHE_TEXT("the text gives %1 of the %2 samples asked for"), samples.size(),
                                 recipe.samples.samples),
                            Text(BITLATHE_TEXT("Use a longer text, or ask for fewer samples"))}));
    }
    if (recipe.inputs == plan::CalibrationInputs::Quantized) {
        return beginSequential(samples, work);
    }
    auto store = m_device.tried([&](const model::Device& device) -> Result<std::shared_ptr<calibrate::StatsStore>> {
        const model::Model::Options options{m_device.compute(), model::Residency::Streamed, device.backend};
        BITLATHE_TRY(const auto streamed, format::runnable(*m_plan.model, options, work.child(0, 0)));
        Findings found;
        auto made = calibrate::calibrate(*streamed, m_result.modelFingerprint, samples, {.findings = &found}, work,
                                         [](std::int64_t) { returnFreeMemory(); });
        for (const Finding& finding : found) {
            BITLATHE_CHECK(add(finding));
        }
        return made;
    });
    if (!store) {
        return Failure(nameLayer(std::move(store).error()));
    }
    m_statistics = *std::move(store);
    m_result.statistics = m_statistics->folder();
    // The next steps do not need the pages of embedding and head, which calibration has read.
    for (const checkpoint::TensorEntry& entry : m_plan.model->checkpoint->entries()) {
        m_plan.model->checkpoint->release(entry);
    }
    returnFreeMemory();
    return {};
}

/// Beside a device the processor has time to read those of the next block.
Result<std::shared_ptr<calibrate::BlockStats>> Session::statisticsOf(std::int64_t block)
{
    auto stats = m_statisticsAhead.valid() ? m_statisticsAhead.get() : m_statistics->block(block);
    if (!m_device.device().isProcessor() && block + 1 < m_spec.blockCount()) {
        m_statisticsAhead =
            std::async(std::launch::async, [store = m_statistics, block] { return store->block(block + 1); });
    }
    return stats;
}

/// Calibration sees that activations became NaN; the reason is a tensor, which the user can be told.
Error Session::nameLayer(Error error) const
{
    if (error.code != ErrorCode::WeightsNotFinite) {
        return error;
    }
    const checkpoint::Checkpoint& files = *m_plan.model->checkpoint;
    for (const checkpoint::TensorEntry& entry : files.entries()) {
        if (m_work.stopRequested()) {
            break;
        }
        if (checkpoint::isFloat(entry.dtype)) {
            if (auto finite = checkpoint::checkFinite(files.view(entry)); !finite) {
                return std::move(finite).error();
            }
        }
        files.release(entry);
    }
    return error;
}

Result<void> Session::beginSequential(const std::vector<std::vector<model::TokenId>>& samples, const WorkContext& work)
{
    const std::int64_t next = std::ssize(m_journal->blocks());
    if (next == m_spec.blockCount()) {
        return {};
    }
    m_sequential = std::make_unique<SequentialInputs>(m_plan.model, m_device.compute(), samples,
                                                      m_exporter->partialFolder(), next);
    auto begun = withSequential([] { return Result<void>(); }, work);
    return begun ? begun : Failure(nameLayer(std::move(begun).error()));
}

/// use(), with the inputs on what computes now. Once they did not fit on the device, they stay on the processor.
template <class Work>
auto Session::withSequential(const Work& use, const WorkContext& work) -> decltype(use())
{
    const auto useOn = [&](const model::Device& device) -> decltype(use()) {
        if (!m_sequential->computesOn(device)) {
            BITLATHE_CHECK(m_sequential->computeOn(device, work));
        }
        auto result = use();
        for (const Finding& finding : m_sequential->findings()) {
            BITLATHE_CHECK(add(finding));
        }
        return result;
    };
    if (m_sequentialHere) {
        return useOn(model::Device());
    }
    bool again = false;
    return m_device.tried([&](const model::Device& device) {
        m_sequentialHere = std::exchange(again, true);
        return useOn(device);
    });
}

Result<void> Session::addExpertFindings(const calibrate::BlockStats& stats, JournalBlock& done)
{
    for (const Finding& finding : calibrate::expertFindings(m_spec, stats)) {
        done.findings.push_back(finding);
        BITLATHE_CHECK(add(finding));
    }
    return {};
}

/// Layer after layer, as far as one depends on another: what is quantized changes the inputs of what comes behind it.
Result<void> Session::doSteps(JournalBlock& done, const WorkContext& work)
{
    const auto steps = quantizingSteps(m_spec, done.block);
    const double share = 1.0 / static_cast<double>(steps.size() + 1);
    const auto before = std::ssize(m_result.layers);
    for (std::size_t i = 0; i < steps.size(); ++i) {
        const double from = static_cast<double>(i) * share;
        const WorkContext part = work.child(from, from + share);
        m_shared = {}; // As between blocks.
        const WorkContext observing = part.child(0, kShareOfObserving);
        auto stats = withSequential([&] { return m_sequential->observe(steps[i], observing); }, observing.child(0, 0));
        if (!stats) {
            return Failure(nameLayer(std::move(stats).error()));
        }
        BITLATHE_CHECK(addExpertFindings(*stats, done));
        BITLATHE_CHECK(doLayers(steps[i], &*stats, {}, done, part.child(kShareOfObserving, 1)));
    }
    // Experts come side by side; lists of layers have them one after the other.
    std::ranges::sort(done.layers, {}, &LayerRecord::layer);
    std::ranges::sort(m_result.layers.begin() + before, m_result.layers.end(), {}, &LayerRecord::layer);
    const WorkContext ending = work.child(1.0 - share, 1);
    return withSequential([&] { return m_sequential->endBlock(ending); }, ending.child(0, 0));
}

} // namespace bitlathe::run
