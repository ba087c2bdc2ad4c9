// SPDX-License-Identifier: Apache-2.0
// Session: one run from its first step to its result.
#pragma once

#include "core/calibrate/statsstore.h"
#include "core/format/exporter.h"
#include "core/quant/smoothing.h"
#include "core/run/journal.h"
#include "core/run/rundevice.h"
#include "core/run/runner.h"
#include "core/run/sequentialinputs.h"
#include "core/run/writebehind.h"

#include <future>
#include <memory>
#include <optional>

namespace bitlathe::run
{

/// Name of the file in an exported folder that holds its RunResult.
inline constexpr const char* kResultFile = "bitlathe-run.json";

/// OUT.partial of OUT; OUT.partial itself.
std::filesystem::path partialFolderOf(const std::filesystem::path& out);
/// OUT of OUT or OUT.partial.
std::filesystem::path outFolderOf(const std::filesystem::path& folder);

/// Whether two recipes give the same files: threads, strictness and leave to overwrite don't matter. Nor do devices,
/// which differ by the order of sums.
bool givesSameFiles(const plan::Recipe& a, const plan::Recipe& b);

class Session
{
public:
    Session(const plan::Plan& plan, const RunObserver& observer, const WorkContext& work);

    /// Runs what is left to do. history: the entry to keep in the journal; not valid: none.
    Result<void> run(const RunOptions& options, RunId history);
    /// After an error: OUT.partial goes where a resume would only end in the same error.
    void afterError(const Error& error);

    const RunResult& result() const { return m_result; }

private:
    WorkContext stepWork(plan::StepKind kind, Text title) const;
    Result<void> add(const Finding& finding);
    Result<void> openDevice(const RunOptions& options);
    Result<void> begin(bool resume, RunId history);
    void addDevice(const std::string& name);
    Result<void> checkJournal(const Journal& journal, const std::string& fingerprint) const;
    Result<void> takeJournaled();
    Result<void> calibrate();
    Result<void> beginSequential(const std::vector<std::vector<model::TokenId>>& samples, const WorkContext& work);
    template <class Work>
    auto withSequential(const Work& use, const WorkContext& work) -> decltype(use());
    Result<void> addExpertFindings(const calibrate::BlockStats& stats, JournalBlock& done);
    Result<void> doSteps(JournalBlock& done, const WorkContext& work);
    Result<void> doLayers(const std::vector<LayerId>& layers, const calibrate::BlockStats* stats,
                          const quant::BlockScales& scales, JournalBlock& done, const WorkContext& work);
    Result<void> quantize();
    Result<void> quantizeBlocks(const WorkContext& work);
    Result<std::shared_ptr<calibrate::BlockStats>> statisticsOf(std::int64_t block);
    Result<void> quantizeBlock(std::int64_t block, const WorkContext& work);
    Result<quant::BlockScales> smooth(JournalBlock& done, calibrate::BlockStats* stats, const WorkContext& work);
    Result<quant::LayerResult> quantizeLayer(quant::LayerInput what, const WorkContext& work);
    Result<LayerRecord> doLayer(LayerId layer, const calibrate::BlockStats* stats, const quant::BlockScales& scales,
                                Findings& findings, const WorkContext& work);
    Result<void> keepLayer(const model::LinearSpec& linear, const quant::BlockScales& scales);
    Result<void> publish();
    Result<void> evaluate();
    Error nameLayer(Error error) const;

    const plan::Plan& m_plan;
    const RunObserver& m_observer;
    const WorkContext& m_work;
    const model::ModelSpec& m_spec;
    RunDevice m_device;
    Findings* m_blockFindings = nullptr; ///< Of the block that is being quantized, for the journal.
    std::unique_ptr<format::Exporter> m_exporter;
    std::optional<Journal> m_journal;
    std::shared_ptr<calibrate::StatsStore> m_statistics;
    /// Of the block after the one that a device works on.
    std::future<Result<std::shared_ptr<calibrate::BlockStats>>> m_statisticsAhead;
    std::unique_ptr<SequentialInputs> m_sequential; ///< Where the recipe asks for quantized inputs, instead of those.
    bool m_sequentialHere = false;                  ///< They do not fit on the device.
    std::vector<float> m_weights; ///< Of the layer in hand, and room for the next.
    quant::SharedWork m_shared;
    RunResult m_result;
    std::unique_ptr<WriteBehind> m_writing; ///< Of blocks: uses exporter and journal, so that it ends before them.
};

} // namespace bitlathe::run
