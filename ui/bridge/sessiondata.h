// SPDX-License-Identifier: GPL-3.0-or-later
// What a Session holds; seen by its own files only.
#pragma once

#include "ui/bridge/latesttask.h"
#include "ui/bridge/session.h"
#include "ui/bridge/sleepinhibitor.h"

#include <deque>
#include <map>

namespace bitlathe::ui
{

struct Session::Data
{
    explicit Data(Session* session)
        : opening(session),
          loading(session),
          noting(session),
          finding(session),
          writing(session),
          searching(session),
          jobs([session](const run::JobStatus& status) {
              QMetaObject::invokeMethod(
                  session, [session, status] { session->onJobChanged(status); }, Qt::QueuedConnection);
          })
    {}

    OpenedModelPtr model;
    LayerId selectedLayer;
    plan::Recipe recipe;
    QUndoStack undoStack;
    std::optional<model::Compute> compute;

    StatsStorePtr statistics;
    plan::CalibrationRecipe statisticsOf; ///< The calibration that statistics were made with.

    RunResultPtr lastRun;
    ComparisonPtr comparison;
    BudgetSearchPtr search;
    SpeedsPtr speeds;
    DifferencesPtr differences;
    std::map<JobId, JobFacts> facts;
    std::map<JobId, run::JobState> states;

    run::History history;
    LatestTask opening;
    LatestTask loading;
    LatestTask noting;
    LatestTask finding;
    LatestTask writing;   ///< The first of the edits of the history that are to be made.
    LatestTask searching; ///< For interrupted runs.
    std::deque<Session::HistoryEdit> edits;
    SleepInhibitor sleep;
    run::JobQueue jobs; ///< Last: its destructor joins, while everything that its work reports to is still there.
};

/// The samples of a calibration, at least one. Any thread.
Result<std::vector<std::vector<model::TokenId>>> calibrationSamples(const format::OpenedModel& model,
                                                                    const plan::CalibrationRecipe& calibration);

/// Statistics of a model with a recipe's calibration on its device, made or, where onlyThere, taken only if a cache has
/// them complete: then Cancelled says that it has not. compute: nothing for the fastest of the device. opened: told of the device; may be
/// empty. Any thread.
Result<StatsStorePtr> calibrateModel(const OpenedModelPtr& model, const plan::Recipe& recipe,
                                     std::optional<model::Compute> compute, bool onlyThere, const WorkContext& work,
                                     const std::function<void(const model::Device&)>& opened = {});

} // namespace bitlathe::ui
