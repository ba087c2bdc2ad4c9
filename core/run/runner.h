// SPDX-License-Identifier: Apache-2.0
// Runner: carries out a Plan, block by block, so that it can be watched, stopped and gone on with.
#pragma once

#include "core/evaluate/comparison.h"
#include "core/plan/plan.h"
#include "core/quant/quantizer.h"

#include <functional>
#include <memory>

namespace bitlathe::run
{

/// One line of the live layer table and of the report.
struct LayerRecord
{
    LayerId layer;
    std::string name;
    std::int64_t block = 0;
    std::optional<quant::Scheme> scheme; ///< Nothing: kept in full precision.
    quant::LayerQuality quality;
    double seconds = 0;

    /// LLM.int8() with statistics: only then quality.outlierShare says something.
    bool hasOutlierShare() const
    {
        return scheme && scheme->kind == quant::SchemeKind::Int8Outliers && quality.fromStatistics;
    }
};

/// The scales that a run folded into the columns of linears which read the same input.
struct ScaleRecord
{
    std::vector<LayerId> layers;
    std::vector<double> scales; ///< One per input channel, to four digits.
};

/// What a finished run knows. Written as bitlathe-run.json into the exported folder and into the history.
struct RunResult
{
    plan::Recipe recipe;
    std::filesystem::path out;
    std::string format;
    double bitsPerWeight = 0;
    std::uint64_t bytes = 0; ///< Of the exported tensor files.
    double seconds = 0;
    std::uint64_t bytesPeakRss = 0;
    std::string device = "cpu";      ///< What computed, as its driver names it; several: in the order of their use.
    std::uint64_t bytesPeakVram = 0; ///< Of a GPU's memory, what was in use at most; 0 on the processor.
    std::vector<LayerRecord> layers;
    std::vector<ScaleRecord> scales; ///< Of groups that were scaled; the history keeps none.
    Findings findings;
    std::optional<evaluate::Comparison> comparison;
    std::filesystem::path statistics; ///< Folder of the StatsStore; empty: none.
    std::string program;              ///< Version that made it.
    std::string modelFingerprint;     ///< Of the source.
    std::string calibrationHash;      ///< TextSet::hash of the calibration text; empty: none.
    std::int64_t calibrationTokens = 0;

    /// The record that a layer's input is in, or null.
    const ScaleRecord* scalesOf(LayerId layer) const;
};

/// Sees a run as it goes. Called on the run's thread.
struct RunObserver
{
    std::function<void(const LayerRecord&)> onLayer;
    std::function<void(const Finding&)> onFinding;
    std::function<void(const model::Device&)> onDevice; ///< What the run begins to compute on.
};

struct RunOptions
{
    bool resume = false; ///< Go on in OUT.partial where its journal is of the same recipe and model; else RunInvalid.
    bool record = true;  ///< Write into the history.
    std::optional<model::Device> device = {}; ///< One that is open already, instead of the recipe's.
};

/// Runs the plan on the calling thread. At each block border OUT.partial and its journal are enough to go on in a new
/// process. Errors: those of all rooms, FindingsFatal (recipe.strict), Cancelled (state kept).
Result<RunResult> runPlan(const plan::Plan& plan, const RunOptions& options, const RunObserver& observer,
                          const WorkContext& work);

/// The recipe kept in the journal of OUT.partial (given as OUT or OUT.partial). RunInvalid where there is none.
Result<plan::Recipe> interruptedRecipe(const std::filesystem::path& out);

/// Result kept in an exported folder (bitlathe-run.json).
Result<RunResult> readRunResult(const std::filesystem::path& folder);

} // namespace bitlathe::run
