// SPDX-License-Identifier: GPL-3.0-or-later
// Session: edits of the history, and runs that were interrupted.
#include "ui/bridge/sessiondata.h"

#include <QUndoCommand>

#include <algorithm>

namespace bitlathe::ui
{

namespace
{

class HistoryCommand : public QUndoCommand
{
public:
    HistoryCommand(const QString& what, std::function<void()> redo, std::function<void()> undo)
        : QUndoCommand(what), m_redo(std::move(redo)), m_undo(std::move(undo))
    {}

    void redo() override { m_redo(); }
    void undo() override { m_undo(); }

private:
    std::function<void()> m_redo;
    std::function<void()> m_undo;
};

/// Those of the list that can go on: their process went without an end, or they are of these folders; and their journal
/// is there.
Result<std::vector<run::HistoryEntry>> interruptedRuns(const run::History& history,
                                                       const std::vector<std::filesystem::path>& paused)
{
    BITLATHE_TRY(const std::vector<run::HistoryEntry> entries, history.entries());
    std::vector<run::HistoryEntry> found;
    for (const run::HistoryEntry& entry : entries) {
        const bool wasPaused = entry.state == run::RunState::Cancelled &&
                               std::ranges::find(paused, std::filesystem::path(entry.out)) != paused.end();
        const bool isFirst = std::ranges::none_of(found, [&](const auto& other) { return other.out == entry.out; });
        if ((entry.interrupted || wasPaused) && isFirst && run::interruptedRecipe(entry.out)) {
            found.push_back(entry);
        }
    }
    return found;
}

} // namespace

void Session::editHistory(const QString& what, HistoryEdit redo, HistoryEdit undo)
{
    m_data->undoStack.push(new HistoryCommand(
        what, [this, edit = std::move(redo)] { writeHistory(edit); },
        [this, edit = std::move(undo)] { writeHistory(edit); }));
}

void Session::writeHistory(HistoryEdit edit)
{
    m_data->edits.push_back(std::move(edit));
    if (!m_data->writing.busy()) {
        writeNext();
    }
}

void Session::writeNext()
{
    if (m_data->edits.empty()) {
        Q_EMIT historyChanged();
        return;
    }
    HistoryEdit edit = std::move(m_data->edits.front());
    m_data->edits.pop_front();
    m_data->writing.start(
        [history = m_data->history, edit = std::move(edit)](const std::stop_token&) mutable { return edit(history); },
        [this](const Result<void>& written) {
            if (!written) {
                report(written.error());
            }
            writeNext();
        });
}

void Session::findInterrupted(const QStringList& pausedFolders)
{
    std::vector<std::filesystem::path> paused;
    for (const QString& folder : pausedFolders) {
        paused.push_back(toPath(folder));
    }
    m_data->searching.start(
        [history = m_data->history, paused](const std::stop_token&) { return interruptedRuns(history, paused); },
        [this](const Result<std::vector<run::HistoryEntry>>& found) {
            if (!found) {
                report(found.error());
            } else if (!found->empty()) {
                Q_EMIT interruptedFound(*found);
            }
        });
}

void Session::goOnWith(const std::vector<run::HistoryEntry>& runs)
{
    for (const run::HistoryEntry& entry : runs) {
        resumeRun(fromPath(entry.out));
    }
}

void Session::forgetInterrupted(const std::vector<run::HistoryEntry>& runs)
{
    for (const run::HistoryEntry& entry : runs) {
        if (entry.interrupted) {
            writeHistory([id = entry.id](run::History& history) { return history.acknowledge(id); });
        }
    }
}

} // namespace bitlathe::ui
