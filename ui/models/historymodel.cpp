// SPDX-License-Identifier: GPL-3.0-or-later
// HistoryModel: all runs of this user.
#include "ui/models/historymodel.h"

#include "ui/bridge/numbers.h"
#include "ui/bridge/session.h"
#include "ui/theme/theme.h"

#include <QDateTime>
#include <QLocale>
#include <QRegularExpression>

#include <algorithm>
#include <utility>

namespace bitlathe::ui
{
namespace
{

using namespace Qt::StringLiterals;

QDateTime startOf(const run::HistoryEntry& entry)
{
    const auto ms = std::chrono::duration_cast<std::chrono::milliseconds>(entry.started.time_since_epoch()).count();
    return QDateTime::fromMSecsSinceEpoch(ms);
}

QString positive(double value, int digits)
{
    return value > 0 ? formatNumber(value, digits) : QString();
}

QString text(HistoryModel::Column column, const run::HistoryEntry& entry)
{
    switch (column) {
    case HistoryModel::Started: return QLocale().toString(startOf(entry), QLocale::ShortFormat);
    case HistoryModel::State: return runStateText(entry.state);
    case HistoryModel::Model: return folderName(entry.model);
    case HistoryModel::Method: return QString::fromStdString(entry.method);
    case HistoryModel::SchemeColumn: return schemeText(entry.schemeLabel);
    case HistoryModel::BitsPerWeight: return positive(entry.bitsPerWeight, 4);
    case HistoryModel::Perplexity: return positive(entry.perplexity, 4);
    case HistoryModel::KlMean: return positive(entry.klMean, 3);
    case HistoryModel::Findings: return entry.findings > 0 ? formatCount(entry.findings) : QString();
    case HistoryModel::Duration: return entry.seconds > 0 ? formatDuration(entry.seconds) : QString();
    case HistoryModel::Tags: return QString::fromStdString(entry.tags);
    case HistoryModel::Note: return QString::fromStdString(entry.note);
    case HistoryModel::ColumnCount: break;
    }
    return {};
}

/// Words with one comma and space between, each once.
QString tidyTags(const QString& text)
{
    QStringList tags;
    for (const QString& tag : text.split(QRegularExpression(u"[,，;]"_s), Qt::SkipEmptyParts)) {
        if (const QString tidy = tag.simplified(); !tidy.isEmpty() && !tags.contains(tidy)) {
            tags << tidy;
        }
    }
    return tags.join(u", "_s);
}

QVariant raw(HistoryModel::Column column, const run::HistoryEntry& entry)
{
    switch (column) {
    case HistoryModel::Started: return startOf(entry);
    case HistoryModel::State: return static_cast<int>(entry.state);
    case HistoryModel::BitsPerWeight: return entry.bitsPerWeight;
    case HistoryModel::Perplexity: return entry.perplexity;
    case HistoryModel::KlMean: return entry.klMean;
    case HistoryModel::Findings: return entry.findings;
    case HistoryModel::Duration: return entry.seconds;
    case HistoryModel::Model:
    case HistoryModel::Method:
    case HistoryModel::SchemeColumn:
    case HistoryModel::Tags:
    case HistoryModel::Note: return text(column, entry);
    case HistoryModel::ColumnCount: break;
    }
    return {};
}

QIcon stateIcon(run::RunState state)
{
    const Theme& theme = Theme::instance();
    switch (state) {
    case run::RunState::Running: return theme.icon(u"run"_s, ColorId::Accent);
    case run::RunState::Done: return theme.icon(u"fine"_s, ColorId::VerdictFine);
    case run::RunState::DoneWithFindings: return theme.icon(u"watch"_s, ColorId::VerdictWatch);
    case run::RunState::Failed: return theme.icon(u"problem"_s, ColorId::VerdictBad);
    case run::RunState::Cancelled: return theme.icon(u"cancel"_s, ColorId::TextMuted);
    }
    return {};
}

bool isNumber(int column)
{
    return column >= HistoryModel::BitsPerWeight && column <= HistoryModel::Duration;
}

} // namespace

QString runStateText(run::RunState state)
{
    switch (state) {
    case run::RunState::Running: return HistoryModel::tr("Running");
    case run::RunState::Done: return HistoryModel::tr("Done");
    case run::RunState::DoneWithFindings: return HistoryModel::tr("Done, with findings");
    case run::RunState::Failed: return HistoryModel::tr("Failed");
    case run::RunState::Cancelled: return HistoryModel::tr("Cancelled");
    }
    return {};
}

void HistoryModel::setEntries(std::vector<run::HistoryEntry> entries)
{
    beginResetModel();
    m_entries = std::move(entries);
    endResetModel();
}

const run::HistoryEntry* HistoryModel::at(const QModelIndex& index) const
{
    return index.isValid() && index.row() < rowCount() ? &m_entries[static_cast<std::size_t>(index.row())] : nullptr;
}

QModelIndex HistoryModel::indexOf(RunId id) const
{
    const auto found = std::ranges::find(m_entries, id, &run::HistoryEntry::id);
    return found == m_entries.end() ? QModelIndex() : index(static_cast<int>(found - m_entries.begin()), 0);
}

int HistoryModel::rowCount(const QModelIndex& parent) const
{
    return parent.isValid() ? 0 : static_cast<int>(m_entries.size());
}

int HistoryModel::columnCount(const QModelIndex& parent) const
{
    return parent.isValid() ? 0 : static_cast<int>(ColumnCount);
}

QVariant HistoryModel::data(const QModelIndex& index, int role) const
{
    const run::HistoryEntry* entry = at(index);
    if (entry == nullptr) {
        return {};
    }
    const auto column = static_cast<Column>(index.column());
    switch (role) {
    case Qt::DisplayRole:
    case Qt::EditRole: return text(column, *entry);
    case Qt::UserRole: return raw(column, *entry);
    case Qt::DecorationRole: return column == State ? QVariant(stateIcon(entry->state)) : QVariant();
    case Qt::ToolTipRole:
        if (column == State && !entry->error.empty()) {
            return QString::fromStdString(entry->error);
        }
        return column == Model ? QString::fromStdString(entry->model) : text(column, *entry);
    case Qt::TextAlignmentRole:
        return isNumber(column) ? QVariant(Qt::AlignRight | Qt::AlignVCenter)
                                : QVariant(Qt::AlignLeft | Qt::AlignVCenter);
    default: return {};
    }
}

bool HistoryModel::setData(const QModelIndex& index, const QVariant& value, int role)
{
    const bool isNote = index.column() == Note;
    if (role != Qt::EditRole || (!isNote && index.column() != Tags) || at(index) == nullptr) {
        return false;
    }
    run::HistoryEntry& entry = m_entries[static_cast<std::size_t>(index.row())];
    std::string& kept = isNote ? entry.note : entry.tags;
    const QString fresh = isNote ? value.toString() : tidyTags(value.toString());
    const QString before = QString::fromStdString(std::exchange(kept, fresh.toStdString()));
    if (before == fresh) {
        return true;
    }
    Q_EMIT dataChanged(index, index);
    isNote ? Q_EMIT noteEdited(entry.id, before, fresh) : Q_EMIT tagsEdited(entry.id, before, fresh);
    return true;
}

QVariant HistoryModel::headerData(int section, Qt::Orientation orientation, int role) const
{
    if (orientation != Qt::Horizontal) {
        return {};
    }
    if (role == Qt::TextAlignmentRole) {
        return isNumber(section) ? QVariant(Qt::AlignRight | Qt::AlignVCenter)
                                 : QVariant(Qt::AlignLeft | Qt::AlignVCenter);
    }
    if (role != Qt::DisplayRole) {
        return {};
    }
    switch (static_cast<Column>(section)) {
    case Started: return tr("Started");
    case State: return tr("State");
    case Model: return tr("Model");
    case Method: return tr("Method");
    case SchemeColumn: return tr("Scheme");
    case BitsPerWeight: return tr("Bits per weight");
    case Perplexity: return tr("Perplexity");
    case KlMean: return tr("KL divergence, nats");
    case Findings: return tr("Findings");
    case Duration: return tr("Time");
    case Tags: return tr("Tags");
    case Note: return tr("Note");
    case ColumnCount: break;
    }
    return {};
}

Qt::ItemFlags HistoryModel::flags(const QModelIndex& index) const
{
    const Qt::ItemFlags plain = QAbstractTableModel::flags(index);
    return index.column() == Note || index.column() == Tags ? plain | Qt::ItemIsEditable : plain;
}

} // namespace bitlathe::ui
