// SPDX-License-Identifier: GPL-3.0-or-later
// DifferenceView: which tensors of a compared model differ from the base's, and by how much.
#pragma once

#include "ui/bridge/session.h"

#include <QWidget>

class QComboBox;
class QLabel;
class QPushButton;
class QSortFilterProxyModel;
class QTableView;

namespace bitlathe::ui
{

class DifferenceModel;

/// A folder is chosen above, and compared with the first one tensor by tensor. A layer that is chosen here is chosen
/// everywhere.
class DifferenceView : public QWidget
{
    Q_OBJECT

public:
    explicit DifferenceView(Session& session, QWidget* parent = nullptr);

    void setFolders(const QStringList& folders); ///< The base first.

private:
    void start();
    void showDifferences();
    void selectLayer(const QModelIndex& index);

    Session& m_session;
    QStringList m_folders; ///< The base first.
    QComboBox* m_folder;
    QPushButton* m_compare;
    DifferenceModel* m_model;
    QSortFilterProxyModel* m_sorted;
    QTableView* m_table;
    QLabel* m_summary;
};

} // namespace bitlathe::ui
