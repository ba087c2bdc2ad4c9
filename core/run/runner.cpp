// SPDX-License-Identifier: Apache-2.0
// Runner: a session with its entry in the history.
#include "core/run/runner.h"

#include "core/base/log.h"
#include "core/run/history.h"
#include "core/run/resultjson.h"
#include "core/run/session.h"
#include "kernels/threads.h"

#include <algorithm>
#include <exception>
#include <optional>

namespace bitlathe::run
{

namespace
{

namespace fs = std::filesystem;

/// The run's entry in the history, ended in every case. A history that can't be written does not stop a run: it is
/// logged.
class Recording
{
public:
    Recording(const plan::Recipe& recipe, const RunOptions& options)
    {
        if (!options.record) {
            return;
        }
        m_history.emplace();
        RunId earlier;
        if (options.resume) {
            if (const auto journal = Journal::open(partialFolderOf(recipe.exportTo.out))) {
                earlier = journal->header().history;
            }
        }
        auto id = earlier.isValid() ? m_history->beginAgain(earlier, recipe) : m_history->begin(recipe);
        if (id) {
            m_id = *id;
        } else {
            log().warn("{}", id.error().sentence());
        }
    }

    RunId id() const { return m_id; }

    void end(RunState state, const RunResult* result, const std::string& error)
    {
        if (!m_id.isValid()) {
            return;
        }
        if (const auto ended = m_history->end(m_id, state, result, error); !ended) {
            log().warn("{}", ended.error().sentence());
        }
    }

private:
    std::optional<History> m_history;
    RunId m_id;
};

Result<void> runSession(Session& session, const RunOptions& options, RunId history)
{
    try {
        return session.run(options, history);
    } catch (const std::exception& exception) {
        return fail(ErrorCode::Internal, {}, {}, Text(BITLATHE_TEXT("a fault in the program (%1)"), exception.what()),
                    Text(BITLATHE_TEXT("Please report it together with the log")));
    }
}

} // namespace

Result<RunResult> runPlan(const plan::Plan& plan, const RunOptions& options, const RunObserver& observer,
                          const WorkContext& work)
{
    const kernels::ThreadCountScope threads(plan.recipe.threads);
    Recording recording(plan.recipe, options);
    Session session(plan, observer, work);
    const Result<void> done = runSession(session, options, recording.id());
    if (!done) {
        session.afterError(done.error());
        const bool stopped = done.error().code == ErrorCode::Cancelled;
        log().error("{}", done.error().sentence());
        recording.end(stopped ? RunState::Cancelled : RunState::Failed, nullptr,
                      stopped ? std::string() : done.error().sentence());
        return Failure(done.error());
    }
    const RunResult& result = session.result();
    recording.end(result.findings.empty() ? RunState::Done : RunState::DoneWithFindings, &result, {});
    return result;
}

const ScaleRecord* RunResult::scalesOf(LayerId layer) const
{
    const auto it = std::find_if(scales.begin(), scales.end(), [layer](const ScaleRecord& record) {
        return std::find(record.layers.begin(), record.layers.end(), layer) != record.layers.end();
    });
    return it == scales.end() ? nullptr : &*it;
}

Result<plan::Recipe> interruptedRecipe(const fs::path& out)
{
    const fs::path partial = partialFolderOf(out);
    std::error_code error;
    if (!fs::exists(Journal::fileIn(partial), error)) {
        const auto exported = readRunResult(outFolderOf(out));
        if (exported && !exported->recipe.evaluation.data.empty() && !exported->comparison) {
            return exported->recipe;
        }
    }
    BITLATHE_TRY(const Journal journal, Journal::open(partial));
    return plan::recipeFromYaml(journal.header().recipe, Journal::fileIn(partial).string());
}

Result<RunResult> readRunResult(const fs::path& folder)
{
    const fs::path file = folder / kResultFile;
    std::error_code error;
    if (!fs::exists(file, error)) {
        return fail(ErrorCode::RunInvalid, folder.string(),
                    Text(BITLATHE_TEXT("a folder that a run has written (with %1)"), kResultFile),
                    Text(BITLATHE_TEXT("no such file")), Text(BITLATHE_TEXT("Check the folder's name")));
    }
    BITLATHE_TRY(const Json json, readJson(file));
    BITLATHE_TRY(RunResult result, resultFromJson(json, file.string()));
    result.out = folder; // It may have been moved.
    return result;
}

} // namespace bitlathe::run
