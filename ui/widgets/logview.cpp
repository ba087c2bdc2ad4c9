// SPDX-License-Identifier: GPL-3.0-or-later
// LogView: lines of the log with a filter; the dock that shows all of them.
#include "ui/widgets/logview.h"

#include "ui/models/logmodel.h"
#include "ui/theme/theme.h"
#include "ui/widgets/tables.h"

#include <QClipboard>
#include <QComboBox>
#include <QGuiApplication>
#include <QHBoxLayout>
#include <QHeaderView>
#include <QLabel>
#include <QLineEdit>
#include <QScrollBar>
#include <QSortFilterProxyModel>
#include <QTableView>
#include <QTimer>
#include <QToolButton>
#include <QVBoxLayout>

namespace bitlathe::ui
{
namespace
{

using namespace Qt::StringLiterals;

constexpr int kPullMs = 250;

} // namespace

/// Lines of a level at least and of an origin, whose message contains the text.
class LogFilter : public QSortFilterProxyModel
{
public:
    using QSortFilterProxyModel::QSortFilterProxyModel;
    void setLevel(int level)
    {
        m_level = level;
        invalidateFilter();
    }
    void setOrigin(std::optional<std::int64_t> origin)
    {
        m_origin = origin;
        invalidateFilter();
    }

protected:
    bool filterAcceptsRow(int row, const QModelIndex& parent) const override
    {
        const QModelIndex line = sourceModel()->index(row, LogModel::Level, parent);
        return line.data(Qt::UserRole).toInt() >= m_level &&
               (!m_origin || line.data(LogModel::OriginRole).toLongLong() == *m_origin) &&
               QSortFilterProxyModel::filterAcceptsRow(row, parent);
    }

private:
    int m_level = 0;
    std::optional<std::int64_t> m_origin;
};

LogView::LogView(const QString& accessibleName, QWidget* parent)
    : QWidget(parent),
      m_model(new LogModel(this)),
      m_proxy(new LogFilter(this)),
      m_table(new QTableView(this)),
      m_filter(new QLineEdit(this)),
      m_level(new QComboBox(this)),
      m_timer(new QTimer(this))
{
    m_proxy->setSourceModel(m_model);
    m_proxy->setFilterKeyColumn(LogModel::Message);
    m_proxy->setFilterCaseSensitivity(Qt::CaseInsensitive);
    m_table->setModel(m_proxy);
    setUpTable(m_table);
    m_table->setAccessibleName(accessibleName);
    const int digit = m_table->fontMetrics().horizontalAdvance(u'0');
    m_table->setColumnWidth(LogModel::Time, 15 * digit);
    m_table->setColumnWidth(LogModel::Level, 10 * digit);
    new EmptyState(m_table, tr("No log lines match."));

    auto* filterLabel = new QLabel(tr("&Filter"), this);
    filterLabel->setBuddy(m_filter);
    m_filter->setClearButtonEnabled(true);
    m_filter->setPlaceholderText(tr("Words in the message"));
    m_filter->setAccessibleName(tr("Filter the log"));
    auto* levelLabel = new QLabel(tr("&Show"), this);
    levelLabel->setBuddy(m_level);
    m_level->addItem(tr("Everything"), static_cast<int>(spdlog::level::trace));
    m_level->addItem(tr("Notes and above"), static_cast<int>(spdlog::level::info));
    m_level->addItem(tr("Warnings and problems"), static_cast<int>(spdlog::level::warn));
    m_level->setCurrentIndex(1);
    auto* copyButton = new QToolButton(this);
    copyButton->setIcon(Theme::instance().icon(u"copy"_s));
    copyButton->setToolTip(tr("Copy the lines shown"));
    copyButton->setAccessibleName(copyButton->toolTip());
    copyButton->setAutoRaise(true);

    auto* bar = new QHBoxLayout;
    bar->addWidget(filterLabel);
    bar->addWidget(m_filter, 1);
    bar->addWidget(levelLabel);
    bar->addWidget(m_level);
    bar->addWidget(copyButton);
    auto* layout = new QVBoxLayout(this);
    layout->setSpacing(kGrid / 2);
    layout->setContentsMargins(0, kGrid / 2, 0, 0);
    layout->addLayout(bar);
    layout->addWidget(m_table, 1);

    const auto setLevel = [this] { m_proxy->setLevel(m_level->currentData().toInt()); };
    setLevel();
    connect(m_level, &QComboBox::currentIndexChanged, this, setLevel);
    connect(m_filter, &QLineEdit::textChanged, m_proxy, &QSortFilterProxyModel::setFilterFixedString);
    connect(copyButton, &QToolButton::clicked, this, &LogView::copy);
    connect(m_timer, &QTimer::timeout, this, &LogView::pull);
}

void LogView::setOrigin(std::optional<std::int64_t> origin)
{
    m_proxy->setOrigin(origin);
    m_table->scrollToBottom();
}

void LogView::showEvent(QShowEvent* event)
{
    QWidget::showEvent(event);
    pull();
    m_timer->start(kPullMs);
}

void LogView::hideEvent(QHideEvent* event)
{
    m_timer->stop();
    QWidget::hideEvent(event);
}

void LogView::pull()
{
    QScrollBar* bar = m_table->verticalScrollBar();
    const bool atEnd = bar->value() == bar->maximum();
    m_model->pull();
    if (atEnd) {
        m_table->scrollToBottom();
    }
}

void LogView::copy()
{
    QStringList lines;
    for (int row = 0; row < m_proxy->rowCount(); ++row) {
        QStringList cells;
        for (int column = 0; column < LogModel::ColumnCount; ++column) {
            cells << m_proxy->index(row, column).data().toString();
        }
        lines << cells.join(u'\t');
    }
    QGuiApplication::clipboard()->setText(lines.join(u'\n'));
}

LogDock::LogDock(QWidget* parent) : QDockWidget(tr("Log"), parent)
{
    setObjectName(u"log"_s);
    auto* view = new LogView(tr("Log"), this);
    view->setContentsMargins(kGrid, 0, kGrid, kGrid);
    setWidget(view);
}

} // namespace bitlathe::ui
