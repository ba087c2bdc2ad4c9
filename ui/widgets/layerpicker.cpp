// SPDX-License-Identifier: GPL-3.0-or-later
// LayerPicker: the tree of layers with a live filter, tied to the session's selected layer.
#include "ui/widgets/layerpicker.h"

#include "ui/theme/theme.h"

#include <QHeaderView>
#include <QLineEdit>
#include <QSortFilterProxyModel>
#include <QTreeView>
#include <QVBoxLayout>

namespace bitlathe::ui
{

LayerPicker::LayerPicker(Session& session, QWidget* parent)
    : QWidget(parent), m_session(session), m_model(new LayerModel(this)), m_proxy(new QSortFilterProxyModel(this)),
      m_filter(new QLineEdit(this)), m_tree(new QTreeView(this))
{
    m_proxy->setSourceModel(m_model);
    m_proxy->setRecursiveFilteringEnabled(true);
    m_proxy->setAutoAcceptChildRows(true);
    m_proxy->setFilterCaseSensitivity(Qt::CaseInsensitive);
    m_proxy->setSortRole(Qt::UserRole);

    m_filter->setPlaceholderText(tr("Filter layers"));
    m_filter->setAccessibleName(tr("Filter layers"));
    m_filter->setToolTip(tr("Part of a name, such as q_proj or block 3 (Ctrl+F)"));
    m_filter->setClearButtonEnabled(true);
    m_filter->addAction(Theme::instance().icon(QStringLiteral("search")), QLineEdit::LeadingPosition);
    m_tree->setModel(m_proxy);
    m_tree->setUniformRowHeights(true);
    m_tree->setAlternatingRowColors(true);
    m_tree->setSortingEnabled(true);
    m_tree->sortByColumn(-1, Qt::AscendingOrder); // The order of the model until a header is clicked.
    m_tree->setAccessibleName(tr("Layers"));
    m_tree->setTextElideMode(Qt::ElideMiddle);

    auto* layout = new QVBoxLayout(this);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(kGrid);
    layout->addWidget(m_filter);
    layout->addWidget(m_tree, 1);

    connect(m_filter, &QLineEdit::textChanged, this, &LayerPicker::filter);
    connect(m_tree->selectionModel(), &QItemSelectionModel::currentChanged, this, [this](const QModelIndex& current) {
        if (const LayerId layer = LayerModel::layerOf(current.siblingAtColumn(0)); layer.isValid()) {
            m_session.selectLayer(layer);
        }
    });
    connect(&session, &Session::modelOpened, this, &LayerPicker::showModel);
    connect(&session, &Session::modelClosed, this, &LayerPicker::showModel);
    connect(&session, &Session::layerSelected, this, &LayerPicker::showSelection);
    showModel();
}

void LayerPicker::focusFilter()
{
    m_filter->setFocus(Qt::ShortcutFocusReason);
    m_filter->selectAll();
}

void LayerPicker::setNamesOnly(bool namesOnly)
{
    for (int column = 1; column < LayerModel::ColumnCount; ++column) {
        m_tree->setColumnHidden(column, namesOnly);
    }
    m_tree->setHeaderHidden(namesOnly);
}

QByteArray LayerPicker::saveHeader() const
{
    return m_tree->header()->saveState();
}

void LayerPicker::restoreHeader(const QByteArray& state)
{
    m_tree->header()->restoreState(state);
}

void LayerPicker::showModel()
{
    m_model->setModel(m_session.model());
    if (m_model->rowCount() > 1) {
        m_tree->expand(m_proxy->mapFromSource(m_model->index(1, 0)));
    }
    for (int column = 0; column < LayerModel::ColumnCount; ++column) {
        m_tree->resizeColumnToContents(column);
    }
    showSelection(m_session.selectedLayer());
}

void LayerPicker::showSelection(LayerId layer)
{
    const QModelIndex index = m_proxy->mapFromSource(m_model->indexOf(layer));
    if (index.isValid() && LayerModel::layerOf(m_tree->currentIndex().siblingAtColumn(0)) != layer) {
        m_tree->setCurrentIndex(index);
        m_tree->scrollTo(index);
    }
}

void LayerPicker::filter(const QString& text)
{
    m_proxy->setFilterFixedString(text);
    if (!text.isEmpty()) {
        m_tree->expandAll();
    }
}

} // namespace bitlathe::ui
