// SPDX-License-Identifier: GPL-3.0-or-later
// Session: what the window has open. The only place where the engine's callbacks become queued signals.
#pragma once

#include "core/calibrate/statsstore.h"
#include "core/evaluate/comparison.h"
#include "core/format/openmodel.h"
#include "core/plan/plan.h"
#include "core/run/history.h"
#include "core/run/jobqueue.h"
#include "core/run/runner.h"

#include <QObject>
#include <QString>
#include <QUndoStack>

#include <memory>

namespace bitlathe::ui
{

using OpenedModelPtr = std::shared_ptr<const format::OpenedModel>;
using RunResultPtr = std::shared_ptr<const run::RunResult>;
using ComparisonPtr = std::shared_ptr<const evaluate::Comparison>;
using StatsStorePtr = std::shared_ptr<const calibrate::StatsStore>;

/// The one value that pages share: model, selected layer, recipe with undo, jobs, newest results. UI thread only; all work
/// runs on the job queue or a pool thread, and arrives by signal.
class Session : public QObject
{
    Q_OBJECT

public:
    explicit Session(QObject* parent = nullptr);
    ~Session() override;

    // Model
    void openModel(const QString& folder); ///< Asynchronous: modelOpening, then modelOpened or failed.
    OpenedModelPtr model() const;

    // Selection: selecting a layer anywhere selects it everywhere.
    LayerId selectedLayer() const;
    void selectLayer(LayerId layer);

    // Recipe: every edit is a step on the undo stack; edits with the same text and mergeKey >= 0 in a row become one.
    const plan::Recipe& recipe() const;
    void editRecipe(const plan::Recipe& recipe, const QString& what, int mergeKey = -1);
    QUndoStack* undoStack() const;

    // Statistics of the open model with the recipe's calibration; null until a job has made them.
    StatsStorePtr statistics() const;
    JobId startCalibration();

    // Jobs
    JobId startRun(const plan::Recipe& recipe);
    JobId startComparison(const QStringList& folders, const evaluate::CompareOptions& options);
    run::JobQueue& jobs();
    run::History& history();
    RunResultPtr lastRun() const;
    void showRun(RunResultPtr result); ///< Makes a run from the history or a folder the current one.
    ComparisonPtr comparison() const;

    // Settings that pages and engine share
    model::Compute compute() const;

Q_SIGNALS:
    void modelOpening(const QString& folder);
    void modelOpened();
    void modelClosed();
    void failed(const bitlathe::Error& error); ///< Something the user asked for did not work.
    void layerSelected(bitlathe::LayerId layer);
    void recipeChanged();
    void statisticsChanged();
    void jobChanged(const bitlathe::run::JobStatus& status);
    void runLayer(bitlathe::JobId job, const bitlathe::run::LayerRecord& record);
    void runFinding(bitlathe::JobId job, const bitlathe::Finding& finding);
    void runChanged();        ///< lastRun() is another.
    void comparisonChanged(); ///< comparison() is another or grew.
    void historyChanged();

private:
    struct Data;
    std::unique_ptr<Data> m_data;
};

/// An error's or finding's text in the window's language.
QString translated(const Text& text);
QString translated(const Error& error);

} // namespace bitlathe::ui
