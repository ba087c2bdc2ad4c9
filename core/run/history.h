// SPDX-License-Identifier: Apache-2.0
// History: all runs and comparisons of this user, in SQLite.
#pragma once

#include "core/run/runner.h"

#include <chrono>
#include <filesystem>
#include <vector>

namespace bitlathe::run
{

enum class RunState { Running, Done, DoneWithFindings, Failed, Cancelled };

std::string_view runStateName(RunState state);

struct HistoryEntry
{
    RunId id;
    RunState state = RunState::Running;
    std::chrono::system_clock::time_point started;
    double seconds = 0;
    std::string model; ///< Folder.
    std::string method;
    std::string schemeLabel;
    std::string out; ///< Folder.
    double bitsPerWeight = 0;
    double perplexity = 0; ///< 0: not measured.
    double klMean = 0;
    int findings = 0;
    std::string error; ///< One sentence, of a failed run.
    std::string note;  ///< The user's own.
    std::string tags;  ///< Likewise: words with commas between.
    bool interrupted = false; ///< Its process went without an end; acknowledge() forgets that.
};

/// One database for window and command line (WAL; migrated by user_version). Any thread; every call opens its own
/// connection.
class History
{
public:
    /// Empty: the data folder's history.sqlite.
    explicit History(std::filesystem::path file = {});

    Result<RunId> begin(const plan::Recipe& recipe);
    /// A run that goes on in this process: its entry is Running again; a new entry where it is gone or of another
    /// recipe.
    Result<RunId> beginAgain(RunId id, const plan::Recipe& recipe);
    Result<void> end(RunId id, RunState state, const RunResult* result, const std::string& error);
    Result<void> setNote(RunId id, const std::string& note);
    Result<void> setTags(RunId id, const std::string& tags);
    /// Takes runs off the list, all or none. restore() brings them back, until runs begin on a later day.
    Result<void> remove(const std::vector<RunId>& ids);
    Result<void> restore(const std::vector<RunId>& ids);
    /// An interrupted run is from now on one that failed.
    Result<void> acknowledge(RunId id);
    /// Newest first. A run marked Running whose process is gone is given as Failed ("interrupted").
    Result<std::vector<HistoryEntry>> entries(int limit = 1000) const;
    Result<RunResult> result(RunId id) const;
    Result<std::string> recipeYaml(RunId id) const;

    /// Recently opened model folders, newest first.
    Result<void> touchModel(const std::filesystem::path& folder);
    Result<std::vector<std::filesystem::path>> recentModels(int limit = 9) const;

private:
    std::filesystem::path m_file;
};

} // namespace bitlathe::run
