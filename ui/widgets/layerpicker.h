// SPDX-License-Identifier: GPL-3.0-or-later
// LayerPicker: the tree of layers with a live filter, tied to the session's selected layer.
#pragma once

#include "ui/models/layermodel.h"

#include <QWidget>

class QLineEdit;
class QSortFilterProxyModel;
class QTreeView;

namespace bitlathe::ui
{

/// Selecting here selects everywhere, and the other way round.
class LayerPicker : public QWidget
{
    Q_OBJECT

public:
    explicit LayerPicker(Session& session, QWidget* parent = nullptr);

    void focusFilter();
    /// Shows only the name, for narrow columns.
    void setNamesOnly(bool namesOnly);
    QByteArray saveHeader() const;
    void restoreHeader(const QByteArray& state);

private:
    void showModel();
    void showSelection(LayerId layer);
    void filter(const QString& text);

    Session& m_session;
    LayerModel* m_model;
    QSortFilterProxyModel* m_proxy;
    QLineEdit* m_filter;
    QTreeView* m_tree;
};

} // namespace bitlathe::ui
