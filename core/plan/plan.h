// SPDX-License-Identifier: Apache-2.0
// Plan: the steps of a Recipe with what they cost, before anything runs.
#pragma once

#include "core/format/openmodel.h"
#include "core/plan/recipe.h"
#include "core/quant/quantizer.h"

namespace bitlathe::plan
{

enum class StepKind { Calibrate, Quantize, Export, Evaluate };

struct Step
{
    StepKind kind = StepKind::Quantize;
    double weight = 1; ///< Share of the run's time, for progress; all steps sum to 1.
};

struct Estimate
{
    std::uint64_t bytesOut = 0;  ///< Of the exported tensor files, exact.
    std::uint64_t bytesDisk = 0; ///< Needed while running: output and cached statistics.
    std::uint64_t bytesPeakRam = 0;
    std::uint64_t bytesPeakVram = 0; ///< Of a GPU, where one computes and has it; with less, parts take smaller steps.
    double secondsLow = 0;
    double secondsHigh = 0;
    double bitsPerWeight = 0;         ///< Of the quantizable linears after the run.
    std::int64_t kvBytesPerToken = 0; ///< f16.
};

struct Plan
{
    Recipe recipe;
    std::shared_ptr<const format::OpenedModel> model;
    const format::Format* format = nullptr;
    format::LinearSchemes schemes;     ///< Overrides applied, scale types settled.
    std::optional<quant::KvParams> kv; ///< Of format::kvForExport().
    std::vector<Step> steps;
    Estimate estimate;
    Findings findings; ///< For example calibration text that is also evaluation text, tight memory or disk.
};

/// A scheme of the recipe as its method completes it and its format stores it.
quant::Scheme settledScheme(const Recipe& recipe, quant::Scheme scheme, const quant::Quantizer& method,
                            const format::Format& format, checkpoint::DType modelDType);

/// Where an estimate's time comes from.
enum class Timing {
    Measured, ///< Pieces of the work are timed, for up to 2 s the first time.
    Usual,    ///< What was timed before, else a usual machine: for a run that starts at once.
};

/// Checks the recipe against the model and the format. opened may be null: then recipe.model is opened.
Result<Plan> makePlan(const Recipe& recipe, std::shared_ptr<const format::OpenedModel> opened = nullptr,
                      Timing timing = Timing::Measured);

} // namespace bitlathe::plan
