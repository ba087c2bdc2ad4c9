// SPDX-License-Identifier: GPL-3.0-or-later
// How tables and lists look everywhere, and what one shows when it is empty.
#include "ui/widgets/tables.h"

#include "ui/theme/theme.h"

#include <QEvent>
#include <QHeaderView>
#include <QLabel>
#include <QTableView>
#include <QTreeView>
#include <QVBoxLayout>

namespace bitlathe::ui
{
namespace
{

/// Rows that say how wide columns are; more are looked at for as long as a person notices.
constexpr int kRowsMeasured = 60;

void followTheme(QAbstractItemView* view)
{
    const auto update = [view] { view->setFont(Theme::instance().numberFont()); };
    update();
    QObject::connect(&Theme::instance(), &Theme::changed, view, update);
    view->setVerticalScrollMode(QAbstractItemView::ScrollPerPixel);
    view->setHorizontalScrollMode(QAbstractItemView::ScrollPerPixel);
    view->setSelectionBehavior(QAbstractItemView::SelectRows);
}

} // namespace

void setUpTable(QTableView* table)
{
    followTheme(table);
    table->setShowGrid(false);
    table->setAlternatingRowColors(true);
    table->setWordWrap(false);
    table->setTabKeyNavigation(false);
    table->setCornerButtonEnabled(false);
    table->verticalHeader()->hide();
    table->verticalHeader()->setDefaultSectionSize(3 * kGrid + table->fontMetrics().height() / 4);
    table->horizontalHeader()->setHighlightSections(false);
    table->horizontalHeader()->setDefaultAlignment(Qt::AlignLeft | Qt::AlignVCenter);
    table->horizontalHeader()->setSectionsMovable(true);
    table->horizontalHeader()->setStretchLastSection(true);
    table->horizontalHeader()->setResizeContentsPrecision(kRowsMeasured);
}

void setUpTree(QTreeView* tree)
{
    followTheme(tree);
    tree->setRootIsDecorated(false);
    tree->setUniformRowHeights(true);
    tree->setAllColumnsShowFocus(true);
    tree->header()->setSectionsMovable(true);
}

EmptyState::EmptyState(QAbstractItemView* view, const QString& sentence)
    : QWidget(view->viewport()), m_view(view), m_label(new QLabel(sentence, this))
{
    m_label->setAlignment(Qt::AlignCenter);
    m_label->setWordWrap(true);
    m_label->setForegroundRole(QPalette::PlaceholderText);
    setAttribute(Qt::WA_TransparentForMouseEvents);
    auto* box = new QVBoxLayout(this);
    box->addWidget(m_label);
    view->viewport()->installEventFilter(this);
    watchModel();
}

void EmptyState::setSentence(const QString& sentence)
{
    m_label->setText(sentence);
}

void EmptyState::watchModel()
{
    QAbstractItemModel* model = m_view->model();
    Q_ASSERT_X(model != nullptr, "EmptyState", "the view has its model before");
    connect(model, &QAbstractItemModel::rowsInserted, this, &EmptyState::updateVisible);
    connect(model, &QAbstractItemModel::rowsRemoved, this, &EmptyState::updateVisible);
    connect(model, &QAbstractItemModel::modelReset, this, &EmptyState::updateVisible);
    updateVisible();
}

void EmptyState::updateVisible()
{
    setGeometry(m_view->viewport()->rect());
    setVisible(m_view->model()->rowCount() == 0);
    raise();
}

bool EmptyState::eventFilter(QObject* watched, QEvent* event)
{
    if (event->type() == QEvent::Resize || event->type() == QEvent::Show) {
        updateVisible();
    }
    return QWidget::eventFilter(watched, event);
}

} // namespace bitlathe::ui
