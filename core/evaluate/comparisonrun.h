// SPDX-License-Identifier: Apache-2.0
// ComparisonRun: one comparison as it goes, window by window.
#pragma once

#include "core/evaluate/comparisonrow.h"

namespace bitlathe::evaluate
{

/// The rows pass the windows in lockstep, so that logits of two are at hand together and differences are paired. Models
/// that fit in memory together are loaded and take one window at a time; else each in turn is read block by block for
/// as many windows as there is room for, and only the heads score them together. What is kept of an earlier comparison
/// is not computed again.
class ComparisonRun
{
public:
    explicit ComparisonRun(const CompareOptions& options) : m_options(options) {}

    Result<void> prepare(const OpenedModels& opened, const text::TextSet& set, const WorkContext& work);
    Result<Comparison> run(const WorkContext& work, const std::function<void(const Comparison&)>& onModel);

private:
    /// States of a batch of windows, by window and row; none where they are not needed.
    using BatchStates = std::vector<std::vector<std::optional<WindowStates>>>;

    void describeRows(const text::TextSet& set, std::span<const model::TokenId> scored);
    void recall();
    void stopKeeping(const Error& error);
    bool rowsLack(std::size_t window) const;
    bool mustForward(std::size_t row, std::size_t window) const;
    std::uint64_t bytesToLoad() const;
    std::size_t windowsTogether() const;

    Result<void> loadAll(const WorkContext& work);
    Result<void> load(std::size_t row, std::size_t firstWindow, const WorkContext& work);
    Result<KeptMemory> measure(ComparisonRow& row, std::size_t firstWindow, const WorkContext& work) const;
    Result<BatchStates> forwardBatch(std::size_t first, std::size_t count, const WorkContext& work);
    Result<WindowStates> baseStates(std::size_t window, const WorkContext& work) const;
    Result<void> score(std::size_t window, std::vector<std::optional<WindowStates>> states, const WorkContext& work);
    void keep(std::size_t window, const std::vector<std::size_t>& rows, const WindowStates& base);
    Result<void> keepWindow(std::size_t window, const std::vector<std::size_t>& rows, const WindowStates& base);
    Result<void> leaveOutNotFinite();
    Result<void> runWindows(const WorkContext& work);
    void finishRows(bool atEnd);

    struct Task;
    Result<void> prepareTasks();
    Result<void> runTasks(const WorkContext& work);
    Result<void> askChoices(const WorkContext& work);
    Result<void> writeTexts(const WorkContext& work);
    Result<bool> doForRows(const Task& task, const WorkContext& work);
    Result<void> doForRow(const Task& task, std::size_t row, const WorkContext& work);
    void tell() const;

    const CompareOptions& m_options;
    std::function<void(const Comparison&)> m_onModel;
    std::vector<ScoredWindow> m_windows;
    std::vector<ComparisonRow> m_rows;
    std::optional<ChoiceRun> m_choice;
    std::optional<GenerationRun> m_generation;
    std::uint64_t m_bytesMemory = 0;
    bool m_streamed = false;
    Comparison m_comparison; ///< Its models are m_rows.
};

} // namespace bitlathe::evaluate
