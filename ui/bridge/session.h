// SPDX-License-Identifier: GPL-3.0-or-later
// Session: what the window has open. The only place where the engine's callbacks become queued signals.
#pragma once

#include "core/calibrate/statsstore.h"
#include "core/evaluate/comparison.h"
#include "core/evaluate/speed.h"
#include "core/format/tensordifferences.h"
#include "core/format/openmodel.h"
#include "core/plan/budget.h"
#include "core/quant/kvscheme.h"
#include "core/run/history.h"
#include "core/run/jobqueue.h"
#include "core/run/runner.h"

#include <QObject>
#include <QString>
#include <QStringList>
#include <QUndoStack>

#include <functional>
#include <memory>
#include <optional>
#include <string_view>
#include <vector>

namespace bitlathe::ui
{

using OpenedModelPtr = std::shared_ptr<const format::OpenedModel>;
using RunResultPtr = std::shared_ptr<const run::RunResult>;
using ComparisonPtr = std::shared_ptr<const evaluate::Comparison>;
using SpeedsPtr = std::shared_ptr<const std::vector<evaluate::MeasuredSpeed>>;
/// Of two folders.
struct FolderDifferences
{
    std::filesystem::path first;
    std::filesystem::path second;
    format::TensorDifferences found;
};
using DifferencesPtr = std::shared_ptr<const FolderDifferences>;
using BudgetSearchPtr = std::shared_ptr<const plan::BudgetSearch>;
using StatsStorePtr = std::shared_ptr<const calibrate::StatsStore>;

/// What a job was started for, and what it has said so far.
struct JobFacts
{
    enum class Kind { Calibration, Run, Comparison, Search, Speed, Differences };
    Kind kind = Kind::Run;
    plan::Recipe recipe;                  ///< Of a run, calibration or search.
    std::vector<run::LayerRecord> layers; ///< Of a run, so far.
    Findings findings;
    std::size_t layersTotal = 0; ///< Linears of the model; 0: not known.
    std::function<JobId()> again; ///< Starts the same once more, or goes on where it left something to go on with.
};

/// The one value that pages share: model, selected layer, recipe with undo, jobs, newest results. UI thread only; all
/// work runs on the job queue or a pool thread, and arrives by signal.
class Session : public QObject
{
    Q_OBJECT

public:
    explicit Session(QObject* parent = nullptr);
    ~Session() override;

    // Model
    void openModel(const QString& folder); ///< Asynchronous: modelOpening, then modelOpened or failed.
    OpenedModelPtr model() const;
    bool isOpening() const;

    // Selection: selecting a layer anywhere selects it everywhere.
    LayerId selectedLayer() const;
    void selectLayer(LayerId layer);
    QString selectedLayerName() const; ///< Empty: none.

    // Recipe: every edit is a step on the undo stack; edits with the same mergeKey >= 0 in a row become one.
    const plan::Recipe& recipe() const;
    void editRecipe(const plan::Recipe& recipe, const QString& what, int mergeKey = -1);
    void useRecipe(const plan::Recipe& recipe); ///< An edit of the recipe; opens its model where that is another.
    void openRecipe(const QString& file);       ///< Asynchronous: useRecipe(), or failed.
    QUndoStack* undoStack() const;

    // Statistics of the open model with the recipe's calibration; null until a job has made them.
    StatsStorePtr statistics() const;
    JobId startCalibration();

    // Jobs
    JobId startRun(const plan::Recipe& recipe);
    JobId resumeRun(const QString& out); ///< Goes on with an interrupted run.
    /// keepsScores: they are taken from earlier comparisons, and kept for later ones.
    JobId startComparison(const QStringList& folders, const evaluate::CompareOptions& options, bool keepsScores = false);
    /// Measures how fast models read and write, loaded side by side; then speeds() are others.
    JobId startSpeed(const QStringList& folders, const evaluate::SpeedOptions& options);
    SpeedsPtr speeds() const; ///< Null: none yet.
    /// Compares two folders tensor by tensor; then differences() are others.
    JobId startDifferences(const QString& first, const QString& second);
    DifferencesPtr differences() const; ///< Null: none yet.
    /// Measures the open model's layers for the recipe, whose calibration text it takes; then search() is another.
    JobId startSearch(const plan::SearchSpace& space);
    BudgetSearchPtr search() const; ///< Null: none of the open model yet.
    JobId retry(JobId id);          ///< A failed or cancelled job once more, as a new one.
    run::JobQueue& jobs();
    const JobFacts* jobFacts(JobId id) const; ///< nullptr: not a job of this session.
    run::History& history();
    using HistoryEdit = std::function<Result<void>(run::History&)>;
    /// Changes the history, as a step on the undo stack; one edit after the other, off the UI thread.
    void editHistory(const QString& what, HistoryEdit redo, HistoryEdit undo);
    /// Asynchronous: interruptedFound() with the runs that ended without a word, or were paused when the window closed, and
    /// can go on.
    void findInterrupted(const QStringList& pausedFolders);
    void goOnWith(const std::vector<run::HistoryEntry>& runs);
    void forgetInterrupted(const std::vector<run::HistoryEntry>& runs); ///< They are failed ones from now on.
    RunResultPtr lastRun() const;
    void showRun(RunResultPtr result); ///< Makes a run from the history or a folder the current one.
    void
    openRunFolder(const QString& folder); ///< Asynchronous: showRun() with what an exported folder keeps, or failed.
    void openHistoryRun(RunId id);        ///< Asynchronous, as openRunFolder().
    ComparisonPtr comparison() const;
    void showComparison(ComparisonPtr comparison);

    // Settings that pages and engine share
    model::Compute compute() const;
    void setCompute(std::optional<model::Compute> compute); ///< Nothing: the fastest of the machine.
    std::optional<model::Compute> computeSetting() const;

    /// Reports something that did not work, in the one place where the window shows it.
    void report(const Error& error) { Q_EMIT failed(error); }

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
    void searchChanged();     ///< search() is another.
    void speedsChanged();     ///< speeds() are others.
    void differencesChanged(); ///< differences() are others.
    void historyChanged();
    void interruptedFound(const std::vector<bitlathe::run::HistoryEntry>& runs);

private:
    struct Data;

    void setModel(OpenedModelPtr model, const plan::Recipe& recipe);
    void open(const std::filesystem::path& folder, const std::optional<plan::Recipe>& recipe);
    void setStatistics(StatsStorePtr statistics, const plan::CalibrationRecipe& calibration,
                       const std::filesystem::path& model);
    void findStatistics();
    void writeHistory(HistoryEdit edit);
    void writeNext();
    enum class Resume { No, Yes, WherePossible };
    JobId addRun(const plan::Recipe& recipe, Resume resume);
    void watchDevice(const std::shared_ptr<JobId>& id, const model::Device& device);
    JobId addCalibration(const plan::Recipe& recipe, const OpenedModelPtr& opened);
    JobId addSearch(const plan::Recipe& recipe, const OpenedModelPtr& opened, const plan::SearchSpace& space);
    void onJobChanged(const run::JobStatus& status);
    void setSearch(BudgetSearchPtr search, const std::filesystem::path& model);
    void onRunDone(JobId job, RunResultPtr result);

    std::unique_ptr<Data> m_data;
};

/// An error's or finding's text in the window's language.
QString translated(const Text& text);
QString translated(const std::vector<Text>& sentences); ///< One after the other.
QString translated(const Error& error);

/// A scheme's label (quant::Scheme::label(), as the history and comparisons keep it) in the window's language.
QString schemeText(const std::string& label);
/// A group size in words where it is no number: "128", "one row", "whole layer".
QString groupSizeText(std::int64_t groupSize);
QString verdictWord(quant::Verdict verdict);
/// A kind of KV cache in the window's language.
QString kvText(const quant::KvScheme& scheme);

/// A model's name for people: its folder's, but for the bundled one.
QString folderName(const std::filesystem::path& folder);
QString modelName(const format::OpenedModel& model);

/// UTF-8 of the engine for the window.
QString toText(std::string_view text);
/// A path for a label or a file dialog, and back.
QString fromPath(const std::filesystem::path& path);
std::filesystem::path toPath(const QString& text);

} // namespace bitlathe::ui
