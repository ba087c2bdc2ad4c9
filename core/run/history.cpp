// SPDX-License-Identifier: Apache-2.0
// History in SQLite. Every public function opens its own connection and is one transaction at most.
#include "core/run/history.h"

#include "core/base/file.h"
#include "core/run/process.h"
#include "core/run/resultjson.h"

#include <sqlite3.h>
#include <SQLiteCpp/SQLiteCpp.h>
#include <SQLiteCpp/VariadicBind.h>

#include <array>
#include <chrono>
#include <cstdint>
#include <thread>

namespace bitlathe::run
{

namespace
{

namespace fs = std::filesystem;

constexpr int kBusyMs = 10'000; ///< Another process may be writing.

/// One step for each version; user_version counts those that were applied.
constexpr std::array kMigrations = {
    R"(CREATE TABLE runs (
        id INTEGER PRIMARY KEY AUTOINCREMENT,
        state INTEGER NOT NULL,
        started_ms INTEGER NOT NULL,
        seconds REAL NOT NULL DEFAULT 0,
        model TEXT NOT NULL,
        method TEXT NOT NULL,
        scheme TEXT NOT NULL,
        out TEXT NOT NULL,
        bits REAL NOT NULL DEFAULT 0,
        perplexity REAL NOT NULL DEFAULT 0,
        kl REAL NOT NULL DEFAULT 0,
        findings INTEGER NOT NULL DEFAULT 0,
        error TEXT NOT NULL DEFAULT '',
        note TEXT NOT NULL DEFAULT '',
        recipe TEXT NOT NULL,
        result TEXT NOT NULL DEFAULT '',
        process INTEGER NOT NULL,
        process_start TEXT NOT NULL
    );
    CREATE TABLE models (folder TEXT PRIMARY KEY, opened INTEGER NOT NULL);)",
    R"(ALTER TABLE runs ADD COLUMN tags TEXT NOT NULL DEFAULT '';
    ALTER TABLE runs ADD COLUMN removed_ms INTEGER NOT NULL DEFAULT 0;)",
};

constexpr std::int64_t kRemovedKeptMs = 24LL * 3600 * 1000; ///< Removed runs can be brought back for so long.
constexpr const char* kInterrupted = "interrupted";

/// A result without its long lists: the scales are in the run's own folder.
std::string recordText(RunResult result)
{
    result.scales.clear();
    return jsonText(toJson(result), -1);
}

std::int64_t nowMs()
{
    const auto now = std::chrono::system_clock::now().time_since_epoch();
    return std::chrono::duration_cast<std::chrono::milliseconds>(now).count();
}

/// SQLite's own waiting does not cover the change of a journal's mode, which processes that make a new database do
/// together.
void useWriteAheadLog(SQLite::Database& database)
{
    const auto end = std::chrono::steady_clock::now() + std::chrono::milliseconds(kBusyMs);
    for (;;) {
        try {
            database.exec("PRAGMA journal_mode = WAL");
            return;
        } catch (const SQLite::Exception& exception) {
            if (exception.getErrorCode() != SQLITE_BUSY || std::chrono::steady_clock::now() > end) {
                throw;
            }
        }
        std::this_thread::sleep_for(std::chrono::milliseconds(5));
    }
}

void migrate(SQLite::Database& database)
{
    const auto version = [&] { return database.execAndGet("PRAGMA user_version").getInt(); };
    if (version() >= std::ssize(kMigrations)) {
        return;
    }
    // Immediate: two processes that start together must not both migrate.
    SQLite::Transaction transaction(database, SQLite::TransactionBehavior::IMMEDIATE);
    for (int next = version(); next < std::ssize(kMigrations); ++next) {
        database.exec(kMigrations[static_cast<std::size_t>(next)]);
        database.exec("PRAGMA user_version = " + std::to_string(next + 1));
    }
    transaction.commit();
}

Failure historyError(const fs::path& file, const std::exception& exception)
{
    return fail(ErrorCode::FileInvalid, file.string(), Text(BITLATHE_TEXT("the history of runs")),
                Text(BITLATHE_TEXT("a database that can't be used (%1)"), exception.what()),
                Text(BITLATHE_TEXT("Check the folder's permissions and free space, or move the file away")));
}

Failure newerHistory(const fs::path& file, int version)
{
    return fail(ErrorCode::FileInvalid, file.string(),
                Text(BITLATHE_TEXT("a history of version %1 at most"), kMigrations.size()), Text("%1", version),
                Text(BITLATHE_TEXT("Update the program, or move the file away")));
}

/// Opens the database, brings it up to date and calls use with it; what SQLite throws becomes an Error.
template <typename Use>
auto withDatabase(const fs::path& file, const Use& use) -> decltype(use(std::declval<SQLite::Database&>()))
{
    try {
        std::error_code ignored;
        fs::create_directories(file.parent_path(), ignored); // If this fails, opening says so.
        SQLite::Database database(file.string(), SQLite::OPEN_READWRITE | SQLite::OPEN_CREATE, kBusyMs);
        // Before anything is written: what a newer program made stays as it is.
        const int version = database.execAndGet("PRAGMA user_version").getInt();
        if (version > std::ssize(kMigrations)) {
            return newerHistory(file, version);
        }
        useWriteAheadLog(database);
        database.exec("PRAGMA synchronous = NORMAL");
        migrate(database);
        return use(database);
    } catch (const SQLite::Exception& exception) {
        return historyError(file, exception);
    }
}

Failure noSuchRun(RunId id)
{
    return fail(ErrorCode::RunInvalid, "run " + std::to_string(id.value()), Text(BITLATHE_TEXT("a run of the history")),
                Text(BITLATHE_TEXT("no such run")), Text(BITLATHE_TEXT("See the list of runs")));
}

/// Runs a statement that must change the row of id.
Result<void> change(SQLite::Statement& statement, RunId id)
{
    if (statement.exec() == 0) {
        return noSuchRun(id);
    }
    return {};
}

HistoryEntry entryOf(SQLite::Statement& row)
{
    HistoryEntry entry;
    entry.id = RunId(row.getColumn("id").getInt64());
    entry.state = static_cast<RunState>(row.getColumn("state").getInt());
    entry.started =
        std::chrono::system_clock::time_point(std::chrono::milliseconds(row.getColumn("started_ms").getInt64()));
    entry.seconds = row.getColumn("seconds").getDouble();
    entry.model = row.getColumn("model").getString();
    entry.method = row.getColumn("method").getString();
    entry.schemeLabel = row.getColumn("scheme").getString();
    entry.out = row.getColumn("out").getString();
    entry.bitsPerWeight = row.getColumn("bits").getDouble();
    entry.perplexity = row.getColumn("perplexity").getDouble();
    entry.klMean = row.getColumn("kl").getDouble();
    entry.findings = row.getColumn("findings").getInt();
    entry.error = row.getColumn("error").getString();
    entry.note = row.getColumn("note").getString();
    entry.tags = row.getColumn("tags").getString();
    if (entry.state == RunState::Running &&
        processStart(row.getColumn("process").getInt64()) != row.getColumn("process_start").getString()) {
        entry.state = RunState::Failed;
        entry.error = kInterrupted;
        entry.interrupted = true;
    }
    return entry;
}

/// One statement with a value for each of these runs, all or none.
template <typename Value>
Result<void> changeAll(const fs::path& file, const std::vector<RunId>& ids, const char* sql, const Value& value)
{
    return withDatabase(file, [&](SQLite::Database& database) -> Result<void> {
        SQLite::Transaction transaction(database, SQLite::TransactionBehavior::IMMEDIATE);
        for (const RunId id : ids) {
            SQLite::Statement update(database, sql);
            SQLite::bind(update, value, id.value());
            BITLATHE_CHECK(change(update, id));
        }
        transaction.commit();
        return {};
    });
}

/// The text of one column of a run.
Result<std::string> column(const fs::path& file, RunId id, const char* name)
{
    return withDatabase(file, [&](SQLite::Database& database) -> Result<std::string> {
        SQLite::Statement query(database, std::string("SELECT ") + name + " FROM runs WHERE id = ?");
        query.bind(1, id.value());
        if (!query.executeStep()) {
            return noSuchRun(id);
        }
        return query.getColumn(0).getString();
    });
}

} // namespace

std::string_view runStateName(RunState state)
{
    switch (state) {
    case RunState::Running: return "running";
    case RunState::Done: return "done";
    case RunState::DoneWithFindings: return "done with findings";
    case RunState::Failed: return "failed";
    case RunState::Cancelled: return "cancelled";
    }
    return "failed";
}

History::History(fs::path file) : m_file(file.empty() ? dataFolder() / "history.sqlite" : std::move(file)) {}

Result<RunId> History::begin(const plan::Recipe& recipe)
{
    return withDatabase(m_file, [&](SQLite::Database& database) -> Result<RunId> {
        SQLite::Statement forget(database, "DELETE FROM runs WHERE removed_ms > 0 AND removed_ms < ?");
        forget.bind(1, nowMs() - kRemovedKeptMs);
        forget.exec();
        SQLite::Statement insert(
            database,
            "INSERT INTO runs (state, started_ms, model, method, scheme, out, recipe, process, process_start) "
            "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)");
        const std::int64_t process = thisProcess();
        SQLite::bind(insert, static_cast<int>(RunState::Running), nowMs(), recipe.model.string(), recipe.method,
                     recipe.scheme.label(), recipe.exportTo.out.string(), plan::recipeToYaml(recipe), process,
                     processStart(process));
        insert.exec();
        return RunId(database.getLastInsertRowid());
    });
}

Result<RunId> History::beginAgain(RunId id, const plan::Recipe& recipe)
{
    const auto again = withDatabase(m_file, [&](SQLite::Database& database) -> Result<void> {
        SQLite::Statement update(
            database,
            "UPDATE runs SET state = ?, error = '', process = ?, process_start = ?, removed_ms = 0 "
            "WHERE id = ? AND recipe = ?");
        const std::int64_t process = thisProcess();
        SQLite::bind(update, static_cast<int>(RunState::Running), process, processStart(process), id.value(),
                     plan::recipeToYaml(recipe));
        return change(update, id);
    });
    return again ? Result<RunId>(id) : begin(recipe);
}

Result<void> History::end(RunId id, RunState state, const RunResult* result, const std::string& error)
{
    return withDatabase(m_file, [&](SQLite::Database& database) -> Result<void> {
        SQLite::Statement update(database, "UPDATE runs SET state = ?, error = ?, seconds = CASE WHEN ? >= 0 THEN ? "
                                           "ELSE (? - started_ms) / 1000.0 END, "
                                           "bits = ?, perplexity = ?, kl = ?, findings = ?, result = ? WHERE id = ?");
        const bool compared = result != nullptr && result->comparison && !result->comparison->models.empty();
        const evaluate::ComparedModel* last = compared ? &result->comparison->models.back() : nullptr;
        const double seconds = result != nullptr ? result->seconds : -1.0;
        SQLite::bind(update, static_cast<int>(state), error, seconds, seconds, nowMs(),
                     result != nullptr ? result->bitsPerWeight : 0.0,
                     last != nullptr ? last->perplexity.perplexity : 0.0,
                     last != nullptr && last->kl ? last->kl->mean : 0.0,
                     result != nullptr ? static_cast<int>(result->findings.size()) : 0,
                     result != nullptr ? recordText(*result) : std::string(), id.value());
        return change(update, id);
    });
}

Result<void> History::setNote(RunId id, const std::string& note)
{
    return changeAll(m_file, {id}, "UPDATE runs SET note = ? WHERE id = ?", note);
}

Result<void> History::setTags(RunId id, const std::string& tags)
{
    return changeAll(m_file, {id}, "UPDATE runs SET tags = ? WHERE id = ?", tags);
}

Result<void> History::remove(const std::vector<RunId>& ids)
{
    return changeAll(m_file, ids, "UPDATE runs SET removed_ms = ? WHERE id = ? AND removed_ms = 0", nowMs());
}

Result<void> History::restore(const std::vector<RunId>& ids)
{
    return changeAll(m_file, ids, "UPDATE runs SET removed_ms = ? WHERE id = ? AND removed_ms > 0", std::int64_t{0});
}

Result<void> History::acknowledge(RunId id)
{
    return withDatabase(m_file, [&](SQLite::Database& database) -> Result<void> {
        SQLite::Statement update(database, "UPDATE runs SET state = ?, error = ? WHERE id = ? AND state = ?");
        SQLite::bind(update, static_cast<int>(RunState::Failed), kInterrupted, id.value(),
                     static_cast<int>(RunState::Running));
        return change(update, id);
    });
}

Result<std::vector<HistoryEntry>> History::entries(int limit) const
{
    return withDatabase(m_file, [&](SQLite::Database& database) -> Result<std::vector<HistoryEntry>> {
        SQLite::Statement query(database, "SELECT * FROM runs WHERE removed_ms = 0 ORDER BY started_ms DESC, id DESC LIMIT ?");
        query.bind(1, limit);
        std::vector<HistoryEntry> entries;
        while (query.executeStep()) {
            entries.push_back(entryOf(query));
        }
        return entries;
    });
}

Result<RunResult> History::result(RunId id) const
{
    BITLATHE_TRY(const std::string text, column(m_file, id, "result"));
    const std::string subject = "run " + std::to_string(id.value());
    if (text.empty()) {
        return fail(ErrorCode::RunInvalid, subject, Text(BITLATHE_TEXT("a run that was finished")),
                    Text(BITLATHE_TEXT("one without a result")),
                    Text(BITLATHE_TEXT("Resume it, or run its recipe again")));
    }
    BITLATHE_TRY(const Json json, parseJson(text, subject));
    return resultFromJson(json, subject);
}

Result<std::string> History::recipeYaml(RunId id) const
{
    return column(m_file, id, "recipe");
}

Result<void> History::touchModel(const fs::path& folder)
{
    return withDatabase(m_file, [&](SQLite::Database& database) -> Result<void> {
        // A count instead of the time: two openings within a millisecond keep their order.
        SQLite::Statement insert(
            database,
            "INSERT INTO models (folder, opened) VALUES (?, (SELECT COALESCE(MAX(opened), 0) + 1 FROM models)) "
            "ON CONFLICT (folder) DO UPDATE SET opened = excluded.opened");
        insert.bind(1, folder.string());
        insert.exec();
        return {};
    });
}

Result<std::vector<fs::path>> History::recentModels(int limit) const
{
    return withDatabase(m_file, [&](SQLite::Database& database) -> Result<std::vector<fs::path>> {
        SQLite::Statement query(database, "SELECT folder FROM models ORDER BY opened DESC LIMIT ?");
        query.bind(1, limit);
        std::vector<fs::path> folders;
        while (query.executeStep()) {
            folders.emplace_back(query.getColumn(0).getString());
        }
        return folders;
    });
}

} // namespace bitlathe::run
