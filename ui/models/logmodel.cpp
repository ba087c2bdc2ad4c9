// SPDX-License-Identifier: GPL-3.0-or-later
// LogModel: the last lines of the log.
#include "ui/models/logmodel.h"

#include "ui/theme/theme.h"

#include <QDateTime>

namespace bitlathe::ui
{
namespace
{

using namespace Qt::StringLiterals;

QString levelText(spdlog::level::level_enum level)
{
    switch (level) {
    case spdlog::level::trace: return LogModel::tr("Trace");
    case spdlog::level::debug: return LogModel::tr("Detail");
    case spdlog::level::info: return LogModel::tr("Note");
    case spdlog::level::warn: return LogModel::tr("Warning");
    case spdlog::level::err: return LogModel::tr("Problem");
    case spdlog::level::critical: return LogModel::tr("Fault");
    case spdlog::level::off:
    case spdlog::level::n_levels: break;
    }
    return {};
}

QString timeText(const LogLine& line)
{
    const auto ms = std::chrono::duration_cast<std::chrono::milliseconds>(line.time.time_since_epoch()).count();
    return QDateTime::fromMSecsSinceEpoch(ms).toString(u"HH:mm:ss.zzz"_s);
}

} // namespace

void LogModel::pull()
{
    const std::vector<LogLine> fresh = logLinesAfter(m_lines.empty() ? 0 : m_lines.back().number);
    if (fresh.empty()) {
        return;
    }
    const int first = rowCount();
    beginInsertRows({}, first, first + static_cast<int>(fresh.size()) - 1);
    m_lines.insert(m_lines.end(), fresh.begin(), fresh.end());
    endInsertRows();
    if (m_lines.size() > kKept) {
        const auto excess = static_cast<std::ptrdiff_t>(m_lines.size() - kKept);
        beginRemoveRows({}, 0, static_cast<int>(excess) - 1);
        m_lines.erase(m_lines.begin(), m_lines.begin() + excess);
        endRemoveRows();
    }
}

int LogModel::rowCount(const QModelIndex& parent) const
{
    return parent.isValid() ? 0 : static_cast<int>(m_lines.size());
}

int LogModel::columnCount(const QModelIndex& parent) const
{
    return parent.isValid() ? 0 : static_cast<int>(ColumnCount);
}

QVariant LogModel::data(const QModelIndex& index, int role) const
{
    if (!index.isValid() || index.row() >= rowCount()) {
        return {};
    }
    const LogLine& line = m_lines[static_cast<std::size_t>(index.row())];
    if (role == Qt::UserRole) {
        return static_cast<int>(line.level);
    }
    if (role == OriginRole) {
        return static_cast<qlonglong>(line.origin);
    }
    if (role == Qt::ForegroundRole && index.column() == Level && line.level >= spdlog::level::warn) {
        return Theme::instance().color(line.level == spdlog::level::warn ? ColorId::VerdictWatch : ColorId::VerdictBad);
    }
    if (role != Qt::DisplayRole && role != Qt::ToolTipRole) {
        return {};
    }
    switch (static_cast<Column>(index.column())) {
    case Time: return timeText(line);
    case Level: return levelText(line.level);
    case Message: return QString::fromStdString(line.text);
    case ColumnCount: break;
    }
    return {};
}

QVariant LogModel::headerData(int section, Qt::Orientation orientation, int role) const
{
    if (orientation != Qt::Horizontal || role != Qt::DisplayRole) {
        return {};
    }
    switch (static_cast<Column>(section)) {
    case Time: return tr("Time");
    case Level: return tr("Kind");
    case Message: return tr("Message");
    case ColumnCount: break;
    }
    return {};
}

} // namespace bitlathe::ui
