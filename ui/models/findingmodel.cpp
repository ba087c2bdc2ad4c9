// SPDX-License-Identifier: GPL-3.0-or-later
// FindingModel: what a run or comparison found out that must not be missed.
#include "ui/models/findingmodel.h"

#include "ui/bridge/session.h"
#include "ui/theme/theme.h"

namespace bitlathe::ui
{
namespace
{

using namespace Qt::StringLiterals;

QString severityText(Severity severity)
{
    switch (severity) {
    case Severity::Note: return FindingModel::tr("Note");
    case Severity::Warning: return FindingModel::tr("Watch");
    case Severity::Problem: return FindingModel::tr("Bad");
    }
    return {};
}

QIcon severityIcon(Severity severity)
{
    switch (severity) {
    case Severity::Note: return Theme::instance().icon(u"info"_s, ColorId::TextMuted);
    case Severity::Warning: return Theme::instance().icon(u"watch"_s, ColorId::VerdictWatch);
    case Severity::Problem: return Theme::instance().icon(u"problem"_s, ColorId::VerdictBad);
    }
    return {};
}

} // namespace

void FindingModel::setFindings(Findings findings)
{
    beginResetModel();
    m_findings = std::move(findings);
    endResetModel();
}

void FindingModel::append(const Finding& finding)
{
    const int row = rowCount();
    beginInsertRows({}, row, row);
    m_findings.push_back(finding);
    endInsertRows();
}

int FindingModel::rowCount(const QModelIndex& parent) const
{
    return parent.isValid() ? 0 : static_cast<int>(m_findings.size());
}

int FindingModel::columnCount(const QModelIndex& parent) const
{
    return parent.isValid() ? 0 : static_cast<int>(ColumnCount);
}

QVariant FindingModel::data(const QModelIndex& index, int role) const
{
    if (!index.isValid() || index.row() >= rowCount()) {
        return {};
    }
    const Finding& finding = m_findings[static_cast<std::size_t>(index.row())];
    if (role == Qt::UserRole) {
        return static_cast<int>(finding.severity);
    }
    if (role == Qt::DecorationRole && index.column() == SeverityColumn) {
        return severityIcon(finding.severity);
    }
    if (role != Qt::DisplayRole && role != Qt::ToolTipRole) {
        return {};
    }
    switch (static_cast<Column>(index.column())) {
    case SeverityColumn: return severityText(finding.severity);
    case Subject: return QString::fromStdString(finding.subject);
    case Message: return translated(finding.message);
    case Advice: return translated(finding.advice);
    case ColumnCount: break;
    }
    return {};
}

QVariant FindingModel::headerData(int section, Qt::Orientation orientation, int role) const
{
    if (orientation != Qt::Horizontal || role != Qt::DisplayRole) {
        return {};
    }
    switch (static_cast<Column>(section)) {
    case SeverityColumn: return tr("Verdict");
    case Subject: return tr("Where");
    case Message: return tr("What was found");
    case Advice: return tr("What to try");
    case ColumnCount: break;
    }
    return {};
}

} // namespace bitlathe::ui
